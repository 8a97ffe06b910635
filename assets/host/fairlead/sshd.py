"""sshd's settings: checked by sshd itself, and taken back unless a new connection confirms them."""

import os
import socket
import time

from . import rollback
from .errors import HostError
from .files import own, read, remember, replace
from .run import run

SSHD = "/usr/sbin/sshd"
RELOAD = ["systemctl", "try-reload-or-restart", "--no-block", "ssh"]


def sshd(spec):
    """
    Input: {file, content, expect: {option: value}, within}. `expect` is what `sshd -T` must say afterwards: a setting
    that another file overrules is an error, and the old state stays.
    """
    path, content = spec["file"], spec["content"].encode()
    if read(path) == content:
        own(path, {"mode": "0600"})
        refuse_overruled(spec)
        lock("root")
        return {"change": rollback.unchanged("ssh")}
    old = read(path)
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    change = rollback.arm("ssh", [path], [RELOAD], spec["within"])
    replace(path, content, {"mode": "0600"})
    try:
        run([SSHD, "-t"])
        refuse_overruled(spec)
    except HostError as error:
        rollback.bring_back(path, old and {"mode": "0600", "content": rollback.encode(old)})
        rollback.forget("ssh")
        raise HostError(f"sshd's new settings were refused and the old ones stay: {error}") from error
    reload()
    lock("root")
    remember({"name": "ssh", "files": [{"path": path}]})
    return {"change": change}


def unsshd(spec):
    """The distribution's own settings again, and root's password if it had one."""
    rollback.forget("ssh")
    if read(spec["file"]) is not None:
        os.remove(spec["file"])
        reload()
    if shadow("root").startswith("!$"):
        run(["usermod", "--unlock", "root"])


def refuse_overruled(spec):
    differing = [option for option, _, _ in overruled(spec)]
    if differing:
        raise HostError(f"another file in /etc/ssh overrules {spec['file']} in {', '.join(differing)}: remove it there")


def overruled(spec):
    """Settings that sshd reads otherwise: [(option, expected, found)]."""
    now = effective()
    return [(option, value, now.get(option)) for option, value in spec["expect"].items() if now.get(option) != value]


def reload():
    """sshd closes its port for a moment; whoever comes next should find it open."""
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


def lock(user):
    """No password opens the account; the hash stays behind the lock, so that unlocking brings it back."""
    if shadow(user).startswith("$"):
        run(["usermod", "--lock", user])


def shadow(user):
    for line in read("/etc/shadow").decode().splitlines():
        name, password = line.split(":")[:2]
        if name == user:
            return password
    return ""
