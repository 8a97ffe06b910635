import { bool, list, map, num, one, set, text, textSet, texts } from "../bridge/fields.ts";
import type { Fields } from "../bridge/fields.ts";
import { identity, isProps, isZero } from "../bridge/values.ts";
import type { Value } from "../contract.ts";

const F = { force: true } as const;
/** Chosen by the engine where left out, and a change replaces. */
const C = { force: true, computed: true } as const;
const natural = { expected: "0 or more", valid: (n: string | number) => Number(n) >= 0 };
const pattern = (regex: RegExp, expected: string) => ({
  expected,
  valid: (v: string | number) => regex.test(String(v)),
});
const duration = pattern(
  /^(0|([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))+)$/,
  'a duration such as "30s" or "1m30s"',
);
const emptyIsAny = { same: (old: Value, next: Value) => isZero(next) || old === next };

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

/** In every recorded state, but nothing here sets it. */
const rates = set({}, { unsupported: true });

const volumeOptions: Fields = {
  driverName: text(),
  driverOptions: map(),
  labels: set(labels),
  noCopy: bool(),
  subpath: text(F),
};

const mounts: Fields = {
  bindOptions: one({
    propagation: text(pattern(/^r?(private|shared|slave)$/, "private, shared, slave or with an r")),
  }),
  readOnly: bool(),
  source: text(),
  target: text({ required: true }),
  tmpfsOptions: one({ mode: num(), sizeBytes: num() }, F),
  type: text({ required: true, ...pattern(/^(bind|volume|tmpfs)$/, "bind, volume or tmpfs") }),
  volumeOptions: one(volumeOptions),
};

const volumes: Fields = {
  containerPath: text(F),
  fromContainer: text(F),
  hostPath: text({ ...F, ...pattern(/^\//, "an absolute path") }),
  readOnly: bool(F),
  selinuxRelabel: text({ ...F, ...pattern(/^[zZ]$/, "z or Z") }),
  volumeName: text(F),
};

const networks: Fields = {
  aliases: textSet(F),
  driverOpts: textSet(F),
  gwPriority: num({ ...F, ...natural }),
  ipv4Address: text(F),
  ipv6Address: text(F),
  linkLocalIps: textSet(F),
  macAddress: text(F),
  name: text({ required: true, force: true }),
};

const uploads: Fields = {
  content: text(F),
  contentBase64: text({ ...F, ...pattern(/^[A-Za-z0-9+/]*={0,2}$/, "base64") }),
  executable: bool({ ...F, default: false }),
  file: text({ required: true, force: true }),
  permissions: text({ ...F, ...pattern(/^0[0-7]{3}$/, "four octal digits such as 0644") }),
  source: text(F),
  sourceHash: text(F),
};

const ports: Fields = {
  external: num(C),
  internal: num({ required: true, force: true }),
  ip: text({ ...F, default: "0.0.0.0" }),
  protocol: text({ ...F, default: "tcp" }),
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

const devices: Fields = {
  containerPath: text(F),
  hostPath: text({ required: true, force: true }),
  permissions: text({ ...F, default: "rwm" }),
};

/** docker_container 4.5.0, as bridged into `@pulumi/docker` 5.2.0: nearly everything replaces. */
export const containerFields: Fields = {
  attach: bool({ default: false }),
  bridge: text({ output: true }),
  capabilities: one({ adds: textSet({ ...F, tf: "add" }), drops: textSet({ ...F, tf: "drop" }) }, F),
  cgroupParent: text(F),
  cgroupnsMode: text({ ...F, ...pattern(/^(private|host)$/, "private or host") }),
  command: texts(C),
  containerLogs: text({ output: true }),
  containerReadRefreshTimeoutMilliseconds: num({ default: 15000 }),
  cpuPeriod: num(natural),
  cpuQuota: num(natural),
  cpuSet: text(pattern(/^\d+([,-]\d+)*$/, "CPU numbers such as 0-2,4")),
  cpuShares: num(natural),
  cpus: text(F),
  destroyGraceSeconds: num(),
  deviceReadBps: rates,
  deviceReadIops: rates,
  deviceRequests: set({}, { force: true, unsupported: true }),
  deviceWriteBps: rates,
  deviceWriteIops: rates,
  devices: set(devices, F),
  dns: textSet(F),
  dnsOpts: textSet(F),
  dnsSearches: textSet({ ...F, tf: "dns_search" }),
  domainname: text(F),
  entrypoints: texts({ ...C, tf: "entrypoint" }),
  envs: textSet({ ...C, tf: "env" }),
  exitCode: num({ output: true }),
  gpus: text({ force: true, unsupported: true }),
  groupAdds: textSet({ ...F, tf: "group_add" }),
  healthcheck: one(healthcheck, { computed: true }),
  hostname: text(C),
  hosts: set(
    { host: text({ required: true, force: true }), ip: text({ required: true, force: true }) },
    { ...F, tf: "host" },
  ),
  image: text({ required: true, force: true }),
  init: bool({ computed: true }),
  ipcMode: text(C),
  labels: set(labels, C),
  logDriver: text(C),
  logOpts: map(F),
  logs: bool({ default: false }),
  maxRetryCount: num(),
  memory: num(natural),
  memoryReservation: num({ default: 0, ...natural }),
  memorySwap: num({ expected: "-1 or more", valid: (n) => Number(n) >= -1 }),
  mounts: set(mounts, F),
  mustRun: bool({ default: true }),
  name: text({ required: true, force: true }),
  networkDatas: list(networkDatas, { output: true, tf: "network_data" }),
  networkMode: text({ ...F, default: "bridge" }),
  networksAdvanced: set(networks, F),
  pidMode: text(F),
  platform: text(C),
  ports: list(ports, { ...F, same: samePorts }),
  privileged: bool(F),
  publishAllPorts: bool(F),
  readOnly: bool({ ...F, default: false }),
  removeVolumes: bool({ default: true }),
  restart: text({
    default: "no",
    ...pattern(/^(no|on-failure|always|unless-stopped)$/, "no, on-failure, always or unless-stopped"),
  }),
  rm: bool({ default: false }),
  runtime: text(C),
  securityOpts: textSet(C),
  shmSize: num({ ...C, ...natural }),
  start: bool({ default: true }),
  stdinOpen: bool({ ...F, default: false }),
  stopSignal: text(C),
  stopTimeout: num(C),
  storageOpts: map(F),
  sysctls: map(F),
  tmpfs: map(),
  tty: bool({ ...F, default: false }),
  ulimits: set(
    {
      hard: num({ required: true, force: true }),
      name: text({ required: true, force: true }),
      soft: num({ required: true, force: true }),
    },
    { ...F, tf: "ulimit" },
  ),
  uploads: set(uploads, { ...F, tf: "upload" }),
  user: text({ ...F, ...emptyIsAny }),
  usernsMode: text(F),
  volumes: set(volumes, F),
  wait: bool({ default: false }),
  waitTimeout: num({ default: 60 }),
  workingDir: text({ ...F, ...emptyIsAny }),
};
