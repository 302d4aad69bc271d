#!/usr/bin/env bash
# Keys for updates: keys.sh DIRECTORY NAME. A certificate authority (ca.pem, ca.key) that goes into the image as its
# keyring, and a certificate of it that signs bundles (sign.pem, sign.key). A new directory each time: nothing that is
# there is overwritten. VARIANT=dev: development keys, which never sign a product's bundle (bundle.sh looks).
# ca.key is needed again only to make another signing certificate: keep it where no network is.
set -euo pipefail
umask 077
directory=${1:-}
name=${2:-}
unit=release
if [ "${VARIANT:-}" = dev ]; then unit=development; fi

fail() {
    printf 'keys: %s\n' "$*" >&2
    exit 64
}

if [ -z "$directory" ] || [ -z "$name" ]; then fail 'usage: make keys KEYS=DIRECTORY NAME="Owner"'; fi
case $name in
    *[!A-Za-z0-9\ ._-]* | '') fail "NAME=$name: expected letters, digits, blanks, . _ -" ;;
esac
[ ! -e "$directory" ] || fail "$directory is there already: keys are never overwritten"
mkdir -p "$directory"
cd "$directory"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

# Twenty and five years: a Pi has no clock, and what it has is never younger than its image.
key ca.key
openssl req -x509 -new -key ca.key -sha256 -days 7300 -subj "/O=$name/OU=$unit/CN=update authority" -out ca.pem \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign
key sign.key
openssl req -new -key sign.key -subj "/O=$name/OU=$unit/CN=update signer" -out sign.csr
printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature extendedKeyUsage=critical,codeSigning \
    >sign.ext
openssl x509 -req -in sign.csr -CA ca.pem -CAkey ca.key -CAcreateserial -sha256 -days 1825 -extfile sign.ext \
    -out sign.pem 2>/dev/null
rm sign.csr sign.ext
printf 'keys: %s: ca.pem is the keyring of the image (KEYRING=), sign.pem and sign.key sign bundles\n' "$directory"
