#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever goes wrong between the service and the server.
load helper
load torture
load daemon
load faults

setup() { faults_setup; }

# first_verdict_is "STATE REASON": it is that now or, on a machine so slow that it was tried again since, it was.
first_verdict_is() {
    [ "$(first_entry)" = "$1" ] || grep -q "^podflattr: ${1% *} #1, ${1#* }: " daemon.log
}

@test "the service: every fault gets its verdict, and in the end all is flattred once" {
    local number=0 fault verdict
    : >talk.log
    configure
    while IFS='|' read -r fault verdict _; do
        number=$((number + 1))
        a_new_life "s$number"
        rm -f daemon.log
        daemon_start -v -v
        order /flattr "${fault% }" 1
        "$PODFLATTR" -q scan --submit feed.xml >submit.log
        verdict=${verdict# }
        wait_for 20 first_verdict_is "${verdict% }" || fail "$fault: $(first_entry), not $verdict: $(cat daemon.log)"
        daemon_stop
        cat daemon.log daemon.out >>talk.log
        all_is_well
    done < <(faults_of_post)
    [ "$number" -gt 20 ]
    paid_once https://s $((3 * number))
    token_is_secret
}
