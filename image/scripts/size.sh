#!/usr/bin/env bash
# How large the image of a board is, against the budget of release.toml: size.sh BOARD. Fails above the limit.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
board=${1:?usage: size.sh BOARD}
"$here/scripts/board.sh" "$board"
images=${OUT:-$here/../out/$board${HANDSET:+-$HANDSET}${VARIANT:+-$VARIANT}}/images

budget() { sed -n "s/^$1 = \([0-9]*\)$/\1/p" "$here/release.toml"; }

if [ ! -f "$images/rootfs.squashfs" ]; then
    printf 'image-size: %s: no rootfs.squashfs; run make image BOARD=%s first\n' "$images" "$board" >&2
    exit 66
fi
status=0
row() { # name file limit goal
    local file=$images/$2 bytes
    [ -f "$file" ] || return 0
    bytes=$(stat -c %s "$file")
    printf '%-10s %8.1f MiB   limit %4s   goal %4s\n' "$1" "$(awk "BEGIN { print $bytes / 1048576 }")" "$3" "$4"
    if [ "$3" != - ] && [ "$bytes" -gt $(($3 * 1048576)) ]; then
        printf 'image-size: %s is too large\n' "$2" >&2
        status=1
    fi
}
row root rootfs.squashfs "$(budget root_limit)" "$(budget root_goal)"
row kernel Image.gz - -
row card sdcard.img "$(budget card_limit)" -
row download sdcard.img.xz - -
exit "$status"
