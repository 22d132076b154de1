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

# leads_to FIELD=VALUE ...: where the form's answer leads, with these fields and the client's id alone.
leads_to() {
    local fields=(-d response_type=code -d "client_id=$client" -d decision=allow) field
    for field in "$@"; do fields+=(--data-urlencode "$field"); done
    curl -s -o page.html -w '%{redirect_url}' "${fields[@]}" "$sandbox/oauth/authorize"
}

# code_of ADDRESS: the code that it carries.
code_of() { sed -n 's/.*[?&]code=\([0-9a-f]*\).*/\1/p' <<<"$1"; }

# token_for FIELD=VALUE ...: posts the form to the token endpoint; prints the token or the error.
token_for() {
    local fields=(-d grant_type=authorization_code) field
    for field in "$@"; do fields+=(--data-urlencode "$field"); done
    curl -s "${fields[@]}" "$sandbox/oauth/token" | jq -r '.access_token // .error'
}

register() { control PUT client "{\"client_id\":\"app\",\"client_secret\":\"s:1\"$1}"; }

@test "a program that is registered need not name its address, and shows itself in the body" {
    register ',"redirect_uri":"https://app.example/back","name":"The App"'
    client=app
    [[ $(leads_to) == https://app.example/back?code=* ]]
    token=$(token_for "code=$(code_of "$(leads_to)")" client_id=app client_secret=s:1)
    [[ $token =~ ^[0-9a-f]{40}$ ]]
    token=$(token_for "code=$(code_of "$(leads_to)")" client_id=app client_secret=s:1 redirect_uri=https://app.example/back)
    [[ $token =~ ^[0-9a-f]{40}$ ]]
    is "$(token_for "code=$(code_of "$(leads_to)")" client_id=app client_secret=wrong)" invalid_client
    # Elsewhere at the same server, and at no other.
    [[ $(leads_to redirect_uri=https://app.example/2) == https://app.example/2?code=* ]]
    [ -z "$(leads_to redirect_uri=https://evil.example/back)" ]
    [ -z "$(leads_to redirect_uri=http://app.example/back)" ]
    run curl -s "$sandbox/oauth/authorize?response_type=code&client_id=app"
    [[ $output == *'<b>The App, at app.example</b>'* ]]
    # Without an address at either side there is none.
    register ''
    [ -z "$(leads_to)" ]
}

@test "a program with an id of its own is given with --client" {
    sandbox_start --client given:secret:http://localhost:8080/
    is "$(jq -r '.client_id + " " + .client_secret' <<<"$ready")" 'given secret'
    client=given
    [[ $(leads_to) == http://localhost:8080/?code=* ]]
}

@test "a code for one program does not work for another" {
    register ',"redirect_uri":"http://127.0.0.1:1/back"'
    code=$(client=app leads_to | sed -n 's/.*code=//p')
    is "$(token_for "code=$code" "client_id=$client" "client_secret=$secret" redirect_uri=http://127.0.0.1:1/back)" \
        invalid_grant
}

@test "PKCE: a code is exchanged only with its verifier" {
    verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
    challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM # as RFC 7636 has it
    asked() { code_of "$(leads_to "redirect_uri=$back" "$@")"; }
    ask=("client_id=$client" "client_secret=$secret" "redirect_uri=$back")
    for given in "code_challenge=$challenge code_challenge_method=S256" "code_challenge=$verifier"; do
        # shellcheck disable=SC2086 # words
        [[ $(token_for "${ask[@]}" "code=$(asked $given)" "code_verifier=$verifier") =~ ^[0-9a-f]{40}$ ]]
        # shellcheck disable=SC2086
        is "$(token_for "${ask[@]}" "code=$(asked $given)")" invalid_grant
        # shellcheck disable=SC2086
        is "$(token_for "${ask[@]}" "code=$(asked $given)" "code_verifier=${verifier}x")" invalid_grant
    done
    is "$(token_for "${ask[@]}" "code=$(asked)" "code_verifier=$verifier")" invalid_grant
    [[ $(leads_to "redirect_uri=$back" code_challenge=short) == *error=invalid_request* ]]
    [[ $(leads_to "redirect_uri=$back" "code_challenge=$challenge" code_challenge_method=S1) == *error=invalid_request* ]]
}

@test "a code that is used twice revokes its token" {
    code=$(new_code)
    token=$(exchange "$code" | jq -r .access_token)
    curl -sf -o user.json -H "Authorization: Bearer $token" "$api/user"
    is "$(exchange "$code" | jq -r .error)" invalid_grant
    is "$(curl -s -o user.json -w '%{http_code}' -H "Authorization: Bearer $token" "$api/user")" 401
}

@test "an address that browsers read otherwise is never redirected to" {
    for address in 'https://evil.example/\@good.example/' 'https://evil.example\@good.example/' \
        https://good.example@evil.example/ 'https://gооd.example/' https://evil%2eexample/ $'https://e.org/\n'; do
        [ -z "$(leads_to "redirect_uri=$address")" ] || fail "$address"
    done
    [[ $(leads_to redirect_uri=https://good.example/a@b) == https://good.example/a@b?code=* ]]
}
