#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# A person logs in through the server's pages.
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

# others_refused N: so often, at least, the login has refused another user's request.
others_refused() { [ "$(grep -c 'another user of this machine' login.err)" -ge "$1" ]; }

# no_secret_in FILE ...: neither the token nor the code nor the client's secret.
no_secret_in() {
    run ! grep -F -e "$(stored_token)" -e "$(jq -r .client_secret <<<"$ready")" -e "$code" "$@"
}

@test "whoever allows it is logged in, and the page and the terminal say so" {
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
    is "$(jq -r '.username + " " + .api' <<<"$output")" "demo $api"
    run --separate-stderr "$PODFLATTR" whoami
    exits 0
    [[ $output == *demo* ]]
    [ "$(stored_token)" != "$granted" ]
}

@test "the page that ends it says in which language it is" {
    [ -e "$PF_BUILD/po/de/LC_MESSAGES/podflattr.mo" ] || skip "built with --disable-nls"
    germany_make
    germany_enter
    login_start --no-browser
    decide allow
    browse GET "$answer"
    grep -q '<html lang="de">' page.html
    grep -q '<title>Du bist angemeldet' page.html
    login_ends 0
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

@test "the browser is given a file of the user's alone that leads to the address, and not the token" {
    mkdir bin
    cat >bin/xdg-open <<'SH'
#!/bin/sh
cp -p state/login.html page.copy
printf '%s\n' "$#" "$1" "${PODFLATTR_TOKEN-none}" >opened.new
mv opened.new opened
SH
    chmod +x bin/xdg-open
    export PODFLATTR_TOKEN=other
    PATH=$PWD/bin:$PATH login_start
    wait_for 20 test -e opened
    # Everybody on this machine can see what programs are called with.
    [ "$(<opened)" = "1
file://$PWD/state/login.html
none" ]
    [ "$(stat -c %a page.copy)" = 600 ]
    [ "$(sed -n 's/.*http-equiv="refresh" content="0; url=\([^"]*\)".*/\1/p' page.copy | sed 's/&amp;/\&/g')" = "$address" ]
    decide allow
    browse GET "$answer"
    login_ends 0
    [ ! -e state/login.html ]
    grep -q 'PODFLATTR_TOKEN is set' login.err
    [ "$(stored_token)" != other ]
}

@test "another user of this machine can answer no login, not even by hanging up" {
    [ "$(id -u)" -eq 0 ] || skip 'only root can be another user too'
    login_start --no-browser
    decide allow
    port=$(parameter redirect_uri)
    port=${port##*:}
    port=${port%/}
    chmod 755 .
    http=$(setpriv --reuid 65534 --clear-groups curl -s -o /dev/null -w '%{http_code}' "$answer")
    is "$http" 403
    # A socket whose program has closed it is nobody's, which looks like root's.
    setpriv --reuid 65534 --clear-groups /usr/bin/python3 - "$port" "/${answer#*//*/}" <<'PY'
import socket, sys
for _ in range(20):
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(f"GET {sys.argv[2]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    connection.close()
PY
    wait_for 20 others_refused 21
    not_logged_in
    browse GET "$answer"
    page_says 200 'You are logged in'
    login_ends 0
}

@test "a code is of no use without the verifier that only this login has" {
    login_start --no-browser
    [ "$(parameter code_challenge_method)" = S256 ]
    [[ $(parameter code_challenge) =~ ^[A-Za-z0-9_-]{43}$ ]]
    decide allow
    run curl -s -u "$(jq -r '.client_id + ":" + .client_secret' <<<"$ready")" "$(jq -r .token_endpoint <<<"$ready")" \
        -d grant_type=authorization_code -d "code=$(code_of "$answer")" -d "redirect_uri=$(parameter redirect_uri)"
    [[ $output == *invalid_grant* ]]
}

@test "another account than last time is asked about before its token is stored" {
    log_in 0
    first=$(stored_token)
    sed -i 's/^username=.*/username=somebody-else/' state/account
    log_in 77
    page_says 403 'last time it was somebody-else'
    grep -q 'login --other-account' login.err
    [ "$(stored_token)" = "$first" ]
    login_start --no-browser --other-account
    decide allow
    browse GET "$answer"
    login_ends 0
    grep -qx username=demo state/account
    log_in 0
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
    grep -q 'cannot open the state folder .*: Not a directory' login.err
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
    grep -q 'ignored an answer' login.err
}

@test "only the answer itself is answered: neither other pages nor other methods nor other machines" {
    login_start --no-browser
    decide allow
    back=$(parameter redirect_uri)
    browse GET "${back}favicon.ico"
    page_says 404 'Not found'
    browse POST "$answer" -d x=1
    page_says 405 'Not possible'
    port=${back##*:}
    ss -Hltn "sport = :${port%/}" | grep -qF "127.0.0.1:${port%/}"
    [ "$(ss -Hltn "sport = :${port%/}" | wc -l)" -eq 1 ]
    browse GET "$answer"
    page_says 200 'You are logged in'
    login_ends 0
}

@test "a second answer gets a page that says so" {
    fault /user delay 1 '"seconds":600'
    login_start --no-browser
    decide allow
    curl -s -o first.html -w '%{http_code}' "$answer" >first 3>&- &
    first=$!
    wait_for 20 fault_was_met
    browse GET "$answer"
    page_says 409 'Already answered'
    control DELETE faults
    wait "$first"
    [ "$(<first)" = 200 ]
    login_ends 0
    [ "$(requests 'GET /user')" -eq 1 ]
}
