import assert from "node:assert/strict";
import { handoverInput } from "../../components/app/handover.ts";
import { checkLabels, gateRequest, isCheckedOutside } from "../../components/app/outside.ts";
import type { Release } from "../../components/app/release.ts";
import { check } from "../../config/check/index.ts";
import type { App } from "../../config/schema/app/index.ts";
import { digest, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/api@${digest("a")}`;
const app = (health: object, more: object = { port: 80 }): App =>
  parsed({ apps: { api: { image, health, ...more } } }).config.apps.api!;

describe("checks from outside of a container", () => {
  it("are none of an application with a path alone, but at the gate of an image without curl and wget", () => {
    const settings = app({ path: "/up", ready: "/ready", startPeriod: "1 min" });
    assert.equal(isCheckedOutside(settings), false);
    assert.deepEqual(checkLabels(settings), []);
    assert.deepEqual(gateRequest(settings), { port: 80, path: "/up", status: undefined, host: undefined });
  });

  it("take the place of its own where statuses, a host or a live check are declared", () => {
    for (const health of [{ status: 204 }, { host: "shop.test" }, { live: "/live" }])
      assert.equal(isCheckedOutside(app(health)), true);
  });

  it("are what an application with TCP ports alone has, and none with UDP ports alone", () => {
    const marked = (more: object): unknown => checkLabels(app({}, more)).map(({ label }) => label);
    assert.deepEqual(marked({ ports: [25] }), ["check"]);
    assert.deepEqual(marked({ ports: ["53/udp"], exclusive: true }), []);
    assert.deepEqual(
      checkLabels(app({ command: ["true"] }, { ports: [25] })),
      [],
      "a check of its own says so itself",
    );
  });

  it("leave the check to a command where there is one, and still ask whether it lives", () => {
    const settings = app({ command: ["true"], live: "/live" });
    assert.equal(isCheckedOutside(settings), false);
    assert.equal(gateRequest(settings), undefined);
    assert.deepEqual(
      checkLabels(settings).map(({ label }) => label),
      ["live"],
    );
  });

  it("are said in a label, with everything that the server must know", () => {
    const settings = app({ live: "/live", status: "200-299, 401", host: "shop.test", interval: "5 s" });
    const [mark, live] = checkLabels(settings);
    assert.deepEqual(mark, { label: "check", value: "outside" });
    assert.equal(
      live!.value,
      '{"host":"shop.test","interval":5,"path":"/live","port":80,"retries":3,"status":"200-299,401","timeout":10}',
    );
  });

  it("are refused where nothing answers", () => {
    const { config } = parsed({
      apps: { api: { image, health: { live: "/", ready: "/", status: 200, host: "a" } } },
    });
    assert.deepEqual(
      check("test", config, {}).map(({ path }) => path),
      ["ready", "live", "status", "host"].map((key) => `apps.api.health.${key}`),
    );
  });

  it("is asked for an exclusive application too, where its release takes over", () => {
    const release = { identity: "shop-1", containers: undefined } as unknown as Release;
    const asked = (health: object): unknown => {
      const settings = app(health, { port: 80, exclusive: true });
      const made: unknown = handoverInput("try", settings, [{ release, workers: [] }]);
      return (made as { processes: { http?: unknown }[] }).processes.map(({ http }) => http);
    };
    const path = { port: 80, path: "/health", status: undefined, host: undefined };
    assert.deepEqual([asked({}), asked({ command: ["check"] })], [[path], [undefined]]);
  });
});
