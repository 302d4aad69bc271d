#!/bin/sh
# PID 1 of the rig's guest. Its root is this machine's, read-only, below a file system in memory; the phone's files lie
# where the image has them. usage, as the kernel starts it: init.sh NEXT, with these in the environment:
#   HIL_SHARE   folder shared with the rig      HIL_CHECKOUT  the repository       HIL_COPPER  copper.ko
#   HIL_MODULE  its parameters                  HIL_PYTHON    the prefix of the interpreter below .venv
[ $$ = 1 ] || exit 1 # of the guest and of no other machine
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
. "$HIL_CHECKOUT/tests/hil/guest/shown.sh"

mount -n -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -n -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
cd /mnt/root
mount -n -t devtmpfs devtmpfs dev
mkdir -p dev/pts dev/shm hil etc/deskphone usr/lib/deskphone data
mount -n -t devpts devpts dev/pts
mount -n -t proc proc proc
mount -n -t sysfs sysfs sys
mount -n -t hostfs -o "$HIL_SHARE" none hil
mount -n -t tmpfs tmpfs run

# shellcheck disable=SC2086 # parameters of the module
insmod ".$HIL_COPPER" ${HIL_MODULE:-}
# The file of the board is the product's own; where ALSA finds the loudspeaker, too.
cp ".$HIL_CHECKOUT/board/handset.toml" etc/deskphone/handset.toml
cp ".$HIL_CHECKOUT/board/asound.conf" etc/asound.conf
cp ".$HIL_CHECKOUT/firmware/dhcp/dhcpcd.conf" etc/dhcpcd.conf
rm -f etc/resolv.conf
ln -s ../run/resolv.conf etc/resolv.conf
printf '420hd-020000001502' >proc/sys/kernel/hostname
ip link set lo up
ip link set vec0 name eth0 2>/dev/null || true

show .
exec switch_root /mnt/root "$HIL_CHECKOUT/tests/hil/guest/$1"
