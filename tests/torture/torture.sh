#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make torture: the long forms of the tests that kill podflattr, make its server go wrong or its files come in masses, and what
# a person sees in a browser. Ends with one line that says how it went. PF_SEED chooses what is drawn by lot.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PF_SEED=${PF_SEED:-$((($(date +%s) ^ $$) & 32767))}
passed=0
failed=0
SECONDS=0

# step NAME COMMAND …: runs a step and counts it.
step() {
    printf '\n=== %s\n' "$1"
    if "${@:2}"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '=== FAILED: %s\n' "$1"
    fi
}

echo "seed $PF_SEED"
step 'killed 500 times while 2,000 entries go out' "$here/kill.sh" 500 2000 "$PF_SEED"
step 'dead at every crash point, and at every one of the run after' \
    env PF_STRIDE=1 PF_LIVES=200 "${BATS:-bats}" --formatter tap "$here"/../e2e/crash{,_again}.bats
step 'faults' "${BATS:-bats}" --formatter tap "$here"/../e2e/faults*.bats "$here/timeout.bats"
step 'every hostile server' env PF_SLOW=1 "${BATS:-bats}" --formatter tap "$here/../e2e/attacks.bats"
step 'Rhythmbox, and gPodder with its windows' "${BATS:-bats}" --formatter tap "$here"/{rhythmbox,gpodder}.bats
step 'disks' "${BATS:-bats}" --formatter tap "$here/../e2e/disks.bats"
step 'the unit under a manager of its own' "${BATS:-bats}" --formatter tap "$here/user_service.bats"
step 'power lost 1,000 times' env PF_IMAGES=1000 "${BATS:-bats}" --formatter tap "$here/../e2e/bad_disk.bats"
step 'a storm of a minute' env PF_STORM=60 "${BATS:-bats}" --formatter tap "$here/../e2e/storm.bats"
step 'months and clocks' env PF_STRIDE=1 "${BATS:-bats}" --formatter tap "$here"/../e2e/{month,daemon_month,daemon_day}.bats
if command -v clang >/dev/null; then
    step 'every fuzzer for ten minutes' make -C "$PF_BUILD" --no-print-directory fuzz FUZZ_SECONDS=600
fi
step 'masses of folders and files, told of one by one' "$PF_BUILD/tests/unit/test_watch" -m thorough --tap
step 'every page in a browser' "${BATS:-bats}" --formatter tap "$here"/../e2e/{sandbox,login}_browser.bats
step '500 folders of 40 files at once, and 50,000 files that the kernel could not tell of' \
    env PF_FOLDERS=500 PF_LOST=50000 "${BATS:-bats}" --formatter tap "$here/../e2e/daemon_burst.bats"
step 'memory after 50,000 files' env PF_FILES=50000 "${BATS:-bats}" --formatter tap "$here/../e2e/daemon_memory.bats"
step 'the service killed 300 times, and dead at every crash point' \
    env PF_SERVICE_LIVES=300 PF_STRIDE=1 "${BATS:-bats}" --formatter tap "$here"/../e2e/daemon_{kill,crash,race}.bats
step 'ten at once, twenty times' bash -c 'for ((i = 0; i < 20; i++)); do "$@" >ten.log 2>&1 || { cat ten.log; exit 1; }; done; rm -f ten.log' \
    - "${BATS:-bats}" --formatter tap --filter 'at once' "$here/../e2e/whole_way.bats"
step 'what podcatchers download, by every way to name it' make -C "$PF_BUILD" --no-print-directory podcatchers PODCATCHERS='--seconds 5'
step 'an unattended year' python3 "$here/../year/year.py" --seed "$PF_SEED"
if git -C "$PF_SOURCE" rev-parse 2>/dev/null; then
    step "the linters, with clang's analyzer at its full depth" env LINT_NODES=225000 make -C "$PF_BUILD" --no-print-directory lint
fi
printf '\ntorture: %d passed, %d failed, seed %d, %d s\n' "$passed" "$failed" "$PF_SEED" "$SECONDS"
[ "$failed" -eq 0 ]
