#!/bin/sh
# Breaks the edge and the stack in ways that Nginx accepts. Runs on the box; the next update repairs them.
set -eu

# Health paths count for the limit of the site, port 80 doesn't say for good where the site is, and an application has no
# upstream of its own.
sed -i -f /dev/stdin /opt/maicivy/edge/live/nginx.conf <<'END'
/\$ip_limit_key {/a 11 $binary_remote_addr;
s#return 301 https#return 302 https#
s#http://frontend;#http://unix:/run/switch/frontend.sock;#
s#upstream frontend {#upstream audit-broken {#
END
docker kill --signal HUP maicivy_nginx >/dev/null
docker rm --force maicivy_redis >/dev/null
# The old workers end with their last connection.
sleep 1
