#!/usr/bin/env bash
# Build the card image of one board: build.sh BOARD. The result lies in out/BOARD/images/.
# BUILDROOT=DIR: a tree at hand. VARIANT=dev: the development variant. OVERRIDES=FILE: a local.mk for Buildroot that says
# where else sources come from; it is printed, and the image is no longer the pinned one.
# Downloads and ccache are kept in ~/.cache/deskphone (BR2_DL_DIR, BR2_CCACHE_DIR change that).
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$here/.." && pwd)
board=${1:?usage: build.sh BOARD}
out=${OUT:-$root/out/$board${VARIANT:+-$VARIANT}}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/deskphone

fail() {
    printf 'image: %s\n' "$*" >&2
    exit 64
}

[ -f "$root/board/$board/buildroot.config" ] || fail "BOARD=$board: expected one of $(cd "$root/board" && echo */buildroot.config | sed 's,/buildroot.config,,g')"
buildroot=$("$here/scripts/buildroot.sh")
export BR2_DL_DIR=${BR2_DL_DIR:-$cache/dl} BR2_CCACHE_DIR=${BR2_CCACHE_DIR:-$cache/ccache}
mkdir -p "$out" "$BR2_DL_DIR"
# The date of all files in the image, and the earliest a Pi without a clock believes in: the commit's, not Buildroot's.
if date=$(git -C "$root" log -1 --format=%ct 2>/dev/null); then export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$date}; fi

configs=("$root/buildroot.config" "$root/board/$board/buildroot.config")
if [ -n "${VARIANT:-}" ]; then configs+=("$here/$VARIANT.config"); fi
if [ -n "${OVERRIDES:-}" ]; then
    printf 'image: SUBSTITUTED SOURCES by %s: this is not the pinned image\n' "$OVERRIDES" >&2
    printf 'BR2_PACKAGE_OVERRIDE_FILE="%s"\n' "$(realpath "$OVERRIDES")" >"$out/overrides.config"
    configs+=("$out/overrides.config")
    for config in "${OVERRIDES%.mk}.config" "${OVERRIDES%.mk}-$board.config"; do
        if [ -f "$config" ]; then configs+=("$config"); fi
    done
fi
cat "${configs[@]}" >"$out/asked.config"

run() { make -C "$buildroot" O="$out" BR2_EXTERNAL="$here" "$@"; }

run BR2_DEFCONFIG="$out/asked.config" defconfig 2>&1 >/dev/null | { grep -v 'warning: override:' >&2 || true; }
python3 "$here/scripts/asked.py" "$out/.config" "${configs[@]}"
if [ "${STOP_AFTER:-}" = defconfig ]; then exit; fi
if [ -n "${TARGETS:-}" ]; then
    # shellcheck disable=SC2086 # a list of targets
    run $TARGETS
    exit
fi

# Buildroot does not look whether sources at hand have changed since it last compiled them.
again() { # package folder-of-its-sources
    local built
    built=$(find "$out/build" -maxdepth 2 -path "$out/build/$1-[0-9]*/.stamp_built" 2>/dev/null)
    if [ -n "$built" ] && [ -n "$(find "$2" -type f -newer "$built" -not -path '*/__pycache__/*' -print -quit)" ]; then
        run "$1-rebuild"
    fi
}
again deskphone-pjproject "$root/firmware/native"
again deskphone "$root/firmware/deskphone"
again deskphone-splash "$here/package/deskphone-splash/src"
run -j"${JOBS:-$(nproc)}"

# The kernel's configuration, too, must be what was asked for; the last file has the last word. The files are those of
# this build: substitutes may have another kernel with other ones.
asked_of_kernel() {
    sed -n 's/^BR2_LINUX_KERNEL_\(CUSTOM_CONFIG_FILE\|CONFIG_FRAGMENT_FILES\)="\(.*\)"$/\2/p' "$out/.config" \
        | tr ' ' '\n' | sed "s,^\$(BR2_EXTERNAL_DESKPHONE_PATH),$here,"
}
kernel=$(find "$out/build" -maxdepth 2 -path '*/linux-[0-9c]*/.config' | head -n 1)
if [ -n "$kernel" ]; then
    mapfile -t fragments < <(asked_of_kernel)
    python3 "$here/scripts/asked.py" "$kernel" "${fragments[@]}" \
        || printf "image: warning: the kernel's configuration is not what was asked for\n" >&2
fi

# What is inside, for whoever must know: licences, and a bill of materials (CycloneDX). The whole is not called
# "deskphone": one of its parts is, and no two things in a bill may have the same name.
run legal-info >"$out/legal-info.log" 2>&1 || fail "legal-info failed: $out/legal-info.log"
cp "$out/legal-info/manifest.csv" "$out/images/licences.csv"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/firmware/pyproject.toml")
if run -s show-info >"$out/show-info.json" && "$buildroot/utils/generate-cyclonedx" --project-name "deskphone-$board" \
    --project-version "$version" -i "$out/show-info.json" -o "$out/images/sbom.cdx.json" 2>"$out/sbom.log"; then
    (cd "$out/images" && sha256sum licences.csv sbom.cdx.json >>SHA256SUMS)
else
    printf 'image: no sbom.cdx.json (its licence list comes from the network)\n' >&2
fi
"$here/scripts/size.sh" "$board"
