#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line and the configuration: what a wrong one says, and its exit status.

bats_require_minimum_version 1.5.0
load helper

@test "--version and --help answer on stdout" {
    run --separate-stderr "$PODFLATTR" --version
    exits 0
    [[ $output == "podflattr "[0-9]* ]]
    run --separate-stderr "$PODFLATTR" --help
    exits 0
    for command in scan add hook queue send status link config doctor; do
        [[ $output == *"  $command "* ]]
        run "$PODFLATTR" "$command" --help
        exits 0
        [[ ${lines[0]} == Usage:* ]]
        run --separate-stderr "$PODFLATTR" --help
    done
}

@test "a wrong command line says what is wrong, with exit status 64" {
    run "$PODFLATTR"
    exits 64
    run "$PODFLATTR" flatter
    exits 64
    [[ $output == *"'flatter' is not a podflattr command"* ]]
    run "$PODFLATTR" scan --colour feed.xml
    exits 64
    [[ $output == *--colour* ]]
    run "$PODFLATTR" scan
    exits 64
    run "$PODFLATTR" add
    exits 64
    run "$PODFLATTR" send now
    exits 64
    run "$PODFLATTR" queue list --state sold
    exits 64
    run "$PODFLATTR" status --format=xml
    exits 64
}

@test "the help of every command has two examples and fits 80 columns, also by 'help COMMAND'" {
    local command helped
    for command in '' help; do
        # shellcheck disable=SC2086 # none for ''
        run --separate-stderr "$PODFLATTR" $command --help
        exits 0
        [ "$(sed -n '/^Examples:/,$p' <<<"$output" | grep -c '^  podflattr ')" -ge 2 ]
        run ! grep -E '.{81}' <<<"$output"
    done
    mapfile -t helped < <("$PODFLATTR" complete -- '' | cut -f1 | grep -v help)
    [ "${#helped[@]}" -ge 10 ]
    for command in "${helped[@]}"; do
        run --separate-stderr "$PODFLATTR" help "$command"
        exits 0
        [ "$(sed -n '/^Examples:/,$p' <<<"$output" | grep -c '^  podflattr ')" -ge 2 ] || fail "$command: $output"
        run ! grep -E '.{81}' <<<"$output"
    done
    run --separate-stderr "$PODFLATTR" help queue match
    exits 0
    [[ $output == *"match [FILE|ID"* ]]
    run "$PODFLATTR" help nonsense
    exits 64
    run "$PODFLATTR" help queue relase
    exits 64
    [[ $output == *"did you mean 'release'?"* ]]
    run "$PODFLATTR" help scan feed.xml
    exits 64
    run "$PODFLATTR" -V
    exits 0
    [[ $output == "podflattr "[0-9]* ]]
}

@test "a help that cannot be written is an error" {
    local line
    for line in --help help '-V' 'help queue' 'queue --help' 'hook --help'; do
        # shellcheck disable=SC2086 # they are words
        run -74 bash -c '"$@" >/dev/full' . "$PODFLATTR" $line
    done
}

# completes TEXT: what bash's completion makes of a line that ends there, with blanks between the words.
completes() {
    bash -c 'PATH=$(dirname "$PODFLATTR"):$PATH; source "$PF_SOURCE/config/completions/podflattr.bash"
        COMP_LINE=$1; COMP_POINT=${#1}; read -ra COMP_WORDS <<<"${1//:/ : }" # as bash cuts them
        [[ $1 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _podflattr; echo "${COMPREPLY[*]}"' . "$1"
}

@test "shells complete commands, options, states, IDs and feeds" {
    "$PODFLATTR" -q add https://a.example/1 https://a.example/2 >/dev/null
    is "$(completes 'podflattr sta')" status
    is "$(completes 'podflattr queue rel')" release
    is "$(completes 'podflattr queue --state h')" held
    is "$(completes 'podflattr queue drop ')" '2 1'
    is "$(completes 'podflattr scan --sub')" --submit
    is "$(completes 'podflattr help whoa')" whoami
    is "$(completes 'podflattr --state-dir x stat')" status
    is "$(completes 'podflattr --api http://127.0.0.1:1 stat')" status
    is "$(completes 'podflattr queue --format j')" json
    is "$(completes 'podflattr report --format ')" 'text html json csv'
    is "$(completes 'podflattr settle list --format c')" csv
    run "$PODFLATTR" complete -- queue show ''
    [[ ${lines[0]} == $'2\thttps://a.example/2' ]]
    ! command -v zsh >/dev/null || zsh -n "$PF_SOURCE/config/completions/_podflattr"
    ! command -v fish >/dev/null || fish -n "$PF_SOURCE/config/completions/podflattr.fish"
}

@test "a mistyped word is answered with a suggestion" {
    run "$PODFLATTR" staus
    [[ $output == *"did you mean 'status'?"* ]]
    run "$PODFLATTR" scan --formt=json feed.xml
    [[ $output == *"did you mean '--format'?"* ]]
    run "$PODFLATTR" queue relase 1
    [[ $output == *"did you mean 'release'?"* ]]
    run "$PODFLATTR" status --state-dir state
    [[ $output == *"put it before the command: podflattr --state-dir"* ]]
    run "$PODFLATTR" queue --state flatred
    [[ $output == *"did you mean 'flattred'?"* ]]
    run "$PODFLATTR" report --format jsn
    [[ $output == *"did you mean 'json'?"* ]]
    run "$PODFLATTR" frobnicate
    [[ $output != *"did you mean"* ]]
    run "$PODFLATTR" --confg x status
    [[ $output == *"did you mean '--config'?"* ]]
    run "$PODFLATTR" --format=json status
    [[ $output == *"put it after the command: podflattr status --format"* ]]
    run "$PODFLATTR" --budget 10EUR
    [[ $output == *"put it after the command: podflattr report --budget"* ]]
    run "$PODFLATTR" --frobnicate status
    [[ $output == *"Unknown option --frobnicate" ]]
    printf '[wach]\nfolders = /a\n[feed https://a.example/]\nrul = ask\n[colours]\nred = 1\n' >podflattr.conf
    run "$PODFLATTR" status
    [[ ${lines[0]} == *"did you mean [watch]?" ]]
    [[ ${lines[1]} == *"did you mean 'rule'?" ]]
    [[ ${lines[2]} == *"use [flattr], [watch], [feeds], "*" or [feed URL]" ]]
    printf '[watch]\nfolder = /a\nsubscriptions = b\n' >podflattr.conf
    run "$PODFLATTR" status
    [[ ${lines[0]} == *":2: "*"did you mean 'folders'?" ]]
    [[ ${lines[1]} == *":3: "*"belongs in [feeds]"* ]]
    printf '[report]\nweight = minuts\n[feed https://a.example/]\nrule = nver\n' >podflattr.conf
    run "$PODFLATTR" status
    [[ ${lines[0]} == *":2: "*"did you mean 'minutes'?" ]]
    [[ ${lines[1]} == *":4: "*"did you mean 'never'?" ]]
    printf '[watch]\nfolders = gpoder\n' >podflattr.conf
    run "$PODFLATTR" status
    [[ ${lines[0]} == *"did you mean 'gpodder'?" ]]
}

@test "a configuration that begins with a byte order mark is read" {
    printf '\357\273\277[policy]\nper-month = 3\n' >podflattr.conf
    run "$PODFLATTR" config
    exits 0
}

@test "every mistake in the configuration is reported with its line, with exit status 78" {
    printf '[policy]\nper-month = x\nwrong = 1\n' >podflattr.conf
    run "$PODFLATTR" status
    exits 78
    [[ ${lines[0]} == *"podflattr.conf:2: "* ]]
    [[ ${lines[1]} == *"podflattr.conf:3: "* ]]
    run "$PODFLATTR" --config "$PWD/none.conf" status
    exits 78
    [[ $output == *none.conf* ]]
}

@test "an API that would show the token to others is refused" {
    run "$PODFLATTR" --api http://api.example.org/rest/v2 status
    exits 78
    [[ $output == *https* ]]
    run "$PODFLATTR" --api http://127.0.0.1:9/rest/v2 status
    exits 0
}

@test "the example configuration in the tree is the program's own" {
    run "$PODFLATTR" config --example
    exits 0
    diff "$PF_SOURCE/config/podflattr.conf" - <<<"$output"
}

# On a terminal: prints what COMMAND shows there, as it comes.
on_terminal() { python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$@" </dev/null; }

@test "long work shows its progress on a terminal, and only there" {
    "$PODFLATTR" -q add https://a.example/1 >/dev/null
    "$PODFLATTR" queue export >queue.jsonl
    mkfifo release
    # Another program writes to the queue until told to stop.
    python3 -c 'import sqlite3, sys
queue = sqlite3.connect(sys.argv[1], isolation_level=None)
queue.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
open("release").read()' state/queue.db >holder.out 3>&- &
    background+=($!)
    wait_for 20 grep -q locked holder.out
    "$PODFLATTR" queue import queue.jsonl >plain.out 2>&1 3>&- &
    local plain=$!
    on_terminal "$PODFLATTR" queue import queue.jsonl >shown.out 3>&- &
    local shown=$!
    background+=("$plain" "$shown")
    wait_for 20 grep -q 'importing, 1 s' shown.out
    echo >release
    wait "$plain" "$shown"
    is "$(<plain.out)" '0 added, 0 updated, 1 already known'
    grep -q '1 already known' shown.out
}

@test "a state folder that cannot be made is named, with exit status 73" {
    : >file
    run "$PODFLATTR" --state-dir "$PWD/file/state" status
    exits 73
    [[ $output == *file/state* ]]
}

@test "a file that is not a database is left unchanged" {
    mkdir state
    echo 'a shopping list, and a long one at that' >state/queue.db
    run "$PODFLATTR" status
    exits 74
    [[ $output == *queue.db* ]]
    [ "$(<state/queue.db)" = 'a shopping list, and a long one at that' ]
}

# stage: installs the programs beneath ./staged. Sets staged, the installed podflattr, and commands, its other half.
stage() {
    unset MAKEFLAGS MFLAGS MAKELEVEL
    make -C "$PF_BUILD" install-exec DESTDIR="$PWD/staged" >staging.log 2>&1 || fail "$(<staging.log)"
    staged=$(find staged -type f -name podflattr -perm -u+x)
    commands=$(find staged -type f -name podflattr-commands)
}

@test "an installation works wherever it is moved to" {
    stage
    mv staged elsewhere
    run --separate-stderr "elsewhere/${staged#staged/}" --version
    exits 0
    [[ $output == "podflattr "[0-9]* ]]
    # Its own other half it was, and no other that may be installed here.
    printf '#!/bin/sh\necho "moved: $*"\n' >"elsewhere/${commands#staged/}"
    run "elsewhere/${staged#staged/}" status --watch
    exits 0
    [ "$output" = 'moved: status --watch' ]
}

@test "make installcheck tests what was staged" {
    stage
    make -C "$PF_BUILD" installcheck DESTDIR="$PWD/staged"
    printf '#!/bin/sh\nexit 3\n' >"$commands"
    run ! make -C "$PF_BUILD" installcheck DESTDIR="$PWD/staged"
}
