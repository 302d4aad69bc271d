#!/usr/bin/env bash
# Buildroot calls this when root file system and kernel are there: post-image.sh BINARIES_DIR BOARD. It lays out the
# boot partition, makes the card image, and what is delivered with it.
#
# The firmware's own files lie at the top of the boot partition. Kernel, device trees, overlays and command line lie in
# a/ and b/ (os_prefix in config.txt), each with the root file system of its slot: docs/updates.md.
set -euo pipefail
binaries=$1
board=$2
here=$(cd "$(dirname "$0")/.." && pwd)
boards=$here/../board
boot=$binaries/boot

fail() {
    printf 'post-image: %s\n' "$*" >&2
    exit 1
}

handset=$(sed -n 's/^BR2_PACKAGE_DESKPHONE_HANDSET="\(.*\)"$/\1/p' "${BR2_CONFIG:?}")
wiring=$boards/${handset:?}
console=$wiring.dev.txt # the serial console of the development variant: only where its pins are free

development() { [ -x "${TARGET_DIR:?}/usr/bin/strace" ]; }

settings() {
    cat "$boards/$board/config.txt"
    if [ "$board" != qemu ]; then
        cat "$wiring.txt"
        if development && [ -f "$console" ]; then cat "$console"; fi
        # A mainline kernel (image/substitutes) has other names for its device trees.
        if compgen -G "$binaries/bcm2837-*.dtb" >/dev/null || [ -f "$binaries/bcm2711-rpi-cm4-io.dtb" ]; then printf '\nupstream_kernel=1\n'; fi
    fi
    printf '\n# Which slot starts: this letter, and nothing else, is changed (boot_slots.py).\nos_prefix=%s/\n' "$1"
}

# A trial only: the firmware starts the watchdog, the kernel feeds it for a minute, then systemd has to. Otherwise a kernel
# that stands still before systemd would wait for somebody to pull the plug. (Raspberry Pi's documentation, boot options,
# kernel_watchdog_timeout; a firmware that does not know it passes over it.)
trial() {
    if [ "$board" != qemu ]; then printf '\ndtparam=watchdog=on\nkernel_watchdog_timeout=60\n'; fi
}

# What may be passed on only with its licence text beside it: licence PACKAGE FILE NAME.
licence() {
    local text
    text=$(find "${BUILD_DIR:?}" -mindepth 2 -path "*/$1-*/$2" | head -n 1)
    [ -n "$text" ] || fail "$1: expected $2, which must be delivered with it"
    cp "$text" "$boot/$3"
}

raspberry_pi() {
    local firmware=$binaries/rpi-firmware
    cp "$firmware"/start*.elf "$firmware"/fixup*.dat "$boot/"
    if [ -f "$firmware/bootcode.bin" ]; then cp "$firmware/bootcode.bin" "$boot/"; fi
    licence rpi-firmware boot/LICENCE.broadcom LICENCE.broadcom
    if grep -qx BR2_PACKAGE_BRCMFMAC_SDIO_FIRMWARE_RPI=y "$BR2_CONFIG"; then
        licence brcmfmac_sdio-firmware-rpi LICENSE LICENCE.cypress
    fi
}

[ -f "$boards/$board/config.txt" ] || fail "board $board: expected one of $(cd "$boards" && echo */config.txt | sed 's,/config.txt,,g')"
if ! [ -f "$wiring.toml" ] || ! [ -f "$wiring.txt" ]; then
    fail "BR2_PACKAGE_DESKPHONE_HANDSET=$handset: expected a wiring of board/, $handset.toml and $handset.txt"
fi
slot=$TARGET_DIR/usr/lib/deskphone/boot # by post-build.sh: an update finds the same there
[ -f "$slot/kernel8.img" ] || fail "$slot: expected what post-build.sh puts there"
rm -rf "$boot"
mkdir -p "$boot"
settings a >"$boot/config.txt"
{ settings b; trial; } >"$boot/tryboot.txt"
for each in A B; do
    cp -r "$slot" "$boot/${each,,}"
    python3 -I "$here/rootfs/usr/lib/deskphone/boot_slots.py" slot-line "$each" <"$slot/cmdline.txt" >"$boot/${each,,}/cmdline.txt"
    printf 'good\n' >"$boot/${each,,}/state.txt"
done
if [ "$board" != qemu ]; then raspberry_pi; fi

# Every model of the board must start from what lies there, and find what its overlays change.
python3 "$here/scripts/device_tree.py" "$boot/a"
python3 "$here/scripts/boot_firmware.py" "$boot" "$board"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
genimage --rootpath "$boot" --tmppath "$work/tmp" --inputpath "$binaries" --outputpath "$binaries" \
    --config "$here/genimage.cfg"

cp "$TARGET_DIR/etc/rauc/system.conf" "$binaries/"

cd "$binaries"
bmaptool create -o sdcard.img.bmap sdcard.img
xz -T0 -k -f sdcard.img
sha256sum sdcard.img.xz sdcard.img.bmap rootfs.squashfs >SHA256SUMS
