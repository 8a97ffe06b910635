"""Redis accepts a list of passwords; each is a resource of its own, so that old and new overlap while releases change."""

import contextlib
import fcntl
import hashlib
import json
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
    with alone(spec):
        replace(os.path.join(passwords(spec), spec["fingerprint"]), digest.encode(), {"mode": "0600"})
        publish(spec)


def remove(spec):
    """Refuses a password from now on; connections that use it go on until they close."""
    path = os.path.join(passwords(spec), spec["fingerprint"])
    with alone(spec):
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
    declared = sorted(["default", "fairlead", "health", *own_users(spec)])
    if sorted(users) != declared:
        yield differs("cache", "users", ", ".join(declared), ", ".join(sorted(users)) or "none: Redis refuses its administrator")
    elif {word[1:] for word in users["default"] if word.startswith("#")} != known or "on" not in users["default"]:
        yield differs("cache user default", "passwords", "declared", "others")


def passwords(spec):
    return os.path.join(spec["directory"], "passwords")


@contextlib.contextmanager
def alone(spec):
    """Of two that change the users at the same time, one is first: each writes all of them."""
    with open(os.path.join(spec["directory"], "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def own_users(spec):
    """Users of applications: name → (prefixes of their keys, hashes of their passwords)."""
    folder, found = os.path.join(spec["directory"], "users"), {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        entry = json.loads(read(os.path.join(folder, name)).decode())
        prefixes, hashes = found.setdefault(entry["user"], ([], []))
        prefixes += [] if entry["prefix"] in prefixes else [entry["prefix"]]
        hashes.append(entry["hash"])
    return found


def publish(spec):
    """Writes the ACL file, and gives a running server the same users; returns whether one runs."""
    hashes = [read(os.path.join(passwords(spec), name)).decode() for name in sorted(os.listdir(passwords(spec)))]
    acl = os.path.join(spec["directory"], "conf", "users.acl")
    text = render(hashes, admin_password(spec), own_users(spec))
    replace(acl, text.encode(), {"mode": "0444"})
    if not is_running(spec["container"]):
        return False
    client, env = administrator(spec)
    if not answers(spec["container"], client, env):
        return False
    tell(acl, text, client, env)
    return True


def tell(acl, text, client, env):
    """User by user: ACL LOAD ends the connections of all users but the default one (redis 7.0, acl.c)."""
    users = [line.split()[1:] for line in text.splitlines()]
    known = run([*client, "ACL", "USERS"], env=env).stdout.split()
    calls = [["SETUSER", name, "reset", *rules] for name, *rules in users]
    calls += [["DELUSER", name] for name in known if name not in [name for name, *_ in users]]
    typed = "".join("ACL " + " ".join(call) + "\n" for call in calls)
    said = run([*client[:2], "-i", *client[2:]], stdin=typed, env=env).stdout.split("\n")
    wrong = [line for line in said if line and line not in ("OK", "1")]
    if wrong:
        raise HostError(f"Redis did not take over {acl}: {' '.join(wrong)}")


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


# What would show another's keys, channels or scripts by name, or change them: a prefix limits keys and channels alone.
NOT_OWN = (
    "-select +select|0 -scan -randomkey -function -fcall -fcall_ro -pubsub|channels -pubsub|shardchannels -script|flush -script|kill"
)


def render(hashes, admin, users):
    """The ACL file (redis.io/docs, ACL): hashes only, no password in plain text; `health` may do nothing but PING."""
    accepted = " ".join("#" + digest for digest in hashes)
    own = hashlib.sha256(admin.encode()).hexdigest()
    lines = [
        f"user {name} on {' '.join('#' + digest for digest in sums)} {' '.join(f'~{one}* &{one}*' for one in prefixes)} +@all -@admin -@dangerous +info {NOT_OWN}\n"
        for name, (prefixes, sums) in users.items()
    ]
    return (
        f"user default on {accepted} ~* &* +@all -@admin -@dangerous +info +keys +flushdb\n"
        f"user fairlead on #{own} ~* &* +@all\n"
        "user health on nopass -@all +ping\n" + "".join(lines)
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
