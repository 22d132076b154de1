#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# What any podcatcher can run, with a podflattr that notes how it was called.
load helper
load podcatcher

@test "podflattr-run reports each file, and every word stays whole" {
    noting_podflattr
    export PODFLATTR_FEED="http://f.example/?a=1&b= 2" PODFLATTR_TITLE=$hostile$'\nline' PODFLATTR_PROGRESS=90 PODFLATTR_EVENT=played
    run "$PF_SOURCE/plugins/generic/podflattr-run" "/a b/'1'.mp3" $'-two\n"2".mp3'
    exits 0
    called 2
    was_called hook --event played --progress 90 --feed "$PODFLATTR_FEED" --title "$PODFLATTR_TITLE" "/a b/'1'.mp3"
    was_called hook --event played --progress 90 --feed "$PODFLATTR_FEED" --title "$PODFLATTR_TITLE" "$PWD/"$'-two\n"2".mp3'
    run find . -name pwned
    [ -z "$output" ]
}

@test "podflattr-run passes on every address that it knows" {
    noting_podflattr
    PODFLATTR_ENCLOSURE=http://e.example/ PODFLATTR_GUID="g g" PODFLATTR_PAYMENT=http://p.example/ \
        "$PF_SOURCE/plugins/generic/podflattr-run" /one
    was_called hook --event downloaded --enclosure http://e.example/ --guid "g g" --payment http://p.example/ /one
}

@test "podflattr-run runs the user's own command, and ends as that does" {
    noting_podflattr
    NOTING_STATUS=75 run "$PF_SOURCE/plugins/generic/podflattr-run" /one -- sh -c 'cat; printf "[%s]" "$@"; exit 3' sh "a  b" -- '*' <<<input
    exits 3
    [ "$output" = $'input\n[a  b][--][*]' ]
    called 1
}

@test "podflattr-run without a command ends as the first hook that failed" {
    noting_podflattr
    NOTING_STATUS=75 run "$PF_SOURCE/plugins/generic/podflattr-run" /one /two
    exits 75
    called 2
}

@test "podflattr-run says when podflattr is missing, and still runs the user's command" {
    PODFLATTR=$PWD/nowhere run "$PF_SOURCE/plugins/generic/podflattr-run" /one
    exits 69
    [[ $output == *"$PWD/nowhere"* ]]
    PODFLATTR=$PWD/nowhere run "$PF_SOURCE/plugins/generic/podflattr-run" /one -- echo mine
    exits 0
    [[ $output == *mine ]]
    run "$PF_SOURCE/plugins/generic/podflattr-run"
    exits 64
}
