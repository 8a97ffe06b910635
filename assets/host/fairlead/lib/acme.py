"""The certificate of an ACME directory (RFC 8555), by certbot: ordered when there is none that fits, and never more often."""

import os
import re
import secrets
import time
from http.client import HTTPConnection, HTTPException

from . import pair, pem
from .acme_errors import explain, kinds_of
from .errors import HostError, say
from .files import read, replace
from .run import run

LIVE = "/etc/letsencrypt/live"
CERTBOT_LOG = "/var/log/letsencrypt/letsencrypt.log"
RENEWAL = "/etc/letsencrypt/renewal"
LETSENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
COMMON = ["--non-interactive"]
PUBLIC = "/etc/ssl/certs/ca-certificates.crt"
BUNDLE = "/var/lib/fairlead/acme-bundle.pem"


def lineage(spec):
    """(chain, key) where certbot keeps them (T6)."""
    return tuple(os.path.join(LIVE, spec["domain"], name) for name in ("fullchain.pem", "privkey.pem"))


def due(spec):
    """Why a certificate must be ordered; None while the present one is good for more than a third of its life."""
    chain, key = lineage(spec)
    if not (os.path.exists(chain) and os.path.exists(key)):
        return "there is none yet"
    own = pem.blocks(chain)[0]
    if pem.names(own) != sorted(spec["names"]):
        return f"the present one names {', '.join(pem.names(own))}"
    if directory_of(spec) != spec["directory"]:
        return f"the present one is from {directory_of(spec)}"
    begin, end = pem.lifetime(own)
    left = end - time.time()
    if left <= 0:
        return f"the present one expired {pem.until(own)}"
    # Let's Encrypt's advice for 90 days and 45 days alike; below ten days it asks for half.
    share = 1 / 2 if end - begin < 10 * 86400 else 1 / 3
    return f"the present one ends {pem.until(own)}" if left < (end - begin) * share else None


def directory_of(spec):
    """The directory that issued the present one, as certbot noted it."""
    text = (read(os.path.join(RENEWAL, spec["domain"] + ".conf")) or b"").decode()
    found = re.search(r"^server = (\S+)$", text, re.M)
    return found.group(1) if found else "an unknown directory"


def order(spec, reason, new_key=False):
    """Has certbot get a new certificate; the present one stays where it is when that fails."""
    say(f"asking {spec['directory']} for a certificate for {', '.join(spec['names'])}: {reason}")
    if spec["challenge"] == "http-01":
        for name in spec["names"]:
            check_webroot(spec, name)
    argv = ["certbot", "certonly", *COMMON, "--agree-tos", "--no-eff-email", "--email", spec["email"]]
    argv += ["--server", spec["directory"], "--cert-name", spec["domain"], "--force-renewal", "--renew-with-new-domains"]
    argv += [*key_options(spec, new_key), *challenge_options(spec)]
    argv += [part for name in spec["names"] for part in ("--domain", name)]
    certbot(spec, argv)


def rehearse(spec):
    """A renewal that changes nothing (T11); for Let's Encrypt certbot asks its staging environment."""
    argv = ["certbot", "renew", *COMMON, "--agree-tos", "--email", spec["email"], "--cert-name", spec["domain"]]
    server = [] if spec["directory"] == LETSENCRYPT else ["--server", spec["directory"]]
    certbot(spec, [*argv, *server, "--dry-run", "--no-random-sleep-on-renew"])


def certbot(spec, argv):
    for last in (False, False, True):
        before = os.path.getsize(CERTBOT_LOG) if os.path.exists(CERTBOT_LOG) else 0
        result = run(argv, env=environment(spec), check=False, timeout=900)
        if result.returncode == 0:
            return
        output = result.stdout + result.stderr + lost_words(before)
        # A client is to try again with the nonce that came with the refusal (RFC 8555 6.5); certbot does so once only.
        if last or kinds_of(output) != ["badNonce"]:
            raise HostError(explain(output, spec, present(spec)))
        say("the directory refused two nonces in a row, which says nothing about the order: once more")


def lost_words(before):
    """The directory's answer from what certbot has logged since: Debian 12's stumbles over it and prints none."""
    log = read(CERTBOT_LOG) or b""
    fresh = log[before:] if len(log) > before else log
    found = re.findall(r"^acme\.messages\.Error: (urn:.+)$", fresh.decode(errors="replace"), re.M)
    return "\n" + found[-1] if found else ""


def present(spec):
    """What the edge goes on showing, in words."""
    path = pair.current(spec)[0]
    return f"What the edge showed before stays (valid until {pem.until(pem.blocks(path)[0])})." if os.path.exists(path) else ""


def environment(spec):
    """Trust in the directory's own certificate in addition to the public ones, and the place of AWS credentials."""
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    if spec.get("ca"):
        os.makedirs(os.path.dirname(BUNDLE), mode=0o700, exist_ok=True)
        replace(BUNDLE, (read(PUBLIC) or b"") + b"\n" + read(spec["ca"]), {"mode": "0644"})
        env["REQUESTS_CA_BUNDLE"] = BUNDLE
    if spec.get("plugin") == "route53":
        env["AWS_CONFIG_FILE"] = env["AWS_SHARED_CREDENTIALS_FILE"] = spec["credentials"]
    return env


def key_options(spec, new_key):
    """
    ECDSA P-256. A renewal keeps the key until it is `keyLife` seconds old: Nginx reads certificate and key one after
    the other at a handshake, and with the same key any two of them fit.
    """
    _, key = lineage(spec)
    kept = not new_key and os.path.exists(key) and time.time() - key_made(key) < spec["keyLife"]
    curve = ["--key-type", "ecdsa", "--elliptic-curve", "secp256r1"] if version() >= (1, 10) else []
    return curve + (["--reuse-key"] if kept else [])


def key_made(key):
    """When the key came to be: the oldest of certbot's archived copies that are the same."""
    archive = os.path.dirname(os.path.realpath(key))
    content = read(key)
    copies = [os.path.join(archive, name) for name in os.listdir(archive) if name.startswith("privkey")]
    return min((os.path.getmtime(path) for path in copies if read(path) == content), default=0)


def version():
    found = re.search(r"(\d+)\.(\d+)", run(["certbot", "--version"]).stdout)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def challenge_options(spec):
    if spec["challenge"] == "http-01":
        return ["--preferred-challenges", "http", "--webroot", "--webroot-path", spec["webroot"]]
    plugin = "dns-" + spec["plugin"]
    options = ["--preferred-challenges", "dns", "--authenticator", plugin]
    if spec["plugin"] != "route53":
        options += [f"--{plugin}-credentials", spec["credentials"]]
        options += [f"--{plugin}-propagation-seconds", str(int(spec["propagation"]))]
    return options


def check_webroot(spec, name):
    """Through the running edge, before the directory is asked: its failures count against a limit, ours don't."""
    token = "fairlead-" + secrets.token_hex(8)
    place = os.path.join(spec["webroot"], ".well-known", "acme-challenge")
    os.makedirs(place, exist_ok=True)
    path = os.path.join(place, token)
    replace(path, token.encode(), {"mode": "0644"})
    connection = HTTPConnection("127.0.0.1", 80, timeout=10)
    try:
        connection.request("GET", f"/.well-known/acme-challenge/{token}", headers={"Host": name})
        answer = connection.getresponse()
        found = (answer.status, answer.read(200).decode(errors="replace"))
    except (OSError, HTTPException) as error:
        found = (None, str(error))
    finally:
        connection.close()
        os.remove(path)
    if found != (200, token):
        raise HostError(
            f"the edge doesn't serve {spec['webroot']} for {name} on port 80: expected 200, found {found[0] or found[1]}; "
            f"the directory was not asked. Look at docker logs {spec['container']}. {present(spec)}"
        )
