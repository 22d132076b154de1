#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The control interface sets the scene, tells what happened, and refuses what it does not understand.

load helper

@test "the calls there are can be listed" {
    sandbox_start
    is "$(control GET '' | jq 'map(.path) | index("/faults") != null')" true
}

@test "requests are counted by method and path, control calls are not" {
    sandbox_start
    curl -s "$api/" "$api/user/?full=1" "$api/user"
    curl -s --data url=x "$api/flattr/"
    control GET flattrs
    is "$(control GET requests | jq -cS .)" '{"GET /":1,"GET /user":2,"POST /flattr":1}'
}

@test "control calls are neither limited nor spoilt, nor do they look at tokens" {
    sandbox_start --rate-limit 0
    fault '*' reset 1000
    run curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer wrong' "$sandbox/_sandbox/flattrs"
    [ "$output" = 200 ]
}

@test "the rate limit and its window can be set" {
    sandbox_start
    control PUT rate-limit '{"limit":1,"window":60}'
    curl -s "$api/"
    is "$(curl -s "$api/" | jq -r .error)" rate_limit_exceeded
    control POST clock '{"offset":61}'
    is "$(curl -s "$api/" | jq -r .message)" hello_world
}

@test "another user gets a token and means of their own" {
    sandbox_start
    eve=$(control PUT user '{"user":"eve","means":1}')
    is "$(jq -r .scopes <<<"$eve")" 'flattr thing email extendedread'
    for token in "$(jq -r .access_token <<<"$eve")" "$PODFLATTR_TOKEN"; do
        curl -sf -H "Authorization: Bearer $token" -d url=https://github.com/octocat "$api/flattr"
    done
    is "$(control GET flattrs | jq -c 'map([.user, .accepted])')" '[["eve",1],["demo",1]]'
}

@test "a registered thing is flattred by its plain URL, and is its owner's" {
    sandbox_start
    run control PUT thing '{"url":"http://example.org/","user":"alice","title":"A title"}'
    [ "$output" = '{"id":1}' ]
    curl -sf -H "Authorization: Bearer $PODFLATTR_TOKEN" -d url=http://example.org/ "$api/flattr"
    is "$(curl -s "$api/things/1" | jq -r '.title + " " + .owner.username')" 'A title alice'
    run control PUT thing '{"url":"http://example.org/","user":"bob"}'
    exits 22
}

@test "bad control input is refused and says why" {
    sandbox_start
    while read -r method path json; do
        run control "$method" "$path" "$json"
        exits 22
        [[ $output == *'"message":'* && $output == *'error: 400'* ]]
    done <<'TXT'
PUT means {"means":-1}
PUT means {"user":"nobody","means":1}
PUT means {"means":"1"}
PUT means {"means":1,"more":1}
PUT means [1]
PUT rate-limit {"limit":-1}
PUT rate-limit {"limit":1,"window":0}
POST faults {"path":"/flattr"}
POST faults {"path":"flattr","kind":"reset"}
POST faults {"path":"/flattr","kind":"nonsense"}
POST faults {"path":"/flattr","kind":"reset","times":0}
POST faults {"path":"/flattr","kind":"status","status":99}
POST faults {"path":"/flattr","kind":"delay","seconds":-1}
POST faults {"path":"/flattr","kind":"status","headers":{"A\nB":"c"}}
POST faults {"path":"/flattr","kind":"status","headers":[]}
POST faults {"path":"/flattr","kind":"html","error":"no_means"}
POST faults {"path":"/flattr","kind":"status","error":1}
POST revoke {"access_token":"unknown"}
POST clock {"offset":"1"}
POST clock {"offset":999999999999}
PUT user {"user":"","means":1}
PUT user {"user":"eve","means":1,"scopes":"everything"}
PUT thing {"url":"podcast","user":"alice"}
PUT thing {"url":"http://example.org/"}
TXT
}

@test "a known user is given a further token, and keeps their means" {
    sandbox_start
    first=$(control PUT user '{"user":"eve","means":7}' | jq -r .access_token)
    second=$(control PUT user '{"user":"eve"}')
    is "$(jq -r '.means' <<<"$second")" 7
    [ "$first" != "$(jq -r .access_token <<<"$second")" ]
    for each in "$first" "$(jq -r .access_token <<<"$second")"; do
        curl -sf -H "Authorization: Bearer $each" "$api/user" >user.json
        is "$(jq -r .username user.json)" eve
    done
}

@test "the pages of other sites reach no control call" {
    sandbox_start
    status_of() { curl -s -o answer -w '%{http_code}' "$@" "$sandbox/_sandbox/flattrs"; }
    refused() { is "$(status_of "$@")" 403; }
    refused -H 'Host: evil.example'
    refused -H 'Host: localhost.evil.example:80'
    refused -H 'Host: 127.0.0.1.evil.example'
    refused -H 'Origin: http://evil.example'
    refused -H 'Origin: null'
    # libmicrohttpd since 1.0 refuses a request without a Host itself, with 400.
    [[ $(status_of -H 'Host:') == 40[03] ]]
    for host in "${sandbox#http://}" localhost:8080 '[::1]:8080' 127.0.0.1; do
        curl -sf -H "Host: $host" "$sandbox/_sandbox/flattrs"
    done
}

@test "--no-control disables the control interface, and nothing else" {
    sandbox_start --no-control
    [ "$(curl -s -o answer -w '%{http_code}' "$sandbox/_sandbox/flattrs")" = 404 ]
    curl -sf -H "Authorization: Bearer $PODFLATTR_TOKEN" "$api/user"
}
