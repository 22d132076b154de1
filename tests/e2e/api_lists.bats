#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr api: lists, by the page or whole, and searches.
load helper
load sandbox
load api

setup() { api_setup; }

@test "lists come by the page, as far as wanted, or whole" {
    for i in {1..120}; do
        control PUT thing "{\"url\":\"http://e.org/$i\",\"user\":\"demo\",\"title\":\"Title $i\"}" >made
    done
    api_json things
    has 'map(.id) | [length, .[0], .[-1]]' '[30,120,91]'
    api_json things list --count 3 --page 2
    has 'map(.id)' '[117,116,115]'
    api_json things list --user demo --all
    has 'map(.id) | [length, .[-1]]' '[120,1]'
    api_json things list --limit 101
    has 'map(.id) | [length, .[-1]]' '[101,20]'
    api_json things list --full --limit 1
    has 'map(.owner | has("city"))' '[true]'
    run -0 --separate-stderr "$PODFLATTR" api things list --limit 1
    [ "${#lines[@]}" = 2 ]
    [[ ${lines[0]} == ID*FLATTRS*TITLE*URL && ${lines[1]} == 120*'Title 120'*http://e.org/120 ]]
    api_json things get 2 1
    has 'map(.id)' '[2,1]'
    refused 65 not_found things list --user nobody --all
}

@test "things are searched for by everything" {
    create http://e.org/1 'title=Cats and dogs' tags=a,b category=audio language=de_DE
    create http://e.org/2 'title=Dogs alone' tags=b category=video
    create http://e.org/3 'title=Birds' tags=a category=audio
    while read -r expected arguments; do
        # shellcheck disable=SC2086 # words
        api_json things search $arguments
        has 'map(.id) | sort' "$expected"
    done <<'TXT'
[1,2,3]
[1,2] --query dogs --sort relevance
[2] --url http://e.org/2
[2] --tags b!a
[1] --language de_DE
[1,2,3] --category audio,video
[1,3] --category audio --user demo --all
[] --user alice
TXT
    api_json things search --sort flattrs --count 1 --page 2 --full
    has 'map(.owner | has("city"))' '[true]'
    run -0 --separate-stderr "$PODFLATTR" api things search --query none
    [ -z "$output" ]
    [[ $stderr == *nothing* ]]
}

@test "flattrs and activities are listed by user and by thing" {
    flattr "$(auto http://e.org/1)"
    token=$alice flattr "$(auto http://e.org/2 bob)"
    api_json flattrs
    has 'map([.type, .thing.id, .owner.username, (.created_at | type)])' '[["flattr",1,"demo","number"]]'
    api_json flattrs list --user alice --all --full
    has 'map([.thing.url, (.thing | has("description"))])' '[["http://e.org/2",true]]'
    api_json flattrs list --thing 1 --count 5
    has 'map(.owner.username)' '["demo"]'
    api_json flattrs list --thing 1 --limit 1
    has 'map(.owner.username)' '["demo"]'
    run -0 --separate-stderr "$PODFLATTR" api flattrs list
    [[ ${lines[1]} == ????-??-??T??:??:??Z*demo*1*http://e.org/1 ]]
    refused 65 not_found flattrs list --user nobody
    refused 65 not_found flattrs list --thing 9
    api_json activities
    has 'map([.verb, .actor.displayName, .object.displayName])' '[["like","demo","http://e.org/1"]]'
    api_json activities list --user alice --type incoming
    has 'map(.actor.displayName)' '["demo"]'
    run -0 --separate-stderr "$PODFLATTR" api activities
    [[ ${lines[1]} == *demo*http://e.org/1* ]]
    refused 65 not_found activities list --user nobody
    PODFLATTR_TOKEN='' refused 77 unauthorized activities
}
