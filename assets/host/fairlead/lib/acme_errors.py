"""What an ACME directory refused, and what to do about it (problem documents, RFC 8555, 6.7)."""

import re

REMEDIES = {
    "dns": "Let the name's A record lead to this server, without an AAAA record, and run the same command again.",
    "connection": "Open port 80 to everybody, at the provider's firewall too, and let the name lead to this server.",
    "unauthorized": "The name leads to another server, or something in front answers in its place: correct the DNS record.",
    "incorrectResponse": "The name leads to another server, or something in front answers in its place: correct the DNS record.",
    "caa": "Let the domain's CAA record name this authority, or remove it.",
    "rateLimited": "Wait until the time in the answer; meanwhile try with certificates.directory letsencrypt-staging.",
    "rejectedIdentifier": "The authority doesn't issue for this name: take it out of the configuration, or choose another authority.",
    "invalidContact": "Correct certificates.email.",
    "unsupportedContact": "Correct certificates.email.",
    "badCSR": "The authority refuses this set of names or this key: the detail says which.",
    "externalAccountRequired": "This directory wants accounts that were made on its site, which is not supported: choose another.",
    "accountDoesNotExist": "The directory has forgotten the account: remove /etc/letsencrypt/accounts on the server, and run the same command again.",
    "badNonce": "The directory lost track of our requests again and again, as with a proxy in front of it that answers from a cache: try again later.",
    "serverInternal": "The directory has a problem of its own: try again later.",
}
RECORD = (
    "The authority didn't find the record that the DNS plugin {plugin} had set: let the domain's NS records lead to the "
    "zone that the plugin changes{longer}."
)
# Route 53 says by itself when every name server has the record, and its plugin waits for that.
LONGER = ", and raise certificates.dns.propagation if its name servers need longer"
FALLBACK = "/var/log/letsencrypt/letsencrypt.log on the server has every step."


def explain(output, spec, present):
    """One message of what certbot printed: the directory's own words, a remedy for each kind, and what happens meanwhile."""
    kinds = kinds_of(output)
    setting = f"sites.{spec['domain']}.certificate." if spec.get("site") else "certificates."
    remedies = list(dict.fromkeys(remedy(kind, spec) for kind in kinds if kind in REMEDIES))
    if not kinds and spec["challenge"] == "dns-01":
        remedies.append(f"Check what the DNS plugin {spec['plugin']} needs: certificates.dns and its secrets.")
    remedies = remedies or [FALLBACK]
    return "\n".join(
        [f"{spec['directory']} issued no certificate: {', '.join(kinds) or 'certbot stopped'}.", words(output)]
        + [line for line in [present] if line]
        + ["What to do: " + remedy.replace("certificates.", setting) for remedy in remedies]
    )


def remedy(kind, spec):
    """With dns-01 it doesn't matter where the name leads: what was wrong then is the record."""
    if spec["challenge"] == "dns-01" and kind in ("dns", "unauthorized", "incorrectResponse"):
        return RECORD.format(plugin=spec["plugin"], longer="" if spec["plugin"] == "route53" else LONGER)
    return REMEDIES[kind]


def kinds_of(output):
    """The kinds of the problems, in the order of their appearance."""
    found = re.findall(r"urn:ietf:params:acme:error:(\w+)|^\s*Type:\s*(\w+)", output, re.M)
    return list(dict.fromkeys(first or second for first, second in found))


def words(output):
    """The lines about the failure, without certbot's greetings and pointers."""
    quiet = re.compile(
        r"Saving debug log|Ask for help|See the logfile|Requesting a certificate|Renewing an existing|^Account registered"
        r"|^Hint:|can't set attribute|^An unexpected error occurred|^Simulating|^Processing /etc|^[-\s]*$|^Plugins selected"
    )
    lines = "\n".join(line.rstrip() for line in output.splitlines() if not quiet.search(line))
    # Two domains may fail for the same reason: what is said of one of them stays together.
    parts = re.split(r"\n(?=\S|\s*Domain:)", lines)
    return "\n".join(dict.fromkeys(parts))[-2000:]
