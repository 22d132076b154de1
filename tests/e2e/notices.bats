#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the service tells its user of on the desktop, and what the buttons do.
bats_require_minimum_version 1.5.0
load helper
load bus
load daemon

setup() {
    scratch_setup
    find_bus
    find_python dbus.mainloop.glib gi.repository.GLib
    export XDG_RUNTIME_DIR=$PWD
    chmod go-w .
    unset INVOCATION_ID
    mkdir -p bin
    printf '#!/bin/sh\nprintf "%%s\\n" "$*" >opened.new && mv opened.new opened\n' >bin/xdg-open
    chmod +x bin/xdg-open
    PATH=$PWD/bin:$PATH
}

# desktop_start: a session bus with a notification service on it.
desktop_start() {
    bus_start
    desktop_serve
}

# desktop_serve [silent|plain]: a notification service that has shown nothing yet.
desktop_serve() {
    : >notices
    rm -f desktop.ready
    mkfifo desktop.ready
    "$python" -B "$PF_SOURCE/tests/e2e/notifications.py" serve notices "$@" >desktop.ready 2>desktop.log 3>&- &
    background+=($!)
    IFS= read -r _ <desktop.ready || fail "$(<desktop.log)"
}

# notice FILTER: of each notice so far, what the filter says.
notice() { jq -r "$1" notices; }

notices_are() { is "$(notice .title)" "$1"; }

click() { "$python" -B "$PF_SOURCE/tests/e2e/notifications.py" click "$1" "$2"; }

state_is() {
    is "$("$PODFLATTR" -q queue --format=json | jq -r .state | sort | uniq -c | xargs)" "$1"
}

# pods LINE ...: the service watches ./pods for the episodes of a feed, with more lines in [policy]. No server, unless
# sandbox_start was called before.
pods() {
    web_start
    feed_write show 1 3
    watch_configured "$web/show.xml"
    printf '%s\n' "$@" >>"$PODFLATTR_CONFIG"
    daemon_start
    wait_for 10 known_feeds_are 1
}

no_server() { export PODFLATTR_API=none; }

@test "one notice shows several episodes, and 'Don't' drops what is noted" {
    no_server
    desktop_start
    pods
    download pods show-ep1.mp3
    download pods show-ep2.mp3
    wait_for 20 notices_are '2 episodes noted as owed'
    is "$(notice '.body')" $'Episode 1 of show – show\nEpisode 2 of show – show'
    click 1 drop
    wait_for 10 state_is '2 dropped'
    daemon_stop
}

@test "episodes are shown although the queue was restored from a backup" {
    no_server
    desktop_start
    mkdir -m 700 "$PODFLATTR_STATE_DIR"
    printf '{"event":1000,"entries_told":0,"files_told":0,"files":[],"gate_since":0,"month":"2999-01"}' \
        >"$PODFLATTR_STATE_DIR/notices.json"
    chmod 600 "$PODFLATTR_STATE_DIR/notices.json"
    pods
    download pods show-ep1.mp3
    wait_for 20 notices_are '1 episode noted as owed'
    daemon_stop
}

@test "with a delay, 'Don't' stops what would be flattred" {
    sandbox_start
    desktop_start
    pods 'delay = 40s'
    download pods show-ep1.mp3
    wait_for 20 notices_are '1 episode will be thanked'
    is "$(notice '.actions.drop')" "Don't"
    # What no button says is not done.
    click 1 release
    click 1 drop
    wait_for 10 state_is '1 dropped'
    is "$(flattred)" 0
    daemon_stop
}

@test "a lack of means is shown once, and 'Retry' tries at once" {
    sandbox_start --means 0
    desktop_start
    pods
    download pods show-ep1.mp3
    wait_for 20 notices_are 'No means left'
    control PUT means '{"means": 30}' >/dev/null
    click 1 retry
    wait_for 10 flattred_is 1
    daemon_stop
}

@test "a click on another program's notice does nothing, when the desktop's service counts from 1 again" {
    no_server
    desktop_start
    local desktop=${background[-1]}
    web_start
    feed_write show 1 3
    sed -i 's|show-ep[23].mp3"|same.mp3"|g' web/show.xml
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 10 known_feeds_are 1
    download pods show-ep1.mp3
    wait_for 20 notices_are '1 episode noted as owed'
    kill "$desktop"
    wait "$desktop" || true
    desktop_serve
    click 1 drop
    download pods same.mp3
    wait_for 20 notices_are 'Which episode is this file?'
    state_is '1 owed'
    daemon_stop
}

@test "a file that fits several episodes is matched by the button with the episode's title" {
    no_server
    desktop_start
    web_start
    feed_write show 1 2
    sed -i 's|show-ep[12].mp3"|same.mp3"|g' web/show.xml
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 10 known_feeds_are 1
    download pods same.mp3
    wait_for 20 notices_are 'Which episode is this file?'
    is "$(notice '.body')" same.mp3
    is "$(notice '.actions.match1')" 'Episode 2 of show'
    click 1 match1
    wait_for 10 state_is '1 owed'
    is "$("$PODFLATTR" -q queue --format=json | jq -r .guid)" 'tag:show,2026:2'
    daemon_stop
}

@test "a program of the user's gets each notice as JSON, without a shell, a bus or the token" {
    no_server
    export PODFLATTR_TOKEN=secret
    mkdir -p "a b"
    cat >"a b/tell" <<SH
#!/bin/sh
cat >"$PWD/told.new"
echo "\$1 \${PODFLATTR_TOKEN-no token}" >>"$PWD/told.new"
mv "$PWD/told.new" "$PWD/told"
SH
    chmod +x "a b/tell"
    unset DBUS_SESSION_BUS_ADDRESS
    pods '[notify]' "command = \"$PWD/a b/tell\" '\$HOME;id'"
    download pods show-ep3.mp3
    wait_for 20 test -e told
    is "$(head -n 1 told | jq -r '.event, .entries[0].title')" $'thanked\nEpisode 3 of show'
    is "$(tail -n 1 told)" "\$HOME;id no token"
    daemon_stop
}

@test "a program that reads nothing, and SIGHUP to all processes of the service, end no notices" {
    no_server
    unset DBUS_SESSION_BUS_ADDRESS
    printf '#!/bin/sh\nexec <&-\necho told >>told\n' >bin/tell
    chmod +x bin/tell
    web_start
    feed_write show 1 3
    sed -i 's|show-ep[23].mp3"|same.mp3"|g' web/show.xml
    watch_configured "$web/show.xml"
    printf '%s\n' '[notify]' "command = $PWD/bin/tell" >>"$PODFLATTR_CONFIG"
    daemon_start
    wait_for 10 known_feeds_are 1
    download pods show-ep1.mp3
    wait_for 20 told_are 1
    # As systemctl kill does.
    # Other processes end meanwhile, which awk would not get over.
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent="$daemon_pid" '$4 == parent {print $1}' >children
    [ -s children ]
    xargs kill -HUP <children
    download pods same.mp3
    wait_for 20 told_are 2
    daemon_stop
}

told_are() { is "$(wc -l <told)" "$1"; }

# month_ends: an episode of last month, $month, is noted, and nobody was told of its report.
month_ends() {
    month=$(date -u -d "$(date -u +%Y-%m-15) -1 month" +%Y-%m)
    jq -nc --arg date "$month-15T00:00:00Z" '
        {version: 1, key: "owed:show/1", state: "owed", reason: "no_link", owed: "no_link", source: "hook", feed: "https://e.org/f",
         guid: "1", title: "Episode", file: "/x/1.mp3", show: "e.org/f", created: $date, updated: $date}' | "$PODFLATTR" queue import
    printf '{"event":0,"entries_told":0,"files_told":0,"files":[],"gate_since":0,"month":"2020-01"}' \
        >"$PODFLATTR_STATE_DIR/notices.json"
    chmod 600 "$PODFLATTR_STATE_DIR/notices.json"
}

@test "the report of a month that ended is announced once, and opened" {
    no_server
    desktop_start
    month_ends
    daemon_start
    wait_for 10 test -s notices
    [[ $(notice .title) == "Your report for "* ]] || fail "$(<notices)"
    click 1 open
    wait_for 10 test -e opened
    [[ $(<opened) == "file://"*"/podflattr-$month.html" ]] || fail "$(<opened)"
    daemon_stop
    daemon_start
    daemon_stop
    is "$(wc -l <notices)" 1
}

@test "a desktop that does not answer keeps nothing from a program of the user's, and is shown no markup of a feed's" {
    no_server
    bus_start
    desktop_serve silent
    printf '#!/bin/sh\ncat >told.new && mv told.new told\n' >bin/tell
    chmod +x bin/tell
    web_start
    feed_write show 1 3
    sed -i 's|<title>Episode|<title>\&lt;img src=x\&gt; Episode|' web/show.xml
    watch_configured "$web/show.xml"
    printf '%s\n' '[notify]' "command = $PWD/bin/tell" >>"$PODFLATTR_CONFIG"
    daemon_start
    wait_for 10 known_feeds_are 1
    download pods show-ep1.mp3
    wait_for 20 test -e told
    wait_for 20 notices_are '1 episode noted as owed'
    is "$(notice .body)" '&lt;img src=x&gt; Episode 1 of show – show'
    daemon_stop
}

@test "a desktop that starts after some notices is asked what it can show" {
    no_server
    bus_start
    printf '#!/bin/sh\necho told >>told\n' >bin/tell
    chmod +x bin/tell
    web_start
    feed_write show 1 3
    sed -i 's|show-ep[23].mp3"|a\&amp;b.mp3"|g' web/show.xml
    watch_configured "$web/show.xml"
    printf '%s\n' '[notify]' "command = $PWD/bin/tell" >>"$PODFLATTR_CONFIG"
    month_ends
    daemon_start
    wait_for 20 told_are 1
    wait_for 10 known_feeds_are 1
    download pods show-ep1.mp3
    wait_for 20 told_are 2
    desktop_serve plain
    download pods 'a&b.mp3'
    wait_for 20 grep -q 'Which episode is this file?' notices
    is "$(notice .body | tail -n 1)" 'a&b.mp3'
    daemon_stop
}

# bats test_tags=torture
@test "a program that takes longer than a minute is killed, with what it has started" {
    no_server
    unset DBUS_SESSION_BUS_ADDRESS
    printf '#!/bin/sh\nsleep 600 &\necho "$! $$" >pids.new && mv pids.new pids\nwait\n' >bin/tell
    chmod +x bin/tell
    pods '[notify]' "command = $PWD/bin/tell"
    download pods show-ep3.mp3
    wait_for 20 test -e pids
    read -r child program <pids
    kill -0 "$child" "$program"
    wait_for 70 are_gone "$child,$program"
    wait_for 10 grep -q 'command was killed by signal 9' daemon.log
    daemon_stop
}

# are_gone PID,…: none of these runs any more.
are_gone() { ! ps -o stat= -p "$1" | grep -v '^Z'; }

@test "level = none shows nothing, and a bus that ends does not end the service" {
    no_server
    desktop_start
    pods '[notify]' 'level = none'
    download pods show-ep1.mp3
    wait_for 10 state_is '1 owed'
    [ ! -e "$PODFLATTR_STATE_DIR/notices.json" ]
    sed -i 's/level = none/level = all/' "$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 10 test -e "$PODFLATTR_STATE_DIR/notices.json"
    download pods show-ep2.mp3
    wait_for 20 notices_are '1 episode noted as owed'
    kill "${background[0]}"
    wait "${background[0]}" || true
    download pods show-ep3.mp3
    wait_for 10 state_is '3 owed'
    daemon_stop
}

@test "a desktop's own notification daemon shows a notice, and its action is ours" {
    for program in Xvfb dunst dunstctl import; do command -v "$program" >/dev/null || skip "$program is missing"; done
    no_server
    bus_start
    mkfifo display
    Xvfb -displayfd 1 -screen 0 900x400x24 -nolisten tcp >display 2>xvfb.log 3>&- &
    background+=($!)
    read -r number <display
    export DISPLAY=:$number
    dunst >dunst.log 2>&1 3>&- &
    background+=($!)
    wait_for 30 dunstctl is-paused
    pods 'delay = 60s'
    download pods show-ep1.mp3
    wait_for 30 dunst_shows 1
    pictures=${PF_ARTEFACTS:-$PWD}
    mkdir -p "$pictures"
    import -window root "$pictures/notice.png"
    # With one action only, that is the one.
    dunstctl action 0
    wait_for 10 state_is '1 dropped'
    daemon_stop
}

dunst_shows() { is "$(dunstctl count displayed)" "$1"; }
