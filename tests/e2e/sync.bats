#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# A synchronisation server (gpodder.net's API): its subscriptions are followed, and what was played on a phone counts.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
    feed_write show 1 4
    mkdir sync
    echo '{"phone": [], "tab let": []}' >sync/devices.json
    echo '[]' >sync/actions.json
    printf '%s' 'se cret%"' >sync/password
    rm -f sync.ready
    mkfifo sync.ready
    python3 "$PF_SOURCE/tests/e2e/sync_server.py" sync >sync.ready 2>sync.log 3>&- &
    background+=("$!")
    read -r port <sync.ready
    by_server "http://ann@127.0.0.1:$port"
}

# by_server ADDRESS [LINE ...]: a configuration with that server.
by_server() {
    configure '[watch]' 'settle = 0s' 'players = no' '[feeds]' "sync = $1" 'subscriptions = sync' '[policy]' \
        'per-feed-per-day = 0' 'per-payee-per-day = 0' "${@:2}"
}

log_in() {
    "$PODFLATTR" login --sync <sync/password
}

# played NUMBER FROM TO [SECONDS-AGO]: that episode was played on a phone, of 3600 seconds.
played() {
    local at=$(($(date +%s) - ${4-0}))
    jq -c --argjson number "$1" --argjson from "$2" --argjson to "$3" --argjson at "$at" --arg web "$web" \
        '. + [{podcast: "\($web)/show.xml", episode: "\($web)/show-ep\($number).mp3", device: "phone", action: "play",
            timestamp: ($at | todate | rtrimstr("Z")), started: $from, position: $to, total: 3600, uploaded: now}]' \
        sync/actions.json >sync/actions.new
    mv sync/actions.new sync/actions.json
}

# asked PATH TIMES: so often that was asked for.
asked() {
    [ "$(grep -c -x -F -- "$1" sync/requests 2>/dev/null)" -eq "$2" ]
}

# ask_again: what the service does a day later. A login has it ask at once.
ask_again() {
    log_in
}

@test "what was played on a phone after the first look counts, in pieces, and once" {
    echo "{\"phone\": [\"$web/show.xml\"]}" >sync/devices.json
    played 1 0 3600 100
    log_in
    daemon_start
    wait_for 20 known_feeds_are 1
    wait_for 20 asked /api/2/episodes/ann.json 1
    played 2 0 3000
    played 3 0 1800
    played 4 3000 3590
    ask_again
    wait_for 20 flattred_is 1
    is "$("$PODFLATTR" queue --format=json | jq -r '[.guid, .source] | join(" ")')" 'tag:show,2026:2 play'
    daemon_stop
    # A day later it is asked without a login, and for what it may have told before.
    played 3 1800 3500 -80000
    PODFLATTR_CLOCK_OFFSET=86400 daemon_start
    wait_for 20 flattred_is 2
    asked /api/2/episodes/ann.json 3
    is "$("$PODFLATTR" queue export | jq -c 'select(.guid == "tag:show,2026:3") | .heard')" 3500
    daemon_stop
}

@test "the feeds of all devices are followed, and forgotten when no device follows them" {
    feed_write other 1 1
    echo "{\"phone\": [\"$web/show.xml\"], \"tab let\": [\"$web/show.xml\", \"$web/other.xml\"]}" >sync/devices.json
    log_in
    daemon_start
    wait_for 20 known_feeds_are 2
    run -0 "$PODFLATTR" status
    [[ $output =~ sync:\ follows\ 2\ feeds ]]
    echo "{\"phone\": [\"$web/other.xml\"]}" >sync/devices.json
    ask_again
    wait_for 20 known_feeds_are 1
    daemon_stop
}

@test "Nextcloud's app is asked by its own addresses" {
    by_server "http://ann@127.0.0.1:$port/cloud/index.php/apps/gpoddersync/"
    echo "{\"phone\": [\"$web/show.xml\"]}" >sync/devices.json
    log_in
    daemon_start
    wait_for 20 known_feeds_are 1
    wait_for 20 asked /cloud/index.php/apps/gpoddersync/episode_action 1
    played 1 0 3600
    sed -i 's/"play"/"PLAY"/' sync/actions.json
    ask_again
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "the password is kept for its owner alone, is in no message, and a wrong one is not kept" {
    run -77 "$PODFLATTR" login --sync <<<wrong
    [[ $output =~ 'refuses the user or the password' ]]
    [ ! -e state/sync-password ]
    run -0 log_in
    is "$(stat -c %a state/sync-password)" 600
    daemon_start
    wait_for 20 asked /api/2/episodes/ann.json 1
    printf other >sync/password
    daemon_stop
    PODFLATTR_CLOCK_OFFSET=86400 daemon_start
    wait_for 20 grep -q "run 'podflattr login --sync'" daemon.log
    run "$PODFLATTR" doctor
    [[ $output =~ "run 'podflattr login --sync'" ]]
    daemon_stop
    run ! grep -F -e 'se cret' -e 'se%20cret' daemon.log
    run -0 "$PODFLATTR" logout --sync
    [ ! -e state/sync-password ]
}

@test "a server that fails is asked less and less often, and said once" {
    log_in
    echo 503 >sync/status
    daemon_start
    wait_for 20 grep -q 'HTTP status 503' daemon.log
    wait_for 20 asked /api/2/devices/ann.json 2
    "$PODFLATTR" hook --feed "$web/show.xml" --enclosure "$web/show-ep1.mp3" pods/none.mp3
    wait_for 20 flattred_is 1
    asked /api/2/devices/ann.json 2
    daemon_stop
}

@test "a setting that is no server's, or would show the password, is reported" {
    local setting
    for setting in "http://ann@sync.example" "https://ann:secret@sync.example" "https://sync.example" "ann@sync.example" "https://ann@sync.example/?x"; do
        by_server "$setting"
        run -78 "$PODFLATTR" config
        [[ $output =~ FAIL.*"sync: ".*must ]] || fail "$setting: $output"
        [[ ! $output =~ secret ]]
    done
    configure '[feeds]' 'subscriptions = sync'
    run "$PODFLATTR" config
    [[ $output == *'no server is set; set sync in [feeds]'* ]]
}
