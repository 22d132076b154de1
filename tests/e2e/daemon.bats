#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0
# The service: files finish, episodes are found, flattrs go out.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
}

teardown() {
    scratch_teardown
    # The folder of closed_folder is outside the scratch one, which the service may read.
    rm -rf "${closed:-/nowhere}"
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
    [ "$(control GET flattrs | jq -r '.[0].url')" = https://show.example/2 ]
    run -0 "$PODFLATTR" queue --format=json
    [ "$(jq -r '[.source, .state, .file, .guid, .feed] | @csv' <<<"$output")" = "\"watch\",\"flattred\",\"$PWD/pods/show-ep2.mp3\",\"tag:show,2026:2\",\"$web/show.xml\"" ]
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
    [ "$(control GET flattrs | jq -r '[.[].url] | sort | @csv')" = '"https://show.example/2","https://show.example/3"' ]
    daemon_stop
    daemon_start
    daemon_stop
    flattred_is 2
}

@test "a file that may be two episodes is held for the user, who settles it" {
    feed_write one 1 1
    feed_write two 1 1
    sed -i "s|two-ep1|one-ep1|; s|/one-ep1|/other/one-ep1|" web/two.xml
    watch_configured "$web/one.xml" "$web/two.xml"
    daemon_start
    wait_for 20 known_feeds_are 2
    download pods one-ep1.mp3
    wait_for 20 status_is .queue.unmatched 1
    flattred_is 0
    run -0 "$PODFLATTR" queue --state unmatched --format=json
    [ "$(jq -r '[.file, .reason, (.candidates | length)] | @csv' <<<"$output")" = "\"$PWD/pods/one-ep1.mp3\",\"several\",2" ]
    run -65 "$PODFLATTR" queue match pods/no-ep1.mp3 tag:two,2026:1
    [[ $output == *"no-ep1.mp3: there is no such file"* ]]
    run -0 "$PODFLATTR" queue match pods/one-ep1.mp3 tag:two,2026:1
    wait_for 20 flattred_is 1
    [ "$(control GET flattrs | jq -r '.[0].url')" = https://two.example/1 ]
    status_is .queue.unmatched 0
    daemon_stop
}

@test "a hook that knows more settles what the watcher could not tell" {
    feed_write one 1 1
    feed_write two 1 1
    sed -i "s|two-ep1|one-ep1|; s|/one-ep1|/other/one-ep1|" web/two.xml
    watch_configured "$web/one.xml" "$web/two.xml"
    daemon_start
    wait_for 20 known_feeds_are 2
    download pods one-ep1.mp3
    wait_for 20 status_is .queue.unmatched 1
    run -0 "$PODFLATTR" hook --feed "$web/two.xml" --guid tag:two,2026:1 pods/one-ep1.mp3
    wait_for 20 flattred_is 1
    [ "$(control GET flattrs | jq -r '.[0].url')" = https://two.example/1 ]
    status_is .queue.unmatched 0
    daemon_stop
}

@test "an episode that waits is not lost when another one comes under its file's name" {
    feed_write show 1 1
    touch -d yesterday web/show.xml # or a change within the same second is none to the web server
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:2 /x/latest.mp3
    wait_for 20 status_is .queue.unmatched 1
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:1 /x/latest.mp3
    wait_for 20 flattred_is 1
    status_is .queue.unmatched 1
    feed_write show 1 2
    daemon_stop
    export PODFLATTR_CLOCK_OFFSET=90000
    daemon_start
    wait_for 20 flattred_is 2
    status_is .queue.unmatched 0
    daemon_stop
}

@test "a page of HTML that was saved as an episode is refused and told of" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    printf '<!DOCTYPE html><html><body>404</body></html>\n' >pods/show-ep1.mp3
    wait_for 20 grep -q 'show-ep1.mp3.*no media' daemon.log
    run -0 "$PODFLATTR" queue --state unmatched --format=json
    [ "$(jq -r .state <<<"$output")" = refused ]
    status_is '[.queue.unmatched, .queue.refused] | @csv' 1,1
    [[ $("$PODFLATTR" status) == *"0 without an episode, 1 no media;"* ]]
    # The real one comes later, under the same name.
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    status_is .queue.unmatched 0
    daemon_stop
}

@test "files that are no episodes are dismissed, and not told of again" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    download pods song-1.mp3
    printf TAG >>pods/song-1.mp3
    printf '<!DOCTYPE html><html><body>404</body></html>\n' >pods/page.mp3
    wait_for 20 status_is .queue.refused 1
    wait_for 20 grep -q 'song-1.mp3: no known episode' daemon.log
    run -65 "$PODFLATTR" queue dismiss pods/song-1.mp3 pods/nothing.mp3
    [[ $output == *"$PWD/pods/nothing.mp3: no file of this name waits"* ]]
    "$PODFLATTR" queue --state unmatched --format=json | grep -q song-1
    run -0 "$PODFLATTR" queue dismiss pods/song-1.mp3 "$PWD/pods/page.mp3"
    [[ $output == *"2 files dismissed"* ]]
    status_is .queue.unmatched 0
    daemon_stop
    daemon_start
    # A later episode shows that all of it was dealt with.
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
    status_is .queue.unmatched 0
    run -64 "$PODFLATTR" queue dismiss
}

@test "an episode whose feed does not list it yet is found when the feed does" {
    feed_write show 1 1
    touch -d yesterday web/show.xml # or a change within the same second is none to the web server
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    # The podcatcher knows of an episode that the service has not seen: the feed is asked again only after a while, so
    # the clock is moved for the second service.
    feed_write show 1 2
    download pods show-ep2.mp3
    wait_for 20 status_is .queue.unmatched 1
    daemon_stop
    PODFLATTR_CLOCK_OFFSET=400 daemon_start
    wait_for 20 flattred_is 1
    status_is .queue.unmatched 0
    daemon_stop
}

@test "a file that is written again after it was flattred is not flattred again" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    for tag in 1 2 3; do printf 'TAG%s' "$tag" >>pods/show-ep1.mp3; done
    mkdir pods/again
    cp pods/show-ep1.mp3 pods/again/
    ln pods/show-ep1.mp3 pods/again/show-ep1-2.mp3
    download pods show-ep1.mp3
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:1 pods/show-ep1.mp3
    # A later episode shows that all of it was dealt with.
    download pods/again show-ep2.mp3
    wait_for 20 flattred_is 2
    daemon_stop
    flattred_is 2
    [ "$(requests 'POST /flattr')" -eq 2 ]
}

# news_feed [DAY LENGTH] ...: writes web/show.xml: an episode for each, all of them in files of one name and so long.
news_feed() {
    {
        printf '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Garden Radio</title>\n'
        for (( ; $# > 0; )); do
            printf '<item><title>The news of day %d</title><guid isPermaLink="false">tag:news,2026:%d</guid>\n' "$1" "$1"
            # shellcheck disable=SC2154 # web_start sets it
            printf '<enclosure url="%s/%d/news.mp3" length="%d"/>' "$web" "$1" "$2"
            printf '<atom:link rel="payment" href="https://flattr.com/t/%d"/></item>\n' "$1"
            shift 2
        done
        printf '</channel></rss>\n'
    } >web/show.xml
}

@test "an episode under the name of one that was flattred already is told from it by its feed" {
    feed_write things 1 3
    run -0 "$PODFLATTR" scan --send web/things.xml
    news_feed 1 4170
    touch -d '3 days ago' web/show.xml # or a change within the same second would be none to the web server
    watch_configured "$web/show.xml"
    mkdir -p 'pods/Garden Radio'
    daemon_start
    wait_for 20 known_feeds_are 1
    download 'pods/Garden Radio' news.mp3
    wait_for 20 matched_are 1
    # A tagger writes it anew, and the feed has nothing else to say.
    export PODFLATTR_CLOCK_OFFSET=600
    daemon_stop
    daemon_start
    printf TAG >>'pods/Garden Radio/news.mp3'
    wait_for 20 matched_are 2
    daemon_stop
    [ "$(grep -c "GET /show.xml" web.log)" -eq 2 ]
    # The next one has its name, and the size that its feed says.
    news_feed 1 4170 2 4173
    touch -d '2 days ago' web/show.xml
    export PODFLATTR_CLOCK_OFFSET=1200
    daemon_start
    media news.mp3
    printf NEW >>news.mp3
    mv news.mp3 'pods/Garden Radio/'
    wait_for 20 matched_are 3
    daemon_stop
    # Which one it is when nothing tells, the user says.
    news_feed 1 4170 2 4173 3 1
    touch -d yesterday web/show.xml
    export PODFLATTR_CLOCK_OFFSET=1800
    daemon_start
    media news.mp3
    printf NEWS >>news.mp3
    mv news.mp3 'pods/Garden Radio/'
    wait_for 20 status_is .queue.unmatched 1
    run -0 "$PODFLATTR" queue match "$PWD/pods/Garden Radio/news.mp3" tag:news,2026:3
    wait_for 20 status_is .queue.unmatched 0
    daemon_stop
    [ "$("$PODFLATTR" queue --format=json | jq -r 'select(.guid | startswith("tag:news")) | .key' | sort | paste -sd' ')" = 'thing:1 thing:2 thing:3' ]
}

# guidless_feed PAGES DAYS: writes web/show.xml: three episodes without a GUID, whose pages are below that address. It is
# so many days old, or a change within the same second would be none to the web server.
guidless_feed() {
    feed_write show 1 3 'Garden Radio'
    sed -i "s|<guid.*</guid>||; s|https%3A%2F%2Fshow.example%2F|$1|" web/show.xml
    touch -d "$2 days ago" web/show.xml
}

@test "episodes without a GUID whose pages have moved are not flattred again when their files have moved too" {
    guidless_feed http%3A%2F%2Fshow.example%2F 9
    watch_configured "$web/show.xml"
    mkdir -p 'pods/Garden Radio'
    daemon_start
    for i in 1 2 3; do download 'pods/Garden Radio' "show-ep$i.mp3"; done
    wait_for 20 flattred_is 3
    daemon_stop
    local day=0 page
    for page in https%3A%2F%2Fwww.show.example%2F https%3A%2F%2Fnew.example%2Fepisodes%2F; do
        day=$((day + 1))
        guidless_feed "$page" $((9 - day))
        export PODFLATTR_CLOCK_OFFSET=$((day * 90000))
        daemon_start
        wait_for 20 page_is_known "$page"
        mkdir "pods/Garden Radio/$day"
        find pods -name '*.mp3' -exec mv -t "pods/Garden Radio/$day" {} +
        wait_for 20 matched_are $((3 + 3 * day))
        daemon_stop
        flattred_is 3
    done
    [ "$(requests 'POST /flattr')" -eq 3 ]
}

page_is_known() {
    sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'SELECT payments FROM item' | grep -q "$1"
}

matched_are() {
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/queue.db" "SELECT count(*) FROM arrival WHERE state = 'matched'")" -eq "$1" ]
}

@test "what was paid by the podcatcher's own link is not paid by the feed's when a tagger has written the file anew" {
    watch_configured
    mkdir -p 'pods/Garden Radio'
    daemon_start
    download 'pods/Garden Radio' show-ep1.mp3
    hooked=(--payment 'https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fshow.example%2Fsecond')
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --enclosure "$web/show-ep1.mp3" "${hooked[@]}" 'pods/Garden Radio/show-ep1.mp3'
    run -0 "$PODFLATTR" hook "${hooked[@]/second/third}" 'pods/Garden Radio/show-ep2.mp3'
    wait_for 30 flattred_is 2
    download 'pods/Garden Radio' show-ep2.mp3
    for i in 1 2; do printf TAG >>"pods/Garden Radio/show-ep$i.mp3"; done
    daemon_stop
    feed_write show 1 3 'Garden Radio'
    export PODFLATTR_CLOCK_OFFSET=90000
    daemon_start
    wait_for 20 known_feeds_are 1
    # A later episode shows that all of it was dealt with.
    download 'pods/Garden Radio' show-ep3.mp3
    wait_for 20 flattred_is 3
    wait_for 20 status_is .queue.unmatched 0
    daemon_stop
    flattred_is 3
    [ "$(control GET flattrs | jq -r '[.[].url] | sort | @csv')" = '"https://show.example/3","https://show.example/second","https://show.example/third"' ]
}

@test "what became of a file is forgotten after 90 days, and the file is not flattred again" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
    arrivals() { sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 'SELECT count(*) FROM arrival'; }
    [ "$(arrivals)" -eq 1 ]
    export PODFLATTR_CLOCK_OFFSET=$((91 * 86400))
    daemon_start
    download pods show-ep2.mp3
    wait_for 20 flattred_is 2
    daemon_stop
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/queue.db" "SELECT count(*) FROM arrival WHERE seen < $(date +%s) + 86400")" -eq 0 ]
    [ "$(requests 'POST /flattr')" -eq 2 ]
    flattred_is 2
}

@test "with trigger = play a download is not enough, and a play that was broken off is not either" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    printf 'trigger = play\n' >>"$PODFLATTR_CONFIG"
    daemon_start
    wait_for 20 known_feeds_are 1
    download pods show-ep1.mp3
    run -0 "$PODFLATTR" hook --event played --progress 79 pods/show-ep1.mp3
    run -0 "$PODFLATTR" hook --event played --progress 80 --guid tag:show,2026:2 pods/show-ep2.mp3
    wait_for 20 flattred_is 1
    [ "$(control GET flattrs | jq -r '.[0].url')" = https://show.example/2 ]
    run -0 "$PODFLATTR" hook --event played pods/show-ep1.mp3
    wait_for 20 flattred_is 2
    daemon_stop
}

@test "SIGHUP reads the configuration again, and a broken one leaves the old one in force" {
    feed_write show 1 3
    watch_configured "$web/show.xml"
    daemon_start
    mkdir more
    cp "$PODFLATTR_CONFIG" good
    printf '[policy]\ndelay = soon\n' >>"$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'the old one stays' daemon.log
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
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
    wait_for 20 grep -q 'the old one stays: cannot read the configuration' daemon.log
    run -0 "$PODFLATTR" hook --feed "$web/other.xml" --guid tag:other,2026:1 one.mp3
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    wait_for 20 status_is .queue.dropped 1
    daemon_stop
}

@test "new folders are watched although the database was locked when the configuration was read again, and the old ones meanwhile" {
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
    wait_for 20 grep -q 'cannot be followed yet: .*; tried again every 10 seconds' daemon.log
    download pods show-ep1.mp3
    printf 'ROLLBACK;\n.quit\n' >&"${LOCK[1]}"
    wait_for 30 grep -q 'the configuration was read again' daemon.log
    wait_for 20 flattred_is 1
    download more show-ep2.mp3
    wait_for 20 flattred_is 2
    [ "$(grep -c 'cannot be followed yet' daemon.log)" -eq 1 ]
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

@test "systemd hears that it is ready, how it is, that it lives, that it reads its settings again, and that it ends" {
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

@test "what was flattred, held or refused is said unasked" {
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
    wait_for 20 grep -q "^podflattr: held #2, confirm: show-ep2.mp3; 'podflattr queue release 2' sends it$" daemon.log
    daemon_stop
    sed -i '/^confirm = yes/d' "$PODFLATTR_CONFIG"
    daemon_start
    download pods show-ep3.mp3
    wait_for 20 grep -q "^podflattr: failed #3, .*: Episode 3 of show; 'podflattr queue show 3' tells more$" daemon.log
    daemon_stop
}

@test "a file that has its enclosure's query in its name is found" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    download pods 'show-ep2.mp3?src=rss&v=1.2'
    wait_for 20 flattred_is 1
    [ "$(control GET flattrs | jq -r '.[0].url')" = https://show.example/2 ]
    daemon_stop
}

@test "a folder that the running service may not read is told of when the configuration is read again" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start -v
    mkdir -p "$BATS_FILE_TMPDIR/elsewhere"
    sed -i "s|^folders = .*|&;$BATS_FILE_TMPDIR/elsewhere|" "$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'the configuration was read again' daemon.log
    # Where the kernel cannot confine it, it may.
    grep -q 'cannot confine' daemon.log || grep -q "elsewhere may not be read by the service as it runs; start it anew" daemon.log
    daemon_stop
    rm daemon.log
    daemon_start
    wait_for 20 status_is '[.watch.list[].state] | @csv' '"watched","watched"'
    download "$BATS_FILE_TMPDIR/elsewhere" show-ep1.mp3
    wait_for 20 flattred_is 1
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

@test "damage to what is known of feeds ends the service, and the next one begins it anew" {
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

@test "damage to what is known of feeds that was done before the start ends it in order too" {
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

@test "status tells of the service, its folders and its feeds, and follows them" {
    feed_write show 1 1
    watch_configured "$web/show.xml" "$web/none.xml"
    run -0 "$PODFLATTR" status
    [[ $output == *'not running'* ]]
    daemon_start
    wait_for 20 status_is '[.feeds.known, .feeds.failing] | @csv' 2,1
    status_is '[.daemon.running, .daemon.pid, .watch.folders, .watch.watches] | @csv' "true,$daemon_pid,1,1"
    run -0 "$PODFLATTR" status
    [[ $output == *"process $daemon_pid"* && $output == *"$PWD/pods watched"* && $output == *none.xml* ]]
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

# closed_folder: makes a folder that no path of the configuration leads to, and sets closed to it.
closed_folder() {
    closed=$(mktemp -d "${TMPDIR-/tmp}/podflattr-closed.XXXXXX")
    mkdir elsewhere own
    PODFLATTR_CONFIG=$PWD/own/podflattr.conf
}

@test "folders and lists that are named from the home folder can be read wherever the service was started" {
    feed_write show 1 1
    closed_folder
    rmdir "$closed"
    mkdir home/pods home/lists
    printf '<opml version="2.0"><body><outline xmlUrl="%s"/></body></opml>\n' "$web/show.xml" >home/lists/feeds.opml
    configure '[watch]' 'folders = ~/pods' 'settle = 0s' '[feeds]' 'subscriptions = ~/lists/feeds.opml'
    cd elsewhere
    daemon_start
    wait_for 20 known_feeds_are 1
    download "$HOME/pods" show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "a hook's file counts where the service may not read it, and a folder that it may not read is told of" {
    feed_write show 1 1
    closed_folder
    watch_configured "$web/show.xml"
    daemon_start
    media "$closed/file.mp3"
    run -0 "$PODFLATTR" hook --feed "$web/show.xml" --guid tag:show,2026:1 "$closed/file.mp3"
    wait_for 20 flattred_is 1
    sed -i "s|^folders = .*|&;$closed/sub|" "$PODFLATTR_CONFIG"
    mkdir "$closed/sub"
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'configuration was read again' daemon.log
    wait_for 20 status_is .watch.folders 2
    # A kernel without Landlock reads everything.
    status_is '.watch.list[1].fault == null' true ||
        wait_for 20 grep -q "$closed/sub may not be read by the service as it runs" daemon.log
    daemon_stop
}

@test "old files whose rights are changed are not flattred" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    media pods/show-ep1.mp3
    [ "$(stat -c %W pods/show-ep1.mp3)" -gt 0 ] || skip 'this file system does not tell when a file was made'
    daemon_start
    wait_for 20 known_feeds_are 1
    daemon_stop
    chmod 600 pods/show-ep1.mp3
    daemon_start
    download pods show-ep2.mp3
    wait_for 20 flattred_is 1
    daemon_stop
    [ "$(control GET flattrs | jq -r '.[0].url')" = https://show.example/2 ]
}

@test "a mark that was made when the clock was ahead hides no file, and a first look in the future is told of" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    daemon_stop
    sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 'UPDATE watched SET mark = mark + 86400'
    download pods show-ep1.mp3
    daemon_start
    wait_for 20 flattred_is 1
    daemon_stop
    sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 'UPDATE watched SET first = first + 86400'
    daemon_start
    grep -q "$PWD/pods: first watched at .*, which is in the future" daemon.log
    daemon_stop
}

@test "an episode that has nothing to flattr is told of" {
    feed_write show 1 1
    sed -i 's|<atom:link[^>]*>||' web/show.xml
    watch_configured "$web/show.xml"
    daemon_start
    download pods show-ep1.mp3
    wait_for 20 grep -q 'show-ep1.mp3: its feed has no link that can be flattred' daemon.log
    daemon_stop
}

@test "folders that links lead to, outside of what is watched, are read" {
    feed_write show 1 2
    # Beside the scratch folder, which as the parent of the watched one may be read anyway.
    disk=$BATS_FILE_TMPDIR/disk
    mkdir -p "$disk/show"
    watch_configured "$web/show.xml"
    ln -s "$disk/show" pods/linked
    daemon_start
    download "$disk/show" show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}
