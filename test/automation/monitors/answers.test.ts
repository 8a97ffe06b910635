import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { askAll } from "../../../automation/monitors/ask.ts";
import { notExempt } from "../../../automation/monitors/exempt.ts";
import { keywordOf } from "../../../automation/monitors/keyword.ts";
import { bodiesFor } from "../../../automation/monitors/services.ts";
import { told } from "../../../automation/verbs/monitors.ts";
import { parsed } from "../../support/settings.ts";

describe("the keyword of an answer", () => {
  for (const [body, keyword] of [
    ['{"status":"ok","time":1}', '"status":"ok"'],
    ['{ "service": "api", "status": "up" }', '"status": "up"'],
    ["ok\n", "ok"],
    // A part of it is well in a sick answer too.
    ['{"status":"ok","checks":{"cache":{"status":"ok"}}}', '{"status":"ok"'],
    ['{"checks":{"cache":{"status":"ok"}},"status":"ok"}', undefined],
    ['{"up":true}', undefined],
    ["<html>Welcome back, it is 12:03</html>", undefined],
    ["", undefined],
  ] as const)
    it(`${keyword ?? "is not to be found"} in ${JSON.stringify(body)}`, () =>
      assert.equal(keywordOf(body), keyword));
});

describe("asking as a monitor does", () => {
  let server: Server;
  let address: string;

  before(async () => {
    server = createServer((req, res) => {
      if (req.url === "/health") return void res.end('{"status":"ok"}');
      res.statusCode = req.url === "/closed" ? 401 : 503;
      res.end('{"status":"degraded"}');
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it("says what is there, and takes a keyword only from what is well", async () => {
    const found = await askAll(
      [
        { name: "api", url: `${address}/health` },
        { name: "pages", url: `${address}/closed`, status: 401 },
        { name: "sick", url: `${address}/sick` },
        { name: "gone", url: "http://127.0.0.1:9/" },
      ],
      true,
    );
    assert.deepEqual(
      found.map(({ name, keyword, well }) => [name, keyword, well]),
      [
        ["api", '"status":"ok"', true],
        ["pages", undefined, true],
        ["sick", undefined, false],
        ["gone", undefined, false],
      ],
    );
    const { config } = parsed({ monitoring: { enabled: true } });
    const text = told(found, ["203.0.113.0/24"], config);
    assert.match(text, /api +http\S+\/health +the text "status":"ok" +200\n/);
    assert.match(text, /sick +\S+ +2xx +503 ✖/);
    assert.match(text, /gone .*ECONNREFUSED.* ✖/);
    assert.match(text, /edge\.limits\.exempt lacks these:\n {8}- "203\.0\.113\.0\/24"/);
    assert.match(text, /notifications\.watchdog/);
  });
});

describe("addresses that a service asks from", () => {
  it("are exempt by themselves or in a larger network", () => {
    const list =
      "203.0.113.9\n203.0.113.0/25 # here\n\n198.51.100.7\n2001:db8:1::/48\n2001:db9::1\n203.0.113.9\n";
    assert.deepEqual(notExempt(list, ["203.0.113.0/24", "2001:db8::/32"]), ["198.51.100.7", "2001:db9::1"]);
    assert.deepEqual(notExempt("203.0.113.0/24", ["203.0.113.0/25"]), ["203.0.113.0/24"]);
    assert.deepEqual(notExempt("203.0.113.9", []), ["203.0.113.9"]);
  });

  it("are refused when they are something else", () =>
    assert.throws(
      () => notExempt("<html>", []),
      /--addresses: "<html>" is neither an address nor a network/,
    ));
});

describe("what a service's API takes", () => {
  const monitors = [
    { name: "api", url: "https://maicivy.test/health", keyword: '"status":"ok"' },
    { name: "analytics", url: "https://analytics.maicivy.test/", status: 401 },
    { name: "site", url: "https://maicivy.test/" },
  ];

  it("is in Better Stack's words", () =>
    assert.deepEqual(bodiesFor("betterstack", monitors, false), [
      {
        monitor_type: "keyword",
        url: "https://maicivy.test/health",
        pronounceable_name: "api",
        required_keyword: '"status":"ok"',
        verify_ssl: false,
      },
      {
        monitor_type: "expected_status_code",
        url: "https://analytics.maicivy.test/",
        pronounceable_name: "analytics",
        expected_status_codes: [401],
        verify_ssl: false,
      },
      { monitor_type: "status", url: "https://maicivy.test/", pronounceable_name: "site", verify_ssl: false },
    ]));

  it("is in UptimeRobot's words", () => {
    const [api, analytics, site] = bodiesFor("uptimerobot", monitors, true) as Record<string, unknown>[];
    assert.deepEqual(
      [api!.type, api!.keywordType, api!.keywordValue],
      ["KEYWORD", "ALERT_NOT_EXISTS", '"status":"ok"'],
    );
    assert.deepEqual([analytics!.type, analytics!.successHttpResponseCodes], ["HTTP", ["401"]]);
    assert.deepEqual(site, {
      friendlyName: "site",
      url: "https://maicivy.test/",
      type: "HTTP",
      interval: 300,
      timeout: 30,
    });
  });
});
