#!/bin/sh
# Breaks a box in many ways that the audit must find, and that repair.sh takes back. Runs on the box.
set -eu

# A hardened server's logins have a stricter one; apt's own user must read what is laid out for it here.
umask 022

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

# sshd: the file is what the audit reads; the running daemon keeps its own, so no login changes.
cat >/etc/ssh/sshd_config.d/00-audit-broken.conf <<'END'
PasswordAuthentication yes
PubkeyAuthentication no
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

# Services: some that wouldn't start at boot, some that are stopped, one that failed, and one that listens.
systemctl --quiet disable docker.service ssh.service 2>/dev/null
systemctl --quiet disable --now fairlead-renew.timer
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

# The machine: a full disk, an old system, and logs that grow without an end. From here on systemd isn't to read its units
# anew: a timer that runs without its file would count as failed.
mkdir -p /boot
mount -t tmpfs -o size=64k,nr_inodes=20 audit-broken /boot
for number in $(seq 18); do : >"/boot/$number"; done
head -c 65536 /dev/zero >/boot/1
mv /etc/os-release "$keep/os-release"
printf 'ID=debian\nVERSION_ID="10"\nPRETTY_NAME="Debian GNU/Linux 10 (buster)"\n' >/etc/os-release
mv /etc/systemd/journald.conf.d "$keep/journald.conf.d"
for path in /etc/cron.daily/logrotate /lib/systemd/system/logrotate.timer /usr/sbin/logrotate; do
  [ ! -e "$path" ] || { echo "$path" >>"$keep/logrotate"; mv "$path" "$keep/$(echo "$path" | tr / _)"; }
done

# Packages: an old program, an update of it that waits, and lists that are out of date. Its own source of packages
# needs nothing from elsewhere.
install -d /srv/audit-broken-packages "$keep/talk/DEBIAN" /etc/apt/sources.list.d
control() {
  printf 'Package: talk\nVersion: %s\nArchitecture: all\nMaintainer: nobody <nobody@example.invalid>\n' "$1"
  printf 'Description: stands for a program of old\n'
}
control 0.1 >"$keep/talk/DEBIAN/control"
dpkg-deb --build "$keep/talk" "$keep/talk.deb" >/dev/null
dpkg --install "$keep/talk.deb" >/dev/null
cd /srv/audit-broken-packages
{ control 99; printf 'Filename: ./talk.deb\nSize: 1\nSHA256: %064d\n' 0; } >Packages
printf 'Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nSHA256:\n %s %s Packages\n' \
  "$(sha256sum <Packages | cut -d ' ' -f 1)" "$(stat -c %s Packages)" >Release
echo 'deb [trusted=yes] file:/srv/audit-broken-packages ./' >/etc/apt/sources.list.d/audit-broken.list
for list in /var/lib/apt/lists/*Packages*; do
  [ ! -e "$list" ] || stat -c '%Y %n' "$list" >>"$keep/lists"
done
apt-get update -qq -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/audit-broken.list \
  -o Dir::Etc::sourceparts=/dev/null -o APT::Get::List-Cleanup=0 2>/dev/null
touch --date '40 days ago' /var/lib/apt/lists/*Packages*
cd /

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

# Containers that do what a container must not; a privileged one can't start in a box.
docker run --detach --pull never --name audit-host --entrypoint sleep --network host --pid host --ipc host \
  --uts host --userns host --cap-add SYS_ADMIN --security-opt seccomp=unconfined --device /dev/null \
  --health-cmd "true || echo $secret" --memory 64m "$image" 900 >/dev/null
# What is committed here has no digest of a registry.
docker commit --pause=false audit-host audit-broken >/dev/null
mkdir "$keep/shared"
mount --bind "$keep/shared" "$keep/shared"
mount --make-shared "$keep/shared"
parent=/audit-broken
[ "$(docker info --format '{{.CgroupDriver}}')" != systemd ] || parent=audit-broken.slice
docker run --detach --pull never --name audit-rogue --entrypoint sh --publish 9999:80 --publish 999:80 \
  --cgroup-parent "$parent" --volume "$keep/shared:/shared:rshared" --log-opt max-size=500g \
  --env "TOKEN=$secret" --label "token=$secret" --restart always --ulimit nofile=500:500 \
  --volume /etc:/host-etc --volume /run/docker.sock:/run/docker.sock audit-broken \
  -c 'echo no JSON; cp /bin/sleep /usr/local/bin/sshd; exec /usr/local/bin/sshd 900' >/dev/null
docker run --detach --pull never --name audit-loop --entrypoint false --restart always "$image" >/dev/null
docker create --pull never --name audit-stopped --label managed-by=fairlead "$image" >/dev/null

# An application that misses what it needs.
docker stop maicivy_redis >/dev/null

# Last: the firewall.
if ufw status | grep -q 'Status: active'; then
  touch "$keep/ufw"
  ufw --force disable >/dev/null
fi
iptables -S DOCKER-USER >"$keep/docker-user" 2>/dev/null || true
iptables -F DOCKER-USER
