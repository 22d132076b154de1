#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# flattr-sandbox against the API's documentation and against the clients that others wrote.

bats_require_minimum_version 1.5.0

load helper
load sandbox

setup() { scratch_setup; }

@test "every example of the documentation is answered as it says, field by field" {
    sandbox_start
    printf '%s\n' "$ready" >ready.json
    run -0 python3 "$PF_SOURCE/tests/e2e/documented_examples.py" ready.json
    # shellcheck disable=SC2154 # bats sets lines
    [[ ${lines[-1]} =~ ^[0-9]{3,}\ checks,\ 0\ deviations$ ]] || fail "$output"
}

@test "the check of deviations finds the oddities of the real service" {
    sandbox_start --quirks
    printf '%s\n' "$ready" >ready.json
    run -0 python3 "$PF_SOURCE/tests/e2e/documented_examples.py" ready.json
    [[ $output == *"get a thing, public.flattrs: is '0'"* ]]
    [[ ! ${lines[-1]} =~ \ 0\ deviations$ ]]
}

# replays CLIENT REDIRECT: its recorded requests are answered as it needs.
replays() {
    sandbox_start --client "app:secret:$2"
    printf '%s\n' "$ready" >ready.json
    run -0 python3 "$PF_SOURCE/tests/e2e/replay_client.py" ready.json "$PF_SOURCE/tests/data/clients/$1.json"
    [[ ${lines[-1]} =~ ^[0-9]{2,}\ requests,\ 0\ answered\ otherwise$ ]] || fail "$output"
}

@test "the requests of python-flattr" { replays python-flattr http://localhost:8080; }
@test "the requests of node-flattr" { replays node-flattr http://localhost:8080; }
@test "the requests of Perl's WebService::Flattr" { replays perl-webservice-flattr http://localhost/; }
@test "the requests of the Ruby gem" { replays ruby-flattr http://localhost/back; }
@test "the requests of flattr4j" { replays flattr4j http://localhost/back; }

@test "lists come in every documented format, and as JSONP" {
    sandbox_start
    flattr "$(auto http://e.org/1)"
    call GET /categories.txt
    is "$(header Content-Type) ${body%%$'\n'*}" 'text/plain;charset=utf-8 text Text'
    call GET /languages.xml
    python3 -c 'import sys, xml.etree.ElementTree as t; assert t.parse("body.txt").getroot()[0].find("id").text == "en_GB"'
    call GET /things/1 -H 'Accept: application/yaml'
    grep -qx 'id: 1' body.txt
    grep -qx 'owner:' body.txt
    for path in /user/flattrs /users/demo/flattrs /things/1/flattrs; do
        call GET "$path.as"
        shows '[.items[].verb]' '["like"]'
        call GET "$path.atom"
        [ "$(grep -c '<entry>' body.txt)" = 1 ]
    done
    for path in /users/alice/things.as '/things/search.as?user=alice'; do
        call GET "$path"
        shows '[.items[] | .verb, .title]' '["post","alice submitted \"http://e.org/1\""]'
    done
    call GET '/categories?jsonp=app.show'
    [[ $body == 'app.show([{"id":"text"'*']);' ]]
    call GET '/categories?jsonp=alert(1)'
    answers 400 invalid_parameters
    call GET '/things/9?jsonp=show'
    [[ $body == 'show({"error":"not_found"'* ]]
}

@test "lookups as before, and a registered page in a link that names no owner" {
    sandbox_start
    control PUT thing '{"url":"http://e.org/1","user":"alice"}'
    for path in '/things/lookup?q=http%3A%2F%2Fe.org%2F1' /things/lookup/q/http://e.org/1 \
        /things/lookup/q/http%3A%2F%2Fe.org%2F1; do
        call GET "$path"
        answers 302
        [ "$(header Location)" = "$api/things/1" ]
    done
    flattr 'http://flattr.com/submit/auto?url=http%3A%2F%2Fe.org%2F1'
    answers 200
    flattr 'http://flattr.com/submit/auto?url=http%3A%2F%2Fe.org%2F2'
    answers 400 invalid_parameters
}

@test "--base is what every link begins with" {
    sandbox_start --base https://pay.example/flattr/
    is "$(jq -r '.api + " " + .authorize' <<<"$ready")" \
        'https://pay.example/flattr/rest/v2 https://pay.example/flattr/oauth/authorize'
    for wrong in ftp://e.org/ 'http://e.org/?a=b' nonsense; do
        run -64 timeout 60 "$FLATTR_SANDBOX" --base "$wrong"
    done
}

@test "it warns when other machines cannot reach the address in its links" {
    "$FLATTR_SANDBOX" --listen 0.0.0.0:0 >any.ready 2>any.log 3>&- &
    background+=($!)
    wait_for 20 test -s any.ready
    grep -q -- '--base URL' any.log
}

@test "podflattr's own client copes with the real service's oddities" {
    sandbox_start --quirks
    flattr "$(auto http://e.org/1)"
    grep -qF '"id":"1"' body.txt
    run -0 --separate-stderr "$PODFLATTR" api things get 1
    [[ $output == *'id: 1'*'hidden: no'* ]]
    run -0 --separate-stderr "$PODFLATTR" api flattrs list
    [[ $output =~ 20[0-9]{2}-[0-9]{2}-[0-9]{2}T.*demo.*http://e.org/1 ]]
}

# bats test_tags=torture
@test "half a request is given up after half a minute" {
    sandbox_start
    python3 - "${api#http://}" <<'PY'
import socket, sys
host, port = sys.argv[1].split("/")[0].split(":")
open_ones = [socket.create_connection((host, int(port))) for _ in range(1000)]
for one in open_ones:
    one.settimeout(60)
    try:
        one.sendall(b"GET /rest/v2/user HTTP/1.1\r\nHost:")
    except OSError:
        pass
for one in open_ones:
    try:
        one.recv(4096)
    except ConnectionError:
        pass
PY
    call GET /user
    answers 200
}
