import assert from "node:assert/strict";
import { checkAudit } from "../../config/check/audit.ts";
import { check } from "../../config/check/index.ts";
import { ConfigError } from "../../config/problems.ts";
import { parsed } from "../support/settings.ts";

describe("audit.accept", () => {
  const problems = (accept: Record<string, string>) =>
    checkAudit("test", parsed({ audit: { accept } }).config);

  it("takes the ids of checks, each with a reason", () => {
    assert.deepEqual(problems({ "ssh.agent": "builds need it", "docker.5.12": "one app per server" }), []);
    assert.deepEqual(parsed().config.audit, { accept: {} });
    assert.throws(
      () => parsed({ audit: { accept: { "ssh.agent": " " } } }),
      (error) => error instanceof ConfigError && error.problems[0]!.path === "audit.accept.ssh.agent",
    );
  });

  it("refuses an id that the audit doesn't have, with the nearest one", () => {
    assert.deepEqual(problems({ "ssh.agents": "builds need it" }), [
      {
        path: 'audit.accept["ssh.agents"]',
        message: "the audit has no such check",
        remedy: 'Did you mean "ssh.agent"? Correct or remove it in Pulumi.test.yaml.',
      },
    ]);
    assert.match(problems({ nonsense: "x" })[0]!.remedy, /^docs\/audit\.md lists them all\./);
    assert.match(problems({ docker: "a group is no check" })[0]!.message, /no such check/);
  });

  it("is looked at before a stack changes", () => {
    const { config, secrets } = parsed({ audit: { accept: { "ssh.agents": "x" } } });
    const paths = check("test", config, secrets).map(({ path }) => path);
    assert.ok(paths.includes('audit.accept["ssh.agents"]'), paths.join(", "));
  });
});
