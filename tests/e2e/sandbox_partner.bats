#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Partner sites verify their users, and are told of flattrs for those who have not claimed their things yet.

load helper
load sandbox

setup() {
    scratch_setup
    sandbox_start
    identity=partner:site:123
}

# flattr_unclaimed PAGE [OWNER]
flattr_unclaimed() {
    flattr "https://flattr.com/submit/auto?owner=${2-$identity}&url=$1"
    answers 200
}

hook_count() { [ "$(control GET hooks | jq length)" -ge "$1" ]; }

@test "the partner verifies a user, who gets what waited and what comes" {
    new_user alice >token
    flattr_unclaimed http://e.org/1
    call GET /things/1
    shows .owner.username '"partner:site:123"'
    call POST /users/alice/verify/ --data "identity=$identity"
    answers 200
    flattr_unclaimed http://e.org/2
    for id in 1 2; do
        call GET "/things/$id"
        shows .owner.username '"alice"'
    done
    call GET /things/lookup -G --data-urlencode "url=https://flattr.com/submit/auto?owner=$identity&url=http://e.org/1"
    answers 302
    token=$(<token) call POST /things/1/flattr
    answers 403 flattr_owner
}

@test "the token's user is verified, and again" {
    alice=$(new_user alice)
    token=$alice call POST /user/verify --json "{\"identity\":\"$identity\"}"
    answers 200
    token=$alice call POST /user/verify --data "identity=$identity"
    answers 200
    token=$(new_user bob) call POST /user/verify --data "identity=$identity"
    answers 401 unauthorized
}

@test "what cannot be verified is refused for the right reason" {
    alice=$(new_user alice)
    token='' call POST /user/verify --data "identity=$identity"
    answers 401 unauthorized
    token='' call POST /users/alice/verify --data "identity=$identity"
    answers 401 unauthorized
    token=$alice call POST /users/alice/verify --data "identity=$identity"
    answers 401 unauthorized
    call POST /users/nobody/verify --data "identity=$identity"
    answers 404 not_found
    call POST /users/alice/verify
    answers 400 invalid_parameters
    call POST /users/alice/verify --json '{"identity":["partner:site:1"]}'
    answers 400 invalid_parameters
    for bad in email:05f8b3480b04f6a516bb1a46e556323c partner:site partner::1 partner:site: nonsense; do
        call POST /users/alice/verify --data "identity=$bad"
        answers 401 unauthorized
    done
    control PUT partner '{"user":"alice","namespace":"mine"}'
    call POST /users/alice/verify --data "identity=partner:mine:1"
    answers 401 unauthorized
    token=$alice call POST /users/alice/verify --data "identity=$identity"
    answers 401 unauthorized
    token=$alice call POST /users/alice/verify --data "identity=partner:mine:1"
    answers 200
}

@test "a flattr for an unclaimed thing is posted to the hook, as a form" {
    sandbox_start
    receiver=$sandbox
    sandbox_start --user 'Zoë & co'
    control PUT partner "{\"hook\":\"$receiver/rest/v2/flattr\"}"
    flattr_unclaimed http://e.org/1 'email:05f8b3480b04f6a516bb1a46e556323c'
    flattr "$(auto http://e.org/2 alice)"
    flattr_unclaimed http://e.org/3
    wait_for 10 hook_count 2
    control GET hooks >body.txt
    shows 'map([.url, .status])' "[[\"$receiver/rest/v2/flattr\",401],[\"$receiver/rest/v2/flattr\",401]]"
    is "$(jq -r '.[0].body' body.txt)" "_event=pendingclickcreate&thing_id=1&thing_owner_id=email%3A05f8b3480b04f6a516bb1a46e556323c&thing_clicks_total=1&flattrer_username=Zo%C3%AB%20%26%20co&claim_url=$(jq -rn --arg u "$sandbox/claim" '$u | @uri')"
    sandbox=$receiver
    [ "$(requests 'POST /flattr')" = 2 ]
}

@test "the claim address leads to a page" {
    for path in /claim /claim/owner/a%40example.com; do
        curl -sf "$sandbox$path" | grep -q '<h1>Claim'
    done
}

@test "a hook that nobody answers harms nobody, and one elsewhere is refused" {
    control PUT partner '{"hook":"http://127.0.0.1:1/"}'
    flattr_unclaimed http://e.org/1
    wait_for 10 hook_count 1
    control GET hooks >body.txt
    shows 'map([.status, (.problem | type)])' '[[0,"string"]]'
    for bad in '{"hook":"http://example.org/"}' '{"hook":"file:///etc/passwd"}' '{"hook":"http://127.0.0.1.example.org/"}' \
        '{"hook":"http://127.0.0.1@example.org/"}' '{"namespace":"a:b"}' '{"user":"nobody"}' '{"more":1}'; do
        run control PUT partner "$bad"
        exits 22
    done
}
