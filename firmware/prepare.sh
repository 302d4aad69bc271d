#!/usr/bin/env bash
# Makes a fresh Debian 12 machine ready: Debian packages, .venv with pinned packages, pjproject with pjsua2.
# usage: firmware/prepare.sh [run|test|memcheck|mutants|hil]    Idempotent; says nothing and takes no time when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}
stamp=.venv/.ready-$purpose
inputs=(firmware/packages.txt firmware/prepare.sh firmware/requirements*.lock firmware/pyproject.toml
    tests/centre/pyproject.toml tests/centre/requirements.lock)

step() { printf '== %s (%ss)\n' "$*" "$SECONDS"; }

fail() {
    printf 'prepare: %s\n' "$*" >&2
    exit 69
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else
        command -v sudo >/dev/null || fail "need root or sudo for: $*"
        sudo -n "$@" || sudo "$@"
    fi
}

# Only what is not there yet, so that a machine without root but with everything installed works.
install_debian() {
    local wanted missing=()
    wanted=$(awk -v purposes="$1" 'BEGIN { split(purposes, p, ","); for (i in p) want[p[i]] = 1 }
        !/^#/ && NF == 2 && ($1 in want) { print $2 }' firmware/packages.txt)
    for package in $wanted; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    step "installing Debian packages: ${missing[*]}"
    command -v apt-get >/dev/null || fail "this needs Debian's apt-get to install: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    local result=0
    start_nothing
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || result=$?
    start_again
    [ "$result" = 0 ] || fail "apt-get could not install: ${missing[*]}"
    for package in "${missing[@]}"; do
        [[ " $servers " = *" $package "* ]] || continue
        case $package in
        openssh-server) package=ssh ;;
        inetutils-telnetd) package=inetutils-inetd ;; # which came with it
        esac
        as_root update-rc.d "${package%-light}" disable >/dev/null 2>&1 || true
    done
}

# The servers the tests start themselves, as they need them: none may listen on this machine, now or after a restart.
servers="kamailio nginx-light lighttpd vsftpd tftpd-hpa hostapd lldpd openssh-server inetutils-telnetd mosquitto"
policy=/usr/sbin/policy-rc.d # invoke-rc.d and deb-systemd-invoke ask it (Debian Policy 9.3.3); 101: not allowed
policy_made=

start_nothing() {
    [ ! -e "$policy" ] || return 0
    policy_made=1
    trap start_again EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
}

start_again() {
    [ -z "$policy_made" ] || as_root rm -f "$policy"
    policy_made=
}

find_python() {
    for candidate in python3.11 python3; do
        if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
            echo "$candidate"
            return
        fi
    done
    fail "need Python 3.11 (Debian 12's python3)"
}

make_venv() {
    local python=$1
    if ! "$python" -c 'import ensurepip, sysconfig, os, sys
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' 2>/dev/null; then
        step "installing Python's headers and venv"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-dev python3-venv >/dev/null
    fi
    [ -x .venv/bin/python ] || { step "creating .venv"; "$python" -m venv .venv; }
}

install_python() {
    local pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
    step "installing pinned Python packages"
    # What builds comes first and pinned, so that nothing is fetched while the others build.
    "${pip[@]}" install --require-hashes -r firmware/requirements-build.lock
    "${pip[@]}" install --no-build-isolation --require-hashes -r firmware/requirements.lock
    if [ "$purpose" != run ]; then
        "${pip[@]}" install --no-build-isolation --require-hashes -r firmware/requirements-test.lock
        "${pip[@]}" install --no-build-isolation --no-deps --require-hashes -r firmware/requirements-axe.lock
    fi
    if [ "$purpose" = mutants ]; then
        "${pip[@]}" install --no-build-isolation --require-hashes -r firmware/requirements-mutants.lock
    fi
    if [ "$purpose" = hil ]; then
        # Beside .venv, for the guest alone: a laptop has no pins.
        rm -rf build/hil/packages
        "${pip[@]}" install --no-build-isolation --no-deps --require-hashes --target build/hil/packages -r firmware/requirements-hil.lock
    fi
    # The phone, and the contact centre that calls it: a laptop's and the tests', in no image.
    "${pip[@]}" install --no-build-isolation --require-hashes -r tests/centre/requirements.lock
    "${pip[@]}" install --no-build-isolation --no-deps -e firmware -e tests/centre
}

main() {
    case $purpose in
        run) install_debian build ;;
        test) install_debian build,test ;;
        mutants) install_debian build,test ;;
        memcheck) install_debian build,test,memcheck ;;
        hil) install_debian build,test,hil ;;
        *)
            printf 'prepare: usage: firmware/prepare.sh [run|test|memcheck|mutants|hil]\n' >&2
            exit 64
            ;;
    esac
    if [ ! -f "$stamp" ] || ! sha256sum --status -c "$stamp" 2>/dev/null; then
        make_venv "$(find_python)"
        install_python
        sha256sum "${inputs[@]}" >"$stamp"
    fi
    python=$PWD/.venv/bin/python
    "$python" firmware/native/build.py install --python "$python"
    if [ "$purpose" = test ]; then "$python" tests/peers/asterisk/install.py; fi
}

main
