#!/bin/sh
# After init.sh: this machine's root made like the image's, then systemd. Units, users, rules and scripts are the
# product's own files; what is added is only what this root lacks: the program's Python, and a shell for the rig.
[ $$ = 1 ] || exit 1 # of the guest and of no other machine
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
. "$HIL_CHECKOUT/tests/hil/guest/shown.sh"
checkout=$HIL_CHECKOUT
rig=$checkout/tests/hil/guest
units=/usr/lib/systemd/system

# What image/package/deskphone/deskphone.mk and BR2_ROOTFS_OVERLAY put there.
rm -rf /etc/systemd/system/* /etc/udev/rules.d/* /etc/tmpfiles.d/* /usr/lib/systemd/system-preset/*
cp -r "$checkout"/image/rootfs/. /
install -D -m 0644 -t $units "$checkout"/firmware/systemd/*.service "$checkout"/firmware/systemd/*.socket "$checkout"/firmware/dhcp/*.service "$checkout"/firmware/dhcp/*.path
install -D -m 0644 "$checkout"/firmware/systemd/deskphone.tmpfiles.conf /usr/lib/tmpfiles.d/deskphone.conf
install -D -m 0644 "$checkout"/firmware/systemd/deskphone.sysusers.conf /usr/lib/sysusers.d/deskphone.conf
install -D -m 0644 "$checkout"/firmware/dhcp/dhcpcd-hooks/60-deskphone /usr/lib/dhcpcd/dhcpcd-hooks/60-deskphone
install -D -m 0755 "$checkout"/firmware/dhcp/deskphone-network /usr/lib/deskphone/deskphone-network
install -D -m 0755 /hil/splash /usr/lib/deskphone/splash
"$checkout"/.venv/bin/python "$checkout"/image/scripts/splash_conf.py "$checkout"/board/handset.toml >/usr/lib/deskphone/splash.conf

# The program as the image has it; the checkout and its Python may lie in a home or in /tmp, which the units hide.
ln -sf "$checkout"/.venv/bin/deskphone /usr/bin/deskphone
rm -f /usr/bin/python3
printf '#!/bin/sh\nexec %s/.venv/bin/python "$@"\n' "$checkout" >/usr/bin/python3
chmod 0755 /usr/bin/python3
for unit in deskphone deskphone-manage deskphone-trial deskphone-update packet-filter; do
    mkdir -p $units/$unit.service.d
    {
        printf '[Service]\nEnvironment=PYTHONPATH=%s/build/hil/packages RPI_LGPIO_REVISION=c03114 LG_WD=/run/deskphone\n' "$checkout"
        printf 'Environment=PYTHONDONTWRITEBYTECODE=1\n'
        printf 'ProtectHome=tmpfs\nBindReadOnlyPaths=%s %s\n' "$checkout" "$HIL_PYTHON"
    } >$units/$unit.service.d/rig.conf
done
# Of the slot that the firmware starts: its /etc (the version, RAUC's settings, the owner's keyring). /usr stays this
# machine's, with the checkout's program.
part=$(sed -n 's/.*root=PARTUUID=6473706e-0\([23]\) .*rauc\.slot=.*/\1/p' /proc/cmdline)
if [ -n "$part" ]; then
    mount -n -r -t squashfs "/dev/ubda$part" /mnt
    rm -f /etc/os-release
    cp -r /mnt/etc/. /etc/
    umount -n /mnt
    mv /usr/bin/rauc /usr/lib/deskphone/rauc
    install -m 0755 "$rig/rauc.sh" /usr/bin/rauc
    printf '[D-BUS Service]\nName=de.pengutronix.rauc\nExec=/usr/lib/deskphone/rauc service\n' \
        >/usr/share/dbus-1/services/de.pengutronix.rauc.service
    printf '[Service]\nDeviceAllow=block-ubd rw\n' >>$units/deskphone-update.service.d/rig.conf
fi
# Debian's dhcpcd keeps its leases elsewhere.
mkdir -p $units/dhcpcd.service.d /var/lib/dhcpcd
chown dhcpcd /var/lib/dhcpcd
printf '[Service]\nReadWritePaths=-/var/lib/dhcpcd\n' >$units/dhcpcd.service.d/rig.conf

# The rig's own: the shell, the copper's line, the volumes of the cards.
cat >$units/rig.service <<END
[Unit]
DefaultDependencies=no
After=systemd-udev-trigger.service
[Service]
ExecStartPre=-/usr/sbin/alsactl -f $rig/cards.state restore
ExecStart=$rig/lines.sh
StandardOutput=null
StandardError=null
END
mkdir -p $units/sysinit.target.wants
ln -sf ../rig.service $units/sysinit.target.wants/rig.service
[ -z "${HIL_AIR:-}" ] || "$rig/air.sh" $units
ln -sf $units/multi-user.target /etc/systemd/system/default.target
rm -f /.dockerenv # or systemd takes this for a container
rm -f /etc/machine-id /var/lib/dbus/machine-id
: >/etc/machine-id
systemctl preset-all >/dev/null 2>&1

show /
exec /lib/systemd/systemd "systemd.log_target=kmsg" systemd.show_status=no
