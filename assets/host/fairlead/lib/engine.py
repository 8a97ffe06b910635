"""
The Docker engine by its own API, for what the command line can't say: a container like another one, whose environment
holds secrets that must not stand in an argument list.
"""

import http.client
import json
import socket
import urllib.parse

from .errors import HostError

SOCKET = "/var/run/docker.sock"


class Engine(http.client.HTTPConnection):
    def __init__(self):
        super().__init__("docker", timeout=60)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


def ask(method, path, query=None, body=None):
    """What the engine answers; raises HostError with its words where it refuses."""
    connection = Engine()
    target = path + ("?" + urllib.parse.urlencode(query) if query else "")
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, target, content, {"Content-Type": "application/json"} if content else {})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    except OSError as error:
        raise HostError(f"the Docker engine doesn't answer: {error}") from error
    finally:
        connection.close()
    if answer.status >= 400:
        raise HostError(words_of(text) or f"the Docker engine answered {answer.status}")
    return json.loads(text) if text.strip() else None


def ask_lines(path, query):
    """An answer of one JSON object a line."""
    connection = Engine()
    try:
        connection.request("GET", path + "?" + urllib.parse.urlencode(query))
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    except OSError as error:
        raise HostError(f"the Docker engine doesn't answer: {error}") from error
    finally:
        connection.close()
    if answer.status >= 400:
        raise HostError(words_of(text) or f"the Docker engine answered {answer.status}")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def words_of(text):
    try:
        return json.loads(text).get("message", text)
    except ValueError:
        return text.strip()
