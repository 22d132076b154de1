# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of logins share: a configuration for the sandbox's pages, and a login in the background. Loaded after
# helper.bash.

# login_configure [LINE ...]: writes a configuration with the sandbox's addresses and client, and more lines of [flattr].
# No token is in the environment from then on.
login_configure() {
    unset PODFLATTR_TOKEN PODFLATTR_API
    jq -r '"[flattr]\napi = \(.api)\nauthorize = \(.authorize)\ntoken-endpoint = \(.token_endpoint)\nclient-id = \(.client_id)\nclient-secret = \(.client_secret)"' \
        <<<"$ready" >"$PODFLATTR_CONFIG"
    printf '%s\n' "$@" >>"$PODFLATTR_CONFIG"
}

# login_start [ARGUMENT ...]: begins a login; sets login_pid, and address, which is to be opened.
login_start() {
    : >login.out
    "$PODFLATTR" -v -v login "$@" >login.out 2>login.err 3>&- &
    login_pid=$!
    background+=("$login_pid")
    wait_for 20 grep -q '^http' login.out || fail "no address: $(<login.err)"
    read -r address <login.out
}

login_is_over() { ! kill -0 "$login_pid"; }

# login_ends STATUS [SECONDS]: the login ends by itself, so, within a minute or that time.
login_ends() {
    local status=0
    wait_for "${2-60}" login_is_over || fail "the login goes on: $(<login.out) $(<login.err)"
    wait "$login_pid" || status=$?
    [ "$status" -eq "$1" ] || fail "exit status $status instead of $1: $(<login.out) $(<login.err)"
}

# parameter NAME: one of the address's parameters.
parameter() {
    python3 -c 'import sys, urllib.parse as u; print(u.parse_qs(u.urlparse(sys.argv[1]).query)[sys.argv[2]][0])' "$address" "$1"
}

# browse METHOD ADDRESS [CURL-ARGUMENT ...]: as a browser that keeps cookies and says where it comes from. Sets http,
# writes page.html and headers.
browse() {
    local method=$1
    local where=$2
    shift 2
    http=$(curl -s -X "$method" -b jar -c jar -H "Origin: $sandbox" -D headers -o page.html -w '%{http_code}' "$@" "$where")
}

# field NAME: the value of a hidden field in the last page.
field() { sed -n "s/.*<input type=\"hidden\" name=\"$1\" value=\"\([^\"]*\)\">.*/\1/p" page.html | head -n 1; }

# decide allow|deny: opens $address, answers its form, and sets answer to where that leads.
decide() {
    browse GET "$address"
    [ "$http" = 200 ] || fail "the page answered $http: $(<page.html)"
    local fields=() name
    for name in form_token response_type client_id redirect_uri scope state code_challenge code_challenge_method; do
        fields+=(--data-urlencode "$name=$(field "$name")")
    done
    browse POST "$sandbox/oauth/authorize" "${fields[@]}" -d "decision=$1"
    [ "$http" = 302 ] || fail "the form was answered $http: $(<page.html)"
    # shellcheck disable=SC2034 # used by the tests
    answer=$(sed -n 's/^Location: //Ip' headers | tr -d '\r')
}

# log_in STATUS: the whole way through the pages; the login ends so.
log_in() {
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends "$1"
}

# page_says STATUS TEXT: the last page.
page_says() {
    [ "$http" = "$1" ] || fail "the page answered $http instead of $1: $(<page.html)"
    grep -qF -- "$2" page.html || fail "no '$2' in: $(<page.html)"
}

# code_of ADDRESS: the code that an answer holds.
code_of() { printf '%s\n' "$1" | sed 's/.*code=\([0-9a-f]*\).*/\1/'; }

stored_token() { sed -n 's/^access-token=//p' "$PODFLATTR_STATE_DIR/credentials"; }

fault_was_met() { [ "$(requests 'GET /user')" -eq 1 ]; }
