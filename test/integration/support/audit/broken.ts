/** Ids by what they are listed in. */
const words = (text: string): string[] => text.trim().split(/\s+/);

/** What break.sh breaks, and the test around it, by check. */
export const BROKEN = words(`
  files.system files.socket files.secrets files.keys files.writable files.ssh-folders files.programs
  users.root users.empty-password users.passwords users.services users.sudo users.powerful
  ssh.passwords ssh.keyboard ssh.root ssh.empty ssh.keys ssh.tries ssh.grace ssh.startups ssh.x11 ssh.environment
  ssh.agent ssh.strict ssh.log ssh.kex ssh.ciphers ssh.macs
  units.docker units.ssh units.cron units.fail2ban units.updates units.failed units.renewal
  kernel.redirects kernel.source-routes kernel.spoofing kernel.syn-cookies kernel.broadcasts
  machine.disk machine.inodes machine.memory machine.system machine.journal machine.logrotate
  packages.security packages.lists packages.reboot packages.legacy
  configuration.nginx configuration.haproxy
  engine.socket engine.live-restore engine.logs engine.registries engine.listening
  ports.only-declared ports.docker
  secrets.environment secrets.labels secrets.commands secrets.arguments secrets.history secrets.open-files secrets.logs
  firewall.active firewall.default firewall.rules firewall.logging firewall.ipv6 firewall.docker
  docker.5.4 docker.5.6 docker.5.7 docker.5.8 docker.5.9 docker.5.10 docker.5.11 docker.5.12 docker.5.13 docker.5.14
  docker.5.15 docker.5.16 docker.5.17 docker.5.18 docker.5.19 docker.5.20 docker.5.21 docker.5.22 docker.5.23
  docker.5.24 docker.5.25 docker.5.26 docker.5.27 docker.5.28 docker.5.29 docker.5.30 docker.5.31 docker.5.32
  containers.healthy containers.declared containers.stopped containers.restarts containers.log-rotation
  containers.json-logs http.health
`);

/** What is wrong with a server that was set up in a hurry. */
export const CARELESS = words(`
  certificate.key certificate.names certificate.public certificate.signature certificate.trusted
  dns.names
  headers.csp headers.frame headers.hsts headers.nosniff headers.observatory headers.permissions headers.referrer
  headers.versions
  http.body-limit http.brotli http.challenge http.gzip http.hidden http.redirect
  limit.429
  ports.declared ports.only-declared
  tls.broken-ciphers tls.foreign-name tls.forward-secrecy tls.grade tls.http2 tls.intermediate tls.new-protocols
  tls.old-protocols tls.tickets
`);

/** What is wrong with a server that was neglected for years, in addition to what the careless one shows. */
export const OLD = words(`
  certificate.life certificate.staple certificate.valid http.trace tls.compression tls.dh-size tls.renegotiation
`);

/** What break-edge.sh breaks. */
export const EDGE = words(`configuration.routes containers.missing limit.health`);

/** What no box can have wrong with it; the reasons are in decision 0019. Unit tests show these to fail on made-up evidence. */
export const ELSEWHERE = words(`
  configuration.proxies
  docker.5.1 docker.5.5
  kernel.addresses kernel.dumps kernel.links kernel.tracing
  machine.swap packages.lynis units.clock
`);

/** What depends on the kernel of the machine that runs the tests: AppArmor, SELinux. */
export const KERNEL = words(`docker.5.2 docker.5.3`);
