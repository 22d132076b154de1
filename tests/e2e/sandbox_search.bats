#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Things are found by each parameter of the search, and in each of its orders.

load helper
load sandbox

setup() {
    scratch_setup
    sandbox_start
    create http://e.org/1 'title=Ruby wrapper' category=software tags=ruby,gem 'description=Wraps the Flattr API'
    create http://e.org/2 'title=A fine game' category=rest tags=game,fun language=de_DE
    create http://e.org/3 'title=Game engine' category=software tags=games,software 'description=About flattr'
    token=$(new_user alice) create http://e.org/4 'title=Flattr photos' category=images tags=photo,flickr
}

# found PARAMETER ...: the ids that a search finds, each parameter NAME=VALUE.
found() {
    local arguments=() parameter
    for parameter in "$@"; do arguments+=(--data-urlencode "$parameter"); done
    call GET /things/search -G "${arguments[@]}"
    answers 200 && jq -r '[.things[].id] | join(" ")' <<<"$body"
}

@test "without parameters everything is found, the newest first" {
    call GET /things/search/
    shows '[.total_items, .items, .page]' '[4,4,1]'
    shows '[.things[] | [.type, .id]]' '[["thing",4],["thing",3],["thing",2],["thing",1]]'
}

@test "words are looked for everywhere, and weigh by where they stand" {
    [ "$(found query=flattr)" = '4 3 1' ]
    [ "$(found query='FLATTR api')" = 1 ]
    [ "$(found query=nowhere)" = '' ]
    shows '[.total_items, .items, .things]' '[0,0,[]]'
    [ "$(found 'query=flattr' category=software tags=ruby)" = 1 ]
}

@test "lists by comma mean any of them" {
    [ "$(found category=software)" = '3 1' ]
    [ "$(found category=software,images)" = '4 3 1' ]
    [ "$(found language=de_DE)" = 2 ]
    [ "$(found language=de_DE,en_GB)" = '4 3 2 1' ]
    [ "$(found user=alice)" = 4 ]
    [ "$(found user=alice,demo)" = '4 3 2 1' ]
    [ "$(found url=http://e.org/2)" = 2 ]
}

@test "tags have operators" {
    [ "$(found 'tags=game | games ! software')" = 2 ]
    [ "$(found 'tags=photo & flickr ! illustrations')" = 4 ]
    [ "$(found 'tags=photo & fun')" = '' ]
    [ "$(found 'tags=photo|fun')" = '4 2' ]
    [ "$(found 'tags=!software')" = '4 2 1' ]
}

@test "flattrs order by how many and how lately" {
    at 2030-06-01T12:00:00Z
    for user in u1 u2 u3; do token=$(new_user "$user") flattr http://e.org/1; done
    at 2030-06-20T12:00:00Z
    for user in u1 u2; do token=$(new_user "$user") flattr http://e.org/2; done
    at 2030-06-29T12:00:00Z
    token=$(new_user u1) flattr http://e.org/3
    for sort in flattrs flattrs_month; do [ "$(found sort=$sort)" = '1 2 3 4' ]; done
    for sort in flattrs_week flattrs_day trend; do [ "$(found sort=$sort)" = '3 4 2 1' ]; done
    [ "$(found sort=relevance)" = '4 3 2 1' ]
}

@test "results come in pages, in full when asked for" {
    [ "$(found count=3 page=2)" = 1 ]
    shows '[.total_items, .items, .page]' '[4,1,2]'
    [ "$(found page=50)" = '' ]
    found full=1 count=1
    shows '.things[0].owner | has("city")' true
}

@test "an unknown order and impossible pages are refused" {
    for query in sort=best page=-1 count=0 count=abc; do
        call GET "/things/search?$query"
        answers 400 invalid_parameters
    done
}

@test "hostile searches find nothing and break nothing" {
    for query in "query='; DROP TABLE things; --" 'query=%_%' 'tags=|||&&&!!!' "tags=$(printf '!%.0s' {1..3000})" \
        'tags=!' 'user=,,,' 'query=("*' "url=' OR 1=1 --"; do
        found "$query" >ids
    done
    [ "$(found "query=' OR 1=1")" = '' ]
    [ "$(found)" = '4 3 2 1' ]
}
