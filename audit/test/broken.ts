import type { About } from "../src/about.ts";
import { ABOUT, listening, type Evidence } from "./healthy.ts";

/** Breaks a healthy server in one way; a check without one can't be trusted. */
export type Break = (server: Evidence, about: About) => unknown;

const weak = (name: string) => (server: Evidence) => server.tls.protocols["TLS 1.2"].push({ name });
const api = (server: Evidence) => server.docker.containers[1]!;
const host = (server: Evidence) => api(server).HostConfig;
const unit = (name: string) => (server: Evidence) => (server.units.units[name]!.active = "inactive");
const sshd = (option: string, value: string) => (server: Evidence) => (server.ssh[option] = [value]);
const secret = (kind: string, place: string) => (server: Evidence) =>
  server.secrets.found.push({ kind, place, what: "POSTGRES_PASSWORD" });
const header = (name: string, value?: string) => (server: Evidence, _?: About) => {
  for (const { headers } of [server.headers.page, ...Object.values(server.headers.answers)]) {
    if (value === undefined) delete headers[name];
    else headers[name] = value;
  }
};

const FRAMED = { "x-frame-options": "SAMEORIGIN", "content-security-policy": "default-src 'self'" };

/** By id of the check that must fail. */
export const BROKEN: Record<string, Break> = {
  "tls.old-protocols": ({ tls }) => tls.protocols["TLS 1.0"].push({ name: "TLS_RSA_WITH_AES_128_CBC_SHA" }),
  "tls.new-protocols": ({ tls }) => (tls.protocols["TLS 1.3"] = []),
  "tls.broken-ciphers": weak("TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
  "tls.intermediate": weak("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
  "tls.forward-secrecy": weak("TLS_RSA_WITH_AES_128_GCM_SHA256"),
  "tls.dh-size": ({ tls }) =>
    tls.protocols["TLS 1.2"].push({ name: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", dhBits: 1024 }),
  "tls.tickets": ({ tls }) => (tls.tickets = true),
  "tls.compression": ({ tls }) => (tls.compression = true),
  "tls.renegotiation": ({ tls }) => (tls.renegotiation = false),
  "tls.http2": ({ tls }) => (tls.alpn = "http/1.1"),
  "tls.foreign-name": ({ tls }) => (tls.foreign = "the site's handshake is completed"),
  "tls.grade": ({ tls }) => (tls.hsts = 0),

  "certificate.trusted": ({ certificate }) => (certificate.distrust = "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
  "certificate.names": ({ certificate }) => (certificate.missing = ["www.maicivy.test"]),
  "certificate.valid": ({ certificate }) => (certificate.now = certificate.until + 1),
  "certificate.life": ({ certificate }) => (certificate.now = certificate.until * 0.9),
  "certificate.key": ({ certificate }) => Object.assign(certificate, { keyType: "rsa", keyBits: 1024 }),
  "certificate.signature": ({ certificate }) => certificate.signatures.push("sha1WithRSA"),
  "certificate.staple": ({ certificate }) => (certificate.mustStaple = true),
  "certificate.public": ({ certificate }) => (certificate.ownTrust = true),

  "headers.hsts": header("strict-transport-security", "max-age=300"),
  "headers.frame": ({ headers }) => Object.assign(headers.answers["/nothing"]!.headers, FRAMED),
  "headers.nosniff": header("x-content-type-options"),
  "headers.referrer": header("referrer-policy", "unsafe-url"),
  "headers.csp": header("content-security-policy", "default-src 'self' 'unsafe-inline'"),
  "headers.permissions": header("permissions-policy"),
  "headers.versions": header("server", "nginx/1.26.3"),
  "headers.observatory": (server) => {
    header("cross-origin-resource-policy")(server, ABOUT);
    header("referrer-policy")(server, ABOUT);
  },

  "http.redirect": ({ http }) => (http.plain["www.maicivy.test"] = { status: 200, headers: {} }),
  "http.gzip": ({ http }) => (http.encodings.gzip = ""),
  "http.brotli": ({ http }) => (http.encodings.br = ""),
  "http.hidden": ({ http }) => (http.hidden["/.env"] = true),
  "http.trace": ({ http }) => (http.trace = 200),
  "http.body-limit": ({ http }) => (http.largeBody = 200),
  "http.challenge": ({ http }) => (http.challenge = 301),
  "http.health": ({ http }) => (http.health["/health/deep"] = 503),

  "dns.names": ({ dns }) => (dns.names["www.maicivy.test"] = ["198.51.100.1"]),
  "ports.only-declared": ({ ports }) => ports.open["203.0.113.7"]!.push(9999),
  "ports.declared": ({ ports }) => (ports.open["203.0.113.7"] = [22, 80]),
  "ports.docker": ({ ports }) => ports.open["203.0.113.7"]!.push(2375),

  "firewall.active": ({ firewall }) => (firewall.active = false),
  "firewall.default": ({ firewall }) => (firewall.policy = "ACCEPT"),
  "firewall.rules": ({ firewall }) => firewall.open.push("5432/tcp"),
  "firewall.ipv6": ({ firewall }) => (firewall.policy6 = "ACCEPT"),
  "firewall.docker": ({ firewall }) => (firewall.docker = ["-A DOCKER-USER -j RETURN"]),
  "firewall.logging": ({ firewall }) => (firewall.logging = "off"),

  "ssh.passwords": sshd("passwordauthentication", "yes"),
  "ssh.keyboard": sshd("kbdinteractiveauthentication", "yes"),
  "ssh.root": sshd("permitrootlogin", "yes"),
  "ssh.empty": sshd("permitemptypasswords", "yes"),
  "ssh.keys": sshd("pubkeyauthentication", "no"),
  "ssh.tries": sshd("maxauthtries", "6"),
  "ssh.grace": sshd("logingracetime", "120"),
  "ssh.startups": sshd("maxstartups", "1000:30:2000"),
  "ssh.x11": sshd("x11forwarding", "yes"),
  "ssh.environment": sshd("permituserenvironment", "yes"),
  "ssh.agent": sshd("allowagentforwarding", "yes"),
  "ssh.strict": sshd("strictmodes", "no"),
  "ssh.log": sshd("loglevel", "QUIET"),
  "ssh.kex": sshd("kexalgorithms", "curve25519-sha256,diffie-hellman-group14-sha1"),
  "ssh.ciphers": sshd("ciphers", "aes128-cbc"),
  "ssh.macs": sshd("macs", "hmac-sha1"),

  "docker.5.1": ({ docker }) => (docker.info.Swarm = { LocalNodeState: "active" }),
  "docker.5.2": (server) => (api(server).AppArmorProfile = "unconfined"),
  "docker.5.3": (server) => (api(server).ProcessLabel = ""),
  "docker.5.4": (server) => (host(server).CapAdd = ["SYS_ADMIN"]),
  "docker.5.5": (server) => (host(server).Privileged = true),
  "docker.5.6": (server) => api(server).Mounts.push({ Source: "/etc", Destination: "/x", Propagation: "" }),
  "docker.5.7": ({ docker }) => docker.processes["api-0123456789-1"]!.push("sshd"),
  "docker.5.8": (server) => publish(server, "127.0.0.1", 81),
  "docker.5.9": (server) => publish(server, "0.0.0.0", 9999),
  "docker.5.10": (server) => (host(server).NetworkMode = "host"),
  "docker.5.11": (server) => (host(server).Memory = 0),
  "docker.5.12": (server) => (host(server).NanoCpus = 0),
  "docker.5.13": (server) => (host(server).ReadonlyRootfs = false),
  "docker.5.14": (server) => publish(server, "", 9999),
  "docker.5.16": (server) => (host(server).PidMode = "host"),
  "docker.5.17": (server) => (host(server).IpcMode = "host"),
  "docker.5.18": (server) => (host(server).Devices = [{ PathOnHost: "/dev/sda" }]),
  "docker.5.15": (server) => (host(server).RestartPolicy = { Name: "always", MaximumRetryCount: 0 }),
  "docker.5.19": (server) => (host(server).Ulimits = [{ Name: "nofile", Hard: 1e6 }]),
  "docker.5.20": (server) => (api(server).Mounts[0]!.Propagation = "rshared"),
  "docker.5.21": (server) => (host(server).UTSMode = "host"),
  "docker.5.22": (server) => (host(server).SecurityOpt = ["no-new-privileges", "seccomp=unconfined"]),
  "docker.5.23": ({ docker }) => docker.commands.push("docker exec --privileged api sh"),
  "docker.5.24": ({ docker }) => docker.commands.push("docker exec -u root api sh"),
  "docker.5.25": (server) => (host(server).CgroupParent = "/other"),
  "docker.5.26": (server) => (host(server).SecurityOpt = null),
  "docker.5.27": (server) => delete api(server).Config.Healthcheck,
  "docker.5.28": ({ docker }) => (docker.images["sha256:aa"]!.digests = []),
  "docker.5.29": (server) => (host(server).PidsLimit = null),
  "docker.5.30": (server) => (api(server).NetworkSettings.Networks = { bridge: {} }),
  "docker.5.31": (server) => (host(server).UsernsMode = "host"),
  "docker.5.32": (server) =>
    api(server).Mounts.push({ Source: "/run/docker.sock", Destination: "/x", Propagation: "" }),
  "containers.healthy": (server) => (api(server).State.Health = { Status: "unhealthy" }),
  "containers.stopped": ({ docker }) =>
    docker.stopped.push({ name: "maicivy_redis", status: "Exited (1) 2 hours ago" }),
  "containers.restarts": (server) => (api(server).RestartCount = 12),
  "containers.log-rotation": (server) => (host(server).LogConfig.Config = null),
  "containers.json-logs": ({ docker }) => (docker.logs["api-0123456789-1"] = ["hello", "world"]),
  "containers.missing": ({ docker }) => docker.containers.pop(),
  "containers.declared": (server) => (api(server).Config.Labels = null),

  "engine.socket": ({ engine }) => (engine.commandLine = "/usr/sbin/dockerd -H tcp://0.0.0.0:2375"),
  "engine.live-restore": ({ engine }) => delete engine.settings["live-restore"],
  "engine.logs": ({ engine }) => delete engine.settings["log-opts"],
  "engine.registries": ({ engine }) => (engine.settings["insecure-registries"] = ["registry.test:5000"]),
  "engine.listening": ({ engine }) => engine.listening.push(listening("tcp", 5432, "postgres")),

  "configuration.nginx": ({ configuration }) =>
    (configuration.nginx = { code: 1, out: "", err: "nginx: [emerg] unknown directive" }),
  "configuration.routes": (_, about) => (about.stack = { ...about.stack!, upstreams: ["api", "frontend"] }),
  "configuration.proxies": (_, about) =>
    (about.stack = { ...about.stack!, proxies: [{ name: "cloudflare", days: 365 }] }),
  "configuration.haproxy": ({ configuration }) =>
    (configuration.haproxy = { code: 1, out: "", err: "[ALERT] parsing" }),
  "configuration.sshd": ({ configuration }) =>
    (configuration.sshd = { code: 255, out: "", err: "sshd_config line 3: Bad configuration option" }),

  "secrets.environment": secret("environment", "api-0123456789-1"),
  "secrets.labels": secret("label", "api-0123456789-1"),
  "secrets.commands": secret("command", "api-0123456789-1"),
  "secrets.arguments": secret("arguments", "psql"),
  "secrets.history": secret("history", "/root/.bash_history"),
  "secrets.open-files": secret("open file", "/tmp/x"),
  "secrets.logs": secret("log", "/var/log/x"),

  "files.system": ({ files }) => (files.system[0]!.mode = 0o644),
  "files.socket": ({ files }) => (files.system[2]!.mode = 0o666),
  "files.secrets": ({ files }) => (files.stack[0]!.mode = 0o755),
  "files.keys": ({ files }) => (files.stack[2]!.mode = 0o644),
  "files.ssh-folders": ({ files }) => (files.keys[1]!.mode = 0o666),
  "files.writable": ({ files }) => (files.stack[2]!.mode = 0o666),
  "files.programs": ({ files }) => (files.programs[1]!.user = "deploy"),

  "users.root": ({ users }) => users.accounts.push({ name: "toor", uid: 0, home: "/", shell: "/bin/sh" }),
  "users.empty-password": ({ users }) => (users.passwords.guest = "NP"),
  "users.passwords": ({ users }) => (users.passwords.deploy = "P"),
  "users.services": ({ users }) => (users.accounts[1]!.shell = "/bin/sh"),
  "users.sudo": ({ users }) => users.sudo.push("deploy ALL=(ALL) NOPASSWD:ALL"),
  "users.powerful": ({ users }) => users.powerful.docker!.push("guest"),

  "units.docker": unit("docker.service"),
  "units.ssh": (server) => (server.units.units["ssh.service"]!.enabled = "disabled"),
  "units.cron": unit("cron.service"),
  "units.fail2ban": (server) => delete server.units.units["fail2ban.service"],
  "units.updates": unit("apt-daily-upgrade.timer"),
  "units.failed": ({ units }) => units.failed.push("nginx.service"),
  "units.renewal": unit("certbot.timer"),
  "units.clock": ({ units }) => (units.clock.ntp = false),

  "kernel.redirects": ({ kernel }) => (kernel["net.ipv4.conf.all.accept_redirects"] = "1"),
  "kernel.source-routes": ({ kernel }) => (kernel["net.ipv4.conf.default.accept_source_route"] = "1"),
  "kernel.spoofing": ({ kernel }) => (kernel["net.ipv4.conf.all.rp_filter"] = "0"),
  "kernel.syn-cookies": ({ kernel }) => (kernel["net.ipv4.tcp_syncookies"] = "0"),
  "kernel.broadcasts": ({ kernel }) => (kernel["net.ipv4.icmp_echo_ignore_broadcasts"] = "0"),
  "kernel.addresses": ({ kernel }) => (kernel["kernel.kptr_restrict"] = "0"),
  "kernel.links": ({ kernel }) => (kernel["fs.protected_symlinks"] = "0"),
  "kernel.dumps": ({ kernel }) => (kernel["fs.suid_dumpable"] = "1"),
  "kernel.tracing": ({ kernel }) => (kernel["kernel.yama.ptrace_scope"] = "0"),

  "machine.disk": ({ machine }) => (machine.disks["/"] = 97),
  "machine.inodes": ({ machine }) => (machine.inodes["/"] = 97),
  "machine.memory": ({ machine }) => (machine.memory = 1024 ** 3),
  "machine.swap": ({ machine }) => (machine.swap = 0),
  "machine.system": ({ machine }) => (machine.system.version = 10),
  "machine.journal": ({ machine }) => (machine.journal = ""),
  "machine.logrotate": ({ machine }) => (machine.logrotate = false),

  "packages.security": ({ packages }) => packages.security.push("openssl"),
  "packages.lists": ({ packages }) => (packages.listsAge = 40),
  "packages.reboot": ({ packages }) => (packages.rebootRequired = true),
  "packages.legacy": ({ packages }) => packages.legacy.push("telnetd"),
  "packages.lynis": ({ packages }) => (packages.lynis = { index: 61, warnings: [] }),

  "limit.429": ({ limit }) => (limit.statuses = { "200": 400 }),
  "limit.health": ({ limit }) => (limit.starved = ["/health"]),
};

function publish(server: Evidence, ip: string, port: number): void {
  host(server).PortBindings = { "80/tcp": [{ HostIp: ip, HostPort: String(port) }] };
}
