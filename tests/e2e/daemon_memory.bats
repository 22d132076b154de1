#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# What thousands of files take in memory and descriptors, the service gives back. PF_FILES says how many.
load helper
load daemon
load masses

setup() {
    scratch_setup
    [ -r /proc/self/smaps_rollup ] || skip "this kernel does not sum up memory"
    sandbox_start --means 1000000 --rate-limit 1000000
    web_start
}

# kibibytes: the memory that the service has filled by itself. Clean pages of libraries are not among it: they are the
# service's alone only as long as no other program has the same library open, so they come and go with other programs.
kibibytes() {
    awk '/^(Private_Dirty|Swap):/ { sum += $2 } END { print sum }' "/proc/$daemon_pid/smaps_rollup"
}

# descriptors [TEST ...]: how many it has open, of those that find's tests admit.
descriptors() {
    find "/proc/$daemon_pid/fd" -mindepth 1 "$@" | wc -l
}

# No more than it had open before, when one that libcurl was about to close may have been among them; and no more connections to
# the server than the four that the sender may keep.
descriptors_are_back() {
    [ "$(descriptors ! -lname 'socket:*')" -le "$1" ] && [ "$(descriptors -lname 'socket:*')" -le $(($2 + 4)) ]
}

# Sanitizers keep what was freed.
memory_is_back() {
    [ "$PF_SANITIZERS" = yes ] || [ "$(kibibytes)" -le $(($1 + 2048)) ]
}

# memory_rests: the memory has hardly changed for ten looks; sets memory. Timers and buffers move it a little.
memory_rests() {
    local now
    now=$(kibibytes)
    if ((now - ${memory:-0} <= 64 && ${memory:-0} - now <= 64)); then looks=$((looks + 1)); else looks=0 memory=$now; fi
    ((looks >= 10))
}

@test "memory and descriptors are back to where they were after a mass of files" {
    local files=${PF_FILES:-2500} memory='' looks=0 open sockets
    feed_write show 1 $((files + 1))
    watch_configured "$web/show.xml"
    daemon_start
    # Who holds a token lets nobody look into its memory but root.
    [ -r "/proc/$daemon_pid/smaps_rollup" ] || skip "only root may see how much memory the service has"
    wait_for 120 items_are $((files + 1))
    # One file all the way, so that what is made once is there before.
    download pods "show-ep$((files + 1)).mp3"
    wait_for_flattred 1
    wait_for 30 memory_rests
    open=$(descriptors ! -lname 'socket:*')
    sockets=$(descriptors -lname 'socket:*')
    episodes_make pods 1 "$files" 40
    wait_for_flattred $((files + 1))
    rm -r pods/from*
    wait_for 120 status_is .watch.watches 1
    wait_for 30 memory_is_back "$memory" ||
        fail "$(kibibytes) KiB, $memory KiB before; $(cat "/proc/$daemon_pid/smaps_rollup")"
    wait_for 30 descriptors_are_back "$open" "$sockets" || fail "$open and $sockets before: $(ls -l "/proc/$daemon_pid/fd")"
    echo "# $memory KiB and $((open + sockets)) descriptors before, $(kibibytes) KiB and $(descriptors) after $files files" >&3
    daemon_stop
    flattred_is $((files + 1))
}
