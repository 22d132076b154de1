# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests share in which the server or the way to it fails: the table of faults with their verdicts, and another host
# that must be told nothing; loaded after helper and torture.

# faults_setup: a sandbox whose clock can be moved, and the other host.
faults_setup() {
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

# after TIMES COMMAND ...: each fault is met so often by that command. Its clock stands still, so that an entry that is to wait a
# second or more is not sent once more by the same command on a slow machine.
after() {
    local times=$1 number=0 order verdict once thrice expected found
    shift
    python3 -c 'import struct, sys, time; sys.stdout.buffer.write(struct.pack("=q", int(time.time())))' >clock
    while IFS='|' read -r order verdict once thrice; do
        once=${once% } thrice=${thrice% }
        number=$((number + 1))
        a_new_life "f$number"
        export PODFLATTR_CLOCK_FILE=$BATS_TEST_TMPDIR/clock
        "$PODFLATTR" -q scan --submit feed.xml >submit.log
        order /flattr "${order% }" "$times"
        talk "$@"
        unset PODFLATTR_CLOCK_FILE
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
