#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Which folders the service reads, and which of their files count.
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

@test "a folder that the running service may not read is reported when the configuration is read again" {
    feed_write show 1 1
    watch_configured "$web/show.xml"
    daemon_start -v
    mkdir -p "$BATS_FILE_TMPDIR/elsewhere"
    sed -i "s|^folders = .*|&;$BATS_FILE_TMPDIR/elsewhere|" "$PODFLATTR_CONFIG"
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'configuration reloaded' daemon.log
    # Where the kernel cannot confine it, it may.
    grep -q 'cannot confine' daemon.log || grep -q "the running service may not read .*elsewhere; restart it" daemon.log
    daemon_stop
    rm daemon.log
    daemon_start
    wait_for 20 status_is '[.watch.list[].state] | @csv' '"watched","watched"'
    download "$BATS_FILE_TMPDIR/elsewhere" show-ep1.mp3
    wait_for 20 flattred_is 1
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

@test "a hook's file counts where the service may not read it, and a folder that it may not read is reported" {
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
    wait_for 20 grep -q 'configuration reloaded' daemon.log
    wait_for 20 status_is .watch.folders 2
    # A kernel without Landlock reads everything.
    status_is '.watch.list[1].fault == null' true ||
        wait_for 20 grep -q "the running service may not read $closed/sub" daemon.log
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
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/2
}

@test "a mark that was made when the clock was ahead hides no file, and a first look in the future is now" {
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
    download pods show-ep2.mp3
    wait_for 20 flattred_is 2
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
