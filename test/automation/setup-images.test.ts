import assert from "node:assert/strict";
import { references } from "../../automation/setup/images.ts";
import { digest, MINIMAL, parsed } from "../support/settings.ts";

const OURS = "registry.fairlead.internal:5000";
const of = (settings: Record<string, unknown> = {}): string[] => references(parsed(settings).config);
const SERVER = { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" };
const OFF = { enabled: false };

describe("the image references of a stack that need a digest", () => {
  it("are the infrastructure, the applications and the box, sorted", () => {
    assert.deepEqual(of(), [
      "ghcr.io/me/api:1.0.0",
      "haproxy:3.0.26-alpine",
      "nginx:1.30.4-alpine",
      "postgres:15.19-alpine",
      "redis:7.4.11-alpine",
      `${OURS}/box:bookworm`,
    ]);
  });

  it("come from the chosen set, in the chosen version", () => {
    const found = of({ images: "debian", versions: { nginx: "1.27" } });
    assert.ok(found.includes(`${OURS}/postgres:15`));
    assert.ok(found.includes(`${OURS}/nginx:1.27`));
    assert.ok(!found.some((reference) => reference.includes("alpine")));
  });

  it("leave out what the stack doesn't run", () => {
    assert.deepEqual(of({ server: SERVER, database: OFF, cache: OFF }), [
      "ghcr.io/me/api:1.0.0",
      "haproxy:3.0.26-alpine",
      "nginx:1.30.4-alpine",
    ]);
  });

  it("leave out what already carries its digest, and name the same image once", () => {
    const apps = {
      api: MINIMAL.apps.api,
      copy: MINIMAL.apps.api,
      pinned: { image: `ghcr.io/me/web@${digest("a")}`, port: 3000 },
    };
    const found = of({ apps, server: SERVER });
    assert.equal(found.filter((reference) => reference.startsWith("ghcr.io/")).length, 1);
  });
});
