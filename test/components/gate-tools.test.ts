import assert from "node:assert/strict";
import { python } from "./support/python.ts";

/** A container as Docker tells of it, whose commands are answered by a function `fake` of the test. */
const CONTAINER = `
import datetime
from types import SimpleNamespace
from fairlead import gate
calls = []
def started(seconds):
  moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
  return moment.strftime("%Y-%m-%dT%H:%M:%S.000000000Z")
container = {"State": {"Running": True, "StartedAt": started(3600), "ExitCode": 0}, "RestartCount": 0,
  "HostConfig": {"PidsLimit": 64}, "Config": {"Healthcheck": {"Test": ["CMD", "check"]}}}
def fake(argv, check=True, **_):
  calls.append(" ".join(argv))
  if argv[1] == "inspect":
    flags = [container["State"].get(name, False) for name in ("Running", "Restarting", "Paused")]
    text = " ".join(str(flag).lower() for flag in flags) if "-f" in argv else json.dumps([container])
    return SimpleNamespace(stdout=text, stderr="", returncode=0)
  if argv[1] == "logs": return SimpleNamespace(stdout="no such table: people", stderr="", returncode=0)
  code = codes.get(argv[1], 0)
  if code and check: raise HostError(argv[1])
  return SimpleNamespace(stdout="", stderr="", returncode=code)
codes = {}
gate.run, gate.time.sleep, gate.say = fake, lambda seconds: None, lambda text: None
def outcome(act):
  try: return act() and "healthy"
  except HostError as error: return str(error)
`;

describe("the gate", () => {
  it("doesn't hold a crash of long ago against a container", () => {
    const result = python(`${CONTAINER}
container["RestartCount"] = 7
result = outcome(lambda: gate.wait_healthy("c", 5, 64))`);
    assert.equal(result, "healthy");
  });

  it("gives up on one that keeps stopping, with its own last words", () => {
    const result = python(`${CONTAINER}
container["State"].update(Running=False, Restarting=True, StartedAt=started(1), ExitCode=1)
container["RestartCount"] = 3
result = outcome(lambda: gate.wait_healthy("c", 5, 64))`);
    assert.match(String(result), /c keeps stopping \(restarted 3 times\)[^]*no such table: people/);
  });

  it("tells the container's last words, not the engine's, when it has stopped before its limit was set", () => {
    const result = python(`${CONTAINER}
codes["update"] = 1
def update(argv, **rest):
  if argv[1] == "update": container["State"].update(Running=False, Restarting=True, StartedAt=started(1)); container["RestartCount"] = 3
  return fake(argv, **rest)
gate.run = update
result = outcome(lambda: gate.wait_healthy("c", 5, 512))`);
    assert.match(String(result), /no such table: people/);
    assert.doesNotMatch(String(result), /^update/);
  });

  it("insists on the limit of one that runs", () => {
    const result = python(`${CONTAINER}
codes["update"] = 1
result = outcome(lambda: gate.wait_healthy("c", 5, 512))`);
    assert.equal(result, "update");
  });

  for (const [state, verb] of [
    ["Running=True", undefined],
    ["Running=True, Paused=True", "unpause"],
    ["Running=True, Restarting=True", "restart"],
    ["Running=False", "start"],
  ] as const)
    it(`${verb ?? "leaves alone"} what is ${state}`, () => {
      const result = python(`${CONTAINER}
container["State"].update(${state})
gate.revive("c")
result = [call for call in calls if call.split()[1] not in ("inspect",)]`);
      assert.deepEqual(result, verb ? [`docker ${verb} c`] : []);
    });

  it("counts only what a program can be run in as running", () => {
    const result = python(`${CONTAINER}
result = []
for state in ({}, {"Restarting": True}, {"Restarting": False, "Paused": True}, {"Running": False}):
  container["State"].update(state)
  result.append(gate.is_running("c"))`);
    assert.deepEqual(result, [true, false, false, false]);
  });
});
