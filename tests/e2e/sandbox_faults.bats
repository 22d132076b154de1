#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Faults go wrong as ordered, as often as ordered, and record the flattr only where they should.

load helper

# post [CURL-ARGUMENT ...]: flattrs a page; `run` it. Prints the body.
# shellcheck disable=SC2119,SC2120 # some tests pass options of curl on to it through run
post() {
    curl --silent -D headers -H "Authorization: Bearer $PODFLATTR_TOKEN" "$@" \
        --data-urlencode 'url=https://github.com/octocat' "$api/flattr"
}

# The last fault was met by one request; whether the flattr is there, and that the next request is answered well.
recorded() { [ "$(control GET flattrs | jq length)" = 1 ] && post | jq -e '.error == "flattr_once"'; }
not_recorded() { [ "$(control GET flattrs)" = '[]' ] && post | jq -e '.message == "ok"'; }

@test "status: an empty answer with the status and headers ordered" {
    sandbox_start
    fault /flattr status 2 '"status":429,"headers":{"Retry-After":"7"}'
    for _ in 1 2; do
        run post -w '%{http_code}'
        exits 0
        [ "$output" = 429 ]
        grep -qi '^retry-after: 7' headers
    done
    not_recorded
}

@test "status: with an error, the answer says it as the API does" {
    sandbox_start
    fault /flattr status 1 '"status":401,"error":"no_means"'
    run post -w '\n%{http_code}'
    exits 0
    is "$(jq -c '[.error, has("error_description"), has("error_uri")]' <<<"${lines[0]}")" '["no_means",true,true]'
    [ "${lines[1]}" = 401 ]
    not_recorded
}

@test "html: a proxy's page instead of JSON" {
    sandbox_start
    fault /flattr html
    run post -w '%{http_code}'
    [[ $output == '<!DOCTYPE html>'*503 ]]
    fault /flattr html 1 '"status":401'
    run post -w '%{http_code}'
    [[ $output == *401 ]]
    grep -qi '^content-type: text/html' headers
    not_recorded
}

@test "truncate: the flattr is recorded and half of the answer comes" {
    sandbox_start
    fault /flattr truncate
    run post
    exits 18
    [[ $output == '{"message":"ok"'* ]]
    run jq . <<<"$output"
    [ "$status" -ne 0 ]
    recorded
}

@test "slow: the answer comes whole, byte by byte" {
    sandbox_start
    fault /flattr slow 1 '"seconds":0.5'
    run post -w '\n%{time_total}'
    exits 0
    is "$(jq -r .message <<<"${lines[0]}")" ok
    awk -v took="${lines[1]}" 'BEGIN { exit !(took >= 0.4) }'
    recorded
}

@test "delay: the answer comes late, and others need not wait for it" {
    sandbox_start
    fault /flattr delay 1 '"seconds":600'
    post >late 3>&- &
    background+=($!)
    wait_for 5 asked_once
    run curl -s -m 5 "$api/"
    exits 0
    not_recorded
}
asked_once() { [ "$(requests 'POST /flattr')" = 1 ]; }

@test "delay: the request is handled when the time is over" {
    sandbox_start
    fault /flattr delay 1 '"seconds":0.3'
    run post -w '\n%{time_total}'
    exits 0
    awk -v took="${lines[1]}" 'BEGIN { exit !(took >= 0.3) }'
    recorded
}

@test "reset: the connection is reset and nothing recorded" {
    sandbox_start
    fault /flattr reset
    run post
    exits 56
    not_recorded
}

@test "lost-reply: the flattr is recorded and no answer comes" {
    sandbox_start
    fault /flattr lost-reply
    run post
    exits 52
    is "$(control GET flattrs | jq -c 'map(.accepted)')" '[1]'
    recorded
}

@test "redirect: to another host, or where the test says" {
    sandbox_start
    fault /flattr redirect
    run post -w '%{http_code} %{redirect_url}'
    [ "$output" = '302 http://127.0.0.2:1/flattr' ]
    fault /flattr redirect 1 '"status":307,"headers":{"Location":"https://example.org/x"}'
    run post -w '%{http_code} %{redirect_url}'
    [ "$output" = '307 https://example.org/x' ]
    not_recorded
}

@test "huge: the answer does not end" {
    sandbox_start
    fault /flattr huge
    set +o pipefail
    run bash -c "curl -s -H 'Authorization: Bearer $PODFLATTR_TOKEN' -d url=https://github.com/octocat '$api/flattr' | head -c 20000000 | wc -c"
    [ "$output" = 20000000 ]
    not_recorded
}

@test "a fault applies to its path, and a star to all" {
    sandbox_start
    fault /user status
    not_recorded
    fault '*' status 1 '"status":502'
    run curl -s -o /dev/null -w '%{http_code}' "$api/things/1"
    [ "$output" = 502 ]
    run curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $PODFLATTR_TOKEN" "$api/user"
    [ "$output" = 503 ]
}

@test "faults can be cancelled" {
    sandbox_start
    fault /flattr reset 100
    control DELETE faults
    not_recorded
}
