"""What Postgres and Redis say of themselves, without any password that leaves the server."""

import json
import os

from .. import cache_password
from .postgres import sql
from .run import run

# Sessions of clients, and the size of all databases (PostgreSQL's manual, "The Cumulative Statistics System").
STATE = """
SELECT json_build_object(
  'version', current_setting('server_version'),
  'connections', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()),
  'maxConnections', current_setting('max_connections')::int,
  'bytes', (SELECT sum(pg_database_size(oid)) FROM pg_database)
)
"""


def database(container):
    """None where none runs, which is seen among the containers."""
    return json.loads(sql({"container": container["name"]}, STATE)) if container else None


def own_caches(stored, folder):
    """{byService: {service: what {cache} says}}, of each Redis that is one application's own and runs."""
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    found = {f"cache-{name}": cache(stored.get(f"cache-{name}"), os.path.join(folder, name)) for name in names}
    return {"byService": {service: state for service, state in found.items() if state}}


def cache(container, directory):
    """Keys are those of all databases (redis.io/docs, INFO)."""
    if not container or not os.path.exists(cache_password.admin_file({"directory": directory})):
        return None
    client, env = cache_password.administrator({"directory": directory, "container": container["name"]})
    answer = run([*client, "INFO"], env=env).stdout
    fields = dict(line.partition(":")[::2] for line in answer.splitlines() if ":" in line)
    keys = [value.split(",")[0].partition("=")[2] for name, value in fields.items() if name.startswith("db") and "keys=" in value]
    return {
        "version": fields["redis_version"],
        "clients": int(fields["connected_clients"]),
        "bytes": int(fields["used_memory"]),
        "maxBytes": int(fields["maxmemory"]) or None,
        "keys": sum(map(int, keys)),
        "evicted": int(fields["evicted_keys"]),
    }
