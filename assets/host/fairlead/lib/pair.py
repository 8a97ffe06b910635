"""The certificate and key that the edge shows: nothing gets there unless the pair has been checked."""

import hashlib
import os
import shutil
import socket
import ssl
import tempfile
import time

from . import links, nginx, pem
from .errors import HostError, say
from .files import read, replace
from .gate import is_running
from .mounts import condition, replaced_folders
from .run import run

# The group of Nginx's workers, in the official image and in ours; they read the pair at each handshake.
WORKERS = "0:101"
INSIDE = "/etc/fairlead-tls"

# What Nginx itself must make of the pair; paths are relative to this file.
TEST = """\
pid /tmp/pair-test.pid;
events {}
http {
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen unix:/tmp/pair-test.sock ssl;
    ssl_certificate fullchain.pem;
    ssl_certificate_key privkey.pem;
  }
}
"""


def folder(spec):
    """What the edge shows: the pair of the domain, or below it that of a site; the folder above all is closed to all but root."""
    return os.path.join(mounted(spec), *below(spec))


def mounted(spec):
    """What is mounted into the edge, as INSIDE."""
    return os.path.join(spec["tls"], "edge")


def below(spec):
    """A site with a certificate of its own has a place of its own (components/edge/render/servers.ts)."""
    return ("sites", spec["domain"]) if spec.get("site") else ()


def current(spec):
    """(chain, key) that the edge shows, whether they exist or not."""
    return tuple(os.path.join(folder(spec), name) for name in ("fullchain.pem", "privkey.pem"))


def check(chain, key, names):
    """Raises a HostError unless the pair belongs together, is valid now, names every host, and its chain is in order."""
    certificates = pem.blocks(chain)
    own = certificates[0]
    public = pem.say_of(own, "-pubkey")
    if public != run(["openssl", "pkey", "-in", key, "-pubout"]).stdout:
        raise HostError(f"{key} is not the key of {chain}")
    begin, end = pem.lifetime(own)
    if not begin <= time.time() < end:
        raise HostError(f"{chain} is not valid now: it ends {pem.until(own)}")
    missing = [name for name in names if not pem.covers(own, name)]
    if missing:
        raise HostError(f"{chain} doesn't name {', '.join(missing)}; it names {', '.join(pem.names(own))}")
    for below, above in zip(certificates, certificates[1:]):
        check_link(chain, below, above)


def check_link(chain, below, above):
    """Whether the next certificate of the chain signed this one (RFC 8446, 4.4.2)."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as trusted:
        trusted.write(above)
        trusted.flush()
        verify = ["openssl", "verify", "-partial_chain", "-no_check_time", "-trusted", trusted.name]
        signed = run(verify, stdin=below, check=False).returncode == 0
    # openssl is content with a certificate that is trusted itself, so the names must lead upwards too.
    issuer, subject = (pem.say_of(one, field).partition("=")[2] for one, field in ((below, "-issuer"), (above, "-subject")))
    if not signed or issuer != subject:
        raise HostError(f"{chain}: {pem.say_of(below, '-subject').strip()} is not signed by the next one in it")


def usable(spec):
    """Whether the edge has something to show: a pair that belongs together, for whatever names."""
    chain, key = current(spec)
    if not (os.path.exists(chain) and os.path.exists(key)):
        return False
    public = run(["openssl", "x509", "-in", chain, "-noout", "-pubkey"], check=False).stdout
    return public != "" and public == run(["openssl", "pkey", "-in", key, "-pubout"], check=False).stdout


def install(spec, chain, key, sure=True):
    """Checks a pair, lets the real Nginx read it, puts it in place in one step, and sees it at the edge (if `sure`)."""
    check(chain, key, spec["names"])
    changed = not same(spec, chain, key)
    if changed:
        candidate = stage(spec, chain, key)
        # One whose folder was deleted sees none of this before it is started again.
        lost = list(replaced_folders(condition(spec["container"]), {mounted(spec): INSIDE}))
        if is_running(spec["container"]) and not lost:
            try_out(spec, candidate)
        point(spec, candidate)
        if lost:
            run(["docker", "restart", spec["container"]], check=False)
        say(f"the edge gets the certificate for {', '.join(spec['names'])}, valid until {pem.until(pem.blocks(chain)[0])}")
    show(spec, sure)
    return changed


def same(spec, chain, key):
    for new, old in zip((chain, key), current(spec)):
        if not os.path.exists(old) or read(new) != read(old):
            return False
    return True


def stage(spec, chain, key):
    """Copies the pair into a folder of its own, named by its content."""
    parts = [read(path) for path in (chain, key)]
    candidate = "pair-" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    path = os.path.join(folder(spec), candidate)
    own(spec)
    os.makedirs(path, exist_ok=True)
    os.chmod(path, 0o755)
    replace(os.path.join(path, "fullchain.pem"), parts[0], {"mode": "0644"})
    replace(os.path.join(path, "privkey.pem"), parts[1], {"mode": "0640", "owner": WORKERS})
    replace(os.path.join(path, "nginx.conf"), TEST.encode(), {"mode": "0644"})
    return candidate


def own(spec):
    """The folder above the pairs is root's alone: group 101 may be anybody's on a server."""
    os.makedirs(folder(spec), exist_ok=True)
    os.chmod(spec["tls"], 0o700)
    path = mounted(spec)
    for name in ("", *below(spec)):
        path = os.path.join(path, name)
        os.chmod(path, 0o755)


def try_out(spec, candidate):
    test = ["nginx", "-t", "-q", "-c", "/".join([INSIDE, *below(spec), candidate, "nginx.conf"])]
    try:
        run(["docker", "exec", spec["container"], *test])
    except HostError as error:
        shutil.rmtree(os.path.join(folder(spec), candidate))
        raise HostError(f"Nginx refuses the new certificate, the old one stays: {error}") from error


def point(spec, candidate):
    """One rename makes both files the new ones; the pair before stays, older ones go."""
    base = folder(spec)
    before = os.path.realpath(os.path.join(base, "current"))
    links.point(os.path.join(base, "current"), candidate)
    for name in ("fullchain.pem", "privkey.pem"):
        links.point(os.path.join(base, name), f"current/{name}")
    kept = {candidate, os.path.basename(before)}
    for name in os.listdir(base):
        if name.startswith("pair-") and name not in kept:
            shutil.rmtree(os.path.join(base, name))


def show(spec, sure=True):
    """
    Asks the edge over TLS. Nginx reads the pair at each handshake; one that doesn't is told to. Before the edge has
    its new configuration it may not know the name, or show another pair for a site: then nothing is certain, and nothing
    has to be (`sure` is false).
    """
    if not is_running(spec["container"]) or (spec.get("site") and not sure):
        return
    wanted = pem.binary(pem.blocks(current(spec)[0])[0])
    found = shown(spec)
    if found == wanted or (found is None and not sure):
        return
    nginx.reload(spec["container"])
    deadline = time.monotonic() + 15
    while shown(spec) != wanted:
        if time.monotonic() > deadline:
            raise HostError(f"{spec['container']} still shows another certificate; docker logs {spec['container']} says why")
        time.sleep(0.2)


def shown(spec):
    """The certificate that the edge shows for the first name (DER); None when it shows none."""
    # Where the edge wants the PROXY protocol, a connection that begins without it is closed (its version 1, "UNKNOWN").
    return asked(spec, b"") or asked(spec, b"PROXY UNKNOWN\r\n")


def asked(spec, greeting):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", 443), timeout=5) as plain:
            plain.sendall(greeting)
            with context.wrap_socket(plain, server_hostname=spec["domain"]) as secured:
                return secured.getpeercert(binary_form=True)
    except OSError:
        return None
