#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# From a feed to the server and back: the programs as a person runs them.

bats_require_minimum_version 1.5.0
load helper
load network

# make_feed COUNT [EXTRA-ITEMS]: writes feed.xml with that many episodes that can be flattred.
make_feed() {
    {
        echo '<rss version="2.0" xmlns:p="http://www.w3.org/2005/Atom"><channel><title>Fifty</title>'
        for ((i = 1; i <= $1; i++)); do
            echo "<item><title>Episode $i</title><guid>g$i</guid><pubDate>Mon, 0$((i % 9 + 1)) Jun 2026 12:00:00 GMT</pubDate>"
            echo "<enclosure url='https://a.example/$i.mp3' length='1' type='audio/mpeg'/>"
            echo "<p:link rel='payment' href='https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F$i&amp;user_id=ann'/></item>"
        done
        printf '%s' "${2-}"
        echo '</channel></rss>'
    } >feed.xml
}

accepted() {
    control GET flattrs | jq -r '.[].accepted' | sort | uniq -c | tr -s ' '
}

@test "a feed of 50 episodes is flattred once each, and a second run sends nothing" {
    sandbox_start --means 1000
    make_feed 50
    run --separate-stderr "$PODFLATTR" scan --send feed.xml
    exits 0
    [[ $stderr == *"50 queued"* ]]
    [[ $stderr == *"50 flattred"* ]]
    [ "$(accepted)" = " 50 1" ]
    [ "$(requests 'POST /flattr')" -eq 50 ]

    run --separate-stderr "$PODFLATTR" scan --send feed.xml
    exits 0
    [[ $stderr == *"0 queued, 50 already known"* ]]
    [[ $stderr == *"nothing was sent"* ]]
    [ "$(requests 'POST /flattr')" -eq 50 ]
}

@test "submitting and sending can be two steps" {
    sandbox_start
    make_feed 3
    run "$PODFLATTR" -q scan --submit feed.xml
    exits 0
    [ "$(requests 'POST /flattr')" -eq 0 ]
    [ "$("$PODFLATTR" status --format=json | jq .queue.queued)" -eq 3 ]
    run "$PODFLATTR" send
    exits 0
    [ "$("$PODFLATTR" status --format=json | jq .queue.flattred)" -eq 3 ]
}

@test "an entry says what became of it" {
    sandbox_start
    make_feed 1
    "$PODFLATTR" -q scan --send feed.xml
    run "$PODFLATTR" queue list --format=json
    exits 0
    jq -e '.state == "flattred" and .reason == null and .attempts == 1 and .next_attempt == null
        and .key == "https://a.example/1" and .title == "Episode 1" and .guid == "g1" and .feed == "feed.xml"
        and .source == "scan" and .file == null and .thing.id > 0 and (.thing.link | startswith("http"))
        and (.created | fromdate) > 0 and (.updated | fromdate) > 0' <<<"$output"
}

@test "add queues URLs by hand, once each" {
    sandbox_start
    run "$PODFLATTR" add 'https://flattr.com/submit/auto?url=http%3A%2F%2Fb.example%2F&user_id=bob' \
        'http://flattr.com/submit/auto?user_id=bob&url=http%3A%2F%2Fb.example%2F'
    exits 0
    [[ ${lines[0]} == "queued #1"* ]]
    [[ ${lines[1]} == "known  #1"* ]]
    run "$PODFLATTR" send
    exits 0
    [ "$(accepted)" = " 1 1" ]
}

@test "add refuses what is no URL, and queues nothing then" {
    run "$PODFLATTR" add https://flattr.com/t/1 'ftp://x/' 
    exits 65
    [[ $output == *"'ftp://x/'"* ]]
    run "$PODFLATTR" queue --format=json
    exits 0
    [ -z "$output" ]
}

@test "a thing that the server does not know fails, is shown, and blocks nothing behind it" {
    sandbox_start
    run "$PODFLATTR" add https://unknown.example/page 'https://flattr.com/submit/auto?url=http%3A%2F%2Fb.example%2F&user_id=bob'
    exits 0
    run --separate-stderr "$PODFLATTR" send
    exits 0
    [[ $stderr == *"1 flattred, 1 failed"* ]]
    run "$PODFLATTR" queue list --state failed --format=json
    jq -e '.reason == "not_found" and .state == "failed"' <<<"$output"
}

@test "one's own things are owned, not failed" {
    sandbox_start --user demo
    "$PODFLATTR" add 'https://flattr.com/submit/auto?url=http%3A%2F%2Fmine.example%2F&user_id=demo'
    run "$PODFLATTR" send
    exits 0
    run "$PODFLATTR" queue --format=json
    jq -e '.state == "owned" and .reason == "flattr_owner"' <<<"$output"
}

@test "used-up means cost one refused request, and everything waits for new ones" {
    sandbox_start --means 0
    make_feed 30
    run --separate-stderr "$PODFLATTR" scan --send feed.xml
    exits 75
    [[ $stderr == *"30 waiting: your means are used up"* ]]
    [ "$(requests 'POST /flattr')" -eq 1 ]
    "$PODFLATTR" status --format=json | jq -e '.gate.open == false and .gate.reason == "no_means" and .gate.next_probe != null
        and .queue.queued == 30'
    run "$PODFLATTR" send
    exits 75
    [ "$(requests 'POST /flattr')" -eq 1 ]

    control PUT means '{"user":"demo","means":100}'
    run --separate-stderr "$PODFLATTR" send --now
    exits 0
    [ "$(accepted)" = " 30 1" ]
    "$PODFLATTR" status --format=json | jq -e '.gate.open == true and .queue.flattred == 30'
}

@test "a probe goes out by itself once its time has come" {
    sandbox_start --means 0
    make_feed 2
    "$PODFLATTR" -q scan --send feed.xml || [ $? -eq 75 ]
    control PUT means '{"user":"demo","means":100}'
    PODFLATTR_CLOCK_OFFSET=21700 run "$PODFLATTR" send
    exits 0
    [ "$(accepted)" = " 2 1" ]
}

@test "without a token nothing is sent, and a token is asked for" {
    sandbox_start
    make_feed 2
    PODFLATTR_TOKEN='' run --separate-stderr "$PODFLATTR" scan --send feed.xml
    exits 77
    [[ $stderr == *"there is no access token"* ]]
    [ "$(requests 'POST /flattr')" -eq 0 ]
    run "$PODFLATTR" send
    exits 0
    [ "$(accepted)" = " 2 1" ]
}

@test "a token that is refused stops everything until there is another one" {
    sandbox_start
    make_feed 5
    good=$PODFLATTR_TOKEN
    export PODFLATTR_TOKEN=wrong
    run "$PODFLATTR" scan --send feed.xml
    exits 77
    run "$PODFLATTR" send
    exits 77
    [ "$(requests 'POST /flattr')" -eq 1 ]
    "$PODFLATTR" status --format=json | jq -e '.gate.reason == "unauthorized" and .gate.next_probe == null'
    PODFLATTR_TOKEN=$good run "$PODFLATTR" send
    exits 0
    [ "$(accepted)" = " 5 1" ]
}

@test "a token in a file is used for its own server only, and only when nobody else can read it" {
    sandbox_start
    make_feed 1
    mkdir -m 700 state
    printf '[credentials]\napi=%s\naccess-token=%s\n' "$PODFLATTR_API" "$PODFLATTR_TOKEN" >state/credentials
    token=$PODFLATTR_TOKEN
    unset PODFLATTR_TOKEN
    chmod 644 state/credentials
    run "$PODFLATTR" -v -v scan --send feed.xml
    exits 78
    [[ $output == *"chmod 600"* ]]
    [[ $output != *"$token"* ]]
    chmod 600 state/credentials
    PODFLATTR_API=http://127.0.0.2:1/rest/v2 run "$PODFLATTR" send
    exits 77
    [[ $output == *"ignoring its token"* ]]
    run "$PODFLATTR" send
    exits 0
    [ "$(accepted)" = " 1 1" ]
}

@test "the rate limit is waited for without provoking its error" {
    sandbox_start --rate-limit 3
    make_feed 5
    run --separate-stderr "$PODFLATTR" scan --send feed.xml
    exits 75
    [[ $stderr == *"limit of requests"* ]]
    [ "$(control GET flattrs | jq length)" -eq 3 ]
    [ "$(requests 'POST /flattr')" -eq 3 ]
    "$PODFLATTR" status --format=json | jq -e '.gate.reason == "rate_limit" and .rate_limit.limit == 3 and .rate_limit.remaining == 0'
}

@test "a server that cannot be reached costs nothing but time" {
    make_feed 2
    export PODFLATTR_API=http://127.0.0.1:1/rest/v2 PODFLATTR_TOKEN=t
    run --separate-stderr "$PODFLATTR" scan --send feed.xml
    exits 75
    [[ $stderr == *"cannot be reached"* ]]
    "$PODFLATTR" queue --format=json | jq -e '.attempts == 0 and .state == "queued"'
    sandbox_start
    run "$PODFLATTR" send
    exits 0
    [ "$(accepted)" = " 2 1" ]
}

@test "a lost answer is not a lost flattr, nor a second one" {
    sandbox_start
    make_feed 1
    fault /flattr lost-reply
    run "$PODFLATTR" scan --send feed.xml
    exits 75
    "$PODFLATTR" queue --format=json | jq -e '.state == "queued" and .reason == "no_answer"'
    PODFLATTR_CLOCK_OFFSET=120 run "$PODFLATTR" send
    exits 0
    "$PODFLATTR" queue --format=json | jq -e '.state == "flattred" and .reason == null and .thing.id > 0'
    [ "$(accepted)" = " 1 1" ]
    [ "$(requests 'POST /flattr')" -eq 1 ]
    [ "$(requests 'GET /user/flattrs')" -eq 1 ]
}

@test "a flattr that may have been paid in an earlier month is asked about, never sent again" {
    sandbox_start
    make_feed 2
    fault /flattr lost-reply
    "$PODFLATTR" -q scan --send --limit 1 feed.xml || [ $? -eq 75 ]
    fault /flattr status 1 '"status":503'
    "$PODFLATTR" -q scan --send feed.xml || [ $? -eq 75 ]
    control POST clock '{"offset":2764800}'
    PODFLATTR_CLOCK_OFFSET=2764800 run "$PODFLATTR" send
    exits 0
    "$PODFLATTR" queue --format=json | jq -es '(.[0].state == "flattred" and .[0].reason == null)
        and (.[1].state == "held" and .[1].reason == "unknown")'
    [ "$(requests 'POST /flattr')" -eq 2 ]
    [ "$(accepted)" = " 1 1" ]
}

@test "a redirect is not followed, so the token stays with its server" {
    sandbox_start
    make_feed 1
    fault /flattr redirect
    run "$PODFLATTR" -v -v scan --send feed.xml
    exits 75
    [[ $output != *"$PODFLATTR_TOKEN"* ]]
    "$PODFLATTR" queue --format=json | jq -e '.reason == "redirect" and .state == "queued"'
}

@test "a rule of never keeps a feed from being queued, and from being sent" {
    sandbox_start
    make_feed 2
    "$PODFLATTR" -q scan --submit feed.xml
    printf '[feed feed.xml]\nrule = never\n' >podflattr.conf
    run "$PODFLATTR" send
    exits 0
    [ "$(requests 'POST /flattr')" -eq 0 ]
    "$PODFLATTR" queue --format=json | jq -e '.state == "dropped" and .reason == "never"'
    rm -r state
    run --separate-stderr "$PODFLATTR" scan --submit feed.xml
    exits 0
    [[ $stderr == *"0 queued"*"2 dropped by the rule 'never'"* ]]
}

@test "no more is flattred in a month than the user allows" {
    sandbox_start
    make_feed 5
    printf '[policy]\nper-month = 3\n' >podflattr.conf
    run --separate-stderr "$PODFLATTR" scan --send feed.xml
    exits 75
    [[ $stderr == *"your own monthly limit"* ]]
    [ "$(requests 'POST /flattr')" -eq 3 ]
    : >podflattr.conf
    run "$PODFLATTR" send
    exits 0
    [ "$(accepted)" = " 5 1" ]
}

@test "a channel's own link is flattred once a month for episodes that have none" {
    sandbox_start
    link="<p:link rel='payment' href='https://flattr.com/submit/auto?url=http%3A%2F%2Fchannel.example&amp;user_id=ann'/>"
    printf '<rss xmlns:p="http://www.w3.org/2005/Atom"><channel><title>C</title>%s%s</channel></rss>' "$link" \
        '<item><title>1</title></item><item><title>2</title></item>' >feed.xml
    run --separate-stderr "$PODFLATTR" scan --send feed.xml
    exits 0
    [ "$(accepted)" = " 1 1" ]
    run "$PODFLATTR" scan --send feed.xml
    exits 0
    [ "$(requests 'POST /flattr')" -eq 1 ]
    control POST clock '{"offset":2764800}'
    PODFLATTR_CLOCK_OFFSET=2764800 run "$PODFLATTR" scan --send feed.xml
    exits 0
    [ "$(requests 'POST /flattr')" -eq 2 ]
    [ "$(accepted)" = " 2 1" ]
}

is_sending() {
    "$PODFLATTR" status --format=json | jq -e .sender.running >/dev/null
}

@test "two senders at once: one sends, the other says so" {
    sandbox_start
    make_feed 1
    "$PODFLATTR" -q scan --submit feed.xml
    fault /flattr delay 1 '"seconds":30'
    "$PODFLATTR" send 3>&- &
    background+=($!)
    wait_for 10 is_sending
    run "$PODFLATTR" send
    exits 75
    [[ $output == *"is sending already"* ]]
}

@test "ten scans of the same feed at once: all is flattred once, and those with nothing to send say so" {
    sandbox_start
    make_feed 40
    runs=()
    for ((i = 0; i < 10; i++)); do
        "$PODFLATTR" scan --send feed.xml >"run$i.log" 2>&1 3>&- &
        runs+=($!)
    done
    for ((i = 0; i < 10; i++)); do
        status=0
        wait "${runs[i]}" || status=$?
        case $status in
        0) ;;
        75) grep -qE 'is sending already|wait: ' "run$i.log" || fail "75 without a word: $(cat "run$i.log")" ;;
        *) fail "exit status $status: $(cat "run$i.log")" ;;
        esac
    done
    run "$PODFLATTR" send
    exits 0
    [ "$(accepted)" = " 40 1" ]
    [ "$("$PODFLATTR" status --format=json | jq .queue.flattred)" -eq 40 ]
}

@test "status counts and explains, for people and for programs" {
    run "$PODFLATTR" status --format=json
    exits 0
    jq -e '.daemon == {"running":false,"pid":null,"since":null} and .gate == {"open":true,"reason":null,"since":null,"next_probe":null}
        and .queue == {"held":0,"queued":0,"sending":0,"flattred":0,"owned":0,"failed":0,"dropped":0,"owed":0,"unmatched":0,"refused":0}
        and .rate_limit == null and .watch == {"folders":0,"watches":0,"list":[]}
        and .feeds == {"known":0,"failing":0,"read":0,"never_answered":0,"not_asked_yet":0,"gone":0,"lists":0,"faults":[]}
        and .server == env.PODFLATTR_API and .next == null' <<<"$output"
    run "$PODFLATTR" status
    exits 0
    [[ $output == *"sending     open"* ]]
}

@test "send --wait stays until the last entry has its verdict" {
    sandbox_start
    make_feed 3
    fault /flattr status 1 '"status":429,"headers":{"Retry-After":"1"}'
    "$PODFLATTR" -q scan --submit feed.xml
    run --separate-stderr timeout 60 "$PODFLATTR" send --wait
    exits 0
    [[ $stderr == *"3 waiting: "*"next try 2"* ]]
    [ "$(accepted)" = " 3 1" ]
}

@test "send --wait ends when only the user can help" {
    sandbox_start
    make_feed 1
    PODFLATTR_TOKEN=wrong run timeout 60 "$PODFLATTR" scan --submit feed.xml
    PODFLATTR_TOKEN=wrong run timeout 60 "$PODFLATTR" send --wait
    exits 77
}

# In a network of its own, in which the server's address has no route until podflattr waits for it.
network_comes_up() {
    sandbox_start --listen 127.0.0.5:0
    ip route add unreachable 127.0.0.5 table local
    "$PODFLATTR" add 'https://flattr.com/submit/auto?url=http%3A%2F%2Fx.example%2F&user_id=ann'
    "$PODFLATTR" -v send --wait >sent 2>told &
    sender=$!
    wait_for 20 grep -q 'cannot be reached' told
    ip route del unreachable 127.0.0.5 table local
    ip link add here type veth peer name there
    ip link set there up
    ip link set here up
    ip address add 192.0.2.1/24 dev here
    wait "$sender"
}

@test "a change of the network ends the wait for a server that could not be reached" {
    in_network network_comes_up
    exits 0
    cat told sent
    grep -q 'the network has changed' told
    grep -q flattred sent
}
