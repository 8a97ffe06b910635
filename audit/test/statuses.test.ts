import assert from "node:assert/strict";
import { http } from "../src/families/http.ts";
import { isHealthy } from "../src/statuses.ts";
import { ABOUT, healthy } from "./healthy.ts";

describe("an answer for health", () => {
  it("is any 2xx where the application declares nothing", () => {
    for (const status of [200, 204, 299]) assert.ok(isHealthy(status), String(status));
    for (const status of [0, 199, 302, 401, 503]) assert.ok(!isHealthy(status), String(status));
  });

  it("is one of the statuses that it declares", () => {
    for (const status of [200, 399, 401]) assert.ok(isHealthy(status, "200-399,401"), String(status));
    for (const status of [400, 403, 500]) assert.ok(!isHealthy(status, "200-399,401"), String(status));
    assert.ok(!isHealthy(204, "200"));
  });

  it("passes the check of an application that declares it", () => {
    const check = http.checks.find(({ id }) => id === "http.health")!;
    const evidence = healthy().http;
    evidence.health["/health"] = 302;
    assert.equal(check.judge(evidence, ABOUT).result, "fail");
    assert.equal(check.judge(evidence, { ...ABOUT, statuses: { "/health": "200-399" } }).result, "pass");
  });
});
