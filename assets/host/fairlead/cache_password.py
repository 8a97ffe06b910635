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
    else:
        yield from old_rules(spec, ["default", "fairlead", "health"])


def passwords(spec):
    return os.path.join(spec["directory"], "passwords")


@contextlib.contextmanager
def alone(spec):
    """Of two that change the users at the same time, one is first: each writes all of them."""
    with open(os.path.join(spec["directory"], "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def own_users(spec):
    """Users of applications: name → (prefixes of their keys, hashes of their passwords, whether they list names)."""
    folder, found = os.path.join(spec["directory"], "users"), {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        entry = json.loads(read(os.path.join(folder, name)).decode())
        prefixes, hashes, scans = found.setdefault(entry["user"], ([], [], []))
        prefixes += [] if entry["prefix"] in prefixes else [entry["prefix"]]
        hashes.append(entry["hash"])
        scans += [True] if entry.get("scan") else []
    return found


def publish(spec):
    """Writes the ACL file, and gives a running server the same users; returns whether one runs."""
    acl, text = acl_file(spec), rendered(spec)
    replace(acl, text.encode(), {"mode": "0444"})
    if not is_running(spec["container"]):
        return False
    client, env = administrator(spec)
    if not answers(spec["container"], client, env):
        return False
    tell(acl, text, client, env)
    return True


def acl_file(spec):
    return os.path.join(spec["directory"], "conf", "users.acl")


def rendered(spec):
    """The ACL file as these tools write it."""
    hashes = [read(os.path.join(passwords(spec), name)).decode() for name in sorted(os.listdir(passwords(spec)))]
    return render(hashes, admin_password(spec), own_users(spec))


def old_rules(spec, users):
    """
    Where the ACL file has other rules for {users} than these tools write: those of earlier ones. What Redis says of a user is
    spelled in its own way, and it was told when the file was written.
    """
    found, wanted = (rules_of(text, users) for text in ((read(acl_file(spec)) or b"").decode(errors="replace"), rendered(spec)))
    for user in users:
        if found.get(user) != wanted.get(user):
            yield differs(f"cache user {user}", "rules", "declared", "others")


def rules_of(text, users):
    """User → its line."""
    lines = [line.split() for line in text.splitlines()]
    return {words[1]: words for words in lines if words[:1] == ["user"] and words[1] in users}


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
    "-select +select|0 -randomkey -function -fcall -fcall_ro -pubsub|channels -pubsub|shardchannels -script|flush -script|kill"
)

# Redis compares what PSUBSCRIBE asks for letter by letter with the channels of a user, so `shop:*` doesn't cover a pattern
# that begins with it. Every Celery worker subscribes to these (kombu, transport/redis.py), with its `global_keyprefix`.
PATTERNS = ("/0.celery.pidbox", "/0.celeryev/worker.*", "/0.celeryev/*")


# Instead of a prefix: a user that sees no keys, only what the server says of itself.
NO_KEYS = ""
FIGURES = (
    "-@all +ping +info +client|setname +slowlog|len +slowlog|get +latency|latest +latency|histogram"
)


def render(hashes, admin, users):
    """The ACL file (redis.io/docs, ACL): hashes only, no password in plain text; `health` may do nothing but PING."""
    accepted = " ".join("#" + digest for digest in hashes)
    own = hashlib.sha256(admin.encode()).hexdigest()
    lines = [
        f"user {name} on {' '.join('#' + digest for digest in sums)} {FIGURES}\n"
        if prefixes == [NO_KEYS]
        else f"user {name} on {' '.join('#' + digest for digest in sums)} {' '.join(map(names, prefixes))} +@all -@admin -@dangerous +info {'' if scans else '-scan '}{NOT_OWN}\n"
        for name, (prefixes, sums, scans) in users.items()
    ]
    return (
        f"user default on {accepted} ~* &* +@all -@admin -@dangerous +info +keys +flushdb\n"
        f"user fairlead on #{own} ~* &* +@all\n"
        "user health on nopass -@all +ping\n" + "".join(lines)
    )


def names(prefix):
    """Keys and channels with a prefix."""
    return " ".join([f"~{prefix}*", f"&{prefix}*", *(f"&{prefix}{one}" for one in PATTERNS)])


def admin_file(spec):
    return os.path.join(spec["directory"], "admin")


def admin_password(spec):
    """Made on the server, never leaves it."""
    path = admin_file(spec)
    if read(path) is None:
        os.makedirs(spec["directory"], exist_ok=True)
        replace(path, secrets.token_hex(32).encode(), {"mode": "0600"})
    return read(path).decode()
