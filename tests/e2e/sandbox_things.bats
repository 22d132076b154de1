#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Things are created, changed, deleted and shown as the API documents it.

load helper
load sandbox

setup() {
    scratch_setup
    sandbox_start
}

@test "a thing is created with its defaults" {
    call POST /things --json '{"url":"http://developers.example/"}'
    answers 201
    shows '[.id, .link, .message, .description]' "[1,\"$api/things/1\",\"ok\",\"Thing was created successfully\"]"
    call GET /things/1
    shows '[.title, .category, .language, .tags, .hidden, .owner.username]' \
        '["http://developers.example/","rest","en_GB",[],false,"demo"]'
}

@test "a thing is created with all that can be said of it, by form or JSON, with a slash or without" {
    create http://e.org/1 'title=A fine title' 'description=A description' category=audio language=de_DE tags=a,b hidden=true
    call GET "/things/$id"
    shows '[.title, .description, .category, .language, .tags, .hidden]' \
        '["A fine title","A description","audio","de_DE",["a","b"],true]'
    call POST /things/ --json '{"url":"http://e.org/2","title":"Another title","hidden":false,"tags":"c"}'
    answers 201
    call GET /things/2/
    shows '[.title, .hidden, .tags]' '["Another title",false,["c"]]'
}

@test "a thing that is not valid is not created" {
    create http://e.org/known
    while read -r json; do
        call POST /things --json "$json"
        answers 400 validation || fail "$json"
    done <<'TXT'
{}
{"title":"No address"}
{"url":"podcast"}
{"url":"javascript:alert(1)"}
{"url":["http://e.org/"]}
{"url":"http://e.org/known"}
{"url":"http://e.org/","title":"four"}
{"url":"http://e.org/","title":{"a":1}}
{"url":"http://e.org/","description":"four"}
{"url":"http://e.org/","category":"podcasts"}
{"url":"http://e.org/","language":"xx"}
{"url":"http://e.org/","hidden":"perhaps"}
{"url":"http://e.org/","hidden":[]}
{"url":"http://e.org/","tags":["a"]}
TXT
    call POST /things --json "{\"url\":\"http://e.org/\",\"title\":\"$(printf 'x%.0s' {1..101})\"}"
    answers 400 validation
    call GET /things/2
    answers 404 not_found
}

@test "a body that cannot be read changes nothing" {
    create http://e.org/
    for json in '{"title":' '[]' '"text"' '{"title":"a","title":"b"}' '{"title":"\u0000"}' "$(printf '[%.0s' {1..5000})"; do
        for method in POST PATCH; do
            call "$method" /things/1 --json "$json"
            answers 400 invalid_request
        done
        call POST /things --json "$json"
        answers 400 invalid_request
    done
    call PATCH /things/1 -H 'Content-Type: text/plain' -d 'title=Another'
    answers 400 invalid_request
    head -c 70000 /dev/zero | tr '\0' x >large
    call PATCH /things/1 --data-binary @large -H 'Expect:'
    answers 413 invalid_request
    call GET /things/1
    shows '[.title, .updated_at]' '["http://e.org/",0]'
}

@test "a thing is changed by PATCH, in what was given only" {
    create http://e.org/ 'title=The first title' tags=a,b
    call PATCH /things/1 --json '{"title":"API v2 documentation","hidden":true,"url":"http://other.example/"}'
    answers 200
    shows . '{"description":"Thing was updated correctly","message":"ok"}'
    call GET /things/1
    shows '[.title, .hidden, .tags, .url, .updated_at > 0]' '["API v2 documentation",true,["a","b"],"http://e.org/",true]'
}

@test "earlier values of a thing do not prevent other changes" {
    sandbox_start --db store.db
    create http://e.org/ 'title=The first title'
    kill "$sandbox_pid"
    wait "$sandbox_pid"
    sqlite3 store.db "UPDATE things SET title = 'one', description = 'two', category = 'podcasts', language = 'xx',
        tags = '$(printf 'x%.0s' {1..1001})'"
    sandbox_start --db store.db
    call PATCH /things/1 --json '{"description":"Another description"}'
    answers 200
    call PATCH /things/1 --json '{"title":"Another title"}'
    answers 200
    call PATCH /things/1 --json '{"title":"A third title","category":"podcasts"}'
    answers 400 validation
    call PATCH /things/1 --json "{\"tags\":\"$(printf 'x%.0s' {1..1001})\"}"
    answers 400 validation
    call GET /things/1
    shows '[.title, .description, .category, .language]' '["Another title","Another description","podcasts","xx"]'
}

@test "a thing is changed by POST with _method=patch" {
    create http://e.org/
    call POST /things/1 --data '_method=patch&title=Form+title'
    answers 200
    call GET /things/1
    shows .title '"Form title"'
    call POST /things/1 --json '{"_method":"PATCH","title":"JSON title"}'
    answers 200
    call GET /things/1
    shows .title '"JSON title"'
    call POST /things/1 --data title=Another
    answers 400 invalid_request
    call POST /things/1 --data '_method=patch&category=none'
    answers 400 validation
    call POST /things/9 --data '_method=patch&title=Another'
    answers 404 not_found
}

@test "nobody changes or deletes what is another's" {
    create http://e.org/
    token=$(new_user eve)
    call PATCH /things/1 --data title=Stolen
    answers 403 forbidden
    call DELETE /things/1
    answers 403 forbidden
    call GET /things/1
    answers 200
}

@test "a deleted thing is gone, its flattrs stay, and its address is free" {
    create http://e.org/
    owner=$PODFLATTR_TOKEN
    token=$(new_user eve)
    flattr http://e.org/
    answers 200
    token=$owner
    call DELETE /things/1
    answers 204
    [ -z "$body" ]
    for path in /things/1 /things/1/flattrs; do
        call GET "$path"
        answers 404 not_found
    done
    call DELETE /things/1
    answers 404 not_found
    call GET /things/lookup -G --data-urlencode url=http://e.org/
    answers 404
    [ "$(accepted)" = '[1]' ]
    call GET /users/eve/flattrs
    shows 'map(.thing.url)' '["http://e.org/"]'
    create http://e.org/
    [ "$id" = 2 ]
}

@test "anonymous clients, clients with a token and the owner see different things" {
    create http://e.org/
    token='' call GET /things/1
    shows '[has("flattred"), has("subscribed"), has("last_flattr_at"), has("updated_at")]' '[false,false,false,false]'
    call GET /things/1
    shows '[.flattred, .subscribed, .last_flattr_at, .updated_at]' '[false,false,0,0]'
    token=$(new_user eve)
    call POST /things/1/subscriptions
    flattr http://e.org/
    call GET /things/1
    shows '[.flattred, .subscribed, has("last_flattr_at"), .owner.city]' '[true,true,false,null]'
    call GET '/things/1?full'
    shows '[.owner.city, (.owner | has("email"))]' '["",false]'
    call GET '/things/1?full=0'
    shows .owner.city null
}

@test "several things come in the order asked for, and unknown numbers are not found" {
    create http://e.org/1
    create http://e.org/2
    call GET /things/2,1
    shows 'map(.id)' '[2,1]'
    for ids in 0 -1 1,3 '1,' ',' 99999999999999999999 x 1.5 '1%20'; do
        call GET "/things/$ids"
        [ "$http" = 404 ] || fail "$ids: $http"
    done
}

@test "a token needs the scope thing for creating, changing and deleting" {
    create http://e.org/
    # shellcheck disable=SC2034 # call uses it
    token=$(new_user demo 'flattr email extendedread')
    for request in 'POST /things' 'PATCH /things/1' 'POST /things/1' 'DELETE /things/1'; do
        # shellcheck disable=SC2086 # two words
        call $request --data url=http://e.org/2
        # Deleting is documented with one refusal for what is another's and what the scope does not allow.
        answers 403 "$([[ $request == DELETE* ]] && echo forbidden || echo insufficient_scope)"
        # shellcheck disable=SC2086
        token='' call $request --data url=http://e.org/2
        answers 401 unauthorized
    done
}

@test "a user's things are listed in pages, the newest first" {
    for i in 1 2 3 4 5; do create "http://e.org/$i"; done
    for path in /user/things /users/demo/things/; do
        call GET "$path?count=2&page=2"
        shows 'map(.id)' '[3,2]'
        call GET "$path?page=9"
        shows . '[]'
        for query in count=0 page=-1 count=x count=1.5; do
            call GET "$path?$query"
            answers 400 invalid_parameters
        done
        # What is beyond the maximum is the maximum, what is empty is absent, and page 0 is the first.
        for query in count=1001 count=99999999999999999999 'count=&page=&full=' page=0; do
            call GET "$path?$query"
            shows 'map(.id), (.[0].owner | has("city"))' $'[5,4,3,2,1]\nfalse'
        done
        call GET "$path?page=99999999999999999999"
        shows . '[]'
        call GET "$path?full"
        shows '.[0].owner | has("city")' true
    done
    call GET /users/nobody/things
    answers 404 not_found
    token='' call GET /user/things
    answers 401 unauthorized
}

@test "a hidden thing is listed for its owner with extendedread alone" {
    create http://e.org/hidden hidden=1
    call GET /users/demo/things
    shows length 1
    call GET /things/search
    shows .total_items 1
    for other in '' "$(new_user eve)" "$(new_user demo thing)"; do
        token=$other call GET /users/demo/things
        shows . '[]'
        token=$other call GET /things/search
        shows .total_items 0
        token=$other call GET /things/1
        answers 200
    done
}
