#!/bin/sh
# certbot calls this after a renewal that somebody started by hand: the new pair is checked and brought to the edge.
set -eu
exec /usr/local/bin/fairlead install-certificate </etc/fairlead/certificates.json
