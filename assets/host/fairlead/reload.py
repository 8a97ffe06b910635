"""Has the program in a container read its files again, by a signal: for one that takes them over while it runs."""

from .lib.gate import is_running
from .lib.run import run


def apply(spec):
    """Input: {container, signal, again}; {again} changes when the files do. One that doesn't run reads them when it starts."""
    if is_running(spec["container"]):
        run(["docker", "kill", "--signal", spec["signal"], spec["container"]])
