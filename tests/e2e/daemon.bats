#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The service from its start to its end: what it does with a download, how it follows its configuration, and what it says.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
}

daemon_has_ended() {
    [ ! -e "/proc/$daemon_pid" ] || grep -q '^State:.*Z' "/proc/$daemon_pid/status"
}

@test "a download that is finished is flattred, once" {
    feed_write show 1 3
    watch_configured "$web/show.xml"
    daemon_start
    download pods show-ep2.mp3
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/2
    # The server has it before the answer is here.
    wait_for 20 status_is .queue.flattred 1
    run -0 "$PODFLATTR" queue --format=json
    is "$(jq -r '[.source, .state, .file, .guid, .feed] | @csv' <<<"$output")" "\"watch\",\"flattred\",\"$PWD/pods/show-ep2.mp3\",\"tag:show,2026:2\",\"$web/show.xml\""
    daemon_stop
    flattred_is 1
}

@test "what was finished while no service ran is found, and what is older than its first start is not" {
    feed_write show 1 5
    watch_configured "$web/show.xml"
    media pods/show-ep1.mp3
    daemon_start
    wait_for 20 known_feeds_are 1
    daemon_stop
    download pods show-ep2.mp3
    mkdir -p pods/new/deep
    download pods/new/deep show-ep3.mp3
    daemon_start
    wait_for 20 flattred_is 2
    is "$(control GET flattrs | jq -r '[.[].url] | sort | @csv')" '"https://show.example/2","https://show.example/3"'
    daemon_stop
    daemon_start
    daemon_stop
    flattred_is 2
}

@test "SIGHUP reads the configuration again, and a broken one leaves the old one in force" {
    feed_write show 1 3
    watch_configured "$web/show.xml"
    daemon_start
    mkdir more
    cp "$PODFLATTR_CONFIG" good
    printf '[policy]\ndelay = soon\n' >>"$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'keeping the previous one' daemon.log
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    # What replaces a file, the confined service may not open by itself.
    { cat good && printf '\0\n[policy]\ndefault = never\n'; } >with-nul
    mv with-nul "$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'keeping the previous one: .* NUL character' daemon.log
    sed "s|^folders = .*|&;$PWD/more|" good >"$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 20 status_is .watch.folders 2
    wait_for 20 daemon_ready
    download more show-ep2.mp3
    wait_for 20 flattred_is 2
    daemon_stop
}

@test "a configuration file that is gone at SIGHUP leaves the old configuration, with its rules, in force" {
    export XDG_CONFIG_HOME=$PWD/xdg
    mkdir -p xdg/podflattr
    feed_write show 1 2
    feed_write other 1 1
    watch_configured "$web/show.xml"
    printf '[feed %s]\nrule = never\n' "$web/other.xml" >>"$PODFLATTR_CONFIG"
    mv "$PODFLATTR_CONFIG" xdg/podflattr/podflattr.conf
    unset PODFLATTR_CONFIG
    daemon_start
    mv xdg/podflattr/podflattr.conf away
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'keeping the previous one: cannot read the configuration' daemon.log
    run -0 "$PODFLATTR" hook --feed "$web/other.xml" --guid tag:other,2026:1 one.mp3
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    wait_for 20 status_is .queue.dropped 1
    daemon_stop
}

@test "a reload while the database is locked: the old folders stay watched, and the new ones are watched later" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    mkdir more
    sed -i "s|^folders = .*|&;$PWD/more|" "$PODFLATTR_CONFIG"
    coproc LOCK { sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 3>&-; }
    printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${LOCK[1]}"
    read -r _ <&"${LOCK[0]}"
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'cannot apply the new configuration yet: .*; retrying every 10 seconds' daemon.log
    download pods show-ep1.mp3
    printf 'ROLLBACK;\n.quit\n' >&"${LOCK[1]}"
    wait_for 30 grep -q 'configuration reloaded' daemon.log
    wait_for 20 flattred_is 1
    download more show-ep2.mp3
    wait_for 20 flattred_is 2
    [ "$(grep -c 'cannot apply the new configuration yet' daemon.log)" -eq 1 ]
    daemon_stop
}

# manager_start: listens to what the service tells systemd; each message is a line of the file said.
manager_start() {
    : >said
    mkfifo manager.ready
    python3 - >manager.ready 3>&- <<'TXT' &
import socket
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("notify")
print("ready", flush=True)
while True:
    message = manager.recv(4096).decode()
    with open("said", "a") as said:
        said.write(message.replace("\n", " ") + "\n")
TXT
    background+=($!)
    read -r _ <manager.ready
}

# said EXPRESSION [TIMES]: whether that was said, so often at least.
said() {
    [ "$(grep -c "$1" said)" -ge "${2-1}" ]
}

@test "systemd is told of readiness, status, watchdog, reload and stop" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    manager_start
    NOTIFY_SOCKET=$PWD/notify WATCHDOG_USEC=400000 daemon_start
    wait_for 20 said '^READY=1'
    wait_for 20 said '^WATCHDOG=1' 3
    download pods show-ep1.mp3
    wait_for 20 said '^STATUS=.*1 flattred'
    kill -HUP "$daemon_pid"
    wait_for 20 said '^RELOADING=1 MONOTONIC_USEC=[0-9]'
    wait_for 20 said '^READY=1' 2
    daemon_stop
    said '^STOPPING=1'
}

@test "what was flattred, held or refused is logged by default" {
    feed_write show 1 3
    sed -i '/ep3.mp3/s|href="[^"]*"|href="https://flattr.com/thing/999999"|' web/show.xml
    watch_configured "$web/show.xml"
    daemon_start
    download pods show-ep1.mp3
    wait_for 20 grep -q '^podflattr: flattred #1: Episode 1 of show$' daemon.log
    daemon_stop
    sed -i 's|^.policy.|&\nconfirm = yes|' "$PODFLATTR_CONFIG"
    daemon_start
    download pods show-ep2.mp3
    wait_for 20 grep -q "^podflattr: held #2, confirm: show-ep2.mp3; release it with 'podflattr queue release 2'$" daemon.log
    daemon_stop
    sed -i '/^confirm = yes/d' "$PODFLATTR_CONFIG"
    daemon_start
    download pods show-ep3.mp3
    wait_for 20 grep -q "^podflattr: failed #3, .*: Episode 3 of show; see 'podflattr queue show 3'$" daemon.log
    daemon_stop
}

@test "SIGTERM in the middle of a request ends it within five seconds" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    fault /flattr delay 1 '"seconds":60'
    download pods show-ep1.mp3
    wait_for 20 status_is .queue.sending 1
    daemon_stop
}

@test "a second SIGTERM while the service stops does no harm" {
    local start again
    configure '[watch]' "folders = $PWD"
    for start in 1 2 3 4 5 6; do
        daemon_start
        for ((again = 0; again < 1000; again++)); do
            kill -TERM "$daemon_pid" 2>/dev/null || break
        done
        wait "$daemon_pid" || fail "start $start ended with status $?"
    done
}

@test "SIGTERM ends it within five seconds while another program holds the database locked" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    coproc LOCK { sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 3>&-; }
    printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${LOCK[1]}"
    read -r _ <&"${LOCK[0]}"
    download pods show-ep1.mp3
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:2 two.mp3
    daemon_stop
    printf 'ROLLBACK;\n.quit\n' >&"${LOCK[1]}"
    daemon_start
    wait_for 20 flattred_is 2
    daemon_stop
}

@test "a damaged feed database ends the service, and the next one starts with a new one" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >checkpoint
    head -c 400000 /dev/zero | tr '\0' x | dd of="$PODFLATTR_STATE_DIR/feeds.db" bs=4096 seek=1 conv=notrunc 2>dd.log
    download pods show-ep1.mp3
    wait_for 20 daemon_has_ended
    local ended=0
    wait "$daemon_pid" || ended=$?
    [ "$ended" -eq 74 ]
    daemon_start
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "a feed database that was damaged before the start ends the service in order, too" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    daemon_stop
    sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >checkpoint
    head -c 400000 /dev/zero | tr '\0' x | dd of="$PODFLATTR_STATE_DIR/feeds.db" bs=4096 seek=2 conv=notrunc 2>dd.log
    run timeout 20 "$PODFLATTR" daemon
    exits 74
    [[ $output == *feeds.db* ]]
    daemon_start
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "a second service is refused, and send leaves the work to the first" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    run "$PODFLATTR" daemon
    exits 75
    [[ $output == *"process $daemon_pid"* ]]
    run "$PODFLATTR" send
    exits 75
    [[ $output == *"process $daemon_pid"* ]]
    daemon_stop
}

@test "status shows the service, its folders and its feeds, and follows them" {
    feed_write show 1 1
    watch_configured "$web/show.xml" "$web/none.xml"
    run -0 "$PODFLATTR" status
    [[ $output == *'not running'* ]]
    daemon_start
    wait_for 20 status_is '[.feeds.known, .feeds.failing] | @csv' 2,1
    status_is '[.daemon.running, .daemon.pid, .watch.folders, .watch.watches] | @csv' "true,$daemon_pid,1,1"
    run -0 "$PODFLATTR" status
    [[ $output == *"process $daemon_pid"* && $output == *"$PWD/pods: watched"* && $output == *none.xml* ]]
    "$PODFLATTR" status --watch --format=json >watched 3>&- &
    background+=($!)
    wait_for 20 test -s watched
    download pods show-ep1.mp3
    wait_for 20 grep -q '"flattred":1' watched
    daemon_stop
    wait_for 20 grep -q '"running":false' watched
}

@test "no token and no password is in any message, file name or process list" {
    feed_write show 1 1
    watch_configured "${web/\/\//\/\/listener:geheim@}/show.xml"
    daemon_start -v -v
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    run -0 "$PODFLATTR" status
    run ! grep -F -e "$PODFLATTR_TOKEN" -e geheim daemon.log daemon.out "$PODFLATTR_STATE_DIR/daemon.json"
    [[ $output != *geheim* ]]
    run -0 "$PODFLATTR" queue --format=json
    [[ $output != *geheim* ]]
    daemon_stop
}
