#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the service learns of feeds on this machine: files that podcatchers save in the watched folders, and lists.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
}

# opml_write FILE FEED ...: a list of feeds.
opml_write() {
    local file=$1
    shift
    printf '<opml version="2.0"><body>' >"$file.new"
    printf '<outline xmlUrl="%s"/>' "$@" >>"$file.new"
    printf '</body></opml>\n' >>"$file.new"
    mv "$file.new" "$file"
}

# lock_feeds, release_feeds: what other programs may do for a while.
lock_feeds() {
    coproc LOCK { sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 3>&-; }
    printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${LOCK[1]}"
    read -r _ <&"${LOCK[0]}"
}

release_feeds() {
    printf 'ROLLBACK;\n.quit\n' >&"${LOCK[1]}"
    wait "$LOCK_PID" || true
}

@test "a feed file that a podcatcher saves in a watched folder is read as a feed, and again when it is written again" {
    feed_write show 1 1
    watch_configured
    daemon_start
    mkdir pods/show
    cp web/show.xml pods/show/feed.rss
    wait_for 20 known_feeds_are 1
    download pods/show show-ep1.mp3
    wait_for 20 flattred_is 1
    feed_write show 1 2
    cp web/show.xml pods/show/feed.rss
    download pods/show show-ep2.mp3
    wait_for 20 flattred_is 2
    daemon_stop
    [ "$(grep -c 'GET /show.xml' web.log)" -eq 0 ]
}

@test "a feed file that was there before the service's first start is read" {
    feed_write show 1 1
    watch_configured
    mkdir pods/show
    cp web/show.xml pods/show/feed.rss
    media pods/show/show-ep1.mp3
    daemon_start
    wait_for 20 known_feeds_are 1
    flattred_is 0
    download pods/show show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "feed files are read once, and again when the feed database is gone" {
    feed_write show 1 2
    watch_configured
    daemon_start
    cp web/show.xml pods/show.xml
    wait_for 20 known_feeds_are 1
    daemon_stop
    rm "$PODFLATTR_STATE_DIR"/feeds.db*
    daemon_start
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
    # What is read once more would bring this title back.
    sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" "UPDATE feed SET title = 'not read again'"
    daemon_start
    download pods show-ep2.mp3
    wait_for 20 flattred_is 2
    daemon_stop
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'SELECT title FROM feed')" = 'not read again' ]
}

@test "a feed file that is saved while the store is locked is read when it is free" {
    feed_write show 1 1
    watch_configured
    # The store is tried again in a minute, which is a second here.
    PODFLATTR_CLOCK_RATE=60@$(date +%s) daemon_start
    lock_feeds
    cp web/show.xml pods/show.xml
    wait_for 20 grep -q 'cannot store feeds: .*; retrying in a minute' daemon.log
    release_feeds
    wait_for 20 known_feeds_are 1
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "a feed file that was saved when the service was killed is read at the next start" {
    feed_write show 1 1
    watch_configured
    daemon_start
    lock_feeds
    cp web/show.xml pods/show.xml
    # Its time has come, so the folder's mark is later than it.
    download pods unknown.mp3
    wait_for 20 grep -q 'cannot store feeds' daemon.log
    kill -KILL "$daemon_pid"
    wait "$daemon_pid" || true
    release_feeds
    daemon_start
    wait_for 20 known_feeds_are 1
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "where a file was downloaded from, as its attribute says, is enough to find its episode" {
    feed_write show 1 2
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    media 'Nothing like it.part'
    python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.xdg.origin.url", sys.argv[2].encode())' \
        'Nothing like it.part' "$web/show-ep2.mp3" || skip 'this file system keeps no attributes'
    mv 'Nothing like it.part' 'pods/Nothing like it.mp3'
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/2
    daemon_stop
}

@test "a list of feeds that changes while the service runs is followed" {
    feed_write one 1 1
    feed_write two 1 1
    watch_configured "$PWD/feeds.opml"
    opml_write feeds.opml "$web/one.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    opml_write feeds.opml "$web/one.xml" "$web/two.xml"
    wait_for 20 known_feeds_are 2
    download pods two-ep1.mp3
    wait_for 20 flattred_is 1
    opml_write feeds.opml "$web/two.xml"
    wait_for 20 known_feeds_are 1
    # An editor that writes in place.
    sed "s|two.xml|one.xml|" feeds.opml >changed
    cat changed >feeds.opml
    wait_for 20 known_urls_are "$web/one.xml"
    daemon_stop
}

@test "a feed file and a podcatcher's own list are subscriptions, and a feed file that changes is read again" {
    feed_write one 1 1
    feed_write two 1 1
    printf '# newsboat\n%s/two.xml "~Two" audio\n"query:All:unread"\n' "$web" >urls
    watch_configured "$PWD/web/one.xml" "$PWD/urls"
    daemon_start
    wait_for 20 status_is '[.feeds.known, .feeds.read, .feeds.lists] | @csv' 2,2,1
    download pods one-ep1.mp3
    download pods two-ep1.mp3
    wait_for 20 flattred_is 2
    feed_write one 1 2
    wait_for 20 known_items_are 3
    download pods one-ep2.mp3
    wait_for 20 flattred_is 3
    # A file that comes before its feed lists it: what the feeds had said before is not taken for the answer.
    download pods one-ep3.mp3
    wait_for 20 looked_for one-ep3.mp3
    feed_write one 1 3
    wait_for 20 flattred_is 4
    run "$PODFLATTR" status
    [[ $output == *"feeds       2 feeds (1 list), 2 read"* ]]
    daemon_stop
}

# looked_for NAME: the episode of a file of this name was looked for, in vain.
looked_for() {
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/queue.db" \
        "SELECT count(*) FROM arrival WHERE state = 'waiting' AND tries > 0 AND CAST(path AS TEXT) LIKE '%/$1'")" = 1 ]
}

# known_items_are COUNT: all feeds together list so many.
known_items_are() {
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'SELECT count(*) FROM item')" = "$1" ]
}

# known_urls_are URL: this feed is known, and no other.
known_urls_are() {
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'SELECT group_concat(url) FROM feed')" = "$1" ]
}

@test "a list of feeds that is saved in a watched folder may name feeds on this machine" {
    feed_write show 1 1
    watch_configured
    daemon_start
    opml_write pods/feeds.opml "$web/show.xml"
    wait_for 20 read_from_list
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

# read_from_list: the feed show was read.
read_from_list() {
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" "SELECT title FROM feed WHERE url LIKE '%/show.xml'")" = show ]
}

@test "a list of feeds whose folders come, go and come again is followed" {
    feed_write one 1 1
    feed_write two 1 1
    watch_configured "$PWD/exports/deep/feeds.opml"
    daemon_start
    wait_for 20 grep -q "podflattr.conf:[0-9]*: subscriptions: .*exports/deep/feeds.opml: No such file or directory; export the subscriptions there" daemon.log
    mkdir -p exports/deep
    opml_write exports/deep/feeds.opml "$web/one.xml"
    wait_for 20 known_urls_are "$web/one.xml"
    rm -r exports
    mkdir -p exports/deep
    opml_write exports/deep/feeds.opml "$web/two.xml"
    wait_for 20 known_urls_are "$web/two.xml"
    mkdir -p later/deep
    opml_write later/deep/feeds.opml "$web/one.xml"
    mv exports/deep gone
    mv later/deep exports/deep
    wait_for 20 known_urls_are "$web/one.xml"
    daemon_stop
}

@test "a web page in a feed's place is a failure of the feed's, and pays nobody" {
    mkdir -p web
    printf '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Show</title>%s%s</channel></rss>' \
        '<atom:link rel="payment" href="https://flattr.com/submit/auto?user_id=maker&amp;url=https%3A%2F%2Fshow.example%2F"/>' \
        '<item><title>One</title><guid>1</guid><enclosure url="https://show.example/show-ep1.mp3" length="4170"/></item>' >web/show.xml
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    daemon_stop
    printf '<html><head><title>Welcome, guest</title><link rel="payment" href="https://flattr.com/@hotel"/>%s</head></html>' \
        "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"$web/hotel.xml\"/>" >web/show.xml
    touch -d '1 hour' web/show.xml # changed, by a clock of seconds
    sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'UPDATE feed SET due = 0'
    daemon_start
    wait_for 20 status_is .feeds.failing 1
    grep -q "show.xml: a web page came in place of the feed" daemon.log
    known_urls_are "$web/show.xml"
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/
    daemon_stop
}

@test "a pipe where a list of feeds should be keeps nothing waiting" {
    feed_write show 1 1
    mkfifo feeds.opml
    watch_configured "$PWD/feeds.opml" "$web/show.xml"
    daemon_start
    wait_for 20 grep -q 'feeds.opml: not a regular file; name a feed or a list of feeds' daemon.log
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}
