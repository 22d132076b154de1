#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything at once, for PF_STORM seconds: the service, which is stopped and killed, sending, scanning, hooks, pauses,
# exports and imports, and a server that goes wrong. In the end every episode is flattred, and once. PF_SEED says what is
# drawn by lot.
load helper
load torture
load daemon
load masses
load deaths

setup() { deaths_setup; }

# rest: a moment, drawn by lot, of up to half a second.
rest() {
    local moment
    printf -v moment '0.%03d' $((RANDOM % 500))
    read -r -t "$moment" <> <(:) || true
}

# actor NAME COMMAND …: does that again and again until the storm is over, whatever comes of it.
actor() {
    (
        trap - EXIT
        RANDOM=$((seed + $(cksum <<<"$1" | cut -c1-4)))
        while [ ! -e over ]; do
            "${@:2}" >"$1.out" 2>"$1.err" || true
            rest
        done
    ) 3>&- &
    actors+=("$!")
    background+=("$!")
}

steer() {
    "$PODFLATTR" queue pause
    rest
    "$PODFLATTR" queue resume
}

copy_back() { "$PODFLATTR" queue export >copy.jsonl && "$PODFLATTR" queue import copy.jsonl; }

break_server() {
    local kinds=(lost-reply reset status truncate html) fields=''
    local kind=${kinds[RANDOM % ${#kinds[@]}]}
    [ "$kind" != status ] || fields=',"status":503'
    control POST faults "{\"path\":\"/flattr\",\"kind\":\"$kind\",\"times\":$((RANDOM % 3 + 1))$fields}"
}

# The service is stopped for a moment, or dies, or both.
live() {
    local pid
    "$PODFLATTR" -q daemon 3>&- &
    pid=$!
    rest
    rest
    kill -STOP "$pid"
    rest
    [ $((RANDOM % 2)) -eq 0 ] || kill -CONT "$pid"
    rest
    kill -KILL "$pid"
    wait "$pid"
}

@test "in a storm nothing is lost, and nothing is paid twice" {
    seed=${PF_SEED:-7}
    RANDOM=$seed
    local episodes=0 number
    local -a actors=()
    feed_write show 1 2000
    watch_configured "$web/show.xml"
    mkdir hooked
    daemon_start -q
    wait_for 20 known_feeds_are 1
    kill -KILL "$daemon_pid"
    wait "$daemon_pid" || true
    actor service live
    actor sending "$PODFLATTR" send
    actor steering steer
    actor copying copy_back
    actor breaking break_server
    actor scanning "$PODFLATTR" scan --submit --limit 5 "$web/show.xml"
    SECONDS=0
    while [ "$SECONDS" -lt "${PF_STORM:-8}" ]; do
        episodes=$((episodes + 1))
        if [ $((episodes % 2)) -eq 0 ]; then
            download pods "show-ep$episodes.mp3"
        else
            cp one.mp3 "hooked/$episodes.mp3"
            hook "$episodes"
        fi
        [ $((episodes % 4)) -ne 0 ] || rest
    done
    : >over
    for number in "${actors[@]}"; do wait "$number" || true; done
    control DELETE faults >fault.log
    "$PODFLATTR" queue resume >resume.log 2>&1
    # What was scanned are the first five.
    [ "$episodes" -ge 5 ]
    echo "# $episodes episodes, $(store "SELECT count(*) FROM event WHERE what = 'interrupted'") times interrupted" >&3
    later 7200
    all_is_well "$episodes"
}
