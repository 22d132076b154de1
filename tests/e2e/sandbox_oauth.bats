#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A client gets a token by the authorization code flow.

load helper

setup() {
    scratch_setup
    sandbox_start
    client=$(jq -r .client_id <<<"$ready")
    secret=$(jq -r .client_secret <<<"$ready")
    back='http://127.0.0.1:1/back?x=1'
}

# authorize DECISION [CURL-ARGUMENT ...]: answers the page's form; prints where it leads.
authorize() {
    local decision=$1
    shift
    curl -s -o /dev/null -w '%{redirect_url}' -d response_type=code -d "client_id=$client" \
        --data-urlencode "redirect_uri=$back" -d 'scope=flattr%20thing' -d 'state=a%26b' -d "decision=$decision" "$@" \
        "$sandbox/oauth/authorize"
}

new_code() { authorize allow | sed -n 's/.*[?&]code=\([0-9a-f]*\).*/\1/p'; }

# exchange CODE [REDIRECT-URI [SECRET]]
exchange() {
    curl -s -u "$client:${3-$secret}" --json \
        "{\"code\":\"$1\",\"grant_type\":\"authorization_code\",\"redirect_uri\":\"${2-$back}\"}" "$sandbox/oauth/token"
}

@test "the page asks, and passes on what it was given" {
    run curl -s -G --data-urlencode "redirect_uri=$back" -d response_type=code -d "client_id=$client" \
        --data-urlencode 'state="><script>' "$sandbox/oauth/authorize"
    [[ $output == *'<b>demo</b>'*'value="allow"'* ]]
    [[ $output == *'value="&quot;&gt;&lt;script&gt;"'* ]]
}

@test "a code is exchanged once for a token with the scopes asked for" {
    [[ $(authorize allow) == "$back&code="*'&state=a%26b' ]]
    code=$(new_code)
    answer=$(exchange "$code")
    is "$(jq -r '.token_type + " " + .scope' <<<"$answer")" 'bearer flattr thing'
    token=$(jq -r .access_token <<<"$answer")
    curl -sf -H "Authorization: Bearer $token" -d url=https://github.com/octocat "$api/flattr"
    is "$(exchange "$code" | jq -r .error)" invalid_grant
}

@test "a token is revoked by the client it was given to" {
    token=$(exchange "$(new_code)" | jq -r .access_token)
    revoke() { curl -s -o answer -w '%{http_code}' -u "$client:$1" -d "token=$2" "$sandbox/oauth/revoke"; }
    user() { curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$api/user"; }
    [ "$(revoke wrong "$token")" = 401 ]
    is "$(jq -r .error answer)" invalid_client
    [ "$(revoke "$secret" '')" = 400 ]
    [ "$(user)" = 200 ]
    # Also when it is known no longer, or never was (RFC 7009, 2.2).
    for known in "$token" "$token" unknown; do
        [ "$(revoke "$secret" "$known")" = 200 ]
        [ "$(user)" = 401 ]
    done
}

@test "a refusal leads back with an error and no code" {
    [ "$(authorize deny)" = "$back&error=access_denied&state=a%26b" ]
    [ "$(authorize allow -d scope=everything)" = "$back&error=invalid_scope&state=a%26b" ]
    [ "$(authorize allow -d response_type=token)" = "$back&error=unsupported_response_type&state=a%26b" ]
}

@test "a wrong client or address is never redirected to" {
    [ -z "$(authorize allow -d client_id=other)" ]
    [ -z "$(authorize allow -d redirect_uri=javascript:1)" ]
}

@test "a code that is old, for another place or from another client gives no token" {
    is "$(exchange "$(new_code)" http://127.0.0.1:1/other | jq -r .error)" invalid_grant
    is "$(exchange "$(new_code)" "$back" wrong | jq -r .error)" invalid_client
    code=$(new_code)
    control POST clock '{"offset":601}'
    is "$(exchange "$code" | jq -r .error)" invalid_grant
}
