#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# TLS and HTTP/2: the token goes to no server whose certificate does not hold, and flattrs go out once each over HTTP/2.

bats_require_minimum_version 1.5.0
load helper

page='https://flattr.com/submit/auto?url=http%3A%2F%2Fx.example%2F&user_id=ann'

setup() {
    command -v openssl >/dev/null || skip "openssl is missing"
    scratch_setup
    authority_make
}

# authority_make: a certification authority in ca.pem, which podflattr is told to trust.
authority_make() {
    new_key ca
    openssl req -x509 -new -key ca.key -out ca.pem -subj '/CN=Authority' -days 2 2>openssl.log
    printf '[ca]\ndefault_ca = this\n[this]\nnew_certs_dir = .\ndatabase = issued\nserial = serial\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n' >ca.conf
    : >issued
    echo 01 >serial
    printf '[flattr]\nca-file = %s/ca.pem\n' "$PWD" >"$PODFLATTR_CONFIG"
}

new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$1.key" 2>openssl.log
}

# certify NAME ALTERNATIVE-NAME [FROM TO]: a certificate of the authority, in NAME.pem; valid now unless it is said from when to
# when (YYYYMMDD).
certify() {
    local dates=(-days 2)
    [ $# -lt 4 ] || dates=(-startdate "${3}000000Z" -enddate "${4}000000Z")
    new_key "$1"
    openssl req -new -key "$1.key" -out "$1.csr" -subj "/CN=$1"
    printf 'subjectAltName=%s\n' "$2" >"$1.ext"
    openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -in "$1.csr" -out "$1.pem" -extfile "$1.ext" \
        "${dates[@]}" 2>openssl.log
}

# relay_start NAME: a server with the certificate NAME.pem in front of the sandbox; podflattr's API is there then.
relay_start() {
    rm -f relay.ready
    mkfifo relay.ready
    : >wire
    : >heard
    python3 "$PF_SOURCE/tests/e2e/tls_relay.py" "$1.pem" "$1.key" "${sandbox##*:}" >relay.ready 2>relay.log 3>&- &
    background+=($!)
    read -r relay <relay.ready
    export PODFLATTR_API=https://127.0.0.1:$relay/rest/v2
}

# refuses WORDS: a flattr goes not out, podflattr says why in these words (a pattern), and the server has heard nothing.
refuses() {
    "$PODFLATTR" -q add "$page"
    run "$PODFLATTR" send
    exits 75
    [[ $output =~ $1 ]] || fail "it does not say '$1': $output"
    is "$("$PODFLATTR" status --format=json | jq -c '[.gate.open, .gate.reason, .queue.queued]')" '[false,"unreachable",1]'
    "$PODFLATTR" queue --format=json | jq -e '.state == "queued" and .attempts <= 1'
    [ -s wire ]
    [ ! -s heard ] || fail "the server has heard: $(<heard)"
    run ! grep -qaF "$PODFLATTR_TOKEN" wire
    [ "$(requests 'POST /flattr')" = 0 ]
}

@test "an authority of one's own is trusted when the configuration says so" {
    sandbox_start
    certify good IP:127.0.0.1
    relay_start good
    "$PODFLATTR" -q add "$page"
    run -0 "$PODFLATTR" send
    is "$(control GET flattrs | jq -c 'map(.accepted)')" '[1]'
    grep -qaF "Bearer $PODFLATTR_TOKEN" heard
    run ! grep -qaF "$PODFLATTR_TOKEN" wire
    run "$PODFLATTR" doctor
    [[ $output == *"ok    server         answers"* ]]
}

@test "the service, which may read little, can read the authority too" {
    sandbox_start
    certify good IP:127.0.0.1
    mkdir kept
    mv ca.pem kept/
    printf '[flattr]\nca-file = %s/kept/ca.pem\n' "$PWD" >"$PODFLATTR_CONFIG"
    relay_start good
    "$PODFLATTR" -q add "$page"
    "$PODFLATTR" daemon >daemon.log 2>&1 3>&- &
    background+=($!)
    flattred() { [ "$(control GET flattrs | jq length)" -eq 1 ]; }
    wait_for 30 flattred || fail "$(<daemon.log)"
}

@test "a certificate of an authority that is not trusted is refused" {
    sandbox_start
    certify good IP:127.0.0.1
    : >"$PODFLATTR_CONFIG"
    relay_start good
    refuses '[Cc]ertificate'
}

@test "what the authority has not signed is refused, and sent once that is fixed" {
    sandbox_start
    new_key own
    openssl req -x509 -new -key own.key -out own.pem -subj '/CN=own' -days 2 -addext subjectAltName=IP:127.0.0.1
    relay_start own
    refuses 'self.signed certificate'
    printf '[flattr]\nca-file = %s/own.pem\n' "$PWD" >"$PODFLATTR_CONFIG"
    run -0 "$PODFLATTR" send
    is "$(control GET flattrs | jq -c 'map(.accepted)')" '[1]'
}

@test "a certificate that has expired is refused" {
    sandbox_start
    certify old IP:127.0.0.1 20200101 20200201
    relay_start old
    refuses 'certificate has expired'
}

@test "a certificate that is not valid yet is refused" {
    sandbox_start
    certify future IP:127.0.0.1 20980101 20990101
    relay_start future
    refuses 'certificate is not yet valid'
}

@test "a certificate for another host is refused" {
    sandbox_start
    certify other DNS:other.example
    relay_start other
    refuses "does not match|alternative certificate subject name"
}

@test "a server that does not speak TLS hears no token" {
    sandbox_start
    python3 - "${sandbox##*:}" >plain.ready 2>plain.log 3>&- <<'TXT' &
import socket, sys

with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    open("heard", "wb").close()
    while True:
        client, _ = listener.accept()
        with client, open("wire", "ab") as wire:
            wire.write(client.recv(65536))
            wire.flush()
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
TXT
    background+=($!)
    port_known() { [ -s plain.ready ]; }
    wait_for 20 port_known
    PODFLATTR_API=https://127.0.0.1:$(<plain.ready)/rest/v2
    refuses 'SSL|TLS'
}

@test "an authority that cannot be read is reported, and nothing is sent" {
    sandbox_start
    certify good IP:127.0.0.1
    relay_start good
    echo nonsense >nonsense.pem
    for file in "$PWD/none.pem" "$PWD/nonsense.pem"; do
        printf '[flattr]\nca-file = %s\n' "$file" >"$PODFLATTR_CONFIG"
        "$PODFLATTR" -q add "$page"
        run "$PODFLATTR" send
        exits 75
        [[ $output == *"$file"* ]] || fail "it does not name the file: $output"
        [ ! -s heard ]
    done
}

# --- HTTP/2 ---

# proxy_start: nghttpx, which speaks HTTP/2, in front of the sandbox; its log has a line for each request in requests.log.
proxy_start() {
    command -v nghttpx >/dev/null || skip "nghttpx is missing"
    certify good IP:127.0.0.1
    for _ in {1..10}; do
        : >requests.log
        proxy_port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
        # Somebody may take the port in between.
        # shellcheck disable=SC2016 # the variables are nghttpx's
        nghttpx --conf=/dev/null --workers=1 --single-process --frontend="127.0.0.1,$proxy_port" \
            --backend="127.0.0.1,${sandbox##*:}" --accesslog-file="$PWD/requests.log" --accesslog-format='$alpn $status $request' \
            --errorlog-file="$PWD/proxy.log" good.key good.pem >proxy.out 2>&1 3>&- &
        proxy_pid=$!
        background+=("$proxy_pid")
        ! wait_for 20 proxy_is_settled || ! kill -0 "$proxy_pid" 2>/dev/null || break
    done
    kill -0 "$proxy_pid" || fail "nghttpx does not run: $(<proxy.log)"
    export PODFLATTR_API=https://127.0.0.1:$proxy_port/rest/v2
    : >requests.log
}

proxy_is_settled() {
    ! kill -0 "$proxy_pid" 2>/dev/null || curl --silent --cacert ca.pem --output answer "https://127.0.0.1:$proxy_port/rest/v2"
}

# add_pages COUNT: queues so many pages.
add_pages() {
    local i urls=()
    for ((i = 1; i <= $1; i++)); do
        urls+=("https://flattr.com/submit/auto?url=http%3A%2F%2Fx.example%2F$i&user_id=ann")
    done
    "$PODFLATTR" -q add "${urls[@]}"
}

flattred_at_least() { [ "$(control GET flattrs | jq length)" -ge "$1" ]; }

# all_by_h2: requests came through the proxy, and all of them over HTTP/2.
all_by_h2() {
    grep -q '^h2 200 POST /rest/v2/flattr HTTP/2' requests.log || fail "no flattr came over HTTP/2: $(<requests.log)"
    run ! grep -v '^h2 ' requests.log
}

@test "flattrs go out over HTTP/2, once each" {
    sandbox_start
    proxy_start
    add_pages 100
    run -0 "$PODFLATTR" -q send
    is "$(control GET flattrs | jq -c '[length, all(.accepted == 1)]')" '[100,true]'
    [ "$(requests 'POST /flattr')" = 100 ]
    all_by_h2
}

@test "what is killed in the midst of HTTP/2 pays nothing twice" {
    sandbox_start
    proxy_start
    for pages in 100 200 300; do
        add_pages "$pages"
        # Answers take their time, so that the sender has not ended by itself before it is killed.
        fault /flattr delay 1000 '"seconds":0.5'
        "$PODFLATTR" -q send 2>send.log 3>&- &
        sender=$!
        wait_for 60 flattred_at_least $((pages - 90))
        kill -9 "$sender"
        wait "$sender" || true
        control DELETE faults
    done
    finished() { "$PODFLATTR" -q send 2>>send.log; }
    wait_for 60 finished || fail "$(tail -n 5 send.log)"
    is "$(control GET flattrs | jq -c '[length, all(.accepted == 1)]')" '[300,true]'
    is "$("$PODFLATTR" status --format=json | jq .queue.flattred)" 300
    all_by_h2
}

@test "a proxy whose server is gone is waited for" {
    sandbox_start
    proxy_start
    add_pages 1
    kill "$sandbox_pid"
    wait "$sandbox_pid" || true
    run "$PODFLATTR" send
    exits 75
    # It answers 502, or breaks the stream off when it had kept a connection to the server.
    "$PODFLATTR" queue --format=json | jq -e '.state == "queued" and (.reason | IN("server_error", "no_answer"))'
    grep -q '^h2 .* POST /rest/v2/flattr HTTP/2' requests.log
}
