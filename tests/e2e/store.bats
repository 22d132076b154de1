#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The store when things go wrong around it: a full disk, a read-only one, other programs, many processes at once.

load helper

teardown() {
    [ -z "${mounted-}" ] || umount -l "$mounted"
    scratch_teardown
}

# sound FILE: the database is as SQLite wants it, and its counts are right.
sound() {
    python3 - "$1" <<'END'
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
assert database.execute("PRAGMA foreign_key_check").fetchall() == []
assert database.execute("SELECT count(*) FROM tally WHERE entries <>"
                        " (SELECT count(*) FROM entry WHERE entry.state = tally.state)").fetchone() == (0,)
END
}

count() {
    "$PODFLATTR" queue --format=json | wc -l
}

# add_until_full: adds in batches of 20 until that fails; sets accepted (entries of the batches that did not).
add_until_full() {
    local batch urls i
    accepted=0
    for ((batch = 1; batch <= 500; batch++)); do
        urls=()
        for ((i = 0; i < 20; i++)); do
            urls+=("https://a.example/$batch/$i/some-more-text-that-takes-room-in-the-file")
        done
        run "$PODFLATTR" add "${urls[@]}"
        ((status == 0)) || return 0
        accepted=$((accepted + 20))
    done
    return 1
}

@test "on a full disk the caller is told, the database stays sound, and what was accepted stays" {
    ((EUID == 0)) || skip "only root can mount a small disk"
    mkdir small
    mount -t tmpfs -o size=1m podflattr-test small || skip "mounting is not allowed here"
    mounted=$PWD/small
    export PODFLATTR_STATE_DIR=$PWD/small/state
    head -c 300000 /dev/zero >small/ballast
    add_until_full
    exits 74
    [[ $output == *"make room"* ]]
    [[ $output != *queued* ]] || fail "told before it was durable: $output"
    ((accepted > 0))
    rm small/ballast
    sound small/state/queue.db
    [ "$(count)" -eq "$accepted" ]
    run "$PODFLATTR" add https://flattr.com/t/1
    exits 0
    [ "$(count)" -eq $((accepted + 1)) ]
}

@test "a limit on the size of files is met like a full disk" {
    # Without the signal, writing beyond the limit fails as it does on a full disk. The unit is 1024 bytes.
    limited() {
        (
            trap '' XFSZ
            ulimit -f 300
            "$real" "$@"
        )
    }
    real=$PODFLATTR
    PODFLATTR=limited
    add_until_full
    [ "$status" -eq 73 ] || [ "$status" -eq 74 ]
    [[ $output == *"queue.db"* ]]
    [[ $output != *queued* ]] || fail "told before it was durable: $output"
    ((accepted > 0))
    PODFLATTR=$real
    sound state/queue.db
    [ "$(count)" -eq "$accepted" ]
}

@test "a database or folder that cannot be written is reported, and stays as it is" {
    ((EUID == 0)) || skip "only root can become another user, and only another user is refused"
    "$PODFLATTR" add https://flattr.com/t/1
    cp -r state reader
    chown -R 65534:65534 reader
    chmod 500 reader
    chmod 400 reader/queue.db
    chmod a+x . .. ../..
    as_nobody() {
        setpriv --reuid=65534 --regid=65534 --clear-groups "$PODFLATTR" --config /dev/null --state-dir "$PWD/reader" "$@"
    }
    as_nobody --version || skip "nobody cannot run this build"
    before=$(sha256sum <reader/queue.db)
    run as_nobody add https://flattr.com/t/2
    [ "$status" -eq 73 ] || [ "$status" -eq 74 ]
    [[ $output == *"reader/queue.db"* ]]
    run as_nobody doctor --offline
    exits 73
    [[ $output == *"FAIL  state folder"* ]]
    chmod 700 reader
    run as_nobody add https://flattr.com/t/2
    exits 74
    [ "$before" = "$(sha256sum <reader/queue.db)" ]
    run as_nobody doctor --offline
    exits 73
    [[ $output == *"FAIL  database"*"chmod 600"* ]]
    chmod 600 reader/queue.db*
    run as_nobody add https://flattr.com/t/2
    exits 0
    mkdir closed
    chmod 700 closed
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$PODFLATTR" --config /dev/null --state-dir "$PWD/closed/state" queue
    exits 73
    [[ $output == *"closed/state"* ]]
}

# lock_database: another program takes the whole database until unlock_database.
lock_database() {
    mkfifo locked unlock
    python3 - 3>&- <<'END' &
import sqlite3
database = sqlite3.connect("state/queue.db", isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
open("locked", "w").close()
open("unlock").read()
database.execute("COMMIT")
END
    locker=$!
    background+=("$locker")
    : <locked
}

unlock_database() {
    : >unlock
    wait "$locker"
}

has_open() {
    [ -n "$(find "/proc/$1/fd" -lname '*/queue.db' 2>/dev/null)" ]
}

@test "what another program has locked is waited for, and nothing is lost" {
    "$PODFLATTR" add https://flattr.com/t/1
    lock_database
    "$PODFLATTR" add https://flattr.com/t/2 3>&- &
    adder=$!
    "$PODFLATTR" queue drop 1 3>&- &
    dropper=$!
    background+=("$adder" "$dropper")
    wait_for 10 has_open "$adder"
    wait_for 10 has_open "$dropper"
    # Who only looks need not wait.
    run "$PODFLATTR" queue --format=json
    exits 0
    [ "$(wc -l <<<"$output")" -eq 1 ]
    kill -0 "$adder" "$dropper"
    unlock_database
    wait "$adder"
    wait "$dropper"
    is "$("$PODFLATTR" queue --format=json | jq -r .state | tr '\n' ' ')" "dropped queued "
    sound state/queue.db
}

@test "what stays locked for too long is left for later, exit status 75" {
    "$PODFLATTR" add https://flattr.com/t/1
    lock_database
    run "$PODFLATTR" add https://flattr.com/t/2
    exits 75
    [[ $output == *"another program is using it"* ]]
    unlock_database
    [ "$(count)" -eq 1 ]
    sound state/queue.db
}

# add_or_later URL …: adds; who is told to try later (75), since so many are before him, does.
add_or_later() {
    local status
    while :; do
        status=0
        "$PODFLATTR" -q add "$@" >/dev/null || status=$?
        [ "$status" -eq 75 ] || return "$status"
    done
}

@test "200 processes add at once: all is there, once" {
    local i pids=()
    for ((i = 1; i <= 200; i++)); do
        add_or_later "https://a.example/$i" https://a.example/common 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    [ "$("$PODFLATTR" queue --format=json | jq -r .key | sort -u | wc -l)" -eq 201 ]
    [ "$(count)" -eq 201 ]
    sound state/queue.db
}
