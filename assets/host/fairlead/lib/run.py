"""Running programs: argument lists only, never a shell."""

import subprocess

from .errors import HostError


class Late(HostError):
    """A program that did not end in time, and was ended."""


def run(argv, stdin=None, env=None, check=True, timeout=300):
    """Runs a program and returns its result; raises HostError with its last words when it fails."""
    try:
        result = subprocess.run(
            argv, input=stdin, env=env, capture_output=True, text=True, timeout=timeout, check=False
        )
    except FileNotFoundError as error:
        raise HostError(f"{argv[0]} is not installed on the server") from error
    except subprocess.TimeoutExpired as error:
        raise Late(f"{' '.join(argv[:3])} did not end within {timeout:g} s") from error
    return checked(argv, result) if check else result


def checked(argv, result):
    """The result of a program that ended well; raises HostError with its last words when it didn't."""
    if result.returncode != 0:
        words = (result.stderr.strip() or result.stdout.strip())[-2000:]
        raise HostError(f"{' '.join(argv)} failed with exit code {result.returncode}:\n{words}")
    return result
