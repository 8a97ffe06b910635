"""A certificate authority of the server's own, for as long as no other issues its certificate. Its key never leaves the server."""

import os
import tempfile

from . import pem
from .files import read
from .run import run

# The authority outlives what it signs, so that visitors who trust it needn't learn of each renewal.
YEARS = 20
# Clients accept no server certificate that is valid for longer (CA/Browser Forum, Baseline Requirements 6.3.2).
DAYS = 397


def paths(spec):
    """(certificate, key) of the authority; a site with a certificate of its own has its own, which signs for no other."""
    base = os.path.join(spec["tls"], "authority", *(["sites", spec["domain"]] if spec.get("site") else []))
    return os.path.join(base, "ca.pem"), os.path.join(base, "ca.key")


def issued(spec, chain):
    """Whether this authority signed it for every name, and it is valid for another 30 days."""
    authority, _ = paths(spec)
    if not os.path.exists(authority):
        return False
    own = pem.blocks(chain)[0]
    signed = run(["openssl", "verify", "-CAfile", authority], stdin=own, check=False).returncode == 0
    named = all(pem.covers(own, name) for name in spec["names"])
    ends = run(["openssl", "x509", "-noout", "-checkend", str(30 * 86400)], stdin=own, check=False).returncode != 0
    return signed and named and not ends


def issue(spec, target):
    """Writes a new pair into a folder: fullchain.pem, privkey.pem."""
    authority, authority_key = ensure(spec)
    chain, key, request = (os.path.join(target, name) for name in ("fullchain.pem", "privkey.pem", "request.pem"))
    new = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256"]
    run([*new, "-subj", f"/CN={spec['names'][0]}", "-keyout", key, "-out", request])
    extensions = [
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature",
        "extendedKeyUsage=serverAuth",
        "subjectAltName=" + ",".join("DNS:" + name for name in spec["names"]),
        "subjectKeyIdentifier=hash",
        "authorityKeyIdentifier=keyid",
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".ext") as file:
        file.write("\n".join(extensions) + "\n")
        file.flush()
        sign = ["openssl", "x509", "-req", "-sha256", "-days", str(DAYS), "-in", request, "-extfile", file.name]
        run([*sign, "-CA", authority, "-CAkey", authority_key, "-set_serial", "0x" + os.urandom(16).hex(), "-out", chain])
    return chain, key


def signs(spec):
    """Whether it is there, and may sign for all names."""
    authority, key = paths(spec)
    return os.path.exists(authority) and os.path.exists(key) and permits(authority, constraints(spec["names"]))


def ensure(spec):
    """Makes the authority once, and again when it may not sign for one of the names."""
    authority, key = paths(spec)
    if signs(spec):
        return authority, key
    allowed = constraints(spec["names"])
    os.makedirs(os.path.dirname(authority), mode=0o700, exist_ok=True)
    os.chmod(spec["tls"], 0o700)
    old = os.umask(0o077)
    try:
        # Good for these names only, so that a visitor who trusts it trusts it for nothing else (RFC 5280, 4.2.1.10).
        run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256"]
            + ["-days", str(365 * YEARS), "-subj", f"/CN=fairlead {spec['domain']}"]
            + ["-keyout", key + ".next", "-out", authority + ".next"]
            + ["-addext", "keyUsage=critical,keyCertSign"]
            + ["-addext", "nameConstraints=critical," + ",".join("permitted;DNS:" + name for name in allowed)]
        )
    finally:
        os.umask(old)
    os.replace(key + ".next", key)
    os.replace(authority + ".next", authority)
    return authority, key


def trusted(spec):
    """What a visitor of the server's own certificates trusts (PEM); a name that it doesn't sign for needs no new one."""
    if not os.path.exists(paths(spec)[0]):
        ensure(spec)
    return read(paths(spec)[0]).decode()


def constraints(names):
    """The domains below which every name lies; a constraint covers its subdomains too."""
    plain = sorted({name[2:] if name.startswith("*.") else name for name in names}, key=len)
    return sorted(name for name in plain if not any(name.endswith("." + other) for other in plain))


def permits(authority, allowed):
    text = pem.say_of(pem.blocks(authority)[0], "-ext", "nameConstraints")
    return all(f"DNS:{name}\n" in text for name in allowed)
