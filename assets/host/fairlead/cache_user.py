"""A user of Redis for one application: its own keys and channels, by their prefix (redis.io/docs, ACL)."""

import hashlib
import json
import os

from . import cache_password
from .lib.differences import content_of, differs
from .lib.files import replace
from .lib.run import run


def apply(spec):
    """Accepts a password of {user}, whose keys begin with {prefix}; a running Redis gets {policy} as its settings have it."""
    with cache_password.alone(spec):
        os.makedirs(os.path.dirname(path(spec)), mode=0o700, exist_ok=True)
        replace(path(spec), content(spec).encode(), {"mode": "0600"})
        if cache_password.publish(spec):
            client, env = cache_password.administrator(spec)
            run([*client, "CONFIG", "SET", "maxmemory-policy", spec["policy"]], env=env)


def remove(spec):
    """Refuses the password from now on; the keys stay."""
    with cache_password.alone(spec):
        if os.path.exists(path(spec)):
            os.remove(path(spec))
        cache_password.publish(spec)


def look(spec):
    """The password is among those of the user, which the running Redis knows with its prefix; the policy is the declared one."""
    yield from content_of(path(spec), content(spec))
    client, env = cache_password.administrator(spec)
    words = run([*client, "ACL", "LIST"], env=env).stdout.splitlines()
    mine = [line.split() for line in words if line.startswith(f"user {spec['user']} ")]
    keys = not spec["prefix"] or f"~{spec['prefix']}*" in (mine[0] if mine else [])
    if not mine or not keys or f"#{digest(spec)}" not in mine[0]:
        yield differs(f"cache user {spec['user']}", "presence", "user", "another" if mine else None)
    elif spec["prefix"] and ("-scan" in mine[0]) == spec.get("scan", False):
        yield differs(f"cache user {spec['user']}", "scan", spec.get("scan", False), "-scan" not in mine[0])
    else:
        yield from cache_password.old_rules(spec, [spec["user"]])
    policy = run([*client, "CONFIG", "GET", "maxmemory-policy"], env=env).stdout.split()[-1:]
    if policy != [spec["policy"]]:
        yield differs("cache", "policy", spec["policy"], " ".join(policy))


def path(spec):
    return os.path.join(spec["directory"], "users", f"{spec['user']}.{spec['fingerprint']}")


def content(spec):
    own = {"user": spec["user"], "prefix": spec["prefix"], "hash": digest(spec)}
    return json.dumps({**own, **({"scan": True} if spec.get("scan") else {})}, sort_keys=True)


def digest(spec):
    return hashlib.sha256(spec["password"].encode()).hexdigest()
