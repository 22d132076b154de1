#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Several programs at once want to send, and what the service leaves behind when it is aborted.
load helper
load torture
load daemon
load masses
load deaths

setup() { deaths_setup; }

# contend COMMAND ...: runs it again and again until there is a file named over.
contend() {
    local result
    trap - EXIT
    while [ ! -e over ]; do
        result=0
        "$PODFLATTR" -q "$@" >>contend.log 2>&1 || result=$?
        [ "$result" -eq 0 ] || [ "$result" -eq 75 ] || echo "$* ended with $result" >>wrong
    done
}

# end_service: ends the service that there is, whoever has started it.
end_service() {
    local pid
    pid=$("$PODFLATTR" -q status --format=json | jq -r '.daemon.pid // empty')
    [ -n "$pid" ] && kill -TERM "$pid"
}

# ended PID ...: none of them runs any more; a service that there still is gets ended.
ended() {
    end_service 2>end.log || true
    ! kill -0 "$@" 2>/dev/null
}

@test "two services and send at once, with 200 hooks: one sends at a time, and all is flattred once" {
    local contenders=() hooks=() number
    feed_write show 1 200
    watch_configured "$web/show.xml"
    for number in daemon daemon send; do
        contend "$number" 3>&- &
        contenders+=("$!")
    done
    for number in $(seq 200); do
        hook "$number" 3>&- &
        hooks+=("$!")
        ((number % 50 != 0)) || wait_for 20 end_service
    done
    wait "${hooks[@]}"
    wait_for_flattred 200
    touch over
    wait_for 30 ended "${contenders[@]}"
    wait "${contenders[@]}"
    [ ! -e wrong ] || fail "$(cat wrong contend.log)"
    all_is_well 200
}

# aborted WHEN COMMAND ...: runs the command with core files allowed, aborts it once WHEN succeeds, and prints how it ended:
# the signal, and whether there was a core, in a file or for a program; only the parent learns that. Its output is taken by "$( )",
# in which the shell goes on after what fails.
aborted() {
    local when=$1
    shift
    rm -f parent
    (
        trap - EXIT
        ulimit -c unlimited || exit
        exec python3 -c 'import os, sys
pid = os.spawnvp(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
print(pid, flush=True)
status = os.waitpid(pid, 0)[1]
print(os.WTERMSIG(status), os.WCOREDUMP(status), flush=True)' "$@" >parent 2>>abort.log 3>&-
    ) 3>&- &
    background+=("$!")
    wait_for 20 test -s parent || fail "$(cat abort.log)" || return
    daemon_pid=$(head -n 1 parent)
    wait_for 20 "$when" || return
    kill -ABRT "$daemon_pid" || return
    wait_for 20 grep -q '^6 ' parent || return
    grep '^6 ' parent
}

entry_is_sending() {
    [ "$(store "SELECT count(*) FROM entry WHERE state = 'sending'")" -gt 0 ]
}

@test "an abort leaves no core file, in which the token would be" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    # A program that holds no token leaves one here, or nothing can be seen.
    [ "$(aborted true sleep 60)" = '6 True' ] || skip "this system writes no core files"
    rm -f core*
    [ "$(aborted daemon_ready "$PODFLATTR" -q daemon)" = '6 False' ]
    fault /flattr delay 1 '"seconds":60' >fault.log
    hook 1
    [ "$(aborted entry_is_sending "$PODFLATTR" -q send)" = '6 False' ]
    run find . -name 'core*'
    [ -z "$output" ]
}
