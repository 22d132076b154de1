#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What must not be trusted: the environment, other servers, pipes that break, files that are none.

load helper

page='https://flattr.com/submit/auto?url=http%3A%2F%2Fx.example%2F&user_id=ann'

# listener_start: something that takes connections and keeps what it is sent in heard.* files; sets listener to its port.
listener_start() {
    mkfifo listener.ready
    python3 - >listener.ready 3>&- <<'TXT' &
import itertools, socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
for number in itertools.count():
    connection, _ = server.accept()
    with connection, open(f"heard.{number}", "wb") as heard:
        heard.write(connection.recv(65536))
        heard.flush()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
TXT
    background+=($!)
    read -r listener <listener.ready
}

@test "a proxy that the environment names never sees what goes to loopback" {
    sandbox_start
    listener_start
    "$PODFLATTR" add "$page"
    http_proxy=http://127.0.0.1:$listener ALL_PROXY=http://127.0.0.1:$listener run "$PODFLATTR" send
    exits 0
    [ "$(control GET flattrs | jq length)" -eq 1 ]
    run ls heard.*
    [ "$status" -ne 0 ]
}

@test "a wrong address of the API ends no entry" {
    sandbox_start
    "$PODFLATTR" add "$page"
    run "$PODFLATTR" --api "${PODFLATTR_API%v2}v3" send
    exits 75
    "$PODFLATTR" queue --format=json | jq -e '.state == "queued" and .reason == "not_the_api"'
    PODFLATTR_CLOCK_OFFSET=120 run "$PODFLATTR" send
    exits 0
    "$PODFLATTR" queue --format=json | jq -e '.state == "flattred"'
}

@test "a server that says yes to everything has flattred nothing" {
    listener_start
    export PODFLATTR_TOKEN=t
    "$PODFLATTR" add "$page"
    run "$PODFLATTR" --api "http://127.0.0.1:$listener/rest/v2" send
    exits 75
    "$PODFLATTR" queue --format=json | jq -e '.state == "queued" and .reason == "bad_answer"'
}

@test "what one server said of one's means says nothing about another" {
    sandbox_start --means 0
    "$PODFLATTR" add "$page"
    run "$PODFLATTR" send
    exits 75
    sandbox_start
    run "$PODFLATTR" send
    exits 0
    [ "$(control GET flattrs | jq length)" -eq 1 ]
}

@test "a pipe that breaks does not stop what is being sent" {
    sandbox_start
    for i in {1..20}; do
        "$PODFLATTR" add "https://flattr.com/submit/auto?url=http%3A%2F%2Fx.example%2F$i&user_id=ann"
    done
    run bash -o pipefail -c '"$PODFLATTR" send | head -n 1'
    exits 74
    [[ $output == *"cannot write the results"* ]]
    [ "$(control GET flattrs | jq length)" -eq 20 ]
    [ "$("$PODFLATTR" status --format=json | jq .queue.flattred)" -eq 20 ]
}

@test "credentials that are no file are refused, not waited for" {
    sandbox_start
    mkdir -m 700 state
    mkfifo -m 600 state/credentials
    unset PODFLATTR_TOKEN
    run timeout 20 "$PODFLATTR" send
    exits 78
    [[ $output == *"is not a regular file"* ]]
}

@test "a password in a URL is neither kept nor shown" {
    run "$PODFLATTR" add 'https://user:hunter2@x.example/'
    exits 65
    [[ $output != *hunter2* ]]
    [ ! -e state/queue.db ] || ! grep -q hunter2 state/queue.db
    run "$PODFLATTR" --api 'http://user:hunter2@127.0.0.1/' status
    exits 78
    [[ $output != *hunter2* ]]
}

@test "an endless file is not read for ever" {
    run bash -c 'yes "<!-- -->" | "$PODFLATTR" scan -'
    exits 65
    [[ $output == *"larger than 64 MiB"* ]]
}
