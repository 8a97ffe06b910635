#!/bin/sh
# customize.sh ROOT
#
# mmdebstrap's last step: makes a fresh Debian tree in ROOT a base image. It takes out what belongs to the
# machine that built it (name server, host name, proxy) and adds the settings that every image shares.
set -eu

root=${1:?the new root directory is missing}
here=$(dirname "$(readlink -f "$0")")

rm -f "$root/etc/resolv.conf" "$root/etc/hostname" \
	"$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
# Deleting the documentation here is quicker than mmdebstrap's filter while it unpacks.
find "$root/usr/share/doc" -mindepth 2 ! -type d ! -name copyright -delete
rm -rf "$root/usr/share/man/"* "$root/usr/share/info/"* "$root/usr/share/locale/"* "$root/usr/share/lintian/"* \
	"$root/usr/share/bug/"*
install -m 0644 "$here/dpkg.cfg" "$root/etc/dpkg/dpkg.cfg.d/90fairlead"
install -m 0644 "$here/apt.conf" "$root/etc/apt/apt.conf.d/90fairlead"
install -m 0755 "$here/install-packages" "$root/usr/local/sbin/install-packages"
# A package must not start its service inside an image that is being built.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"
