#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that can go wrong between podflattr and the server: the verdict is right, nothing is lost, nothing is accepted twice,
# and nobody but the server gets to see the token.

load helper
load torture
load daemon

setup() {
    scratch_setup
    sandbox_start_at '10 12:00'
    elsewhere_start
}

# Another host: writes down what it is sent, which must be nothing. Sets elsewhere, its address.
elsewhere_start() {
    mkfifo elsewhere.ready
    : >elsewhere.log
    python3 -c 'if True:
        import socket, sys
        server = socket.create_server(("127.0.0.2", 0))
        print(server.getsockname()[1], flush=True)
        while True:
            with server.accept()[0] as client, open(sys.argv[1], "ab") as log:
                log.write(b"connected\n" + client.recv(65536))' "$PWD/elsewhere.log" >elsewhere.ready 3>&- &
    background+=($!)
    IFS= read -r port <elsewhere.ready
    elsewhere=http://127.0.0.2:$port
}

# a_new_life NAME: an empty store and a feed of three episodes.
a_new_life() {
    export PODFLATTR_STATE_DIR=$BATS_TEST_TMPDIR/state/$1
    feed "$(link "$1.example/1")" "$(link "$1.example/2")" "$(link "$1.example/3")" >feed.xml
}

# talk COMMAND ...: runs podflattr at its most talkative; its status is in $status, and what it said is added to talk.log.
talk() {
    status=0
    "$PODFLATTR" -v -v "$@" >talk.now 2>&1 || status=$?
    cat talk.now >>talk.log
}

# order PATH FAULT [TIMES]: FAULT is KIND, or KIND and the further fields of the order.
order() {
    local kind=${2%%,*}
    control POST faults "{\"path\":\"$1\",\"kind\":\"$kind\",\"times\":${3-1}${2#"$kind"}}" >order.log
}

first_entry() {
    local lines
    lines=$("$PODFLATTR" queue --format=json)
    [[ ${lines%%$'\n'*} =~ \"id\":1,.*\"state\":\"([a-z]*)\",\"reason\":([a-z_\"]*), ]]
    echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]//\"/}"
}

gate() {
    local reason
    reason=$(store 'SELECT reason FROM gate')
    echo "${reason:-null}"
}

# How many flattrs were sent so far, by what the sandbox counted.
posts() {
    local all
    all=$(control GET requests)
    if [[ $all =~ \"POST\ /flattr\":\ ?([0-9]+) ]]; then echo "${BASH_REMATCH[1]}"; else echo 0; fi
}

# The token is in nothing that was said or stored, and no other host was connected to.
token_is_secret() {
    [ ${#PODFLATTR_TOKEN} -ge 16 ]
    ! grep -rqaF -e "$PODFLATTR_TOKEN" talk.log drain.log state || fail "the token: $(grep -rlaF -e "$PODFLATTR_TOKEN" talk.log drain.log state)"
    [ ! -s elsewhere.log ] || fail "another host was told: $(cat elsewhere.log)"
}

# The fault, the first entry's state and reason after it, and the gate's reason after one fault and after three in a row.
faults_of_post() {
    cat <<EOF
status,"status":400 | queued not_the_api | null | unreachable
status,"status":401 | queued not_the_api | null | unreachable
status,"status":403 | queued not_the_api | null | unreachable
status,"status":404 | queued not_the_api | null | unreachable
status,"status":408 | queued not_the_api | null | unreachable
status,"status":429 | queued rate_limit | rate_limit | rate_limit
status,"status":500 | queued server_error | null | unreachable
status,"status":502 | queued server_error | null | unreachable
status,"status":503 | queued server_error | null | unreachable
status,"status":429,"headers":{"Retry-After":"90"} | queued rate_limit | rate_limit | rate_limit
status,"status":500,"headers":{"Retry-After":"90"} | queued server_error | unreachable | unreachable
status,"status":502,"headers":{"Retry-After":"Fri, 31 Dec 2027 23:59:59 GMT"} | queued server_error | unreachable | unreachable
status,"status":503,"headers":{"Retry-After":"90"} | queued server_error | unreachable | unreachable
status,"status":503,"headers":{"Retry-After":"-1e9"} | queued server_error | null | unreachable
html,"status":401 | queued not_the_api | null | unreachable
html,"status":403 | queued not_the_api | null | unreachable
html,"status":503 | queued server_error | null | unreachable
html,"status":200 | queued bad_answer | null | unreachable
truncate | queued no_answer | null | unreachable
slow,"seconds":0.2 | flattred null | null | null
delay,"seconds":0.1 | flattred null | null | null
reset | queued no_answer | null | unreachable
lost-reply | queued no_answer | null | unreachable
redirect,"headers":{"Location":"$elsewhere/rest/v2/flattr"} | queued redirect | null | unreachable
redirect,"status":307,"headers":{"Location":"$elsewhere/rest/v2/flattr"} | queued redirect | null | unreachable
redirect,"status":308,"headers":{"Location":"//127.0.0.2:${elsewhere##*:}/"} | queued redirect | null | unreachable
huge | queued no_answer | null | unreachable
EOF
}

# all_is_well: once the fault is over and hours have passed, all is flattred.
all_is_well() {
    control DELETE faults >order.log
    drain "$PODFLATTR"
    store_is_sound
    [ "$(store 'SELECT DISTINCT state FROM entry')" = flattred ]
}

# after TIMES COMMAND ...: each fault is met so often by that command.
after() {
    local times=$1 number=0 order verdict once thrice expected found
    shift
    while IFS='|' read -r order verdict once thrice; do
        once=${once% } thrice=${thrice% }
        number=$((number + 1))
        a_new_life "f$number"
        "$PODFLATTR" -q scan --submit feed.xml >submit.log
        order /flattr "${order% }" "$times"
        talk "$@"
        [ "$times" -eq 1 ] || once=$thrice
        case $verdict in
        " flattred"*) expected=0 ;;
        *) expected=75 ;;
        esac
        found="$status | $(first_entry) | $(gate)"
        [ "$found" = "$expected |$verdict|$once" ] || fail "$order, $times times: $found: $(cat talk.now)"
        all_is_well
    done < <(faults_of_post)
    [ "$number" -gt 20 ]
    paid_once https://f $((3 * number))
    token_is_secret
}

@test "send: every fault gets its verdict, and in the end all is flattred once" {
    after 1 send
}

@test "scan --send: faults in a row close the gate, and in the end all is flattred once" {
    after 3 scan --send feed.xml
}

sent_one() { [ "$(posts)" -ge "$1" ]; }

# first_verdict_is "STATE REASON": it is that now or, on a machine so slow that it was tried again since, it was.
first_verdict_is() {
    [ "$(first_entry)" = "$1" ] || grep -q "^podflattr: ${1% *} #1, ${1#* }: " daemon.log
}

@test "the service: every fault gets its verdict, and in the end all is flattred once" {
    local number=0 fault verdict
    : >talk.log
    configure
    while IFS='|' read -r fault verdict _; do
        number=$((number + 1))
        a_new_life "s$number"
        rm -f daemon.log
        daemon_start -v -v
        order /flattr "${fault% }" 1
        "$PODFLATTR" -q scan --submit feed.xml >submit.log
        verdict=${verdict# }
        wait_for 20 first_verdict_is "${verdict% }" || fail "$fault: $(first_entry), not $verdict: $(cat daemon.log)"
        daemon_stop
        cat daemon.log daemon.out >>talk.log
        all_is_well
    done < <(faults_of_post)
    [ "$number" -gt 20 ]
    paid_once https://s $((3 * number))
    token_is_secret
}

@test "ended in the middle of a request: within five seconds, and only what had left is in doubt" {
    a_new_life term
    order /flattr 'delay,"seconds":0' 1
    order /flattr 'delay,"seconds":30' 4
    "$PODFLATTR" -v -v scan --submit feed.xml >talk.log 2>&1
    "$PODFLATTR" -q add 'https://flattr.com/submit/auto?url=https%3A%2F%2Fterm.example%2F4&user_id=ann' \
        'https://flattr.com/submit/auto?url=https%3A%2F%2Fterm.example%2F5&user_id=ann' \
        'https://flattr.com/submit/auto?url=https%3A%2F%2Fterm.example%2F6&user_id=ann' \
        'https://flattr.com/submit/auto?url=https%3A%2F%2Fterm.example%2F7&user_id=ann'
    "$PODFLATTR" -v -v send >>talk.log 2>&1 3>&- &
    sender=$!
    background+=("$sender")
    wait_for 10 sent_one 5
    run grep -caF -e "$PODFLATTR_TOKEN" "/proc/$sender/cmdline"
    [ "$output" = 0 ]
    began=$EPOCHREALTIME
    kill -TERM "$sender"
    status=0
    wait "$sender" || status=$?
    took=$((${EPOCHREALTIME/[.,]/} - ${began/[.,]/}))
    [ "$status" -eq 75 ] || fail "exit status $status: $(cat talk.log)"
    [ "$took" -lt 5000000 ] || fail "it took $took microseconds"
    [ "$(store "SELECT group_concat(state || ' ' || ifnull(reason, '-') || ' ' || (doubt IS NOT NULL), '|')
        FROM (SELECT * FROM entry ORDER BY state, doubt IS NULL)")" = \
        "flattred - 0|queued no_answer 1|queued no_answer 1|queued no_answer 1|queued no_answer 1|queued - 0|queued - 0" ] ||
        fail "$(store 'SELECT * FROM entry')"
    [ "$(gate)" = null ] || fail "our own end is taken for the server's: $(gate)"
    control DELETE faults >order.log
    drain "$PODFLATTR"
    store_is_sound
    paid_once https://term.example/ 7
    token_is_secret
}

# a_doubt_arises NAME: a new life whose first entry was paid, as nobody knows. Where a machine is so slow that the same run has
# come to ask about it, there is no doubt any more, so it is done again.
a_doubt_arises() {
    local try
    for try in 1 2 3 4 5; do
        lives=$((lives + 1))
        a_new_life "$1.$try"
        order /flattr lost-reply
        talk scan --send feed.xml
        [ "$(first_entry)" != "queued no_answer" ] || return 0
        [ "$(first_entry)" = "flattred null" ] || return 1
        all_is_well
    done
    return 1
}

@test "asking about a doubt: no fault makes an answer of what is none" {
    number=0
    lives=0
    while IFS='|' read -r order verdict _; do
        case $verdict in
        " flattred"*) expected="flattred null" ;;
        *) expected="queued no_answer" ;;
        esac
        number=$((number + 1))
        a_doubt_arises "d$number" || fail "no doubt: $(first_entry): $(cat talk.now)"
        asked=$(posts)
        later 7200
        order /user/flattrs "${order% }"
        talk send
        [ "$(first_entry)" = "$expected" ] || fail "$order: $(first_entry)"
        [ "$(posts)" -eq "$asked" ] || fail "$order: sent again"
        all_is_well
        [ "$(posts)" -eq "$asked" ] || fail "$order: sent again, later"
    done < <(faults_of_post)
    paid_once https://d $((3 * lives))
    token_is_secret
}
