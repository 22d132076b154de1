#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr doctor: each thing that can be wrong is found, reported with its fix, and shows in the exit status.

bats_require_minimum_version 1.5.0
load helper

# says RESULT CHECK TEXT: the last `run` printed such a line.
says() {
    grep -qE "^$1 +$2 .*$3" <<<"$output" || {
        printf 'no line "%s %s … %s" in:\n%s\n' "$1" "$2" "$3" "$output"
        return 1
    }
}

# fill COUNT: that many entries.
fill() {
    local urls=() i
    for ((i = 1; i <= $1; i++)); do
        urls+=("https://a.example/a-rather-long-address-so-that-pages-fill-up-soon/$i")
    done
    "$PODFLATTR" -q add "${urls[@]}" >/dev/null
}

# spoil: overwrites pages in the middle of the entries' table.
spoil() {
    python3 - <<'END'
data = bytearray(open("state/queue.db", "rb").read())
leaves = [at for at in range(4096, len(data), 4096)
          if data[at] == 13 and data[at:at + 4096].count(b"queued") > 5 and b"a-rather-long" in data[at:at + 4096]]
assert len(leaves) > 10, leaves
for at in leaves[4:6]:
    data[at:at + 4096] = b"\xa5" * 4096
open("state/queue.db", "wb").write(data)
END
}

@test "when all is well every line says ok" {
    sandbox_start
    mkdir pods
    printf '%s\n' '[watch]' "folders = $PWD/pods" '[feeds]' 'subscriptions = http://127.0.0.1:9/feed.xml' >podflattr.conf
    "$PODFLATTR" add https://flattr.com/t/1
    run "$PODFLATTR" doctor
    exits 0
    says ok database 'sound, 1 entry'
    says ok server 'requests left'
    [[ $output != *"$PODFLATTR_TOKEN"* ]]
    run ! grep -vE '^ok  ' <<<"$output"
}

@test "before anything was done there is nothing wrong but that no token is there" {
    run "$PODFLATTR" doctor --offline
    exits 0
    says ok 'state folder' 'does not exist yet'
    says warn credentials 'no access token'
    [ ! -e state ]
}

@test "settings that have no effect are reported with their place and the fix, by config, doctor and status" {
    mkdir pods
    printf '<opml version="2.0"><body></body></opml>' >empty.opml
    cat >podflattr.conf <<END
[flattr]
ca-file = $PWD/none.pem
authorize = htp://a.example/
redirect = http://evil.example/
[watch]
folders = $PWD/pods;$PWD/none;$PWD/empty.opml;$PWD/pods,$PWD/pods
[feeds]
subscriptions = $PWD/empty.opml;$PWD/pods;\$HOME/urls;https://a.example/x
[policy]
trigger = play
[notify]
command = $PWD/none.sh 'with an argument'
[feed https://a.example/y]
rule = never
END
    run "$PODFLATTR" config
    exits 78
    config_says() { grep -qE "^$1 +.*podflattr.conf:$2: .*$3" <<<"$output" || { echo "$1 $2 $3 not in: $output"; false; }; }
    config_says FAIL 2 'none.pem.*name a file'
    config_says FAIL 3 'htp.*http or https'
    config_says FAIL 4 'evil'
    config_says FAIL 6 'none: No such file.*create the folder'
    config_says FAIL 6 'empty.opml: not a folder'
    config_says FAIL 6 'separate the parts of a list by semicolons'
    config_says FAIL 8 'empty.opml.*lists no feeds'
    config_says FAIL 8 'pods: a folder'
    config_says FAIL 8 'HOME.*write ~/'
    config_says warn 10 'no player has reported a played episode'
    config_says FAIL 12 'no program .*none.sh that you can run'
    config_says warn 13 "did you mean 'https://a.example/x'"
    [[ $output == *"https://a.example/x: a feed"* ]]
    run "$PODFLATTR" doctor --offline
    exits 78
    says FAIL folders 'none: No such file'
    says ok folders pods
    says warn rule 'https://a.example/y'
    run "$PODFLATTR" status
    exits 0
    [[ $output == *"podflattr.conf:6: folders: "*none* ]]
    run "$PODFLATTR" status --format=json
    [ "$(jq '.settings | length' <<<"$output")" -eq 12 ]
}

@test "a doctor with a broken configuration does not ask the default server" {
    printf 'no group = 1\n' >podflattr.conf
    unset PODFLATTR_API
    run "$PODFLATTR" doctor
    exits 78
    says FAIL configuration 'podflattr.conf:1: '
    says warn server 'not asked'
    says ok 'state folder' ''
}

@test "a wrong configuration is found with all the rest, exit status 78" {
    printf '[policy]\nper-month = x\nwrong = 1\n' >podflattr.conf
    mkdir -m 755 state
    run "$PODFLATTR" doctor --offline
    exits 78
    says FAIL configuration 'podflattr.conf:2: '
    says FAIL configuration 'podflattr.conf:3: '
    says warn 'state folder' "chmod 700"
    run "$PODFLATTR" --api http://api.example.org/rest/v2 doctor
    exits 78
    says FAIL configuration 'https://'
}

@test "a state folder on a read-only disk is not told to be made writable by chmod, exit status 73" {
    unshare -rm mount -t tmpfs tmpfs /mnt || skip 'this user may not make namespaces'
    "$PODFLATTR" -q add https://a.example/1
    "$PODFLATTR" hook --strict /p/1.mp3
    # shellcheck disable=SC2016 # for the shell in the namespace
    run unshare -rm sh -c 'mount --bind state state && mount -o remount,bind,ro state && "$PODFLATTR" doctor --offline'
    exits 73
    says FAIL 'state folder' 'make that writable'
    says FAIL database 'make that writable'
    [[ $output != *chmod* && $output != *chown* ]]
}

@test "credentials that others can read are found, exit status 78" {
    mkdir -m 700 state
    printf '[credentials]\napi=http://127.0.0.1:9/rest/v2\naccess-token=secret\n' >state/credentials
    chmod 644 state/credentials
    run "$PODFLATTR" doctor --offline
    exits 78
    says FAIL credentials 'chmod 600'
    [[ $output != *secret* ]]
    chmod 600 state/credentials
    run "$PODFLATTR" doctor --offline
    exits 0
    says ok credentials 'access token'
}

@test "a server that cannot be reached is found, exit status 69; a token it refuses, 77" {
    export PODFLATTR_API=http://127.0.0.1:1/rest/v2 PODFLATTR_TOKEN=t
    run "$PODFLATTR" doctor
    exits 69
    says FAIL server ''
    sandbox_start
    PODFLATTR_TOKEN=wrong run "$PODFLATTR" doctor
    exits 77
    says FAIL server ''
    PODFLATTR_TOKEN='' run "$PODFLATTR" doctor
    exits 0
    says warn credentials 'no access token'
    says ok server 'answers'
}

@test "a clock that is wrong is found" {
    sandbox_start
    PODFLATTR_CLOCK_OFFSET=86400 run "$PODFLATTR" doctor
    exits 0
    says warn clock "the server's says"
    PODFLATTR_CLOCK_OFFSET=86400 "$PODFLATTR" add https://flattr.com/t/1
    run "$PODFLATTR" doctor --offline
    exits 0
    says warn clock "the queue's last change"
    PODFLATTR_CLOCK_OFFSET=-1500000000 run "$PODFLATTR" doctor --offline
    exits 71
    says FAIL clock 'before this program was written'
}

@test "what waits for the user is reported" {
    "$PODFLATTR" queue pause
    jq -nc '{version: 1, key: "k", url: "https://flattr.com/t/1", state: "held", reason: "unknown", source: "add",
        created: "2026-01-01T00:00:00Z"}' | "$PODFLATTR" queue import
    run "$PODFLATTR" doctor --offline
    exits 0
    says warn queue '1 entry may have been paid'
    says warn sending "queue resume"
}

@test "a damaged database is said, set aside and salvaged" {
    fill 400
    spoil
    run "$PODFLATTR" doctor --offline
    exits 74
    says FAIL database 'damaged: '
    says FAIL database '--repair'
    cp state/queue.db damaged.db
    run "$PODFLATTR" doctor --offline --repair
    exits 0
    says ok repair 'queue.db.damaged-'
    says warn repair 'of 400 entries were recovered'
    cmp damaged.db state/queue.db.damaged-*Z
    run "$PODFLATTR" doctor --offline
    exits 0
    says ok database 'sound'
    left=$("$PODFLATTR" queue --format=json | wc -l)
    ((left > 300 && left < 400))
    # What was lost comes back when it is seen again, and nothing twice.
    fill 400
    [ "$("$PODFLATTR" queue --format=json | wc -l)" -eq 400 ]
    [ ! -e state/salvage ]
}

@test "what is no database at all is set aside, and the queue starts empty" {
    mkdir -m 700 state
    printf 'this is a shopping list, and a long one at that' >state/queue.db
    run "$PODFLATTR" queue
    exits 74
    [[ $output == *"doctor --repair"* ]]
    run "$PODFLATTR" doctor --offline --repair
    exits 0
    says warn repair '0 entries were recovered'
    [ "$(cat state/queue.db.damaged-*Z)" = 'this is a shopping list, and a long one at that' ]
    run "$PODFLATTR" add https://flattr.com/t/1
    exits 0
}

@test "nothing is repaired while another program has the database open" {
    fill 400
    spoil
    mkfifo ready finish
    python3 - 3>&- <<'END' &
import sqlite3
database = sqlite3.connect("state/queue.db")
database.execute("SELECT count(*) FROM tally").fetchall()
open("ready", "w").close()
open("finish").read()
END
    background+=($!)
    : <ready
    cp state/queue.db before.db
    run "$PODFLATTR" doctor --offline --repair
    exits 75
    says FAIL repair 'another program has it open'
    : >finish
    wait "${background[-1]}"
    cmp before.db state/queue.db
    run "$PODFLATTR" doctor --offline --repair
    exits 0
}

@test "wrong counts are found and corrected" {
    fill 3
    python3 -c 'import sqlite3; d = sqlite3.connect("state/queue.db"); d.execute("UPDATE tally SET entries = 7"); d.commit()'
    run "$PODFLATTR" doctor --offline
    exits 74
    says FAIL database 'wrong counts'
    run "$PODFLATTR" doctor --offline --repair
    exits 0
    run "$PODFLATTR" doctor --offline
    exits 0
    [ "$("$PODFLATTR" status --format=json | jq .queue.queued)" -eq 3 ]
}

@test "a database of a newer version is left alone" {
    fill 1
    python3 -c 'import sqlite3; d = sqlite3.connect("state/queue.db"); d.execute("PRAGMA user_version = 4711"); d.commit()'
    run "$PODFLATTR" doctor --offline --repair
    exits 78
    says FAIL database 'newer'
    [ "$(python3 -c 'import sqlite3; print(sqlite3.connect("state/queue.db").execute("PRAGMA user_version").fetchone()[0])')" -eq 4711 ]
}

@test "a database of an older version is left alone, and the way over is named" {
    fill 1
    python3 -c 'import sqlite3; d = sqlite3.connect("state/queue.db"); d.execute("PRAGMA user_version = 7"); d.commit()'
    run "$PODFLATTR" doctor --offline --repair
    exits 78
    says FAIL database 'queue export'
    run "$PODFLATTR" queue
    exits 78
    [[ $output == *'queue export'* ]]
    [ "$(python3 -c 'import sqlite3; print(sqlite3.connect("state/queue.db").execute("PRAGMA user_version").fetchone()[0])')" -eq 7 ]
}

@test "what stands in the way of what hooks tell is found" {
    "$PODFLATTR" hook /p/1.mp3
    echo nonsense >state/hooks/0.json
    "$PODFLATTR" -q status >/dev/null
    run "$PODFLATTR" doctor --offline
    says warn hooks '1 report by a hook could not be read'
    rm -r state/hooks
    run "$PODFLATTR" doctor --offline
    run ! grep -E "^[^ ]+ +hooks " <<<"$output"
    : >state/hooks
    run "$PODFLATTR" doctor --offline
    exits 73
    says FAIL hooks 'reported by hooks are not processed'
}
