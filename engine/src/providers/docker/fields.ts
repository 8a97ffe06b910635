import {
  block,
  bool,
  COMPUTED,
  list,
  map,
  num,
  REFUSED,
  REPLACES,
  set,
  text,
  texts,
  textSet,
} from "../bridge/fields.ts";
import type { Fields } from "../bridge/fields.ts";
import { identity, isProps, isZero } from "../bridge/values.ts";
import type { Value } from "../contract.ts";

const natural = { expected: "0 or more", valid: (n: string | number) => Number(n) >= 0 };
const pattern = (regex: RegExp, expected: string) => ({
  expected,
  valid: (v: string | number) => regex.test(String(v)),
});
const duration = pattern(
  /^(0|([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))+)$/,
  'a duration such as "30s" or "1m30s"',
);
const emptyMeansUnchanged = { same: (old: Value, next: Value) => isZero(next) || old === next };

export const labels = {
  label: text({ required: true, force: true }),
  value: text({ required: true, force: true }),
};

/** Ports in another order are the same ports. */
function samePorts(old: Value, next: Value): boolean {
  if (!Array.isArray(old) || !Array.isArray(next) || old.length !== next.length) return false;
  const seen = old.map((port) => identity(port));
  return next.every((port) => {
    const twin =
      isProps(port) &&
      old.find((o) => isProps(o) && o["internal"] === port["internal"] && o["protocol"] === port["protocol"]);
    const full = isProps(port) && isProps(twin || null) ? { ...(twin as object), ...port } : port;
    return seen.includes(identity(full));
  });
}

const recordedSet = set({}, REFUSED);

const mounts: Fields = {
  bindOptions: block({
    propagation: text(pattern(/^r?(private|shared|slave)$/, "private, shared, slave or with an r")),
  }),
  readOnly: bool(),
  source: text(),
  target: text({ required: true }),
  tmpfsOptions: block({}, REFUSED),
  type: text({ required: true, ...pattern(/^(bind|volume|tmpfs)$/, "bind, volume or tmpfs") }),
  volumeOptions: block({
    driverName: text(REFUSED),
    driverOptions: map(REFUSED),
    labels: set({}, REFUSED),
    noCopy: bool(),
    subpath: text(REFUSED),
  }),
};

const volumes: Fields = {
  containerPath: text(REPLACES),
  fromContainer: text(REFUSED),
  hostPath: text({ ...REPLACES, ...pattern(/^\//, "an absolute path") }),
  readOnly: bool(REPLACES),
  selinuxRelabel: text(REFUSED),
  volumeName: text(REPLACES),
};

const hosts: Fields = {
  host: text({ required: true, force: true }),
  ip: text({ required: true, force: true }),
};

const ulimits: Fields = {
  hard: num({ required: true, force: true }),
  name: text({ required: true, force: true }),
  soft: num({ required: true, force: true }),
};

const networks: Fields = {
  aliases: textSet(REPLACES),
  driverOpts: textSet(REFUSED),
  gwPriority: num(REFUSED),
  ipv4Address: text(REPLACES),
  ipv6Address: text(REFUSED),
  linkLocalIps: textSet(REFUSED),
  macAddress: text(REFUSED),
  name: text({ required: true, force: true }),
};

const uploads: Fields = {
  content: text(REPLACES),
  contentBase64: text(REFUSED),
  executable: bool({ ...REFUSED, default: false }),
  file: text({ required: true, force: true }),
  permissions: text({ ...REPLACES, ...pattern(/^0[0-7]{3}$/, "four octal digits such as 0644") }),
  source: text(REFUSED),
  sourceHash: text(REFUSED),
};

const ports: Fields = {
  external: num(COMPUTED),
  internal: num({ required: true, force: true }),
  ip: text({ ...REPLACES, default: "0.0.0.0" }),
  protocol: text({ ...REPLACES, default: "tcp" }),
};

const healthcheck: Fields = {
  interval: text({ default: "0s", ...duration }),
  retries: num({ default: 0, ...natural }),
  startInterval: text({ default: "0s", ...duration }),
  startPeriod: text({ default: "0s", ...duration }),
  tests: texts({ tf: "test" }),
  timeout: text({ default: "0s", ...duration }),
};

const networkDatas: Fields = Object.fromEntries(
  ["gateway", "globalIpv6Address", "ipAddress", "ipv6Gateway", "macAddress", "networkName"]
    .map((name) => [name, text({ output: true })] as const)
    .concat(
      ["globalIpv6PrefixLength", "ipPrefixLength"].map((name) => [name, num({ output: true })] as const),
    ),
);

/** docker_container 4.5.0, as bridged into `@pulumi/docker` 5.2.0: nearly everything replaces. In upstream's order. */
export const containerFields: Fields = {
  attach: bool({ ...REFUSED, default: false }),
  bridge: text({ output: true }),
  capabilities: block(
    { adds: textSet({ ...REPLACES, tf: "add" }), drops: textSet({ ...REPLACES, tf: "drop" }) },
    REPLACES,
  ),
  cgroupParent: text(REFUSED),
  cgroupnsMode: text({ ...REPLACES, ...pattern(/^(private|host)$/, "private or host") }),
  command: texts(COMPUTED),
  containerLogs: text({ output: true }),
  containerReadRefreshTimeoutMilliseconds: num({ default: 15000 }),
  cpuPeriod: num(REFUSED),
  cpuQuota: num(REFUSED),
  cpuSet: text(REFUSED),
  cpuShares: num(REFUSED),
  cpus: text(REPLACES),
  destroyGraceSeconds: num(),
  deviceReadBps: recordedSet,
  deviceReadIops: recordedSet,
  deviceRequests: recordedSet,
  deviceWriteBps: recordedSet,
  deviceWriteIops: recordedSet,
  devices: recordedSet,
  dns: textSet(REFUSED),
  dnsOpts: textSet(REFUSED),
  dnsSearches: textSet({ ...REFUSED, tf: "dns_search" }),
  domainname: text(REFUSED),
  entrypoints: texts({ ...COMPUTED, tf: "entrypoint" }),
  envs: textSet({ ...COMPUTED, tf: "env" }),
  exitCode: num({ output: true }),
  gpus: text(REFUSED),
  groupAdds: textSet({ ...REPLACES, tf: "group_add" }),
  healthcheck: block(healthcheck, { computed: true }),
  hostname: text(COMPUTED),
  hosts: set(hosts, { ...REPLACES, tf: "host" }),
  image: text({ required: true, force: true }),
  init: bool({ computed: true }),
  ipcMode: text(COMPUTED),
  labels: set(labels, COMPUTED),
  logDriver: text(COMPUTED),
  logOpts: map(REPLACES),
  logs: bool({ ...REFUSED, default: false }),
  maxRetryCount: num(REFUSED),
  memory: num(natural),
  memoryReservation: num({ ...natural, default: 0 }),
  memorySwap: num({ expected: "-1 or more", valid: (n) => Number(n) >= -1 }),
  mounts: set(mounts, REPLACES),
  mustRun: bool({ default: true }),
  name: text({ required: true, force: true }),
  networkDatas: list(networkDatas, { output: true, tf: "network_data" }),
  networkMode: text({ ...REPLACES, default: "bridge" }),
  networksAdvanced: set(networks, REPLACES),
  pidMode: text(REPLACES),
  platform: text({ ...COMPUTED, ...REFUSED }),
  ports: list(ports, { ...REPLACES, same: samePorts }),
  privileged: bool(REFUSED),
  publishAllPorts: bool(REFUSED),
  readOnly: bool({ ...REPLACES, default: false }),
  removeVolumes: bool({ default: true }),
  restart: text({
    default: "no",
    ...pattern(/^(no|on-failure|always|unless-stopped)$/, "no, on-failure, always or unless-stopped"),
  }),
  rm: bool({ ...REFUSED, default: false }),
  runtime: text({ ...COMPUTED, ...REFUSED }),
  securityOpts: textSet(COMPUTED),
  shmSize: num({ ...COMPUTED, ...natural }),
  start: bool({ default: true }),
  stdinOpen: bool({ ...REFUSED, default: false }),
  stopSignal: text(COMPUTED),
  stopTimeout: num(COMPUTED),
  storageOpts: map(REFUSED),
  sysctls: map(REFUSED),
  tmpfs: map(),
  tty: bool({ ...REFUSED, default: false }),
  ulimits: set(ulimits, { ...REPLACES, tf: "ulimit" }),
  uploads: set(uploads, { ...REPLACES, tf: "upload" }),
  user: text({ ...REPLACES, ...emptyMeansUnchanged }),
  usernsMode: text(REFUSED),
  volumes: set(volumes, REPLACES),
  wait: bool({ default: false }),
  waitTimeout: num({ default: 60 }),
  workingDir: text({ ...REPLACES, ...emptyMeansUnchanged }),
};
