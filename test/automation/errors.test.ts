import assert from "node:assert/strict";
import { hostname } from "node:os";
import { ConcurrentUpdateError, StackNotFoundError } from "@pulumi/pulumi/automation";
import { explain, UserError } from "../../automation/lib/errors.ts";

const cases: [string, string, RegExp, RegExp][] = [
  ["a wrong passphrase", "error: getting secrets manager: incorrect passphrase", /passphrase/, /PASSPHRASE/],
  [
    "a lock, with its owner",
    "error: the stack is currently locked by 1 lock(s). alice@vps (pid 7)",
    /alice@vps \(pid 7\)/,
    /pulumi cancel/,
  ],
  [
    "a lock, with the process that holds it and the command that removes it",
    `error: the stack is currently locked by 1 lock(s). Either wait or \`pulumi cancel\`.\n  file:///p/.pulumi/locks/organization/fairlead/prod/1f.json: created by alice@${hostname()} (pid ${process.pid}) at 2026-01-01T10:00:00Z`,
    /^Another update is running: locked by alice@.* \(pid \d+\), since 2026-01-01T10:00:00Z\.$/,
    /^Wait for it; .*npx pulumi cancel --stack prod$/,
  ],
  [
    "a lock that was left behind",
    `error: the stack is currently locked by 1 lock(s).\n  file:///p/locks/organization/fairlead/prod/1f.json: created by alice@${hostname()} (pid ${2 ** 22 + 1}) at 2026-01-01T10:00:00Z`,
    /has died left its lock behind: alice@/,
    /^npx pulumi cancel --stack prod$/,
  ],
  [
    "a lock of another machine",
    "error: the stack is currently locked by 1 lock(s).\n  file:///p/locks/organization/fairlead/prod/1f.json: created by alice@elsewhere.test (pid 7) at 2026-01-01T10:00:00Z",
    /is running: locked by alice@elsewhere\.test \(pid 7\)/,
    /^Wait for it/,
  ],
  [
    "a stack file that is no YAML",
    "code: -2\n stdout: \n stderr: Command failed with exit code 2: pulumi stack select\nerror: /p/Pulumi.prod.yaml: Nested mappings are not allowed in compact mappings at line 3, column 5:\n\n  a: b: c\n",
    /^Pulumi\.prod\.yaml is no YAML: Nested mappings are not allowed in compact mappings at line 3, column 5\.$/,
    /Correct that line/,
  ],
  [
    "a stack that was never deployed",
    "Command failed with exit code 6: pulumi stack export --stack prod\n\nerror: no stack named 'prod' found",
    /^prod was never deployed\.$/,
    /npm run up -- --stack prod/,
  ],
  [
    "a taken port of a box",
    "driver failed: Bind for 127.0.0.1:8080 failed: port is already allocated",
    /^A port of the box is taken on this machine: 8080\.$/,
    /publish=8080 .*server\.box\.ports/,
  ],
  [
    "a taken port of a box, as the kernel says it",
    "failed to bind port: listen tcp4 127.0.0.1:8443: bind: address already in use",
    /on this machine: 8443\.$/,
    /server\.box\.ports/,
  ],
  [
    "a taken port without its number",
    "port is already allocated",
    /^A port of the box is taken on this machine\.$/,
    /Free it/,
  ],
  [
    "a taken port of a server",
    "listen tcp :80: bind: address already in use",
    /^Port 80 is taken on the server: something there listens on :80\.$/,
    /ss -ltnup/,
  ],
  [
    "a taken port of a server, as the engine says it",
    "Bind for 0.0.0.0:443 failed: port is already allocated",
    /^Port 443 is taken on the server/,
    /ss -ltnup/,
  ],
  [
    "a refused key",
    "203.0.113.7:22: All configured authentication methods failed",
    /refuses the key/,
    /server\.user: root/,
  ],
  [
    "a firewall that shut this machine out",
    "fairlead confirm: the new firewall settings were taken back at 2026-01-01 10:00:00 UTC: no new connection came",
    /took them back at 2026-01-01 10:00:00 UTC/,
    /server\.firewall/,
  ],
];

/** The Automation API makes these itself and types their constructors as private. */
function thrown(type: typeof ConcurrentUpdateError | typeof StackNotFoundError): Error {
  return Reflect.construct(type, [""]) as Error;
}

describe("what went wrong, for a person", () => {
  for (const [name, text, message, remedy] of cases) {
    it(`knows ${name}`, () => {
      const found = explain(new Error(text));
      assert.match(found.message, message);
      assert.match(found.remedy, remedy);
    });
  }

  it("passes on what already has a remedy", () => {
    const error = new UserError("a", "b");
    assert.equal(explain(error), error);
  });

  it("knows the Automation API's own errors by their type", () => {
    assert.match(explain(thrown(ConcurrentUpdateError)).remedy, /pulumi cancel/);
    assert.match(explain(thrown(StackNotFoundError)).message, /no such stack/);
  });

  it("keeps only the diagnostics of a whole update, and the error as cause", () => {
    const text =
      "Updating (prod)\n + Container web creating\nDiagnostics:\n  Container (web):\n    error: no such image\n\nResources:\n    + 1 created";
    const error = new Error(text);
    const found = explain(error);
    assert.equal(found.message, "Container (web):\n    error: no such image");
    assert.equal(found.cause, error);
    assert.notEqual(found.remedy, "");
  });

  it("says once what the Automation API says twice, without the command line", () => {
    const words = "Command failed with exit code 2: pulumi stack select\nerror: first line\n  second line\n";
    const text = `code: -2\n stdout: \n stderr: ${words} err?: Error: ${words}`;
    assert.equal(explain(new Error(text)).message, "first line\n  second line");
    assert.equal(explain(new Error(words)).message, "first line\n  second line");
  });

  it("keeps a text without diagnostics as it is, also when no Error was thrown", () => {
    assert.equal(explain("plain words").message, "plain words");
  });
});
