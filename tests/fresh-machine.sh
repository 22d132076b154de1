#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shows that the README's two commands do everything on a fresh Debian 12: makes a minimal one with debootstrap in a scratch
# folder for each command, puts the committed tree into it and runs the command there, as the README has it.
#
#   tests/fresh-machine.sh [MIRROR]
#
# Needs root, debootstrap and a mirror of Debian's packages (default http://deb.debian.org/debian). Not part of make check.
set -euo pipefail

mirror=${1-http://deb.debian.org/debian}
source=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" -eq 0 ] || { echo "fresh-machine.sh: run it as root, since it makes a chroot" >&2; exit 77; }
command -v debootstrap >/dev/null || { echo "fresh-machine.sh: debootstrap is missing: apt-get install debootstrap" >&2; exit 69; }

scratch=$(mktemp -d -p "${TMPDIR:-/var/tmp}" podflattr-fresh-XXXXXX)

# shellcheck disable=SC2317 # called by the trap
clean_up() {
    for machine in "$scratch"/*/; do
        umount "$machine/proc" 2>/dev/null || true
    done
    rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT

# The commands stand alone on a line of the README, in a code block.
commands=$(sed -n 's/^    \(\.\/autogen\.sh --deps && .*\)$/\1/p' "$source/README.md")
[ "$(wc -l <<<"$commands")" -eq 2 ] || { echo "fresh-machine.sh: README.md should have two commands, has: $commands" >&2; exit 70; }

debootstrap --variant=minbase bookworm "$scratch/base" "$mirror" >"$scratch/debootstrap.log" || {
    tail "$scratch/debootstrap.log" >&2
    exit 69
}
cp /etc/resolv.conf "$scratch/base/etc/resolv.conf"
# A mirror reached through the host's settings (a proxy, say) is reached the same way from inside.
[ ! -e /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$scratch/base/etc/apt/"

failed=0
number=0
while read -r command; do
    number=$((number + 1))
    machine=$scratch/machine$number
    cp -a "$scratch/base" "$machine"
    mkdir "$machine/podflattr"
    git -C "$source" archive HEAD | tar -x -C "$machine/podflattr"
    mount -t proc proc "$machine/proc"
    printf '\n=== %s\n' "$command"
    if env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb ${http_proxy+http_proxy="$http_proxy"} \
        chroot "$machine" /bin/sh -c "cd /podflattr && $command" </dev/null; then
        printf '=== passed: %s\n' "$command"
    else
        printf '=== FAILED: %s\n' "$command"
        failed=1
    fi
    umount "$machine/proc"
done <<<"$commands"
exit "$failed"
