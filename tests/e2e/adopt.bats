#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr adopt: files that were there before are counted when the user says so, and once.

bats_require_minimum_version 1.5.0
load helper
load daemon

states_are() {
    is "$("$PODFLATTR" queue --format=json | jq -r '"\(.guid)/\(.state)"' | sort | tr '\n' ' ')" "$1"
}

@test "files that were there before are listed, adopted when the user says so, and counted once" {
    unset PODFLATTR_API
    web_start
    feed_write show 1 4
    watch_configured "$web/show.xml"
    mkdir pods/show
    media pods/show/show-ep1.mp3
    media pods/show/show-ep2.mp3
    media pods/show/show-ep3.mp3.part
    media pods/show/.show-ep4.mp3
    echo '<html>no episode</html>' >pods/show/show-ep4.mp3
    ln -s .. pods/show/circle
    touch -d 2020-01-31 pods/show/show-ep1.mp3
    # Nobody is there who could say yes.
    run "$PODFLATTR" adopt </dev/null
    exits 0
    [[ $output == *"2020-01-31T00:00:00Z"*"$PWD/pods/show/show-ep1.mp3"* && $output == *"2 files not adopted"* ]]
    run -0 "$PODFLATTR" -q send
    states_are ''
    run -0 "$PODFLATTR" -q adopt --since 2020-02-01 --yes --format=json
    is "$(jq -r .file <<<"$output")" "$PWD/pods/show/show-ep2.mp3"
    "$PODFLATTR" send
    states_are 'tag:show,2026:2/owed '
    run "$PODFLATTR" adopt --yes
    [[ $output == *"1 adopted"* ]]
    "$PODFLATTR" send
    states_are 'tag:show,2026:1/owed tag:show,2026:2/owed '
    run "$PODFLATTR" adopt --yes
    exits 0
    [[ $output == *"no files to adopt"* ]]
    # Another copy is the same episode.
    cp pods/show/show-ep1.mp3 pods/show-ep1.mp3
    run "$PODFLATTR" adopt --yes
    [[ $output == *"1 adopted"* ]]
    "$PODFLATTR" send
    states_are 'tag:show,2026:1/owed tag:show,2026:2/owed '
}

@test "where nothing can be adopted, adopt says why" {
    run "$PODFLATTR" adopt
    exits 78
    [[ $output == *"set folders in [watch]"* ]]
    mkdir pods
    configure '[watch]' "folders = $PWD/pods" '[policy]' 'trigger = play'
    run "$PODFLATTR" adopt --yes
    exits 78
    [[ $output == *"when it is played"* ]]
    run "$PODFLATTR" adopt --since someday
    exits 64
}
