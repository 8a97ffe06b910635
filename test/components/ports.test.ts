import assert from "node:assert/strict";
import { releaseName } from "../../components/app/identity.ts";
import { publishedPorts } from "../../components/app/published.ts";
import { workerArgs } from "../../components/app/worker-container.ts";
import type { ReleaseArgs } from "../../components/app/release.ts";
import { firewallRules } from "../../components/host/render/firewall.ts";
import { doorwayCfg } from "../../components/switch/doorway-cfg.ts";
import { openedFor } from "../../config/ports.ts";
import { workersOf, type Worker } from "../../config/processes.ts";
import { digest, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/mail@${digest("a")}`;
const stack = (more: object) => parsed({ apps: { mail: { image, ...more } } }).config;
const identity = (more: object): string => releaseName("mail", image, stack(more).apps.mail!, []);

describe("ports of an application", () => {
  it("have a frontend each in the doorway, and a socket of the switch behind it", () => {
    const { apps, edge, trafficSwitch: settings } = stack({ ports: [587, 25, "53/udp"], exclusive: true });
    const text = doorwayCfg({ apps, edge, settings });
    assert.deepEqual(
      [...text.matchAll(/^ {2}(?:bind :|server switch ).*$/gm)].map(([line]) => line.trim()),
      [25, 587].flatMap((port) => [
        `bind :${port}`,
        `bind :::${port} v6only`,
        `server switch unix@/run/switch/_mail_${port}.sock send-proxy-v2`,
      ]),
    );
    assert.doesNotMatch(text, /\{\{/);
  });

  it("are the container's own where they are UDP, in both families, and no other process has them", () => {
    const { apps } = stack({
      ports: ["5353:53/udp", 25],
      exclusive: true,
      port: 80,
      processes: { w: { command: ["w"] } },
    });
    const found = publishedPorts(apps.mail!);
    assert.deepEqual(
      found,
      ["0.0.0.0", "::"].map((ip) => ({ internal: 53, external: 5353, ip, protocol: "udp" })),
    );
    const args = {
      app: "mail",
      settings: apps.mail,
      secrets: [],
      files: [],
      server: { name: "s" },
    } as unknown as ReleaseArgs;
    const ports = (worker: Worker): unknown => workerArgs("mail-1", args, "/", worker).ports;
    assert.deepEqual(workersOf(apps.mail!).map(ports), [undefined]);
    const alone = stack({ ports: ["5353:53/udp"], exclusive: true }).apps.mail!;
    Object.assign(args, { settings: alone });
    assert.deepEqual(workersOf(alone).map(ports), [found]);
  });

  it("make another release where its container changes, and none where only the switch does", () => {
    assert.equal(identity({ port: 80 }), identity({ port: 80, ports: [25] }));
    assert.equal(identity({ ports: [25] }), identity({ ports: [25, 587] }));
    assert.notEqual(identity({}), identity({ ports: [25] }));
    const exclusive = { port: 80, exclusive: true };
    assert.notEqual(identity(exclusive), identity({ ...exclusive, ports: ["53/udp"] }));
  });

  it("are let through the firewall, and nothing else is", () => {
    const { apps, server } = stack({
      ports: [{ port: 25, allow: ["2001:db8::/32"] }, "53/udp"],
      exclusive: true,
    });
    const { firewall } = server;
    const { rules, docker } = firewallRules({ ...firewall, ports: openedFor(apps) }, 22);
    assert.deepEqual(
      rules.map((words) => words.join(" ")),
      [
        "allow 22/tcp",
        "allow 80/tcp",
        "allow 443/tcp",
        "allow from 2001:db8::/32 to any port 25 proto tcp",
        "allow 53/udp",
      ],
    );
    assert.match(docker.v4, /-p udp -s 0\.0\.0\.0\/0 .*--ctorigdstport 53 -j RETURN/);
    assert.match(docker.v6, /-p udp -s ::\/0 .*--ctorigdstport 53 -j RETURN/);
  });
});
