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

# No serial console without the development variant.
command_line() {
    if [ -x "${TARGET_DIR:?}/usr/sbin/sshd" ]; then
        sed 's/ systemd.getty_auto=no//; s/ quiet loglevel=3//' "$boards/$board/cmdline.txt"
    else
        cat "$boards/$board/cmdline.txt"
    fi
}

raspberry_pi() {
    local firmware=$binaries/rpi-firmware overlay
    cp "$firmware"/start*.elf "$firmware"/fixup*.dat "$boot/"
    if [ -f "$firmware/bootcode.bin" ]; then cp "$firmware/bootcode.bin" "$boot/"; fi
    { cat "$boards/$board/config.txt"; printf '\n# Which slot starts.\nos_prefix=a/\n'; } >"$boot/config.txt"
    cp "$binaries/Image.gz" "$boot/a/kernel8.img"
    cp "$binaries"/*.dtb "$boot/a/"
    # Only the overlays that config.txt names. README tells the firmware that this folder is to be used.
    mkdir "$boot/a/overlays"
    touch "$boot/a/overlays/README"
    cp "$firmware/overlays/overlay_map.dtb" "$boot/a/overlays/"
    while read -r overlay; do
        cp "$firmware/overlays/$overlay.dtbo" "$boot/a/overlays/"
    done < <(sed -n 's/^dtoverlay=\([^,]*\).*/\1/p' "$boards/$board/config.txt")
}

rm -rf "$boot"
mkdir -p "$boot/a"
command_line >"$boot/a/cmdline.txt"
case $board in
    rpi* | zero*) raspberry_pi ;;
    qemu) cp "$binaries/Image.gz" "$boot/a/kernel8.img" ;;
    *)
        printf 'post-image: board %s: expected rpi4, rpi3, zero2w or qemu\n' "$board" >&2
        exit 1
        ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
genimage --rootpath "$boot" --tmppath "$work/tmp" --inputpath "$binaries" --outputpath "$binaries" \
    --config "$here/genimage.cfg"

cd "$binaries"
bmaptool create -o sdcard.img.bmap sdcard.img
xz -T0 -k -f sdcard.img
sha256sum sdcard.img.xz sdcard.img.bmap rootfs.squashfs >SHA256SUMS
