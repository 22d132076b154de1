#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The service is killed at random: what was told is flattred in the end, and once. PF_SERVICE_LIVES says how often it is
# killed, PF_SEED which moments are drawn by lot.
load helper
load torture
load daemon
load masses
load deaths

setup() { deaths_setup; }

@test "killed at random moments while files and hooks come in, it loses nothing and pays nothing twice" {
    local lives=${PF_SERVICE_LIVES:-8} life number status
    RANDOM=${PF_SEED:-11}
    feed_write show 1 $((lives * 10))
    watch_configured "$web/show.xml"
    fault /flattr delay 1000000 '"seconds":0.01' >fault.log
    daemon_start -q
    for ((life = 0; life < lives; life++)); do
        mkdir "pods/$life"
        (
            trap - EXIT
            for ((number = life * 10 + 1; number <= life * 10 + 5; number++)); do
                cp one.mp3 "pods/$life/show-ep$number.mp3.part"
                mv "pods/$life/show-ep$number.mp3.part" "pods/$life/show-ep$number.mp3"
                hook $((number + 5))
            done
        ) 3>&- &
        number=$!
        printf -v moment '0.%03d' $((RANDOM % 400))
        read -r -t "$moment" <> <(:) || true
        kill -KILL "$daemon_pid"
        status=0
        wait "$daemon_pid" 2>wait.log || status=$?
        [ "$status" -eq 137 ] || fail "the service ended with $status: $(cat daemon.log)"
        wait "$number"
        later 600
        "$PODFLATTR" -q daemon >daemon.out 2>>daemon.log 3>&- &
        daemon_pid=$!
        background+=("$daemon_pid")
    done
    control DELETE faults >fault.log
    wait_for 20 daemon_ready
    daemon_stop
    echo "# $(store "SELECT count(*) FROM event WHERE what = 'interrupted'") interrupted" >&3
    all_is_well $((lives * 10))
}
