#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shows that the README's two commands do everything on a fresh Debian: makes a minimal one with debootstrap in a scratch
# folder for each command, puts the committed tree into it and runs the command there, as the README has it. What is
# there is what a container has, and no more: no locale but C, /etc/hosts, /dev with terminals, /proc, processes of its
# own; and user namespaces where the kernel gives them, which it does not in a chroot.
#
#   tests/fresh-machine.sh [SUITE] [ARCH]
#
# SUITE is Debian's (bookworm), ARCH one that this machine can run (its own). In the environment, MIRROR is where packages
# come from (http://deb.debian.org/debian), and KEEP a folder where a machine on which something failed is left to be looked
# at. Needs root and debootstrap. Ends with what passed, failed and was skipped, by name, and how long it took; the exit
# status is 1 when something failed. Not part of make check.
set -euo pipefail

# shellcheck disable=SC2034 # machine.bash reads these
suite=${1-bookworm}
arch=${2-$(dpkg --print-architecture)}
mirror=${MIRROR-http://deb.debian.org/debian}
source=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/machine.bash
. "$source/tests/machine.bash"

scratch=$(mktemp -d -p "${TMPDIR:-/var/tmp}" podflattr-fresh-XXXXXX)
# What is mounted in a machine is so in its own namespace only, and ends with it.
trap 'rm -rf --one-file-system "$scratch"' EXIT

# The commands stand alone on a line of the README, in a code block.
commands=$(sed -n 's/^    \(\.\/autogen\.sh --deps && .*\)$/\1/p' "$source/README.md")
[ "$(wc -l <<<"$commands")" -eq 2 ] || { echo "fresh-machine.sh: README.md should have two commands, has: $commands" >&2; exit 70; }

make_base

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
    if [ "$verdict" != passed ] && [ -n "${KEEP-}" ]; then
        mv "$machine" "$KEEP/$suite-$arch-$number"
    fi
    rm -rf --one-file-system "$machine"
done <<<"$commands"

printf '\n'
cat "$scratch/results"
exit "$failed"
