import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import { workersIn, workersOf } from "../../config/processes.ts";
import type { App } from "../../config/schema/app/index.ts";
import { digest, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/shop@${digest("a")}`;
const shop = (more: object): App => parsed({ apps: { shop: { image, ...more } } }).config.apps.shop!;
const names = (more: object): string[] => workersOf(shop(more)).map(({ name }) => name);
const scheduler = { command: ["beat"], single: true };
const worker = { command: ["work"] };

function refused(shop: object, settings: object = {}): [string, string][] {
  const { config } = parsed({ apps: { shop: { image, ...shop } }, ...settings });
  return check("test", config, {}).map(({ path, message }) => [path, message]);
}

describe("processes", () => {
  it("are the web process alone where there is a port and nothing more", () =>
    assert.deepEqual(names({ port: 80 }), []));

  it("are the image's own command where there is nothing at all", () =>
    assert.deepEqual(names({}), ["main"]));

  it("are those with names, and a command of the application beside them", () => {
    assert.deepEqual(names({ processes: { worker } }), ["worker"]);
    assert.deepEqual(names({ processes: { worker }, command: ["run"] }), ["main", "worker"]);
    assert.deepEqual(names({ processes: { worker, scheduler }, port: 80 }), ["scheduler", "worker"]);
  });

  it("have their own limits and time to finish, or the application's", () => {
    const own = { ...worker, resources: { memory: "128 MB" }, stop: "5 s" };
    const all = workersOf(shop({ port: 80, stop: "20 s", processes: { own, worker } }));
    assert.deepEqual(
      all.map(({ stop, resources }) => [stop, resources.memory]),
      [
        [5, 128 * 1024 ** 2],
        [20, 2 * 1024 ** 3],
      ],
    );
  });

  it("run in every release with traffic, what never runs twice in the first one only, and none in a warm one", () => {
    const app = shop({ port: 80, processes: { worker, scheduler } });
    const runs = (weights: number[]): string[][] =>
      weights.map((_, index) => workersIn(app, weights, index).map(({ name }) => name));
    assert.deepEqual(runs([100]), [["scheduler", "worker"]]);
    assert.deepEqual(runs([10, 90, 0]), [["worker"], ["scheduler", "worker"], []]);
    assert.deepEqual(runs([50, 50]), [["scheduler", "worker"], ["worker"]]);
  });

  it("with a name that a part of a release has are refused", () => {
    const processes = { web: worker, main: worker, release: worker };
    const found = refused({ port: 80, processes });
    assert.deepEqual(
      found.map(([path]) => path),
      ["apps.shop.processes.web", "apps.shop.processes.main", "apps.shop.processes.release"],
    );
  });

  it("that never run twice have one container", () =>
    assert.deepEqual(refused({ port: 80, processes: { scheduler: { ...scheduler, replicas: 2 } } }), [
      ["apps.shop.processes.scheduler.replicas", "expected 1 for a process that never runs twice, found 2"],
    ]));

  it("of an exclusive application all wait for their predecessors, and it has one release at a time", () => {
    const app = { port: 80, exclusive: true, processes: { worker } };
    assert.deepEqual(
      workersOf(shop(app)).map(({ succeeds }) => succeeds),
      [true],
    );
    const releases = { shop: ["a", "b"].map((one) => ({ image: `x/y@${digest(one)}`, weight: 50 })) };
    assert.deepEqual(refused(app, { releases }), [
      ["releases.shop", "expected one release of an application that is exclusive, found 2"],
    ]);
  });

  it("without a command are refused", () =>
    assert.deepEqual(refused({ port: 80, processes: { worker: {} } }), [
      ["apps.shop.processes.worker.command", "expected what this process runs, found nothing"],
    ]));

  it("without a port get no routes and no subdomain", () => {
    const found = refused(
      { routes: [{ path: "/" }], health: { path: "/up", probe: "/deep" } },
      { edge: { subdomains: { shop: { app: "shop" } } } },
    );
    assert.deepEqual(found, [
      ["apps.shop.health.path", "shop has no port, so it can't answer"],
      ["apps.shop.health.probe", "shop has no port, so it can't answer"],
      ["apps.shop.routes[0]", "shop has no port, so it can't answer"],
      ["edge.subdomains.shop.app", "shop has no port, so it can't answer"],
    ]);
  });

  it("are prepared by a command with a time limit", () => {
    assert.deepEqual(shop({ port: 80, release: { command: ["migrate"] } }).release, {
      command: ["migrate"],
      timeout: 300,
    });
    assert.throws(() => shop({ port: 80, release: {} }), /release\.command/);
  });

  it("refuse an empty command", () =>
    assert.throws(
      () => shop({ port: 80, processes: { worker: { command: [] } } }),
      /processes\.worker\.command/,
    ));
});
