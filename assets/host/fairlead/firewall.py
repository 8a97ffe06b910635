"""UFW and the rules of DOCKER-USER as declared; a change takes itself back unless a new connection confirms it."""

import os
import shlex
import shutil

from .lib import rollback
from .lib.differences import content_of, differs
from .lib.errors import HostError, say
from .lib.files import install, read, remember, replace
from .lib.run import run

FOLDER = "/etc/ufw"
TABLES = {"v4": ("before.rules", "after.rules"), "v6": ("before6.rules", "after6.rules")}
TOOLS = {"v4": "iptables", "v6": "ip6tables"}
DEFAULTS = "/etc/default/ufw"
KEPT = [DEFAULTS] + [
    f"{FOLDER}/{name}" for name in ("ufw.conf", *TABLES["v4"], *TABLES["v6"], "user.rules", "user6.rules")
]
MARKS = ("# fairlead: begin", "# fairlead: end")
POLICIES = {
    "DEFAULT_INPUT_POLICY": '"DROP"',
    "DEFAULT_OUTPUT_POLICY": '"ACCEPT"',
    "DEFAULT_FORWARD_POLICY": '"DROP"',
    "IPV6": "yes",
}


def apply(spec):
    """
    Input: {packages, rules: [[ufw's words]], before: {v4, v6}, docker: {v4, v6}, sysctl, within}.

    `rules` is the whole list: everything else that is open is closed, and said. Returns the identity of a change that waits
    for its confirmation, or none when nothing changed.
    """
    install(spec["packages"])
    files = wanted_files(spec)
    wanted = [" ".join(words) for words in spec["rules"]]
    present = added()
    missing = [rule for rule in wanted if rule not in present]
    surplus = [rule for rule in present if rule not in wanted]
    differing = {path: text for path, text in files.items() if read(path) != text}
    if active() and not (missing or surplus or differing or past_ufw(spec)):
        return {"change": rollback.unchanged("firewall")}
    undo = [["ufw", "reload"]] if active() else [["ufw", "--force", "disable"], *open_docker()]
    change = rollback.arm("firewall", KEPT, undo, spec["within"])
    for rule in missing:
        run(["ufw", *rule.split()])
    for rule in surplus:
        say(f"closing what is not declared: {rule}")
        close(rule)
    for path, text in differing.items():
        replace(path, text, {"mode": "0640"})
    for tool, words in strays():
        say(f"deleting what is not ufw's: {tool} {' '.join(words)}")
        run([tool, "-D", *words])
    run(["ufw", "reload"] if active() else ["ufw", "--force", "enable"])
    verify(wanted)
    remember("firewall")
    return {"change": change}


def remove(spec):
    """The stack goes; the firewall stays, with only SSH open. A person may `ufw disable` it."""
    rollback.forget("firewall")
    if not active():
        return
    keep = [" ".join(words) for words in spec["ssh"]]
    for rule in added():
        if rule not in keep:
            close(rule)


def confirm(spec):
    """Over a connection of its own: the change that `apply` has made is good."""
    return rollback.confirm("firewall", spec, apply)


def look(spec):
    """UFW's rules and files, and whether the kernel's live rules are theirs."""
    if not shutil.which("ufw"):
        yield differs("package ufw", "presence", "installed", None)
        return
    if not active():
        yield differs("ufw", "state", "active", "inactive")
    wanted = [" ".join(words) for words in spec["rules"]]
    present = added()
    for rule in wanted:
        if rule not in present:
            yield differs(f"ufw rule {rule}", "presence", "rule", None)
    for rule in present:
        if rule not in wanted:
            yield differs(f"ufw rule {rule}", "presence", None, "rule")
    for path, text in wanted_files(spec).items():
        yield from content_of(path, text.decode())
    if active():
        for what, declared, found in past_ufw(spec):
            yield differs(what, "presence" if declared is None else "rules", declared, found)


def close(rule):
    """Deletes a rule as ufw lists it: a person's may have a comment, in quotes."""
    run(["ufw", "delete", *shlex.split(rule)])


def wanted_files(spec):
    policies = {**POLICIES, "IPT_SYSCTL": spec.get("sysctl") or f"{FOLDER}/sysctl.conf"}
    texts = {DEFAULTS: settings(shipped(DEFAULTS), policies)}
    for family, (before, after) in TABLES.items():
        for name, block in ((before, spec["before"][family]), (after, spec["docker"][family])):
            path = os.path.join(FOLDER, name)
            texts[path] = with_block(shipped(path), block, inside=name == before)
    return {path: text.encode() for path, text in texts.items()}


def shipped(path):
    content = read(path)
    if content is None:
        raise HostError(f"{path} of ufw's own is missing: `apt-get purge ufw` on the server, and the next update installs it anew")
    return content.decode()


def settings(text, values):
    """KEY=value lines with these values; a key that isn't there is added."""
    lines = text.rstrip("\n").split("\n")
    for key, value in values.items():
        places = [index for index, line in enumerate(lines) if line.startswith(key + "=")]
        if places:
            lines[places[0]] = f"{key}={value}"
        else:
            lines.append(f"{key}={value}")
    return "\n".join(lines) + "\n"


def with_block(text, block, inside):
    """The text with our block: before the filter table's COMMIT, or as a table of its own at the end."""
    lines = without_block(text).rstrip("\n").split("\n")
    marked = [MARKS[0], *block.rstrip("\n").split("\n"), MARKS[1]]
    at = max(index for index, line in enumerate(lines) if line.strip() == "COMMIT") if inside else len(lines)
    return "\n".join([*lines[:at], *marked, *lines[at:]]) + "\n"


def without_block(text):
    kept, ours = [], False
    for line in text.split("\n"):
        ours = ours or line == MARKS[0]
        if not ours:
            kept.append(line)
        if line == MARKS[1]:
            ours = False
    return "\n".join(kept)


def active():
    return "Status: active" in run(["ufw", "status"]).stdout


def added():
    """The rules as ufw itself spells them, without its name."""
    lines = run(["ufw", "show", "added"]).stdout.splitlines()
    return [line[len("ufw ") :] for line in lines if line.startswith("ufw ")]


def past_ufw(spec):
    """Where the kernel's live rules differ from what ufw has loaded: [(what, declared, found)]."""
    found = [(f"{tool} {' '.join(words)}", None, "there") for tool, words in strays()]
    for family, tool in TOOLS.items():
        policy = run([tool, "-S", "INPUT"]).stdout
        if "-P INPUT DROP" not in policy or "-before-input" not in policy:
            found.append((f"{tool} INPUT", "ufw's chains, then DROP", policy.splitlines()[0] if policy else "nothing"))
        wanted = targets(spec["docker"][family].splitlines())
        live = targets(run([tool, "-S", "DOCKER-USER"], check=False).stdout.splitlines())
        if wanted != live:
            found.append((f"{tool} DOCKER-USER", " ".join(wanted), " ".join(live) or "nothing"))
    return found


def strays():
    """Rules that were put into INPUT past ufw, except fail2ban's: [(tool, words)]."""
    lines = [(tool, shlex.split(line)) for tool in TOOLS.values() for line in run([tool, "-S", "INPUT"]).stdout.splitlines()]
    return [(tool, words[1:]) for tool, words in lines if words[0] == "-A" and not words[-1].startswith(("ufw", "f2b-"))]


def targets(lines):
    """What a chain does, rule by rule; the rest of a rule the kernel spells in its own way."""
    return [line.split()[-1] for line in lines if line.startswith("-A DOCKER-USER ")]


def open_docker():
    """DOCKER-USER as the Docker engine makes it: everything returns."""
    return [argv for tool in TOOLS.values() for argv in ([tool, "-F", "DOCKER-USER"], [tool, "-A", "DOCKER-USER", "-j", "RETURN"])]


def verify(wanted):
    """ufw has its own spelling of rules: a declared one that it doesn't list as such would be added at every update."""
    if not active():
        raise HostError("ufw says that it is not active; `ufw status verbose` on the server shows more")
    if sorted(added()) != sorted(wanted):
        raise HostError(f"ufw lists the rules {added()}, expected {wanted}")
    if "-j DROP" not in run(["iptables", "-S", "DOCKER-USER"]).stdout:
        raise HostError("the rules for Docker's published ports are not in DOCKER-USER: `ufw reload` on the server says why")
