"""Redis accepts a list of passwords; each is a resource of its own, so that old and new overlap while releases change."""

import hashlib
import os
import secrets
import time

from .lib.differences import content_of, differs
from .lib.errors import HostError
from .lib.files import read, replace
from .lib.gate import is_running
from .lib.run import run


def apply(spec):
    """Accepts a password: {directory, container?, fingerprint, password}."""
    digest = hashlib.sha256(spec["password"].encode()).hexdigest()
    os.makedirs(passwords(spec), mode=0o700, exist_ok=True)
    replace(os.path.join(passwords(spec), spec["fingerprint"]), digest.encode(), {"mode": "0600"})
    publish(spec)


def remove(spec):
    """Refuses a password from now on; connections that use it go on until they close."""
    path = os.path.join(passwords(spec), spec["fingerprint"])
    if os.path.exists(path):
        os.remove(path)
    publish(spec)


def look(spec):
    """The password is among those that the ACL file has, and the running Redis accepts exactly those."""
    digest = hashlib.sha256(spec["password"].encode()).hexdigest()
    yield from content_of(os.path.join(passwords(spec), spec["fingerprint"]), digest)
    known = {read(os.path.join(passwords(spec), name)).decode() for name in os.listdir(passwords(spec))}
    if read(admin_file(spec)) is None:
        yield differs(admin_file(spec), "presence", "file", None)
        return
    client, env = administrator(spec)
    lines = [line.split() for line in run([*client, "ACL", "LIST"], env=env).stdout.splitlines()]
    users = {words[1]: words for words in lines if words[:1] == ["user"]}
    if sorted(users) != ["default", "fairlead", "health"]:
        yield differs("cache", "users", "default, fairlead, health", ", ".join(sorted(users)) or "none: Redis refuses its administrator")
    elif {word[1:] for word in users["default"] if word.startswith("#")} != known or "on" not in users["default"]:
        yield differs("cache user default", "passwords", "declared", "others")


def passwords(spec):
    return os.path.join(spec["directory"], "passwords")


def publish(spec):
    """Writes the ACL file and has a running server load it."""
    hashes = [read(os.path.join(passwords(spec), name)).decode() for name in sorted(os.listdir(passwords(spec)))]
    acl = os.path.join(spec["directory"], "conf", "users.acl")
    replace(acl, render(hashes, admin_password(spec)).encode(), {"mode": "0444"})
    if not is_running(spec["container"]):
        return
    client, env = administrator(spec)
    if not answers(spec["container"], client, env):
        return
    answer = run([*client, "ACL", "LOAD"], env=env).stdout.strip()
    if answer != "OK":
        raise HostError(f"Redis did not load {acl}: {answer}")


def administrator(spec):
    """(argv, environment) of a client with all rights; its password is in no argument."""
    client = ["docker", "exec", "-e", "REDISCLI_AUTH", spec["container"], "redis-cli", "--user", "fairlead", "--no-auth-warning"]
    return client, {**os.environ, "REDISCLI_AUTH": admin_password(spec)}


def answers(container, client, env):
    """Waits for a server that is just starting; one that has stopped meanwhile reads the file when it starts."""
    deadline = time.monotonic() + 20
    while (answer := run([*client, "PING"], env=env, check=False)).stdout.strip() != "PONG":
        if not is_running(container):
            return False
        # Its administrator's password was lost, and the new one stands in the ACL file only: waiting doesn't help.
        if "NOAUTH" in answer.stdout or "WRONGPASS" in answer.stderr:
            raise HostError(
                "Redis runs and knows its administrator by another password than the server's, whose file was lost or "
                f"changed. It reads the ACL file with the new one when it starts: `docker restart {container}`, then run "
                "the same update again."
            )
        if time.monotonic() > deadline:
            raise HostError("Redis runs and doesn't answer within 20 s; its log says more")
        time.sleep(0.2)
    return True


def render(hashes, admin):
    """The ACL file (redis.io/docs, ACL): hashes only, no password in plain text; `health` may do nothing but PING."""
    accepted = " ".join("#" + digest for digest in hashes)
    own = hashlib.sha256(admin.encode()).hexdigest()
    return (
        f"user default on {accepted} ~* &* +@all -@admin -@dangerous +info +keys +flushdb\n"
        f"user fairlead on #{own} ~* &* +@all\n"
        "user health on nopass -@all +ping\n"
    )


def admin_file(spec):
    return os.path.join(spec["directory"], "admin")


def admin_password(spec):
    """Made on the server, never leaves it."""
    path = admin_file(spec)
    if read(path) is None:
        os.makedirs(spec["directory"], exist_ok=True)
        replace(path, secrets.token_hex(32).encode(), {"mode": "0600"})
    return read(path).decode()
