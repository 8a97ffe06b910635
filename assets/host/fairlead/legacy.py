"""
Calls as versions before the nouns made them: one word. A stack's state keeps the commands of its last update, and runs
their `delete` with these tools; drift looks at them until an update has renewed them. Some words are still in use: what
is called before an update may be answered by the tools of before.
"""

WORDS = {
    "account": ("account", "apply"),
    "allow": ("cache-password", "apply"),
    "apply": ("files", "apply"),
    "certificate": ("certificate", "apply"),
    "claim": ("owner", "claim"),
    "configure-switch": ("switch", "apply"),
    "confirm": ("rollback", "confirm"),
    "disallow": ("cache-password", "remove"),
    "edge": ("edge", "apply"),
    "firewall": ("firewall", "apply"),
    "gate": ("container", "apply"),
    "gate-switch": ("switch-container", "apply"),
    "guard": ("owner", "remove"),
    "harden": ("hardening", "apply"),
    # The lock is taken before the tools are renewed.
    "hold": ("lock", "hold"),
    # So is the look of `npm run up` for drift.
    "inspect": ("server", "look"),
    "install-certificate": ("certificate", "install"),
    "issue": ("certificate-order", "apply"),
    "leave": ("owner", "leave"),
    "login": ("database-login", "apply"),
    "logout": ("database-login", "remove"),
    "look": ("look", "look"),
    "refresh": ("switch-process", "apply"),
    "reload-database": ("database", "apply"),
    "remove": ("files", "remove"),
    # And `npm run renew` comes without an update.
    "renew": ("certificate", "renew"),
    "rollback": ("rollback", "apply"),
    "sshd": ("sshd", "apply"),
    "swap": ("swap", "apply"),
    "switch": ("traffic", "apply"),
    "unaccount": ("account", "remove"),
    "unfirewall": ("firewall", "remove"),
    "unharden": ("hardening", "remove"),
    "unsshd": ("sshd", "remove"),
    "unswap": ("swap", "remove"),
    "unswitch": ("traffic", "remove"),
    "update-system": ("updates", "apply"),
}


def understood(words, spec):
    """(noun, verb, input) of a call in its words; an old input becomes one of today."""
    if words == ["tools"]:
        return "tools", "apply", spec
    if len(words) != 1:
        return words[0], words[1], spec
    noun, verb = WORDS[words[0]]
    return noun, verb, TRANSLATIONS.get(noun, lambda old: old)(spec) if isinstance(spec, dict) else spec


def of_files(old):
    """`always`, `changed` and `removed` were lists of commands."""
    commands = [argv for key in ("always", "changed") for argv in old.get(key, [])]
    links = [{"path": argv[3], "target": argv[2]} for argv in commands if argv[:2] == ["ln", "-sfn"]]
    paths = [file["path"] for file in old.get("files", [])]
    restarted = {argv[2] for argv in commands if argv[:2] == ["systemctl", "restart"]}
    enabled = {argv[-1]: "--now" in argv for argv in commands if argv[:2] == ["systemctl", "enable"]}
    units = [
        {"name": name, "enabled": name in enabled, "running": enabled.get(name, False), **({"restartOn": paths} if name in restarted else {})}
        for name in sorted({*restarted, *enabled})
    ]
    units += [{"name": argv[-1], "owned": True} for argv in old.get("removed", []) if argv[:2] == ["systemctl", "disable"]]
    rest = {key: value for key, value in old.items() if key not in ("always", "changed", "removed")}
    return {**rest, "links": links, "units": units}


def of_hardening(old):
    """`services`, `ours` and `restart` were lists that belonged together."""
    if "services" not in old:
        return old
    read_by = {}
    for path, names in old["restart"].items():
        for name in names:
            read_by.setdefault(name, []).append(path)
    units = [
        {"name": name, "restartOn": read_by.get(name, []), "enabled": name in old["services"], "running": name in old["services"], "owned": name in old["ours"]}
        for name in dict.fromkeys([*old["services"], *read_by])
    ]
    # The tools of before put the gateway into the line of this file, and only they know where.
    files = [file for file in old["files"] if not (old["gateway"] and file["path"].endswith("jail.local"))]
    rest = {key: value for key, value in old.items() if key not in ("services", "ours", "restart", "gateway")}
    return {**rest, "files": files, "units": units}


def of_traffic(old):
    """A release had its limit here, and each of its containers two names; the file of HAProxy came half made."""
    if "head" not in old:
        return old
    releases = [
        {"name": release["name"], "weight": release["weight"], "containers": [one["name"] for one in release["containers"]]}
        for release in old["releases"]
    ]
    rest = {key: value for key, value in old.items() if key not in ("head", "options", "slots", "checked", "pids")}
    return {**rest, "health": old["checked"], "releases": releases}


def of_certificate(old):
    """The timer came with the certificate."""
    return {key: value for key, value in old.items() if key not in ("unit", "timer")}


TRANSLATIONS = {
    "files": of_files,
    "switch": of_files,
    "hardening": of_hardening,
    "traffic": of_traffic,
    "certificate": of_certificate,
    "certificate-order": of_certificate,
}
