#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0
# What hooks tell, and what the service and send make of it.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
}

# told_elsewhere EPISODE: what a hook has told and rung for elsewhere, in ./elsewhere/hooks.
told_elsewhere() {
    run -0 "$PODFLATTR" --state-dir "$PWD/elsewhere" hook --feed "$web/show.xml" --guid "tag:show,2026:$1" one.mp3
}

@test "a hook's words find the episode, of a feed that nobody has subscribed to" {
    feed_write show 1 3
    mkdir -p pods
    configure
    daemon_start
    media 'any name.mp3'
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:3 'any name.mp3'
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/3
    daemon_stop
}

@test "the first message about a hook's file is what became of it, once its feed has answered" {
    feed_write show 1 2
    configure
    daemon_start
    media there.mp3
    media elsewhere.mp3
    "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:1 there.mp3
    "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:9 elsewhere.mp3
    wait_for 20 flattred_is 1
    wait_for 20 grep -q 'elsewhere.mp3: no feed has a matching episode yet' daemon.log
    is "$(grep -c 'elsewhere.mp3' daemon.log)" 1
    run -1 grep 'there.mp3: no feed' daemon.log
    daemon_stop
}

@test "without a service, send handles what a hook has reported" {
    feed_write show 1 3
    media one.mp3
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --enclosure "$web/show-ep1.mp3" one.mp3
    run -0 "$PODFLATTR" send
    flattred_is 1
    run -0 "$PODFLATTR" send
    flattred_is 1
}

@test "when the feed cannot be had, the podcatcher's own payment link counts" {
    configure
    daemon_start
    media one.mp3
    run -0 "$PODFLATTR" hook --feed http://127.0.0.1:1/feed --guid a --title One --payment \
        'https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fgone.example%2F1' one.mp3
    wait_for 30 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://gone.example/1
    daemon_stop
}

@test "a payment link that only a hook knows is used at once for a file that waits" {
    watch_configured
    daemon_start
    download pods unknown.mp3
    wait_for 20 status_is .queue.unmatched 1
    "$PODFLATTR" hook --payment 'https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fshow.example%2F9' pods/unknown.mp3
    wait_for 20 flattred_is 1
    wait_for 20 status_is .queue.unmatched 0
    daemon_stop
}

@test "a hook's feed that is a file, a pipe or standard input is not read" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    mkfifo pipe.xml
    local feed
    for feed in - "$PWD/pipe.xml" "file://$PWD/pipe.xml" /etc/passwd; do
        run -0 "$PODFLATTR" hook --feed "$feed" file.mp3
    done
    wait_for 20 status_is .queue.unmatched 4
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    status_is .feeds.known 1
    daemon_stop
}

@test "a service without folders says so, and takes in hooks" {
    feed_write show 1 1
    configure '[feeds]' "subscriptions = $web/show.xml"
    daemon_start
    run -0 "$PODFLATTR" status
    [[ $output == *"watch       no folders watched; only hooks are active (see [watch] folders "* ]]
    wait_for 5 grep -q 'no folders are set' daemon.log
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:1 one.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "200 hooks at once, with a service and without one, are 200 flattrs" {
    feed_write show 1 400
    watch_configured "$web/show.xml"
    hooks() {
        local i
        for i in $(seq "$1" "$2"); do
            "$PODFLATTR" hook --feed "$web/show.xml" --guid "tag:show,2026:$i" "episode $i.mp3" 3>&- &
        done
        # shellcheck disable=SC2046 # ids of processes
        wait $(jobs -p | grep -vxF -e "$sandbox_pid" -e "$web_pid" -e "${daemon_pid-none}")
    }
    hooks 1 200
    daemon_start
    wait_for 60 flattred_is 200
    hooks 201 400
    wait_for 60 flattred_is 400
    daemon_stop
    flattred_is 400
}

@test "a hook that runs while the database is locked is taken in once it is free" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    coproc LOCK { sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 3>&-; }
    printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${LOCK[1]}"
    read -r _ <&"${LOCK[0]}"
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:1 one.mp3
    wait_for 20 grep -q 'files are waiting: .*locked' daemon.log
    printf 'ROLLBACK;\n.quit\n' >&"${LOCK[1]}"
    wait_for 30 flattred_is 1
    daemon_stop
}

@test "what a hook reported before it was killed is taken in by the next command" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    told_elsewhere 1
    mkdir -p state/hooks
    mv elsewhere/hooks/*.json state/hooks/
    run -0 "$PODFLATTR" status
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "hooks' files that cannot be read are tried again unasked" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    told_elsewhere 1
    # A second of this clock is ten minutes, after five of which the service looks again.
    PODFLATTR_CLOCK_RATE=600@$(date +%s) daemon_start
    mv elsewhere/hooks state/hooks
    chmod 777 state/hooks
    # It writes nothing there either, and rings all the same.
    run "$PODFLATTR" hook two.mp3
    wait_for 20 grep -q 'state/hooks.*events from hooks stay there' daemon.log
    chmod 700 state/hooks
    wait_for 20 flattred_is 1
    daemon_stop
}
