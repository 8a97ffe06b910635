#!/bin/sh
# Takes the host tools away again.
set -eu
rm -rf /usr/local/lib/fairlead /usr/local/bin/fairlead /var/lib/fairlead
