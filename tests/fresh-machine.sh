#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shows that the README's two commands do everything on a fresh Debian: makes a minimal one with debootstrap in a scratch
# folder for each command, puts the committed tree into it and runs the command there, as the README has it. What is
# there is what a container has, and no more: no locale but C, /etc/hosts, /dev with terminals, /proc, processes of its
# own; and user namespaces where the kernel gives them, which it does not in a chroot.
#
#   tests/fresh-machine.sh [SUITE] [ARCH]
#
# SUITE is Debian's (bookworm), ARCH one that this machine can run (its own). MIRROR in the environment is where packages
# come from (http://deb.debian.org/debian). Needs root and debootstrap. Ends with what passed, failed and was skipped, by
# name, and how long it took; the exit status is 1 when something failed. Not part of make check.
set -euo pipefail

suite=${1-bookworm}
arch=${2-$(dpkg --print-architecture)}
mirror=${MIRROR-http://deb.debian.org/debian}
source=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" -eq 0 ] || { echo "fresh-machine.sh: run it as root, since it makes a machine of its own" >&2; exit 77; }
command -v debootstrap >/dev/null || { echo "fresh-machine.sh: debootstrap is missing: apt-get install debootstrap" >&2; exit 69; }

scratch=$(mktemp -d -p "${TMPDIR:-/var/tmp}" podflattr-fresh-XXXXXX)
# What is mounted in a machine is so in its own namespace only, and ends with it.
trap 'rm -rf --one-file-system "$scratch"' EXIT

# The commands stand alone on a line of the README, in a code block.
commands=$(sed -n 's/^    \(\.\/autogen\.sh --deps && .*\)$/\1/p' "$source/README.md")
[ "$(wc -l <<<"$commands")" -eq 2 ] || { echo "fresh-machine.sh: README.md should have two commands, has: $commands" >&2; exit 70; }

debootstrap --variant=minbase --arch="$arch" "$suite" "$scratch/base" "$mirror" >"$scratch/debootstrap.log" || {
    tail "$scratch/debootstrap.log" >&2
    exit 69
}
cp /etc/resolv.conf "$scratch/base/etc/resolv.conf"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 fresh\n' >"$scratch/base/etc/hosts"
echo fresh >"$scratch/base/etc/hostname"
# A mirror reached through the host's settings (a proxy, say) is reached the same way from inside, and may be a snapshot.
[ ! -e /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$scratch/base/etc/apt/"
echo 'Acquire::Check-Valid-Until "false";' >"$scratch/base/etc/apt/apt.conf.d/90snapshot"

# inside MACHINE COMMAND: runs it there, as the first process of a PID namespace, with what is mounted in a container.
inside() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    setarch "$(case $arch in i386) echo i686 ;; *) uname -m ;; esac)" \
        unshare --mount --pid --uts --fork --kill-child sh -euc '
        cd "$1"
        hostname fresh
        mount --bind . .
        cd "$1"
        mount -t proc proc proc
        mount -t sysfs -o ro sysfs sys
        mount -t tmpfs -o mode=755 tmpfs dev
        for device in null zero full random urandom tty; do
            : >"dev/$device"
            mount --bind "/dev/$device" "dev/$device"
        done
        mkdir dev/pts dev/shm
        mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
        mount -t tmpfs -o mode=1777 tmpfs dev/shm
        ln -s pts/ptmx dev/ptmx
        ln -s /proc/self/fd dev/fd
        ln -s fd/0 dev/stdin
        ln -s fd/1 dev/stdout
        ln -s fd/2 dev/stderr
        mkdir -p .host
        pivot_root . .host
        exec /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb ${http_proxy+http_proxy="$http_proxy"} \
            /bin/sh -c "umount -l /.host && rmdir /.host && cd /podflattr && $2"
        ' sh "$1" "$2" </dev/null
}

# count LOG LABEL: the sum of automake's counts of that kind.
count() {
    awk -v label="$2:" '$1 == "#" && $2 == label { sum += $3 } END { print sum + 0 }' "$1"
}

failed=0
number=0
while read -r command; do
    number=$((number + 1))
    from=$SECONDS
    machine=$scratch/machine$number
    log=$scratch/log$number
    cp -a "$scratch/base" "$machine"
    mkdir "$machine/podflattr"
    git -C "$source" archive HEAD | tar -x -C "$machine/podflattr"
    printf '\n=== %s %s: %s\n' "$suite" "$arch" "$command"
    verdict=passed
    inside "$machine" "$command" 2>&1 | tee "$log" || verdict=FAILED
    [ "$verdict" = passed ] || failed=1
    printf '%s %s: %s: %s, %d seconds' "$suite" "$arch" "$command" "$verdict" $((SECONDS - from)) >>"$scratch/results"
    if grep -q '^# TOTAL:' "$log"; then
        printf '; tests: %d passed, %d failed, %d skipped' "$(count "$log" PASS)" \
            $(($(count "$log" FAIL) + $(count "$log" ERROR) + $(count "$log" XPASS))) "$(count "$log" SKIP)" >>"$scratch/results"
        # What failed has said why in a file that goes with the machine.
        find "$machine/podflattr" -name '*.trs' -exec grep -lE '^:test-result: (FAIL|ERROR)' {} + | while read -r result; do
            printf '\n--- %s\n' "${result#"$machine/podflattr/"}"
            grep -vE '^(ok|PASS)' "${result%.trs}.log" | tail -n 80
        done || true
    fi
    printf '\n' >>"$scratch/results"
    grep -hE '^(SKIP|FAIL|XPASS|ERROR): ' "$log" | sort -u >>"$scratch/results" || true
    rm -rf --one-file-system "$machine"
done <<<"$commands"

printf '\n'
cat "$scratch/results"
exit "$failed"
