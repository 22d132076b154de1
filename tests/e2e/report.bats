#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A month's statement and what is paid of it: report, settle.

bats_require_minimum_version 1.5.0
load helper
load report

# two_months: October and November 2026 of three shows, seen on the first of December.
two_months() {
    printf '[report]\nbudget = 10 EUR\n' >"$PODFLATTR_CONFIG"
    now 2026-12-01T10:00:00Z
    { owed alpha 1 2026-10-02T12:00:00Z
      owed alpha 2 2026-11-02T12:00:00Z
      owed alpha 3 2026-11-03T12:00:00Z
      owed beta 1 2026-11-30T23:59:59Z
      owed gamma 1 2026-12-01T00:00:00Z; } | "$PODFLATTR" queue import >/dev/null
}

# rows FILTER [ARGUMENT ...]: of a report's shows, what the filter says of each.
rows() {
    local filter=$1
    shift
    "$PODFLATTR" report --format json "$@" | jq -r ".shows[] | $filter" | tr '\n' ' '
}

@test "a month's shares are its budget, and two runs are equal" {
    two_months
    is "$(rows '"\(.title)=\(.share)+\(.carried)"' --month 2026-11)" "alpha=6.67+10.00 beta=3.33+0.00 "
    is "$(rows '.share' --month 2026-11 --budget 0.05USD)" "0.03 0.02 "
    for format in text html json csv; do
        "$PODFLATTR" report --month 2026-11 --format "$format" >one
        "$PODFLATTR" report --month 2026-11 --format "$format" >two
        cmp one two
    done
    run "$PODFLATTR" report --month 2026-11
    exits 0
    [[ $output == *"Shares 10.00 EUR, due now 20.00 EUR, paid 0.00 EUR."* ]]
    run "$PODFLATTR" report
    exits 0
    [[ $output == "December 2026: "* ]]
}

@test "a day that the user names is in the local time zone" {
    two_months
    export TZ=America/Los_Angeles
    "$PODFLATTR" settle mark alpha --month 2026-11 --at 2026-11-20
    run "$PODFLATTR" settle list
    exits 0
    [[ $output == '2026-11  2026-11-20T00:00:00-08 '* ]] || fail "$output"
    # The last came at 23:59:59 UTC and at 00:00 UTC, in the afternoon of 30 November there.
    is "$("$PODFLATTR" queue --since 2026-11-30 --format json | jq -s length)" 2
    is "$("$PODFLATTR" queue --since 2026-12-01 --format json | jq -s length)" 0
}

@test "one amount is not recorded for several shows" {
    two_months
    run "$PODFLATTR" settle mark alpha beta --month 2026-11 --amount 5
    exits 64
    [[ $output == *'--amount is for one show'* ]]
    run "$PODFLATTR" settle list
    [[ $output == *'no payments'* ]]
    "$PODFLATTR" settle mark alpha beta --month 2026-11
    is "$("$PODFLATTR" settle list --format json | jq -r .amount | tr '\n' ' ')" '16.67 3.33 '
}

@test "no amount is cut, however large" {
    two_months
    printf '[report]\nbudget = 60000000 IDR\n' >"$PODFLATTR_CONFIG"
    run "$PODFLATTR" report --month 2026-11
    exits 0
    grep -q ' 40000000\.00  60000000\.00  100000000\.00  due ' <<<"$output" || fail "$output"
    "$PODFLATTR" settle mark alpha --month 2026-11
    run "$PODFLATTR" settle list
    exits 0
    [[ $output == *'100000000.00 IDR  alpha'* ]]
}

@test "csv has one line per show, by RFC 4180" {
    two_months
    owed 'quoted' 1 2026-11-05T00:00:00Z '{"show_title": "Say \"hi\", you"}' | "$PODFLATTR" queue import >/dev/null
    "$PODFLATTR" report --month 2026-11 --format csv >report.csv
    python3 - <<'END'
import csv
rows = list(csv.reader(open("report.csv", newline="")))
assert open("report.csv", newline="").read().count("\r\n") == 4
assert rows[0] == "month show episodes minutes share currency carried due method payee link state paid_at fee reference".split()
assert all(len(row) == 15 for row in rows)
assert ["2026-11", 'Say "hi", you', "1", "60"] in [row[:4] for row in rows]
END
}

@test "a report is written whole, for its owner alone, in the form of its name" {
    two_months
    umask 0
    "$PODFLATTR" report --month 2026-11 --output pages/november.html
    is "$(stat -c %a pages/november.html)" 600
    is "$(ls pages)" november.html
    head -c 15 pages/november.html | grep -q '^<!DOCTYPE html>'
    "$PODFLATTR" report --month 2026-11 --output NOVEMBER.JSON
    jq -e '.month == "2026-11"' NOVEMBER.JSON
    "$PODFLATTR" report --month 2026-11 --output november
    "$PODFLATTR" report --month 2026-11 --output november.csv --format text
    cmp november november.csv
    # No table of ours is a PDF, whatever it is called.
    run "$PODFLATTR" report --month 2026-11 --output november.pdf
    exits 64
    [[ $output == *"'november.pdf': use --format"* ]]
    [ ! -e november.pdf ]
    run "$PODFLATTR" report --output /proc/none/x.html
    exits 73
    run "$PODFLATTR" report --month 2026-13
    exits 64
    run "$PODFLATTR" report --budget 10
    exits 64
    run "$PODFLATTR" report --format table
    exits 64
    [[ $output == *"use text, html, json or csv"* ]]
}

@test "a report is opened in the browser, from the documents where there is such a folder" {
    two_months
    mkdir -p bin "$HOME/Documents" "$HOME/.config"
    # shellcheck disable=SC2016 # expanded by who reads it
    printf 'XDG_DOCUMENTS_DIR="$HOME/Documents"\n' >"$HOME/.config/user-dirs.dirs"
    # shellcheck disable=SC2016 # expanded by the script
    printf '#!/bin/sh\necho "$1" >opened.new && mv opened.new opened\n' >bin/xdg-open
    chmod +x bin/xdg-open
    PATH=$PWD/bin:$PATH "$PODFLATTR" report --month 2026-11 --open
    wait_for 10 test -e opened
    is "$(<opened)" "file://$HOME/Documents/podflattr-2026-11.html"
    head -c 15 "$HOME/Documents/podflattr-2026-11.html" | grep -q '^<!DOCTYPE html>'
    rm opened
    rmdir "$HOME/Documents" 2>/dev/null || rm -r "$HOME/Documents"
    PATH=$PWD/bin:$PATH "$PODFLATTR" report --open
    wait_for 10 test -e opened
    is "$(<opened)" "file://$PODFLATTR_STATE_DIR/podflattr-2026-12.html"
    run "$PODFLATTR" report --open --format csv
    exits 64
}

@test "a share that is settled is paid once, and freezes its month" {
    two_months
    run "$PODFLATTR" settle mark ALPHA --month 2026-11 --how 'bank transfer' --at 2026-11-30 --reference R1
    exits 0
    [[ $output == *"16.67 EUR recorded as paid for 2026-11"* ]]
    # What comes late, and what is settled already, change nothing of it.
    owed beta 9 2026-11-15T00:00:00Z | "$PODFLATTR" queue import >/dev/null
    is "$(rows '"\(.title)=\(.share),\(.due),\(.state)"' --month 2026-11)" "alpha=6.67,0.00,paid beta=3.33,3.33,due "
    is "$(rows '"\(.title)=\(.episodes)+\(.carried)"')" "beta=1+3.33 gamma=1+0.00 "
    run "$PODFLATTR" settle mark alpha --month 2026-11
    exits 65
    [[ $output == *"nothing is left to pay for alpha"* ]]
    "$PODFLATTR" settle list --format json | jq -e '.amount == "16.67" and .currency == "EUR" and .how == "bank transfer"
        and .paid_at == "2026-11-30T00:00:00Z" and .undone == null and .reference == "R1"'
    "$PODFLATTR" report --month 2026-11 --format csv | grep -q '^2026-11,alpha,2,.*,paid,2026-11-30T00:00:00Z,0.00,R1'
}

@test "a payment may be partial, and may be undone" {
    two_months
    # Named twice, it is paid once.
    "$PODFLATTR" settle mark https://alpha.example/feed ALPHA --month 2026-11 --amount 5
    is "$(rows '"\(.title)=\(.due),\(.state)"' --month 2026-11)" "alpha=11.67,partly_paid beta=3.33,due "
    "$PODFLATTR" settle mark 1 --month 2026-11 --amount '0.67 EUR' --fee 0.10
    is "$(rows '.due' --month 2026-11)" "11.00 3.33 "
    "$PODFLATTR" settle undo alpha --month 2026-11
    is "$(rows '.due' --month 2026-11)" "11.67 3.33 "
    "$PODFLATTR" settle undo alpha --month 2026-11
    "$PODFLATTR" report --month 2026-11 --format json | jq -e '.frozen == false and .paid == "0.00"'
    is "$("$PODFLATTR" settle list --format csv | wc -l)" 3
    run "$PODFLATTR" settle undo alpha --month 2026-11
    exits 65
    # All are taken back, or none; one that is named twice, once.
    "$PODFLATTR" settle mark alpha --month 2026-11 --amount 1
    "$PODFLATTR" settle mark alpha --month 2026-11 --amount 2
    run "$PODFLATTR" settle undo alpha beta --month 2026-11
    exits 65
    is "$(rows .paid --month 2026-11)" "3.00 0.00 "
    run "$PODFLATTR" settle undo alpha ALPHA --month 2026-11
    exits 0
    is "$output" "alpha: undid the payment of 2.00 EUR for 2026-11"
    is "$(rows .paid --month 2026-11)" "1.00 0.00 "
    "$PODFLATTR" settle undo alpha --month 2026-11
    # The month is as open as before.
    owed beta 9 2026-11-15T00:00:00Z | "$PODFLATTR" queue import >/dev/null
    is "$(rows '"\(.title)=\(.episodes)"' --month 2026-11)" "alpha=2 beta=2 "
}

@test "a show is found by title, feed or number, and an ambiguous title is refused" {
    two_months
    owed delta 1 2026-11-05T00:00:00Z '{"show_title": "Alpha"}' | "$PODFLATTR" queue import >/dev/null
    run "$PODFLATTR" settle mark beta alpha --month 2026-11
    exits 65
    [[ $output == *"may be several shows"*"https://delta.example/feed"* ]]
    is "$("$PODFLATTR" settle list 2>&1)" "podflattr: no payments"
    run "$PODFLATTR" settle mark nobody --month 2026-11
    exits 65
    run "$PODFLATTR" settle mark https://delta.example/feed '#3' --month 2026-11
    exits 0
    run "$PODFLATTR" settle mark beta --month 2026-11 --amount 1.234
    exits 64
    run "$PODFLATTR" settle mark beta --month 2026-11 --at 2027-01-01
    exits 64
}

@test "a show of several feeds is found by any of them" {
    two_months
    printf '[feed https://%s.example/feed]\nshow = Both\n' alpha beta >>"$PODFLATTR_CONFIG"
    is "$(rows .title --month 2026-11)" "Both "
    run "$PODFLATTR" settle mark http://BETA.example/feed --month 2026-11
    exits 0
    is "$(rows .state --month 2026-11)" "paid "
}

@test "months are the user's own, by daylight saving time too" {
    printf '[report]\nbudget = 10 EUR\n' >"$PODFLATTR_CONFIG"
    { owed alpha 1 2026-10-31T22:59:59Z
      owed alpha 2 2026-10-31T23:00:00Z; } | "$PODFLATTR" queue import >/dev/null
    is "$(TZ=Europe/Berlin rows .episodes --month 2026-10)" "1 "
    is "$(TZ=America/New_York rows .episodes --month 2026-10)" "2 "
    is "$(TZ=Pacific/Auckland rows .episodes --month 2026-10)" ""
}

@test "export and import carry the ledger with what was paid" {
    two_months
    "$PODFLATTR" settle mark alpha --month 2026-11 --amount 5
    "$PODFLATTR" settle mark beta --month 2026-11
    "$PODFLATTR" settle undo beta --month 2026-11
    "$PODFLATTR" report --month 2026-11 --format json >before
    "$PODFLATTR" queue export >exported
    export PODFLATTR_STATE_DIR=$BATS_TEST_TMPDIR/other
    "$PODFLATTR" queue import exported
    "$PODFLATTR" report --month 2026-11 --format json >after
    cmp before after
    # Twice changes nothing, and an undone payment stays undone.
    "$PODFLATTR" queue import exported
    "$PODFLATTR" report --month 2026-11 --format json >again
    cmp before again
    is "$("$PODFLATTR" settle list --format json | jq -s length)" 2
}

@test "a month that has not begun is not settled" {
    two_months
    for command in 'settle mark alpha' 'settle alpha'; do
        # shellcheck disable=SC2086 # words
        run "$PODFLATTR" $command --month 2027-12
        exits 64
        [[ $output == *"invalid --month '2027-12': it has not begun"* ]]
    done
    is "$("$PODFLATTR" settle list 2>&1)" "podflattr: no payments"
    # The user's month has begun before the one of UTC.
    now 2026-12-31T23:30:00Z
    TZ=Europe/Berlin "$PODFLATTR" settle mark alpha --month 2027-01
}

@test "a month that two machines have settled loses no episode of either" {
    two_months
    "$PODFLATTR" settle mark alpha --month 2026-11 --amount 5
    { owed delta 1 2026-11-02T12:00:00Z
      owed epsilon 1 2026-11-03T12:00:00Z; } | "$PODFLATTR" --state-dir other queue import
    now 2026-12-01T11:00:00Z
    "$PODFLATTR" --state-dir other settle mark delta --month 2026-11
    "$PODFLATTR" --state-dir other queue export >exported
    for times in once twice; do
        "$PODFLATTR" queue import exported
        is "$(rows '"\(.title)=\(.share),\(.paid)"' --month 2026-11)" "alpha=6.67,5.00 beta=3.33,0.00 delta=0.00,5.00 "
        is "$(rows '"\(.title)=\(.episodes)+\(.carried)"')" "alpha=0+11.67 epsilon=1+0.00 gamma=1+0.00 beta=0+3.33 delta=1+-5.00 " ||
            fail "$times"
    done
    # What is counted in a month that is frozen by the same payment is not counted once more.
    "$PODFLATTR" --state-dir third queue import exported
    is "$(PODFLATTR_STATE_DIR=$PWD/third rows '"\(.title)=\(.episodes)+\(.carried)"')" "epsilon=0+5.00 "
}

@test "a damaged database is salvaged with what was paid" {
    two_months
    "$PODFLATTR" settle mark alpha --month 2026-11 --amount 5
    "$PODFLATTR" report --month 2026-11 --format json >before
    python3 - <<'END'
import sqlite3
database = sqlite3.connect("state/queue.db")
database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
page = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'entry_came'").fetchone()[0]
size = database.execute("PRAGMA page_size").fetchone()[0]
database.close()
with open("state/queue.db", "r+b") as file:
    file.seek((page - 1) * size)
    file.write(b"\xff" * size)
END
    run "$PODFLATTR" doctor --offline
    exits 74
    run "$PODFLATTR" doctor --offline --repair
    [[ $output == *"recovered"* ]]
    "$PODFLATTR" report --month 2026-11 --format json >after
    cmp before after
}

@test "on a terminal settle goes through what is due" {
    two_months
    printf '[feed https://alpha.example/feed]\nlink = https://pay.example/alpha\n' >>"$PODFLATTR_CONFIG"
    run "$PODFLATTR" settle --month 2026-11
    exits 64
    [[ $output == *"needs a terminal"* ]]
    cat >browser <<'END'
#!/bin/sh
echo "$1" >"$BATS_TEST_TMPDIR/opened"
END
    mkdir -p bin
    mv browser bin/xdg-open
    chmod +x bin/xdg-open
    owed beta 9 2026-11-15T00:00:00Z >late
    python3 - "$PODFLATTR" <<'END'
import os, pty, signal, subprocess, sys
signal.alarm(30)
os.environ["PATH"] = os.getcwd() + "/bin:" + os.environ["PATH"]
answers = [(b"uit? ", b"o\n"), (b"[y/N] ", b"y\n"), (b"uit? ", b"s\n")]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "settle", "--month", "2026-11"])
seen = b""
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    seen += read
    if answers and seen.endswith(answers[0][0]):
        if seen.endswith(b"[y/N] "):
            # An episode that comes while somebody pays changes the shares, but not what was paid.
            subprocess.run([sys.argv[1], "queue", "import", "late"], check=True, stdout=subprocess.DEVNULL)
        os.write(terminal, answers.pop(0)[1])
        seen += b"|"
open("session", "wb").write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
    grep -q '\[1/2\] alpha: 16.67 EUR' session
    grep -q 'https://pay.example/alpha' session
    wait_for 10 test -s opened
    is "$(cat opened)" https://pay.example/alpha
    is "$("$PODFLATTR" settle list --format json | jq -r .amount)" 16.67
    is "$(rows '"\(.title)=\(.share),\(.state)"' --month 2026-11)" "alpha=5.00,paid beta=5.00,due "
}
