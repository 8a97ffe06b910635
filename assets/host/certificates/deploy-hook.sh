#!/bin/sh
# certbot calls this after a renewal that a person started by hand: the new pair is checked and brought to the edge.
set -eu
exec /usr/local/bin/fairlead certificate install </etc/fairlead/certificates.json
