#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a person reads is in German where the locale says so, and what programs read is not.

bats_require_minimum_version 1.5.0
load helper
load report

setup() {
    [ -e "$PF_BUILD/po/de/LC_MESSAGES/podflattr.mo" ] || skip "built with --disable-nls"
    germany_make
    scratch_setup
    now 2026-12-01T10:00:00Z
    printf '[flattr]\napi = none\n[report]\nbudget = 10 EUR\n' >"$PODFLATTR_CONFIG"
    unset PODFLATTR_API
}

# german COMMAND ...: podflattr as a German runs it.
german() { in_germany "$PODFLATTR" "$@"; }

@test "help, errors and the report are in German, with its plurals" {
    run german --help
    exits 0
    [[ $output == *"Führt Buch über die Podcast-Folgen"*"Befehle (Näheres mit"*"Die Übersicht eines Monats zeigen"* ]]
    run german queue --help
    exits 0
    [[ $output == *"--state"*"Nur Einträge in diesem Zustand"*"Unterbefehle (Vorgabe: list)"*"Beispiele:"* ]]
    [[ $output == *'podflattr queue [OPTION …] [BEFEHL] [ID…|DATEI…]'*'--limit=N'*'show ID '*'dismiss DATEI|ORDNER|ID…|--all'* ]]
    local command
    for command in $("$PODFLATTR" complete -- '' | cut -f1); do
        run german help "$command"
        run ! grep -E '.{81}' <<<"$output"
    done
    run german flattr
    exits 64
    [[ $output == *' ist kein Befehl von podflattr'* ]]
    owed alpha 1 2026-11-02T12:00:00Z | german queue import
    run german report --month 2026-11
    exits 0
    [[ ${lines[0]} == "November 2026: 10,00 EUR, nach Folgen; 1 Folge, "*", 1 Podcast" ]]
    { owed alpha 2 2026-11-03T12:00:00Z; owed beta 1 2026-11-30T12:00:00Z; } | german queue import
    run german report --month 2026-11
    exits 0
    [[ ${lines[0]} == "November 2026: 10,00 EUR, nach Folgen; 3 Folgen, "*", 2 Podcasts" ]]
    [[ $output == *"PODCAST"*"FOLGEN"*"fällig"*"Anteile 10,00 EUR, jetzt fällig 10,00 EUR, bezahlt 0,00 EUR."* ]]
    run german send
    [[ $output == *"3 Folgen sind für den Dank vorgemerkt"* ]]
}

@test "the report's page says that it is German" {
    owed alpha 1 2026-03-02T12:00:00Z | german queue import
    german report --month 2026-03 --format html >page.html
    grep -q '<html lang="de">' page.html
    grep -q '<h1>Danke für März 2026</h1>' page.html
    grep -q 'Das Budget ist nach Folgen verteilt' page.html
    grep -q '<td class="s due">fällig</td>' page.html
    run ! grep -E 'Due now|All shows|Best way|Made by' page.html
    LANGUAGE=en "$PODFLATTR" report --month 2026-03 --format html | grep -q '<html lang="en">'
}

@test "shows are in the order of their letters, the same in every language" {
    { owed a 1 2026-11-02T12:00:00Z "$(titled Zebra)"
      owed b 1 2026-11-02T12:00:00Z "$(titled Äpfel)"
      owed c 1 2026-11-02T12:00:00Z "$(titled Birnen)"; } |
        german queue import
    is "$(german report --month 2026-11 --budget 9EUR --format json | jq -r '.shows[].title' | tr '\n' ' ')" "Äpfel Birnen Zebra "
    is "$("$PODFLATTR" report --month 2026-11 --budget 9EUR --format json | jq -r '.shows[].title' | tr '\n' ' ')" "Äpfel Birnen Zebra "
}

@test "what programs read is the same in every language, and so is what may be typed" {
    { owed alpha 1 2026-11-02T12:00:00Z; owed beta 1 2026-11-03T12:00:00Z; } | german queue import
    for arguments in "report --month 2026-11 --format json" "report --month 2026-11 --format csv" "queue --format json"; do
        # shellcheck disable=SC2086 # several words
        german $arguments >of-a-german
        # shellcheck disable=SC2086
        "$PODFLATTR" $arguments >of-others
        diff of-others of-a-german
    done
    german settle mark alpha --month 2026-11 --amount 2.50 --at 2026-12-01
    run german settle list --month 2026-11 --format json
    exits 0
    [[ $output == *'"amount":"2.50"'* ]]
}

@test "tables and errors are in German" {
    owed alpha 1 2026-11-02T12:00:00Z | german queue import
    run german queue
    exits 0
    [[ ${lines[0]} == 'ID     ZUSTAND   '*'PODCAST '*' FOLGE' && ${lines[1]} == *'owed'* ]]
    run german queue show 1
    exits 0
    [[ $output == *'Zustand     owed'*'Podcast     alpha'*'von Hand    nein'* ]]
    run german status
    exits 0
    [[ $output == *'Server      keiner;'*'Einträge    1 owed'* ]]
    ln -s /nowhere link
    run german --state-dir "$PWD/link" hook --strict x.mp3
    exits 73
    [[ $output == *"der Zustandsordner $PWD/link lässt sich nicht "* || $output == *"$PWD/link ist ein symbolischer Link"* ]]
}

@test "mistakes in a configuration, and servers that do not answer, are explained in German" {
    printf '[policy]\ndelay = bald\n' >wrong.conf
    run german --config wrong.conf config
    exits 78
    [[ $output == *'wrong.conf:2: delay „bald“ muss eine Dauer sein'* ]]
    run german scan http://127.0.0.1:1/feed.xml
    exits 69
    [[ $output == *'der Server ist nicht zu erreichen ('* ]]
    run german add https://example.net/a-page
    exits 0
    [[ $output == *'eingereiht #1  other  https://example.net/a-page'* ]]
    run german send
    exits 75
    [[ $output == *'1 wartet auf einen Server;'* ]]
    run german --api http://127.0.0.1:1/rest/v2 status
    exits 0
    [[ $output == *'Senden      möglich'* ]]
    run german doctor --offline
    [[ $output == *'in Ordnung, 1 Eintrag'* ]]
}

@test "the example of a configuration is in German, and means the same" {
    german config --example >"$PODFLATTR_CONFIG"
    grep -q '^# Wie oft jeder Feed abgerufen wird' "$PODFLATTR_CONFIG"
    grep '^#[a-z-]* =\|^\[' "$PODFLATTR_CONFIG" >settings
    "$PODFLATTR" config --example | grep '^#[a-z-]* =\|^\[' | diff - settings
    german config
}

@test "Germany has its decimal point and dates where people read" {
    owed alpha 1 2026-05-02T12:00:00Z | "$PODFLATTR" queue import
    run in_germany "$PODFLATTR" report --month 2026-05
    exits 0
    [[ ${lines[0]} == "Mai 2026: 10,00 EUR"* && $output == *"jetzt fällig 10,00 EUR"* ]]
    in_germany "$PODFLATTR" report --month 2026-05 --format html >page.html
    grep -q '<dd>10,00 EUR</dd>' page.html
    grep -q '<dd>1,0</dd>' page.html
    run ! grep -F 10.00 page.html
    in_germany "$PODFLATTR" report --month 2026-05 --format json | grep -q '"10\.00"'
    in_germany "$PODFLATTR" report --month 2026-05 --format csv | grep -q ',10\.00,'
    in_germany "$PODFLATTR" settle mark alpha --month 2026-05 --amount 2,50 --at 2026-05-31
    in_germany "$PODFLATTR" settle list | grep -q ' 2,50 EUR '
    in_germany "$PODFLATTR" settle list --format json | grep -q '"amount":"2\.50"'
    in_germany python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$PODFLATTR" settle list </dev/null | grep -q '31\.05\.2026 00:00'
}
