#!/usr/bin/env bash
# Build the card image of one board: build.sh BOARD. The result lies in out/BOARD/images/.
# BUILDROOT=DIR: a tree at hand. HANDSET=spi (default) or i2c: the wiring, board/handset.toml or handset-i2c.toml.
# KEYRING=FILE: whose updates it takes (make keys); without one, none.
# VARIANT=dev: the development variant, with HANDSET=i2c where none is named (its serial pins are free). OVERRIDES=FILE: a local.mk for Buildroot that says
# where else sources come from; it is printed, and the image is no longer the pinned one.
# CVE_FEED=DIR: a clone of github.com/fkie-cad/nvd-json-data-feeds; known holes of CVE_LEVEL (CVSS, 7) or more stop the
# build. PYTHON_ADVISORIES=DIR, a clone of github.com/pypa/advisory-database: the same for Python packages, which that
# feed does not name. Downloads and ccache are kept in ~/.cache/deskphone (BR2_DL_DIR, BR2_CCACHE_DIR change that).
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$here/.." && pwd)
board=${1:?usage: build.sh BOARD}
out=$(realpath -m "${OUT:-$root/out/$board${HANDSET:+-$HANDSET}${VARIANT:+-$VARIANT}}")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/deskphone

fail() {
    printf 'image: %s\n' "$*" >&2
    exit 64
}

"$here/scripts/board.sh" "$board"
handset=${HANDSET:-$([ "${VARIANT:-}" = dev ] && echo i2c || echo spi)}
case $handset in
    spi) wiring=handset ;;
    i2c) wiring="handset-i2c" ;;
    *) fail "HANDSET=$handset: expected spi or i2c" ;;
esac
case ${VARIANT:-} in
    '' | dev) ;;
    *) fail "VARIANT=$VARIANT: expected dev, or nothing" ;;
esac
# Who enters a development card: by SSH with a key, by the console where its pins are free.
if [ "${VARIANT:-}" = dev ] && ! compgen -G "$here/dev-keys/*.pub" >/dev/null; then
    door="the serial console is the only way in"
    if [ ! -f "$root/board/$wiring.dev.txt" ]; then door="and HANDSET=$handset has no serial console: nobody gets in"; fi
    printf 'image: no key in image/dev-keys/*.pub, %s\n' "$door" >&2
fi
# What would fail at the end of the hour fails now; Buildroot calls our scripts in a folder of its own.
if [ -n "${KEYRING:-}" ]; then
    "$here/scripts/keyring.sh" "$KEYRING" "${VARIANT:-}"
    KEYRING=$(realpath "$KEYRING")
    export KEYRING
fi
for name in CVE_FEED PYTHON_ADVISORIES; do
    [ -z "${!name:-}" ] || [ -d "${!name}" ] || fail "$name=${!name}: expected a folder"
done
buildroot=$("$here/scripts/buildroot.sh")
export BR2_DL_DIR=${BR2_DL_DIR:-$cache/dl} BR2_CCACHE_DIR=${BR2_CCACHE_DIR:-$cache/ccache}
mkdir -p "$out" "$BR2_DL_DIR"
# The date of all files in the image, and the earliest a Pi without a clock believes in: the commit's, not Buildroot's.
if date=$(git -C "$root" log -1 --format=%ct 2>/dev/null); then export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$date}; fi

printf 'BR2_PACKAGE_DESKPHONE_HANDSET="%s"\n' "$wiring" >"$out/handset.config"
configs=("$root/buildroot.config" "$root/board/$board/buildroot.config" "$out/handset.config")
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

run() { make --no-print-directory -C "$buildroot" O="$out" BR2_EXTERNAL="$here" "$@"; }

run BR2_DEFCONFIG="$out/asked.config" defconfig 2>&1 >/dev/null | { grep -v 'warning: override:' >&2 || true; }
python3 "$here/scripts/asked.py" "$out/.config" "${configs[@]}"
if [ "${STOP_AFTER:-}" = defconfig ]; then exit; fi
if [ -n "${TARGETS:-}" ]; then
    # shellcheck disable=SC2086 # a list of targets
    run $TARGETS
    exit
fi

# The kernel's configuration must be what was asked for, in every line; the last file has the last word. It is looked at
# before the hour of building. The files are those of this build: substitutes may have another kernel with other ones.
asked_of_kernel() {
    sed -n 's/^BR2_LINUX_KERNEL_\(CUSTOM_CONFIG_FILE\|CONFIG_FRAGMENT_FILES\)="\(.*\)"$/\2/p' "$out/.config" \
        | tr ' ' '\n' | sed "s,^\$(BR2_EXTERNAL_DESKPHONE_PATH),$here,"
}
mapfile -t fragments < <(asked_of_kernel)
run linux-configure
kernel=$(find "$out/build" -maxdepth 2 -path '*/linux-[0-9c]*/.config' -printf '%h\n' | head -n 1)
[ -n "$kernel" ] || fail "no configured kernel in $out/build"
check=$here/scripts/kernel_check.py
python3 "$check" names "$kernel" "${fragments[@]}" || fail "the kernel does not know what it is asked for"
python3 "$here/scripts/asked.py" "$kernel/.config" "${fragments[@]}" || fail "the kernel's configuration is not what was asked for"
python3 "$check" modules "$kernel/.config" "$out/.config" || fail "the phone could load no module"
if [ "${STOP_AFTER:-}" = kernel ]; then exit; fi

# Buildroot does not look whether sources at hand have changed since it last compiled or installed them. What a package
# takes from elsewhere (its units, the board's wiring) is its source as well.
again() { # package, what it is made of
    local built package=$1
    shift
    built=$(find "$out/build" -maxdepth 2 -regex "$out/build/$package-[0-9a-f][0-9a-f.]*/.stamp_built" 2>/dev/null) # or a commit
    if [ -n "$built" ] && [ -n "$(find "$@" -type f -newer "$built" -not -path '*/__pycache__/*' -print -quit)" ]; then
        run "$package-rebuild"
    fi
}
again deskphone-pjproject "$root/firmware/native"
again deskphone "$root/firmware/deskphone" "$root/firmware/pyproject.toml" "$root/firmware/systemd" "$root/board"
again deskphone-splash "$here/package/deskphone-splash/src" "$here/scripts/splash_conf.py" "$root/board/$wiring.toml"
run -j"${JOBS:-$(nproc)}"

# What is inside, for whoever must know: licences, and a bill of materials (CycloneDX). The whole is not called
# "deskphone": one of its parts is, and no two things in a bill may have the same name.
run legal-info >"$out/legal-info.log" 2>&1 || fail "legal-info failed: $out/legal-info.log"
cp "$out/legal-info/manifest.csv" "$out/images/licences.csv"
# Whoever is given the image is given these texts, and the sources on demand: they lie in legal-info/sources.
tar -C "$out/legal-info" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" -cf - licenses \
    | gzip -n >"$out/images/licences.tar.gz"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/firmware/pyproject.toml")
if run -s show-info >"$out/show-info.json" && "$buildroot/utils/generate-cyclonedx" --project-name "deskphone-$board" \
    --project-version "$version" -i "$out/show-info.json" -o "$out/images/sbom.cdx.json" 2>"$out/sbom.log"; then
    if [ -n "${CVE_FEED:-}" ]; then
        PYTHONPATH=$buildroot/utils "$buildroot/support/scripts/cve-check" --no-nvd-update --nvd-path "$CVE_FEED" \
            -i "$out/images/sbom.cdx.json" -o "$out/sbom.checked"
        mv "$out/sbom.checked" "$out/images/sbom.cdx.json"
    fi
    (cd "$out/images" && sha256sum licences.csv licences.tar.gz sbom.cdx.json >>SHA256SUMS)
else
    printf 'image: no sbom.cdx.json (its licence list comes from the network)\n' >&2
fi
if [ -n "${CVE_FEED:-}" ]; then
    python3 "$here/scripts/known_cves.py" "$out/images/sbom.cdx.json" "${CVE_LEVEL:-7}" "$here/cves-accepted.tsv" \
        || fail "known holes: mend them, or say in image/cves-accepted.tsv why they do not matter"
fi
if [ -n "${PYTHON_ADVISORIES:-}" ]; then
    python3 "$here/scripts/known_python.py" "$out/images/sbom.cdx.json" "$PYTHON_ADVISORIES" "$here/cves-accepted.tsv" \
        || fail "known holes of Python packages: as above"
fi
OUT=$out "$here/scripts/size.sh" "$board"
