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

/** Recorded by the official provider in every state, and refused in a program: nothing here sets it. */
const R = { unsupported: true } as const;
const recordedSet = set({}, R);

const mounts: Fields = {
  bindOptions: one({
    propagation: text(pattern(/^r?(private|shared|slave)$/, "private, shared, slave or with an r")),
  }),
  readOnly: bool(),
  source: text(),
  target: text({ required: true }),
  tmpfsOptions: one({}, R),
  type: text({ required: true, ...pattern(/^(bind|volume|tmpfs)$/, "bind, volume or tmpfs") }),
  volumeOptions: one({}, R),
};

const volumes: Fields = {
  containerPath: text(F),
  fromContainer: text(R),
  hostPath: text({ ...F, ...pattern(/^\//, "an absolute path") }),
  readOnly: bool(F),
  selinuxRelabel: text(R),
  volumeName: text(F),
};

const networks: Fields = {
  aliases: textSet(F),
  driverOpts: textSet(R),
  gwPriority: num(R),
  ipv4Address: text(F),
  ipv6Address: text(R),
  linkLocalIps: textSet(R),
  macAddress: text(R),
  name: text({ required: true, force: true }),
};

const uploads: Fields = {
  content: text(F),
  contentBase64: text(R),
  executable: bool({ ...R, default: false }),
  file: text({ required: true, force: true }),
  permissions: text({ ...F, ...pattern(/^0[0-7]{3}$/, "four octal digits such as 0644") }),
  source: text(R),
  sourceHash: text(R),
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

/** docker_container 4.5.0, as bridged into `@pulumi/docker` 5.2.0: nearly everything replaces. In upstream's order. */
export const containerFields: Fields = {
  attach: bool({ ...R, default: false }),
  bridge: text({ output: true }),
  capabilities: one({ adds: textSet({ ...F, tf: "add" }), drops: textSet({ ...F, tf: "drop" }) }, F),
  cgroupParent: text(R),
  cgroupnsMode: text({ ...F, ...pattern(/^(private|host)$/, "private or host") }),
  command: texts(C),
  containerLogs: text({ output: true }),
  containerReadRefreshTimeoutMilliseconds: num({ default: 15000 }),
  cpuPeriod: num(R),
  cpuQuota: num(R),
  cpuSet: text(R),
  cpuShares: num(R),
  cpus: text(F),
  destroyGraceSeconds: num(),
  deviceReadBps: recordedSet,
  deviceReadIops: recordedSet,
  deviceRequests: recordedSet,
  deviceWriteBps: recordedSet,
  deviceWriteIops: recordedSet,
  devices: recordedSet,
  dns: textSet(R),
  dnsOpts: textSet(R),
  dnsSearches: textSet({ ...R, tf: "dns_search" }),
  domainname: text(R),
  entrypoints: texts({ ...C, tf: "entrypoint" }),
  envs: textSet({ ...C, tf: "env" }),
  exitCode: num({ output: true }),
  gpus: text(R),
  groupAdds: textSet({ ...R, tf: "group_add" }),
  healthcheck: one(healthcheck, { computed: true }),
  hostname: text(C),
  hosts: set({}, { ...R, tf: "host" }),
  image: text({ required: true, force: true }),
  init: bool({ computed: true }),
  ipcMode: text(C),
  labels: set(labels, C),
  logDriver: text(C),
  logOpts: map(F),
  logs: bool({ ...R, default: false }),
  maxRetryCount: num(R),
  memory: num(natural),
  memoryReservation: num({ ...R, default: 0 }),
  memorySwap: num({ expected: "-1 or more", valid: (n) => Number(n) >= -1 }),
  mounts: set(mounts, F),
  mustRun: bool({ default: true }),
  name: text({ required: true, force: true }),
  networkDatas: list(networkDatas, { output: true, tf: "network_data" }),
  networkMode: text({ ...F, default: "bridge" }),
  networksAdvanced: set(networks, F),
  pidMode: text(F),
  platform: text({ ...C, ...R }),
  ports: list(ports, { ...F, same: samePorts }),
  privileged: bool(R),
  publishAllPorts: bool(R),
  readOnly: bool({ ...F, default: false }),
  removeVolumes: bool({ default: true }),
  restart: text({
    default: "no",
    ...pattern(/^(no|on-failure|always|unless-stopped)$/, "no, on-failure, always or unless-stopped"),
  }),
  rm: bool({ ...R, default: false }),
  runtime: text({ ...C, ...R }),
  securityOpts: textSet(C),
  shmSize: num({ ...C, ...natural }),
  start: bool({ default: true }),
  stdinOpen: bool({ ...R, default: false }),
  stopSignal: text(C),
  stopTimeout: num(C),
  storageOpts: map(R),
  sysctls: map(R),
  tmpfs: map(),
  tty: bool({ ...R, default: false }),
  ulimits: set({}, { ...R, tf: "ulimit" }),
  uploads: set(uploads, { ...F, tf: "upload" }),
  user: text({ ...F, ...emptyIsAny }),
  usernsMode: text(R),
  volumes: set(volumes, F),
  wait: bool({ default: false }),
  waitTimeout: num({ default: 60 }),
  workingDir: text({ ...F, ...emptyIsAny }),
};
