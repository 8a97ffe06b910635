"""Connects to every TCP port of the addresses in argv, and prints the open ones as JSON: {address: [port]}."""

import errno
import json
import resource
import select
import socket
import sys
import time

AT_ONCE = 3000
# A bridge answers in less than a millisecond, and what is dropped never does; a SYN that was lost is sent again after
# a second (RFC 6298, 2.1). It counts from the last SYN of many, and the kernel takes the answers: a busy machine, on
# which this program is late, doesn't make an open port look closed.
SECONDS = 1.5
CLOSED = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ETIMEDOUT)


def knock(address, port):
    """A connection on its way, or nothing when it is refused at once."""
    knocking = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    knocking.setblocking(False)
    code = knocking.connect_ex((address, port))
    if code in (0, errno.EINPROGRESS):
        return knocking
    knocking.close()
    if code not in CLOSED:
        # What can't ask must not look like a closed port.
        raise OSError(code, f"port {port} of {address}: {errno.errorcode.get(code, code)}")
    return None


def answered(knocking):
    """Those that are connected."""
    poll = select.poll()
    for one in knocking:
        poll.register(one, select.POLLOUT)
    ready = {descriptor for descriptor, _ in poll.poll(0)}
    return [one for one in knocking if one.fileno() in ready and is_open(one)]


def is_open(one):
    code = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code not in (0, *CLOSED):
        raise OSError(code, errno.errorcode.get(code, str(code)))
    return code == 0


def scan(address, first, last):
    found = []
    for start in range(first, last + 1, AT_ONCE):
        ports = range(start, min(start + AT_ONCE, last + 1))
        knocking = {one: port for port in ports if (one := knock(address, port))}
        time.sleep(SECONDS)
        found += [knocking[one] for one in answered(knocking)]
        for one in knocking:
            one.close()
    return found


def main():
    first, last, *addresses = sys.argv[1:]
    print(json.dumps({address: scan(address, int(first), int(last)) for address in addresses}))


resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
main()
