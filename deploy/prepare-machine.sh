#!/bin/sh
# Builds the virtual environment and makes sure of tshark and jemalloc. Usage: prepare-machine.sh PYTHON VENV
set -eu
python=$1
venv=$2

say() { printf '%s\n' "fengsui: $*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

apt_install() {
    is_root && have apt-get || return 1
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq "$@" >/dev/null 2>&1 && return 0
    apt-get update -qq >/dev/null 2>&1 || true
    apt-get install -y -qq "$@" >/dev/null
}

if ! have "$python"; then
    say "$python is missing; install python3 (3.11 or newer), then run make again"
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$("$python" --version) is too old: Python 3.11 or newer is needed; name another one with: make PYTHON=python3.12"
    exit 1
fi
# Debian and Ubuntu ship ensurepip in a package of its own.
if ! "$python" -c 'import ensurepip' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    apt_install "python$version-venv" || apt_install python3-venv || {
        say "the venv module is missing; as root: apt-get install python$version-venv, then run make again"
        exit 1
    }
fi
[ -x "$venv/bin/pip" ] || "$python" -m venv --clear "$venv"

if ! have tshark; then
    apt_install tshark || say "tshark is missing: packet captures are switched off; to switch them on, as root: apt-get install tshark"
fi
if ! find /usr/lib /usr/lib64 -maxdepth 2 -name libjemalloc.so.2 2>/dev/null | grep -q .; then
    apt_install libjemalloc2 || say "jemalloc is missing: events are taken in more slowly; to mend that, as root: apt-get install libjemalloc2"
fi
