#!/bin/sh
# Brings the host tools to a server: Python 3 where it is missing, then the
# files that stand on standard input as one JSON object {name: content}.
# One of them, claim.json, says which stack wants to own this server: the first
# thing done here, and the last if the server belongs to another.
# With the argument `remove` it removes the tools.
# It also installs itself, so that a user who may run nothing else by sudo can
# bring new tools.
set -eu

self=/usr/local/sbin/fairlead-bootstrap
tools=/usr/local/lib/fairlead
unit=/etc/systemd/system/fairlead-rollback.service
# create or update: whether the stack has been on a server before.
when='{{when}}'
[ -z "${1:-}" ] || when=$1

if [ "$(id -u)" -ne 0 ]; then
  if [ -x "$self" ] && { [ "$when" = remove ] || grep -q makedirs "$self"; }; then
    exec sudo -n "$self" "$when"
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cat >"$work/input.json"
  # The file is this user's own, so the shell may open it: SC2024 doesn't apply.
  if [ -x "$self" ]; then
    # From a version whose tools have no folders, so it can't unpack these: it gets this script first, with its own tools.
    python3 -c '
import glob, json, os, sys
new = json.load(sys.stdin)
kept = {name: new[name] for name in ("bootstrap.sh", "claim.json")}
for path in [sys.argv[2], *glob.glob(sys.argv[1] + "/fairlead/*.py")]:
    with open(path) as file:
        kept[os.path.basename(path)] = file.read()
json.dump(kept, sys.stdout)
' "$tools" "$unit" <"$work/input.json" >"$work/kept.json"
    # shellcheck disable=SC2024
    sudo -n "$self" "$when" <"$work/kept.json"
    # shellcheck disable=SC2024
    sudo -n "$self" "$when" <"$work/input.json"
    exit
  fi
  # The first time: a user who may do everything by sudo, as providers make one.
  python3 -c 'import json, sys; sys.stdout.write(json.load(sys.stdin)["bootstrap.sh"])' \
    <"$work/input.json" >"$work/bootstrap.sh"
  # shellcheck disable=SC2024
  sudo -n sh "$work/bootstrap.sh" "$when" <"$work/input.json"
  exit
fi

if [ "$when" = remove ]; then
  if [ -d "$tools/fairlead" ]; then
    python3 -c 'import json, sys; sys.stdout.write(json.loads(sys.stdin.read() or "{}").get("claim.json", "{}"))' |
      PYTHONPATH="$tools" python3 -m fairlead leave
  fi
  systemctl disable --quiet fairlead-rollback.service 2>/dev/null || true
  rm -rf "$tools" /usr/local/bin/fairlead "$self" "$unit" /var/lib/fairlead /etc/sudoers.d/60-fairlead
  exit
fi

# A fresh server updates itself after it starts, so this waits for the process that
# holds one of apt's locks. DPkg::Lock::Timeout does that for dpkg's own only.
patiently() {
  tries=0
  until words=$(DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -qq -o DPkg::Lock::Timeout=600 "$@" 2>&1); do
    tries=$((tries + 1))
    case $tries:$words in
      600:*) ;;
      *"E: Could not get lock "*)
        [ "$tries" -ne 1 ] || echo "waiting: another process is at apt" >&2
        sleep 1
        continue
        ;;
    esac
    printf '%s\n' "$words" >&2
    exit 1
  done
}

umask 022
if ! command -v python3 >/dev/null 2>&1; then
  patiently update
  patiently install -y --no-install-recommends python3
fi

next=$(mktemp -d "$tools.XXXXXX")
trap 'rm -rf "$next"' EXIT
python3 -c '
import json, os, sys
for name, content in json.load(sys.stdin).items():
    folder = "" if name in ("bootstrap.sh", "fairlead-rollback.service", "claim.json") else "fairlead"
    path = os.path.join(sys.argv[1], folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(content)
' "$next"
# One word each, as tools of every version know them: a stack may go back to an earlier one.
if [ -e "$next/claim.json" ]; then
  python3 -B -c 'import json, sys; json.dump({**json.load(sys.stdin), "when": sys.argv[1]}, sys.stdout)' "$when" \
    <"$next/claim.json" >"$next/claimed.json"
  PYTHONPATH="$next" python3 -B -m fairlead claim <"$next/claimed.json"
  rm "$next/claim.json" "$next/claimed.json"
else
  # From a version that leaves no name.
  echo '{}' | PYTHONPATH="$next" python3 -B -m fairlead leave
fi
python3 -m compileall -q "$next"
find "$next" -type d -exec chmod 0755 {} +

install -m 0755 "$next/bootstrap.sh" "$self.next"
mv "$self.next" "$self"
if ! cmp -s "$next/fairlead-rollback.service" "$unit"; then
  install -m 0644 "$next/fairlead-rollback.service" "$unit"
  systemctl daemon-reload
  systemctl enable --quiet fairlead-rollback.service
fi

# Swap whole folders, so that a command that runs at the same time never sees half of the tools.
rm -rf "$tools.old"
[ ! -e "$tools" ] || mv "$tools" "$tools.old"
mv "$next" "$tools"
rm -rf "$tools.old"

cat >/usr/local/bin/fairlead.next <<'END'
#!/bin/sh
PYTHONPATH=/usr/local/lib/fairlead exec python3 -m fairlead "$@"
END
chmod 0755 /usr/local/bin/fairlead.next
mv /usr/local/bin/fairlead.next /usr/local/bin/fairlead
