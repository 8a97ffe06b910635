import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAKES, python } from "./support/python.ts";

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

describe("the database's passwords", () => {
  // The example of RFC 7677, section 3: user "user", password "pencil".
  const stored = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  const example = `SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$${stored}`;

  it("become verifiers as the standard has them", () => {
    const result = python(`
import base64
from fairlead import database
result = database.verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))`);
    assert.equal(result, example);
  });

  it("are known again, and no other is", () => {
    const result = python(`
from fairlead import database
accepts = database.accepts
fresh = database.verifier("p")
result = [accepts(fresh, "p"), accepts(fresh, "q"), accepts(${JSON.stringify(example)}, "pencil")]
result += [accepts(found, "p") for found in ("", "md5a7a8", "SCRAM-SHA-256$4096", "SCRAM-SHA-256$x:AA==$", fresh.replace("256$", "1$"))]`);
    assert.deepEqual(result, [true, false, true, false, false, false, false, false]);
  });
});

describe("the cache's passwords", () => {
  it("name the restart that helps when the administrator's password was lost", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-cache-"));
    mkdirSync(join(folder, "conf"));
    const result = python(`
from types import SimpleNamespace
from fairlead import cache
cache.is_running = lambda container: True
cache.run = lambda argv, **_: SimpleNamespace(
  stdout="NOAUTH Authentication required.\\n", stderr="AUTH failed: WRONGPASS invalid username-password pair\\n", returncode=0)
cache.time.sleep = lambda seconds: sys.exit("it waited")
try:
  cache.allow({"directory": ${JSON.stringify(folder)}, "container": "maicivy_cache", "fingerprint": "f", "password": "p"})
except HostError as error:
  result = str(error)`);
    rmSync(folder, { recursive: true });
    assert.match(String(result), /administrator by another password[^]*\`docker restart maicivy_cache\`/);
  });
});

describe("the account that deploys", () => {
  it("keeps its own keys with their options, and takes none with options from whoever connects", () => {
    const result = python(`
from fairlead import account
account.os.environ["SUDO_USER"] = "debian"
account.os.path.expanduser = lambda name: "/home/" + name[1:]
files = {
  "/home/deploy/.ssh/authorized_keys": b'# CI\\nfrom="192.0.2.0/24" ssh-ed25519 AAAA1 ci\\n\\nssh-ed25519 AAAA2 me\\n',
  "/home/debian/.ssh/authorized_keys": b'command="backup" ssh-ed25519 AAAA3 copy\\nssh-ed25519 AAAA4 you\\n',
}
account.read = files.get
result = account.own_keys("deploy")`);
    assert.deepEqual(result, [
      ...['from="192.0.2.0/24" ssh-ed25519 AAAA1 ci', "ssh-ed25519 AAAA2 me", "ssh-ed25519 AAAA4 you"],
    ]);
  });
});

describe("the keys of the account that deploys", () => {
  it("may have a comment in an old encoding, which stays as it is", () => {
    const result = python(`
from fairlead import account
line = b"ssh-ed25519 AAAA1 Andr\\xe9"
written = {}
account.read = lambda path: line + b"\\n" if path.endswith("authorized_keys") else None
account.replace = lambda path, content, entry: written.update({path: content})
account.own = lambda path, entry: None
account.put("keys", "\\n".join(account.key_lines("deploy")) + "\\n", {})
result = written["keys"] == line + b"\\n"`);
    assert.equal(result, true);
  });
});

describe("hardening", () => {
  it("stops a unit that was declared and no longer is, once", () => {
    const result = python(`${FAKES}
from fairlead import harden
files = {}
harden.run, harden.read = fake, files.get
harden.replace = lambda path, content, entry: files.update({path: content})
for ours in (["fail2ban.service"], [], []):
  harden.follow({"ours": ours, "services": ours, "restart": {}}, [])
result = [" ".join(argv) for argv in calls]`);
    assert.deepEqual(result, [
      "systemctl enable --quiet --now fail2ban.service",
      "systemctl disable --quiet --now fail2ban.service",
    ]);
  });

  it("has the clock kept right by systemd, where nothing else does and the clock is the server's own", () => {
    const result = python(`${FAKES}
from fairlead import harden
harden.run = fake
spec = {"name": "h", "packages": [], "services": ["cron.service"], "files": [], "gateway": False, "clock": True,
        "sysctl": {"path": "/etc/sysctl.d/x", "content": ""}}
result = []
for container, other in ((False, "inactive"), (False, "active"), (True, "inactive")):
  harden.in_container = lambda: container
  answers["systemctl is-active chrony.service ntp.service ntpsec.service openntpd.service"] = other
  declared, _, _ = harden.resolved(spec)
  result.append([declared["packages"], declared["services"]])`);
    assert.deepEqual(result, [
      [["systemd-timesyncd"], ["cron.service", "systemd-timesyncd.service"]],
      [[], ["cron.service"]],
      [[], ["cron.service"]],
    ]);
  });
});

describe("what follows upon a change", () => {
  /** A server whose folders are here, and `update(…)`, which tells what ran; `broken` has words of what fails next. */
  const server = (folder: string): string => `${FAKES}
import os
from fairlead import files, harden
folder = ${JSON.stringify(folder)}
broken = []
def tell(argv, **_):
  ran.append(" ".join(argv))
  if broken and "restart" in argv:
    raise HostError(broken.pop())
  return fake(argv)
files.run = harden.run = tell
files.MANIFESTS, files.own, files.check_space = os.path.join(folder, "state"), lambda path, entry: None, lambda paths: None
def update(act):
  ran.clear()
  try:
    act()
  except HostError as error:
    ran.append(str(error))
  return list(ran)
ran = []
file = lambda text: {"path": os.path.join(folder, "daemon.json"), "mode": "0644", "content": text}
`;

  it("is done by the next update where it failed, and then no more", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-changed-"));
    const result = python(`${server(folder)}
spec = lambda text: {"name": "docker", "files": [file(text)], "changed": [["systemctl", "restart", "docker"]]}
broken.append("no such unit")
result = [update(lambda: files.apply(spec(text))) for text in ("one", "one", "one", "two")]
result.append(sorted(os.listdir(files.MANIFESTS)))`);
    rmSync(folder, { recursive: true });
    const restart = "systemctl restart docker";
    assert.deepEqual(result, [[restart, "no such unit"], [restart], [], [restart], ["docker.json"]]);
  });

  it("is done for units of the hardened system too", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-harden-"));
    const result = python(`${server(folder)}
harden.OURS, harden.ORIGINALS = os.path.join(folder, "ours"), os.path.join(folder, "originals")
harden.overruled = lambda kernel: []
harden.resolved = lambda spec: ({"name": spec["name"], "files": spec["files"], "services": spec["services"]}, "", [])
spec = {"name": "hardening", "files": [file("one")], "sysctl": {"path": "none"}, "login": {}, "services": [], "ours": []}
spec["restart"] = {file("")["path"]: ["journal.service"]}
broken.append("it hung")
result = [update(lambda: harden.harden(spec)) for _ in range(3)]`);
    rmSync(folder, { recursive: true });
    const words = ["systemctl daemon-reload", "systemctl restart journal.service"];
    assert.deepEqual(result, [[...words, "it hung"], words, []]);
  });
});

describe("taking back what nobody confirmed", () => {
  it("goes on with the next change when one can't be brought back, and says so", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-rollback-"));
    const kept = (path: string, undo: string[][]): string =>
      JSON.stringify({ boot: "an earlier one", deadline: 0, files: { [path]: null }, undo });
    // The first is a folder, which can't be removed like a file.
    mkdirSync(join(folder, "a folder"));
    for (const name of ["gone", "again"]) writeFileSync(join(folder, name), "new");
    writeFileSync(join(folder, "firewall.json"), kept(join(folder, "a folder"), []));
    writeFileSync(join(folder, "hung.json"), kept(join(folder, "gone"), [["no-such-program"]]));
    writeFileSync(join(folder, "ssh.json"), kept(join(folder, "again"), []));
    const result = python(`
import os
from fairlead import rollback
rollback.PENDING, rollback.LOCK = ${JSON.stringify(folder)}, ${JSON.stringify(join(folder, "lock"))}
rollback.replace = lambda path, content, entry: open(path, "wb").write(content)
try:
  rollback.rollback({})
  words = "nothing failed"
except HostError as error:
  words = str(error)
result = {"words": words, "left": sorted(os.listdir(rollback.PENDING))}`) as {
      words: string;
      left: string[];
    };
    rmSync(folder, { recursive: true });
    assert.match(result.words, /^could not bring back firewall\.json: [^;]*; what they were is in /);
    assert.deepEqual(result.left, ["a folder", "firewall.json", "hung.undone", "lock", "ssh.undone"]);
  });
});

describe("a look at the server", () => {
  it("reads the folders beside the system's own that only begin like it", () => {
    const result = python(`
from fairlead import look
look.os.lstat = lambda folder: look.os.stat("/usr")
result = [look.reachable(folder, "/opt", "/opt/maicivy") for folder in ("/opt/maicivy", "/opt/maicivy/db", "/opt/maicivy-old")]`);
    assert.deepEqual(result, [false, false, true]);
  });

  it("tells of everything else where Docker is gone", () => {
    const result = python(`
import os
from fairlead import inspect
os.environ["PATH"] = "/nowhere"
result = inspect.inspect({"items": []})`);
    assert.deepEqual(result, { items: {}, engine: { unseen: "docker is not installed on the server" } });
  });

  it("makes no password of the cache's administrator where there is none", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-cache-"));
    mkdirSync(join(folder, "passwords"));
    const result = python(`
import os
from fairlead import look_services
spec = {"directory": ${JSON.stringify(folder)}, "container": "none", "fingerprint": "f", "password": "p"}
found = list(look_services.allow(spec))
result = [[one["thing"] for one in found], sorted(os.listdir(spec["directory"]))]`);
    rmSync(folder, { recursive: true });
    assert.deepEqual(result, [[join(folder, "passwords/f"), join(folder, "admin")], ["passwords"]]);
  });

  it("tells what a look saw before it became impossible", () => {
    const result = python(`
from fairlead import inspect
def half(_):
  yield {"thing": "a file", "aspect": "content", "declared": "a", "found": "b"}
  raise HostError("sshd doesn't start")
inspect.LOOKS["half"] = half
result = inspect.look({"verb": "half", "input": {}, "secret": False})`);
    const difference = { thing: "a file", aspect: "content", declared: "a", found: "b" };
    assert.deepEqual(result, { differences: [difference], unseen: "sshd doesn't start" });
  });

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

describe("the bootstrap", () => {
  it("waits for whoever is at apt, and for nothing else", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-apt-"));
    const apt = `#!/bin/sh
echo again >>"${folder}/runs"
[ "$(wc -l <"${folder}/runs")" -lt 2 ] || { echo "$LAST" >&2; exit "$CODE"; }
echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)" >&2
exit 100
`;
    writeFileSync(join(folder, "apt-get"), apt, { mode: 0o755 });
    const script = readFileSync(join(__dirname, "..", "..", "assets", "host", "bootstrap.sh"), "utf8");
    const patiently = /^patiently\(\) \{\n[^]*?\n\}$/m.exec(script)![0];
    const run = (code: number): SpawnSyncReturns<string> => {
      rmSync(join(folder, "runs"), { force: true });
      const env = { PATH: `${folder}:${process.env.PATH}`, LAST: "E: no such package", CODE: String(code) };
      return spawnSync("sh", ["-eu"], { input: `${patiently}\npatiently update`, encoding: "utf8", env });
    };
    try {
      const good = run(0);
      assert.deepEqual([good.status, good.stderr], [0, "waiting: another process is at apt\n"]);
      const bad = run(100);
      assert.equal(bad.status, 1);
      assert.match(bad.stderr, /\nE: no such package\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
