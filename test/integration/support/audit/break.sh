#!/bin/sh
# Breaks a box in many ways that the audit must find, and that repair.sh takes back. Runs on the box.
set -eu

keep=/root/audit-broken
mkdir -m 0700 "$keep"
secret=$(sed -E 's#^[a-z]+://[^:]+:([^@]+)@.*#\1#' /opt/maicivy/secrets/backend-*/DATABASE_URL | head -n 1)
image=$(docker inspect --format '{{.Image}}' maicivy_nginx)

# Files.
chmod 0644 /etc/shadow
chmod 0666 /run/docker.sock
chmod 0755 /opt/maicivy/secrets
stat -c '%a' /opt/maicivy/tls >"$keep/tls-mode"
chmod 0755 /opt/maicivy/tls
chmod 0666 /opt/maicivy/database/pg_hba.conf
install -d -m 0777 /home/audit-broken/.ssh
printf '#!/bin/sh\n' >/usr/local/bin/audit-broken
chmod 0777 /usr/local/bin/audit-broken

# sshd: the file is what the audit reads; the running daemon keeps its own, so nobody is locked out or let in.
cat >/etc/ssh/sshd_config.d/00-audit-broken.conf <<'END'
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PermitRootLogin yes
PermitEmptyPasswords yes
MaxAuthTries 10
LoginGraceTime 600
X11Forwarding yes
PermitUserEnvironment yes
AllowAgentForwarding yes
StrictModes no
LogLevel QUIET
KexAlgorithms +diffie-hellman-group14-sha1
Ciphers +aes128-cbc
MACs +hmac-sha1
END

# Of this one the last line counts.
printf 'MaxStartups 1000:30:2000\n' >/etc/ssh/sshd_config.d/zz-audit-broken.conf

# Accounts.
useradd --non-unique --uid 0 --no-create-home audit-toor
useradd --no-create-home audit-guest
useradd --no-create-home audit-other
passwd --delete --quiet audit-guest
echo "audit-other:$(head -c 18 /dev/urandom | base64)" | chpasswd
usermod --shell /bin/sh games
for name in audit-guest audit-other; do usermod --append --groups docker "$name"; done
mkdir -p /etc/sudoers.d
printf 'audit-other ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/audit-broken
chmod 0440 /etc/sudoers.d/audit-broken

# Services: one that failed, some that are stopped, and one that listens.
systemctl --quiet stop cron.service
systemctl --quiet stop fail2ban.service apt-daily-upgrade.timer 2>/dev/null || true
systemd-run --quiet --unit=audit-failed false || true
systemd-run --quiet --unit=audit-listens socat TCP-LISTEN:2375,fork,reuseaddr /dev/null
systemd-run --quiet --unit=audit-argument --description=argument sh -c 'sleep 900; true' "$secret"

# Kernel: only what the box has for itself.
for name in net.ipv4.conf.all.accept_redirects net.ipv4.conf.default.accept_source_route \
  net.ipv4.conf.all.rp_filter net.ipv4.tcp_syncookies net.ipv4.icmp_echo_ignore_broadcasts; do
  printf '%s=%s\n' "$name" "$(sysctl -n "$name")" >>"$keep/sysctl"
done
sysctl -q net.ipv4.conf.all.accept_redirects=1 net.ipv4.conf.default.accept_source_route=1 \
  net.ipv4.conf.all.rp_filter=0 net.ipv4.tcp_syncookies=0 net.ipv4.icmp_echo_ignore_broadcasts=0

# Configuration that would fail at the next reload.
cp -p /opt/maicivy/edge/live/nginx.conf "$keep/nginx.conf"
echo 'no_such_directive on;' >>/opt/maicivy/edge/live/nginx.conf
cp -p /opt/maicivy/switch/conf/haproxy.cfg "$keep/haproxy.cfg"
printf 'no-such-section\n' >>/opt/maicivy/switch/conf/haproxy.cfg
cp -p /etc/docker/daemon.json "$keep/daemon.json"
printf '{"hosts": ["tcp://0.0.0.0:2375"], "insecure-registries": ["registry.test:5000"]}\n' >/etc/docker/daemon.json
touch /run/reboot-required

# Secrets where they don't belong.
printf 'psql postgres://maicivy:%s@postgres/maicivy\n' "$secret" >"$keep/line"
[ ! -e /root/.bash_history ] || cp -p /root/.bash_history "$keep/history"
printf 'docker exec --privileged --user root maicivy_redis sh\n' >>/root/.bash_history
cat "$keep/line" >>/root/.bash_history
install -m 0644 "$keep/line" /srv/audit-broken
install -m 0600 "$keep/line" /var/log/audit-broken.log

# Two containers that do what a container must not; a privileged one can't start in a box.
docker run --detach --pull never --name audit-rogue --entrypoint sleep --publish 9999:80 \
  --env "TOKEN=$secret" --label "token=$secret" --restart always --ulimit nofile=500:500 \
  --volume /etc:/host-etc --volume /run/docker.sock:/run/docker.sock "$image" 900 >/dev/null
docker run --detach --pull never --name audit-host --entrypoint sleep --network host --pid host --ipc host \
  --uts host --userns host --cap-add SYS_ADMIN --security-opt seccomp=unconfined --device /dev/null \
  --health-cmd "true || echo $secret" --memory 64m "$image" 900 >/dev/null
docker create --pull never --name audit-stopped --label managed-by=fairlead "$image" >/dev/null

# Last: the firewall.
if ufw status | grep -q 'Status: active'; then
  touch "$keep/ufw"
  ufw --force disable >/dev/null
fi
iptables -S DOCKER-USER >"$keep/docker-user" 2>/dev/null || true
iptables -F DOCKER-USER
