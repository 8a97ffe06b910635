"""`fairlead VERB`: reads a JSON object from standard input and runs the verb."""

import importlib
import json
import os
import sys

from .errors import HostError
from .owner import allowed

VERBS = {
    "apply": "files",
    "remove": "files",
    "gate": "gate",
    "login": "database",
    "logout": "database",
    "reload-database": "database",
    "allow": "cache",
    "disallow": "cache",
    "switch": "traffic",
    "unswitch": "traffic",
    "configure-switch": "switch_config",
    "gate-switch": "switch_config",
    "refresh": "switch_config",
    "certificate": "certificate",
    "issue": "certificate",
    "renew": "certificate",
    "install-certificate": "certificate",
    "edge": "edge",
    "look": "look",
    "swap": "swap",
    "unswap": "swap",
    "confirm": "rollback",
    "rollback": "rollback",
    "firewall": "firewall",
    "unfirewall": "firewall",
    "sshd": "sshd",
    "unsshd": "sshd",
    "account": "account",
    "unaccount": "account",
    "harden": "harden",
    "unharden": "harden",
    "update-system": "harden",
    "inspect": "inspect",
    "claim": "owner",
    "leave": "owner",
    "hold": "hold",
    "guard": "owner",
}
# For a person at the console: a word instead of JSON, an answer in sentences.
SPOKEN = ("disown", "forget")
# They ask for the owner themselves, or only look.
ASK_THEMSELVES = ("claim", "leave", "hold", "inspect")


def main() -> int:
    if len(sys.argv) == 3 and sys.argv[1] in SPOKEN:
        return spoken(*sys.argv[1:])
    if len(sys.argv) != 2 or sys.argv[1] not in VERBS:
        print("usage: fairlead " + "|".join(sorted(VERBS)) + " < input.json", file=sys.stderr)
        print("       fairlead disown IDENTITY | forget SETTING", file=sys.stderr)
        return 2
    verb = sys.argv[1]
    # Programs that aren't root read folders that are made here. Whoever logs in may have a strict umask: ours is, and
    # Debian 13 applies it to every session (pam_umask).
    os.umask(0o022)
    module = importlib.import_module("." + VERBS[verb], __package__)
    try:
        # Whoever holds the lock speaks on; every other input is one JSON object.
        spec = json.loads((sys.stdin.readline() if verb == "hold" else sys.stdin.read()) or "{}")
        if verb not in ASK_THEMSELVES:
            allowed(verb, spec)
        result = getattr(module, verb.replace("-", "_"))(spec)
    except HostError as error:
        print(f"fairlead {verb}: {error}", file=sys.stderr)
        return 1
    if verb == "hold":
        return result
    if result is not None:
        print(json.dumps(result, sort_keys=True))
    return 0


def spoken(verb, word):
    from . import owner

    os.umask(0o022)
    try:
        print(getattr(owner, verb)(word))
    except HostError as error:
        print(f"fairlead {verb}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
