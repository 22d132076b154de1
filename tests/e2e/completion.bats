#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of command lines, as the shells themselves do it when the Tab key is pressed.

bats_require_minimum_version 1.5.0
load helper
load daemon

# types_in SHELL MARK END <LINES: see completion.py. MARK and END are what the shell has around the description of a word, and are
# put in for < and > of the lines.
types_in() {
    command -v "$1" >/dev/null || skip "$1 is missing"
    sed "s|<|$2|g; s|>|$3|g" >typed
    unset EDITOR VISUAL
    PATH=${PODFLATTR%/*}:$PATH python3 "$PF_SOURCE/tests/e2e/completion.py" "$1" "$PF_SOURCE/config/completions" <typed
}

# Entries with titles, and a show that is known.
lines_to_complete() {
    export PODFLATTR_API=none
    web_start
    feed_write notes 1 2 'Night Notes'
    watch_configured "$web/notes.xml"
    daemon_start
    wait_for 10 known_feeds_are 1
    download pods notes-ep1.mp3
    wait_for 20 owed_are 1
    daemon_stop
    "$PODFLATTR" -q add https://a.example/2 >/dev/null
    cat <<LINES
podflattr sta :: podflattr status 
podflattr queue rel :: queue release 
podflattr scan --sub :: scan --submit 
podflattr queue --state h :: --state held 
podflattr queue --state=h :: --state=held
podflattr report --format j :: --format json 
podflattr queue drop  :: 2 <https://a\.example/2>.*1 <Episode 1 of notes>
podflattr queue --feed ht :: --feed $web/notes\.xml 
podflattr queue --show N :: --show Night\\\\ Notes 
podflattr settle mark Night\\ N :: mark Night\\\\ Notes 
LINES
}

owed_are() { is "$("$PODFLATTR" -q queue --state owed --format=json | wc -l)" "$1"; }

@test "bash completes commands, options, states, IDs with titles, feeds and shows" {
    lines_to_complete >lines
    types_in bash '\\(' '\\)' <lines
}

@test "zsh completes commands, options, states, IDs with titles, feeds and shows" {
    lines_to_complete >lines
    types_in zsh '-- ' '' <lines
}

@test "fish completes commands, options, states, IDs with titles, feeds and shows" {
    lines_to_complete >lines
    types_in fish '\\(' '\\)' <lines
}
