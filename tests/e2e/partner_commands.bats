#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Each event of the server's is handed to a command, once it has come in, until that succeeds.
load helper
load sandbox
load partner

setup() { partner_setup; }

@test "at most four commands run at once, and every event gets its own" {
    # shellcheck disable=SC2016
    command_that 'touch "running.$$"; ls running.* | wc -l >"seen.$PODFLATTR_THING_ID"; read -r <>go; rm "running.$$"; mv "seen.$PODFLATTR_THING_ID" "done.$PODFLATTR_THING_ID"'
    mkfifo go
    hook_start --exec "$PWD/command"
    for i in {1..10}; do
        [ "$(post / --data "_event=pendingclickcreate&thing_id=$i")" = 200 ]
    done
    four_run() { [ "$(find . -name 'running.*' | wc -l)" -eq 4 ]; }
    wait_for 20 four_run
    all_done() {
        echo >go &
        [ "$(find . -name 'done.*' | wc -l)" -eq 10 ]
    }
    exec 9<>go
    wait_for 30 all_done
    exec 9>&-
    sort -n done.* | tail -n 1 | grep -qx '[1-4]'
}

@test "a command that hangs is killed with all that it has started" {
    # shellcheck disable=SC2016
    command_that 'tail -f /dev/null & echo $! $$ >pids.new; mv pids.new pids; wait'
    hook_start --exec "$PWD/command" --timeout 1
    [ "$(post / --data "$form")" = 200 ]
    wait_for 30 grep -q 'for thing 7 has taken longer than 1 s and was killed' hook.log
    read -r child parent <pids
    wait_for 20 ended "$child"
    wait_for 20 ended "$parent"
    [ "$(post / --data "$form")" = 200 ]
}

@test "a command that fails, reads nothing, or is gone is reported, and does not disturb the others" {
    command_that 'exit 3'
    hook_start --exec "$PWD/command"
    [ "$(post / --data "_event=pendingclickcreate&thing_id=1&flattrer_username=$(printf '%%01%.0s' {1..20000})")" = 200 ]
    wait_for 20 grep -q 'the command for thing 1 ended with exit status 3' hook.log
    # shellcheck disable=SC2016
    command_that 'kill -SEGV $$'
    [ "$(post / --data '_event=pendingclickcreate&thing_id=2')" = 200 ]
    wait_for 20 grep -q 'the command for thing 2 was killed by signal 11' hook.log
    rm ./command
    [ "$(post / --data '_event=pendingclickcreate&thing_id=3')" = 200 ]
    wait_for 20 grep -q 'the command for thing 3 cannot be run: ' hook.log
    is "$(events | jq -s 'map(.thing_id)' -c)" '[1,2,3]'
}

@test "an event is kept until its command has succeeded, also over a crash" {
    # shellcheck disable=SC2016 # the command's own variables
    command_that 'cat >"got.$PODFLATTR_THING_ID"; [ -e mended ] || read -r <>go; mv "got.$PODFLATTR_THING_ID" "done.$PODFLATTR_THING_ID"'
    mkfifo go
    hook_start --exec "$PWD/command"
    for i in {1..6}; do
        [ "$(post / --data "_event=pendingclickcreate&thing_id=$i&flattrer_username=%C3%B6")" = 200 ]
    done
    wait_for 20 test -e got.4
    kill -KILL "$hook_pid"
    wait "$hook_pid" || true
    [ "$(find state/events -name '*.form' | wc -l)" -eq 6 ]
    [ -z "$(find state/events -perm /077)" ]
    # What the crash has left behind of its commands.
    exec 9<>go
    printf '\n\n\n\n' >&9
    wait_for 20 test -e done.4
    received=$(jq -r .received done.4)
    rm -f done.*
    touch mended
    touch state/events/0000000000000000001.form
    hook_start --exec "$PWD/command"
    # shellcheck disable=SC2317 # called by wait_for
    nothing_kept() { [ -z "$(find state/events -name '*.form')" ]; }
    wait_for 20 nothing_kept
    exec 9>&-
    is "$(cat done.* | jq -sc 'map(.thing_id) | sort')" '[1,2,3,4,5,6]'
    is "$(jq -r '.received + .flattrer_username' done.4)" "${received}ö"
    # They were printed when they came.
    [ -z "$(events)" ]
    [ -e state/events/0000000000000000001.form.bad ]
    grep -q 'set aside, as 0000000000000000001.form.bad: _event is missing' hook.log
}

@test "an event whose command fails is kept, and handed over again" {
    # shellcheck disable=SC2016
    command_that '[ -e mended ] && touch "done.$PODFLATTR_THING_ID"'
    hook_start --exec "$PWD/command"
    [ "$(post / --data "$form")" = 200 ]
    wait_for 20 grep -q 'the event of thing 7 is kept; its command will be run again in 60 s, or on SIGHUP' hook.log
    kill -HUP "$hook_pid"
    wait_for 20 grep -q 'thing 7 is kept; its command will be run again in 120 s' hook.log
    kill "$hook_pid"
    wait "$hook_pid"
    grep -q '1 event is kept and will be handed over after the next start' hook.log
    hook_start --exec "$PWD/command"
    wait_for 20 grep -q 'thing 7 is kept' hook.log
    touch mended
    kill -HUP "$hook_pid"
    wait_for 20 test -e done.7
    nothing_kept() { [ -z "$(ls -A state/events)" ]; }
    wait_for 20 nothing_kept
}

@test "an event that cannot be stored is not accepted, and two receivers do not hand over the same" {
    command_that 'touch done.any'
    hook_start --exec "$PWD/command"
    run "$PODFLATTR" partner webhook --listen 127.0.0.1:0 --exec "$PWD/command"
    exits 73
    [[ $output == *'/state/events: another '*'--state-dir'* ]]
    rmdir state/events
    touch state/events
    [ "$(post / --data "$form")" = 503 ]
    grep -q 'refused an event that cannot be stored' hook.log
    [ -z "$(events)" ]
    [ ! -e done.any ]
    rm state/events
    [ "$(post / --data "$form")" = 200 ]
    wait_for 20 test -e done.any
}

@test "a command's output is kept apart from the events" {
    command_that 'echo from the command; touch done.printed'
    hook_start --exec "$PWD/command"
    [ "$(post / --data "$form")" = 200 ]
    wait_for 20 test -e done.printed
    [ "$(events | wc -l)" -eq 1 ]
    grep -qx 'from the command' hook.log
}
