"""A way from the caller to a port that only the server reaches: bytes of standard input and output, in both directions."""

import json
import os
import socket
import sys
import threading

from .lib.errors import HostError
from .lib.run import run

# Seconds in which a connection must be accepted.
PATIENCE = 10


def carry(spec):
    """
    Input: one line, {host, port}; the host is a name, an address or a container. Answers {"state": "open"} on a line of its
    own, and carries bytes until either side ends. The caller sends none before that answer.
    """
    place = f"{spec['host']}:{spec['port']}"
    try:
        connection = socket.create_connection((address_of(spec["host"]), spec["port"]), timeout=PATIENCE)
    except OSError as error:
        raise HostError(f"{place} can't be reached: {error}") from error
    connection.settimeout(None)
    print(json.dumps({"state": "open"}), flush=True)
    threading.Thread(target=send, args=(connection,), daemon=True).start()
    try:
        while data := connection.recv(65536):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    except OSError:
        # The other side has closed it in its own way.
        return 1
    return 0


def send(connection):
    try:
        # Not sys.stdin, which may wait for more than there is.
        while data := os.read(0, 65536):
            connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        connection.close()


def address_of(host):
    """Only Docker's own DNS knows containers, and only inside their networks."""
    try:
        return socket.getaddrinfo(host, None)[0][4][0]
    except OSError:
        pattern = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
        result = run(["docker", "inspect", "--type", "container", "--format", pattern, host], check=False)
        addresses = result.stdout.split()
        if not addresses:
            raise HostError(f"there is no host and no container {host}") from None
        return addresses[0]
