#!/usr/bin/env bash
# Buildroot calls this as fakeroot, after all permissions are set: post-fakeroot.sh TARGET_DIR. No program of the image
# changes its user, and the DHCP client's user has an empty home (Buildroot gives it /, and where dhcpcd may it takes the
# home for the root of what reads packets).
set -euo pipefail
target=$1

find "$target" -xdev -type f -perm /6000 -print -exec chmod ug-s {} +
left=$(find "$target" -xdev -type f -perm /6000)
if [ -n "$left" ]; then
    printf 'post-fakeroot: expected no setuid program, found:\n%s\n' "$left" >&2
    exit 1
fi
mkdir -p "$target/data" "$target/boot" "$target/usr/share/empty"
sed -i 's,^\(dhcpcd:.*\):/:,\1:/usr/share/empty:,' "$target/etc/passwd"
