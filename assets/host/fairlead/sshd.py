"""sshd's settings: checked by sshd itself, and taken back unless a new connection confirms them."""

import fnmatch
import os
import socket
import time

from .lib import rollback
from .lib.differences import differs, whole
from .lib.errors import HostError, say
from .lib.files import own, read, remember, replace
from .lib.run import run
from .lib.users import lock, shadow

SSHD = "/usr/sbin/sshd"
RELOAD = ["systemctl", "try-reload-or-restart", "--no-block", "ssh"]
# What `sshd -T` calls otherwise than its files do.
SPELLED = {("permitrootlogin", "prohibit-password"): "without-password"}
# Since OpenSSH 8.7 a second name of the other one, which alone is printed.
RENAMED = {"challengeresponseauthentication": "kbdinteractiveauthentication"}
# The ending of a file that was set aside; sshd reads `*.conf`.
ASIDE = ".overruled"


def apply(spec):
    """
    Input: {file, content, within}. Each setting of the file must be what `sshd -T` says afterwards: another file in the
    same folder that overrules it is set aside, and a setting that is overruled from elsewhere is an error.
    """
    path, content = spec["file"], spec["content"].encode()
    if read(path) == content and not overruled(spec):
        own(path, {"mode": "0600"})
        lock("root")
        return {"change": rollback.unchanged("ssh")}
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    before = {one: rollback.snapshot(one) for one in [path, *earlier(path)]}
    change = rollback.arm("ssh", list(before), [RELOAD], spec["within"])
    replace(path, content, {"mode": "0600"})
    try:
        run([SSHD, "-t"])
        set_aside(spec)
        refuse_overruled(spec)
    except HostError as error:
        for one, old in before.items():
            rollback.bring_back(one, old)
        rollback.forget("ssh")
        raise HostError(f"sshd's new settings were refused and the old ones stay: {error}") from error
    reload()
    lock("root")
    remember("ssh", [{"path": path}])
    return {"change": change}


def confirm(spec):
    """Over a connection of its own: the change that `apply` has made is good."""
    return rollback.confirm("ssh", spec, apply)


def remove(spec):
    """The distribution's own settings again, and root's password if it had one."""
    rollback.forget("ssh")
    if read(spec["file"]) is not None:
        os.remove(spec["file"])
        reload()
    if shadow("root").startswith("!$"):
        run(["usermod", "--unlock", "root"])


def look(spec):
    """The declared file, and whether sshd reads every setting of it so; root has no password."""
    yield from whole({"path": spec["file"], "mode": "0600", "content": spec["content"]})
    for option, declared, found in overruled(spec):
        yield differs("sshd", option, declared, found)
    if shadow("root").startswith("$"):
        yield differs("user root", "password", "locked", "set")


def settings(content):
    """The options of a file: {name in small letters: value}; the first one counts, as for sshd (sshd_config(5))."""
    found = {}
    for line in content.splitlines():
        name, _, value = line.strip().partition(" ")
        if name and not name.startswith("#"):
            found.setdefault(name.lower(), " ".join(value.split()))
    return found


def overruled(spec):
    """Settings that sshd reads otherwise: [(option, declared, found)]."""
    now = effective()
    pairs = [(name, value, now.get(name, now.get(RENAMED.get(name)))) for name, value in settings(spec["content"]).items()]
    return [(name, value, found) for name, value, found in pairs if not is_so(name, value, found)]


def is_so(name, value, found):
    """
    Whether what sshd prints is what its file says; `-PATTERN,…` takes algorithms out of its own list. What it doesn't print
    at all can't be compared: `sshd -t` has accepted it.
    """
    if found is None:
        return True
    if value.startswith("-"):
        return not any(fnmatch.fnmatchcase(one, pattern) for one in found.split(",") for pattern in value[1:].split(","))
    return SPELLED.get((name, value), value) == found


def earlier(path):
    """Files that sshd reads before this one, in the order of their names."""
    folder = os.path.dirname(path)
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [os.path.join(folder, name) for name in names if name.endswith(".conf") and name < os.path.basename(path)]


def set_aside(spec):
    """Renames files that sshd reads first and that overrule a declared setting, so that it reads them no more."""
    names = {name for name, _, _ in overruled(spec)}
    for path in earlier(spec["file"]):
        if names & set(settings((read(path) or b"").decode(errors="replace"))):
            os.replace(path, path + ASIDE)
            say(f"{path} overrules declared settings of sshd; it is {os.path.basename(path)}{ASIDE} now, and sshd doesn't read it")


def refuse_overruled(spec):
    differing = [option for option, _, _ in overruled(spec)]
    if differing:
        raise HostError(f"another file in /etc/ssh overrules {spec['file']} in {', '.join(differing)}: remove it there")


def reload():
    """sshd closes its port for a moment; the next connection should find it open."""
    run(RELOAD)
    places = listening()
    deadline = time.monotonic() + 10
    time.sleep(0.3)
    while not any(map(greets, places)):
        if time.monotonic() > deadline:
            raise HostError(f"sshd answers on none of {places} within 10 s of its reload: journalctl -u ssh says why")
        time.sleep(0.1)


def listening():
    """Where sshd listens, as this machine itself reaches it: [(address, port)]."""
    lines = run([SSHD, "-T"]).stdout.splitlines()
    places = [line.split()[1].rpartition(":") for line in lines if line.startswith("listenaddress ")]
    own_words = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    return [(own_words.get(host.strip("[]"), host.strip("[]")), int(port)) for host, _, port in places]


def greets(place):
    """Whether sshd says its version (RFC 4253, section 4.2)."""
    try:
        with socket.create_connection(place, 1) as client:
            client.settimeout(1)
            return client.recv(4) == b"SSH-"
    except OSError:
        return False


def effective():
    lines = [line.partition(" ") for line in run([SSHD, "-T"]).stdout.splitlines()]
    return {option: value for option, _, value in lines}
