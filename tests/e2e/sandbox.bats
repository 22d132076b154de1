#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# flattr-sandbox answers as the API documents it.

load helper

# call METHOD PATH [CURL-ARGUMENT ...]: a request with the token. Sets http (the status), body, and writes ./headers.
call() {
    local method=$1 path=$2
    shift 2
    http=$(curl --silent --show-error -X "$method" -D headers -o body.txt -w '%{http_code}' \
        -H "Authorization: Bearer ${token-$PODFLATTR_TOKEN}" "$@" "$api$path")
    body=$(<body.txt)
}

# flattr URL: flattrs it.
flattr() { call POST /flattr --data-urlencode "url=$1"; }

# answers STATUS [ERROR]: the last call ended so.
answers() {
    local error=
    [ $# -eq 1 ] || error=$(jq -r .error <<<"$body")
    [ "$http $error" = "$1 ${2-}" ] || {
        printf 'answered %s instead of %s: %s\n' "$http" "$*" "$body"
        return 1
    }
}

# header NAME: its value in the last answer.
header() { sed -n "s/^$1: //Ip" headers | tr -d '\r'; }

# auto PAGE [USER [MORE]]: an auto-submit URL.
auto() { printf 'https://flattr.com/submit/auto?user_id=%s&url=%s%s' "${2-alice}" "$(jq -rn --arg u "$1" '$u | @uri')" "${3-}"; }

accepted() { control GET flattrs | jq -c 'map(.accepted)'; }

@test "the ready line has all that a client needs" {
    sandbox_start --user mario
    is "$(jq -r 'keys | join(" ")' <<<"$ready")" \
        "access_token api authorize client_id client_secret revocation_endpoint token_endpoint user"
    is "$(jq -r .user <<<"$ready")" mario
}

@test "the endpoint says hello, with and without a slash" {
    sandbox_start
    call GET ''
    answers 200
    is "$(jq -r .message <<<"$body")" hello_world
    call GET /
    answers 200
    [ "$(header Content-Type)" = 'application/json;charset=utf-8' ]
    [ "$(header Access-Control-Allow-Origin)" = '*' ]
}

@test "an auto-submit URL makes its thing at the first flattr" {
    sandbox_start
    flattr "$(auto 'http://example.org/1?a=b#c' alice '&title=A+title&tags=a,b')"
    answers 200
    is "$(jq -r '.message + "|" + .thing.url + "|" + .thing.title' <<<"$body")" 'ok|http://example.org/1?a=b#c|A title'
    call GET /things/1?full
    answers 200
    is "$(jq -c '[.owner.username, .tags, .flattrs, .flattred, .subscribed, .owner.city]' <<<"$body")" \
        '["alice",["a","b"],1,true,false,""]'
}

@test "a body may be JSON or a form" {
    sandbox_start
    call POST /flattr/ --json "$(jq -n --arg u "$(auto http://e.org/)" '{url: $u}')"
    answers 200
}

@test "one thing is flattred once a month, however its URL is written" {
    sandbox_start
    flattr "$(auto http://example.org/1)"
    answers 200
    flattr 'http://www.flattr.com/submit/auto?url=http%3a%2f%2fexample.org%2F1&title=Another&uid=alice'
    answers 403 flattr_once
    flattr https://flattr.com/thing/1/slug
    answers 403 flattr_once
    flattr https://flattr.com/t/1
    answers 403 flattr_once
    flattr http://example.org/1
    answers 403 flattr_once
    call POST /things/1/flattr
    answers 403 flattr_once
    [ "$(accepted)" = '[1]' ]
}

@test "when the month has turned, the thing can be flattred again" {
    export PODFLATTR_CLOCK_OFFSET
    PODFLATTR_CLOCK_OFFSET=$(($(date -u -d 2030-01-31T23:00:00Z +%s) - $(date +%s)))
    sandbox_start
    flattr "$(auto http://example.org/1)"
    answers 200
    call GET /things/1
    is "$(jq .flattred <<<"$body")" true
    control POST clock '{"offset":7200}'
    call GET /things/1
    is "$(jq .flattred <<<"$body")" false
    flattr "$(auto http://example.org/1)"
    answers 200
    flattr "$(auto http://example.org/1)"
    answers 403 flattr_once
    [ "$(accepted)" = '[1,1]' ]
    is "$(control GET flattrs | jq -r '.[].created_at[:7]' | paste -sd,)" 2030-01,2030-02
}

@test "nobody can flattr their own things" {
    sandbox_start --user alice
    flattr "$(auto http://example.org/1 alice)"
    answers 403 flattr_owner
    [ "$(control GET flattrs)" = '[]' ]
}

@test "a flattr uses up means, and without means nothing is flattred" {
    sandbox_start --means 1
    flattr "$(auto http://example.org/1)"
    answers 200
    flattr "$(auto http://example.org/2)"
    answers 401 no_means
    flattr "$(auto http://example.org/1)"
    answers 403 flattr_once
    control PUT means '{"user":"demo","means":1}'
    flattr "$(auto http://example.org/2)"
    answers 200
}

@test "another owner for a known thing is a mismatch" {
    sandbox_start
    flattr "$(auto http://example.org/1 alice)"
    flattr "$(auto http://example.org/1 bob)"
    answers 400 validation
    call GET /things/lookup/ -G --data-urlencode "url=$(auto http://example.org/1 bob)"
    answers 400 validation
}

@test "what cannot be flattred is refused for the right reason" {
    sandbox_start
    call POST /flattr
    answers 400 invalid_request
    call POST /flattr --json '{"url":'
    answers 400 invalid_request
    call POST /flattr -H 'Content-Type: text/plain' -d 'url=x'
    answers 400 invalid_request
    flattr podcast
    answers 400 invalid_parameters
    flattr 'https://flattr.com/submit/auto?user_id=alice'
    answers 400 invalid_parameters
    flattr 'https://flattr.com/submit/auto?url=http://example.org/'
    answers 400 invalid_parameters
    flattr http://example.org/unknown
    answers 404 not_found
    flattr https://flattr.com/thing/99
    answers 404 not_found
    flattr https://flattr.com/profile/alice
    answers 404 not_found
    call POST /things/99/flattr
    answers 404 not_found
    flattr "$(auto http://example.org/1 alice '&title=four')"
    answers 400 validation
    flattr "$(auto http://example.org/1 alice "&tags=$(printf 'x%.0s' {1..1001})")"
    answers 400 validation
    flattr "$(auto http://example.org/1 alice '&description=four')"
    answers 400 validation
    [ "$(control GET flattrs)" = '[]' ]
}

@test "an auto-submit URL with a category or language that there is not makes a thing with the defaults" {
    sandbox_start
    flattr "$(auto http://example.org/1 alice '&category=podcasts&language=xx')"
    answers 200
    flattr "$(auto http://example.org/2 alice '&category=audio&language=de_DE')"
    answers 200
    call GET /things/1,2
    is "$(jq -c 'map([.category, .language])' <<<"$body")" '[["rest","en_GB"],["audio","de_DE"]]'
}

@test "a discoverable page gets the owner that its address shows" {
    sandbox_start
    flattr https://github.com/Simon/Flattr/
    answers 200
    call GET /things/1
    is "$(jq -r '.owner.username + " " + .url' <<<"$body")" 'github:simon https://github.com/simon/flattr'
    call GET /users/github:simon
    answers 200
}

@test "a thing is looked up by its page and by auto-submit URLs" {
    sandbox_start
    flattr "$(auto http://example.org/1)"
    call GET /things/lookup/ -G --data-urlencode url=http://example.org/1
    answers 302
    [ "$(header Location)" = "$api/things/1" ]
    is "$(jq -r .message <<<"$body")" found
    call GET /things/lookup -G --data-urlencode "url=$(auto http://example.org/1)"
    answers 302
    call GET /things/lookup -G --data-urlencode url=http://example.org/2
    answers 404
    is "$(jq -c '[.message, has("error")]' <<<"$body")" '["not_found",false]'
    call GET /things/lookup
    answers 400 invalid_request
}

@test "things come singly and in lists" {
    sandbox_start
    flattr "$(auto http://example.org/1)"
    flattr "$(auto http://example.org/2)"
    call GET /things/1,2
    is "$(jq -c 'map(.id)' <<<"$body")" '[1,2]'
    call GET /things/1,9
    answers 404 not_found
    call GET /things/nothing_here
    answers 404 not_found
}

@test "flattrs are listed in pages, the newest first" {
    sandbox_start
    for i in 1 2 3 4 5; do flattr "$(auto "http://example.org/$i")"; done
    call GET '/user/flattrs?count=2&page=2'
    is "$(jq -c 'map([.type, .thing.url, .thing.owner.username, .owner.username])' <<<"$body")" \
        '[["flattr","http://example.org/3","alice","demo"],["flattr","http://example.org/2","alice","demo"]]'
    call GET /users/demo/flattrs
    is "$(jq length <<<"$body")" 5
    call GET '/user/flattrs?count=0'
    answers 400 invalid_parameters
    call GET /users/nobody/flattrs
    answers 404 not_found
}

@test "a token's user is shown as far as its scopes allow" {
    sandbox_start
    call GET /user
    is "$(jq -c '[.username, has("email"), has("registered_at")]' <<<"$body")" '["demo",true,true]'
    token=$(control PUT user '{"user":"eve","means":1,"scopes":"flattr"}' | jq -r .access_token)
    call GET /user
    is "$(jq -c '[.username, has("email"), has("registered_at")]' <<<"$body")" '["eve",false,false]'
    call GET /users/nobody
    answers 404 not_found
}

@test "a token that is missing, unknown or revoked lets nobody in" {
    sandbox_start
    http=$(curl -s -D headers -o body.txt -w '%{http_code}' "$api/user")
    body=$(<body.txt)
    answers 401 unauthorized
    [[ $(header WWW-Authenticate) == Bearer* ]]
    token=wrong flattr http://example.org/
    answers 401 unauthorized
    token=wrong call GET /things/1
    answers 401 unauthorized
    control POST revoke "{\"access_token\":\"$PODFLATTR_TOKEN\"}"
    call GET /user
    answers 401 unauthorized
}

@test "a token without the scope may look but not flattr" {
    sandbox_start
    token=$(control PUT user '{"user":"eve","means":5,"scopes":"thing,email"}' | jq -r .access_token)
    flattr "$(auto http://example.org/1)"
    answers 403 insufficient_scope
    call GET /user/flattrs
    answers 200
}

@test "the rate limit is reported, enforced, and reset after an hour" {
    sandbox_start --rate-limit 3
    call GET /user
    [ "$(header X-RateLimit-Limit) $(header X-RateLimit-Remaining) $(header X-RateLimit-Current)" = '3 2 1' ]
    reset=$(header X-RateLimit-Reset)
    call GET /nowhere
    [ "$(header X-RateLimit-Remaining)" = 1 ]
    call GET /rate_limit
    answers 200
    [ -z "$(header X-RateLimit-Limit)" ]
    is "$(jq -c '[.hourly_limit, .remaining_hits, .current_hits, .reset_time_in_seconds]' <<<"$body")" "[3,1,2,$reset]"
    [[ $(jq -r .reset_time <<<"$body") == *'+0000 GMT' ]]
    call GET /user
    answers 200
    flattr "$(auto http://example.org/1)"
    answers 403 rate_limit_exceeded
    [ "$(header X-RateLimit-Remaining) $(header X-RateLimit-Reset)" = "0 $reset" ]
    curl -sf "$api/" # who has no token is counted by address
    control POST clock '{"offset":3601}'
    flattr "$(auto http://example.org/1)"
    answers 200
}

@test "unknown paths, wrong methods and formats are told apart" {
    sandbox_start
    call GET /nowhere
    answers 404 not_found
    call DELETE /user
    answers 405 invalid_request
    [ "$(header Allow)" = 'GET, HEAD, OPTIONS' ]
    call GET /user -H 'Accept: text/html'
    answers 406 not_acceptable
    call GET /user.as
    answers 406 not_acceptable
    call GET /user.xml
    [ "$http $(header Content-Type)" = '200 text/xml;charset=utf-8' ]
    call GET /user.json
    answers 200
    call OPTIONS /flattr
    answers 204
    [ "$(header Access-Control-Allow-Methods)" = 'POST, OPTIONS' ]
    run curl -sf --head -H "Authorization: Bearer $PODFLATTR_TOKEN" "$api/user"
    exits 0
}

@test "a body beyond 64 KiB is refused, and the connection goes on" {
    sandbox_start
    head -c 70000 /dev/zero | tr '\0' x >large
    call POST /flattr --data-binary @large -H 'Expect:'
    answers 413 invalid_request
    call GET /user
    answers 200
}

@test "of 200 requests at once for one thing exactly one is accepted" {
    sandbox_start
    auto http://example.org/1 >url
    seq 200 | xargs -P 50 -I{} curl -s -o /dev/null -w '%{http_code}\n' \
        -H "Authorization: Bearer $PODFLATTR_TOKEN" --data-urlencode url@url "$api/flattr" >codes
    [ "$(sort codes | uniq -c | awk '{print $2 ":" $1}' | paste -sd' ')" = '200:1 403:199' ]
    [ "$(accepted)" = '[1]' ]
}

@test "with a database, a restart keeps token, means, things and flattrs" {
    sandbox_start --db store.db --means 2
    first=$ready
    flattr "$(auto http://example.org/1)"
    answers 200
    kill "$sandbox_pid"
    wait "$sandbox_pid"
    [ "$(stat -c %a store.db)" = 600 ]
    sandbox_start --db store.db
    is "$(jq -c '[.access_token, .client_id, .client_secret]' <<<"$ready")" \
        "$(jq -c '[.access_token, .client_id, .client_secret]' <<<"$first")"
    flattr "$(auto http://example.org/1)"
    answers 403 flattr_once
    flattr "$(auto http://example.org/2)"
    answers 200
    flattr "$(auto http://example.org/3)"
    answers 401 no_means
}

user_was_asked() { [ "$(requests 'GET /user')" = 1 ]; }

@test "it stops at once and cleanly, even with open connections" {
    sandbox_start
    fault /user delay 1 '"seconds":600'
    curl -s -H "Authorization: Bearer $PODFLATTR_TOKEN" "$api/user" 3>&- &
    client=$!
    wait_for 5 user_was_asked
    kill -TERM "$sandbox_pid"
    wait "$sandbox_pid"
    run wait "$client"
    [ "$status" -ne 0 ]
}

@test "bad usage, a taken address and a foreign database have exit codes of their own" {
    run "$FLATTR_SANDBOX" --nonsense
    exits 64
    run "$FLATTR_SANDBOX" extra
    exits 64
    run "$FLATTR_SANDBOX" --listen nowhere
    exits 64
    run "$FLATTR_SANDBOX" --means -5
    exits 64
    sandbox_start
    run "$FLATTR_SANDBOX" --listen "${sandbox#http://}"
    exits 69
    run "$FLATTR_SANDBOX" --db "$BATS_TEST_TMPDIR/no/such/folder.db"
    exits 73
    echo 'this is a text and no database, and long enough not to be taken for an empty one' >text
    run "$FLATTR_SANDBOX" --db text
    exits 73
    run "$FLATTR_SANDBOX" --version
    exits 0
    run "$FLATTR_SANDBOX" --help
    exits 0
}

@test "an address that other machines can reach gives a warning" {
    "$FLATTR_SANDBOX" --listen 0.0.0.0:0 >out 2>err 3>&- &
    background+=($!)
    wait_for 5 test -s out
    grep -q 'a test server without access control' err
}
