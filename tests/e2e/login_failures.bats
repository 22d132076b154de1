#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever can go wrong in a login is said and does no harm, and it can be finished by hand.
load helper
load daemon
load login

setup() {
    scratch_setup
    sandbox_start
    login_configure
}

# not_logged_in: there is no token, and whoami says so.
not_logged_in() {
    [ ! -e "$PODFLATTR_STATE_DIR/credentials" ] || fail 'there is a token'
    run "$PODFLATTR" whoami
    exits 77
}

@test "nobody waits for ever: exit status 75, and it can still be finished by hand" {
    login_start --no-browser --timeout 1
    login_ends 75
    grep -q 'no answer within 1 second' login.err
    not_logged_in
    decide allow
    run --separate-stderr "$PODFLATTR" login --code - <<<"${answer#http://}"
    exits 0
    [[ $output == "logged in as demo"* ]]
}

@test "a code that the server does not take is said, exit status 77" {
    login_start --no-browser
    decide allow
    browse GET "${answer/code=/code=0}"
    page_says 403 'rejected the code'
    login_ends 77
    not_logged_in
    login_start --no-browser
    kill "$login_pid"
    run "$PODFLATTR" login --code 0
    exits 77
    [[ $output == *"rejected the code"* ]]
}

@test "a server that cannot be reached is said, exit status 69" {
    login_start --no-browser
    decide allow
    kill "$sandbox_pid"
    wait "$sandbox_pid" || true
    browse GET "$answer"
    page_says 403 'You are not logged in'
    login_ends 69
    [ ! -e state/credentials ]
    run "$PODFLATTR" login --code - <<<"$answer"
    exits 69
}

@test "a server that answers nonsense gives no token" {
    login_configure "token-endpoint = $api/token"
    for kind in html truncate status; do
        fault /token "$kind" 1 '"status":503'
        login_start --no-browser
        decide allow
        browse GET "$answer"
        page_says 403 'You are not logged in'
        login_ends 69
    done
    [ "$(requests 'POST /token')" -eq 3 ]
    login_configure
    fault /user html
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends 69
    [ ! -e state/credentials ]
}

@test "a token that cannot be kept, or of which nobody says whose it is, is revoked" {
    login_configure "revocation-endpoint = $(jq -r .revocation_endpoint <<<"$ready")"
    mkdir -p state/credentials/in-the-way
    log_in 73
    page_says 403 'You are not logged in'
    run ! grep 'could not be revoked' login.err
    # The sandbox counts what comes to its API alone.
    login_configure "revocation-endpoint = $api/revoke"
    log_in 73
    grep 'could not be revoked.*applications that you have authorized' login.err
    [ "$(requests 'POST /revoke')" -eq 1 ]
    rm -r state/credentials
    fault /user html
    log_in 69
    [ "$(requests 'POST /revoke')" -eq 2 ]
    not_logged_in
}

@test "by hand, the whole address is checked, and a code alone is taken" {
    run "$PODFLATTR" login --code x
    exits 65
    [[ $output == *"start one with 'podflattr login --no-browser'"* ]]
    login_start --no-browser
    kill "$login_pid"
    decide allow
    [ "$(stat -c %a state/login)" = 600 ]
    run "$PODFLATTR" login --code "${answer/state=/state=0}"
    exits 65
    # As browsers show an address.
    bare=${answer#http://}
    run "$PODFLATTR" login --code "${bare/state=/state=0}"
    exits 65
    # As people take the end of a long one.
    for end in "code=x&state=x" "?code=x&state=x" "/?code=x&state=x" "${bare#*\?}x" '?code=x' 'code=x'; do
        run "$PODFLATTR" login --code "$end"
        exits 65
        [[ $output == *'does not belong to this login'* ]]
    done
    run "$PODFLATTR" login --code - <<<''
    exits 65
    run "$PODFLATTR" login --code http://127.0.0.1/
    exits 65
    PODFLATTR_CLOCK_OFFSET=3700 run "$PODFLATTR" login --code "$answer"
    exits 65
    run --separate-stderr "$PODFLATTR" login --code "$(code_of "$answer")"
    exits 0
    [ "$output" = "logged in as demo at $api" ]
    run "$PODFLATTR" login --code "$answer"
    exits 65
}

@test "by hand, the end of the address will do, with its state" {
    for front in '' '?' '/?'; do
        login_start --no-browser
        kill "$login_pid"
        decide allow
        run --separate-stderr "$PODFLATTR" login --code - <<<"$front${answer#*\?}"
        exits 0
        [ "$output" = "logged in as demo at $api" ]
    done
}

@test "settings that make a login impossible are named, exit status 78" {
    for line in 'client-id =' 'client-secret =' 'authorize = http://example.org/' 'authorize = file:///etc/passwd' \
        'token-endpoint = http://example.org/' 'redirect = http://example.org/' 'redirect = nowhere' \
        'redirect = http://127.0.0.1/#x' 'redirect = https://u:p@example.org/'; do
        login_configure "$line"
        run "$PODFLATTR" login --no-browser --timeout 1
        exits 78
        [[ $output == *"${line%% *}"* ]] || fail "$line: $output"
    done
    login_configure 'client-secret = wrong'
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends 78
    grep -q 'client-id or client-secret' login.err
    run "$PODFLATTR" login --timeout 0
    exits 64
    run "$PODFLATTR" login now
    exits 64
}

@test "a redirect address of one's own is listened at, or finished by hand when it is elsewhere" {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    login_configure "redirect = http://127.0.0.1:$port/done/"
    login_start --no-browser
    [ "$(parameter redirect_uri)" = "http://127.0.0.1:$port/done/" ]
    run "$PODFLATTR" login --no-browser
    exits 75
    [[ $output == *"cannot listen at http://127.0.0.1:$port/done/"* ]]
    decide allow
    browse GET "${answer/done/other}"
    page_says 404 ''
    browse GET "$answer"
    page_says 200 'You are logged in'
    login_ends 0
    login_configure 'redirect = https://example.org/done'
    run --separate-stderr "$PODFLATTR" login --no-browser
    exits 0
    # shellcheck disable=SC2034 # decide opens it
    address=$output
    decide allow
    [[ $answer == https://example.org/done\?* ]]
    run "$PODFLATTR" login --code "$answer"
    exits 0
}

@test "idle connections do not shut the browser out" {
    login_start --no-browser
    port=$(parameter redirect_uri | tr -cd '0-9:' | cut -d: -f3)
    python3 - "$port" 3>&- <<'TXT' &
import socket, sys
idle = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(40)]
open("idle", "w").close()
for connection in idle:
    connection.settimeout(60)
    assert connection.recv(1) == b"", "it was answered"
open("ended", "w").close()
TXT
    background+=($!)
    wait_for 20 test -e idle
    wait_for 60 test -e ended
    python3 -c "import signal, socket; c = [socket.create_connection(('127.0.0.1', $port)) for _ in range(40)]; open('again', 'w').close(); signal.pause()" 3>&- &
    background+=($!)
    wait_for 20 test -e again
    decide allow
    browse GET "$answer" --max-time 30
    page_says 200 'may now flattr as demo'
    login_ends 0
}
