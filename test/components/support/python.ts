import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const TOOLS = join(__dirname, "..", "..", "..", "assets", "host");

/** Runs lines of Python beside the host tools; returns what they left in `result`. */
export function python(program: string): unknown {
  const head = `import json, sys\nsys.path.insert(0, ${JSON.stringify(TOOLS)})\nfrom fairlead.errors import HostError\n`;
  const { stdout, stderr, status } = spawnSync("/usr/bin/python3", ["-B", "-"], {
    input: `${head}${program}\nprint(json.dumps(result))\n`,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as unknown;
}

/** Programs that answer what they are told to, and `calls`: what was run. */
export const FAKES = `
from types import SimpleNamespace
calls, answers = [], {}
def fake(argv, **_):
  calls.append(argv)
  return SimpleNamespace(stdout=answers.get(" ".join(argv), ""), stderr="", returncode=0)
`;
