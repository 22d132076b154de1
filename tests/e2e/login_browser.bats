#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A person logs in with a real browser, from the command to the page that says it is done. Pictures of the pages are left where
# browser.bash says.

bats_require_minimum_version 1.5.0

load helper
load login
load browser

setup() {
    scratch_setup
    find_browser
    sandbox_start
    login_configure
    make_browser
}

# make_browser: what podflattr opens the address with; it does what ./decision says.
make_browser() {
    mkdir bin
    cat >bin/xdg-open <<SH
#!/bin/sh
"$python" -B "$PF_SOURCE/tests/e2e/browser.py" "\$(cat "$PWD/decision")" "\$1" "$pictures" >"$PWD/seen" 2>"$PWD/browser.log"
echo \$? >"$PWD/browser.status"
SH
    chmod +x bin/xdg-open
    PATH=$PWD/bin:$PATH
}

# login_by_browser DECISION STATUS: the whole way; the login must end with that status.
login_by_browser() {
    printf '%s' "$1" >decision
    rm -f "$pictures/login-$1-"*
    login_start
    # The browser's own patience is over before.
    wait_for 300 test -e browser.status
    [ "$(<browser.status)" -eq 0 ] || fail "the browser saw: $(<seen) $(<browser.log)"
    login_ends "$2"
    [ -s "$pictures/login-$1-1-asked.png" ]
    [ -s "$pictures/login-$1-2-done.png" ]
}

@test "in a browser, who allows it is logged in" {
    login_by_browser allow 0
    [ "$(<seen)" = "You are logged in - podflattr
You are logged in
podflattr may now flattr as demo at $api. You can close this tab.
en" ]
    run "$PODFLATTR" whoami
    exits 0
}

# bats test_tags=torture
@test "in a browser, who does not allow it is told that nothing has changed" {
    login_by_browser deny 77
    mapfile -t lines <seen
    [ "${lines[0]}" = 'You are not logged in - podflattr' ]
    [ "${lines[1]}" = 'You are not logged in' ]
    [[ ${lines[2]} == *'stored no access token'*'access_denied'*'You can close this tab'* ]]
    run "$PODFLATTR" whoami
    exits 77
}
