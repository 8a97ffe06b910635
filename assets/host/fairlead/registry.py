"""The caller's image registry on a port of this server's loopback, for as long as the caller's connection lives."""

import json
import os
import socket
import struct
import sys
import threading

from .lib.errors import HostError

# Number of a connection, and how many bytes of it follow; none: this direction has ended.
HEAD = struct.Struct(">II")
MOST = 65536


def offer(spec):
    """
    Input: one line, {port}. Listens there, answers {"state": "open"}, and carries what the engine asks and the registry
    answers in frames over standard output and input, until that ends.
    """
    try:
        listener = socket.create_server(("127.0.0.1", spec["port"]))
    except OSError as error:
        raise HostError(
            f"127.0.0.1:{spec['port']} can't be used to bring images here: {error}. Another program has that port: "
            "end it, or set server.registry to where this server reaches your machine's registry"
        ) from error
    print(json.dumps({"state": "open"}), flush=True)
    carrier = Carrier()
    threading.Thread(target=carrier.accept, args=(listener,), daemon=True).start()
    carrier.deliver()
    return 0


class Carrier:
    """The connections by their number."""

    def __init__(self):
        self.connections = {}
        self.speaking = threading.Lock()

    def accept(self, listener):
        number = 0
        while True:
            connection, _ = listener.accept()
            number += 1
            self.connections[number] = connection
            threading.Thread(target=self.collect, args=(number, connection), daemon=True).start()

    def collect(self, number, connection):
        """What the engine sends, and its end."""
        try:
            while data := connection.recv(MOST):
                self.say(number, data)
        except OSError:
            pass
        self.say(number, b"")

    def say(self, number, data):
        with self.speaking:
            sys.stdout.buffer.write(HEAD.pack(number, len(data)) + data)
            sys.stdout.buffer.flush()

    def deliver(self):
        """What the registry sends. A slow connection holds up the others, but none for ever: the engine reads them all."""
        while len(head := read(HEAD.size)) == HEAD.size:
            number, length = HEAD.unpack(head)
            data = read(length)
            connection = self.connections.get(number)
            if connection is None:
                continue
            try:
                if data:
                    connection.sendall(data)
                else:
                    connection.shutdown(socket.SHUT_WR)
                    del self.connections[number]
            except OSError:
                self.connections.pop(number, None)


def read(length):
    """Exactly so many bytes, fewer at the end; not of sys.stdin, which may wait for more than there is."""
    data = b""
    while len(data) < length:
        part = os.read(0, length - len(data))
        if not part:
            break
        data += part
    return data
