"""Prometheus' text format, for the textfile collector (prometheus.io/docs, "Exposition formats")."""

from .files import replace

ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def write(path, lines):
    """(name, labels, value) of each; a file that a collector reads is never half written."""
    replace(path, text(lines).encode(), {"mode": "0644"})


def text(lines):
    """All values of a name together, as the format wants it; None is no value."""
    names = {}
    for name, labels, value in lines:
        if value is not None:
            names.setdefault(name, []).append(f"{name}{labelled(labels)} {value}")
    return "".join(f"# TYPE {name} {kind(name)}\n" + "\n".join(rows) + "\n" for name, rows in sorted(names.items()))


def kind(name):
    return "counter" if name.endswith("_total") or name in COUNTERS else "gauge"


# Those of Nginx's own exporter, which end otherwise.
COUNTERS = ("nginx_connections_accepted", "nginx_connections_handled")


def labelled(labels):
    pairs = ",".join(f'{name}="{str(value).translate(ESCAPED)}"' for name, value in sorted(labels.items()) if value is not None)
    return "{" + pairs + "}" if pairs else ""
