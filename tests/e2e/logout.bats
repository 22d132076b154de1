#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the token is kept and comes from, who follows a login and a logout, and what the server is told.
load helper
load daemon
load login

setup() {
    scratch_setup
    sandbox_start
    granted=$PODFLATTR_TOKEN
    login_configure
}

# not_logged_in: there is no token, and whoami says so.
not_logged_in() {
    [ ! -e "$PODFLATTR_STATE_DIR/credentials" ] || fail 'there is a token'
    run "$PODFLATTR" whoami
    exits 77
}

@test "logout forgets the token, and says where it can be revoked" {
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends 0
    run --separate-stderr "$PODFLATTR" logout
    exits 0
    [[ $stderr == *"open $sandbox/"* ]]
    not_logged_in
    run "$PODFLATTR" logout
    exits 0
    [[ $output == *"no access token was stored"* ]]
    mkdir -p state && : >state/credentials && chmod 644 state/credentials
    run "$PODFLATTR" logout
    exits 0
    [ ! -e state/credentials ]
}

@test "logout has the server revoke the token where it can, and says when it could not" {
    login_configure "revocation-endpoint = $(jq -r .revocation_endpoint <<<"$ready")"
    for endpoint in '' "$sandbox/nowhere" "$sandbox/" "$api/user"; do
        login_start --no-browser
        decide allow
        browse GET "$answer"
        login_ends 0
        token=$(sed -n 's/^access-token=//p' state/credentials)
        [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$api/user")" = 200 ]
        [ -z "$endpoint" ] || sed -i "s|^revocation-endpoint.*|revocation-endpoint = $endpoint|" "$PODFLATTR_CONFIG"
        # A redirect says nothing of what became of the token.
        [[ $endpoint != */user ]] || fault /user redirect
        run -0 --separate-stderr "$PODFLATTR" logout
        [[ "$output$stderr" != *"$token"* ]]
        status=$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$api/user")
        if [ -z "$endpoint" ]; then
            [[ $output == *"the server revoked it"* && -z $stderr ]]
            [ "$status" = 401 ]
        else
            [[ $output != *revoked* && $stderr == *"still accepts that token"*"open $sandbox/"* ]]
            [ "$status" = 200 ]
        fi
        not_logged_in
    done
}

@test "a service that waits for a login begins to send after it, and stops after a logout" {
    mkdir -p pods
    daemon_start
    "$PODFLATTR" add 'https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fe.example%2F1'
    wait_for 20 status_is .gate.reason no_token
    login_start --no-browser
    decide allow
    browse GET "$answer"
    login_ends 0
    wait_for 20 flattred_is 1
    status_is .gate.open true
    "$PODFLATTR" logout
    "$PODFLATTR" add 'https://flattr.com/submit/auto?user_id=maker&url=https%3A%2F%2Fe.example%2F2'
    wait_for 20 status_is .gate.reason no_token
    flattred_is 1
    daemon_stop
}

@test "the token comes from the environment, then from systemd's credentials, then from the store" {
    mkdir -m 700 state creds
    printf '[credentials]\napi=%s\naccess-token=stored\n' "$api" >state/credentials
    chmod 600 state/credentials
    run "$PODFLATTR" whoami
    exits 77
    printf '%s\n' "$granted" >creds/podflattr-token
    CREDENTIALS_DIRECTORY=$PWD/creds run "$PODFLATTR" whoami
    exits 0
    CREDENTIALS_DIRECTORY=$PWD/creds PODFLATTR_TOKEN=wrong run "$PODFLATTR" whoami
    exits 77
    printf 'two words\n' >creds/podflattr-token
    CREDENTIALS_DIRECTORY=$PWD/creds run "$PODFLATTR" whoami
    exits 78
    [[ $output == *creds/podflattr-token* && $output != *"two words"* ]]
}
