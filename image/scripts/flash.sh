#!/usr/bin/env bash
# Write a card image: flash.sh DEVICE [IMAGE]. Shows what is on the device, refuses what is in use or not a whole disk,
# and asks for the device's name to be typed. FLASH_YES=DEVICE answers beforehand (for scripts).
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
device=${1:-}
image=${2:-$here/../out/${BOARD:-rpi4}${HANDSET:+-$HANDSET}${VARIANT:+-$VARIANT}/images/sdcard.img.xz}

fail() {
    printf 'flash: %s\n' "$*" >&2
    exit "${2:-1}"
}

[ -n "$device" ] || { printf 'usage: make flash DEV=/dev/sdX [BOARD=rpi4] [IMAGE=FILE]\n' >&2; exit 64; }
[ -n "${2:-}" ] || "$here/scripts/board.sh" "${BOARD:-rpi4}"
[ -f "$image" ] || { printf 'flash: %s: not there; make image first, or IMAGE=FILE\n' "$image" >&2; exit 66; }
device=$(readlink -f "$device")
[ -b "$device" ] || fail "$device: expected a block device"
name=${device##*/}
[ -e "/sys/block/$name" ] || fail "$device: expected a whole disk, not a partition"

# In use: mounted, swap, or under another device, itself or any of its parts. lsblk knows all of them.
while read -r part mount; do
    [ -z "$mount" ] || fail "/dev/$part is mounted on $mount; unmount it, or look again whether this is the right disk"
done < <(lsblk -nrpo KNAME,MOUNTPOINT "$device" | sed 's,^/dev/,,')
for block in "/sys/block/$name" "/sys/block/$name/$name"*; do
    [ -d "$block/holders" ] || continue
    holders=$(ls "$block/holders")
    [ -z "$holders" ] || fail "${block##*/} is in use by $holders (RAID, LVM or encryption)"
done
if grep -q "^$device" /proc/swaps; then fail "$device is swap"; fi
# The disk under / can hide behind an overlay or a container: compare numbers as well.
root_number=$(stat -c %d /)
while read -r number; do
    [ "$((${number%:*} << 8 | ${number#*:}))" != "$root_number" ] || fail "$device holds this system"
done < <(lsblk -nro MAJ:MIN "$device")
[ "$(cat "/sys/block/$name/ro")" = 0 ] || fail "$device is write-protected"
[ -w "$device" ] || fail "$device: $(id -un) may not write to it; type sudo before make flash"

case $image in
    *.xz) bytes=$(xz --robot --list "$image" | awk '$1 == "totals" { print $5 }') ;;
    *) bytes=$(stat -c %s "$image") ;;
esac
room=$(($(cat "/sys/block/$name/size") * 512))
[ "$room" -ge "$bytes" ] || fail "$device has $room bytes, the image needs $bytes"

printf 'This will be overwritten, all of it:\n'
lsblk -o NAME,SIZE,TYPE,FSTYPE,LABEL,MODEL,TRAN "$device"
printf '\nwith %s (%d MiB)\n' "$image" $((bytes / 1048576))
if [ "${FLASH_YES:-}" != "$device" ]; then
    printf 'Type %s to go on: ' "$device"
    read -r answer || answer=
    [ "$answer" = "$device" ] || fail "nothing was written"
fi

if command -v bmaptool >/dev/null && [ -f "${image%.xz}.bmap" ]; then
    bmaptool copy --bmap "${image%.xz}.bmap" "$image" "$device"
else
    case $image in
        *.xz) xz -dc "$image" ;;
        *) cat "$image" ;;
    esac | dd of="$device" bs=4M iflag=fullblock oflag=direct conv=fsync status=progress
fi
sync
printf 'Done: the card may be taken out.\n'
