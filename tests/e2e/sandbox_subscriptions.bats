#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Who subscribes to a thing flattrs it every month.

load helper
load sandbox

setup() {
    scratch_setup
    sandbox_start
    owner=$(new_user alice)
    token=$owner create 'http://e.org/1' 'title=Alices thing'
    at 2030-01-15T12:00:00Z
}

months() { control GET flattrs | jq -r '[.[].created_at] | join(" ")'; }

@test "a thing is subscribed to once, and the subscription is listed" {
    call GET /user/subscriptions
    shows . '[]'
    call POST /things/1/subscriptions
    answers 200
    shows '[.message, (.description | type), .thing.id]' '["ok","string",1]'
    call POST /things/1/subscriptions/
    answers 403 subscribed
    call GET /user/subscriptions
    shows 'map([.type, .active, (.created_at == .started_at), .thing.title, .thing.owner.username])' \
        '[["subscription",true,true,"Alices thing","alice"]]'
    call GET '/user/subscriptions?full'
    shows '.[0].thing.subscribed' true
    token=$owner call GET /user/subscriptions
    shows . '[]'
}

@test "a subscription is paused, started and deleted" {
    call POST /things/1/subscriptions
    call PUT /things/1/subscriptions
    answers 200
    shows '[.message, (.description | type)]' '["paused","string"]'
    call GET /user/subscriptions
    shows 'map(.active)' '[false]'
    at 2030-01-16T12:00:00Z
    call PUT /things/1/subscriptions
    shows .message '"started"'
    call GET /user/subscriptions
    shows 'map([.active, .started_at > .created_at])' '[[true,true]]'
    call DELETE /things/1/subscriptions
    answers 204
    call GET /user/subscriptions
    shows . '[]'
}

@test "what cannot be subscribed to, changed or deleted is refused for the right reason" {
    token=$owner call POST /things/1/subscriptions
    answers 403 thing_owner
    for id in 9 0 -1 x; do
        for method in POST PUT DELETE; do
            call "$method" "/things/$id/subscriptions"
            answers 404 not_found
        done
    done
    for method in PUT DELETE; do
        call "$method" /things/1/subscriptions
        answers 404 not_found
    done
    reader=$(new_user demo 'thing email extendedread')
    for request in 'POST /things/1/subscriptions' 'PUT /things/1/subscriptions' 'DELETE /things/1/subscriptions' \
        'GET /user/subscriptions'; do
        # shellcheck disable=SC2086 # two words
        token=$reader call $request
        answers 403 insufficient_scope
        # shellcheck disable=SC2086
        token='' call $request
        answers 401 unauthorized
    done
}

@test "an active subscription flattrs when the month turns, once in each month" {
    call POST /things/1/subscriptions
    call GET /user
    [ "$(months)" = '' ]
    at 2030-02-10T00:00:00Z
    [ "$(months)" = 2030-02-01T00:00:00Z ]
    call GET /user
    at 2030-04-30T00:00:00Z
    [ "$(months)" = '2030-02-01T00:00:00Z 2030-03-01T00:00:00Z 2030-04-01T00:00:00Z' ]
    call POST /things/1/flattr
    answers 403 flattr_once
    at 2030-02-10T00:00:00Z
    call GET /user
    at 2030-04-30T00:00:00Z
    [ "$(accepted)" = '[1,1,1]' ]
    call GET /things/1
    shows .flattrs 3
}

@test "the clock turned back lets subscriptions flattr the months that it passes then, and none twice" {
    at 2030-05-10T00:00:00Z
    call GET /user
    at 2030-01-20T00:00:00Z
    call POST /things/1/subscriptions
    at 2030-03-10T00:00:00Z
    [ "$(months)" = '2030-02-01T00:00:00Z 2030-03-01T00:00:00Z' ]
    at 2030-02-10T00:00:00Z
    [ "$(accepted)" = '[1,1]' ]
    at 2030-05-20T00:00:00Z
    [ "$(months)" = '2030-02-01T00:00:00Z 2030-03-01T00:00:00Z 2030-04-01T00:00:00Z 2030-05-01T00:00:00Z' ]
    [ "$(accepted)" = '[1,1,1,1]' ]
}

@test "a subscription that pauses, lacks means or lost its thing flattrs nothing" {
    token=$owner create http://e.org/2
    call POST /things/1/subscriptions
    call PUT /things/1/subscriptions
    call POST /things/2/subscriptions
    token=$owner call DELETE /things/2
    at 2030-02-10T00:00:00Z
    [ "$(months)" = '' ]
    call PUT /things/1/subscriptions
    control PUT means '{"user":"demo","means":0}'
    at 2030-03-10T00:00:00Z
    [ "$(months)" = '' ]
    control PUT means '{"user":"demo","means":5}'
    at 2030-04-10T00:00:00Z
    [ "$(months)" = 2030-04-01T00:00:00Z ]
}

@test "a month that turned while the server was down is caught up with" {
    kill "$sandbox_pid"
    wait "$sandbox_pid"
    sandbox_start --db store.db
    token=$(new_user alice) create http://e.org/1
    call POST /things/1/subscriptions
    kill "$sandbox_pid"
    wait "$sandbox_pid"
    PODFLATTR_CLOCK_OFFSET=$((32 * 86400)) sandbox_start --db store.db
    call GET /things/1
    shows .flattred true
    [ "$(accepted)" = '[1]' ] || [ "$(accepted)" = '[1,1]' ]
}

@test "a server that is started with an earlier clock than before flattrs when the month turns" {
    kill "$sandbox_pid"
    wait "$sandbox_pid"
    PODFLATTR_CLOCK_OFFSET=$((400 * 86400)) sandbox_start --db store.db
    token=$(new_user alice) create http://e.org/1
    kill "$sandbox_pid"
    wait "$sandbox_pid"
    sandbox_start --db store.db
    call POST /things/1/subscriptions
    answers 200
    control POST clock "{\"offset\":$((32 * 86400))}"
    call GET /things/1
    shows .flattred true
}
