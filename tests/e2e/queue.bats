#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Looking at the queue and steering it: show, retry, hold, release, drop, pause, export, import; and the policy's word.

bats_require_minimum_version 1.5.0
load helper

# link N: an auto-submit URL that the sandbox accepts.
link() {
    printf 'https://flattr.com/submit/auto?url=https%%3A%%2F%%2Fa.example%%2F%s&user_id=ann' "$1"
}

# entry STATE N [JSON]: a line for `queue import`, of an entry that came by itself; JSON overrides fields.
entry() {
    local nothing='{}'
    jq -nc --arg state "$1" --arg n "$2" --arg url "$(link "$2")" --argjson more "${3-$nothing}" '
        {version: 1, key: "https://a.example/\($n)", url: $url, state: $state, source: "watch", title: "Episode \($n)",
         feed: "https://f.example/", created: "2026-01-01T00:00:00Z", updated: "2026-01-01T00:00:00Z",
         next_attempt: (if $state == "queued" then "2026-01-01T00:00:00Z" else null end)} + $more'
}

# one_of_each: entries 1 to 7 in the states held, queued, sending, flattred, owned, failed, dropped.
one_of_each() {
    local n=0 state
    for state in held queued queued flattred owned failed dropped; do
        n=$((n + 1))
        entry "$state" "$n" "{\"enclosure\": \"a.example:/$n.mp3?\", \"published\": \"2025-12-31T00:00:00Z\"}"
    done | "$PODFLATTR" queue import >import.out
    python3 - <<'END'
import sqlite3
database = sqlite3.connect("state/queue.db")
database.execute("UPDATE entry SET state = 'sending' WHERE id = 3")
database.commit()
END
}

states() {
    "$PODFLATTR" queue --format=json | jq -r .state | tr '\n' ' '
}

is_sending() {
    [[ $(states) == *sending* ]]
}

# story ID: what happened to an entry, in short.
story() {
    "$PODFLATTR" queue show "$1" --format=json | jq -r '.events[] | "\(.what):\(.state)"' | tr '\n' ' '
}

@test "show tells an entry's whole story, for people and for programs" {
    sandbox_start --means 0
    "$PODFLATTR" add "$(link 1)"
    "$PODFLATTR" send || [ $? -eq 75 ]
    control PUT means '{"user":"demo","means":9}'
    "$PODFLATTR" send --now
    [ "$(story 1)" = "added:queued sending:sending answer:queued sending:sending answer:flattred " ]
    "$PODFLATTR" queue show 1 --format=json | jq -e '.id == 1 and .key == "https://a.example/1" and .period == null
        and .own_faults == 0 and .doubt == null and .by_hand == true and (.events[2].answer | contains("means"))
        and (.events | all(.at | fromdate > 0)) and .events[4].reason == null'
    # What the server calls a page that nobody has described is its address, which is no title.
    is "$(control GET flattrs | jq -r '.[0].url')" https://a.example/1
    "$PODFLATTR" queue show 1 --format=json | jq -e '.thing.id > 0 and .thing.link != null and .thing.title == null'
    run "$PODFLATTR" queue show '#1'
    exits 0
    [[ $output == *"state       flattred"* ]]
    [[ $output == *"WHEN"*"added"*"answer"*"flattred"* ]]
}

@test "an entry that does not exist is named, with exit status 65" {
    run "$PODFLATTR" queue show 4711
    exits 65
    [[ $output == *"entry 4711 does not exist"* ]]
    run "$PODFLATTR" queue show
    exits 64
    run "$PODFLATTR" queue show one
    exits 64
    [[ $output == *"'one' is not an entry's ID"* ]]
}

@test "a wrong command line of queue says what is wrong, with exit status 64" {
    local arguments
    for arguments in 'steal 1' 'drop' 'drop --all 1' 'export --format=json' 'show 1 2' 'retry 0' 'retry -- -1' \
        'pause now' 'import a b' 'drop 1 --state=held'; do
        # shellcheck disable=SC2086 # they are words
        run "$PODFLATTR" queue $arguments
        exits 64
    done
}

@test "drop, retry, hold and release change what they may, and each is an event" {
    "$PODFLATTR" add "$(link 1)" "$(link 2)"
    run "$PODFLATTR" queue drop 1 2
    exits 0
    [ "$output" = "2 dropped" ]
    run "$PODFLATTR" queue retry 1
    [ "$output" = "1 queued again" ]
    run "$PODFLATTR" queue hold 1
    [ "$output" = "1 held" ]
    run "$PODFLATTR" queue release 1 1
    [ "$output" = "1 released" ]
    [ "$(story 1)" = "added:queued drop:dropped retry:queued hold:held release:queued " ]
    run "$PODFLATTR" queue release 1
    exits 0
    [[ $output == *"0 released"* ]]
    [[ $output == *"1 unchanged"* ]]
    [ "$(states)" = "queued dropped " ]
}

@test "of several entries all are changed or none, and every reason against it is given" {
    one_of_each
    before=$(states)
    run "$PODFLATTR" queue drop 1 4 99 2
    exits 65
    [[ $output == *"entry 4 is flattred, which cannot be undone"* ]]
    [[ $output == *"entry 99 does not exist"* ]]
    [[ $output == *"nothing was changed"* ]]
    [ "$(states)" = "$before" ]
}

@test "--all means all to which it applies, and not what was decided already" {
    one_of_each
    run "$PODFLATTR" queue retry --all
    exits 0
    [[ $output == *"1 queued again"* ]]
    [[ $output == *"1 skipped"* ]]
    # The one that was found sending, with nobody who sends, waits with its doubt noted.
    [ "$(states)" = "held queued queued flattred owned queued dropped " ]
    "$PODFLATTR" queue show 3 --format=json | jq -e '.reason == "interrupted" and .doubt != null'
    run "$PODFLATTR" queue hold --all
    [[ $output == *"3 held"* ]]
    run "$PODFLATTR" queue release --all
    [[ $output == *"4 released"* ]]
    run "$PODFLATTR" queue drop --all
    [[ $output == *"4 dropped"* ]]
    [ "$(states)" = "dropped dropped dropped flattred owned dropped dropped " ]
}

@test "what may have been paid is released by its name only, and only then goes out again" {
    sandbox_start
    entry held 1 '{"reason":"unknown","doubt":"2026-01-01T00:00:00Z"}' | "$PODFLATTR" queue import
    run "$PODFLATTR" queue release --all
    exits 0
    [[ $output == *"0 released"* ]]
    [[ $output == *"could be paid twice"* ]]
    run "$PODFLATTR" queue release 1
    exits 0
    run "$PODFLATTR" send
    exits 0
    [ "$(states)" = "flattred " ]
}

@test "an entry that is on its way is left alone" {
    sandbox_start
    "$PODFLATTR" add "$(link 1)"
    fault /flattr delay 1 '"seconds":30'
    "$PODFLATTR" send 3>&- &
    background+=($!)
    wait_for 10 is_sending
    run "$PODFLATTR" queue drop 1
    exits 65
    [[ $output == *"entry 1 is being sent at this moment"* ]]
    run "$PODFLATTR" queue drop --all
    exits 0
    [[ $output == *"0 dropped"* ]]
    [ "$(states)" = "sending " ]
}

@test "pause stops sending until it is resumed, also for a sender in the middle of its work" {
    sandbox_start
    "$PODFLATTR" add "$(link 1)" "$(link 2)" "$(link 3)"
    run "$PODFLATTR" queue pause
    exits 0
    "$PODFLATTR" status --format=json | jq -e '.gate.reason == "paused" and .gate.since != null'
    run "$PODFLATTR" send --now
    exits 75
    [ "$(requests 'POST /flattr')" -eq 0 ]
    run "$PODFLATTR" queue pause
    [[ $output == *"already"* ]]
    "$PODFLATTR" queue resume

    # The first request goes alone; while its answer is awaited, the pause comes.
    fault /flattr delay 1 '"seconds":600'
    "$PODFLATTR" send >send.out 2>&1 3>&- &
    sender=$!
    background+=("$sender")
    wait_for 10 is_sending
    "$PODFLATTR" queue pause
    control DELETE faults
    wait "$sender" || [ $? -eq 75 ]
    [ "$(requests 'POST /flattr')" -eq 1 ]
    [ "$(states)" = "flattred queued queued " ]
    "$PODFLATTR" queue resume
    run "$PODFLATTR" send
    exits 0
    run "$PODFLATTR" queue resume
    [[ $output == *"was not paused"* ]]
}

@test "what export writes, import takes: with every field and story, and no doubles" {
    one_of_each
    "$PODFLATTR" queue pause
    "$PODFLATTR" queue export >first.jsonl
    [ "$(wc -l <first.jsonl)" -eq 7 ]
    jq -se 'all(.[]; .enclosure == "a.example:/\(.id).mp3?" and .published == "2025-12-31T00:00:00Z")' first.jsonl
    export PODFLATTR_STATE_DIR=$PWD/other
    run "$PODFLATTR" queue import first.jsonl
    exits 0
    [ "$output" = "7 added, 0 updated, 0 already known" ]
    # The same, but for what was on its way there, and that each story tells of the import.
    strip='del(.id, .events[-1])'
    "$PODFLATTR" queue export | jq -c "select(.title != \"Episode 3\") | $strip" >second.jsonl
    jq -c 'select(.title != "Episode 3") | del(.id)' first.jsonl >first.stripped
    diff first.stripped second.jsonl
    "$PODFLATTR" queue show 3 --format=json | jq -e '.state == "queued" and .doubt != null'

    run "$PODFLATTR" queue import - <first.jsonl
    exits 0
    [ "$output" = "0 added, 0 updated, 7 already known" ]
}

@test "import brings what is here up to date with what is further along, and never the other way" {
    "$PODFLATTR" add "$(link 1)" "$(link 2)"
    "$PODFLATTR" queue drop 2
    {
        entry flattred 1 '{"thing":{"id":9,"link":"https://flattr.com/thing/9","title":"T"}}'
        entry queued 2
        entry held 3
    } >lines
    run "$PODFLATTR" queue import lines
    [ "$output" = "1 added, 1 updated, 1 already known" ]
    [ "$(states)" = "flattred dropped held " ]
    "$PODFLATTR" queue show 1 --format=json | jq -e '.thing.id == 9 and .events[-1].what == "imported"
        and .updated == "2026-01-01T00:00:00Z"'
}

@test "one bad line, and nothing is imported; the line is named" {
    local good bad
    # payment MONTH AMOUNT: a line of a payment.
    payment() {
        printf '{"version":1,"kind":"settlement","id":"u","month":%s,"show":"s","amount":%s,"currency":"EUR",' "$1" "$2"
        printf '"noted":"2026-11-30T00:00:00Z"}'
    }
    good=$(entry queued 1)
    for bad in 'no JSON' '[]' '{}' "$(entry sold 2)" "$(entry queued 2 '{"key":""}')" "$(entry queued 2 '{"created":"soon"}')" \
        "$(entry queued 2 '{"attempts":-1}')" "$(entry queued 2 '{"version":2}')" "$(entry queued 2 '{"url":"a\u0000b"}')" \
        "$(entry queued 2 '{"events":[{"at":"2026-01-01T00:00:00Z"}]}')" "$(entry queued 2 '{"thing":7}')" '{"key":1,"key":2}' \
        "$(entry queued 2 '{"month":"x"}')" "$(payment '"2026-13"' 1)" "$(payment '"2026-11"' 20000000000000)" \
        "$(payment '"2026-11"' null)"; do
        printf '%s\n\n%s\n' "$good" "$bad" >lines
        run "$PODFLATTR" queue import lines
        exits 65
        [[ $output == *"lines:3: "*"(nothing was imported)"* ]]
        [ -z "$(states)" ]
    done
    run "$PODFLATTR" queue import nowhere
    exits 66
}

@test "an item of a never feed is kept as dropped, and can be sent after the rule is gone" {
    sandbox_start
    cat >feed.xml <<'END'
<rss version="2.0" xmlns:p="http://www.w3.org/2005/Atom"><channel><title>F</title><item><title>One</title><guid>1</guid>
<p:link rel="payment" href="https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F1&amp;user_id=ann"/></item></channel></rss>
END
    printf '[feed feed.xml]\nrule = never\n' >podflattr.conf
    run --separate-stderr "$PODFLATTR" scan --submit --format=json feed.xml
    exits 0
    [[ $stderr == *"1 dropped by the rule 'never'"* ]]
    jq -e '.submitted == "never" and .entry == 1' <<<"$output"
    "$PODFLATTR" queue --format=json | jq -e '.state == "dropped" and .reason == "never"'
    run "$PODFLATTR" queue retry 1
    exits 0
    [[ $output == *"rule is still 'never'"* ]]
    run "$PODFLATTR" send
    exits 0
    [ "$(states)" = "dropped " ]
    : >podflattr.conf
    "$PODFLATTR" queue retry 1
    run "$PODFLATTR" send
    exits 0
    [ "$(states)" = "flattred " ]
}

@test "what came by itself waits for its delay, and is sent once that is over" {
    sandbox_start
    entry held 1 "$(jq -nc '{reason: "delay", next_attempt: (now + 172800 | todate)}')" | "$PODFLATTR" queue import
    run "$PODFLATTR" send
    exits 0
    [ "$(states)" = "held " ]
    control POST clock '{"offset":172900}'
    PODFLATTR_CLOCK_OFFSET=172900 run "$PODFLATTR" send
    exits 0
    [ "$(states)" = "flattred " ]
    # It is of an earlier month, so another machine may have paid it.
    [ "$(story 1)" = "imported:held due:queued asked:queued sending:sending answer:flattred " ]
}

@test "what came by itself is not sent when confirm or ask was switched on meanwhile; what the user named is" {
    sandbox_start
    entry queued 1 | "$PODFLATTR" queue import
    "$PODFLATTR" add "$(link 2)"
    printf '[policy]\nconfirm = yes\n' >podflattr.conf
    run "$PODFLATTR" send
    exits 0
    [ "$(requests 'POST /flattr')" -eq 1 ]
    "$PODFLATTR" queue --format=json | jq -se '.[0].reason == "confirm" and .[0].state == "held"
        and .[1].state == "flattred"'
}

@test "the mp3 and the ogg feed of a podcast are one flattr an episode; two podcasts that count from 1 are two" {
    sandbox_start
    feed() { # FILE GUID LINK
        printf '%s' '<rss version="2.0" xmlns:p="http://www.w3.org/2005/Atom"><channel><title>F</title><item><title>T</title>' \
            "<guid isPermaLink='false'>$2</guid><p:link rel='payment' href='$(link "$3" | sed 's/&/\&amp;/')'/></item></channel></rss>" >"$1"
    }
    feed mp3.xml tag:a.example,2026:1 mp3
    feed ogg.xml tag:a.example,2026:1 ogg
    feed one.xml 1 one
    feed two.xml 1 two
    run "$PODFLATTR" scan --send mp3.xml ogg.xml one.xml two.xml
    exits 0
    [ "$(requests 'POST /flattr')" -eq 3 ]
    [ "$(states)" = "flattred flattred flattred " ]
}

@test "add says when what it was given is known and would not be sent" {
    "$PODFLATTR" add "$(link 1)"
    "$PODFLATTR" queue drop 1
    run "$PODFLATTR" add "$(link 1)"
    exits 0
    [[ $output == *"#1 is dropped (user); to send it, run 'podflattr queue retry 1'"* ]]
}

@test "the table names the show, fits the terminal, and cuts no title in a pipe" {
    local long='An episode with a title that is longer than any terminal of these days is wide, which is 200 columns'
    entry owed 1 "{\"title\": \"$long\", \"show_title\": \"The show of shows, with a long name\", \"owed\": \"no_link\", \"url\": null}" |
        "$PODFLATTR" queue import
    run -0 "$PODFLATTR" queue
    [[ ${lines[0]} == *SHOW*EPISODE ]]
    [[ ${lines[1]} == *owed*"The show of shows, with a long name  $long" ]]
    find_python pty
    local columns
    for columns in 20 40 80 120 300; do
        "$python" - "$columns" "$PODFLATTR" queue >table <<'END'
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
said = b""
try:
    while chunk := os.read(terminal, 4096):
        said += chunk
except OSError:
    pass
sys.stdout.write(said.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
        is "$(wc -l <table)" 2
        [ "$columns" -eq 20 ] || [ "$(wc -L <table)" -le "$columns" ]
        if [ "$columns" -eq 300 ]; then grep -q "$long$" table; else grep -q '…$' table; fi
    done
}

@test "a listing shows the newest first, and can be narrowed by month, day, feed and show" {
    "$PODFLATTR" -q add https://a.example/1 https://a.example/2 https://a.example/3 https://a.example/4 >/dev/null
    sqlite3 state/queue.db "UPDATE entry SET feed = 'https://FEEDS.example/a_b', show_title = 'Night 100%' WHERE id IN (2, 3);
        UPDATE entry SET created = 1767225600 WHERE id = 2; UPDATE entry SET created = 1769904000 WHERE id = 3"
    ids() { "$PODFLATTR" queue "$@" | awk 'NR > 1 { print $1 }' | paste -sd ' '; }
    is "$(ids)" '4 3 2 1'
    is "$(ids --limit 2)" '4 3'
    is "$(ids --feed feeds.EXAMPLE)" '3 2'
    is "$(ids --feed 'a%b')" ''
    is "$(ids --show '100%')" '3 2'
    is "$(ids --month 2026-01)" 2
    is "$(ids --month 2026-02)" 3
    # Months are the user's, as in the report: at home it is still December.
    is "$(TZ=America/New_York ids --month 2026-01)" 3
    is "$(ids --since 2026-02-01)" '4 3 1'
    is "$(ids --feed feeds --state queued --limit 1)" 3
    is "$("$PODFLATTR" queue --format=json --limit 2 | jq .id | paste -sd ' ')" '3 4'
    run "$PODFLATTR" queue --limit 1
    [[ $output == *"there are older entries; --all shows them"* ]]
    for wrong in --month=2026 --month=2026-13 --since=tomorrow --limit=-1; do
        run "$PODFLATTR" queue "$wrong"
        exits 64
    done
    for wrong in --month=2026-01 --since=2026-01-01 --feed=feeds --show=Night --limit=-1; do
        run "$PODFLATTR" queue --state unmatched "$wrong"
        exits 64
    done
}

@test "the status says why entries are held" {
    printf '[policy]\nconfirm = yes\n' >podflattr.conf
    "$PODFLATTR" -q add https://a.example/1 https://a.example/2 https://a.example/3 >/dev/null
    "$PODFLATTR" queue hold 1 2
    sqlite3 state/queue.db "UPDATE entry SET state = 'held', reason = 'unknown', next_attempt = NULL WHERE id = 3"
    run "$PODFLATTR" status
    [[ $output == *"held        2 held by you, 1 may have been paid"* ]]
}

# read_only COMMAND …: runs it where the state folder is read-only, and fails when it leaves a copy in memory.
read_only() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare -rm sh -c 'mount --bind state state && mount -o remount,bind,ro state && mount -t tmpfs tmpfs /dev/shm || exit 71
        "$@" || exit
        set -- /dev/shm/*
        [ ! -e "$1" ]' . "$@"
}

@test "commands that only read work on a read-only disk, also beside a log that was not written back" {
    unshare -rm true || skip 'this user may not make namespaces'
    "$PODFLATTR" -q add https://a.example/1 >/dev/null
    # A process that is killed leaves its log.
    python3 - <<'END' || true
import os, sqlite3
database = sqlite3.connect("state/queue.db")
database.execute("UPDATE entry SET title = 'only in the log'")
database.commit()
os.kill(os.getpid(), 9)
END
    [ -s state/queue.db-wal ]
    rm state/queue.db-shm
    for command in 'queue' 'queue show 1' 'queue export' 'status' 'report' 'settle list'; do
        # shellcheck disable=SC2086 # they are words
        run read_only "$PODFLATTR" $command
        exits 0
        [[ $output == *"read-only or full"* ]]
        [[ $command != queue* || $output == *"only in the log"* ]]
    done
    for command in 'queue drop 1' 'add https://a.example/2' 'queue pause' 'send'; do
        # shellcheck disable=SC2086 # they are words
        run read_only "$PODFLATTR" $command
        exits 73
        [[ $output == *'read-only file system: make that writable'* ]]
    done
    run read_only "$PODFLATTR" hook --strict /p/1.mp3
    exits 73
    [[ $output == *'state/hooks: Read-only file system'* ]]
}

@test "what cannot be flattred by its address is refused with what to do instead" {
    run "$PODFLATTR" add 'https://flattr.com/submit/auto?user_id=ann'
    exits 65
    [[ $output == *"without the address of a page (url=…)"* ]]
    run "$PODFLATTR" link make --url https://ann:secret@a.example/ --user ann
    exits 65
    [[ $output == *"user name or password"* && $output != *secret* ]]
}
