"""A running Postgres and its configuration files."""

from .lib.differences import differs
from .lib.errors import say
from .lib.gate import is_running, wait_healthy
from .lib.postgres import sql
from .lib.run import run

PENDING = "SELECT name FROM pg_settings WHERE pending_restart"


def apply(spec):
    """Input: {container, within}. A running server takes its files over; it restarts only when a setting needs that."""
    if not is_running(spec["container"]):
        return
    sql(spec, "SELECT pg_reload_conf()")
    pending = sql(spec, PENDING).split()
    if pending:
        say("restarting Postgres for " + ", ".join(pending))
        run(["docker", "restart", "--time", "60", spec["container"]])
        wait_healthy(spec["container"], spec["within"])


def look(spec):
    """Whether the running server has read its files."""
    pending = sql(spec, PENDING).split()
    if pending:
        yield differs(f"container {spec['container']}", "settings", "in use", "waiting for a restart: " + ", ".join(pending))
    wrong = sql(spec, "SELECT name || ' = ' || setting FROM pg_file_settings WHERE NOT applied AND error IS NOT NULL").splitlines()
    if wrong:
        yield differs(f"container {spec['container']}", "settings", "in use", "refused: " + ", ".join(wrong))
