"""`fairlead NOUN VERB`: reads a JSON object from standard input, checks it against contract.json, and calls the noun's module."""

import importlib
import inspect
import json
import os
import sys

from . import legacy, owner
from .lib import contract
from .lib.errors import HostError

# For a person at the console: a word instead of JSON, an answer in sentences.
SPOKEN = ("disown", "forget")


def main() -> int:
    words = sys.argv[1:]
    if len(words) == 2 and words[0] in SPOKEN:
        return spoken(*words)
    known = contract.load()
    if not is_call(words, known):
        calls = [f"{noun} {verb}" for noun, entry in sorted(known.items()) for verb in entry.get("verbs", [])]
        print("usage: fairlead " + " | ".join(calls) + " < input.json", file=sys.stderr)
        print("       fairlead disown IDENTITY | forget SETTING", file=sys.stderr)
        return 2
    # Programs that aren't root read folders that are made here. Who logs in may have a strict umask: ours is, and
    # Debian 13 applies it to every session (pam_umask).
    os.umask(0o022)
    try:
        result = call(words, known)
    except HostError as error:
        print(f"fairlead {' '.join(words)}: {error}", file=sys.stderr)
        return 1
    if isinstance(result, Ended):
        return result.code
    if result is not None:
        print(json.dumps(result, sort_keys=True))
    return 0


class Ended:
    """A call that has printed its answers itself."""

    def __init__(self, code):
        self.code = code


def is_call(words, known):
    if len(words) == 1:
        return words[0] in legacy.WORDS
    return len(words) == 2 and words[1] in known.get(words[0], {}).get("verbs", [])


def call(words, known):
    # After one line the holder of the lock speaks on, tunnels carry bytes, and a log is followed until the input ends;
    # every other input is one JSON object.
    goes_on = words in (["hold"], ["lock", "hold"], ["logs", "show"], ["tunnel", "carry"], ["registry", "offer"])
    spec = json.loads((sys.stdin.readline() if goes_on else sys.stdin.read()) or "{}")
    noun, verb, spec = legacy.understood(words, spec)
    owner.allowed(noun, verb, spec)
    if len(words) == 2:
        contract.check(known.get(f"{noun} {verb}", known[noun])["input"], spec)
    result = getattr(importlib.import_module("." + noun.replace("-", "_"), __package__), verb)(spec)
    if goes_on:
        return Ended(result)
    return list(result) if inspect.isgenerator(result) else result


def spoken(verb, word):
    os.umask(0o022)
    try:
        print(getattr(owner, verb)(word))
    except HostError as error:
        print(f"fairlead {verb}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
