import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const TOOLS = join(__dirname, "..", "..", "assets", "host");

/** Runs lines of Python beside the host tools; returns what they left in `result`. */
function python(program: string): unknown {
  const head = `import json, sys\nsys.path.insert(0, ${JSON.stringify(TOOLS)})\nfrom fairlead.errors import HostError\n`;
  const { stdout, stderr, status } = spawnSync("/usr/bin/python3", ["-B", "-"], {
    input: `${head}${program}\nprint(json.dumps(result))\n`,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as unknown;
}

/** Programs that answer what they are told to, and `calls`: what was run. */
const FAKES = `
from types import SimpleNamespace
calls, answers = [], {}
def fake(argv, **_):
  calls.append(argv)
  return SimpleNamespace(stdout=answers.get(" ".join(argv), ""), stderr="", returncode=0)
`;

describe("the firewall's tools", () => {
  it("close a rule that has a comment, as a person makes one", () => {
    const result = python(`${FAKES}
from fairlead import firewall
firewall.run = fake
answers["ufw status"] = "Status: active"
answers["ufw show added"] = "Added user rules:\\nufw allow 22/tcp\\nufw allow 8080/tcp comment 'my app'\\n"
firewall.rollback.forget = lambda name: None
firewall.unfirewall({"ssh": [["allow", "22/tcp"]]})
result = calls[-1]`);
    assert.deepEqual(result, ["ufw", "delete", "allow", "8080/tcp", "comment", "my app"]);
  });

  it("find what was put past ufw, word by word", () => {
    const result = python(`${FAKES}
from fairlead import firewall
firewall.run = fake
answers["iptables -S INPUT"] = '-P INPUT DROP\\n-A INPUT -j ufw-before-input\\n-A INPUT -p tcp -m comment --comment "for a friend" -j ACCEPT\\n'
result = firewall.strays()`);
    const words = ["INPUT", "-p", "tcp", "-m", "comment", "--comment", "for a friend", "-j", "ACCEPT"];
    assert.deepEqual(result, [["iptables", words]]);
  });

  it("name a file of ufw's that is gone, and how it comes back", () => {
    const result = python(`
from fairlead import firewall
try:
  result = firewall.shipped("/nowhere/before.rules")
except HostError as error:
  result = str(error)`);
    assert.match(String(result), /^\/nowhere\/before\.rules of ufw's own is missing: `apt-get purge ufw`/);
  });
});

describe("a look at the server", () => {
  it("that is impossible is told beside the others, without a word of a secret", () => {
    const result = python(`
from fairlead import inspect
def broken(spec):
  yield from {}[spec["value"]]
inspect.LOOKS["broken"] = broken
look = lambda secret: inspect.look({"verb": "broken", "input": {"value": "hunter2"}, "secret": secret})
result = [look(False), look(True)]`);
    assert.deepEqual(result, [
      { differences: [], unseen: "KeyError: 'hunter2'" },
      { differences: [], unseen: "see the other differences" },
    ]);
  });
});
