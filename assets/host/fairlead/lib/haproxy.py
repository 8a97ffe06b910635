"""HAProxy's runtime API (management guide, section 9.3) over its administration socket."""

import csv
import io
import os
import socket
import time

from .errors import HostError

# A server line without a release points at the switch itself: a name that the network's own DNS always knows.
FREE = "switch"
# Administrative states that a person has set (management guide, section 9.3, "show servers state").
MAINTENANCE, DRAIN = 0x01, 0x08
# And the one of a server whose name no answer has resolved yet.
UNRESOLVED = 0x20


class Runtime:
    """One HAProxy process, one backend at a time."""

    def __init__(self, path):
        self.path = path

    def ask(self, command):
        """Sends one command and returns the answer's text."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(10)
            try:
                client.connect(self.path)
                client.sendall(command.encode() + b"\n")
                parts = []
                while part := client.recv(65536):
                    parts.append(part)
            except OSError as error:
                raise HostError(f"HAProxy does not answer on {self.path}: {error}") from error
        return b"".join(parts).decode()

    def set(self, command):
        """Sends a command that answers nothing when it worked; `set server … fqdn` answers with a notice."""
        answer = self.ask(command).strip()
        # "no need to change": it is so already.
        if answer and "change" not in answer:
            raise HostError(f"HAProxy refused `{command}`: {answer}")

    def servers(self, backend):
        """Slots of a backend: {slot: {host, address, port, weight, up, admin}}; empty when the backend is unknown."""
        lines = self.ask(f"show servers state {backend}").splitlines()
        if len(lines) < 2 or not lines[1].startswith("# "):
            return {}
        names = lines[1][2:].split()
        rows = [dict(zip(names, line.split())) for line in lines[2:] if line.strip()]
        return {row["srv_name"]: slot(row) for row in rows}

    def info(self, name):
        """A value of `show info`, as text; `None` where this version has no such line."""
        lines = [line.partition(": ") for line in self.ask("show info float").splitlines()]
        return next((value for key, _, value in lines if key == name), None)

    def started(self):
        """
        When the process that answers started, in seconds of the epoch. That isn't the clock less the uptime: while HAProxy waits
        long for a processor it takes the clock to have leapt, and its uptime falls behind, by minutes within an hour.
        """
        said = self.info("Start_time_sec")
        # The clock is read before the question, so that the start seems early rather than late.
        return float(said) if said else time.time() - self.uptime()

    def uptime(self):
        """Seconds since the process that answers has started, with their fraction."""
        return float(self.info("Uptime_sec"))

    def process(self):
        """Number of the process that answers, as its container counts."""
        return int(self.info("Pid"))

    def statistics(self):
        """What `show stat` says of slots, of all backends at once: {backend: {slot: {column: text}}}."""
        found = {}
        for row in csv.DictReader(io.StringIO(self.ask("show stat").lstrip("# "))):
            if row["svname"] not in ("FRONTEND", "BACKEND"):
                found.setdefault(row["pxname"], {})[row["svname"]] = row
        return found


def runtime_of(declared):
    """The runtime API of the switch that runs; one that an earlier version of this project started has its socket elsewhere."""
    folder = os.path.dirname(declared)
    for path in (declared, os.path.join(folder, "_admin.sock"), os.path.join(folder, "admin.sock")):
        runtime = Runtime(path)
        try:
            runtime.process()
        except HostError:
            continue
        return runtime
    # Its next question fails, and says why.
    return Runtime(declared)


def slot(row):
    return {
        "host": row["srv_fqdn"],
        "address": row["srv_addr"],
        "port": int(row["srv_port"]),
        "weight": int(row["srv_uweight"]),
        "up": row["srv_op_state"] == "2",
        "admin": int(row["srv_admin_state"]),
    }


def until(what, seconds, condition):
    """Polls a condition; a HostError says what didn't happen in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise HostError(f"{what} did not happen within {seconds:g} s")
        time.sleep(0.05)
