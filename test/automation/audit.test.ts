import assert from "node:assert/strict";
import { auditCommand } from "../../automation/verbs/audit.ts";
import { UserError } from "../../automation/lib/errors.ts";

const OPTIONS = { stack: "nobody", json: true, skipIntrusive: true, failOn: "medium" };
const refused = (more: object, message: RegExp): Promise<void> =>
  assert.rejects(
    auditCommand({ ...OPTIONS, ...more }),
    (error) => error instanceof UserError && message.test(error.message) && error.remedy !== "",
  );

describe("npm run audit, before it looks at anything", () => {
  it("refuses a check that there isn't, and a severity that there isn't", async () => {
    await refused({ only: ["tls", "tsl"] }, /there is no check tsl\.$/);
    await assert.rejects(auditCommand({ ...OPTIONS, only: ["tls.grades"] }), {
      remedy: /^Did you mean "tls\.grade"\?/,
    });
    await refused({ failOn: "grave" }, /found "grave"/);
  });

  it("doesn't ignore where a server is when it wasn't asked for one", async () => {
    await refused({ address: "203.0.113.7" }, /no place for --address:/);
    await refused({ address: "203.0.113.7", ssh: "ssh root@x" }, /no place for --address and --ssh:/);
  });

  it("refuses a command that says nothing of who logs in", () =>
    refused({ url: "https://example.com/", ssh: "ssh" }, /^--ssh expects a command .* found "ssh"/));

  it("refuses a page that can't be written, instead of losing what it found", () =>
    refused({ html: "/nowhere/at/all/report.html" }, /^--html: ENOENT/));
});
