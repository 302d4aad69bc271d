#!/usr/bin/env bash
# Buildroot calls this on the finished target folder: post-build.sh TARGET_DIR BOARD. What the image is called, the
# earliest time it believes in, and nothing it does not need.
set -euo pipefail
target=$1
board=$2
here=$(cd "$(dirname "$0")/.." && pwd)

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../firmware/pyproject.toml")
commit=$(git -C "$here" describe --always --dirty --exclude '*' 2>/dev/null || echo unknown)
commit_time=$(git -C "$here" log -1 --format=%ct 2>/dev/null || echo "${SOURCE_DATE_EPOCH:-0}")

cat >"$target/usr/lib/os-release" <<END
NAME="deskphone"
ID=deskphone
PRETTY_NAME="deskphone $version ($board)"
VERSION="$version"
VERSION_ID=$version
VARIANT_ID=$board
BUILD_ID=$commit
DESKPHONE_COMMIT_TIME=$commit_time
END
ln -sf ../usr/lib/os-release "$target/etc/os-release"

# A Pi has no clock. systemd starts no earlier than this file's time, so a certificate made since is not "from the
# future" for more than the image's age, until the network tells the time.
touch -d "@$commit_time" "$target/usr/lib/clock-epoch"

# Python's parts for developers.
for part in ensurepip idlelib lib2to3 pydoc_data test tkinter turtledemo; do
    rm -rf "$target"/usr/lib/python3.*/"$part"
done

# What was kept from the laptop's package: the simulator's page stays, its type stubs need not.
find "$target/usr/lib" -path '*/site-packages/*' \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' \) -delete

# The files of the boot partition that belong to this root file system: an update brings them to the slot they are for.
if [ -n "${BINARIES_DIR:-}" ]; then
    "$here/scripts/slots.sh" "$BINARIES_DIR" "$board" "$target/usr/lib/deskphone/boot"
    handset=$(sed -n 's/^BR2_PACKAGE_DESKPHONE_HANDSET="\(.*\)"$/\1/p' "${BR2_CONFIG:?}")
    install -d "$target/etc/rauc"
    sed "s/@COMPATIBLE@/deskphone-$board-$handset/" "$here/rauc.conf" >"$target/etc/rauc/system.conf"
    # The owner's authority for updates; without one nothing can be installed. Development keys are for development.
    rm -f "$target/etc/rauc/keyring.pem"
    if [ -n "${KEYRING:-}" ]; then
        variant=
        if [ -x "$target/usr/bin/strace" ]; then variant=dev; fi
        "$here/scripts/keyring.sh" "$KEYRING" "$variant"
        install -m 0644 "$KEYRING" "$target/etc/rauc/keyring.pem"
    fi
fi

# Where there is an sshd, systemd starts one as root for whoever comes to /run/ssh-unix-local/socket, which any process of
# the phone may: SSH is the settings' alone (firmware/systemd/deskphone-ssh.socket).
rm -f "$target/usr/lib/systemd/system-generators/systemd-ssh-generator"
# What a laptop's tests compiled among our own scripts.
find "$target/usr/lib/deskphone" -name __pycache__ -prune -exec rm -rf {} +

# What depmod did not find no phone can load.
python3 "$here/scripts/kernel_check.py" installed "$target"
python3 "$here/scripts/extension_check.py" "$target"

# What @dataclass would compile at each start of the program.
if compgen -G "$target/usr/lib/python3.*/site-packages/deskphone" >/dev/null; then
    "${HOST_DIR:?}/bin/python3" "$here/scripts/keep_code.py" "$target"
fi

# The development variant, which has strace, lets in whoever has one of these keys. Its own key lives as long as it is up: / is read-only.
if [ -x "$target/usr/bin/strace" ]; then
    if compgen -G "$here/dev-keys/*.pub" >/dev/null; then
        install -d -m 0700 "$target/root/.ssh"
        cat "$here"/dev-keys/*.pub >"$target/root/.ssh/authorized_keys"
    fi
    printf 'enable sshd.service\n' >"$target/usr/lib/systemd/system-preset/40-development.preset"
    install -d "$target/usr/lib/systemd/system/sshd.service.d"
    cat >"$target/usr/lib/systemd/system/sshd.service.d/key.conf" <<'END'
[Service]
ExecStartPre=
ExecStartPre=/bin/sh -c 'test -f /run/sshd_key || /usr/bin/ssh-keygen -q -t ed25519 -N "" -f /run/sshd_key'
ExecStart=
ExecStart=/usr/sbin/sshd -D -e -h /run/sshd_key
END
    printf 'add rule inet deskphone input tcp dport 22 accept\n' >>"$target/usr/lib/deskphone/firewall.nft"
fi
