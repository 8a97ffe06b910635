"""SQL in the running database."""

from .gate import inspect
from .run import run


def sql(spec, statement, database="postgres"):
    """Runs SQL over the container's own socket (peer authentication): no password is involved, none is in argv."""
    inspect(spec["container"])
    client = ["docker", "exec", "-i", "-u", "postgres", spec["container"], "psql", "-XqtA", "-v", "ON_ERROR_STOP=1", "-d", database]
    return run(client, stdin=statement).stdout


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"
