#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that cannot read or write any more, and power that is lost: tests/faults/faults.c stands in for it.
load helper
load sandbox
load daemon

setup() {
    scratch_setup
    faults=$PF_BUILD/tests/faults/.libs/libfaults.so
    [ -e "$faults" ] || fail "$faults was not built"
    # The sanitizer's library wants to be the first one.
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
}

# on_disk FAULT … -- COMMAND …: runs podflattr on a disk with these faults (variables of faults.c).
on_disk() {
    local -a settings=("FAULTS_PATH=${FAULTS_PATH-$PODFLATTR_STATE_DIR}")
    while [ "$1" != -- ]; do
        settings+=("$1")
        shift
    done
    env "${settings[@]}" LD_PRELOAD="$faults" "$PODFLATTR" "${@:2}"
}

# queue_of N: a queue of N entries.
queue_of() {
    local -a urls
    mapfile -t urls < <(seq -f 'https://a.example/%g.html' "$1")
    "$PODFLATTR" add "${urls[@]}" >/dev/null 2>&1
}

saved() { "$PODFLATTR" queue --format=json | wc -l; }

@test "a sector that cannot be read: the rest is saved, and both are named" {
    export FAULTS_PATH=$PODFLATTR_STATE_DIR/queue.db
    queue_of 60
    size=$(stat -c %s state/queue.db)
    cp -a state/queue.db whole.db
    lost=0
    for ((at = 0; at < size; at += 12288)); do
        rm -rf state/*
        cp -a whole.db state/queue.db
        on_disk "FAULTS_READ=$at" -- doctor --repair --offline >doctor.txt || [ "$(grep -c '^FAIL' doctor.txt)" -eq 0 ] ||
            fail "$at: $(cat doctor.txt)"
        # A page that holds nothing, or what can be counted again, is never read.
        grep -q "bytes $at to $((at + 4095))" doctor.txt || grep -q 'database *sound' doctor.txt || fail "$at: $(cat doctor.txt)"
        left=$(saved)
        [ "$left" -ge 25 ] || fail "$at: $left of 60: $(cat doctor.txt)"
        lost=$((lost + 60 - left))
        run -0 "$PODFLATTR" doctor --offline
    done
    [ "$lost" -le 60 ]
}

@test "an error that has passed at the next try is no damage" {
    queue_of 20
    for at in 0 4096 8192; do
        run -0 --separate-stderr on_disk "FAULTS_READ=$at:2" -- queue --format=json
        is "${#lines[@]}" 20
        run -0 on_disk "FAULTS_READ=$at:2" -- doctor --repair --offline
        [[ $output != *damaged* ]]
    done
    [ ! -e "$(echo state/*damaged*)" ]
}

@test "an export goes on past what cannot be read, and says so" {
    export FAULTS_PATH=$PODFLATTR_STATE_DIR/queue.db
    queue_of 60
    size=$(stat -c %s state/queue.db)
    short=0
    for ((at = 0; at < size; at += 16384)); do
        on_disk "FAULTS_READ=$at" -- queue export >exported.jsonl 2>export.log && continue
        is "$?" 74
        grep -q "cannot read queue.db: bytes $at to $((at + 4095))" export.log || fail "$at: $(cat export.log)"
        [ "$(wc -l <exported.jsonl)" -ge 25 ] || fail "$at: $(cat export.log)"
        is "$(jq -r .id exported.jsonl | sort | uniq -d)" ''
        [ "$(wc -l <exported.jsonl)" -eq 60 ] || short=$((short + 1))
    done
    [ "$short" -le 12 ]
    "$PODFLATTR" --state-dir "$PWD/other" queue import exported.jsonl
}

@test "writes that fail or are short: what was reported as queued is queued" {
    queue_of 3
    queued=3
    for fault in enospc:1 enospc:3 enospc:7 eio:2 eio:6 short:1; do
        if on_disk "FAULTS_WRITE=$fault" -- add "https://b.example/$fault" >add.txt 2>add.log; then
            queued=$((queued + 1))
        else
            [ ! -s add.txt ] || fail "$fault: $(cat add.txt)"
        fi
        is "$(saved)" "$queued"
    done
    is "$queued" 4
}

@test "flushes that fail: nothing is reported as queued" {
    queue_of 3
    run on_disk FAULTS_FLUSH=1 -- add https://b.example/
    [ "$status" -ne 0 ]
    [[ $output != *queued* ]]
    is "$(saved)" 3
}

# clock_at SECONDS: the programs' clock stands at that time.
clock_at() { python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("=q", int(sys.argv[1])))' "$1" 1<>state/clock; }

on_hold() { grep 'sending is on hold' daemon.log; }

@test "what was taken when a commit failed is not sent before it is committed, and once" {
    sandbox_start --means 100000 --rate-limit 100000
    configure '[policy]' 'per-payee-per-day = 0'
    local now=$EPOCHSECONDS
    # Where a service that has confined itself may read it.
    mkdir -m 700 state
    clock_at "$now"
    export PODFLATTR_CLOCK_FILE=$PWD/state/clock
    for episode in 1 2 3 4 5 6 7 8; do "$PODFLATTR" -q add "$(auto "https://c.example/$episode")" >/dev/null; done
    # The last thing to be written before the commit that has the first answer and takes many more.
    sqlite3 state/queue.db "CREATE TRIGGER full BEFORE INSERT ON rate_limit WHEN EXISTS (SELECT 1 FROM entry
        WHERE state = 'flattred') BEGIN SELECT raise(ABORT, 'the disk is full'); END"
    daemon_start
    wait_for 30 on_hold
    sqlite3 -cmd '.timeout 5000' state/queue.db 'DROP TRIGGER full'
    clock_at $((now + 61))
    wait_for 30 status_is .queue.flattred 8
    daemon_stop
    is "$(requests 'POST /flattr')" 8
    is "$(sqlite3 state/queue.db "SELECT count(*), count(DISTINCT entry) FROM event WHERE what = 'sending'")" '8|8'
}

# promise URL [STATE]: from now on a loss of power must leave this entry (in this state).
promise() { printf 'mark\t0\t0\t%s\t%s\n' "$1" "${2-}" >>disk.log; }

@test "no loss of power loses an entry, or what is known of one that went out" {
    sandbox_start --means 100000 --rate-limit 100000
    log=FAULTS_LOG=$PWD/disk.log
    # The folder itself was there.
    mkdir -m 700 state
    for episode in 1 2 3 4 5 6 7 8; do
        on_disk "$log" -- add "$(auto "https://c.example/$episode")" >/dev/null
        promise "$(auto "https://c.example/$episode")"
        [ $((episode % 4)) -ne 0 ] || on_disk "$log" -- send
    done
    for episode in 1 2 3 4 5 6 7 8; do promise "$(auto "https://c.example/$episode")" flattred; done
    run -0 "$PF_SOURCE/tests/faults/power_loss.py" disk.log "$PODFLATTR_STATE_DIR" "${PF_IMAGES:-100}" "${PF_SEED:-$RANDOM}"
    echo "# $output" >&3
    [[ $output == *', up to 8 promises, 8 requests' ]]
}

# What each command does on a full disk, a read-only one and one that fails: whether it reads or writes, its exit status on each
# of them, and the command.
commands() {
    cat <<'END'
reads   0  0  0 queue
reads   0  0  0 queue --format=json
reads   0  0  0 queue show 1
reads   0  0  0 queue --state=unmatched
reads   0  0  0 queue export
reads   0  0  0 status
reads   0  0  0 status --format=json
reads   0  0  0 report
reads   0  0  0 report --format=json
reads   0  0  0 report --format=html
reads   0  0  0 settle list
writes 74 73 74 add https://b.example/ https://b.example/2
writes 74 73 74 queue hold 1
writes 74 73 74 queue release 2
writes 74 73 74 queue drop 1
writes 74 73 74 queue retry 3
writes 74 73 74 queue retry --all
writes 74 73 74 queue dismiss --all
writes 74 73 74 queue match 1 https://b.example/
writes 74 73 74 queue pause
writes 74 73 74 queue resume
writes 74 73 74 queue import exported.jsonl
writes 74 73 74 settle mark show
writes 74 73 74 settle undo show
writes 74 73 74 scan --submit web/show.xml
writes 74 73 74 scan --submit --send web/show.xml
writes 74 73 74 adopt --yes
writes 74 73 74 send
writes 74 73 74 daemon
writes 74 74 74 hook --strict /p/2.mp3
writes 73 73 73 init --yes
writes 73 73 73 report --output disk/state/report.html --format=html
writes  0  0  0 --api=http://127.0.0.1:9/rest/v2 logout
END
}

# stored: all that is in the state folder.
stored() {
    (cd disk/state && find . ! -name '*.db*' -type f -exec cksum {} +)
    "$PODFLATTR" -q queue export && "$PODFLATTR" -q queue --state=unmatched --format=json && "$PODFLATTR" -q settle list --format=json
}

# commands_on DISK: runs them all on one that is full, read-only or fails, in a namespace of its own.
commands_on() {
    mount -t tmpfs -o size=1m tmpfs disk || exit 77
    cp -a sound/. disk/
    mkdir expected
    local number=0 kind words found
    local -A wanted
    while read -r kind _ _ _ words; do
        number=$((number + 1))
        # shellcheck disable=SC2086 # they are words
        [ "$kind" = writes ] || "$PODFLATTR" $words >"expected/$number" 2>said.txt || fail "$words: $(cat said.txt)"
    done < <(commands)
    stored >before
    case $1 in
    full) head -c 2m /dev/zero >disk/filler 2>said.txt || true ;;
    read_only) mount -o remount,ro disk ;;
    fails) export LD_PRELOAD=$faults FAULTS_PATH=disk/state FAULTS_WRITE=eio:1 FAULTS_FLUSH=1 ;;
    esac
    number=0
    while read -r kind 'wanted[full]' 'wanted[read_only]' 'wanted[fails]' words; do
        number=$((number + 1))
        found=0
        # shellcheck disable=SC2086 # they are words
        "$PODFLATTR" $words >printed.txt 2>said.txt </dev/null || found=$?
        [ "$found" -eq "${wanted[$1]}" ] || fail "$1: $words: ended with $found: $(cat said.txt)"
        case $kind$found in
        reads*)
            grep -q 'read-only or full' said.txt || fail "$1: $words: said $(cat said.txt)"
            cmp "expected/$number" printed.txt || fail "$1: $words: $(cat printed.txt said.txt)"
            ;;
        writes0) ;;
        writes*)
            grep -qE "disk/.*; (make room|it is on a read-only file system: make that writable|the disk is failing: check it), then" \
                said.txt || fail "$1: $words: said $(cat said.txt)"
            [[ $words == init* ]] || [ ! -s printed.txt ] || fail "$1: $words: printed $(cat printed.txt)"
            ;;
        esac
    done < <(commands)
    unset LD_PRELOAD
    case $1 in
    full) rm disk/filler ;;
    read_only) mount -o remount,rw disk ;;
    esac
    stored >after
    cmp before after || fail "$1: $(diff before after)"
}

@test "on a disk that is full, read-only or fails, what reads goes on, and what writes says why not and changes nothing" {
    unshare -rm mount -t tmpfs tmpfs /mnt || skip 'this user may not make namespaces'
    web_start
    feed_write show 1 3
    mkdir -p pods disk/state
    chmod 700 disk/state
    export PODFLATTR_STATE_DIR=$PWD/disk/state PODFLATTR_API=none
    export PODFLATTR_CONFIG=$PWD/disk/podflattr.conf
    configure '[watch]' "folders = $PWD/pods" '[feeds]' "subscriptions = $web/show.xml" '[report]' 'budget = 10EUR'
    media pods/show-ep1.mp3
    media pods/other.mp3
    "$PODFLATTR" hook --strict "$PWD/pods/other.mp3"
    "$PODFLATTR" hook --strict --feed "$web/show.xml" "$PWD/pods/show-ep1.mp3"
    run "$PODFLATTR" send
    "$PODFLATTR" -q add https://a.example/1 https://a.example/2 >added.txt
    "$PODFLATTR" -q queue hold 2 >held.txt
    "$PODFLATTR" -q queue export >exported.jsonl
    is "$("$PODFLATTR" report --format=json | jq -r '.shows[].title')" show
    mv disk sound
    mkdir disk
    export faults
    export -f commands commands_on stored fail is
    local disk
    for disk in full read_only fails; do
        rm -rf expected
        run unshare -rm bash -euo pipefail -c "commands_on $disk"
        [ "$status" -eq 0 ] || fail "$output"
    done
}
