"""A self-signed certificate for a server that has no other yet; its key is made on the server and never leaves it."""

import os

from .files import read
from .run import run

DAYS = 397


def certificate(spec):
    """Makes {directory}/fullchain.pem and privkey.pem for {names} unless a fitting pair is there; returns the certificate."""
    directory, names = spec["directory"], spec["names"]
    os.makedirs(directory, mode=0o755, exist_ok=True)
    chain, key = (os.path.join(directory, file) for file in ("fullchain.pem", "privkey.pem"))
    if not fits(chain, key, names):
        make(chain, key, names)
    return {"certificate": read(chain).decode()}


def fits(chain, key, names):
    """Whether the pair belongs together, names every host and lives for another 30 days."""
    if not (os.path.exists(chain) and os.path.exists(key)):
        return False
    if run(["openssl", "x509", "-in", chain, "-noout", "-checkend", str(30 * 86400)], check=False).returncode != 0:
        return False
    texts = [run(["openssl", "x509", "-in", chain, "-noout", "-checkhost", name]).stdout for name in names]
    if any("does NOT match" in text for text in texts):
        return False
    public = [
        run(["openssl", "x509", "-in", chain, "-noout", "-pubkey"]).stdout,
        run(["openssl", "pkey", "-in", key, "-pubout"]).stdout,
    ]
    return public[0] == public[1]


def make(chain, key, names):
    old = os.umask(0o077)
    try:
        run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256"]
            + ["-days", str(DAYS), "-subj", f"/CN={names[0]}", "-keyout", key + ".next", "-out", chain + ".next"]
            + ["-addext", "subjectAltName=" + ",".join("DNS:" + name for name in names)]
        )
    finally:
        os.umask(old)
    os.chmod(chain + ".next", 0o644)
    os.replace(key + ".next", key)
    os.replace(chain + ".next", chain)
