#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr api: calls from the shell, what they show, and the exit status of each refusal.
load helper
load sandbox
load api
load daemon

setup() { api_setup; }

# verbs: every resource and verb, a line each, as the help lists them.
verbs() { "$PODFLATTR" api --help | sed -n 's/^  \([a-z-]* [a-z]*\)\b.*  .*/\1/p'; }

@test "the help and the manual have every resource, verb and option" {
    manual=$PF_SOURCE/doc/podflattr-api.1
    [ "$(verbs | wc -l)" -ge 22 ]
    while read -r resource verb; do
        sed -n "s/^\.It Cm $resource //p" "$manual" | grep -qw -- "$verb" || fail "podflattr-api.1 lacks $resource $verb"
        "$PODFLATTR" api "$resource" --help | grep -q "^  $verb " || fail "api $resource --help lacks $verb"
        run -0 "$PODFLATTR" api "$resource" "$verb" --help
        [[ ${lines[1]} == *"$resource $verb"* ]]
        while read -r option; do
            grep -q "Fl \(.* \)\?-$option\b" "$manual" || fail "podflattr-api.1 lacks --$option of $resource $verb"
        done < <(sed -n 's/^  --\([a-z-]*\).*/\1/p' <<<"$output")
    done < <(verbs)
}

@test "a wrong command line asks no server, with exit status 64" {
    while read -r arguments; do
        # shellcheck disable=SC2086 # words
        refused 64 'podflattr api' $arguments
    done <<'TXT'

--format=json
nothing
things nothing
things get
things get one
things get 0
things get 1 -- -2
things lookup
things lookup a b
things list more
things list --query x
things list --count x
things list --all --page 2
things list --format=xml
things create --title Title
things update 1
things update 1 --hidden --visible
flattrs create
flattrs create --url http://e.org/ --thing 1
flattrs list --user a --thing 1
subscriptions pause
users get
TXT
    refused 64 'podflattr api' things get ''
    is "$(control GET requests | jq -c 'with_entries(select(.key | contains("_sandbox") | not))')" '{}'
}

@test "what the API documents of a value is checked before it is sent, all at once, with exit status 65" {
    refused 65 '--title must have' things create --url http://e.org/ --title four --description four --category music
    [[ $stderr == *--description* && $stderr == *--category* ]]
    refused 65 'relevance, trend' things search --sort best
    refused 65 'outgoing, incoming' activities list --type both
    refused 65 '--count' things list --count 0 --page -1
    [[ $stderr == *--page* ]]
    [ "$(requests 'POST /things')" = 0 ]
}

@test "a thing is created, shown, changed, looked up and deleted" {
    api_json things create --url http://e.org/ --title 'A fine title' --description 'What it is' --category audio \
        --language de_DE --tags a,b --hidden
    has '.[0] | [.id, .message, (.link | endswith("/things/1"))]' '[1,"ok",true]'
    api_json things get 1
    has '.[0] | [.title, .description, .category, .language, .tags, .hidden, .owner.username]' \
        '["A fine title","What it is","audio","de_DE",["a","b"],true,"demo"]'
    run -0 --separate-stderr "$PODFLATTR" api things update 1 --title 'Another title' --description '' --visible
    [ -z "$output" ]
    api_json things get 1
    has '.[0] | [.title, .description, .hidden]' '["Another title","",false]'
    run -0 --separate-stderr "$PODFLATTR" api things get 1
    [[ $output == *$'\ntitle: Another title\n'* && $output == *$'\ntags: a, b\n'* && $output == *$'\nhidden: no\n'* ]]
    [[ $output == *$'\nowner: demo\n'* && $output != *description:* ]]
    [[ $output =~ created_at:\ [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2} ]]
    run -0 --separate-stderr "$PODFLATTR" api things lookup http://e.org/
    [ "$output" = 'id: 1' ]
    run -0 --separate-stderr "$PODFLATTR" api things delete 1
    [ -z "$output" ]
    refused 65 not_found things get 1
    refused 65 "No thing was found" things lookup http://e.org/
}

@test "what the server refuses of things ends with the status of its reason" {
    create http://e.org/
    refused 65 validation things create --url http://e.org/
    refused 65 validation things create --url javascript:alert
    refused 65 validation things update 1 --language xx
    refused 65 not_found things update 9 --title Another
    refused 65 not_found things delete 9
    refused 65 validation things lookup "$(auto http://e.org/ alice)"
    PODFLATTR_TOKEN=$alice refused 65 forbidden things delete 1
    PODFLATTR_TOKEN=$(new_user bob flattr) refused 77 'more permissions' things create --url http://e.org/2
    PODFLATTR_TOKEN=none refused 77 'access token' things list
    unset PODFLATTR_TOKEN
    refused 77 'access token' things
    api_json things get 1
    has 'map(has("flattred"))' '[false]'
}

@test "a flattr by the API pays at once, says so, and is refused the second time" {
    run -0 --separate-stderr "$PODFLATTR" api flattrs create --url "$(auto http://e.org/1)" --format=json
    has '.[0] | [.id, .url]' '[1,"http://e.org/1"]'
    [[ $stderr == *"pays at once"*"podflattr add"* ]]
    refused 65 flattr_once flattrs create --thing 1
    token=$alice create http://e.org/2
    run -0 --separate-stderr "$PODFLATTR" -q api flattrs create --thing 2
    [[ $output == *'url: http://e.org/2'* ]]
    [ -z "$stderr" ]
    [ "$(accepted)" = '[1,1]' ]
    run -0 --separate-stderr "$PODFLATTR" queue --format=json
    [ -z "$output" ]
    create http://e.org/3
    refused 65 flattr_owner flattrs create --thing 3
    refused 65 not_found flattrs create --thing 9
    refused 65 '' flattrs create --url http://nobody.example/
    control PUT means '{"user":"demo","means":0}'
    refused 75 no_means flattrs create --url "$(auto http://e.org/4)"
    PODFLATTR_TOKEN=$(new_user bob thing) refused 77 insufficient_scope flattrs create --thing 2
    [ "$(accepted)" = '[1,1]' ]
}

@test "a flattr whose answer is lost is said to be in doubt" {
    fault /flattr lost-reply
    refused 69 'may have been flattred' flattrs create --url "$(auto http://e.org/1)"
    [ "$(accepted)" = '[1]' ]
    fault /flattr status 1 '"status":503'
    refused 69 'may have been flattred' flattrs create --url "$(auto http://e.org/2)"
}

@test "a subscription is made, paused, resumed and ended, and pausing twice pauses" {
    token=$alice create http://e.org/1
    for verb in create pause pause; do
        run -0 --separate-stderr "$PODFLATTR" api subscriptions "$verb" 1
        [ -z "$output" ]
    done
    [ "$(requests 'PUT /things/1/subscriptions')" = 1 ]
    # Where nothing had to change, there is no answer to show.
    api_json subscriptions pause 1
    [ -z "$output" ]
    api_json subscriptions list
    has 'map([.type, .active, .thing.id, (.started_at | type)])' '[["subscription",false,1,"number"]]'
    run -0 "$PODFLATTR" api subscriptions resume 1
    run -0 "$PODFLATTR" api subscriptions resume 1
    run -0 --separate-stderr "$PODFLATTR" api subscriptions
    [[ ${lines[1]} == 1*yes*http://e.org/1 ]]
    refused 65 subscribed subscriptions create 1
    run -0 "$PODFLATTR" api subscriptions delete 1
    for verb in pause resume delete; do
        refused 65 '' subscriptions "$verb" 1
    done
    refused 65 not_found subscriptions create 9
    PODFLATTR_TOKEN=$alice refused 65 thing_owner subscriptions create 1
    PODFLATTR_TOKEN=$(new_user bob thing) refused 77 insufficient_scope subscriptions
}

@test "users, the own account and identities" {
    api_json users get alice
    has 'map([.type, .username, has("email")])' '[["user","alice",false]]'
    api_json users get alice demo
    has 'map(.username)' '["alice","demo"]'
    run -0 --separate-stderr "$PODFLATTR" api users get alice demo
    [[ ${lines[0]} == USERNAME* && ${lines[2]} == demo*https://flattr.com/profile/demo ]]
    refused 65 not_found users get nobody
    refused 65 not_found users get ../user
    run -0 --separate-stderr "$PODFLATTR" api user
    [[ $output == *$'\nusername: demo\nemail: demo@example.com\n'* ]]
    PODFLATTR_TOKEN=none refused 77 unauthorized user get
    run -0 --separate-stderr "$PODFLATTR" api user verify partner:forum:1
    [ -z "$output" ]
    run -0 --separate-stderr "$PODFLATTR" api users verify alice partner:forum:2
    refused 77 unauthorized user verify forum:3
    PODFLATTR_TOKEN=$alice refused 77 unauthorized users verify demo partner:forum:4
}

@test "the API is checked without a token, and another server is not taken for it" {
    PODFLATTR_TOKEN='' run -0 --separate-stderr "$PODFLATTR" api hello
    [[ $output == 'message: hello_world'* ]]
    api_json hello get
    has 'map([.message, (.description | type)])' '[["hello_world","string"]]'
    PODFLATTR_API=$api/user refused 69 'not in the format of the API' hello
    fault / html
    refused 69 '' hello
    PODFLATTR_API=http://127.0.0.1:1/ refused 69 connect hello
}

@test "categories, languages and the rate limit are the server's" {
    api_json categories
    has 'map(.id) | sort' '["audio","images","people","rest","software","text","video"]'
    run -0 --separate-stderr "$PODFLATTR" api languages list
    [[ $output == *'en_GB'*'English'* ]]
    control PUT rate-limit '{"limit":4,"window":3600}'
    run -0 "$PODFLATTR" api user
    api_json rate-limit
    has '.[0] | [.hourly_limit, .remaining_hits, .current_hits, (.reset_time_in_seconds | type)]' '[4,3,1,"number"]'
    for _ in 1 2 3; do "$PODFLATTR" -q api user get >shown; done
    refused 75 'the limit resets 2' user
    [[ $stderr == *rate_limit_exceeded* ]]
    refused 75 'the limit resets 2' things list --all
    refused 75 'the limit resets 2' subscriptions pause 1
    run -0 --separate-stderr "$PODFLATTR" api rate-limit get
    [[ $output == *'remaining_hits: 0'* ]]
}

@test "what a stranger wrote cannot steer the terminal, nor break the JSON" {
    title=$'\e]0;owned\a\e[31mred\r\nid: 2 \u202e"\\ \u009b31m'
    json=$(jq -n --arg t "$title" '{url: "http://e.org/", title: $t, description: $t}')
    call POST /things --json "$json"
    answers 201
    for arguments in 'things list' 'things get 1'; do
        # shellcheck disable=SC2086 # words
        run -0 --separate-stderr "$PODFLATTR" api $arguments
        shown=$output
        [[ $shown == *red*31m* ]]
        LC_ALL=C run ! grep $'[\x01-\x08\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]' <<<"$shown"
        run ! grep '^id: 2' <<<"$shown"
    done
    api_json things list
    [ "${#lines[@]}" = 1 ]
    is "$(jq -r .title <<<"$output")" "$(jq -r .title <<<"$json")"
    LC_ALL=C run ! grep $'[\x01-\x08\x0b-\x1f]' <<<"$output"
}

@test "a redirect or another server's page does not count as success for any call" {
    create=$("$PODFLATTR" api things create --url http://e.org/ --title 'A long title' --format=json)
    id=$(jq .id <<<"$create")
    for kind in '"redirect","times":1' '"html","times":1,"status":200'; do
        while read -r path call; do
            control POST faults "{\"path\":\"$path\",\"kind\":$kind}"
            # shellcheck disable=SC2086 # a list of words
            refused 69 'neither success nor an error' $call
        done <<END
/things/$id things delete $id
/things/$id things update $id --title Another
/things/$id/subscriptions subscriptions create $id
/user/verify user verify partner:x:1
END
    done
    api_json things get "$id"
    has '.[0].title' '"A long title"'
}

@test "a server that is gone, a proxy's page and a cut answer end with exit status 69" {
    for kind in html truncate reset; do
        fault /user "$kind"
        refused 69 '' user
    done
    kill "$sandbox_pid"
    wait "$sandbox_pid" || true
    refused 69 connect user
}

@test "several things at once: one that is missing does not stop the others" {
    for i in 1 2 3; do token=$alice create "http://e.org/$i"; done
    api_json things get 3,1
    has 'map(.id)' '[3,1]'
    api_json things get http://e.org/2
    has 'map(.id)' '[2]'
    run -65 --separate-stderr "$PODFLATTR" api things get 1 9 http://e.org/3 --format=json
    has 'map(.id)' '[1,3]'
    is "$(jq -c '[.error, .for, .status]' <<<"$stderr")" '["not_found","9",404]'
    run -65 --separate-stderr "$PODFLATTR" api subscriptions create 1 9 2
    [[ $stderr == *'9: '*not_found* ]]
    run -0 --separate-stderr "$PODFLATTR" api --format=json subscriptions pause 1 2
    has 'map(.message)' '["paused","paused"]'
    api_json subscriptions
    has 'map([.thing.id, .active])' '[[2,false],[1,false]]'
    run -0 --separate-stderr "$PODFLATTR" api flattrs create 1 http://e.org/2
    [ "$(accepted)" = '[1,1]' ]
    refused 64 'is not a thing' subscriptions delete 1 x
    [ "$(requests 'DELETE /things/1/subscriptions')" = 0 ]
}

@test "a list that goes on says so, also with JSON" {
    for i in 1 2 3; do create "http://e.org/$i"; done
    api_json things search --user demo --count 2
    has length 2
    [[ $stderr == *'2 of 3; --all'* ]]
    api_json things list --count 2
    [[ $stderr == *'--page=2'* ]]
    api_json things search --user demo --count 2 --page 2
    [ -z "$stderr" ]
    api_json things list --all
    [ -z "$stderr" ]
}

@test "a refusal is JSON on stderr where JSON is asked for" {
    fails() {
        local status=$1 wanted=$2
        shift 2
        run "-$status" --separate-stderr "$PODFLATTR" api "$@" --format=json
        [ -z "$output" ]
        is "$(jq -r '.error // empty' <<<"$stderr")" "$wanted"
    }
    fails 65 not_found things get 9
    fails 64 usage things get x
    fails 65 usage users get ''
    PODFLATTR_TOKEN=wrong fails 77 unauthorized user
    fault /user html
    fails 69 malformed user
    PODFLATTR_API=http://127.0.0.1:1/ fails 69 unreachable user
    control PUT means '{"user":"demo","means":0}'
    fails 75 no_means flattrs create "$(auto http://e.org/1)"
}

@test "with JSON, messages besides the results are JSON, too" {
    run -0 --separate-stderr "$PODFLATTR" api flattrs create "$(auto http://e.org/1)" --format=json
    [[ $(jq -r .note <<<"$stderr") == *"bypassing the queue"* ]]
    run -0 --separate-stderr "$PODFLATTR" api subscriptions create 1 --format=json
    is "$(jq -r .note <<<"$stderr")" 'thing 1 is subscribed: it is flattred every month'
    run -0 --separate-stderr "$PODFLATTR" -q api subscriptions pause 1 --format=json
    [ -z "$stderr" ]
    run -0 --separate-stderr "$PODFLATTR" -vv api user --format=json
    jq -re .debug <<<"$stderr" | grep -qx 'GET /user'
}

@test "of several things, whatever goes wrong with one does not stop the others" {
    for i in 1 2 3; do token=$alice create "http://e.org/$i"; done
    for kind in html truncate reset; do
        # What is asked for all at once, and then for the first alone.
        fault /things/1,2,3 "$kind"
        fault /things/1 "$kind"
        run -69 --separate-stderr "$PODFLATTR" api things get 1 2 3 --format=json
        has 'map(.id)' '[2,3]'
        is "$(jq -r .for <<<"$stderr")" 1
    done
    # A server that leaves out what it does not have.
    mkdir -p web/things
    echo '[{"type":"thing","id":1}]' | tee web/things/1,9 >web/things/1
    echo '[]' >web/things/9
    web_start
    PODFLATTR_API=$web run -65 --separate-stderr "$PODFLATTR" api things get 1 9 --format=json
    has 'map(.id)' '[1]'
    is "$(jq -c '[.error, .for]' <<<"$stderr")" '["not_found","9"]'
}

@test "-vv shows each request and answer, and never the token" {
    run -0 --separate-stderr "$PODFLATTR" -vv api things create --url http://e.org/ --title 'A fine title'
    [[ $stderr == *'POST /things {"title":"A fine title"'* ]]
    [[ $stderr == *'answer: 201'*'x-ratelimit-remaining: '* ]]
    [[ $stderr == *'"message":"ok"'* ]]
    [[ $stderr != *"$PODFLATTR_TOKEN"* ]]
}

@test "any path of the API can be called" {
    run -0 --separate-stderr "$PODFLATTR" api POST /things url=http://e.org/ 'title=A = title' --format=json
    has 'map(.id)' '[1]'
    run -0 --separate-stderr "$PODFLATTR" api PATCH /things/1 title='Another title'
    [[ $output == *'message: ok'* ]]
    run -0 --separate-stderr "$PODFLATTR" api GET /things/search query='another title' count=5 --format=json
    has '.[0] | [.total_items, .things[0].id]' '[1,1]'
    run -0 --separate-stderr "$PODFLATTR" api GET '/things/lookup?url=http%3A%2F%2Fe.org%2F'
    [[ $output == *'message: found'* ]]
    run -0 --separate-stderr "$PODFLATTR" api DELETE /things/1
    [ -z "$output" ]
    refused 65 not_found GET /things/1
    refused 64 'is not a path' GET things
    refused 64 'KEY=VALUE' GET /things nonsense
}
