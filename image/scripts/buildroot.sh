#!/usr/bin/env bash
# A Buildroot tree to work with: prints its path. BUILDROOT=DIR is taken as it is (its version is compared); otherwise
# the release of image/release.toml is fetched once, checked by SHA-256, and unpacked below the cache.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/deskphone/buildroot

fail() {
    printf 'image: %s\n' "$*" >&2
    exit 69
}

fact() { sed -n "s/^$1 = \"\(.*\)\"/\1/p" "$here/release.toml"; }

# wget is what Buildroot fetches with: where it can be built, it is there.
fetch() { # url file
    if command -v curl >/dev/null; then
        curl --fail --location --silent --show-error --connect-timeout 20 -o "$2" "$1"
    else
        wget --quiet --timeout=20 --tries=2 -O "$2" "$1"
    fi
}

version=$(fact version)

if [ -n "${BUILDROOT:-}" ]; then
    [ -f "$BUILDROOT/Makefile" ] || fail "BUILDROOT=$BUILDROOT: expected a Buildroot tree"
    found=$(sed -n 's/^export BR2_VERSION := //p' "$BUILDROOT/Makefile")
    [ "$found" = "$version" ] || printf 'image: warning: BUILDROOT is %s, the recipe is pinned to %s\n' "$found" "$version" >&2
    cd "$BUILDROOT" && pwd
    exit
fi

tree=$cache/buildroot-$version
if [ ! -d "$tree" ]; then
    mkdir -p "$cache"
    archive=$cache/buildroot-$version.tar.gz
    if [ ! -f "$archive" ]; then
        printf 'image: fetching Buildroot %s\n' "$version" >&2
        fetch "$(fact url)" "$archive.partial" || fail "$(fact url) is out of reach; name a tree at hand with BUILDROOT=DIR"
        mv "$archive.partial" "$archive"
    fi
    found=$(sha256sum "$archive" | cut -d' ' -f1)
    if [ "$found" != "$(fact sha256)" ]; then
        mv "$archive" "$archive.refused"
        fail "$archive: SHA-256 is $found, expected $(fact sha256) (kept as .refused)"
    fi
    rm -rf "$tree.partial"
    mkdir "$tree.partial"
    tar -xzf "$archive" -C "$tree.partial" --strip-components=1
    mv "$tree.partial" "$tree"
fi
printf '%s\n' "$tree"
