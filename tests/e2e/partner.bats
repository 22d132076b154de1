#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Partner sites: identities are tied to accounts, and the server's events come in, from whomever they may come.

bats_require_minimum_version 1.5.0
load helper
load sandbox

identity=partner:site:123
form='_event=pendingclickcreate&thing_id=7&thing_owner_id=partner%3Asite%3A1&thing_clicks_total=3&flattrer_username=ann&claim_url=https%3A%2F%2Fflattr.com%2Fclaim'

setup() {
    scratch_setup
    hooked=0
}

# hook_start [ARGUMENT ...]: starts the receiver; its lines go to events.N, its messages to hook.log. Sets hook (its address).
hook_start() {
    local line
    hooked=$((hooked + 1))
    : >"events.$hooked"
    "$PODFLATTR" partner webhook --listen 127.0.0.1:0 "$@" >"events.$hooked" 2>hook.log 3>&- &
    hook_pid=$!
    background+=("$hook_pid")
    wait_for 20 has_lines "events.$hooked" 1
    line=$(head -n 1 "events.$hooked")
    hook=$(jq -r .listening <<<"$line")
}

# post PATH [CURL-ARGUMENT ...]: posts to the receiver and prints the status.
post() { curl --silent --output answer --write-out '%{http_code}' "${@:2}" "$hook$1"; }

has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

# events: what was printed, without the line that says where it listens.
events() { tail -n +2 "events.$hooked"; }

ended() { ! kill -0 "$1" 2>/dev/null; }

# command_that TEXT: writes a script as the command to run; its results are to go to ./done.*.
command_that() {
    printf '#!/bin/bash\n%s\n' "$1" >./command
    chmod +x ./command
}

# --- verify ---

@test "an identity is tied to a user, and said to be theirs" {
    sandbox_start
    new_user alice >token
    run -0 "$PODFLATTR" partner verify alice --identity "$identity" --format=json
    [ "$output" = '{"user":"alice","identity":"partner:site:123","verified":true,"reason":null}' ]
    flattr "https://flattr.com/submit/auto?owner=$identity&url=http://e.org/1"
    call GET /things/1
    shows .owner.username '"alice"'
    run -0 "$PODFLATTR" partner verify alice --identity "$identity"
    [[ $output == "yes  alice "*"$identity" ]]
}

@test "--me names the token's person" {
    sandbox_start
    PODFLATTR_TOKEN=$(new_user bob) run -0 "$PODFLATTR" partner verify --me --identity "$identity" --format=json
    jq -e '.user == "bob" and .verified' <<<"$output"
}

@test "a no of the server is printed with its reason, with exit status 65" {
    sandbox_start
    alice=$(new_user alice)
    "$PODFLATTR" partner verify alice --identity "$identity"
    PODFLATTR_TOKEN=$(new_user bob) run "$PODFLATTR" partner verify --me --identity "$identity" --format=json
    exits 65
    jq -e '.user == "bob" and (.verified | not) and (.reason | contains("another user"))' <<<"$output"
    run "$PODFLATTR" partner verify nobody --identity "$identity"
    exits 65
    [[ $output == "no   nobody "*not_found* ]]
    PODFLATTR_TOKEN=$alice run "$PODFLATTR" partner verify --me --identity email:05f8b3480b04f6a516bb1a46e556323c
    exits 65
}

@test "what is neither yes nor no has its own exit status" {
    sandbox_start
    new_user alice >token
    PODFLATTR_TOKEN=$(<token) run "$PODFLATTR" partner verify alice --identity "$identity"
    exits 77
    PODFLATTR_TOKEN=wrong run "$PODFLATTR" partner verify --me --identity "$identity"
    exits 77
    PODFLATTR_TOKEN='' run "$PODFLATTR" partner verify --me --identity "$identity"
    exits 77
    [[ $output == *"no access token"* ]]
    for kind in html truncate reset redirect; do
        fault /users/alice/verify "$kind"
        run "$PODFLATTR" partner verify alice --identity "$identity"
        exits 69
        [[ $output != yes* ]]
    done
    fault /users/alice/verify status 1 '"status":503'
    run "$PODFLATTR" partner verify alice --identity "$identity"
    exits 69
    run "$PODFLATTR" --api http://127.0.0.1:1/ partner verify alice --identity "$identity"
    exits 69
}

@test "a yes without a body is one, however the server says that there is none" {
    python3 - >api.ready 3>&- <<'TXT' &
import http.server

kinds = {  # the type, the header that says how long the body is, and what comes for one
    "counted": ("application/json; charset=utf-8", ("Content-Length", "0"), b""),
    "capitals": ("Application/JSON", ("Content-Length", "0"), b""),
    "chunked": ("application/json ;charset=utf-8", ("Transfer-Encoding", "chunked"), b"0\r\n\r\n"),
    "closed": ("application/json", ("Connection", "close"), b""),
    "another": ("application/json-seq", ("Content-Length", "0"), b""),
    "page": ("text/html", ("Content-Length", "0"), b""),
    "cut": ("application/json", ("Transfer-Encoding", "chunked"), b""),
    "words": ("application/json", ("Connection", "close"), b"{"),
}

class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mime, length, body = kinds[self.path.split("/")[-2]]
        self.send_response(200)
        self.send_header("Content-Type", mime)
        self.send_header(*length)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

server = http.server.HTTPServer(("127.0.0.1", 0), Api)
print(server.server_port, flush=True)
server.serve_forever()
TXT
    background+=($!)
    port_known() { [ -s api.ready ]; }
    wait_for 20 port_known
    PODFLATTR_API=http://127.0.0.1:$(<api.ready)/rest/v2
    export PODFLATTR_API PODFLATTR_TOKEN=any
    for kind in counted capitals chunked closed; do
        run -0 "$PODFLATTR" partner verify "$kind" --identity "$identity"
        [[ $output == yes* ]]
    done
    for kind in another page cut words; do
        run "$PODFLATTR" partner verify "$kind" --identity "$identity"
        exits 69
        [[ $output != yes* ]]
    done
}

@test "a wrong command line of partner says what is wrong" {
    # shellcheck disable=SC2089 # the lone quote is meant as it is
    for arguments in '' 'verify' 'verify alice' 'verify alice bob --identity a' 'verify alice --me --identity a' 'certify' \
        'verify alice --identity a --listen 127.0.0.1:0' 'webhook' 'webhook --listen localhost' 'webhook --listen example.org:80' \
        'webhook --listen 127.0.0.1:0 more' 'webhook --listen 127.0.0.1:0 --path secret' 'webhook --listen 127.0.0.1:0 --me' \
        'webhook --listen 127.0.0.1:0 --timeout 3' 'webhook --listen 127.0.0.1:0 --exec none-of-these' \
        'webhook --listen 127.0.0.1:0 --exec true --timeout -1' 'webhook --listen 127.0.0.1:0 --exec "'; do
        # shellcheck disable=SC2086,SC2090 # a list of words
        run "$PODFLATTR" partner $arguments
        exits 64
    done
    run "$PODFLATTR" partner webhook --listen 127.0.0.1:0 --emails none
    exits 66
}

# --- webhook ---

@test "the sandbox's event becomes a line, an environment and a document" {
    # shellcheck disable=SC2016 # the command's own variables
    command_that 'env -0 | grep -z ^PODFLATTR_ | tr "\0" "\n" >got.env; cat >got.json; mv got.json done.json'
    sandbox_start --user 'Zoë & co'
    hook_start --exec "$PWD/command"
    control PUT partner "{\"hook\":\"$hook/\"}"
    flattr "https://flattr.com/submit/auto?owner=$identity&url=http://e.org/1"
    wait_for 20 test -e done.json
    [ "$(control GET hooks | jq -c '.[0] | [.status, .problem]')" = '[200,null]' ]
    events | jq -e '.event == "pendingclickcreate" and .thing_id == 1 and .thing_owner_id == "partner:site:123" and
        .thing_clicks_total == 1 and .flattrer_username == "Zoë & co" and .claim_url == "'"$sandbox"'/claim" and
        .owner_email == null and (.received | test("^20[0-9-]+T[0-9:]+Z$"))'
    [ "$(events)" = "$(<done.json)" ]
    grep -qx 'PODFLATTR_EVENT=pendingclickcreate' got.env
    grep -qx 'PODFLATTR_THING_ID=1' got.env
    grep -qx 'PODFLATTR_THING_OWNER_ID=partner:site:123' got.env
    grep -qx 'PODFLATTR_THING_CLICKS_TOTAL=1' got.env
    grep -qx 'PODFLATTR_FLATTRER_USERNAME=Zoë & co' got.env
    grep -qx "PODFLATTR_CLAIM_URL=$sandbox/claim" got.env
    grep -qx 'PODFLATTR_OWNER_EMAIL=' got.env
    run ! grep PODFLATTR_TOKEN got.env
}

@test "the claim address of an e-mail owner is completed, also after SIGHUP" {
    md5() { printf %s "$1" | md5sum | cut -d ' ' -f 1; }
    email_event() { printf '_event=pendingclickcreate&thing_id=%s&thing_owner_id=email:%s&claim_url=http://c.example/claim' "$1" "$2"; }
    printf '# users\n\nFoo@Example.com\nö+a/b@example.com\r\n' >emails
    hook_start --emails emails
    [ "$(post / --data "$(email_event 1 "$(md5 foo@example.com)")")" = 200 ]
    [ "$(post / --data "$(email_event 2 "$(md5 Foo@Example.com | tr a-f A-F)")")" = 200 ]
    [ "$(post / --data "$(email_event 3 "$(md5 ö+a/b@example.com)")")" = 200 ]
    [ "$(post / --data "$(email_event 4 "$(md5 new@example.com)")")" = 200 ]
    echo new@example.com >>emails
    kill -HUP "$hook_pid"
    emailed() {
        [ "$(post / --data "$(email_event 5 "$(md5 new@example.com)")")" = 200 ] && events | jq -es '.[-1].owner_email == "new@example.com"'
    }
    wait_for 20 emailed
    events | jq -r .claim_url | head -n 4 >claims
    diff claims - <<'TXT'
http://c.example/claim/owner/Foo%40Example.com
http://c.example/claim/owner/Foo%40Example.com
http://c.example/claim/owner/%C3%B6%2Ba%2Fb%40example.com
http://c.example/claim
TXT
    echo nonsense >>emails
    kill -HUP "$hook_pid"
    wait_for 20 grep -q 'emails:6: this line is no e-mail address; the addresses that were read before are kept' hook.log
}

@test "an anonymous flattrer is null, and what is missing is too" {
    hook_start
    [ "$(post / --data '_event=pendingclickcreate&flattrer_username=')" = 200 ]
    events | jq -e '[.thing_id, .thing_owner_id, .thing_clicks_total, .flattrer_username, .claim_url] | all(. == null)'
}

@test "the event's name is looked at first: unknown ones are answered and left alone" {
    command_that 'touch done.any'
    hook_start --exec "$PWD/command"
    [ "$(post / --data '_event=thingdelete&thing_id=x&claim_url=y')" = 200 ]
    [ "$(post / --data $'_event=%1b[31m%0apodflattr: fake&thing_id=1')" = 200 ]
    [ "$(post / --data "_event=$(printf 'e%.0s' {1..9000})")" = 200 ]
    [ "$(grep -c 'left alone: the event' hook.log)" -eq 3 ]
    run ! grep -q $'\033' hook.log
    run ! grep -q '^podflattr: fake' hook.log
    run ! grep -q 'e\{100\}' hook.log
    [ -z "$(events)" ]
    [ ! -e done.any ]
}

@test "nothing in a field is ever more than its value" {
    # shellcheck disable=SC2016
    command_that 'cat >"got.$$"; printf "%s\n--\n%s\n--\n%s" "$PODFLATTR_THING_OWNER_ID" "$PODFLATTR_FLATTRER_USERNAME" "$PODFLATTR_CLAIM_URL" >"env.$$"; mv "env.$$" "done.$$"'
    hook_start --exec "$PWD/command 'an argument' \$(touch pwned.argument)"
    count=0
    # shellcheck disable=SC2016 # nothing is to expand
    for attack in '; touch pwned' '$(touch pwned)' '`touch pwned`' "'; touch pwned; '" '"; touch pwned; "' $'a\ntouch pwned\n' '| touch pwned' \
        '& touch pwned &' '../../pwned' '-x' $'\nLD_PRELOAD=/pwned' '%s%n%s' $'\033]0;x\007' '{"a":1}'; do
        count=$((count + 1))
        [ "$(post / --data-urlencode _event=pendingclickcreate --data-urlencode thing_id=1 --data-urlencode "thing_owner_id=$attack" \
            --data-urlencode "flattrer_username=$attack" --data-urlencode "claim_url=https://c.example/?$(jq -rn --arg a "$attack" '$a | @uri')" \
            --data-urlencode "PATH=/pwned" --data-urlencode "LD_PRELOAD=/pwned" --data-urlencode "PODFLATTR_THING_ID=9" --data-urlencode "x=y=$attack")" = 200 ]
        expected=$(jq -rn --arg a "$attack" '$a + "\n--\n" + $a + "\n--\nhttps://c.example/?" + ($a | @uri)')
        got_it() {
            local file
            for file in done.*; do [ "$(cat "$file" 2>/dev/null)" != "$expected" ] || return 0; done
            return 1
        }
        wait_for 20 got_it
        events | tail -n 1 | jq -e --arg a "$attack" '.thing_owner_id == $a and .flattrer_username == $a and (has("PATH") | not)'
        [ "$(events | wc -l)" -eq "$count" ]
    done
    for field in thing_id thing_clicks_total claim_url; do
        # shellcheck disable=SC2016
        for attack in '; touch pwned' '$(touch pwned)' '1;touch pwned' $'1\n2' '"' "'" 99999999999999999999 -1 1e3 0x10 'javascript:alert(1)'; do
            [ "$(post / --data _event=pendingclickcreate --data-urlencode "$field=$attack")" = 400 ]
        done
    done
    for attack in $'\n; touch pwned' ' ;touch pwned' '"' '<' $'\t' 'é'; do
        [ "$(post / --data _event=pendingclickcreate --data-urlencode "claim_url=https://c.example/$attack")" = 400 ]
    done
    [ "$(events | wc -l)" -eq "$count" ]
    [ ! -e pwned ] && [ ! -e pwned.argument ]
}

@test "what is no form is refused" {
    hook_start
    printf '_event=pendingclickcreate&thing_id=1\0' >nul
    for body in '' 'thing_id=1' '_event=' '_event=pendingclickcreate&flattrer_username=%zz' '_event=pendingclickcreate&flattrer_username=%ff' \
        '_event=pendingclickcreate&flattrer_username=a%00b' '_event=pendingclickcreate&thing_id=1&thing_id=2' \
        '_event=pendingclickcreate&_event=other' '&&&&=&=' '<event/>' '%' @nul; do
        [ "$(post / --data-binary "$body")" = 400 ] || fail "taken: $body"
    done
    [ "$(post / --json '{"_event":"pendingclickcreate"}')" = 415 ]
    [ "$(post / -H 'Content-Type: application/x-www-form-urlencodedx' --data "$form")" = 415 ]
    [ "$(post / -H 'Content-Type: Application/X-WWW-Form-Urlencoded; charset=utf-8' --data "$form")" = 200 ]
    [ "$(events | wc -l)" -eq 1 ]
}

@test "only a POST to the path is taken" {
    PODFLATTR_WEBHOOK_PATH=/s3cret/here hook_start
    for path in / /s3cret /s3cret/here/ /s3cret/her /S3cret/here //s3cret/here; do
        [ "$(post "$path" --path-as-is --data "$form")" = 404 ] || fail "$path was found"
        [ "$(post "$path" --path-as-is)" = 404 ]
    done
    for method in GET PUT DELETE PATCH OPTIONS; do
        [ "$(post /s3cret/here -X "$method" -D headers)" = 405 ]
        grep -qi '^allow: post' headers
    done
    [ "$(post /s3cret/here --data "$form")" = 200 ]
    run ! grep -q s3cret "events.$hooked" hook.log
    hook_start --path /other
    [ "$(post /other --data "$form")" = 200 ]
    [ "$(post / --data "$form")" = 404 ]
    hook_start --path /a%20secret
    [ "$(post /a%20secret --data "$form")" = 200 ]
    PODFLATTR_WEBHOOK_PATH='' hook_start
    [ "$(post / --data "$form")" = 200 ]
    PODFLATTR_WEBHOOK_PATH=s3cret run "$PODFLATTR" partner webhook --listen 127.0.0.1:0
    exits 64
    [[ $output == *"PODFLATTR_WEBHOOK_PATH must begin with a slash"* && $output != *s3cret* ]]
}

@test "bodies are bounded, and a stream without end is cut" {
    hook_start
    python3 - "${hook##*:}" <<'TXT'
import socket, sys

PORT = int(sys.argv[1])
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"

def send(data, then=b""):
    with socket.create_connection(("127.0.0.1", PORT), timeout=60) as connection:
        answer = b""
        try:
            connection.sendall(HEAD + data)
            while then:
                connection.sendall(then)
            while part := connection.recv(65536):
                answer += part
        except (ConnectionResetError, BrokenPipeError):
            pass
        return answer.split(b"\r\n")[0]

def fitting(size):
    start = b"_event=pendingclickcreate&flattrer_username="
    body = start + b"u" * (size - len(start))
    return b"Content-Length: %d\r\n\r\n" % len(body) + body

assert b" 200 " in send(fitting(65536)), "64 KiB"
assert b" 413 " in send(b"Content-Length: 65537\r\n\r\n"), "more"
assert b" 413 " in send(b"Content-Length: 1000000000000\r\n\r\n"), "much more"
for odd in (b"-1", b"99999999999999999999999", b"1x", b"0x10"):
    answer = send(b"Content-Length: %s\r\n\r\n" % odd)
    assert b" 4" in answer or not answer, (odd, answer)
chunk = b"2000\r\n" + b"u" * 8192 + b"\r\n"
assert b" 200" not in send(b"Transfer-Encoding: chunked\r\n\r\n", chunk), "endless"
endless = send(b"X: " , b"h" * 8192)
assert b" 200" not in endless, endless
assert b" 200 " in send(fitting(100)), "still there"
TXT
    [ "$(events | wc -l)" -eq 2 ]
}

@test "a client that is slow is dropped, and holds up nobody" {
    hook_start
    python3 - "${hook##*:}" "$form" <<'TXT'
import select, socket, sys, time, urllib.request

PORT, form = int(sys.argv[1]), sys.argv[2].encode()

def connect(data):
    connection = socket.create_connection(("127.0.0.1", PORT), timeout=120)
    connection.sendall(data)
    return connection

# Nothing at all, half a head, and half a body; each with a byte now and then.
slow = [connect(b""), connect(b"POST / HTTP/1.1\r\nX: "),
        connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n_event=p")]
assert urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", form, timeout=60).status == 200
deadline = time.monotonic() + 120
while slow:
    assert time.monotonic() < deadline, "a slow client is still there"
    readable, _, _ = select.select(slow, [], [], 0.5)
    for connection in list(slow):
        try:
            gone = connection in readable and connection.recv(65536) == b""
            if not gone:
                connection.send(b"a")
        except OSError:
            gone = True
        if gone:
            connection.close()
            slow.remove(connection)
TXT
    [ "$(events | wc -l)" -eq 1 ]
}

@test "more connections than there is room for wait their turn" {
    hook_start
    python3 - "${hook##*:}" "$form" <<'TXT'
import socket, sys, urllib.request

PORT, form = int(sys.argv[1]), sys.argv[2].encode()
idle = [socket.create_connection(("127.0.0.1", PORT), timeout=120) for _ in range(80)]
assert urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", form, timeout=120).status == 200
del idle
TXT
    [ "$(events | wc -l)" -eq 1 ]
}

@test "at most four commands run at once, and every event gets its own" {
    # shellcheck disable=SC2016
    command_that 'touch "running.$$"; ls running.* | wc -l >"seen.$PODFLATTR_THING_ID"; read -r <>go; rm "running.$$"; mv "seen.$PODFLATTR_THING_ID" "done.$PODFLATTR_THING_ID"'
    mkfifo go
    hook_start --exec "$PWD/command"
    for i in {1..10}; do
        [ "$(post / --data "_event=pendingclickcreate&thing_id=$i")" = 200 ]
    done
    four_run() { [ "$(find . -name 'running.*' | wc -l)" -eq 4 ]; }
    wait_for 20 four_run
    all_done() {
        echo >go &
        [ "$(find . -name 'done.*' | wc -l)" -eq 10 ]
    }
    exec 9<>go
    wait_for 30 all_done
    exec 9>&-
    sort -n done.* | tail -n 1 | grep -qx '[1-4]'
}

@test "a command that hangs is killed with all that it has started" {
    # shellcheck disable=SC2016
    command_that 'tail -f /dev/null & echo $! $$ >pids.new; mv pids.new pids; wait'
    hook_start --exec "$PWD/command" --timeout 1
    [ "$(post / --data "$form")" = 200 ]
    wait_for 30 grep -q 'for thing 7 has taken longer than 1 s and was killed' hook.log
    read -r child parent <pids
    wait_for 20 ended "$child"
    wait_for 20 ended "$parent"
    [ "$(post / --data "$form")" = 200 ]
}

@test "a command that fails, or reads nothing, or is gone, is told and harms nobody" {
    command_that 'exit 3'
    hook_start --exec "$PWD/command"
    [ "$(post / --data "_event=pendingclickcreate&thing_id=1&flattrer_username=$(printf '%%01%.0s' {1..20000})")" = 200 ]
    wait_for 20 grep -q 'the command for thing 1 ended with exit status 3' hook.log
    # shellcheck disable=SC2016
    command_that 'kill -SEGV $$'
    [ "$(post / --data '_event=pendingclickcreate&thing_id=2')" = 200 ]
    wait_for 20 grep -q 'the command for thing 2 was ended by signal 11' hook.log
    rm ./command
    [ "$(post / --data '_event=pendingclickcreate&thing_id=3')" = 200 ]
    wait_for 20 grep -q 'the command for thing 3 cannot be run: ' hook.log
    [ "$(events | jq -s 'map(.thing_id)' -c)" = '[1,2,3]' ]
}

@test "an event is kept until its command has succeeded, also over a crash" {
    # shellcheck disable=SC2016 # the command's own variables
    command_that 'cat >"got.$PODFLATTR_THING_ID"; [ -e mended ] || read -r <>go; mv "got.$PODFLATTR_THING_ID" "done.$PODFLATTR_THING_ID"'
    mkfifo go
    hook_start --exec "$PWD/command"
    for i in {1..6}; do
        [ "$(post / --data "_event=pendingclickcreate&thing_id=$i&flattrer_username=%C3%B6")" = 200 ]
    done
    wait_for 20 test -e got.4
    kill -KILL "$hook_pid"
    wait "$hook_pid" || true
    [ "$(find state/events -name '*.form' | wc -l)" -eq 6 ]
    [ -z "$(find state/events -perm /077)" ]
    # What the crash has left behind of its commands.
    exec 9<>go
    printf '\n\n\n\n' >&9
    wait_for 20 test -e done.4
    received=$(jq -r .received done.4)
    rm -f done.*
    touch mended
    touch state/events/0000000000000000001.form
    hook_start --exec "$PWD/command"
    # shellcheck disable=SC2317 # called by wait_for
    nothing_kept() { [ -z "$(find state/events -name '*.form')" ]; }
    wait_for 20 nothing_kept
    exec 9>&-
    [ "$(cat done.* | jq -sc 'map(.thing_id) | sort')" = '[1,2,3,4,5,6]' ]
    [ "$(jq -r '.received + .flattrer_username' done.4)" = "${received}ö" ]
    # They were printed when they came.
    [ -z "$(events)" ]
    [ -e state/events/0000000000000000001.form.bad ]
    grep -q 'set aside, as 0000000000000000001.form.bad: _event is missing' hook.log
}

@test "an event whose command fails is kept, and handed over again" {
    # shellcheck disable=SC2016
    command_that '[ -e mended ] && touch "done.$PODFLATTR_THING_ID"'
    hook_start --exec "$PWD/command"
    [ "$(post / --data "$form")" = 200 ]
    wait_for 20 grep -q 'the event of thing 7 is kept; its command is run again in 60 s, or on SIGHUP' hook.log
    kill -HUP "$hook_pid"
    wait_for 20 grep -q 'thing 7 is kept; its command is run again in 120 s' hook.log
    kill "$hook_pid"
    wait "$hook_pid"
    grep -q '1 events are kept, and handed over after the next start' hook.log
    hook_start --exec "$PWD/command"
    wait_for 20 grep -q 'thing 7 is kept' hook.log
    touch mended
    kill -HUP "$hook_pid"
    wait_for 20 test -e done.7
    nothing_kept() { [ -z "$(ls -A state/events)" ]; }
    wait_for 20 nothing_kept
}

@test "an event that cannot be kept is not taken, and two receivers do not hand over the same" {
    command_that 'touch done.any'
    hook_start --exec "$PWD/command"
    run "$PODFLATTR" partner webhook --listen 127.0.0.1:0 --exec "$PWD/command"
    exits 73
    [[ $output == *'/state/events: another '*'--state-dir'* ]]
    rmdir state/events
    touch state/events
    [ "$(post / --data "$form")" = 503 ]
    grep -q 'an event was refused, since it cannot be kept' hook.log
    [ -z "$(events)" ]
    [ ! -e done.any ]
    rm state/events
    [ "$(post / --data "$form")" = 200 ]
    wait_for 20 test -e done.any
}

@test "what a command prints does not get among the events" {
    command_that 'echo from the command; touch done.printed'
    hook_start --exec "$PWD/command"
    [ "$(post / --data "$form")" = 200 ]
    wait_for 20 test -e done.printed
    [ "$(events | wc -l)" -eq 1 ]
    grep -qx 'from the command' hook.log
}

@test "SIGTERM ends it in order: what was answered is handed over" {
    # shellcheck disable=SC2016
    command_that 'touch begun; read -r <>go; touch "done.$PODFLATTR_THING_ID"'
    mkfifo go
    hook_start --exec "$PWD/command"
    [ "$(post / --data "$form")" = 200 ]
    wait_for 20 test -e begun
    kill "$hook_pid"
    # shellcheck disable=SC2317 # called by wait_for
    refused() { ! post / --data "$form"; }
    wait_for 20 refused
    echo >go
    wait "$hook_pid"
    [ -e done.7 ]
    hook_start
    kill "$hook_pid"
    wait "$hook_pid"
}

@test "a second SIGTERM does not wait for commands" {
    command_that 'touch begun; tail -f /dev/null'
    hook_start --exec "$PWD/command"
    [ "$(post / --data "$form")" = 200 ]
    wait_for 20 test -e begun
    kill "$hook_pid"
    # shellcheck disable=SC2317 # called by wait_for
    refused() { ! post / --data "$form"; }
    wait_for 20 refused
    kill "$hook_pid"
    wait "$hook_pid"
    grep -q 'the command for thing 7 was killed, since podflattr ends' hook.log
}

@test "an address that is taken, or open to others, is told" {
    hook_start
    run "$PODFLATTR" partner webhook --listen "${hook#http://}"
    exits 69
    [[ $output == *"cannot listen at ${hook#http://}: Address already in use"* ]]
    run ! grep -q 'other machines' hook.log
    "$PODFLATTR" partner webhook --listen 0.0.0.0:0 >open.ready 2>open.log 3>&- &
    background+=($!)
    wait_for 20 has_lines open.ready 1
    grep -q 'http://0.0.0.0:[0-9]* can be reached from other machines' open.log
}

@test "an event that cannot be printed is not taken" {
    mkfifo events.pipe
    "$PODFLATTR" partner webhook --listen 127.0.0.1:0 >events.pipe 2>hook.log 3>&- &
    hook_pid=$!
    background+=("$hook_pid")
    IFS= read -r line <events.pipe
    hook=$(jq -r .listening <<<"$line")
    [ "$(post / --data "$form")" = 503 ] || [ "$(<answer)" = '' ]
    status=0
    wait "$hook_pid" || status=$?
    [ "$status" -eq 74 ]
    grep -q 'cannot write the results' hook.log
}
