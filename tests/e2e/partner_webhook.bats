#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The server's events come in, from whomever they may come, and become lines, environments and documents.
load helper
load sandbox
load partner

setup() { partner_setup; }

@test "the sandbox's event becomes a line, an environment and a document" {
    # shellcheck disable=SC2016 # the command's own variables
    command_that 'env -0 | grep -z ^PODFLATTR_ | tr "\0" "\n" >got.env; cat >got.json; mv got.json done.json'
    sandbox_start --user 'Zoë & co'
    hook_start --exec "$PWD/command"
    control PUT partner "{\"hook\":\"$hook/\"}"
    flattr "https://flattr.com/submit/auto?owner=$identity&url=http://e.org/1"
    wait_for 20 test -e done.json
    is "$(control GET hooks | jq -c '.[0] | [.status, .problem]')" '[200,null]'
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
    wait_for 20 grep -q 'emails:6: this line is not an e-mail address; keeping the addresses that were read before' hook.log
}

@test "an anonymous flattrer and missing fields are null" {
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
    [ "$(grep -c 'ignored: the event' hook.log)" -eq 3 ]
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

@test "a body that is not a form is refused" {
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

@test "only a POST to the path is accepted" {
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

@test "a slow client is dropped, and blocks nobody" {
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
    grep -q 'the command for thing 7 was killed because podflattr is stopping' hook.log
}

@test "an address that is taken, or open to others, is reported" {
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

@test "an event that cannot be printed is not accepted" {
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
