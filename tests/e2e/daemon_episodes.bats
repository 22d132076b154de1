#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The service finds the episode of each file, pays it once, and leaves to the user what it cannot tell.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
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
    is "$(jq -r '[.file, .reason, (.candidates | length)] | @csv' <<<"$output")" "\"$PWD/pods/one-ep1.mp3\",\"several\",2"
    run -65 "$PODFLATTR" queue match pods/no-ep1.mp3 tag:two,2026:1
    [[ $output == *"no-ep1.mp3: no such file"* ]]
    run -0 "$PODFLATTR" queue match pods/one-ep1.mp3 tag:two,2026:1
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://two.example/1
    status_is .queue.unmatched 0
    daemon_stop
}

@test "a hook that knows more settles what the watcher could not decide" {
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
    is "$(control GET flattrs | jq -r '.[0].url')" https://two.example/1
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

@test "a page of HTML that was saved as an episode is refused and reported" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    printf '<!DOCTYPE html><html><body>404</body></html>\n' >pods/show-ep1.mp3
    wait_for 20 grep -q 'show-ep1.mp3: not a media file' daemon.log
    run -0 "$PODFLATTR" queue --state unmatched --format=json
    is "$(jq -r .state <<<"$output")" refused
    status_is '[.queue.unmatched, .queue.refused] | @csv' 1,1
    [[ $("$PODFLATTR" status) == *"0 without an episode, 1 not media;"* ]]
    # The real one comes later, under the same name.
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    status_is .queue.unmatched 0
    daemon_stop
}

# on_a_terminal ANSWERS COMMAND …: runs it with a terminal, where these lines are typed, and prints what is shown there.
on_a_terminal() {
    python3 - "$@" <<'END'
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
os.write(terminal, sys.argv[1].encode())
shown = b""
try:
    while data := os.read(terminal, 4096):
        shown += data
except OSError:
    pass
print(shown.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
}

@test "a file is matched by the number of a candidate, which a terminal asks for" {
    feed_write one 1 1 'Same Show'
    feed_write two 1 1 'Same Show'
    sed -i 's/two-ep1.mp3/one-ep1.mp3/; s/of two/of one/' web/two.xml
    watch_configured "$web/one.xml" "$web/two.xml"
    daemon_start
    wait_for 20 known_feeds_are 2
    download pods one-ep1.mp3
    wait_for 20 status_is .queue.unmatched 1
    mkdir -p "pods/Same Show"
    download pods/'Same Show' one-ep1.mp3
    wait_for 20 status_is .queue.unmatched 2
    run -0 "$PODFLATTR" queue --state unmatched
    [[ $output == *"1. Same Show: Episode 1 of one"* && $output == *"2. Same Show: Episode 1 of one"* ]]
    id=$("$PODFLATTR" queue --state unmatched --format=json | jq -s '.[0].id')
    run -64 "$PODFLATTR" queue match <<<''
    run -65 "$PODFLATTR" queue match "$id" 3
    run -0 "$PODFLATTR" queue match "$id" 2
    wait_for 20 flattred_is 1
    run -0 on_a_terminal $'nonsense\n1\n' "$PODFLATTR" queue match
    [[ $output == *"1 of 1"*"Which episode?"*"no known episode"*"Which episode?"*"#2"* ]]
    wait_for 20 flattred_is 2
    status_is .queue.unmatched 0
    daemon_stop
}

@test "files that are no episodes are dismissed, and not reported again" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    download pods song-1.mp3
    printf TAG >>pods/song-1.mp3
    printf '<!DOCTYPE html><html><body>404</body></html>\n' >pods/page.mp3
    wait_for 20 status_is .queue.refused 1
    wait_for 20 grep -q 'song-1.mp3: no feed has a matching episode' daemon.log
    run -65 "$PODFLATTR" queue dismiss pods/song-1.mp3 pods/nothing.mp3
    [[ $output == *"$PWD/pods/nothing.mp3: no file of this name or ID, or in this folder, is waiting"* ]]
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

@test "files that were given up are looked for again when the user says so" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start
    mkdir pods/one pods/two
    download pods/one show-ep2.mp3
    download pods/two show-ep3.mp3
    wait_for 20 status_is .queue.unmatched 2
    daemon_stop
    feed_write show 1 3
    touch -d '1 hour' web/show.xml # changed, by a clock of seconds
    store="$PODFLATTR_STATE_DIR/queue.db"
    sqlite3 "$store" "UPDATE arrival SET state = 'unmatched', next_try = NULL, seen = seen - 8 * 86400, tries = 9"
    sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'UPDATE feed SET tried = tried - 86401'
    daemon_start
    run -65 "$PODFLATTR" queue retry pods/three
    [[ $output == *"$PWD/pods/three: no file of this name, or in this folder, is waiting"* ]]
    run -65 "$PODFLATTR" queue retry pods/one pods/three
    [[ $output == *"$PWD/pods/three: no file of this name, or in this folder, is waiting"* ]]
    is "$(sqlite3 "$store" "SELECT count(*) FROM arrival WHERE state = 'unmatched'")" 2
    run -0 "$PODFLATTR" queue retry pods/one
    [[ $output == *"searching again for the episode of 1 file"* ]]
    wait_for 20 flattred_is 1
    run -0 "$PODFLATTR" queue retry --all
    [[ $output == *"searching again for the episode of 1 file"* ]]
    wait_for 20 flattred_is 2
    daemon_stop
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
    is "$("$PODFLATTR" queue --format=json | jq -r 'select(.guid | startswith("tag:news")) | .key' | sort | paste -sd' ')" 'thing:1 thing:2 thing:3'
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

@test "what was paid by the podcatcher's own link is not paid by the feed's when a tagger has rewritten the file" {
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
    is "$(control GET flattrs | jq -r '[.[].url] | sort | @csv')" '"https://show.example/3","https://show.example/second","https://show.example/third"'
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

@test "with trigger = play, neither a download nor a play that was broken off is enough" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    printf 'trigger = play\n' >>"$PODFLATTR_CONFIG"
    daemon_start
    wait_for 20 known_feeds_are 1
    download pods show-ep1.mp3
    run -0 "$PODFLATTR" hook --event played --progress 79 pods/show-ep1.mp3
    run -0 "$PODFLATTR" hook --event played --progress 80 --guid tag:show,2026:2 pods/show-ep2.mp3
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/2
    run -0 "$PODFLATTR" hook --event played pods/show-ep1.mp3
    wait_for 20 flattred_is 2
    daemon_stop
}

@test "a file that has its enclosure's query in its name is found" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    download pods 'show-ep2.mp3?src=rss&v=1.2'
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/2
    daemon_stop
}

@test "an episode that has nothing to flattr is owed, and reported" {
    feed_write show 1 1
    sed -i 's|<atom:link[^>]*>||' web/show.xml
    watch_configured "$web/show.xml"
    daemon_start
    download pods show-ep1.mp3
    wait_for 20 grep -q 'owed #1, no_link: show-ep1.mp3' daemon.log
    daemon_stop
}
