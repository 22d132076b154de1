#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Partner sites: identities are tied to accounts.
load helper
load sandbox
load partner

setup() { partner_setup; }

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
    # Who is no partner has a good token, which serves for other things.
    PODFLATTR_TOKEN=$alice run "$PODFLATTR" partner verify alice --identity "$identity"
    exits 65
    [[ $output == "no   alice "*"does not belong to the partner"* ]]
    PODFLATTR_TOKEN=$alice run "$PODFLATTR" partner verify --me --identity email:05f8b3480b04f6a516bb1a46e556323c
    exits 65
}

@test "what is neither yes nor no has its own exit status" {
    sandbox_start
    new_user alice >token
    PODFLATTR_TOKEN=wrong run "$PODFLATTR" partner verify alice --identity "$identity"
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
