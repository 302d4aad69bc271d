#!/usr/bin/env bash
# What each slot has of its own on the boot partition: slots.sh BINARIES_DIR BOARD FOLDER. Kernel, device trees, the
# overlays that the wiring names, and the command line of slot A. post-build.sh puts it into the root file system, from
# where an update brings it to its slot; post-image.sh lays both slots out of the same folder.
set -euo pipefail
binaries=$1
board=$2
folder=$3
here=$(cd "$(dirname "$0")/.." && pwd)
boards=$here/../board
handset=$(sed -n 's/^BR2_PACKAGE_DESKPHONE_HANDSET="\(.*\)"$/\1/p' "${BR2_CONFIG:?}")
wiring=$boards/${handset:?}

development() { [ -x "${TARGET_DIR:?}/usr/bin/strace" ]; }

# No serial console without the development variant, and only where its pins are free.
command_line() {
    if development; then
        local words=''
        if [ "$board" != qemu ] && [ -f "$wiring.dev.txt" ]; then words='console=serial0,115200 '; fi
        sed "s/ systemd.getty_auto=no//; s/ quiet loglevel=3//; s/^/$words/" "$boards/$board/cmdline.txt"
    else
        cat "$boards/$board/cmdline.txt"
    fi
}

rm -rf "$folder"
mkdir -p "$folder"
cp "$binaries/Image.gz" "$folder/kernel8.img"
command_line >"$folder/cmdline.txt"
if [ "$board" = qemu ]; then exit; fi
cp "$binaries"/*.dtb "$folder/"
# Only the overlays that are named. README tells the firmware that this folder is to be used.
mkdir "$folder/overlays"
printf 'Overlays of this slot.\n' >"$folder/overlays/README"
overlays=$binaries/rpi-firmware/overlays
cp "$overlays/overlay_map.dtb" "$folder/overlays/"
cat "$boards/$board/config.txt" "$wiring.txt" | sed -n 's/^dtoverlay=\([^,]*\).*/\1/p' | while read -r overlay; do
    cp "$overlays/$overlay.dtbo" "$folder/overlays/"
done
