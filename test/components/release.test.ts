import assert from "node:assert/strict";
import { releaseName } from "../../components/app/identity.ts";
import type { App } from "../../config/schema/app/index.ts";
import { digest, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/api@${digest("a")}`;
const app = (more: object = {}): App =>
  parsed({ apps: { api: { image, port: 80, ...more } } }).config.apps.api!;
const secrets = [
  { variable: "A", fingerprint: "1" },
  { variable: "B", fingerprint: "2" },
];

describe("a release's name", () => {
  const worker = (more: object): string =>
    releaseName("api", image, app({ processes: { worker: { command: ["work"], ...more } } }), secrets);
  const name = releaseName("api", image, app(), secrets);

  it("is the application's with ten digits, and fit for DNS", () => assert.match(name, /^api-[0-9a-f]{10}$/));

  it("is that of the version before processes, for an application that has none", () =>
    assert.equal(releaseName("api", image, app(), [{ variable: "A", fingerprint: "1" }]), "api-ba6313b7f0"));

  const volume = (more: object): string => {
    const volumes = { files: { path: "/files", ...more } };
    const of = (found: object): string => releaseName("api", image, app(found), secrets);
    assert.notEqual(of({ volumes }), name);
    return of({ volumes }) === of({ volumes: { files: { path: "/files" } } }) ? name : of({ volumes });
  };

  const same: [string, string][] = [
    ["the order of secrets", releaseName("api", image, app(), [...secrets].reverse())],
    ["replicas", releaseName("api", image, app({ replicas: 3 }), secrets)],
    ["routes", releaseName("api", image, app({ routes: [{ path: "/" }] }), secrets)],
    ["the time to drain", releaseName("api", image, app({ drain: "1 min" }), secrets)],
    ["whether backups include a volume", volume({ backup: false })],
    ["what the switch asks", releaseName("api", image, app({ health: { ready: "/ready" } }), secrets)],
    ["the patience of the gate", releaseName("api", image, app({ health: { within: "5 s" } }), secrets)],
  ];
  for (const [what, other] of same) it(`stays when ${what} changes`, () => assert.equal(other, name));

  it("stays when there are more workers", () => assert.equal(worker({ replicas: 3 }), worker({})));

  it("changes with what a process is", () => {
    const all = [
      name,
      worker({}),
      worker({ command: ["other"] }),
      worker({ single: true }),
      worker({ stop: "5 s" }),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  const changed: [string, string][] = [
    ["the image", releaseName("api", image.replace("a".repeat(64), "b".repeat(64)), app(), secrets)],
    ["a secret", releaseName("api", image, app(), [secrets[0]!, { variable: "B", fingerprint: "3" }])],
    ["a setting", releaseName("api", image, app({ environment: { LOG: "debug" } }), secrets)],
    ["the memory limit", releaseName("api", image, app({ resources: { memory: "1 GB" } }), secrets)],
    ["the health path", releaseName("api", image, app({ health: { path: "/live" } }), secrets)],
    ...Object.entries({
      tmpfs: { "/run": "1 MB" },
      shm: "128 MB",
      capabilities: ["CHOWN"],
      ulimits: { nofile: 1024 },
      init: true,
      groups: [44],
      hosts: { legacy: "10.0.0.5" },
    }).map(([key, value]): [string, string] => [
      key,
      releaseName("api", image, app({ [key]: value }), secrets),
    ]),
    [
      "the memory that is reserved",
      releaseName("api", image, app({ resources: { reservation: "1 GB" } }), secrets),
    ],
    ["a volume's owner", volume({ owner: "1:1" })],
    ["a file", releaseName("api", image, app(), secrets, [{ path: "/a", mode: "0444", content: "b" }])],
    ["exclusive", releaseName("api", image, app({ exclusive: true }), secrets)],
    ["what restarts it", releaseName("api", image, app({ health: { live: "/live" } }), secrets)],
    ["expected statuses", releaseName("api", image, app({ health: { status: 204 } }), secrets)],
    ["a start period", releaseName("api", image, app({ health: { startPeriod: "1 min" } }), secrets)],
    ["a command", releaseName("api", image, app({ command: ["serve"] }), secrets)],
    ["the way secrets arrive", releaseName("api", image, app({ secretsAs: "environment" }), secrets)],
  ];
  for (const [what, other] of changed) it(`changes with ${what}`, () => assert.notEqual(other, name));
});
