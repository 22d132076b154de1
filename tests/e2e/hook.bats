#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr hook: what a podcatcher tells of is written down at once, whatever stands in the way, and nobody who opens the
# queue overlooks it.

bats_require_minimum_version 1.5.0
load helper

# arrivals: what is in the database once a command has opened it, a JSON object a line; paths are hexadecimal.
arrivals() {
    PODFLATTR_CONFIG=/dev/null "$PODFLATTR" -q status >/dev/null || return
    sqlite3 -readonly state/queue.db "SELECT json_object('source', source, 'path', lower(hex(path)), 'size', size,
        'changed', changed, 'played', played, 'progress', progress, 'feed', feed, 'enclosure', enclosure, 'guid', guid,
        'title', title, 'payment', payment, 'state', state, 'seen', seen, 'next_try', next_try) FROM arrival ORDER BY id"
}

# field NAME: of the last arrival.
field() {
    arrivals | tail -n 1 | jq -r ".$1"
}

hex() {
    printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

# as_nobody ARGUMENT ...: podflattr, run by another user.
as_nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups env PODFLATTR_CONFIG=/dev/null "$PODFLATTR" "$@"
}

# folder_of_nobody NAME MODE: makes a folder of that user's, or skips the test.
folder_of_nobody() {
    ((EUID == 0)) || skip "only root can become another user"
    mkdir "$1"
    chown 65534:65534 "$1"
    chmod "$2" "$1"
    chmod a+x . .. ../..
    as_nobody --version || skip "nobody cannot run this build"
}

# left_files: how many events no command has taken into the database yet.
left_files() {
    find state/hooks -name '*.json' 2>/dev/null | wc -l
}

@test "a file is noted with everything that the hook was given" {
    printf 12345 >'episode.mp3'
    run "$PODFLATTR" hook --event played --progress 85 --feed https://a.example/feed --enclosure https://a.example/1.mp3 \
        --guid 'urn:1' --title 'Vier — Vienna' --payment 'https://flattr.com/t/1' episode.mp3
    exits 0
    [ -z "$output" ]
    is "$(arrivals | jq -cS 'del(.path, .changed, .seen, .next_try)')" '{"enclosure":"https://a.example/1.mp3","feed":"https://a.example/feed","guid":"urn:1","payment":"https://flattr.com/t/1","played":1,"progress":85,"size":-1,"source":"play","state":"new","title":"Vier — Vienna"}'
    [ "$(field path)" = "$(hex "$PWD/episode.mp3")" ]
    # The file itself is not looked at: its disk may not answer.
    [ "$(field changed)" -eq 0 ]
    [ "$(field next_try)" -eq "$(field seen)" ]
}

@test "without anything else, a file was downloaded; it need not be there" {
    run "$PODFLATTR" hook /nowhere/episode.mp3
    exits 0
    is "$(arrivals | jq -c '[.path, .size, .changed, .played, .progress, .feed]')" "[\"$(hex /nowhere/episode.mp3)\",-1,0,0,-1,null]"
    run "$PODFLATTR" hook --event played /nowhere/episode.mp3
    exits 0
    [ "$(field played) $(field progress)" = "1 100" ]
}

@test "options that a template leaves empty count as not given" {
    run "$PODFLATTR" hook --strict --event '' --progress '' --feed '' --enclosure '' --guid '' --title '' --payment '' /p/1.mp3
    exits 0
    is "$(arrivals | jq -c '[.played, .progress, .feed, .enclosure, .guid, .title, .payment]')" '[0,-1,null,null,null,null,null]'
}

@test "every name that a file system takes is taken, from any folder, in any locale" {
    long=$(printf '%251d.mp3' 0)
    names=('with space.mp3' $'new\nline\t.mp3' $'"quotes\' and \\.mp3' $'\xff\xfe not UTF-8 \xc3.mp3' 'ümläut — ♥.mp3' "$long"
        -dash.mp3 --help --strict -- '100%.mp3' '*?[].mp3' '#1.mp3')
    mkdir -p 'deep/er folder'
    cd 'deep/er folder'
    for locale in C C.UTF-8; do
        rm -f "$PODFLATTR_STATE_DIR"/queue.db*
        for name in "${names[@]}"; do
            : >"./$name"
            LC_ALL=$locale run "$PODFLATTR" hook --title $'\xff ü' -- "$name"
            exits 0
            [ -z "$output" ]
            [ "$(cd ../.. && field path)" = "$(hex "$PWD/$name")" ]
            [ "$(cd ../.. && field size)" -eq -1 ]
        done
        [ "$(cd ../.. && arrivals | wc -l)" -eq "${#names[@]}" ]
    done
}

@test "a path is made absolute, and links in it stay" {
    mkdir real
    ln -s real link
    (cd link && "$PODFLATTR" hook --strict ./1.mp3)
    [ "$(field path)" = "$(hex "$PWD/link/1.mp3")" ]
    run "$PODFLATTR" hook link/.//2.mp3
    [ "$(field path)" = "$(hex "$PWD/link/2.mp3")" ]
}

@test "from a deleted folder, a file is recorded where it would have been, and the hook says so" {
    mkdir gone
    run --separate-stderr bash -c 'cd gone && rmdir ../gone && exec "$@"' - "$PODFLATTR" hook --guid g ./sub/../1.mp3
    exits 0
    [ -z "$output" ]
    [[ $stderr == *"the working directory was deleted"*"$PWD/gone/1.mp3"* ]]
    [ "$(field path)" = "$(hex "$PWD/gone/1.mp3")" ]
    mkdir gone
    run bash -c 'cd gone && rmdir ../gone && exec "$@"' - "$PODFLATTR" hook --strict 2.mp3
    exits 65
    mkdir gone
    run bash -c 'cd gone && rmdir ../gone && exec "$@"' - "$PODFLATTR" hook --strict /p/3.mp3
    exits 0
    [ -z "$output" ]
    [ "$(field path)" = "$(hex /p/3.mp3)" ]
}

@test "the same event reported twice is noted once" {
    for _ in 1 2 3; do
        "$PODFLATTR" hook --feed https://a.example/feed /p/1.mp3
    done
    [ "$(arrivals | wc -l)" -eq 1 ]
    "$PODFLATTR" hook --event played --feed https://a.example/feed /p/1.mp3
    [ "$(arrivals | wc -l)" -eq 2 ]
}

@test "mistakes are reported, and set the exit status with --strict only" {
    # mistake STATUS TEXT ARGUMENT ...
    mistake() {
        local expected=$1 text=$2
        shift 2
        run --separate-stderr "$PODFLATTR" hook "$@"
        exits 0
        [ -z "$output" ]
        [[ $stderr == *"$text"* ]]
        run --separate-stderr "$PODFLATTR" hook --strict "$@"
        exits "$expected"
        [ -z "$output" ]
        [[ $stderr == *"$text"* ]]
    }
    mistake 64 'missing FILE'
    mistake 64 'missing FILE' ''
    mistake 64 'more than one FILE' 1.mp3 2.mp3
    mistake 64 --colour --colour red 1.mp3
    mistake 64 --feed 1.mp3 --feed
    mistake 64 --event --event removed 1.mp3
    mistake 64 --progress --progress 101 1.mp3
    mistake 64 --progress --progress -1 1.mp3
    mistake 64 --progress --progress half 1.mp3
    mistake 64 --progress --progress 99999999999999999999 1.mp3
    [ ! -e state ]
}

@test "an invalid address is recorded as given, and reported" {
    run "$PODFLATTR" hook --feed 'htp:/user:secret@a.example' --payment 'not a URL' /p/1.mp3
    exits 0
    [[ $output == *--feed* ]]
    [[ $output != *secret* ]]
    [ "$(field feed)|$(field payment)" = 'htp:/user:secret@a.example|not a URL' ]
    run "$PODFLATTR" hook --strict --payment 'https://' /p/2.mp3
    exits 65
    [ "$(field payment)" = 'https://' ]
}

@test "a feed's password is kept for fetching it, and never shown" {
    run "$PODFLATTR" -v -v hook --strict --feed 'https://user:secret@a.example/feed' /p/1.mp3
    exits 0
    [[ $output != *secret* ]]
    [ "$(field feed)" = 'https://user:secret@a.example/feed' ]
    run "$PODFLATTR" -v -v queue --state unmatched --format=json
    [[ $output != *secret* ]]
}

@test "a broken configuration does not lose the event" {
    printf '[policy]\nper-month = x\n' >podflattr.conf
    run "$PODFLATTR" --api nonsense hook --strict /p/1.mp3
    exits 0
    run "$PODFLATTR" --config "$PWD/none.conf" hook --strict /p/2.mp3
    exits 0
    [ "$(arrivals | wc -l)" -eq 2 ]
}

@test "files without an episode are listed and counted" {
    run "$PODFLATTR" queue --state unmatched
    exits 0
    [[ $output == *"no files"* ]]
    printf 12345 >1.mp3
    for file in 1.mp3 $'/p/\xff\n2.mp3' /p/3.mp3 /p/new.mp3 /p/done.mp3; do
        "$PODFLATTR" hook "$file"
    done
    [ "$(arrivals | wc -l)" -eq 5 ]
    sqlite3 state/queue.db "UPDATE arrival SET state = 'unmatched', reason = 'several', next_try = NULL,
            candidates = '[{\"title\":\"One\"}]', seen = 1767225600 WHERE id = 1;
        UPDATE arrival SET state = 'waiting', reason = 'not_found', next_try = 1767225660 WHERE id = 2;
        UPDATE arrival SET state = 'refused', reason = 'no_media', candidates = 'nonsense' WHERE id = 3;
        UPDATE arrival SET state = 'matched' WHERE id = 5;"
    run "$PODFLATTR" queue --state unmatched --format=json
    exits 0
    [ "$(jq -s length <<<"$output")" -eq 3 ]
    [ "$(jq -cS . <<<"${lines[0]}")" = "$(jq -cS -n --arg file "$PWD/1.mp3" '{id: 1, file: $file, size: null, seen: "2026-01-01T00:00:00Z",
        reason: "several", candidates: [{title: "One"}], state: "unmatched", next_try: null}')" ]
    is "$(jq -c '[.id, .size, .candidates, .state, .next_try]' <<<"${lines[1]}")" '[2,null,[],"waiting","2026-01-01T00:01:00Z"]'
    is "$(jq -c '[.id, .reason, .candidates]' <<<"${lines[2]}")" '[3,"no_media",[]]'
    run "$PODFLATTR" queue list --state unmatched
    exits 0
    # A line for each folder, and one for each candidate.
    [ "${#lines[@]}" -eq 7 ]
    [ "${lines[1]}" = /p ]
    [[ ${lines[2]} == "3  "*"refused"*"no_media"*" 3.mp3" ]]
    [[ ${lines[3]} == "2  "*"waiting"*"2.mp3" ]]
    [ "${lines[4]}" = "$PWD" ]
    [[ ${lines[5]} == "1  "*"unmatched"*"2026-01-01T00:00:00Z"*"several"*" 1.mp3" ]]
    [[ ${lines[6]} == *"1. unknown show: One" ]]
    [ "$("$PODFLATTR" status --format=json | jq .queue.unmatched)" -eq 3 ]
    [[ $("$PODFLATTR" status) == *"2 without an episode, 1 not media;"* ]]
}

# lock_database: another program takes the whole database until the test ends.
lock_database() {
    "$PODFLATTR" status >/dev/null
    mkfifo locked
    python3 - 3>&- <<'END' &
import signal, sqlite3
database = sqlite3.connect("state/queue.db", isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
open("locked", "w").close()
signal.pause()
END
    locker=$!
    background+=("$locker")
    : <locked
}

@test "a locked database keeps no hook waiting, and the report is taken in later" {
    lock_database
    printf 12345 >$'\xff.mp3'
    start=$EPOCHREALTIME
    run "$PODFLATTR" hook --strict --feed https://a.example/feed $'\xff.mp3'
    stop=$EPOCHREALTIME
    exits 0
    [ -z "$output" ]
    (((${stop/[.,]/} - ${start/[.,]/}) < 2000000)) || fail "it took $start to $stop"
    [ "$(left_files)" -eq 1 ]
    # A command shows what is in the database already, and says what waits; send has not done what there is to do.
    start=$EPOCHREALTIME
    run "$PODFLATTR" status
    stop=$EPOCHREALTIME
    exits 0
    [[ $output == *"locked"*"state/hooks; nothing is lost"* ]]
    (((${stop/[.,]/} - ${start/[.,]/}) < 5000000)) || fail "status took $start to $stop"
    run env PODFLATTR_API=http://127.0.0.1:9/ "$PODFLATTR" send
    exits 75
    [ "$(left_files)" -eq 1 ]
    kill "$locker"
    wait "$locker" || true
    # Whoever works on the queue takes it in, and looks at it.
    run env PODFLATTR_API=http://127.0.0.1:9/ "$PODFLATTR" send
    exits 0
    [ "$(left_files)" -eq 0 ]
    is "$(arrivals | jq -c '[.path, .size, .feed, .state]')" "[\"$(hex "$PWD/"$'\xff.mp3')\",5,\"https://a.example/feed\",\"refused\"]"
}

@test "a damaged database, or one of a newer version, does not lose the event" {
    mkdir state
    echo 'a shopping list, and a long one at that' >state/queue.db
    run "$PODFLATTR" hook --strict /p/1.mp3
    exits 0
    run "$PODFLATTR" status
    [ "$status" -eq 74 ]
    [[ $output == *doctor* ]]
    [ "$(left_files)" -eq 1 ]
    rm state/queue.db
    [ "$(arrivals | wc -l)" -eq 1 ]
    sqlite3 state/queue.db 'PRAGMA user_version = 4711'
    run "$PODFLATTR" hook --strict /p/2.mp3
    exits 0
    run "$PODFLATTR" status
    [ "$status" -ne 0 ]
    [ "$(left_files)" -eq 1 ]
}

@test "what a broken hook left is set aside by send, which says so and goes on" {
    "$PODFLATTR" hook /p/1.mp3
    echo nonsense >state/hooks/1.json
    run env PODFLATTR_API=http://127.0.0.1:9/ "$PODFLATTR" send
    exits 0
    [[ $output == *"1.json.bad"* ]]
    run env PODFLATTR_API=http://127.0.0.1:9/ "$PODFLATTR" send
    exits 0
    [[ $output != *"1.json.bad"* ]]
}

@test "whatever lies in the folder of hooks is set aside, unread and not waited for, and what a hook has written is taken in" {
    "$PODFLATTR" hook --payment https://a.example/1 /p/1.mp3
    cd state/hooks
    cp ./*.json ../good
    mkfifo 1.json
    ln -s ../good 2.json
    mkdir -p 3.json/full
    truncate -s 10G 4.json
    ln -s /dev/zero 5.json
    : >6.json
    python3 -c 'print("[" * 60000)' >7.json
    install -m 666 ../good 8.json
    echo '{' >"$(printf '%0250d' 0).json"
    printf '\xff\xfe' >$'\xff\n\e[31m.json'
    ((EUID != 0)) || install -m 600 -o 65534 ../good 9.json
    local others=$((EUID == 0 ? 11 : 10))
    cd ../..
    run timeout 20 "$PODFLATTR" status
    exits 0
    [[ $output == *"$others reports by hooks could not be read"*.bad* && $output != *$'\e'* ]]
    local left=(state/hooks/*)
    is "${#left[@]}" "$others"
    is "$(sqlite3 state/queue.db 'SELECT count(*) FROM arrival')" 1
    run "$PODFLATTR" status
    exits 0
    [[ $output != *"by hooks"* && $output != *'cannot'* ]]
}

@test "200 hooks at once: none is lost or doubled" {
    local i pids=()
    for ((i = 1; i <= 200; i++)); do
        "$PODFLATTR" hook --strict --guid "$i" "/p/$i.mp3" 2>>hooks.log 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    [ "$(left_files)" -eq 200 ]
    run env PODFLATTR_API=http://127.0.0.1:9/ "$PODFLATTR" send
    exits 0
    [ "$(arrivals | wc -l)" -eq 200 ]
    [ "$(arrivals | jq -r .path | sort -u | wc -l)" -eq 200 ]
    [ "$(sqlite3 state/queue.db 'PRAGMA integrity_check')" = ok ]
}

@test "a state folder is made, for its owner alone" {
    export PODFLATTR_STATE_DIR=$PWD/state/not/there/yet
    run "$PODFLATTR" hook --strict /p/1.mp3
    exits 0
    [ "$(stat -c %a "$PODFLATTR_STATE_DIR" "$PODFLATTR_STATE_DIR/hooks" "$PODFLATTR_STATE_DIR"/hooks/*.json | tr '\n' ' ')" = '700 700 600 ' ]
    run "$PODFLATTR" status
    exits 0
    [ "$(stat -c %a "$PODFLATTR_STATE_DIR" "$PODFLATTR_STATE_DIR/queue.db" | tr '\n' ' ')" = '700 600 ' ]
}

@test "a state folder that cannot be written is reported, and sets the exit status with --strict only" {
    : >file
    run "$PODFLATTR" --state-dir "$PWD/file/state" hook /p/1.mp3
    exits 0
    [[ $output == *file/state* ]]
    run "$PODFLATTR" --state-dir "$PWD/file/state" hook --strict /p/1.mp3
    exits 73
}

@test "a state folder on a read-only disk is reported, and sets the exit status with --strict only" {
    folder_of_nobody reader 500
    run as_nobody --state-dir "$PWD/reader" hook /p/1.mp3
    exits 0
    [[ $output == *reader* ]]
    run as_nobody --state-dir "$PWD/reader" hook --strict /p/1.mp3
    [ "$status" -eq 73 ] || [ "$status" -eq 74 ]
    [[ $output == *reader* ]]
    [ -z "$(ls -A reader)" ]
}

@test "what root reports in another user's state folder is that user's, and is taken in" {
    folder_of_nobody state 700
    run "$PODFLATTR" hook --strict /p/1.mp3
    exits 0
    run "$PODFLATTR" hook --strict /p/2.mp3
    exits 0
    run as_nobody hook --strict /p/3.mp3
    exits 0
    run as_nobody status
    exits 0
    [ "$(left_files)" -eq 0 ]
    [ "$(sqlite3 state/queue.db 'SELECT count(*) FROM arrival')" -eq 3 ]
    [ "$(find state ! -uid 65534 | wc -l)" -eq 0 ]
}

@test "a full disk is reported, and sets the exit status with --strict only" {
    limited() {
        (
            ulimit -f 0
            "$PODFLATTR" "$@"
        )
    }
    "$PODFLATTR" hook /p/1.mp3
    run limited hook /p/2.mp3
    exits 0
    run limited hook --strict /p/2.mp3
    [ "$status" -eq 73 ] || [ "$status" -eq 74 ]
    [ "$(arrivals | wc -l)" -eq 1 ]
    [ "$(left_files)" -eq 0 ]
}

@test "a hook wakes whoever listens on the socket in the state folder" {
    mkdir state
    mkfifo ready
    timeout 60 python3 - 3>&- <<'END' &
import os, socket
os.chdir("state")
bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
bell.bind("bell")
open("../ready", "w").close()
assert bell.recv(100) == b""
END
    listener=$!
    background+=("$listener")
    : <ready
    run "$PODFLATTR" hook /p/1.mp3
    exits 0
    wait "$listener"
    # What a listener that is gone has left hinders nobody.
    run "$PODFLATTR" hook --strict /p/2.mp3
    exits 0
    [ "$(arrivals | wc -l)" -eq 2 ]
}

@test "a hook links few libraries, since loading them is what takes long" {
    run ldd "$PODFLATTR"
    exits 0
    [[ $output == *libglib* ]]
    for library in libsqlite3 libcurl libxml2 libgio libmicrohttpd libsystemd; do
        [[ $output != *"$library"* ]] || fail "podflattr itself is linked with $library"
    done
}

@test "a program that was installed without the other commands runs hooks, and says what is missing for the rest" {
    cp "$PODFLATTR" podflattr
    run ./podflattr hook --strict one.mp3
    exits 0
    run ./podflattr status
    [[ $status -ne 72 ]] || [[ $output == *"podflattr-commands: No such file or directory; podflattr is not completely installed"* ]]
    printf '#!/bin/sh\necho "beside: $*"\n' >podflattr-commands
    chmod +x podflattr-commands
    run ./podflattr -q status --watch
    exits 0
    [ "$output" = 'beside: -q status --watch' ]
}

@test "a file that several hooks reported is listed once, and dismissed by its ID, its folder or --all" {
    for guid in a b; do
        "$PODFLATTR" hook --guid "$guid" /p/one.mp3
    done
    "$PODFLATTR" hook /p/deep/two.mp3
    "$PODFLATTR" hook /q/three.mp3
    "$PODFLATTR" hook /q/four.mp3
    "$PODFLATTR" -q status >/dev/null
    sqlite3 state/queue.db "UPDATE arrival SET state = 'unmatched', next_try = NULL"
    listed() { "$PODFLATTR" -q queue --state unmatched --format=json | jq -r .file | sort | paste -sd ' '; }
    is "$(listed)" '/p/deep/two.mp3 /p/one.mp3 /q/four.mp3 /q/three.mp3'
    id=$("$PODFLATTR" queue --state unmatched --format=json | jq 'select(.file == "/q/four.mp3").id')
    run "$PODFLATTR" queue dismiss "#$id"
    exits 0
    is "$(listed)" '/p/deep/two.mp3 /p/one.mp3 /q/three.mp3'
    run "$PODFLATTR" queue dismiss /p
    [[ $output == *"2 files dismissed"* ]]
    is "$(listed)" /q/three.mp3
    run "$PODFLATTR" queue dismiss /none
    exits 65
    run "$PODFLATTR" queue dismiss --all
    [[ $output == *"1 file dismissed"* ]]
    is "$(listed)" ''
}

@test "a folder instead of a file is an error with --strict" {
    mkdir pods
    run "$PODFLATTR" hook --strict pods
    exits 65
    [[ $output == *"pods is a folder; name the file"* ]]
    run "$PODFLATTR" hook pods
    exits 0
}
