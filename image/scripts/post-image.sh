#!/usr/bin/env bash
# Buildroot calls this when root file system and kernel are there: post-image.sh BINARIES_DIR BOARD. It lays out the
# boot partition, makes the card image, and what is delivered with it.
#
# The firmware's own files lie at the top of the boot partition. Kernel, device trees, overlays and command line lie in
# a/ (os_prefix in config.txt), so that an update can put the next ones into b/ and try them.
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

development() { [ -x "${TARGET_DIR:?}/usr/sbin/sshd" ]; }

# No serial console without the development variant.
command_line() {
    if development; then
        local words=''
        if [ "$board" != qemu ] && [ -f "$console" ]; then words='console=serial0,115200 '; fi
        sed "s/ systemd.getty_auto=no//; s/ quiet loglevel=3//; s/^/$words/" "$boards/$board/cmdline.txt"
    else
        cat "$boards/$board/cmdline.txt"
    fi
}

settings() {
    cat "$boards/$board/config.txt"
    if [ "$board" != qemu ]; then
        cat "$wiring.txt"
        if development && [ -f "$console" ]; then cat "$console"; fi
        # A mainline kernel (image/substitutes) has other names for its device trees.
        if compgen -G "$binaries/bcm2837-*.dtb" >/dev/null; then printf '\nupstream_kernel=1\n'; fi
    fi
    printf '\n# Which slot starts.\nos_prefix=a/\n'
}

# What may be passed on only with its licence text beside it: licence PACKAGE FILE NAME.
licence() {
    local text
    text=$(find "${BUILD_DIR:?}" -mindepth 2 -path "*/$1-*/$2" | head -n 1)
    [ -n "$text" ] || fail "$1: expected $2, which must be delivered with it"
    cp "$text" "$boot/$3"
}

raspberry_pi() {
    local firmware=$binaries/rpi-firmware overlay
    cp "$firmware"/start*.elf "$firmware"/fixup*.dat "$boot/"
    if [ -f "$firmware/bootcode.bin" ]; then cp "$firmware/bootcode.bin" "$boot/"; fi
    licence rpi-firmware boot/LICENCE.broadcom LICENCE.broadcom
    if grep -qx BR2_PACKAGE_BRCMFMAC_SDIO_FIRMWARE_RPI=y "$BR2_CONFIG"; then
        licence brcmfmac_sdio-firmware-rpi LICENSE LICENCE.cypress
    fi
    cp "$binaries"/*.dtb "$boot/a/"
    # Only the overlays that config.txt names. README tells the firmware that this folder is to be used.
    mkdir "$boot/a/overlays"
    printf 'Overlays of this slot.\n' >"$boot/a/overlays/README"
    cp "$firmware/overlays/overlay_map.dtb" "$boot/a/overlays/"
    while read -r overlay; do
        cp "$firmware/overlays/$overlay.dtbo" "$boot/a/overlays/"
    done < <(sed -n 's/^dtoverlay=\([^,]*\).*/\1/p' "$boot/config.txt")
}

[ -f "$boards/$board/config.txt" ] || fail "board $board: expected one of $(cd "$boards" && echo */config.txt | sed 's,/config.txt,,g')"
if ! [ -f "$wiring.toml" ] || ! [ -f "$wiring.txt" ]; then
    fail "BR2_PACKAGE_DESKPHONE_HANDSET=$handset: expected a wiring of board/, $handset.toml and $handset.txt"
fi
rm -rf "$boot"
mkdir -p "$boot/a"
command_line >"$boot/a/cmdline.txt"
settings >"$boot/config.txt"
cp "$binaries/Image.gz" "$boot/a/kernel8.img"
if [ "$board" != qemu ]; then raspberry_pi; fi

# Every model of the board must start from what lies there.
python3 "$here/scripts/boot_firmware.py" "$boot" "$board"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
genimage --rootpath "$boot" --tmppath "$work/tmp" --inputpath "$binaries" --outputpath "$binaries" \
    --config "$here/genimage.cfg"

cd "$binaries"
bmaptool create -o sdcard.img.bmap sdcard.img
xz -T0 -k -f sdcard.img
sha256sum sdcard.img.xz sdcard.img.bmap rootfs.squashfs >SHA256SUMS
