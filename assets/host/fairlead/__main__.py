"""`fairlead VERB`: reads a JSON object from standard input and runs the verb."""

import importlib
import json
import os
import sys

from .errors import HostError

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
}


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in VERBS:
        print("usage: fairlead " + "|".join(sorted(VERBS)) + " < input.json", file=sys.stderr)
        return 2
    verb = sys.argv[1]
    # Programs that aren't root read folders that are made here. Whoever logs in may have a strict umask: ours is, and
    # Debian 13 applies it to every session (pam_umask).
    os.umask(0o022)
    module = importlib.import_module("." + VERBS[verb], __package__)
    try:
        result = getattr(module, verb.replace("-", "_"))(json.loads(sys.stdin.read() or "{}"))
    except HostError as error:
        print(f"fairlead {verb}: {error}", file=sys.stderr)
        return 1
    if result is not None:
        print(json.dumps(result, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
