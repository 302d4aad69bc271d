#!/usr/bin/env bash
# Whether a file can be an image's keyring for updates: keyring.sh FILE [VARIANT]. It holds certificates of authorities and
# nothing else, and only the development variant trusts development keys (keys.sh). build.sh asks before the hour of
# building, post-build.sh before the file goes in.
set -euo pipefail
file=$1
variant=${2:-}

fail() {
    printf 'image: KEYRING=%s: %s\n' "$file" "$*" >&2
    exit 64
}

[ -f "$file" ] || fail "not there; expected the ca.pem of make keys"
if grep -q 'PRIVATE KEY' "$file"; then fail "it holds a private key, which whoever has the image could read; expected ca.pem"; fi
subjects=$(openssl crl2pkcs7 -nocrl -certfile "$file" 2>/dev/null | openssl pkcs7 -print_certs -noout 2>/dev/null) || subjects=
[ -n "$subjects" ] || fail "no certificate in it; expected ca.pem"
if [ "$variant" != dev ] && grep -qE 'OU ?= ?development' <<<"$subjects"; then
    fail "it trusts development keys: not for a product"
fi
