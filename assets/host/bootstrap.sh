#!/bin/sh
# Brings the host tools to a server: Python 3 where it is missing, then the
# files that stand on standard input as one JSON object {name: content}.
set -eu

tools=/usr/local/lib/fairlead

if ! command -v python3 >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3 >/dev/null
fi

next=$(mktemp -d "$tools.XXXXXX")
trap 'rm -rf "$next"' EXIT
python3 -c '
import json, os, sys
os.mkdir(os.path.join(sys.argv[1], "fairlead"))
for name, content in json.load(sys.stdin).items():
    with open(os.path.join(sys.argv[1], "fairlead", name), "w") as file:
        file.write(content)
' "$next"
python3 -m compileall -q "$next"
chmod 0755 "$next" "$next/fairlead"

# Swap whole folders, so that a command that runs beside this one never sees half of the tools.
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
