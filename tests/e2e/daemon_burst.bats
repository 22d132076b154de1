#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that come in masses, or in odd ways: each episode is flattred, and once. make torture does the same with more:
# PF_FOLDERS (of 40 files) come at once, PF_LOST files while the kernel has no room to tell of them.
load helper
load daemon
load masses

setup() {
    scratch_setup
    sandbox_start --means 1000000 --rate-limit 1000000
    web_start
}

@test "new folders full of files, made all at once, are flattred file by file" {
    local folders=${PF_FOLDERS:-20}
    feed_write show 1 $((folders * 40))
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 60 items_are $((folders * 40))
    episodes_make pods 1 $((folders * 40)) 40
    wait_for_flattred $((folders * 40))
    daemon_stop
    flattred_is $((folders * 40))
}

@test "a tree that is moved in is flattred file by file, and nothing when it is moved again" {
    feed_write show 1 401
    watch_configured "$web/show.xml"
    daemon_start
    wait_for 20 items_are 401
    # Files that are older than the first start would never be flattred.
    episodes_make made/a/b/c 1 400 20
    mv made/a pods/a
    wait_for_flattred 400
    mv pods/a/b pods/elsewhere
    mv pods/elsewhere/c pods/c
    download pods/c show-ep401.mp3
    wait_for_flattred 401
    daemon_stop
    flattred_is 401
    [ "$(requests 'POST /flattr')" -eq 401 ]
}

@test "files whose events the kernel dropped are found all the same" {
    local files=${PF_LOST:-1000} room
    room=$(cat /proc/sys/fs/inotify/max_queued_events)
    feed_write show 1 "$files"
    watch_configured "$web/show.xml"
    mkdir pods/known
    daemon_start
    wait_for 60 items_are "$files"
    # A process that stands still takes no events, so that the kernel's queue runs over.
    kill -STOP "$daemon_pid"
    python3 - "$room" <<'TXT'
import os, sys
for number in range(int(sys.argv[1]) + 100):
    name = f"pods/{number}.mp3"
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT))
    os.unlink(name)
TXT
    episodes_make pods/known 1 $((files / 2)) $((files / 2))
    episodes_make pods $((files / 2 + 1)) "$files" 40
    kill -CONT "$daemon_pid"
    wait_for_flattred "$files"
    daemon_stop
    flattred_is "$files"
}
