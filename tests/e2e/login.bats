#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A person logs in through the server's pages, and whatever can go wrong in between is said and does no harm.

bats_require_minimum_version 1.5.0

load helper
load daemon
load login

setup() {
    scratch_setup
    sandbox_start
    granted=$PODFLATTR_TOKEN
    login_configure
}

# not_logged_in: there is no token, and whoami says so.
not_logged_in() {
    [ ! -e "$PODFLATTR_STATE_DIR/credentials" ] || fail 'there is a token'
    run "$PODFLATTR" whoami
    exits 77
}

# no_secret_in FILE ...: neither the token nor the code nor the client's secret.
no_secret_in() {
    run ! grep -F -e "$(stored_token)" -e "$(jq -r .client_secret <<<"$ready")" -e "$code" "$@"
}

@test "who allows it is logged in, and everybody is told" {
    login_start --no-browser
    [ "$(parameter scope)" = 'flattr thing extendedread' ]
    [[ $(parameter redirect_uri) =~ ^http://127\.0\.0\.1:[0-9]+/$ ]]
    [[ $(parameter state) =~ ^[0-9a-f]{32}$ ]]
    decide allow
    code=$(code_of "$answer")
    browse GET "$answer"
    page_says 200 'may now flattr as demo'
    page_says 200 'You can close this tab'
    login_ends 0
    grep -qxF "logged in as demo at $api" login.out
    no_secret_in login.out login.err page.html
    run --separate-stderr "$PODFLATTR" whoami --format=json
    exits 0
    [ "$(jq -r '.username + " " + .api' <<<"$output")" = "demo $api" ]
    run --separate-stderr "$PODFLATTR" whoami
    exits 0
    [[ $output == *demo* ]]
    [ "$(stored_token)" != "$granted" ]
}

@test "the page that ends it can be read by everybody, and lets nothing in" {
    login_start --no-browser
    decide allow
    browse GET "$answer"
    grep -q '<html lang="en">' page.html
    [ "$(grep -c '<h1>' page.html)" -eq 1 ]
    grep -q '<title>You are logged in' page.html
    run ! grep -qi -e '<script' -e '<img' -e '<link' page.html
    grep -qi "^Content-Security-Policy: default-src 'none'" headers
    grep -qi '^Referrer-Policy: no-referrer' headers
    grep -qi '^Cache-Control: no-store' headers
    login_ends 0
}

@test "the browser is opened at the address, without the token" {
    mkdir bin
    cat >bin/xdg-open <<'SH'
#!/bin/sh
printf '%s\n' "$#" "$1" "${PODFLATTR_TOKEN-none}" >opened.new
mv opened.new opened
SH
    chmod +x bin/xdg-open
    export PODFLATTR_TOKEN=other
    PATH=$PWD/bin:$PATH login_start
    wait_for 20 test -e opened
    [ "$(<opened)" = "1
$address
none" ]
    decide allow
    browse GET "$answer"
    login_ends 0
    grep -q 'PODFLATTR_TOKEN is set' login.err
    [ "$(stored_token)" != other ]
}

@test "the token is the user's alone, and replaces the old file whole" {
    umask 000
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends 0
    [ "$(stat -c %a state/credentials)" = 600 ]
    [ "$(stat -c %a state)" = 700 ]
    first=$(stored_token)
    ln state/credentials kept
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends 0
    [ "$(stored_token)" != "$first" ]
    grep -qxF "access-token=$first" kept
    [ "$(find state -name 'credentials*' | wc -l)" -eq 1 ]
    [ ! -e state/login ]
}

@test "a token that cannot be written leaves the old one, and the page says so" {
    mkdir -m 700 state
    printf '[credentials]\napi=%s\naccess-token=old\n' "$api" >state/credentials
    chmod 600 state/credentials
    login_start --no-browser
    decide allow
    rm state/login
    mv state elsewhere
    : >state
    browse GET "$answer"
    page_says 403 'You are not logged in'
    login_ends 73
    grep -q 'cannot make the folder' login.err
    grep -qx 'access-token=old' elsewhere/credentials
}

@test "who does not allow it is not logged in, exit status 77" {
    login_start --no-browser
    decide deny
    browse GET "$answer"
    page_says 403 'You are not logged in'
    login_ends 77
    grep -q 'refused: access_denied' login.err
    not_logged_in
    [ ! -e state/login ]
}

@test "an answer with another state changes nothing and ends nothing" {
    login_start --no-browser
    decide allow
    right=$answer
    for wrong in "${right/state=/state=0}" "${right%&state=*}" "${right%?}" "$(parameter redirect_uri)" \
        "$(parameter redirect_uri)?error=access_denied"; do
        browse GET "$wrong"
        page_says 400 'does not belong to the login'
    done
    not_logged_in
    [ "$(requests 'GET /user')" -eq 0 ]
    browse GET "$right"
    page_says 200 'You are logged in'
    login_ends 0
    grep -q 'an answer was refused' login.err
}

@test "only the answer itself is answered: neither other pages nor other methods nor other machines" {
    login_start --no-browser
    decide allow
    back=$(parameter redirect_uri)
    browse GET "${back}favicon.ico"
    page_says 404 'nothing here'
    browse POST "$answer" -d x=1
    page_says 405 'nothing here'
    port=${back##*:}
    ss -Hltn "sport = :${port%/}" | grep -qF "127.0.0.1:${port%/}"
    [ "$(ss -Hltn "sport = :${port%/}" | wc -l)" -eq 1 ]
    browse GET "$answer"
    page_says 200 'You are logged in'
    login_ends 0
}

@test "a second answer is told that there was one" {
    fault /user delay 1 '"seconds":3'
    login_start --no-browser
    decide allow
    curl -s -o first.html -w '%{http_code}' "$answer" >first 3>&- &
    first=$!
    wait_for 20 fault_was_met
    browse GET "$answer"
    page_says 409 'answered already'
    wait "$first"
    [ "$(<first)" = 200 ]
    login_ends 0
    [ "$(requests 'GET /user')" -eq 1 ]
}

fault_was_met() { [ "$(requests 'GET /user')" -eq 1 ]; }

@test "nobody waits for ever: exit status 75, and it can still be finished by hand" {
    login_start --no-browser --timeout 1
    login_ends 75
    grep -q 'no answer came in 1 second' login.err
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
    page_says 403 'does not take the code'
    login_ends 77
    not_logged_in
    login_start --no-browser
    kill "$login_pid"
    run "$PODFLATTR" login --code 0
    exits 77
    [[ $output == *"does not take the code"* ]]
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

@test "by hand, the whole address is checked, and a code alone is taken" {
    run "$PODFLATTR" login --code x
    exits 65
    [[ $output == *"begin one with 'podflattr login --no-browser'"* ]]
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
    address=$output
    decide allow
    [[ $answer == https://example.org/done\?* ]]
    run "$PODFLATTR" login --code "$answer"
    exits 0
}

@test "logout forgets the token, and says where it can be revoked" {
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends 0
    run --separate-stderr "$PODFLATTR" logout
    exits 0
    [[ $stderr == *"open $sandbox/"* ]]
    not_logged_in
    run "$PODFLATTR" logout
    exits 0
    [[ $output == *"no access token was stored"* ]]
    mkdir -p state && : >state/credentials && chmod 644 state/credentials
    run "$PODFLATTR" logout
    exits 0
    [ ! -e state/credentials ]
}

@test "logout has the server revoke the token where it can, and says when it could not" {
    login_configure "revocation-endpoint = $(jq -r .revocation_endpoint <<<"$ready")"
    for endpoint in '' "$sandbox/nowhere" "$sandbox/" "$api/user"; do
        login_start --no-browser
        decide allow
        browse GET "$answer"
        login_ends 0
        token=$(sed -n 's/^access-token=//p' state/credentials)
        [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$api/user")" = 200 ]
        [ -z "$endpoint" ] || sed -i "s|^revocation-endpoint.*|revocation-endpoint = $endpoint|" "$PODFLATTR_CONFIG"
        # A redirect says nothing of what became of the token.
        [[ $endpoint != */user ]] || fault /user redirect
        run -0 --separate-stderr "$PODFLATTR" logout
        [[ "$output$stderr" != *"$token"* ]]
        status=$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$api/user")
        if [ -z "$endpoint" ]; then
            [[ $output == *"the server has revoked it"* && -z $stderr ]]
            [ "$status" = 401 ]
        else
            [[ $output != *revoked* && $stderr == *"would still take that token"*"open $sandbox/"* ]]
            [ "$status" = 200 ]
        fi
        not_logged_in
    done
}

@test "a service that waits for a login begins to send after it, and stops after a logout" {
    mkdir -p pods
    daemon_start
    "$PODFLATTR" add 'https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fe.example%2F1'
    wait_for 20 status_is .gate.reason no_token
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends 0
    wait_for 20 flattred_is 1
    status_is .gate.open true
    "$PODFLATTR" logout
    "$PODFLATTR" add 'https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fe.example%2F2'
    wait_for 20 status_is .gate.reason no_token
    flattred_is 1
    daemon_stop
}

@test "the token comes from the environment, then from systemd's credentials, then from the store" {
    mkdir -m 700 state creds
    printf '[credentials]\napi=%s\naccess-token=stored\n' "$api" >state/credentials
    chmod 600 state/credentials
    run "$PODFLATTR" whoami
    exits 77
    printf '%s\n' "$granted" >creds/podflattr-token
    CREDENTIALS_DIRECTORY=$PWD/creds run "$PODFLATTR" whoami
    exits 0
    CREDENTIALS_DIRECTORY=$PWD/creds PODFLATTR_TOKEN=wrong run "$PODFLATTR" whoami
    exits 77
    printf 'two words\n' >creds/podflattr-token
    CREDENTIALS_DIRECTORY=$PWD/creds run "$PODFLATTR" whoami
    exits 78
    [[ $output == *creds/podflattr-token* && $output != *"two words"* ]]
}
