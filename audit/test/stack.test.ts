import assert from "node:assert/strict";
import type { About } from "../src/about.ts";
import { FAMILIES } from "../src/registry.ts";
import { ABOUT, healthy, type Evidence } from "./healthy.ts";

const URL_ONLY: About = { ...ABOUT, stack: undefined };

/** The verdict on a healthy server after a change. */
function judge(id: string, change: (server: Evidence) => unknown, about: About = ABOUT): string {
  const evidence = healthy();
  change(evidence);
  const topic = (id.startsWith("containers.") ? "docker" : id.split(".")[0]) as keyof Evidence;
  const check = FAMILIES.flatMap(({ checks }) => checks).find((one) => one.id === id)!;
  const { result, found } = check.judge(evidence[topic], about);
  return `${result}: ${found}`;
}

describe("audit: what a stack declares", () => {
  it("names a container that is missing, and counts a stopped one", () => {
    const missing = (change: (server: Evidence) => unknown): string => judge("containers.missing", change);
    assert.equal(
      missing(({ docker }) => docker.containers.shift()),
      "fail: maicivy_nginx: 0 of 1",
    );
    assert.equal(
      missing(({ docker }) => {
        docker.containers.shift();
        docker.stopped.push({ name: "maicivy_nginx", status: "Exited (0) 2 minutes ago" });
      }),
      "pass: 2 containers",
    );
    const two = { ...ABOUT.stack!, containers: { "api-0123456789": 2 } };
    assert.equal(
      judge("containers.missing", () => undefined, { ...ABOUT, stack: two }),
      "fail: api-0123456789: 1 of 2",
    );
    assert.match(
      judge("containers.missing", () => undefined, URL_ONLY),
      /^skip/,
    );
  });

  it("doesn't take another timer, or one that is off, for the declared renewal", () => {
    const renewal = (change: (units: Evidence["units"]) => unknown, about?: About): string =>
      judge("units.renewal", ({ units }) => change(units), about);
    assert.match(
      renewal((units) => (units.units["certbot.timer"]!.enabled = "disabled")),
      /^fail/,
    );
    assert.match(
      renewal((units) => delete units.units["certbot.timer"]),
      /^fail/,
    );
    const own = {
      ...ABOUT,
      ownCertificate: true,
      stack: { ...ABOUT.stack!, renewal: "fairlead-renew.timer" },
    };
    assert.match(
      renewal(() => undefined, own),
      /^fail: fairlead-renew.timer is not installed/,
    );
    assert.match(
      renewal((units) => (units.timers = []), URL_ONLY),
      /^fail/,
    );
    assert.match(
      renewal((units) => Object.assign(units, { timers: [], cron: ["0 3 * * * certbot renew"] }), URL_ONLY),
      /^pass/,
    );
  });

  it("wants framing refused to the site itself, but not below its domain", () => {
    const all = (value: string, policy: string) => (server: Evidence) => {
      for (const { headers } of Object.values(server.headers.answers))
        Object.assign(headers, { "x-frame-options": value, "content-security-policy": policy });
    };
    const own = all("SAMEORIGIN", "default-src 'self'; frame-ancestors 'self'");
    assert.match(judge("headers.frame", own), /^fail: \/ \(200\): SAMEORIGIN/);
    assert.match(judge("headers.frame", own, URL_ONLY), /^pass/);
    assert.match(judge("headers.frame", all("SAMEORIGIN", "frame-ancestors 'none'")), /^pass/);
    assert.match(judge("headers.frame", all("DENY", "")), /^pass/);
    const below = ({ headers }: Evidence) =>
      delete headers.below["analytics.maicivy.test"]!.headers["x-frame-options"];
    assert.match(judge("headers.frame", below), /^fail: analytics/);
    const sniffed = ({ headers }: Evidence) =>
      delete headers.below["analytics.maicivy.test"]!.headers["x-content-type-options"];
    assert.match(judge("headers.nosniff", sniffed), /^fail: analytics/);
  });

  it("wants each name redirected on port 80, and the headers", () => {
    const text = (from: string, to: string): string =>
      judge("configuration.routes", ({ configuration }) => {
        configuration.nginxText = configuration.nginxText.replace(from, to);
      });
    assert.equal(
      text("maicivy.test www.maicivy.test", "maicivy.test"),
      "fail: no redirect for www.maicivy.test",
    );
    assert.match(text("return 301", "return 302"), /no redirect for maicivy\.test/);
    assert.equal(text("X-Frame-Options", "X-Frame"), "fail: no header X-Frame-Options");
    assert.equal(text("upstream api", "upstream app"), "fail: no upstream for api");
  });

  it("takes logs that may fill a disk for not rotated", () => {
    const size = (Config: Record<string, string> | null): string =>
      judge(
        "containers.log-rotation",
        ({ docker }) => (docker.containers[0]!.HostConfig.LogConfig.Config = Config),
      );
    assert.match(size({ "max-size": "1g" }), /^pass/);
    assert.equal(size({ "max-size": "1g", "max-file": "3" }), "fail: maicivy_nginx: keeps 3 files of 1g");
    assert.match(size({ "max-size": "-1" }), /^fail/);
    assert.equal(size(null), "fail: maicivy_nginx: not rotated");
  });
});
