import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { byRelease, readFigures, type Place } from "../../automation/lib/figures.ts";
import { UserError } from "../../automation/lib/errors.ts";
import { table } from "../../automation/verbs/traffic.ts";
import { OUTPUTS } from "../support/outputs.ts";

const NOTHING = { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0, other: 0 };

/** A container that has answered requests, some of them with 500. */
function place(container: string, requests: number, more: Partial<Place> = {}): Place {
  return {
    app: "api",
    container,
    weight: 100,
    state: "up",
    since: 1000,
    restarts: 0,
    open: 1,
    requests,
    status: { ...NOTHING, "2xx": requests },
    connectErrors: 0,
    responseErrors: 0,
    retries: 0,
    redispatches: 0,
    aborted: 0,
    connectMs: 1,
    responseMs: 10,
    ...more,
  };
}

const releases = {
  api: [
    { release: "api-new", image: "api@2", weight: 10 },
    { release: "api-old", image: "api@1", weight: 90 },
  ],
};

describe("figures of releases", () => {
  it("are the sums of their containers', in the order of the declaration", () => {
    const errors = { ...NOTHING, "2xx": 20, "5xx": 10 };
    const found = byRelease(
      [
        place("api-old-1-f9ee53b", 70, { weight: 90 }),
        place("api-new-1-f9ee53b", 30, {
          weight: 10,
          status: errors,
          connectErrors: 2,
          responseMs: 40,
          since: 2000,
        }),
        place("api-new-2-f9ee53b", 10, { weight: 10, state: "down", since: 2001 }),
      ],
      releases,
    );
    assert.deepEqual(
      found.map(({ release, image, containers, weight, requests }) => [
        release,
        image,
        containers,
        weight,
        requests,
      ]),
      [
        ["api-new", "api@2", 2, 10, 40],
        ["api-old", "api@1", 1, 90, 70],
      ],
    );
    const [fresh] = found;
    assert.deepEqual(fresh!.status, { ...NOTHING, "2xx": 30, "5xx": 10 });
    assert.deepEqual([fresh!.connectErrors, fresh!.state, fresh!.open, fresh!.since], [2, "down", 2, 2001]);
    assert.equal(fresh!.responseMs, (40 * 30 + 10 * 10) / 40);
  });

  it("leave a mean open when one container that answered doesn't know its own", () => {
    const unknown = { responseMs: null };
    const of = (...places: Place[]): number | null => byRelease(places, releases)[0]!.responseMs;
    assert.equal(of(place("api-new-1-f9ee53b", 30), place("api-new-2-f9ee53b", 5, unknown)), null);
    assert.equal(of(place("api-new-1-f9ee53b", 30), place("api-new-2-f9ee53b", 0, unknown)), 10);
    assert.equal(of(place("api-new-1-f9ee53b", 0)), null);
  });

  it("are also those of a release that is on its way out", () => {
    const found = byRelease([place("api-gone-1-f9ee53b", 5, { state: "draining", weight: 0 })], releases);
    assert.deepEqual(
      found.map(({ release, state, image }) => [release, state, image]),
      [["api-gone", "draining", ""]],
    );
  });

  it("are a table for a person", () => {
    const places = [
      place("api-new-1-f9ee53b", 0),
      place("api-old-1-f9ee53b", 1200, { responseMs: 8.4, connectErrors: 1, responseErrors: 2, restarts: 2 }),
    ];
    const text = table(byRelease(places, releases), 1000 + 240);
    const lines = stripVTControlCharacters(text).split("\n");
    assert.deepEqual(lines, [
      "release  weight  state  requests  5xx  errors  restarts  open  mean time    for",
      "api-new     100  up            0    0       0         0     1          –  4 min",
      "api-old     100  up         1200    0       3         2     1       8 ms  4 min",
    ]);
  });

  it("say what to do where a stack is of an earlier version", () =>
    assert.rejects(
      readFigures("prod", OUTPUTS),
      (error) => error instanceof UserError && /npm run up -- --stack prod/.test(error.remedy),
    ));
});
