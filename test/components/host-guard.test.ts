import assert from "node:assert/strict";
import { asset } from "../../components/lib/assets.ts";
import { toolFor } from "../../components/lib/host-command.ts";
import { firewallRules, sshRules } from "../../components/host/render/firewall.ts";
import { hardeningInput } from "../../components/host/render/hardening.ts";
import { ConfigError } from "../../config/problems.ts";
import { parsed } from "../support/settings.ts";

const server = (settings: object = {}) => parsed({ server: settings }).config.server;
const words = (rules: string[][]): string[] => rules.map((rule) => rule.join(" "));

describe("the firewall's rules", () => {
  it("open SSH, HTTP and HTTPS to everybody and nothing else", () => {
    const { rules } = firewallRules(server().firewall, 22);
    assert.deepEqual(words(rules), ["allow 22/tcp", "allow 80/tcp", "allow 443/tcp"]);
  });

  it("open SSH on its own port, to the declared sources, in ufw's spelling", () => {
    const sources = ["203.0.113.7/32", "198.51.100.0/24", "2001:db8::/32", "2001:db8::1/128"];
    const { firewall } = server({ firewall: { ssh: { sources } } });
    assert.deepEqual(words(sshRules(firewall, 2222)), [
      "allow from 203.0.113.7 to any port 2222 proto tcp",
      "allow from 198.51.100.0/24 to any port 2222 proto tcp",
      "allow from 2001:db8::/32 to any port 2222 proto tcp",
      "allow from 2001:db8::1 to any port 2222 proto tcp",
    ]);
  });

  it("name a network by its first address and IPv6 in short, as ufw lists them, and each once", () => {
    const sources = [
      "10.1.2.3/9",
      "198.51.100.77/26",
      "198.51.100.65/26",
      "2001:DB8:0:0:0:0:0:0/32",
      "2001:0db8::0001",
    ];
    const { firewall } = server({ firewall: { ssh: { sources } } });
    assert.deepEqual(
      sshRules(firewall, 22).map((one) => one[2]),
      ["10.0.0.0/9", "198.51.100.64/26", "2001:db8::/32", "2001:db8::1"],
    );
  });

  it("let a published port in only when it is declared, for its sources and its family", () => {
    const ports = [
      { port: 5432, sources: ["203.0.113.0/24"] },
      { port: 443, protocol: "udp" },
    ];
    const { docker } = firewallRules(server({ firewall: { ports } }).firewall, 22);
    const returned = (text: string): string[] =>
      text.split("\n").filter((line) => line.includes("ctorigdstport"));
    assert.equal(returned(docker.v4).length, 4);
    assert.match(docker.v4, /-p tcp -s 203\.0\.113\.0\/24 .*--ctorigdstport 5432 -j RETURN/);
    assert.match(docker.v4, /-p udp -s 0\.0\.0\.0\/0 .*--ctorigdstport 443 -j RETURN/);
    assert.ok(!docker.v6.includes("5432"), "an IPv4 source says nothing about IPv6");
    assert.equal(returned(docker.v6).length, 3);
    const drop = docker.v4.indexOf("-o br-+ -j DROP");
    assert.ok(drop > docker.v4.lastIndexOf("ctorigdstport"), "what is dropped comes after what is let in");
    assert.match(docker.v4, /^\*filter$[^]*^COMMIT$/m);
  });

  it("let QUIC in where the edge answers it, and name no port twice", () => {
    const { firewall } = server({ firewall: { ports: [{ port: 443, sources: ["203.0.113.0/24"] }] } });
    assert.deepEqual(words(firewallRules(firewall, 22, true).rules), [
      "allow 22/tcp",
      "allow 80/tcp",
      "allow from 203.0.113.0/24 to any port 443 proto tcp",
      "allow 443/udp",
    ]);
  });

  it("count new SSH connections by address, and by /64 of IPv6", () => {
    const { before } = firewallRules(
      server({ firewall: { ssh: { perMinute: 60, burst: 30 } } }).firewall,
      2222,
    );
    assert.match(
      before.v4,
      /^-A ufw-before-input .*--dport 2222 .*srcmask 32 .*above 60\/minute .*burst 30 .*DROP$/m,
    );
    assert.match(before.v6, /^-A ufw6-before-input .*srcmask 64 /m);
  });

  it("are refused with a bad source, port or rate", () => {
    for (const firewall of [
      { ssh: { sources: ["203.0.113.0/33"] } },
      { ssh: { sources: ["2001:db8::/129"] } },
      { ssh: { sources: ["home.example.com"] } },
      { ssh: { sources: ["203.0.113.7/24/1"] } },
      { ssh: { sources: ["0.0.0.0/0"] } },
      { ssh: { sources: ["fe80::1%eth0"] } },
      { ports: [{ port: 53, sources: ["::/0"] }] },
      { ssh: { perMinute: 5 } },
      { confirmWithin: "0 s" },
      { ports: [{ port: 0 }] },
      { ports: [{ port: 53, protocol: "icmp" }] },
    ])
      assert.throws(() => server({ firewall }), ConfigError, JSON.stringify(firewall));
  });
});

describe("the hardening of a host", () => {
  const input = (settings: object = {}) => {
    const { hardening, firewall } = server(settings);
    return hardeningInput(hardening, firewall, 2222, false);
  };
  const file = (settings: object, path: string): string =>
    String(input(settings).files.find((one) => one.path === path)?.content);

  it("never bans a source of SSH", () => {
    const settings = { firewall: { ssh: { sources: ["203.0.113.0/24"] } } };
    const { neverBanned } = input(settings);
    assert.deepEqual(neverBanned!.addresses, ["127.0.0.1/8", "::1", "203.0.113.0/24"]);
    const jail = file(settings, "/etc/fail2ban/jail.local");
    assert.match(jail, /^port = 2222$/m);
    assert.match(jail, /^bantime = 3600$/m);
  });

  it("leaves out what is off", () => {
    const { packages, units, files, neverBanned } = input({
      hardening: { fail2ban: { enabled: false }, updates: { enabled: false } },
    });
    assert.deepEqual(packages, ["debsums", "libpam-passwdqc"]);
    assert.deepEqual(
      units.filter(({ enabled, running }) => enabled || running),
      [],
    );
    assert.equal(neverBanned, undefined);
    assert.ok(!files.some(({ path }) => /fail2ban|timer/.test(path)));
  });

  it("has no updates install themselves when they are off, whatever the distribution came with", () => {
    const text = file({ hardening: { updates: { enabled: false } } }, "/etc/apt/apt.conf.d/60fairlead");
    assert.deepEqual(text.match(/^[^/].*$/gm), ['APT::Periodic::Unattended-Upgrade "0";']);
  });

  it("reboots in its window, or not at all", () => {
    const path = "/etc/apt/apt.conf.d/60fairlead";
    assert.match(file({}, path), /Automatic-Reboot "true";\n[^]*Automatic-Reboot-Time "04:30";/);
    assert.match(file({ hardening: { updates: { reboot: false } } }, path), /Automatic-Reboot "false";/);
  });

  it("restarts a unit for a file that it reads, and every such file is written", () => {
    const { units, files, neverBanned } = input();
    const read = units.flatMap(({ restartOn = [] }) => restartOn);
    assert.ok(read.length >= 5);
    const written = [...files.map(({ path }) => path), neverBanned!.path];
    for (const path of read) assert.ok(written.includes(path), path);
  });

  it("sets each kernel setting once", () => {
    const keys = asset("host/etc/sysctl.conf")
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
      .map((line) => line.split(" = ")[0]);
    assert.deepEqual(keys, [...new Set(keys)]);
  });
});

describe("the host tools", () => {
  it("are called by sudo unless the user is root", () => {
    assert.equal(toolFor("root"), "/usr/local/bin/fairlead");
    assert.equal(toolFor("deploy"), "sudo -n /usr/local/bin/fairlead");
  });
});
