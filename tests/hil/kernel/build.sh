#!/usr/bin/env bash
# The rig's kernel and its module `copper`, built once and kept by a hash of what they are made of; prints their folder.
# usage: build.sh    The kernel is Debian's linux-source-6.12 as User-Mode Linux, built with this machine's compiler.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
archive=/usr/src/linux-source-6.12.tar.xz
cache=${XDG_CACHE_HOME:-$HOME/.cache}/deskphone/hil

say() { printf 'hil: %s (%ss)\n' "$*" "$SECONDS" >&2; }

fail() {
    printf 'hil: %s\n' "$*" >&2
    exit 69
}

[ -f "$archive" ] || fail "$archive is not there: apt-get install linux-source-6.12"
version=$(dpkg-query -W -f '${Version}' linux-source-6.12)
hash() { sha256sum | cut -c1-16; }
# The tree is kept as long as its source is the same: another configuration or module is compiled into it in no time.
source_key=$({ printf '%s\n' "$version"; gcc -dumpfullversion; cat "$here"/*.patch; } | hash)
result_key=$({ printf '%s\n' "$source_key"; cat "$here/uml.config" "$here/../copper/"*; } | hash)
kernel=$cache/kernel-$source_key
result=$cache/rig-$result_key
log=$cache/build.log
make=(make -C "$kernel/source" ARCH=um O="$kernel/out")

quiet() { "$@" >>"$log" 2>&1 || { tail -n 30 "$log" >&2; fail "failed: $* (all of it: $log)"; }; }

unpack() {
    say "unpacking Linux $version"
    rm -rf "$kernel"
    mkdir -p "$kernel/source" "$kernel/out"
    tar -xJf "$archive" -C "$kernel/source" --strip-components=1
    for patch in "$here"/*.patch; do quiet patch -d "$kernel/source" -p1 --fuzz=0 -i "$patch"; done
    touch "$kernel/unpacked"
}

build() {
    local work=$result.partial
    rm -rf "$work"
    mkdir -p "$work/module"
    quiet "${make[@]}" KCONFIG_ALLCONFIG="$here/uml.config" allnoconfig
    python3 "$here/../../../image/scripts/asked.py" "$kernel/out/.config" "$here/uml.config" \
        || fail "the kernel does not take all of uml.config"
    say "building the kernel, some minutes, once"
    quiet "${make[@]}" -j"$(nproc)" linux modules
    say "building the module"
    cp "$here/../copper/"* "$work/module/"
    quiet "${make[@]}" M="$work/module" modules
    cp "$kernel/out/linux" "$work/module/copper.ko" "$work/"
    rm -rf "$work/module"
    strip --strip-debug "$work/linux"
    mv "$work" "$result"
}

mkdir -p "$cache"
if [ ! -d "$result" ]; then
    exec 9>"$kernel.lock"
    flock 9
    : >"$log"
    [ -f "$kernel/unpacked" ] || unpack
    [ -d "$result" ] || build
fi
printf '%s\n' "$result"
