#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Feeds that want to be paid for the files of others.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
    feed_write honest 1 3
}

# evil_write [SED-SCRIPT]: a feed that lists the honest one's items, with links of its own.
evil_write() {
    sed -e 's|example%2F|&evil%2F|' -e "${1-}" web/honest.xml >web/evil.xml
}

held_is() {
    is "$("$PODFLATTR" queue --state unmatched --format=json | jq -r "[.file, .reason] | @csv")" "$1"
}

@test "a feed that lists another's enclosures and GUIDs is not paid for them, whichever was known first" {
    evil_write
    for order in "$web/evil.xml $web/honest.xml" "$web/honest.xml $web/evil.xml"; do
        rm -rf state pods
        # shellcheck disable=SC2086 # two words
        watch_configured $order
        daemon_start
        wait_for 20 known_feeds_are 2
        download pods honest-ep1.mp3
        wait_for 20 held_is "\"$PWD/pods/honest-ep1.mp3\",\"several\""
        daemon_stop
    done
    flattred_is 0
}

@test "two addresses of one feed, with the same links, are one" {
    cp web/honest.xml web/mirror.xml
    watch_configured "$web/mirror.xml" "$web/honest.xml"
    daemon_start
    wait_for 20 known_feeds_are 2
    download pods honest-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "a feed that has the name of the watched folder is not paid for what is in it" {
    evil_write "s|<title>honest|<title>pods|; s|url=\"$web/|&evil/|; s|tag:honest|tag:evil|"
    watch_configured "$web/evil.xml" "$web/honest.xml"
    daemon_start
    wait_for 20 known_feeds_are 2
    download pods honest-ep1.mp3
    wait_for 20 held_is "\"$PWD/pods/honest-ep1.mp3\",\"several\""
    mkdir pods/honest
    download pods/honest honest-ep2.mp3
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://honest.example/2
    daemon_stop
}

@test "the feed that a hook names is asked before another that lists its episode, which is never paid" {
    evil_write
    watch_configured "$web/evil.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    media file.mp3
    run -0 "$PODFLATTR" hook --feed "$web/honest.xml" --guid tag:honest,2026:1 --enclosure "$web/honest-ep1.mp3" file.mp3
    wait_for 20 flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://honest.example/1
    # This one cannot be had at all.
    run -0 "$PODFLATTR" hook --feed "$web/none.xml" --guid tag:honest,2026:2 --enclosure "$web/honest-ep2.mp3" file.mp3
    wait_for 20 held_is "\"$PWD/file.mp3\",\"other_feed\""
    flattred_is 1
    daemon_stop
}

@test "a name counts when all feeds were asked: it may be another's newest episode" {
    feed_write other 1 1
    sed -i 's|-ep1.mp3|-interview.mp3|' web/other.xml
    sed 's|honest-ep2.mp3|other-interview.mp3|' web/honest.xml >later.xml
    watch_configured "$web/other.xml" "$web/honest.xml"
    daemon_start
    wait_for 20 known_feeds_are 2
    daemon_stop
    # The web server tells whole seconds apart.
    touch -d "10 seconds" later.xml
    mv later.xml web/honest.xml
    # Much later, but before the feeds are due.
    PODFLATTR_CLOCK_OFFSET=1000 daemon_start
    download pods other-interview.mp3
    wait_for 20 held_is "\"$PWD/pods/other-interview.mp3\",\"several\""
    daemon_stop
    flattred_is 0
}

@test "a name is flattred without delay when the feeds have no news" {
    watch_configured "$web/honest.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    daemon_stop
    PODFLATTR_CLOCK_OFFSET=1000 daemon_start
    download pods honest-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "a subscription that turns into a list of many thousand feeds makes a thousand known, and lists on it none" {
    mkdir -p web
    {
        printf '<opml version="2.0"><body>'
        printf '<outline xmlUrl="%s/nested.opml"/>' "$web"
        seq 3000 | sed "s|.*|<outline xmlUrl=\"$web/none/&.xml\"/>|"
        printf '</body></opml>'
    } >web/evil.opml
    printf '<opml version="2.0"><body><outline xmlUrl="%s/honest.xml"/></body></opml>' "$web" >web/nested.opml
    watch_configured "$web/evil.opml"
    daemon_start
    wait_for 20 grep -q 'evil.opml: 2001 feeds of this list are not followed' daemon.log
    wait_for 20 status_is .feeds.known 1001
    wait_for 180 status_is .feeds.failing 999
    status_is .feeds.known 1001
    daemon_stop
}
