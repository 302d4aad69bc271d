#!/bin/sh
# The phone without a cable: its only interface is wlan0, with the cable's address; the cable hangs at an access point,
# hostapd with /hil/hostapd.conf, in a network namespace of its own. usage: air.sh FOLDER-OF-UNITS
[ $PPID = 1 ] || exit 1 # by image.sh, in the guest and on no other machine
set -eu
mac=$(cat /sys/class/net/eth0/address)
ip netns add air
ip link set eth0 netns air
iw phy "$(cat /sys/class/net/wlan1/phy80211/name)" set netns name air
ip link set wlan0 address "$mac"
ip netns exec air sh -c 'ip link set lo up
ip link set eth0 address 02:00:00:00:00:ee # or the bridge would take what is meant for wlan0
ip link add br0 type bridge
ip link set eth0 master br0
ip link set eth0 up
ip link set br0 up'

cat >"$1/rig-access-point.service" <<END
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/usr/sbin/ip netns exec air /usr/sbin/hostapd /hil/hostapd.conf
END
ln -sf ../rig-access-point.service "$1/sysinit.target.wants/rig-access-point.service"
