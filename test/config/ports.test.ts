import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import { applicationPorts, hasTraffic, openedFor } from "../../config/ports.ts";
import { ConfigError } from "../../config/problems.ts";
import { workersOf } from "../../config/processes.ts";
import { digest, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/mail@${digest("a")}`;
const mail = (more: object, settings: object = {}) =>
  parsed({ apps: { mail: { image, ...more } }, ...settings }).config;
const refused = (config: ReturnType<typeof mail>): string[] =>
  check("test", config, {}).map(({ path, message }) => `${path}: ${message}`);

describe("ports of an application", () => {
  it("are a number, Compose's short form, or all that there is to say", () => {
    const { ports } = mail({
      ports: [25, "587", "5353:53/udp", { port: 993, to: 1993, allow: ["10.0.0.0/8"], proxyProtocol: true }],
    }).apps.mail!;
    const plain = { allow: [], proxyProtocol: false };
    assert.deepEqual(ports, [
      { port: 25, protocol: "tcp", to: 25, ...plain },
      { port: 587, protocol: "tcp", to: 587, ...plain },
      { port: 5353, protocol: "udp", to: 53, ...plain },
      { port: 993, protocol: "tcp", to: 1993, allow: ["10.0.0.0/8"], proxyProtocol: true },
    ]);
  });

  it("are refused in any other form, and out of range", () => {
    const wrong = [
      0,
      65536,
      25.5,
      -1,
      "025",
      "25-30",
      "0:25",
      "25:",
      "127.0.0.1:25:25",
      "25/sctp",
      "25/TCP",
      "",
    ];
    for (const one of [...wrong, "99999", "25:70000", " 25", { port: 0 }, { port: 25, protocol: "sctp" }, {}])
      assert.throws(() => mail({ ports: [one] }), ConfigError, JSON.stringify(one));
    assert.throws(
      () => mail({ ports: ["25-30"] }),
      /apps\.mail\.ports\[0\]: expected .*a port such as 25, or "5353:53\/udp".*, found "25-30"/,
    );
  });

  it("give an application traffic without HTTP, and make its own command the process that serves", () => {
    const tcp = mail({ ports: [25] }).apps.mail!;
    assert.deepEqual([hasTraffic(tcp), workersOf(tcp)], [true, []]);
    const udp = mail({ ports: ["53/udp"], exclusive: true }).apps.mail!;
    assert.deepEqual([hasTraffic(udp), workersOf(udp).map(({ name }) => name)], [false, ["main"]]);
  });

  it("are opened in the firewall for whom they allow", () => {
    const { apps } = mail({ ports: ["53/udp", { port: 25, allow: ["10.0.0.0/8"] }, "53"] });
    assert.deepEqual(openedFor(apps), [
      { port: 25, protocol: "tcp", sources: ["10.0.0.0/8"] },
      { port: 53, protocol: "tcp", sources: [] },
      { port: 53, protocol: "udp", sources: [] },
    ]);
    assert.deepEqual(applicationPorts(parsed().config.apps), []);
  });

  it("are none of the stack's own, nor SSH's", () => {
    const ports = [22, 80, 443, "443/udp", 2222, 5959, 8405, 8406, 2375];
    const server = { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA", port: 2222 };
    const found = refused(mail({ ports, exclusive: true }, { server }));
    assert.equal(found.length, ports.length, found.join("\n"));
    assert.match(found[0]!, /apps\.mail\.ports\[0\]: .*found 22\/tcp, which belongs to SSH/);
    assert.match(found[3]!, /found 443\/udp, which belongs to the edge/);
    assert.deepEqual(refused(mail({ ports: ["22/udp", "80/udp"], exclusive: true })), []);
  });

  it("lead to one application each", () => {
    const apps = { mail: { image, ports: [25, "25:26"] }, other: { image, ports: [{ port: 25 }] } };
    const { config } = parsed({ apps });
    assert.deepEqual(refused(config), [
      "apps.mail.ports[1]: 25/tcp already leads to mail",
      "apps.other.ports[0]: 25/tcp already leads to mail",
    ]);
  });

  it("lead to the application's own process, not to one with a name", () => {
    const processes = { smtp: { command: ["smtp"] } };
    assert.deepEqual(refused(mail({ ports: [25], processes })), [
      "apps.mail.ports: lead to the application's own process, and mail has only smtp",
    ]);
    for (const own of [{ port: 80 }, { command: ["run"] }])
      assert.deepEqual(refused(mail({ ports: [25], processes, ...own })), []);
  });

  it("want an application of one container that is exclusive where they are UDP", () => {
    assert.deepEqual(
      refused(mail({ port: 80, ports: [{ port: 53, protocol: "udp", proxyProtocol: true }], replicas: 2 })),
      [
        "apps.mail.exclusive: expected true for a UDP port, which the container itself has, found false",
        "apps.mail.replicas: expected 1 for a UDP port, which the container itself has, found 2",
        "apps.mail.ports[0].proxyProtocol: expected a TCP port for the PROXY protocol, found udp",
      ],
    );
  });

  it("aren't opened a second time by hand", () => {
    const server = { firewall: { ports: [{ port: 25 }, { port: 26 }] } };
    assert.deepEqual(refused(mail({ ports: [25] }, { server })), [
      "server.firewall.ports[0]: 25/tcp is opened for mail already",
    ]);
  });
});
