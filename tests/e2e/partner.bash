# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the web hook share; loaded after helper and sandbox.

# shellcheck disable=SC2034 # used by the tests
identity=partner:site:123
# shellcheck disable=SC2034 # used by the tests
form='_event=pendingclickcreate&thing_id=7&thing_owner_id=partner%3Asite%3A1&thing_clicks_total=3&flattrer_username=ann&claim_url=https%3A%2F%2Fflattr.com%2Fclaim'

# partner_setup: no receiver runs yet.
partner_setup() {
    scratch_setup
    hooked=0
}

# hook_start [ARGUMENT ...]: starts the receiver; its lines go to events.N, its messages to hook.log. Sets hook (its address).
hook_start() {
    local line
    hooked=$((hooked + 1))
    : >"events.$hooked"
    "$PODFLATTR" partner webhook --listen 127.0.0.1:0 "$@" >"events.$hooked" 2>hook.log 3>&- &
    hook_pid=$!
    background+=("$hook_pid")
    wait_for 20 has_lines "events.$hooked" 1
    line=$(head -n 1 "events.$hooked")
    hook=$(jq -r .listening <<<"$line")
}

# post PATH [CURL-ARGUMENT ...]: posts to the receiver and prints the status.
post() { curl --silent --output answer --write-out '%{http_code}' "${@:2}" "$hook$1"; }

has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

# events: what was printed, without the line that says where it listens.
events() { tail -n +2 "events.$hooked"; }

ended() { ! kill -0 "$1" 2>/dev/null; }

# command_that TEXT: writes a script as the command to run; its results are to go to ./done.*.
command_that() {
    printf '#!/bin/bash\n%s\n' "$1" >./command
    chmod +x ./command
}
