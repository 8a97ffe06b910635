"""
Looks at a server and changes nothing. Input: {name: question}; output: {name: {code, out, err}}.

Questions: {run: argv, seconds}; {each: argv, run: argv with {}} for every line of the first; {read: path};
{stat: [globs], deep}; {search: {secrets: {name: value}, root}}; {starting: docker} for the checks of containers.
The values of secrets stay in this process: what is printed is the name of a secret and where it was found.
"""

import glob
import grp
import json
import os
import pwd
import re
import stat
import subprocess
import sys

LIMIT = 8 * 1024 * 1024
# Shapes of well-known credentials, and passwords inside of URLs.
SHAPES = {
    "private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "AWS key": rb"\bAKIA[0-9A-Z]{16}\b",
    "GitHub token": rb"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    "Anthropic key": rb"\bsk-ant-[A-Za-z0-9_-]{20,}",
    "OpenAI key": rb"\bsk-(?!ant-)[A-Za-z0-9_-]{32,}",
    "Stripe key": rb"\b[sr]k_live_[A-Za-z0-9]{16,}\b",
    "Slack token": rb"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "password in a URL": rb"\b[a-z][a-z0-9+.-]{2,}://[^\s:/@'\"]*:(?!\$|\*|%s|<|\{)[^\s:/@'\"]{6,}@[a-zA-Z0-9]",
}


def look(questions):
    """Answers by name; one question that fails doesn't silence the others."""
    answers = {}
    for name, question in questions.items():
        try:
            answers[name] = ask(question)
        except Exception as error:
            answers[name] = {"code": 1, "out": "", "err": f"{type(error).__name__}: {error}"}
    return answers


def ask(question):
    if "each" in question:
        return each(question["each"], question["run"])
    if "run" in question:
        return run(question["run"], question.get("seconds", 60))
    if "read" in question:
        return text(question["read"])
    if "stat" in question:
        return done(json.dumps(list(stats(question["stat"], question.get("deep", False)))))
    if "starting" in question:
        return done(json.dumps(starting(question["starting"])))
    return done(json.dumps(search(**question["search"])))


def done(out):
    return {"code": 0, "out": out, "err": ""}


def run(argv, seconds):
    env = {**os.environ, "LC_ALL": "C", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    try:
        result = subprocess.run(
            argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except FileNotFoundError:
        return {"code": 127, "out": "", "err": f"{argv[0]} is not installed"}
    except subprocess.TimeoutExpired:
        return {"code": 124, "out": "", "err": f"{argv[0]} did not end within {seconds} s"}
    return {
        "code": result.returncode,
        "out": result.stdout[:LIMIT].decode("utf-8", "replace"),
        "err": result.stderr[-2000:].decode("utf-8", "replace"),
    }


def each(listing, argv):
    listed = run(listing, 60)
    if listed["code"] != 0:
        return listed
    names = listed["out"].split()
    return done(json.dumps({name: run([word.replace("{}", name) for word in argv], 60) for name in names}))


def starting(docker):
    """
    The own health check of each container that Docker still calls "starting", by name: Docker runs it for the first time an
    interval after the start, when the deploy has long seen it pass.
    """
    listed = run([docker, "ps", "--quiet", "--no-trunc", "--filter", "health=starting"], 60)
    names = listed["out"].split()
    shown = run([docker, "inspect", "--type", "container", *names], 60) if names else {"out": ""}
    answers = {}
    for one in json.loads(shown["out"] or "[]"):
        test = (one["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
        argv = ["/bin/sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]
        if test[0] != "NONE":
            answers[one["Name"].lstrip("/")] = run([docker, "exec", one["Id"], *argv], 10)
    return answers


def text(path):
    """A file, or all that fit a pattern, one after the other."""
    if "*" in path:
        return done("\n".join(text(one)["out"] for one in sorted(glob.glob(path)) if os.path.isfile(one)))
    try:
        with open(path, "rb") as file:
            return done(file.read(LIMIT).decode("utf-8", "replace"))
    except OSError as error:
        return {"code": 2, "out": "", "err": str(error)}


def stats(patterns, deep):
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):
            yield from entry(path)
            if deep and os.path.isdir(path) and not os.path.islink(path):
                for folder, names, files in os.walk(path):
                    for name in sorted(names + files):
                        yield from entry(os.path.join(folder, name))


def entry(path):
    try:
        found = os.lstat(path)
    except OSError:
        return
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
    yield {
        "path": path,
        "mode": stat.S_IMODE(found.st_mode),
        "user": named(pwd.getpwuid, found.st_uid),
        "group": named(grp.getgrgid, found.st_gid),
        "type": kinds.get(stat.S_IFMT(found.st_mode), "other"),
    }


def named(look_up, number):
    try:
        return look_up(number)[0]
    except KeyError:
        return str(number)


def search(secrets, root):
    """Names of secrets by the place where they were found; what was looked at is counted."""
    known = {name: value.strip().encode() for name, value in secrets.items() if len(value.strip()) >= 8}
    found, counts = [], {}
    for kind, place, content, shapes in places(root):
        counts[kind] = counts.get(kind, 0) + 1
        hits = [name for name, value in known.items() if value in content]
        if shapes and not hits:
            hits = [f"a {name}" for name, shape in SHAPES.items() if re.search(shape, content)]
        found.extend({"kind": kind, "place": place, "what": hit} for hit in hits)
    return {"found": found, "counts": counts, "secrets": len(known)}


def places(root):
    """(kind, place, content, whether shapes count there too)."""
    yield from containers()
    yield from processes()
    yield from histories()
    yield from open_files(root)
    yield from logs()


def containers():
    """What `docker inspect` shows to everyone who may use the engine."""
    listed = run(["docker", "ps", "--all", "--quiet", "--no-trunc"], 60)
    if listed["code"] != 0 or not listed["out"].split():
        return
    shown = run(["docker", "inspect", "--type", "container", *listed["out"].split()], 120)
    for one in json.loads(shown["out"] or "[]"):
        name, config = one["Name"].lstrip("/"), one["Config"]
        labels = [f"{key}={value}" for key, value in (config.get("Labels") or {}).items()]
        check = (config.get("Healthcheck") or {}).get("Test") or []
        command = [one["Path"], *one["Args"], *check]
        for kind, words in (("environment", config.get("Env") or []), ("label", labels), ("command", command)):
            yield kind, name, "\n".join(words).encode(), True


def processes():
    own = {os.getpid(), os.getppid()}
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        if int(path.split("/")[2]) not in own:
            content = raw(path)
            if content:
                yield "arguments", content.split(b"\0")[0].decode("utf-8", "replace")[:80], content.replace(b"\0", b" "), True


def histories():
    names = (".*_history", ".*_hist", ".lesshst", ".viminfo")
    for home in sorted({user.pw_dir for user in pwd.getpwall() if user.pw_dir not in ("", "/")}):
        for name in names:
            for path in glob.glob(os.path.join(home, name)):
                yield "history", path, raw(path), True


def open_files(root):
    """Files that every user can read and reach, in the places where people put things."""
    for top in (root, "/etc", "/home", "/root", "/srv", "/tmp", "/var/tmp", "/var/www", "/opt", "/usr/local"):
        for folder, names, files in os.walk(top):
            names[:] = [name for name in names if reachable(os.path.join(folder, name), top, root)]
            if not reachable(folder, top, root):
                continue
            for name in files:
                path = os.path.join(folder, name)
                if readable(path):
                    yield "open file", path, raw(path), True


def reachable(folder, top, root):
    """Others may enter it. /opt is walked once even when the system's folder is below it."""
    own = os.path.normpath(folder) + "/"
    if top == "/opt" and own.startswith(os.path.normpath(root) + "/"):
        return False
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and bool(found.st_mode & stat.S_IXOTH)


def readable(path):
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and bool(found.st_mode & stat.S_IROTH) and found.st_size < 1024 * 1024


def logs():
    """The end of each log; only the stack's own secrets count, because applications log foreign text too."""
    paths = glob.glob("/var/log/**/*", recursive=True) + glob.glob("/var/lib/docker/containers/*/*-json.log")
    for path in sorted(set(paths)):
        if os.path.isfile(path) and not path.endswith((".gz", ".xz", ".journal")):
            yield "log", path, raw(path, tail=True), False
    journal = run(["journalctl", "--no-pager", "-o", "cat", "-n", "20000"], 60)
    if journal["code"] == 0:
        yield "log", "the journal", journal["out"].encode(), False


def raw(path, tail=False):
    try:
        with open(path, "rb") as file:
            if tail and os.fstat(file.fileno()).st_size > LIMIT:
                file.seek(-LIMIT, os.SEEK_END)
            return file.read(LIMIT)
    except OSError:
        return b""


# Also sent to servers as it is, so it imports nothing of the other tools.
if __name__ == "__main__":
    json.dump(look(json.load(sys.stdin)), sys.stdout)
