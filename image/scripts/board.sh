#!/usr/bin/env bash
# Whether there is a board of this name: board.sh NAME. Names those there are, and fails, where not.
set -euo pipefail
boards=$(cd "$(dirname "$0")/../../board" && pwd)
[ -f "$boards/$1/buildroot.config" ] && exit
printf 'image: BOARD=%s: expected one of %s\n' "$1" \
    "$(cd "$boards" && echo */buildroot.config | sed 's,/buildroot.config,,g')" >&2
exit 64
