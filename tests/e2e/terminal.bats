#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a person sees on a terminal, and what a pipe gets.

bats_require_minimum_version 1.5.0
load helper

# on COLUMNS COMMAND ...: what podflattr shows on a terminal of that width.
on() { python3 "$PF_SOURCE/tests/e2e/terminal.py" "$1" "$PODFLATTR" "${@:2}"; }

# A feed whose titles are as wide as titles get, in a queue with all that the tables show.
titles_queued() {
    sandbox_start --means 30
    cat >feed.xml <<XML
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>日本語ポッドキャストの非常に長い番組名ですよこれは</title>
<item><title>第一回：とても長いエピソードのタイトルがここにありますのでテーブルに収まるかどうか確認するためのものです</title><guid>1</guid>
<atom:link rel="payment" href="https://flattr.com/submit/auto?user_id=maker&amp;url=https%3A%2F%2Fa.example%2F1"/></item>
<item><title>👩‍👩‍👧‍👦 Family ❤️ 🏳️‍🌈 👍🏽 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉</title><guid>2</guid>
<atom:link rel="payment" href="https://flattr.com/submit/auto?user_id=maker&amp;url=https%3A%2F%2Fa.example%2F2"/></item>
<item><title>Z&#x300;&#x301;&#x302;&#x303;a&#x301;l&#x301;g&#x301;o&#x301; combining combining combining combining combining combining</title><guid>3</guid></item>
</channel></rss>
XML
    "$PODFLATTR" -q scan --submit --send feed.xml >/dev/null
    "$PODFLATTR" -q hook --feed https://a.example/feed.xml --guid 9 --title 'An episode of a show with a longer name' "$PWD/a b.mp3"
    "$PODFLATTR" -q queue --format=json >/dev/null
}

@test "what is shown fits the terminal, and only addresses to be copied are longer" {
    titles_queued
    # A month of what is owed has rows and sums.
    "$PODFLATTR" -q queue import - >/dev/null <<'JSON'
{"version":1,"key":"owed:x","state":"owed","reason":"no_link","owed":"no_link","source":"hook","feed":"https://e.org/f","guid":"1","title":"Episode","file":"/x/1.mp3","show":"日本語ポッドキャストの非常に長い番組名ですよこれは","created":"2026-01-15T00:00:00Z"}
JSON
    "$PODFLATTR" report --month 2026-01 | grep -q 日本語
    python3 "$PF_SOURCE/tests/e2e/terminal.py" 40,60,80,200 "$PODFLATTR" >wide <<'COMMANDS'
queue
queue show 1
queue --state unmatched
-q scan feed.xml
status
report
report --month 2026-01
config
settle list
whoami
api flattrs list
api things search --query a
api users get demo
--help
queue --help
api --help
COMMANDS
    [ ! -s wide ] || fail "$(<wide)"
    on 80 queue >shown
    grep -q '👩‍👩‍👧‍👦 Family' shown
    COLUMNS=40 on 200 queue >shown
    [ "$(wc -L <shown)" -le 41 ]
}

@test "times are as people say them on a terminal, and ISO 8601 in a pipe" {
    "$PODFLATTR" -q add https://a.example/1 >/dev/null
    on 200 queue >shown
    grep -Eq ' ([0-9]+ s|1 min) ago ' shown
    "$PODFLATTR" queue | grep -Eq ' 20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z '
    "$PODFLATTR" queue show 1 | grep -Eqx 'created     20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z'
}

@test "a pipe gets every cell whole, and the help in lines of 80 columns" {
    titles_queued
    "$PODFLATTR" queue >whole
    grep -q '確認するためのものです$' whole
    run ! grep -q … whole
    {
        "$PODFLATTR" --help
        while IFS=$'\t' read -r command _; do "$PODFLATTR" help "$command"; done < <("$PODFLATTR" complete -- '' | grep -v '^help')
    } >helps
    [ "$(grep -c ^Usage: helps)" -ge 15 ]
    run ! grep -vE '^  podflattr |^Usage|^.{0,80}$' helps
}
