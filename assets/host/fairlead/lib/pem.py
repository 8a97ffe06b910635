"""What a certificate in PEM form says, by openssl and the standard library."""

import re
import ssl
import time

from .errors import HostError
from .run import run

BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.S)


def blocks(path):
    """The certificates of a file, the site's own first."""
    with open(path, encoding="ascii", errors="replace") as file:
        found = BLOCK.findall(file.read())
    if not found:
        raise HostError(f"{path}: expected certificates in PEM form, found none")
    return found


def say_of(certificate, *fields):
    """What `openssl x509` prints for a certificate given as text."""
    return run(["openssl", "x509", "-noout", *fields], stdin=certificate).stdout


def lifetime(certificate):
    """(not before, not after) in seconds since 1970 (RFC 5280, 4.1.2.5)."""
    text = say_of(certificate, "-startdate", "-enddate")
    return tuple(ssl.cert_time_to_seconds(line.partition("=")[2]) for line in text.splitlines())


def names(certificate):
    """The DNS names that it is for, sorted."""
    return sorted(re.findall(r"DNS:([^,\s]+)", say_of(certificate, "-ext", "subjectAltName")))


def covers(certificate, name):
    """Whether a host of that name may show it; `*.` in the name asks for any host below."""
    host = "any-host" + name[1:] if name.startswith("*.") else name
    # OpenSSL 3.5 ends with 1 when it doesn't match, earlier ones with 0.
    result = run(["openssl", "x509", "-noout", "-checkhost", host], stdin=certificate, check=False)
    return " does match " in result.stdout


def binary(certificate):
    """DER, as TLS carries it."""
    return ssl.PEM_cert_to_DER_cert(certificate)


def until(certificate):
    """When it ends, for people (UTC)."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(lifetime(certificate)[1]))
