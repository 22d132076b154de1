#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The service, and the hooks that tell it of files, die at any moment: what was told is flattred in the end, and once.
# PF_SERVICE_LIVES says how often it is killed at random, PF_SEED which moments are drawn by lot, PF_STRIDE how many
# crash points it takes at a stride.
load helper
load torture
load daemon
load masses

setup() {
    scratch_setup
    : "${PODFLATTR_CRASH:?run these through make check}"
    sandbox_start_at '10 12:00'
    web_start
    media one.mp3
}

# again: a service after one that died; the clock has gone on, since what is in doubt is not asked about at once.
again() {
    later 7200
    daemon_start -q
}

# settled COUNT: the store has so many entries, all of them flattred, and no file that still waits.
settled() {
    [ "$(store "SELECT count(*) = $1 AND sum(state = 'flattred') = $1 FROM entry")" = 1 ] &&
        [ "$(store "SELECT count(*) FROM arrival WHERE state <> 'matched'")" = 0 ]
}

# all_is_well COUNT [PREFIX]: in the end so many are flattred, each once.
all_is_well() {
    again
    wait_for 60 settled "$1" || {
        # What is in doubt is asked about some time later.
        daemon_stop
        again
        wait_for 60 settled "$1" || fail "$(store 'SELECT * FROM arrival WHERE entry IS NULL; SELECT id, state, reason, doubt FROM entry
            WHERE state <> "flattred"; SELECT * FROM gate'); $(cat daemon.log)"
    }
    daemon_stop
    store_is_sound
    paid_once "${2-https://show.example/}" "$1"
}

# dead: the service has ended; a process that was killed is one until it has been waited for.
dead() {
    [[ $(ps -o stat= -p "$daemon_pid") != [!Z]* ]]
}

hook() {
    "$PODFLATTR" -q hook --feed "$web/show.xml" --guid "tag:show,2026:$1" "$PWD/hooked/$1.mp3"
}

@test "killed at random moments while files and hooks come in, it loses nothing and pays nothing twice" {
    local lives=${PF_SERVICE_LIVES:-20} life number status
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

# a_new_life NAME: a store of its own, a feed of five episodes, three of which are told of by hooks, and two are files.
a_new_life() {
    export PODFLATTR_STATE_DIR=$BATS_TEST_TMPDIR/state/$1
    rm -rf pods
    feed_write "$1" 1 5
    watch_configured "$web/$1.xml"
    mkdir -p pods/new
}

# die_at NUMBER NAME: a service that dies at that point; it is told of three episodes before and of two while it runs.
# Fails when it did all there was to do and was still alive.
die_at() {
    local number=$1 name=$2 episode
    "$PODFLATTR" -q status >/dev/null
    for episode in 1 2 3; do
        "$PODFLATTR" -q hook --feed "$web/$name.xml" --guid "tag:$name,2026:$episode" "$PWD/$name-$episode.mp3"
    done
    # A service has run here before: what is in the folder counts.
    store "INSERT INTO watched (folder, first, mark) VALUES (CAST('$PWD/pods' AS BLOB), 1, 1)"
    cp one.mp3 "pods/new/$name-ep4.mp3"
    cp one.mp3 "pods/new/$name-ep5.mp3"
    PODFLATTR_CRASH_AT=$number "$PODFLATTR_CRASH" -q daemon >daemon.out 2>>daemon.log 3>&- &
    daemon_pid=$!
    background+=("$daemon_pid")
    wait_for 60 dead_or_settled
    if ! dead; then
        daemon_stop
        return 1
    fi
    status=0
    wait "$daemon_pid" 2>wait.log || status=$?
    [ "$status" -eq 137 ] || fail "the service ended with $status: $(cat daemon.log)" || exit 1
}

dead_or_settled() {
    dead || settled 5
}

@test "dead at every point of the way from a hook and a file to the verdict, it loses nothing and pays nothing twice" {
    local number=1 lives=0
    while a_new_life "n$number"; do
        die_at "$number" "n$number" || break
        all_is_well 5 "https://n$number.example/"
        number=$((number + ${PF_STRIDE:-5}))
        lives=$((lives + 1))
    done
    echo "# $lives of $number points" >&3
    [ "$number" -gt 40 ]
}

# hooks_tell NUMBER NAME: three hooks side by side; the last dies at that crash point, and its podcatcher tries again, as
# after any command that was killed.
hooks_tell() {
    local number=$1 name=$2 episode pids=()
    for episode in 1 2 3; do
        PODFLATTR_CRASH_AT=$((episode == 3 ? number : 0)) "$PODFLATTR_CRASH" -q hook --feed "$web/$name.xml" \
            --guid "tag:$name,2026:$episode" "$PWD/h$episode.mp3" >>hook.log 2>&1 3>&- &
        pids+=("$!")
    done
    status=0
    { wait "${pids[0]}" && wait "${pids[1]}"; } || fail "$(cat hook.log)"
    wait "${pids[2]}" || status=$?
    [ "$status" -ne 137 ] || "$PODFLATTR" -q hook --feed "$web/$name.xml" --guid "tag:$name,2026:3" "$PWD/h3.mp3" >>hook.log 2>&1
    [ "$status" -eq 0 ] || [ "$status" -eq 137 ] || fail "the hook ended with $status: $(cat hook.log)"
}

@test "dead while hooks' files are written and taken in, the service loses nothing and pays nothing twice" {
    local number=1 lives=0
    while a_new_life "h$number"; do
        for episode in 4 5; do
            "$PODFLATTR" -q hook --feed "$web/h$number.xml" --guid "tag:h$number,2026:$episode" "$PWD/h$episode.mp3"
        done
        hooks_tell "$number" "h$number"
        PODFLATTR_CRASH_AT=$number "$PODFLATTR_CRASH" -q daemon >daemon.out 2>>daemon.log 3>&- &
        daemon_pid=$!
        background+=("$daemon_pid")
        wait_for 60 dead_or_settled
        lives=$((lives + 1))
        dead || {
            daemon_stop
            break
        }
        wait "$daemon_pid" 2>wait.log || true
        all_is_well 5 "https://h$number.example/"
        number=$((number < 10 ? number + 1 : number + 9 * ${PF_STRIDE:-5}))
    done
    echo "# $lives lives" >&3
    [ "$number" -gt 10 ]
}

@test "a hook that dies on its way has told of its file, or its caller knows that it has not" {
    local number=1 status
    feed_write show 1 60
    watch_configured "$web/show.xml"
    while :; do
        status=0
        PODFLATTR_CRASH_AT=$number "$PODFLATTR_CRASH" -q hook --feed "$web/show.xml" --guid "tag:show,2026:$number" \
            "$PWD/$number.mp3" 2>bash.log || status=$?
        [ "$status" -eq 137 ] || break
        # The podcatcher tries again, as after any command that was killed.
        hook "$number"
        number=$((number + 1))
    done
    [ "$status" -eq 0 ]
    echo "# $((number - 1)) points" >&3
    [ "$number" -gt 2 ]
    all_is_well "$number"
}

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

@test "two services and send, raced while 200 hooks come at once: one sends at a time, and all is flattred once" {
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
# the signal, and whether there was a core, in a file or for a program; only the parent is told that.
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
    wait_for 20 test -s parent || fail "$(cat abort.log)"
    daemon_pid=$(head -n 1 parent)
    wait_for 20 "$when"
    kill -ABRT "$daemon_pid"
    wait_for 20 grep '^6 ' parent
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
