#!/bin/sh
# certbot calls this after a renewal that a person started by hand: the new pair is checked and brought to the edge.
set -eu
settings=/etc/fairlead/certificates.json
# A site with a certificate of its own has its settings apart, by the name that certbot gives it.
site=/etc/fairlead/certificates.d/$(basename "${RENEWED_LINEAGE:-none}").json
if [ -e "$site" ]; then
  settings=$site
fi
exec /usr/local/bin/fairlead certificate install <"$settings"
