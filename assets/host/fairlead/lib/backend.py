"""The file of one application that HAProxy reads when it starts: all of it is made here."""

import os
import re

from . import ports
from .haproxy import FREE
from .request import EXPECTED

FOLDER = os.path.dirname(os.path.abspath(__file__))
# Room for a release of eight containers, its successor and two warm ones; the same for all, so that replicas change nothing.
SLOTS = 32
# Of each server: found through Docker's DNS, checked each second, twice as often while it is down.
OPTIONS = "check inter 1s downinter 500ms fall 3 rise 1 resolvers docker resolve-prefer ipv4 init-addr libc,none"
# Content types that are made to arrive piece by piece: server-sent events (HTML standard, section 9.2), JSON one object a
# line (github.com/ndjson, jsonlines.org) or in sequence (RFC 7464), pictures of a camera, gRPC for the web.
STREAMS = (
    "text/event-stream",
    "application/ndjson",
    "application/x-ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/jsonlines",
    "application/json-seq",
    "application/stream+json",
    "application/x-json-stream",
    "application/vnd.amazon.eventstream",
    "application/grpc",
    "application/connect+",
    "multipart/x-mixed-replace",
)
# While a release stops and the next one starts its server takes no connection: a request tries again each second, and goes to
# whichever server has the traffic by then. The edge waits no longer than for any other answer. No connection is used twice:
# one that the server closes as it stops would lose a request. One that ends without a word is only tried again where the
# method is safe (RFC 9110, section 9.2.1).
PATIENT = """  retries 300
  option redispatch 1
  option http-server-close
  http-reuse never
  retry-on conn-failure empty-response
  http-request disable-l7-retry if !{ method GET HEAD OPTIONS }
"""
# gRPC's own health service (grpc.io/docs/guides/health-checking): whoever answers it with 200 speaks gRPC.
GRPC_HEALTH = "/grpc.health."
SERVER = re.compile(r"^(  server \S+) [^:\s]+(:\d+) weight \d+(?: disabled)?", re.M)


def render(spec, servers):
    """
    The whole file: {app, domain, port, health: path?, status?, host?, exclusive?, grpc?, ports?} and {slot: {host, weight, port?,
    ports?}}. A free slot points at the switch itself. {port} is a server's own where it still serves on another one than the
    declared. Without {health} the application answers no HTTP; with {grpc} it speaks HTTP/2 without TLS.
    """
    slots = [f"s{index}" for index in range(1, SLOTS + 1)]
    protocol = " proto h2" if spec.get("grpc") else ""
    lines = [line(name, servers.get(name), spec["port"]) + protocol for name in slots]
    patient = PATIENT if spec.get("exclusive") and "health" in spec else ""
    return head(spec).rstrip() + "\n" + patient + "\n".join(lines) + "\n" + ports.render(spec, servers, slots)


def head(spec):
    http = "health" in spec
    with open(os.path.join(FOLDER, "backend.cfg" if http else "backend-tcp.cfg"), encoding="utf-8") as file:
        text = file.read()
    values = {"app": spec["app"]}
    if http:
        values.update(
            {
                "host": spec.get("host", spec["domain"]),
                "healthPath": spec["health"],
                "streams": " ".join(STREAMS),
                "status": spec.get("status", EXPECTED),
            }
        )
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return asked_as_grpc(text) if http and spec.get("grpc") and spec["health"].startswith(GRPC_HEALTH) else text


def asked_as_grpc(text):
    plain, agent = "http-check send meth GET", " hdr User-Agent traffic-switch"
    return text.replace(plain, "http-check send meth POST").replace(agent, agent + " hdr Content-Type application/grpc hdr TE trailers")


def line(name, server, port):
    target = f"{FREE}:{port} weight 0 disabled"
    if server:
        target = f"{server['host']}:{server.get('port', port)} weight {server['weight']}"
    return f"  server {name} {target} {OPTIONS}"


def same_structure(found, spec):
    """Whether a file differs from the declared one in nothing but its servers' hosts and weights, which need no reload."""
    return structure(found) == structure(render(spec, {}))


def structure(text):
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return SERVER.sub(r"\1 \2", kept)
