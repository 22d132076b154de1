#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The pages in a real browser, as a person sees and uses them; sandbox_browser.py has what happens in it. Pictures of the pages
# are left where browser.bash says. make check has two of the scenes, make torture all.

bats_require_minimum_version 1.5.0

load helper
load sandbox
load login
load browser

setup() {
    scratch_setup
    find_browser
    sandbox_start
    flattring=$(new_user alice flattr 2)
}

# tour SCENE [ARGUMENT ...]: goes through it. -B: nothing is written beside the source.
tour() {
    "$python" -B "$PF_SOURCE/tests/e2e/sandbox_browser.py" "$1" "$sandbox" "$pictures" "${@:2}" ||
        fail "the scene '$1' ended otherwise"
}

# pictured PAGE ...: pictures of these pages were taken, of the wide and of the narrow.
pictured() {
    local page
    for page in "$@"; do
        [ -s "$pictures/sandbox-$page.png" ]
        [ -s "$pictures/sandbox-$page-narrow.png" ]
    done
}

# bats test_tags=torture
@test "the front page shows users with their means, things and the latest flattrs" {
    control PUT thing '{"url":"http://e.example/1","user":"maker","title":"The first episode"}'
    day=$(date -u -d '+400 days' +%F)
    at "${day}T05:06:07Z"
    token=$flattring flattr http://e.example/1
    answers 200
    tour overview "$day 05:0"
    pictured overview-front
}

# bats test_tags=torture
@test "a user logs in and out" {
    tour account
    pictured account-before account-after
}

@test "a program that is allowed gets in, and is refused by the API once it is revoked" {
    login_configure
    login_start --no-browser
    tour allow "$address"
    login_ends 0
    granted=$(stored_token)
    token=$granted call GET /user
    answers 200
    shows .username '"alice"'
    tour revoke
    token=$granted call GET /user
    answers 401 unauthorized
    run "$PODFLATTR" whoami
    exits 77
    token=$flattring call GET /user
    answers 401 unauthorized
    pictured allow-asked allow-applications revoke-nothing-left
}

# bats test_tags=torture
@test "a program that is not allowed gets no token" {
    login_configure
    login_start --no-browser
    tour deny "$address"
    login_ends 77
    [ ! -e "$PODFLATTR_STATE_DIR/credentials" ]
    pictured deny-asked
}

# bats test_tags=torture
@test "the pages work where scripts are switched off" {
    login_configure
    login_start --no-browser
    tour without_scripts "$address"
    login_ends 0
    token=$(stored_token) call GET /user
    answers 401 unauthorized
    pictured without-scripts-{before,after,asked,applications}
}

@test "hostile and endless names are text, run no script and break no page" {
    hostile='<script>alert(1)</script>'
    title="\"><img src=x onerror=alert(2)>$(printf 'x%.0s' {1..60})"
    page='http://e.example/?"<script>alert(3)</script>'
    control PUT thing "$(jq -n --arg url "$page" --arg title "$title" '{url: $url, user: "alice", title: $title}')"
    new_user "$(printf 'y%.0s' {1..60})"
    token=$(new_user "$hostile" flattr 2) flattr "$page"
    answers 200
    login_configure
    login_start --no-browser
    tour hostile "$address" "$hostile" "$title"
    pictured hostile-{front,login,logged-in,applications,asked}
}

# bats test_tags=torture
@test "an error page says what went wrong and links to the overview" {
    tour refused
    pictured refused-{unknown-page,unknown-program,stale-form}
}

# bats test_tags=torture
@test "who was flattred before having an account is told how to claim it" {
    tour claim
    pictured claim-claim
}
