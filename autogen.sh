#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes configure from configure.ac and runs it. See --help.
set -eu

cd "$(dirname "$0")"
dependencies=config/dependencies.txt
all=

usage() {
    cat <<'TXT'
usage: ./autogen.sh [--deps[=all]] [CONFIGURE ARGUMENT ...]

Runs autoreconf, then ./configure with the arguments given.

  --deps          first installs what is missing to build and test podflattr
                  (with apt, dnf, pacman, apk or zypper; through sudo when not root)
  --deps=all      what make lint and make fuzz run, too
  NOCONFIGURE=1   in the environment: autoreconf alone
TXT
}

# Prints a column of the dependency table: 3 Debian, 4 Fedora, 5 Arch, 6 Alpine, 7 openSUSE.
packages() {
    awk -v column="$1" -v all="$all" '$0 !~ /^#/ && NF == 7 && $column != "-" && ($1 != "lint" || all) { print $column }' \
        "$dependencies"
}

# Prints those of the packages named on standard input that the given query command does not know as installed.
missing() {
    while read -r package; do
        "$@" "$package" >/dev/null 2>&1 || printf '%s ' "$package"
    done
}

installed_on_debian() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "autogen.sh: not root and no sudo here: run this as root: $*" >&2; exit 77; }
        set -- sudo "$@"
    fi
    echo "autogen.sh: running: $*"
    "$@"
}

# shellcheck disable=SC2086 # a list of package names is meant to be split
install_dependencies() {
    if command -v apt-get >/dev/null; then
        wanted=$(packages 3 | missing installed_on_debian)
        [ -z "$wanted" ] || {
            as_root apt-get update
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $wanted
        }
    elif command -v dnf >/dev/null; then
        wanted=$(packages 4 | missing rpm -q --whatprovides)
        [ -z "$wanted" ] || as_root dnf install -y $wanted
    elif command -v pacman >/dev/null; then
        wanted=$(packages 5 | missing pacman -T)
        [ -z "$wanted" ] || as_root pacman -S --needed --noconfirm $wanted
    elif command -v apk >/dev/null; then
        wanted=$(packages 6 | missing apk info -e)
        [ -z "$wanted" ] || as_root apk add --update-cache $wanted
    elif command -v zypper >/dev/null; then
        wanted=$(packages 7 | missing rpm -q --whatprovides)
        [ -z "$wanted" ] || as_root zypper --non-interactive install --no-recommends $wanted
    else
        echo "autogen.sh: --deps knows apt, dnf, pacman, apk and zypper, and none is here; install by hand what $dependencies lists" >&2
        exit 69
    fi
    [ -n "$wanted" ] || echo "autogen.sh: everything needed is installed"
}

case "${1-}" in
--help | -h)
    usage
    exit 0
    ;;
--deps | --deps=all)
    [ "$1" = --deps ] || all=yes
    shift
    install_dependencies
    ;;
esac

command -v autoreconf >/dev/null || {
    echo "autogen.sh: autoreconf is missing; './autogen.sh --deps' installs what is needed" >&2
    exit 69
}
mkdir -p build-aux
autoreconf --install --warnings=all,no-obsolete

if [ -n "${NOCONFIGURE-}" ]; then
    exit 0
fi
./configure "$@"
