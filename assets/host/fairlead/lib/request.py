"""A request of a container's port, made by the server: it needs no program in the image."""

import http.client

# Statuses that mean healthy where nothing else is declared.
EXPECTED = "200-399"


def ask(found, request, seconds):
    """
    One GET of {request} = {port, path, status?, host?} at a container as `docker inspect` shows it: (passed, what it said).
    Takes no longer than {seconds} for a connection, and for each piece of the answer.
    """
    address = address_of(found)
    if not address:
        return False, "the container has no address"
    host = request.get("host") or f"127.0.0.1:{request['port']}"
    connection = http.client.HTTPConnection(address, request["port"], timeout=seconds)
    try:
        connection.putrequest("GET", request["path"], skip_host=True)
        for name, value in (("Host", host), ("User-Agent", "fairlead"), ("Connection", "close")):
            connection.putheader(name, value)
        connection.endheaders()
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return False, f"GET {request['path']} on port {request['port']}: {error or type(error).__name__}"
    finally:
        connection.close()
    wanted = request.get("status", EXPECTED)
    words = f"GET {request['path']} on port {request['port']} with Host {host} answered {status}, expected {wanted}"
    return expects(wanted, status), words


def address_of(found):
    networks = (found.get("NetworkSettings") or {}).get("Networks") or {}
    return next((one["IPAddress"] for _, one in sorted(networks.items()) if one.get("IPAddress")), "")


def expects(wanted, status):
    """Whether `200-399,401` has a status."""
    for piece in wanted.split(","):
        first, _, last = piece.partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
