"""The account that deploys: no password, keys only, the Docker group, and sudo for the host tools alone."""

import grp
import json
import os
import pwd
import stat

from .lib import differences, users
from .lib.differences import differs
from .lib.errors import HostError, say
from .lib.files import discard, ensure_directory, install, own, read, replace
from .lib.run import run

# Keys that were declared last, so that one that no longer is loses its right.
DECLARED = "/var/lib/fairlead/account.json"


def apply(spec):
    """
    Input: {user, keys, sudoers: {path, content}, packages}.

    The person who connects may log in as that user too: their keys come from the account that runs this.
    """
    install(spec["packages"])
    user = spec["user"]
    users.ensure(declared(spec))
    home = pwd.getpwnam(user).pw_dir
    owner = f"{user}:{grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name}"
    os.chmod(home, 0o750)
    ensure_directory({"path": f"{home}/.ssh", "mode": "0700", "owner": owner})
    revoked = [key for key in json.loads(read(DECLARED) or b"[]") if key not in spec["keys"]]
    keys = [key for key in dict.fromkeys(spec["keys"] + own_keys(user)) if key not in revoked]
    if not keys:
        raise HostError(f"no key may log in as {user}: set server.deployUser.keys, or connect with a key first")
    put(f"{home}/.ssh/authorized_keys", "\n".join(keys) + "\n", {"mode": "0600", "owner": owner})
    os.makedirs(os.path.dirname(DECLARED), mode=0o700, exist_ok=True)
    replace(DECLARED, json.dumps(spec["keys"]).encode(), {"mode": "0600"})
    permit(spec["sudoers"])


def remove(spec):
    """Removes the account, unless it is the one that removes the stack: then its rights go last, with the host tools."""
    home = os.path.expanduser(f"~{spec['user']}")
    if os.environ.get("SUDO_USER") == spec["user"]:
        say(f"the account {spec['user']} is in use: remove it as root with `userdel --remove {spec['user']}`")
        return
    discard(spec["sudoers"]["path"])
    if home.startswith("/home/"):
        discard(f"{home}/.ssh/authorized_keys")
        run(["userdel", "--remove", spec["user"]], check=False)


def declared(spec):
    return {"name": spec["user"], "groups": ["docker"]}


def look(spec):
    """The deploy user: there, in Docker's group, without a password, with its keys and its sudo."""
    yield from differences.packages(spec["packages"])
    user = spec["user"]
    yield from differences.whole({"path": spec["sudoers"]["path"], "mode": "0440", "content": spec["sudoers"]["content"]})
    yield from users.look([declared(spec)])
    if not users.exists(pwd.getpwnam, user):
        return
    home = pwd.getpwnam(user)
    owner = f"{home.pw_uid}:{home.pw_gid}"
    yield from differences.directory({"path": home.pw_dir, "mode": "0750", "owner": owner})
    folder = os.path.join(home.pw_dir, ".ssh")
    yield from differences.directory({"path": folder, "mode": "0700", "owner": owner})
    keys = os.path.join(folder, "authorized_keys")
    missing = list(differences.place({"path": keys, "mode": "0600", "owner": owner}, stat.S_ISREG, "file"))
    yield from missing
    if not missing:
        present = text_of(read(keys)).splitlines()
        for key in spec["keys"]:
            if key not in present:
                yield differs(f"key {title(key)} of {user}", "presence", "key", None)


def title(key):
    """A public key in words: its comment, or its last characters."""
    words = key.split()
    return words[2] if len(words) > 2 else words[1][-12:]


def own_keys(user):
    """What the account has already, and the keys of the account that connects: root, or the user of sudo."""
    # A key with options in front of it (`command=…`, `from=…`) is meant for its own account only.
    others = [line for line in key_lines(os.environ.get("SUDO_USER", "root")) if line.startswith(("ssh-", "ecdsa-", "sk-"))]
    return key_lines(user) + others


def key_lines(user):
    """The keys of an account as they stand in its file (sshd(8), AUTHORIZED_KEYS FILE FORMAT), without remarks."""
    text = text_of(read(os.path.join(os.path.expanduser(f"~{user}"), ".ssh/authorized_keys")) or b"")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def text_of(content):
    """The text of a file of keys; a comment in an old encoding stays byte for byte what it is, sshd doesn't read it."""
    return content.decode(errors="surrogateescape")


def permit(sudoers):
    """A file that sudo can't read would end all use of sudo, so visudo sees it first."""
    path, content = sudoers["path"], sudoers["content"].encode()
    if read(path) == content:
        return
    os.makedirs("/var/lib/fairlead", mode=0o700, exist_ok=True)
    candidate = "/var/lib/fairlead/sudoers"
    replace(candidate, content, {"mode": "0440"})
    try:
        run(["visudo", "--check", "--quiet", "--file", candidate])
    finally:
        discard(candidate)
    replace(path, content, {"mode": "0440"})


def put(path, text, entry):
    content = text.encode(errors="surrogateescape")
    if read(path) != content:
        replace(path, content, entry)
    own(path, entry)
