#!/usr/bin/env bash
# An update bundle for one board: bundle.sh BOARD, out of what `make image` left there. KEYS=DIRECTORY has sign.pem and
# sign.key, and ca.pem, which the result is checked against. RAUC's verity format: any byte that is changed is seen when it
# is read. The result: out/BOARD/images/deskphone-BOARD-VERSION.raucb, and .raucb.cms, the announcement that a phone fetches
# at each check (docs/provisioning.md). DOWNGRADE=1: phones that run a newer version take it, too, once, if that version was made before now. MODEL: `system/type` of
# the phones it is for.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
board=${1:?usage: bundle.sh BOARD}
"$here/scripts/board.sh" "$board"
out=${OUT:-$here/../out/$board${HANDSET:+-$HANDSET}${VARIANT:+-$VARIANT}}
images=$out/images

fail() {
    printf 'bundle: %s\n' "$*" >&2
    exit 66
}

[ -f "$images/rootfs.squashfs" ] || fail "$images: no rootfs.squashfs; run make image BOARD=$board first"
[ -f "$images/system.conf" ] || fail "$images: no system.conf; run make image BOARD=$board first"
keys=${KEYS:?KEYS: expected the directory that make keys filled}
for name in sign.pem sign.key ca.pem; do [ -f "$keys/$name" ] || fail "KEYS=$keys: expected $name"; done
subject=$(openssl x509 -in "$keys/sign.pem" -noout -subject)
if [ -z "${VARIANT:-}" ] && [[ $subject =~ OU\ ?=\ ?development ]]; then
    fail "KEYS=$keys are development keys: they sign no product (VARIANT=dev make bundle)"
fi

rauc=$out/host/bin/rauc
[ -x "$rauc" ] || rauc=$(command -v rauc) || fail "no rauc: neither in $out/host nor on this machine (Debian: rauc)"
compatible=$(sed -n 's/^compatible=//p' "$images/system.conf")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../firmware/pyproject.toml")
# An order to go back is known by the moment it was signed at.
build=${SOURCE_DATE_EPOCH:-$(date +%s)}
if [ -n "${DOWNGRADE:-}" ]; then build=$(date +%s); fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bundle"
ln "$images/rootfs.squashfs" "$work/bundle/rootfs.img" 2>/dev/null || cp "$images/rootfs.squashfs" "$work/bundle/rootfs.img"
cat >"$work/bundle/manifest.raucm" <<END
[update]
compatible=$compatible
version=$version
build=$build
description=${DOWNGRADE:+downgrade}

[bundle]
format=verity

[image.rootfs]
filename=rootfs.img
END
result=$images/deskphone-$board-$version.raucb
new=$work/${result##*/}
# It calls mksquashfs by name, and the build has left its own.
rauc() { PATH=$out/host/bin:$PATH "$rauc" --conf="$images/system.conf" --keyring="$keys/ca.pem" "$@"; }
rauc --cert="$keys/sign.pem" --key="$keys/sign.key" bundle "$work/bundle" "$new" >/dev/null
rauc info --output-format=shell "$new" >"$work/info" || fail "the bundle does not pass its own check"
grep -qx "RAUC_MF_COMPATIBLE='$compatible'" "$work/info" || fail "the bundle is not for $compatible"
{
    printf 'model=%s\nversion=%s\n' "${MODEL:-420HD}" "$version"
    printf 'size=%s\nsha256=%s\n' "$(stat -c %s "$new")" "$(sha256sum "$new" | cut -d ' ' -f 1)"
    if [ -n "${DOWNGRADE:-}" ]; then echo downgrade=1; fi
} >"$work/announcement"
openssl cms -sign -binary -nodetach -outform DER -md sha256 -in "$work/announcement" -signer "$keys/sign.pem" \
    -inkey "$keys/sign.key" -out "$new.cms" || fail "the announcement cannot be signed"
mv "$new" "$result"
mv "$new.cms" "$result.cms"
printf 'bundle: %s (%s, %s)\n' "$result" "$compatible" "$version"
