#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The service, and the hooks that tell it of files, die at each of their crash points in turn: what was told is flattred in the
# end, and once. PF_STRIDE says how many crash points are taken at a stride.
load helper
load torture
load daemon
load masses
load deaths

setup() { deaths_setup; }

# a_new_life NAME: a store of its own, a feed of five episodes, three of which are told of by hooks, and two are files.
a_new_life() {
    export PODFLATTR_STATE_DIR=$BATS_TEST_TMPDIR/state/$1
    rm -rf pods
    feed_write "$1" 1 5
    watch_configured "$web/$1.xml"
    mkdir -p pods/new
}

# die_at NUMBER NAME: a service that dies at that point; it is told of three episodes before and of two while it runs.
# Sets alive: whether it did all there was to do before. No call of it may be part of a condition, as in crash.bash.
die_at() {
    local number=$1 name=$2 episode
    alive=
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
    dead || {
        alive=yes
        daemon_stop
        return
    }
    status=0
    wait "$daemon_pid" 2>wait.log || status=$?
    [ "$status" -eq 137 ] || fail "the service ended with $status: $(cat daemon.log)"
}

dead_or_settled() {
    dead || settled 5
}

@test "killed at every point from a hook or a file to the verdict, it loses nothing and pays nothing twice" {
    local number=1 lives=0
    while :; do
        a_new_life "n$number"
        die_at "$number" "n$number"
        [ -z "$alive" ] || break
        all_is_well 5 "https://n$number.example/"
        number=$((number + ${PF_STRIDE:-7}))
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

@test "killed while hooks' files are written and taken in, the service loses nothing and pays nothing twice" {
    local number=1 lives=0
    while :; do
        a_new_life "h$number"
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
        number=$((number < 10 ? number + 1 : number + 9 * ${PF_STRIDE:-7}))
    done
    echo "# $lives lives" >&3
    [ "$number" -gt 10 ]
}

@test "a hook that is killed has reported its file, or its caller knows that it has not" {
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
    touch -c -d '2 minutes ago' "$PODFLATTR_STATE_DIR"/hooks/*
    run -0 compgen -G "$PODFLATTR_STATE_DIR/hooks/*.json.new*"
    all_is_well "$number"
    run ! compgen -G "$PODFLATTR_STATE_DIR/hooks/*.json.new*"
}
