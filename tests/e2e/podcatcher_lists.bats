#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Names of podcatchers in the configuration: their folders and their feeds, followed when they change, and what they know of a
# file. The podcatchers' files are written here as the programs write them.
load helper
load daemon

setup() {
    scratch_setup
    export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
    unset GPODDER_HOME GPODDER_DOWNLOAD_DIR
    sandbox_start --means 100000 --rate-limit 100000
    web_start
}

# gpodder SQL: runs it on gPodder's database, which is made with its tables where there is none.
gpodder() {
    mkdir -p "$HOME/gPodder/Downloads"
    [ -e "$HOME/gPodder/Database" ] || sqlite3 "$HOME/gPodder/Database" "
        CREATE TABLE podcast (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT '',
            auth_username TEXT, auth_password TEXT, download_folder TEXT NOT NULL DEFAULT '', payment_url TEXT);
        CREATE TABLE episode (id INTEGER PRIMARY KEY NOT NULL, podcast_id INTEGER NOT NULL, title TEXT NOT NULL DEFAULT '',
            url TEXT NOT NULL, guid TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0, download_filename TEXT, payment_url TEXT);"
    sqlite3 "$HOME/gPodder/Database" "$1"
}

# podcast ID NAME: gPodder follows web/NAME.xml, whose episodes' names and titles say nothing.
podcast() {
    gpodder "INSERT INTO podcast (id, title, url, download_folder) VALUES ($1, 'Show', '$web/$2.xml', 'Show $1');"
}

by_gpodder() {
    configure '[watch]' 'folders = gpodder' 'settle = 0s' "$@" '[policy]' 'per-feed-per-day = 0' 'per-payee-per-day = 0'
}

@test "a file whose name says nothing is known by gPodder's list, and one that is not written there yet when it is" {
    feed_write show 1 3
    podcast 1 show
    gpodder "INSERT INTO episode (podcast_id, url, guid, state, download_filename) VALUES
        (1, '$web/elsewhere/1', 'tag:show,2026:1', 1, 'media.mp3');"
    by_gpodder '[feeds]' 'subscriptions = gpodder'
    mkdir -p "$HOME/gPodder/Downloads/Show 1"
    daemon_start
    wait_for 20 known_feeds_are 1
    download "$HOME/gPodder/Downloads/Show 1" media.mp3
    wait_for 20 flattred_is 1
    run -0 "$PODFLATTR" queue --format=json
    is "$(jq -r '[.guid, .source, .state] | join(" ")' <<<"$output")" 'tag:show,2026:1 watch flattred'
    download "$HOME/gPodder/Downloads/Show 1" 'media (2).mp3'
    wait_for 20 status_is .queue.unmatched 1
    gpodder "INSERT INTO episode (podcast_id, url, guid, state, download_filename) VALUES
        (1, '$web/elsewhere/2', 'tag:show,2026:2', 1, 'media (2).mp3');"
    wait_for 20 flattred_is 2
    daemon_stop
}

@test "the feed that a podcatcher names for a file is asked, though no subscription names it" {
    feed_write show 1 1
    podcast 1 show
    gpodder "INSERT INTO episode (podcast_id, url, guid, state, download_filename) VALUES
        (1, '$web/show-ep1.mp3', 'tag:show,2026:1', 1, 'media.mp3');"
    by_gpodder
    mkdir -p "$HOME/gPodder/Downloads/Show 1"
    daemon_start
    download "$HOME/gPodder/Downloads/Show 1" media.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "feeds are followed when gPodder's list changes, and shown with their number and age" {
    feed_write show 1 1
    feed_write other 1 1
    podcast 1 show
    by_gpodder '[feeds]' 'subscriptions = gpodder'
    daemon_start
    wait_for 20 known_feeds_are 1
    podcast 2 other
    wait_for 20 known_feeds_are 2
    gpodder "DELETE FROM podcast WHERE id = 1;"
    wait_for 20 known_feeds_are 1
    run -0 "$PODFLATTR" status
    [[ $output == *'podcatcher'*"gpodder: $HOME/gPodder/Downloads"*'gpodder: follows 1 feed, changed just now'* ]] || fail "$output"
    status_is '[.podcatchers[] | select(.key == "subscriptions") | .name, .feeds, .result] | join(" ")' 'gpodder 1 ok'
    run "$PODFLATTR" doctor --offline
    [[ $output == *'subscriptions'*'gpodder: follows 1 feed'* ]] || fail "$output"
    daemon_stop
}

@test "a folder is watched once castget is set to download there" {
    feed_write show 1 2
    printf '[show]\nurl = %s\nspool = %s\n' "$web/show.xml" "$HOME/one" >"$HOME/.castgetrc"
    mkdir -p "$HOME/one" "$HOME/two"
    configure '[watch]' 'folders = castget' 'settle = 0s' '[feeds]' 'subscriptions = castget' '[policy]' \
        'per-feed-per-day = 0' 'per-payee-per-day = 0'
    daemon_start
    wait_for 20 known_feeds_are 1
    download "$HOME/one" show-ep1.mp3
    wait_for 20 flattred_is 1
    printf '[show]\nurl = %s\nspool = %s\n' "$web/show.xml" "$HOME/two" >"$HOME/.castgetrc"
    wait_for 20 status_is '.watch.list[0].path' "$HOME/two"
    wait_for 20 status_is '.watch.list[0].state' watched
    download "$HOME/two" show-ep2.mp3
    wait_for 20 flattred_is 2
    daemon_stop
}

@test "a folder that castget is set to is watched although the database was locked when its list changed" {
    feed_write show 1 1
    printf '[show]\nurl = %s\nspool = %s\n' "$web/show.xml" "$HOME/one" >"$HOME/.castgetrc"
    mkdir -p "$HOME/one" "$HOME/two"
    configure '[watch]' 'folders = castget' 'settle = 0s' '[feeds]' 'subscriptions = castget'
    daemon_start
    wait_for 20 known_feeds_are 1
    coproc LOCK { sqlite3 "$PODFLATTR_STATE_DIR/queue.db" 3>&-; }
    printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${LOCK[1]}"
    read -r _ <&"${LOCK[0]}"
    printf '[show]\nurl = %s\nspool = %s\n' "$web/show.xml" "$HOME/two" >"$HOME/.castgetrc"
    wait_for 20 grep -q "cannot watch the podcatchers' folders yet: .*; retrying every 10 seconds" daemon.log
    printf 'ROLLBACK;\n.quit\n' >&"${LOCK[1]}"
    wait_for 30 status_is '.watch.list[0].path' "$HOME/two"
    download "$HOME/two" show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "of two castget channels with one folder, the one that has a file on its list is known to the confined service" {
    feed_write show 1 1
    feed_write other 1 1
    printf '[*]\nspool = %s\n[show]\nurl = %s\n[other]\nurl = %s\n' "$HOME/casts" "$web/show.xml" "$web/other.xml" >"$HOME/.castgetrc"
    sed -i 's/<enclosure url="[^"]*"/<enclosure url="https:\/\/cdn.example\/show\/media.mp3"/' web/show.xml
    sed -i 's/<enclosure url="[^"]*"/<enclosure url="https:\/\/cdn.example\/other\/media.mp3"/' web/other.xml
    mkdir -p "$HOME/casts" "$HOME/.castget"
    printf '<channel><enclosure url="https://cdn.example/other/media.mp3" downloadtime="x"/></channel>' >"$HOME/.castget/other.xml"
    configure '[watch]' 'folders = castget' 'settle = 0s' '[feeds]' 'subscriptions = castget' '[policy]' \
        'per-feed-per-day = 0' 'per-payee-per-day = 0'
    daemon_start
    wait_for 20 known_feeds_are 2
    download "$HOME/casts" media.mp3
    wait_for 20 flattred_is 1
    run -0 "$PODFLATTR" queue --format=json
    is "$(jq -r .guid <<<"$output")" 'tag:other,2026:1'
    daemon_stop
}

@test "a list that is damaged, locked, or not there is a message, and files are found by their names" {
    feed_write show 1 2
    podcast 1 show
    by_gpodder '[feeds]' "subscriptions = gpodder; newsboat; $web/show.xml"
    daemon_start
    wait_for 20 known_feeds_are 1
    printf 'this is no database, and never was, but it is there, and it is long enough to be taken for one by whoever looks at it' \
        >"$HOME/gPodder/Database"
    mkdir -p "$HOME/gPodder/Downloads/show"
    download "$HOME/gPodder/Downloads/show" show-ep1.mp3
    wait_for 20 flattred_is 1
    run -0 "$PODFLATTR" status
    [[ $output == *'subscriptions: gpodder: '*'damaged, or not a database'* ]] || fail "$output"
    [[ $output == *'subscriptions: newsboat: newsboat is not set up here'* ]] || fail "$output"
    known_feeds_are 1
    daemon_stop
}

@test "Kasts's database is read by the confined service while Kasts runs, with what is in its log only, and after" {
    local kasts=$XDG_DATA_HOME/KDE/kasts number name
    feed_write show 1 2
    mkdir -p "$kasts/enclosures/Show"
    sqlite3 "$kasts/database.db3" "PRAGMA journal_mode = WAL;
        CREATE TABLE Feeds (feeduid INTEGER PRIMARY KEY, name TEXT, url TEXT, dirname TEXT);
        CREATE TABLE Entries (entryuid INTEGER PRIMARY KEY, feeduid INTEGER, id TEXT, title TEXT);
        CREATE TABLE Enclosures (enclosureuid INTEGER PRIMARY KEY, entryuid INTEGER, feeduid INTEGER, url TEXT, downloaded INTEGER);" >/dev/null
    configure '[watch]' 'folders = kasts' 'settle = 0s' '[feeds]' 'subscriptions = kasts' '[policy]' \
        'per-feed-per-day = 0' 'per-payee-per-day = 0'
    daemon_start -v
    coproc KASTS { sqlite3 "$kasts/database.db3" 3>&-; }
    printf '%s\n' "INSERT INTO Feeds VALUES (1, 'Show', '$web/show.xml', 'Show');" >&"${KASTS[1]}"
    for number in 1 2; do
        printf '%s\n' "INSERT INTO Entries VALUES ($number, 1, 'tag:show,2026:$number', 'Any');
            INSERT INTO Enclosures (entryuid, feeduid, url, downloaded) VALUES ($number, 1, '$web/elsewhere/$number', 4);" >&"${KASTS[1]}"
    done
    wait_for 20 known_feeds_are 1
    for number in 1 2; do
        name=Any.$(printf '%s' "$web/elsewhere/$number" | md5sum | head -c 6).mp3
        download "$kasts/enclosures/Show" "$name"
        wait_for 20 flattred_is "$number" || {
            ls -l "$kasts"
            fail "$(<daemon.log)"
        }
        [ "$number" -eq 2 ] || {
            printf '.quit\n' >&"${KASTS[1]}"
            wait "$KASTS_PID" || true
        }
    done
    daemon_stop
}

# has_looked: gPodder's database was looked at for what was played.
has_looked() {
    [ "$(sqlite3 state/queue.db 'SELECT count(*) FROM play_record')" = 1 ]
}

@test "with trigger = play, how far an episode was played counts by gPodder's database, from the first look on" {
    feed_write show 1 3
    podcast 1 show
    gpodder "ALTER TABLE episode ADD COLUMN current_position INTEGER; ALTER TABLE episode ADD COLUMN total_time INTEGER;
        ALTER TABLE episode ADD COLUMN current_position_updated INTEGER; ALTER TABLE episode ADD COLUMN is_new INTEGER;
        INSERT INTO episode (podcast_id, url, guid, is_new, total_time, current_position, current_position_updated) VALUES
        (1, '$web/show-ep1.mp3', 'tag:show,2026:1', 0, 3600, 3500, $(date +%s)), (1, '$web/show-ep2.mp3', 'tag:show,2026:2', 1, 3600, 0, 0),
        (1, '$web/show-ep3.mp3', 'tag:show,2026:3', 1, 3600, 0, 0);"
    configure '[watch]' 'folders = gpodder' 'settle = 0s' 'players = no' '[feeds]' 'subscriptions = gpodder' '[policy]' 'trigger = play'
    run "$PODFLATTR" config
    [[ ! $output =~ 'no player has reported' ]]
    daemon_start
    wait_for 20 known_feeds_are 1
    wait_for 20 has_looked
    daemon_stop
    # An hour later: the second was heard, the third only marked as old.
    gpodder "UPDATE episode SET is_new = 0, current_position = 3000, current_position_updated = $(($(date +%s) + 3000)) WHERE guid = 'tag:show,2026:2';
        UPDATE episode SET is_new = 0 WHERE guid = 'tag:show,2026:3';"
    PODFLATTR_CLOCK_OFFSET=3600 daemon_start
    wait_for 20 flattred_is 1
    is "$("$PODFLATTR" queue export | jq -r '[.guid, .heard, .source] | join(" ")')" 'tag:show,2026:2 3000 play'
    daemon_stop
}
