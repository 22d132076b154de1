#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# What a media player on the session bus plays is noticed by the service, on a bus of the test's own.
load helper
load daemon
load bus

setup() {
    scratch_setup
    find_bus
    find_python dbus gi
    sandbox_start --means 100000 --rate-limit 100000
    web_start
    feed_write show 1 6 'The Night Show'
    watch_configured "$web/show.xml"
    printf 'trigger = play\n' >>"$PODFLATTR_CONFIG"
    bus_start
}

# player_start [NAME]: a player without a track.
player_start() {
    rm -f player.in player.out
    mkfifo player.in player.out
    "$python" "$PF_SOURCE/tests/e2e/player.py" "${1-test}" <player.in >player.out 2>player.log 3>&- &
    player_pid=$!
    background+=("$player_pid")
    exec {player_in}>player.in {player_out}<player.out
    IFS= read -r _ <&"$player_out" || fail "$(<player.log)"
}

# player COMMAND: see player.py.
player() {
    printf '%q ' "$@" >&"$player_in"
    echo >&"$player_in"
    IFS= read -r _ <&"$player_out" || fail "$(<player.log)"
}

# player_quit: it leaves the bus without a word.
player_quit() {
    echo quit >&"$player_in"
    wait "$player_pid"
}

# plays SECONDS COMMAND ...: goes to a track and plays it at four times the speed, to there.
plays() {
    player track "${@:2}"
    player rate 4
    player play
    player until "$1"
}

# heard_are LIST: what the store has of pieces that were heard and are over.
heard_are() {
    is "$(sqlite3 state/queue.db "SELECT group_concat(heard, ' ') FROM (SELECT heard FROM arrival WHERE played ORDER BY id)")" "$1"
}

@test "a file that was heard is paid, in two pieces, and one that was skipped to the end is not" {
    download pods 'show-ep1.mp3'
    download pods 'show-ep2.mp3'
    daemon_start
    wait_for 20 known_feeds_are 1
    player_start
    plays 5 "file://$PWD/pods/show-ep1.mp3" 'Track 1' - 10
    player pause
    wait_for 20 sqlite3 state/queue.db 'SELECT 1/count(*) FROM arrival WHERE played AND entry IS NULL'
    flattred_is 0
    player play
    player until 9.5
    # The next one: what was heard of the one before counts.
    player track "file://$PWD/pods/show%2Dep2.mp3" 'Track 2' - 10
    wait_for 20 flattred_is 1
    # Not so fast that it is heard in the time that a busy machine takes to skip it.
    player rate 1
    player until 1.5
    player jump 9.5
    player until 10
    player stop
    player_quit
    daemon_stop
    flattred_is 1
    is "$(control GET flattrs | jq -r '.[0].url')" https://show.example/1
    is "$(sqlite3 state/queue.db "SELECT count(*) FROM arrival WHERE played AND CAST(path AS TEXT) LIKE '%ep2%' AND heard < 5")" 1
}

@test "a stream, and a title of a show alone, are known; and a player that dies has played until then" {
    daemon_start
    wait_for 20 known_feeds_are 1
    player_start
    plays 5 "$web/show-ep3.mp3" - - 5
    player_quit
    wait_for 20 flattred_is 1
    player_start vlc.instance7
    plays 5 - 'Episode 4 of show' 'The Night Show' 5
    player stop
    wait_for 20 flattred_is 2
    # Another show, or no show at all.
    plays 5 - 'Episode 5 of show' 'The Day Show' 5
    plays 5 - 'Episode 5 of show' - 5
    plays 5 "file:///music/Episode%205%20of%20show.mp3" 'Episode 5 of show' 'Some Band' 5
    # A player that names the address which the enclosure's has led to.
    plays 5 'http://127.0.0.1:9/cache/6?token=1' 'Episode 6 of show' 'The Night Show' 5
    player stop
    wait_for 20 flattred_is 3
    daemon_stop
    is "$(control GET flattrs | jq -r '[.[].url] | sort | join(" ")')" \
        "https://show.example/3 https://show.example/4 https://show.example/6"
    is "$(sqlite3 state/queue.db 'SELECT count(*) FROM arrival')" 3
}

@test "a player that has forgotten the address when it ends, and one that has the same name for all tracks" {
    daemon_start
    wait_for 20 known_feeds_are 1
    player_start
    plays 5 "$web/show-ep1.mp3" - - 5
    player end
    wait_for 20 flattred_is 1
    plays 5 - 'Episode 2 of show' 'The Night Show' 5
    player end
    wait_for 20 flattred_is 2
    # Another title without an address is not what had the address before.
    plays 1 "$web/show-ep3.mp3" 'Episode 3 of show' - 5
    player retitle 'News'
    player until 5
    player end
    player_quit
    daemon_stop
    flattred_is 2
}

# ticks: the processor time that the service has taken, in hundredths of a second.
ticks() {
    local words
    read -r -a words </proc/"$daemon_pid"/stat
    echo $((words[13] + words[14]))
}

@test "a player that sends thousands of signals a second drains no battery, and what it plays counts" {
    download pods show-ep1.mp3
    daemon_start
    wait_for 20 known_feeds_are 1
    player_start
    player track "file://$PWD/pods/show-ep1.mp3" - - 10
    player rate 4
    player play
    local before
    before=$(ticks)
    # Of which each would take some ten thousandths of a second.
    player storm 10000
    player until 9
    local taken=$(($(ticks) - before))
    # It is not heard that it stops; that it leaves is.
    player stop
    player_quit
    wait_for 20 flattred_is 1
    ((taken < 30)) || fail "$taken hundredths of a second"
    daemon_stop
}

@test "what plays when the service begins is heard, and what is heard when it ends is kept" {
    download pods show-ep1.mp3
    player_start
    player track "file://$PWD/pods/show-ep1.mp3" - - 20
    player rate 4
    player play
    local from=$EPOCHSECONDS
    daemon_start
    wait_for 20 known_feeds_are 1
    player rate 4
    player until 14
    daemon_stop
    # At four times the speed, and no more than while the service was there.
    local most=$((4 * (EPOCHSECONDS - from + 1)))
    is "$(sqlite3 state/queue.db "SELECT count(*), heard >= 1 AND heard <= min($most, 20), duration FROM arrival WHERE played")" '1|1|20'
    player_quit
}

@test "with players = no, and without a bus, the service runs and hears nothing" {
    download pods show-ep1.mp3
    sed -i "s/^settle.*/&\nplayers = no/" "$PODFLATTR_CONFIG"
    daemon_start
    player_start
    plays 4 "file://$PWD/pods/show-ep1.mp3" - - 4
    player stop
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'configuration reloaded' daemon.log
    daemon_stop
    flattred_is 0
    is "$(sqlite3 state/queue.db 'SELECT count(*) FROM arrival WHERE played')" 0
    sed -i '/^players/d' "$PODFLATTR_CONFIG"
    DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus daemon_start
    daemon_stop
    DBUS_SESSION_BUS_ADDRESS='' daemon_start
    daemon_stop
    player_quit
}

# hears_again: something is played once more, and whether that was heard.
hears_again() {
    plays 8 "file://$PWD/pods/show-ep1.mp3" - - 8
    player stop
    sqlite3 state/queue.db 'SELECT 1/count(*) FROM arrival WHERE played' | grep -q 1
}

# bats test_tags=torture
@test "a bus that was away for a while is found again" {
    local bus_pid=${background[-1]}
    download pods show-ep1.mp3
    export XDG_RUNTIME_DIR=$PWD
    DBUS_SESSION_BUS_ADDRESS='' daemon_start -v
    wait_for 20 known_feeds_are 1
    kill "$bus_pid"
    wait "$bus_pid" || true
    rm -f bus
    wait_for 10 grep -q 'lost the session bus' daemon.log
    wait_for 30 grep -q 'there is no session bus' daemon.log
    bus_start
    player_start
    wait_for 60 hears_again
    player_quit
    daemon_stop
}

@test "mpv with its MPRIS plugin and our script reports twice, and counts once" {
    local mpris=/usr/lib/mpv-mpris/mpris.so
    command -v mpv >/dev/null && [ -e "$mpris" ] || skip 'mpv, or mpv-mpris, is missing'
    media_bytes 1200 >pods/show-ep1.mp3
    sed -i 's/length="4170"/length="500400"/' web/show.xml
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$PODFLATTR" >podflattr
    chmod +x podflattr
    # Half of it, once: what is told twice must not make a whole. It lasts four seconds, of which one is nothing.
    daemon_start
    wait_for 20 known_feeds_are 1
    PATH=$PWD:$PATH timeout 60 mpv --no-config --script="$mpris" --script="$PF_SOURCE/plugins/mpv/podflattr.lua" --ao=null \
        --no-video --no-input-terminal --really-quiet --speed=4 --start=50% pods/show-ep1.mp3 </dev/null 3>&-
    heard_by() { sqlite3 state/queue.db "SELECT 1/(count(*) >= $1) FROM arrival WHERE played AND state = 'matched'" | grep -q 1; }
    wait_for 30 heard_by 2
    flattred_is 0
    timeout 60 mpv --no-config --script="$mpris" --ao=null --no-video --no-input-terminal --really-quiet --speed=4 --length=16 \
        pods/show-ep1.mp3 </dev/null 3>&-
    wait_for 30 flattred_is 1
    daemon_stop
}
