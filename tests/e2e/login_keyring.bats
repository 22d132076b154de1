#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The token is kept in the desktop's keyring, on a session bus of the test's own.

bats_require_minimum_version 1.5.0

load helper
load daemon
load login
load bus

setup() {
    scratch_setup
    find_bus
    find_python dbus.mainloop.glib gi.repository.GLib
    sandbox_start
    login_configure 'token-store = secret-service'
}

# keyring_start [WORD ...]: starts the keyring, with its secrets in ./keyring.json. Sets keyring_pid.
keyring_start() {
    local line
    rm -f keyring.ready
    mkfifo keyring.ready
    "$python" "$PF_SOURCE/tests/e2e/keyring.py" keyring.json "$@" >keyring.ready 2>keyring.log 3>&- &
    keyring_pid=$!
    background+=("$keyring_pid")
    IFS= read -r line <keyring.ready || fail "$(<keyring.log)"
    [ "$line" = ready ]
}

keyring_stop() {
    kill "$keyring_pid"
    wait "$keyring_pid" || true
}

@test "the token is in the keyring, and in no file" {
    bus_start
    keyring_start
    log_in 0
    token=$(jq -r '.[0][1]' keyring.json)
    is "$(jq -r '.[0][0].api' keyring.json)" "$api"
    curl -sf -H "Authorization: Bearer $token" "$api/user" -o user.json
    run ! grep -rqaF -e "$token" state login.out login.err
    run --separate-stderr "$PODFLATTR" whoami --format=json
    exits 0
    is "$(jq -r .username <<<"$output")" demo
    log_in 0
    [ "$(jq length keyring.json)" -eq 1 ]
    [ "$(jq -r '.[0][1]' keyring.json)" != "$token" ]
    run "$PODFLATTR" logout
    exits 0
    [[ $output == *deleted* ]]
    [ "$(<keyring.json)" = '[]' ]
    run "$PODFLATTR" whoami
    exits 77
}

@test "a locked keyring is unlocked for a login, and reported otherwise" {
    bus_start
    keyring_start locked
    log_in 0
    keyring_stop
    keyring_start locked
    run "$PODFLATTR" whoami
    exits 75
    [[ $output == *'it is locked; unlock it'* ]]
    run "$PODFLATTR" logout
    exits 0
    [ "$(<keyring.json)" = '[]' ]
    keyring_stop
    keyring_start locked dismiss
    log_in 75
    grep -q 'it was not unlocked' login.err
    page_says 403 'You are not logged in'
}

@test "a prompt that ends without an answer, or with one of another type, unlocks nothing and blocks nothing" {
    bus_start
    keyring_start locked odd
    log_in 75
    grep -q 'it was not unlocked' login.err
    keyring_stop
    keyring_start locked die
    # Far below the time that a person has at a prompt.
    log_in 78
    grep -q 'it exited while it was asking for the password' login.err
}

@test "a secret that is too long, or contains a NUL byte, is not taken for a token" {
    bus_start
    for token in '"a\u0000b"' '"" + "x" * 5000'; do
        jq -n --arg api "$api" "[[{\"xdg:schema\": \"org.podflattr.Token\", api: \$api}, $token]]" >keyring.json
        keyring_start
        run "$PODFLATTR" whoami
        exits 78
        [[ $output == *'is not a token'* ]]
        keyring_stop
    done
}

@test "a keyring that is not there is reported with the fix, exit status 78" {
    bus_start
    run "$PODFLATTR" whoami
    exits 78
    [[ $output == *'token-store = secret-service'*'token-store = file'* ]]
    DBUS_SESSION_BUS_ADDRESS=unix:path=$PWD/none run "$PODFLATTR" logout
    exits 78
    [[ $output == *'token-store = file'* ]]
    keyring_start bare
    log_in 78
    grep -q 'no default collection' login.err
}

@test "what another program keeps for the same server is left alone" {
    bus_start
    jq -n --arg api "$api" '[[{"xdg:schema": "org.example.Other", api: $api}, "a secret"]]' >keyring.json
    cp keyring.json before.json
    keyring_start locked
    run "$PODFLATTR" logout
    exits 0
    [[ $output != *deleted* ]]
    run "$PODFLATTR" whoami
    exits 77
    cmp keyring.json before.json
}

@test "the service finds the token in the keyring" {
    bus_start
    keyring_start
    daemon_start
    "$PODFLATTR" add 'https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fe.example%2F1'
    wait_for 20 status_is .gate.reason no_token
    log_in 0
    wait_for 20 flattred_is 1
    daemon_stop
}

# stored: puts a token of the sandbox's user into the keyring's file.
stored() {
    jq -n --arg api "$api" --arg token "$(jq -r .access_token <<<"$ready")" \
        '[[{"xdg:schema": "org.podflattr.Token", api: $api}, $token]]' >keyring.json
}

add() { "$PODFLATTR" add "https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fe.example%2F$1"; }

# says TEXT FILE: how often it does.
says() { grep -c "$1" "$2" || true; }

asked_more_than() { [ "$(says 'a search is not answered' keyring.log)" -gt "$1" ]; }
queued_are() { [ "$("$PODFLATTR" queue --format=json | says '"queued"' -)" -eq "$1" ]; }

# queued_in_silence ROUND: starts the service; what is added and what a hook tells of is queued before the service says
# that the keyring does not answer, which it does after twenty seconds. Else it ends the service, and fails.
queued_in_silence() {
    local complaints asked
    complaints=$(says 'the keyring' daemon.log)
    asked=$(says 'a search is not answered' keyring.log)
    daemon_start || return
    wait_for 200 asked_more_than "$asked" || return
    add "$1" || return
    "$PODFLATTR" hook --payment "https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fe.example%2Fhook$1" "$1.mp3" || return
    wait_for 200 queued_are $((2 * $1)) || return
    [ "$(says 'the keyring' daemon.log)" -eq "$complaints" ] && return
    daemon_stop || exit
    return 1
}

@test "a keyring that does not answer blocks nothing but sending" {
    bus_start
    stored
    keyring_start silent
    : >daemon.log
    # A service that waits for the keyring is late each time; a machine that is slow, hardly.
    round=1
    until queued_in_silence "$round"; do
        round=$((round + 1))
        ((round <= 5)) || fail "each time, the keyring was waited for: $(<daemon.log)"
    done
    kill -USR1 "$keyring_pid"
    # Should the search have been given up meanwhile, the next one comes after a minute.
    wait_for 200 flattred_is $((2 * round))
    keyring_stop
    keyring_start silent
    add last
    wait_for 200 asked_more_than 0
    daemon_stop
}

@test "the service reports a locked keyring once, and keeps the token that it has" {
    bus_start
    stored
    keyring_start locked
    daemon_start
    wait_for 20 grep -q 'the keyring (token-store = secret-service): it is locked; unlock it' daemon.log
    add 1
    wait_for 20 status_is .gate.reason no_token
    kill -USR2 "$keyring_pid"
    add 2
    wait_for 20 flattred_is 2
    grep -q "the access token can be read again" daemon.log
    kill -USR2 "$keyring_pid"
    add 3
    wait_for 20 flattred_is 3
    add 4
    wait_for 20 flattred_is 4
    [ "$(grep -c 'it is locked; unlock it' daemon.log)" -eq 2 ]
    daemon_stop
}
