import assert from "node:assert/strict";
import type { ContainerInfo } from "../../automation/drift/container-info.ts";
import type { Declaration } from "../../automation/drift/declaration.ts";
import { marksOf } from "../../automation/drift/repair.ts";
import type { Resource } from "../../automation/drift/state.ts";

const PREFIX = "urn:pulumi:prod::fairlead::";
const STACK = `${PREFIX}pulumi:pulumi:Stack::fairlead-prod`;
const component = (type: string, name: string): string => `${PREFIX}fairlead:index:${type}::${name}`;
const child = (parent: string, type: string, name: string): string =>
  `${PREFIX}fairlead:index:${parent}$${type}::${name}`;
const COMMAND = "command:remote:Command";
const CONTAINER = "docker:index/container:Container";

const database = component("Database", "database");
const app = component("App", "api");
const release = `${PREFIX}fairlead:index:App$fairlead:index:Release::api-1`;
const files = child("Database", COMMAND, "database-files");
const store = child("Database", CONTAINER, "database");
const gate = child("Database", COMMAND, "database-gate");
const container = child("App$fairlead:index:Release", CONTAINER, "api-1-1");
const releaseGate = child("App$fairlead:index:Release", COMMAND, "api-1-gate");
const traffic = child("App", COMMAND, "api-traffic");
const box = child("Box", CONTAINER, "box-prod");

const resource = (urn: string, type: string, parent: string, dependencies: string[] = []): Resource => ({
  urn,
  type,
  parent,
  dependencies,
  inputs: {},
  outputs: { memory: 512 },
});
const state = (): Resource[] => [
  resource(STACK, "pulumi:pulumi:Stack", ""),
  resource(database, "fairlead:index:Database", STACK),
  resource(app, "fairlead:index:App", STACK),
  resource(release, "fairlead:index:Release", app),
  resource(box, CONTAINER, component("Box", "box-prod")),
  resource(files, COMMAND, database),
  resource(store, CONTAINER, database, [files]),
  resource(gate, COMMAND, database, [store]),
  resource(container, CONTAINER, release, [gate]),
  resource(releaseGate, COMMAND, release, [container]),
  resource(traffic, COMMAND, app, [releaseGate]),
];

const info = {
  Id: "1",
  State: { Running: true },
  HostConfig: { Memory: 1024 * 1024 ** 2, MemorySwap: -1, RestartPolicy: { Name: "no" } },
} as ContainerInfo;

/** The state after the marks for one drifted resource, by name. */
function marked(urn: string, aspect: string, found = info): Record<string, Partial<Resource>> {
  const all = state();
  const difference = { thing: "", aspect, declared: "a", found: "b" };
  const marks = marksOf(
    {
      resources: [{ urn, name: "it", differences: [difference] }],
      unseen: [],
      found: new Map([[urn, found]]),
      declaration: { box: { urn: box } } as Declaration,
    },
    all,
  );
  const before = state();
  for (const one of all) marks.get(one.urn)?.(one);
  return Object.fromEntries(
    all.flatMap((one, index) => {
      const changed = JSON.stringify(one) !== JSON.stringify(before[index]);
      const { taint, initErrors, outputs } = one;
      return changed ? [[one.urn.split("::").at(-1)!, { taint, initErrors, outputs }]] : [];
    }),
  );
}

describe("the repair of drift", () => {
  it("runs a host command again, with what builds on it in its component and nowhere else", () => {
    const marks = marked(files, "content");
    assert.deepEqual(Object.keys(marks), ["database-files", "database-gate"]);
    assert.match(marks["database-files"]!.initErrors![0]!, /^drift: content: differs$/);
    assert.equal(marks["database-files"]!.taint, undefined);
  });

  it("tells the state what a refresh would read where the provider changes it in place", () => {
    const marks = marked(store, "memory");
    assert.deepEqual(marks.database, { taint: undefined, initErrors: undefined, outputs: { memory: 1024 } });
    assert.deepEqual(Object.keys(marks), ["database", "database-gate"]);
    assert.deepEqual(marked(store, "restart").database!.outputs, { memory: 512, restart: "no" });
  });

  it("replaces a container for anything else, has the release pass its gate, and moves the traffic", () => {
    const marks = marked(container, "CPUs");
    assert.equal(marks["api-1-1"]!.taint, true);
    assert.deepEqual(Object.keys(marks), ["api-1-1", "api-1-gate", "api-traffic"]);
  });

  it("replaces an unhealthy release, but lets a store recover behind its gate", () => {
    assert.equal(marked(container, "health")["api-1-1"]!.taint, true);
    assert.deepEqual(Object.keys(marked(store, "health")), ["database-gate"]);
  });

  it("never replaces a box: it holds the data of everything on it", () => {
    assert.deepEqual(Object.keys(marked(box, "mounts")), []);
    const stopped = { ...info, State: { Running: false } } as ContainerInfo;
    assert.equal(marked(box, "state", stopped)["box-prod"]!.outputs!.mustRun, false);
  });
});
