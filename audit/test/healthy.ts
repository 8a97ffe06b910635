import type { About } from "../src/about.ts";
import type { CertificateEvidence } from "../src/families/certificate.ts";
import type { ConfigurationEvidence } from "../src/families/configuration.ts";
import type { DnsEvidence } from "../src/families/dns.ts";
import type { Container, DockerEvidence } from "../src/families/docker/container.ts";
import type { EngineEvidence, Socket } from "../src/families/engine.ts";
import type { FilesEvidence } from "../src/families/files.ts";
import type { FirewallEvidence } from "../src/families/firewall.ts";
import type { HeadersEvidence } from "../src/families/headers.ts";
import type { HttpEvidence } from "../src/families/http.ts";
import type { KernelEvidence } from "../src/families/kernel.ts";
import type { MachineEvidence } from "../src/families/machine.ts";
import type { PackagesEvidence } from "../src/families/packages.ts";
import type { PortsEvidence } from "../src/families/ports.ts";
import type { RateLimitEvidence } from "../src/families/rate-limit.ts";
import type { SecretsEvidence } from "../src/families/secrets.ts";
import type { SshEvidence } from "../src/families/ssh.ts";
import type { TlsEvidence } from "../src/families/tls.ts";
import type { UnitsEvidence } from "../src/families/units.ts";
import type { UsersEvidence } from "../src/families/users.ts";

/** A rented server whose audit finds nothing. */
export const ABOUT: About = {
  name: "maicivy",
  box: false,
  url: "https://maicivy.test/",
  names: ["maicivy.test", "www.maicivy.test"],
  ports: [22, 80, 443],
  declared: [],
  secretsInEnvironment: [],
  health: ["/health", "/health/deep"],
  ownCertificate: false,
  exceptions: [
    { check: "docker.5.10", container: "maicivy_nginx", allowed: ["host"], why: "it sees addresses there" },
    { check: "docker.5.15", allowed: ["unless-stopped"], why: "restarts are counted elsewhere" },
  ],
  swap: 2 * 1024 ** 3,
  stack: {
    containers: { maicivy_nginx: 1, "api-0123456789": 1 },
    upstreams: ["api"],
    renewal: "certbot.timer",
    subdomains: ["analytics.maicivy.test"],
    proxies: [],
    maxBody: 10 * 1024 ** 2,
  },
};

/** Evidence by the title of a family. */
export interface Evidence {
  tls: TlsEvidence;
  certificate: CertificateEvidence;
  headers: HeadersEvidence;
  http: HttpEvidence;
  dns: DnsEvidence;
  ports: PortsEvidence;
  firewall: FirewallEvidence;
  ssh: SshEvidence;
  docker: DockerEvidence;
  engine: EngineEvidence;
  configuration: ConfigurationEvidence;
  secrets: SecretsEvidence;
  files: FilesEvidence;
  users: UsersEvidence;
  units: UnitsEvidence;
  kernel: KernelEvidence;
  machine: MachineEvidence;
  packages: PackagesEvidence;
  limit: RateLimitEvidence;
}

const DAY = 86_400_000;
const HEADERS = {
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'",
  "permissions-policy": "camera=()",
  "cross-origin-resource-policy": "same-origin",
  "content-type": "text/html",
  server: "nginx",
};
const NGINX = `
  upstream api {
  }
  server {
    listen 80 default_server;
    server_name maicivy.test www.maicivy.test;
    location / {
      return 301 https://maicivy.test$request_uri;
    }
  }
  server {
    listen 443 ssl;
    server_name www.maicivy.test;
    return 301 https://maicivy.test$request_uri;
  }
add_header Strict-Transport-Security "max-age=31536000" always;
add_header X-Frame-Options "DENY" always;
add_header X-Content-Type-Options "nosniff" always;
`;
const accepted = { code: 0, out: "", err: "" };
const file = (path: string, mode: number, more = {}): FilesEvidence["system"][number] => ({
  path,
  mode,
  user: "root",
  group: "root",
  type: "file",
  ...more,
});

/** A socket on every address. */
export const listening = (protocol: string, port: number, program: string): Socket => ({
  protocol,
  local: `0.0.0.0:${port}`,
  port,
  program,
});

/** As the edge is. */
function inHostsNetwork(one: Container): Container {
  one.HostConfig.NetworkMode = "host";
  one.NetworkSettings.Networks = { host: {} };
  return one;
}

function container(name: string, ports: number[] = []): Container {
  return {
    Name: `/${name}`,
    Image: "sha256:aa",
    RestartCount: 0,
    AppArmorProfile: "docker-default",
    ProcessLabel: "system_u:system_r:container_t:s0",
    State: { Running: true, OOMKilled: false, Health: { Status: "healthy" } },
    Config: {
      Image: "sha256:aa",
      User: "",
      Labels: { "managed-by": "fairlead" },
      Healthcheck: { Test: ["CMD", "true"] },
    },
    HostConfig: {
      Privileged: false,
      CapAdd: ["CAP_CHOWN"],
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      NetworkMode: "maicivy_network",
      PidMode: "",
      IpcMode: "private",
      UTSMode: "",
      UsernsMode: "",
      CgroupParent: "",
      Memory: 1e8,
      NanoCpus: 1e9,
      CpuShares: 0,
      CpuQuota: 0,
      PidsLimit: 128,
      ReadonlyRootfs: true,
      Devices: null,
      Ulimits: null,
      RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
      PortBindings: Object.fromEntries(
        ports.map((port) => [`${port}/tcp`, [{ HostIp: "0.0.0.0", HostPort: String(port) }]]),
      ),
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
    },
    NetworkSettings: { Networks: { maicivy_network: {} } },
    Mounts: [{ Source: "/opt/maicivy/edge", Destination: "/etc/fairlead", Propagation: "rprivate" }],
  };
}

/** Fresh evidence of a server on which every check passes. */
export function healthy(): Evidence {
  const page = { status: 200, headers: { ...HEADERS }, cookies: [], body: "<html></html>" };
  const suites = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"];
  return {
    tls: {
      protocols: {
        "SSL 3.0": [],
        "TLS 1.0": [],
        "TLS 1.1": [],
        "TLS 1.2": suites.map((name) => ({ name })),
        "TLS 1.3": [{ name: "TLS_AES_128_GCM_SHA256" }],
      },
      tickets: false,
      compression: false,
      renegotiation: true,
      alpn: "h2",
      hsts: 31_536_000,
      certificate: { keyType: "ec", keyBits: 256, missing: [] },
    },
    certificate: {
      from: 0,
      until: 90 * DAY,
      now: 10 * DAY,
      missing: [],
      keyType: "ec",
      keyBits: 256,
      ownTrust: false,
      signatures: ["ecdsaWithSHA384"],
      chain: ["maicivy.test", "E7"],
      mustStaple: false,
    },
    headers: {
      page,
      answers: { "/": { ...page }, "/nothing": { status: 404, headers: { ...HEADERS } } },
      below: {
        "analytics.maicivy.test": {
          status: 503,
          headers: { ...HEADERS, "content-security-policy": "", "x-frame-options": "SAMEORIGIN" },
        },
      },
      redirect: "https://maicivy.test/",
      host: "maicivy.test",
      trusted: true,
    },
    http: {
      plain: Object.fromEntries(
        ABOUT.names.map((name) => [
          name,
          { status: 301, headers: { location: "https://maicivy.test/some/path?x=1" } },
        ]),
      ),
      encodings: { gzip: "gzip", br: "br" },
      pageSize: 5000,
      hidden: { "/.env": false },
      trace: 405,
      largeBody: 413,
      challenge: 404,
      health: { "/health": 200, "/health/deep": 200 },
    },
    dns: {
      names: { "maicivy.test": ["203.0.113.7"], "www.maicivy.test": ["203.0.113.7"] },
      server: ["203.0.113.7"],
      same: [],
    },
    ports: { open: { "203.0.113.7": [22, 80, 443] }, asked: 65_535 },
    firewall: {
      active: true,
      incoming: "deny",
      logging: "on (low)",
      open: ["22/tcp", "80/tcp", "443/tcp"],
      open6: ["22/tcp", "80/tcp", "443/tcp"],
      docker: ["-A DOCKER-USER -o br-+ -j DROP"],
      docker6: [],
      policy: "DROP",
      policy6: "DROP",
      enabledAtBoot: true,
    },
    ssh: Object.fromEntries(
      Object.entries({
        passwordauthentication: "no",
        kbdinteractiveauthentication: "no",
        permitrootlogin: "without-password",
        permitemptypasswords: "no",
        pubkeyauthentication: "yes",
        maxauthtries: "3",
        logingracetime: "30",
        maxstartups: "100:30:200",
        x11forwarding: "no",
        permituserenvironment: "no",
        loglevel: "VERBOSE",
        allowagentforwarding: "no",
        strictmodes: "yes",
        kexalgorithms: "curve25519-sha256",
        ciphers: "aes256-gcm@openssh.com",
        macs: "hmac-sha2-512-etm@openssh.com",
      }).map(([option, value]) => [option, [value]]),
    ),
    docker: {
      containers: [inHostsNetwork(container("maicivy_nginx")), container("api-0123456789-1")],
      stopped: [],
      info: { SecurityOptions: ["name=apparmor", "name=selinux"], Swarm: { LocalNodeState: "inactive" } },
      images: { "sha256:aa": { digests: ["nginx@sha256:aa"], tags: [] } },
      passing: [],
      processes: { maicivy_nginx: ["nginx"], "api-0123456789-1": ["node"] },
      logs: { "api-0123456789-1": ['{"level":"info"}', '{"level":"info"}'] },
      commands: ["docker exec maicivy_postgres pg_isready"],
    },
    engine: {
      settings: { "live-restore": true, "log-driver": "json-file", "log-opts": { "max-size": "10m" } },
      commandLine: "/usr/sbin/dockerd -H fd://",
      listening: [listening("tcp", 22, "sshd"), listening("udp", 68, "dhclient")],
    },
    configuration: {
      nginx: accepted,
      haproxy: accepted,
      sshd: accepted,
      nginxText: NGINX,
    },
    secrets: {
      found: [{ kind: "log", place: "/var/log/letsencrypt/letsencrypt.log", what: "AWS_ACCESS_KEY_ID" }],
      counts: { environment: 2, label: 2, command: 2, arguments: 30, history: 1, "open file": 200, log: 9 },
      secrets: 2,
    },
    files: {
      system: [
        file("/etc/shadow", 0o640, { group: "shadow" }),
        file("/etc/sudoers", 0o440),
        file("/run/docker.sock", 0o660, { group: "docker", type: "other" }),
      ],
      stack: [
        file("/opt/maicivy/secrets", 0o700, { type: "folder" }),
        file("/opt/maicivy/secrets/api-01/KEY", 0o444),
        file("/opt/maicivy/tls/privkey.pem", 0o600),
      ],
      keys: [file("/root/.ssh", 0o700, { type: "folder" }), file("/root/.ssh/authorized_keys", 0o600)],
      programs: [file("/usr/local/bin", 0o755, { type: "folder" }), file("/usr/local/bin/fairlead", 0o755)],
    },
    users: {
      accounts: [
        { name: "root", uid: 0, home: "/root", shell: "/bin/bash" },
        { name: "daemon", uid: 1, home: "/usr/sbin", shell: "/usr/sbin/nologin" },
      ],
      passwords: { root: "L", daemon: "L" },
      powerful: { docker: ["deploy"] },
      sudo: [],
    },
    units: {
      units: Object.fromEntries(
        ["docker", "ssh", "cron", "fail2ban"]
          .map((name) => `${name}.service`)
          .concat("apt-daily-upgrade.timer", "certbot.timer")
          .map((name) => [name, { load: "loaded", active: "active", enabled: "enabled" }]),
      ),
      failed: [],
      system: "running",
      timers: ["certbot.timer"],
      cron: [],
      upgrades: { installed: true, every: "1" },
      clock: { ntp: true, synced: true, zone: "Etc/UTC" },
    },
    kernel: {
      ...Object.fromEntries(
        ["accept_redirects", "send_redirects", "accept_source_route"].flatMap((name) => [
          [`net.ipv4.conf.all.${name}`, "0"],
          [`net.ipv4.conf.default.${name}`, "0"],
        ]),
      ),
      "net.ipv4.conf.all.rp_filter": "1",
      "net.ipv4.tcp_syncookies": "1",
      "net.ipv4.icmp_echo_ignore_broadcasts": "1",
      "net.ipv4.icmp_ignore_bogus_error_responses": "1",
      "kernel.randomize_va_space": "2",
      "kernel.kptr_restrict": "2",
      "kernel.dmesg_restrict": "1",
      "fs.protected_hardlinks": "1",
      "fs.protected_symlinks": "1",
      "fs.protected_fifos": "2",
      "fs.protected_regular": "2",
      "fs.suid_dumpable": "0",
      "kernel.yama.ptrace_scope": "1",
    },
    machine: {
      disks: { "/": 40 },
      inodes: { "/": 8 },
      memory: 2 * 1024 ** 3,
      available: 1024 ** 3,
      swap: 2 * 1024 ** 3,
      swapAtBoot: true,
      journal: "500M",
      logrotate: true,
      system: { id: "debian", version: 12, name: "Debian GNU/Linux 12" },
    },
    packages: {
      security: [],
      others: 0,
      listsAge: 0.5,
      rebootRequired: false,
      legacy: [],
      lynis: { index: 88, warnings: [] },
    },
    limit: { statuses: { "200": 120, "429": 5 }, sent: 125, seconds: 0.5, starved: [] },
  };
}
