import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAKES, python } from "./support/python.ts";

describe("the edge's files", () => {
  it("are the old ones again when Nginx could neither be reloaded nor restarted, so that the next update tries again", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-edge-"));
    const result = python(`${FAKES}
from fairlead import edge
broken = []
def docker(argv, **_):
  if (argv[-1] == "reload" or argv[1] == "restart") and broken:
    raise HostError(broken.pop(0))
  return fake(argv)
edge.run, edge.is_running = docker, lambda container: True
edge.nginx.run, edge.nginx.end_oldest = docker, lambda *_: None
def update(text):
  spec = {"directory": ${JSON.stringify(folder)}, "container": "c", "oldProcesses": 8, "image": "i", "mounts": {}, "writable": [], "tmpfs": [], "files": {"nginx.conf": text}}
  try:
    return edge.edge(spec)["changed"]
  except HostError as error:
    return str(error)
result = [update("one")]
broken.extend(["no such process", "cannot restart"])
result += [update("two"), broken, edge.content(${JSON.stringify(join(folder, "live"))}), update("two"), update("two")]`);
    rmSync(folder, { recursive: true });
    const words =
      "Nginx was not reloaded, the old configuration stays; run the same update again: cannot restart";
    assert.deepEqual(result, [true, words, [], { "nginx.conf": "one" }, true, false]);
  });
});

describe("the edge's folders", () => {
  const spec = (folder: string): string =>
    `{"directory": ${JSON.stringify(folder)}, "container": "c", "oldProcesses": 8, "image": "i", "mounts": {}, "writable": [], "tmpfs": [], "files": {"nginx.conf": "one", "errors/404.html": "two"}}`;

  it("are open to its workers, however strict the umask of whoever logs in", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-edge-"));
    const result = python(`${FAKES}
import contextlib, io, os
from fairlead import __main__, edge
edge.run, edge.is_running = fake, lambda container: True
edge.nginx.run, edge.nginx.end_oldest = fake, lambda *_: None
os.umask(0o077)
sys.argv, sys.stdin = ["fairlead", "edge"], io.StringIO(json.dumps(${spec(folder)}))
with contextlib.redirect_stdout(io.StringIO()):
  assert __main__.main() == 0
live = ${JSON.stringify(join(folder, "live"))}
result = [oct(os.stat(os.path.join(live, name)).st_mode & 0o777) for name in ("", "errors", "errors/404.html", "nginx.conf")]`);
    rmSync(folder, { recursive: true });
    assert.deepEqual(result, ["0o755", "0o755", "0o644", "0o644"]);
  });

  it("are opened again when somebody closed them", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-edge-"));
    const result = python(`${FAKES}
import os
from fairlead import edge, look_files
edge.run, edge.is_running = fake, lambda container: True
edge.nginx.run, edge.nginx.end_oldest = fake, lambda *_: None
spec = ${spec(folder)}
os.umask(0o022)
told = lambda: [(one["aspect"], one["declared"], one["found"]) for one in look_files.edge(spec)]
result = [edge.edge(spec)["changed"], told()]
os.chmod(os.path.join(spec["directory"], "live/errors"), 0o700)
result += [told(), edge.edge(spec)["changed"], told(), edge.edge(spec)["changed"]]`);
    rmSync(folder, { recursive: true });
    assert.deepEqual(result, [true, [], [["mode", "0755", "0700"]], true, [], false]);
  });
});

describe("the test of the edge's files", () => {
  it("runs in a container such as they will run in, not in the one that runs", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-edge-"));
    const calls = python(`${FAKES}
from fairlead import edge
edge.run, edge.is_running = fake, lambda container: True
edge.nginx.run, edge.nginx.end_oldest = fake, lambda *_: None
spec = {"directory": ${JSON.stringify(folder)}, "container": "c", "oldProcesses": 8, "image": "nginx@sha256:2", "mounts": {"/opt/x/edge": "/etc/fairlead", "/opt/x/spool/edge": "/var/spool/nginx"}, "writable": ["/opt/x/spool/edge"]}
edge.edge({**spec, "tmpfs": ["/run", "/tmp"], "files": {"nginx.conf": "one"}})
result = calls`) as string[][];
    rmSync(folder, { recursive: true });
    const [test, reload] = calls.map((call) => call.join(" ")).filter((call) => / (run|exec) /.test(call));
    assert.match(test!, /^docker run --rm --read-only --tmpfs \/run --tmpfs \/tmp /);
    assert.match(
      test!,
      / -v \/opt\/x\/edge:\/etc\/fairlead:ro -v \/opt\/x\/spool\/edge:\/var\/spool\/nginx:rw nginx@sha256:2 -t /,
    );
    assert.match(reload!, /^docker exec c nginx .*reload$/);
  });
});

describe("the edge, whatever state it is in", () => {
  /** Runs an update of the edge whose container Docker shows so; `wrong` is what its folder is like before. */
  const update = (container: object, wrong = "", refused: string[] = []): unknown => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-edge-"));
    const result = python(`${FAKES}
import os
from fairlead import edge, gate, mounts as edge_mounts
folder = ${JSON.stringify(folder)}
spec = {"directory": folder, "container": "c", "oldProcesses": 8, "image": "i", "writable": [], "tmpfs": [], "files": {"nginx.conf": "one"}, "mounts": {folder: "/etc/fairlead"}}
shown = json.loads(${JSON.stringify(JSON.stringify(container))})
shown["Mounts"] = [{"Source": folder, "Destination": "/etc/fairlead"}] if shown.pop("has", True) else []
state = shown["State"]
answers["docker inspect --type container c"] = json.dumps([shown])
answers["docker image inspect -f {{.Id}} i"] = "sha256:1"
refused = ${JSON.stringify(refused)}
def docker(argv, **options):
  if argv[1] == "unpause": state["Paused"] = False
  text = " ".join(argv)
  if any(one in text for one in refused):
    calls.append(argv)
    raise HostError("refused")
  if "{{.State.Running}}" in text:
    words = [str(state.get(name, False)).lower() for name in ("Running", "Restarting", "Paused")]
    return SimpleNamespace(stdout=" ".join(words), stderr="", returncode=0)
  return fake(argv, **options)
edge.run = gate.run = edge_mounts.run = edge.nginx.run = docker
edge.nginx.end_oldest = lambda *_: None
same = edge_mounts.identity(folder)
edge_mounts.identity = lambda path: ("gone",) if path.startswith("/proc/") and shown.get("gone") else same
${wrong}
told = edge.edge(spec)
result = [told, edge.content(os.path.join(folder, "live")), [" ".join(call[1:3]) for call in calls if call[1] in ("exec", "restart", "unpause")]]`);
    rmSync(folder, { recursive: true });
    return result;
  };
  const RUNNING = { Image: "sha256:1", State: { Running: true, Pid: 1 } };
  const after = (restarted: boolean, ...calls: string[]): unknown => [
    { changed: true, restarted },
    { "nginx.conf": "one" },
    calls,
  ];

  it("has its files again, whatever somebody has put in their place", () => {
    for (const wrong of [
      "",
      'open(os.path.join(folder, "live"), "w").close()',
      'os.symlink("/nowhere", os.path.join(folder, "live"))',
      'os.mkdir(os.path.join(folder, "live")); open(os.path.join(folder, "live", "nginx.conf"), "wb").write(b"\\xff\\x00")',
      'os.mkdir(os.path.join(folder, "live")); os.symlink("/nowhere", os.path.join(folder, "live", "nginx.conf"))',
      'open(os.path.join(folder, "next"), "w").close(); open(os.path.join(folder, "previous"), "w").close()',
    ])
      assert.deepEqual(update(RUNNING, wrong), after(false, "exec c"), wrong);
  });

  it("is woken before it reads them when it is paused", () => {
    const paused = { ...RUNNING, State: { ...RUNNING.State, Paused: true } };
    assert.deepEqual(update(paused), after(false, "unpause c", "exec c"));
  });

  it("reads them at its next start when it stands still or keeps stopping", () => {
    for (const state of [{ Running: false }, { Running: true, Restarting: true, Pid: 0 }])
      assert.deepEqual(update({ Image: "sha256:1", State: state }), after(false));
  });

  it("is started again when it can't reload, since the real binary has accepted them", () => {
    assert.deepEqual(update(RUNNING, "", ["reload"]), after(true, "exec c", "restart c"));
  });

  it("is started again when its folders are others than those of the server, also when no file has changed", () => {
    const gone = { ...RUNNING, gone: true };
    assert.deepEqual(update(gone), after(true, "restart c"));
    const same =
      'os.mkdir(os.path.join(folder, "live")); open(os.path.join(folder, "live", "nginx.conf"), "w").write("one")';
    assert.deepEqual(update(gone, same), [
      { changed: false, restarted: true },
      { "nginx.conf": "one" },
      ["restart c"],
    ]);
    assert.deepEqual((update(RUNNING, same) as unknown[])[0], { changed: false, restarted: false });
  });

  it("isn't told what it may not understand when it is made anew anyway: another image, other folders", () => {
    assert.deepEqual(update({ ...RUNNING, Image: "sha256:2" }), after(false));
    assert.deepEqual(update({ ...RUNNING, has: false }), after(false));
  });
});

describe("HAProxy's own file", () => {
  it("is read again when it was written after the start, be it by half a second", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-switch-"));
    writeFileSync(join(folder, "haproxy.cfg"), "");
    const result = python(`
import os
from fairlead import haproxy, switch_config
switch_config.time.time = lambda: 1000.25
haproxy.Runtime.ask = lambda runtime, command: f"Name: HAProxy\\nPid: 8\\nUptime: 0d\\nUptime_sec: {uptime}\\n" if command == "show info float" else ""
file = ${JSON.stringify(join(folder, "haproxy.cfg"))}
spec = {"socket": file, "file": file}
result = []
for written in (989, 989.75, 990.25, 991):
  os.utime(spec["file"], (written, written))
  uptime = "10.500000"
  result.append(switch_config.loaded(spec))
result.append(switch_config.loaded({**spec, "socket": "/nowhere"}))`);
    rmSync(folder, { recursive: true });
    assert.deepEqual(result, [true, true, false, false, false]);
  });
});

describe("workers of Nginx from before a reload", () => {
  it("go on, but for those of the oldest reloads", () => {
    const result = python(`
from fairlead import nginx
workers = {"11": (1, nginx.LEAVING), "12": (1, nginx.LEAVING), "14": (2, nginx.LEAVING), "13": (3, nginx.LEAVING),
  "20": (9, nginx.WORKER), "21": (9, nginx.WORKER), "30": (0, "nginx: cache manager process")}
nginx.inspect = lambda container: {"State": {"Pid": 1}}
nginx.titles = lambda master: [(pid, title) for pid, (_, title) in workers.items()]
nginx.born, nginx.say = lambda pid: workers[pid][0], lambda text: None
result = []
for kept in (3, 2, 1, 0):
  ended = []
  nginx.os.kill = lambda pid, signal: ended.append(pid)
  nginx.end_oldest("c", kept)
  result.append(ended)`);
    assert.deepEqual(result, [[], [], [11, 12], [11, 12, 14, 13]]);
  });
});
