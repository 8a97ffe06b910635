#!/bin/bash
# Builds the module beside this script for the Nginx whose sources nginx-dev brings, with its own options.
set -eu

module=$(dirname "$(readlink -f "$0")")
cd /usr/share/nginx/src
# shellcheck disable=SC1091
. ./conf_flags
./configure "${NGX_CONF_FLAGS[@]}" --add-dynamic-module="$module" --builddir=/tmp/build >/tmp/configure.log ||
	{ cat /tmp/configure.log; exit 1; }
make -f /tmp/build/Makefile modules
install -m 0644 /tmp/build/ngx_http_informational_module.so "$1"
