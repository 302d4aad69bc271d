#!/usr/bin/env bash
# Get ready what local.mk puts in place of Buildroot's own archives (README.md):
#   BUILDROOT=DIR  the tree to build with: gets one folder of patches and three empty ones, nothing of it is changed
#   OLDER=DIR      a Buildroot 2025.05.3 tree: its patches for Python 3.13
#   DEBIAN=URL     Debian's archive          CLONES=DIR  git clones: dhcpcd iproute2 patchelf pjproject pkgconf pybind11
# Prints the one line to build with. The programs of the building machine: see README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/deskphone
dir=${DESKPHONE_SUBSTITUTES:-$cache/substitutes}
downloads=${BR2_DL_DIR:-$cache/dl}

for tool in bmaptool ccache dtc fakeroot genimage gperf mcopy mke2fs mksquashfs mkdosfs swig zic; do
    PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || { printf 'substitutes: %s: not installed\n' "$tool" >&2; exit 69; }
done
python3 "$here/fetch.py" "$here/sources.tsv" "$downloads"
"$here/toolchain.sh" "$dir/toolchain"

unpack() { # FOLDER PACKAGE...
    local folder=$dir/$1.unpacked deb
    rm -rf "$folder"
    shift
    for deb in "$@"; do dpkg-deb -x "$downloads/substitutes/$deb" "$folder"; done
}
debs() { sed -n 's,^substitutes/\([^\t]*_arm64\.deb\)\t.*,\1,p' "$here/sources.tsv"; }
deb() { sed -n "s,^substitutes/\($1_[^\t]*\)\t.*,\1,p" "$here/sources.tsv"; } # PACKAGE

mkdir -p "$dir/nothing/bin"
printf 'Buildroot wants a folder with something in it.\n' >"$dir/nothing/README"

# shellcheck disable=SC2016 # the wrapper's own variables
printf '#!/bin/sh\nexport CCACHE_DIR="${BR_CACHE_DIR:?}"\nexec %s "$@"\n' "$(command -v ccache)" >"$dir/ccache"
chmod 0755 "$dir/ccache"

mapfile -t binaries < <(debs)
unpack nftables "${binaries[@]}"
rm -rf "$dir/nftables"
mkdir -p "$dir/nftables/bin" "$dir/nftables/lib" # /usr/sbin is a link to bin in the image
cp -a "$dir/nftables.unpacked/usr/sbin/nft" "$dir/nftables/bin/"
find "$dir/nftables.unpacked" -path '*/aarch64-linux-gnu/*' -name 'lib*.so.*' -exec cp -a -t "$dir/nftables/lib" {} +

unpack rpi-firmware "$(deb raspi-firmware)"
boot=$dir/rpi-firmware/boot
rm -rf "$dir/rpi-firmware"
mkdir -p "$boot/overlays"
cp "$dir/rpi-firmware.unpacked"/usr/lib/raspi-firmware/*.{elf,dat,bin} "$boot/"
cp "$dir/rpi-firmware.unpacked/usr/share/doc/raspi-firmware/copyright" "$boot/LICENCE.broadcom"
# Debian has none of the overlays the boards name: empty ones that say so, so that the card can be laid out. A Pi needs the
# real ones.
for overlay in overlay_map.dtb spi0-1cs.dtbo googlevoicehat-soundcard.dtbo; do
    printf '/dts-v1/;\n/plugin/;\n/ { deskphone,substitute; };\n' | dtc -@ -q -I dts -O dtb -o "$boot/overlays/$overlay"
done

unpack wifi-firmware "$(deb firmware-brcm80211)"
rm -rf "$dir/wifi-firmware"
mkdir "$dir/wifi-firmware"
mv "$dir/wifi-firmware.unpacked/lib/firmware" "$dir/wifi-firmware/"
cp "$dir/wifi-firmware.unpacked/usr/share/doc/firmware-brcm80211/copyright" "$dir/wifi-firmware/LICENSE"

unpack wireless-regdb "$(deb wireless-regdb)"
rm -rf "$dir/wireless-regdb"
mkdir "$dir/wireless-regdb"
for file in regulatory.db regulatory.db.p7s; do # the author's signature, which every kernel knows
    cp "$dir/wireless-regdb.unpacked/lib/firmware/$file-upstream" "$dir/wireless-regdb/$file"
done

# SPDX's names of licences, which Buildroot's bill of materials wants from the network: CycloneDX's file, as its library
# for Python carries it.
list=$downloads/cyclonedx/spdx-1.6.schema.json
mkdir -p "$downloads/cyclonedx"
[ -s "$list" ] || unzip -p "$downloads"/substitutes/cyclonedx_python_lib-*.whl '*/spdx.SNAPSHOT.schema.json' >"$list"

if [ -n "${BUILDROOT:-}" ]; then
    for folder in alsa-lib/1.2.14 libnl/3.7.0 wpa_supplicant/2.10 python3/3.13.5; do mkdir -p "$BUILDROOT/package/$folder"; done
    cp "${OLDER:?the folder of a Buildroot 2025.05.3 tree}"/package/python3/*.patch "$BUILDROOT/package/python3/3.13.5/"
fi
printf 'DESKPHONE_SUBSTITUTES=%s OVERRIDES=%s make image BUILDROOT=%s\n' "$dir" "$here/local.mk" "${BUILDROOT:-DIR}"
