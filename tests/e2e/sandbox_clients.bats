#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# flattr-sandbox takes the requests of programs that were written for the API, as those sent them. Where each shape was
# seen is said beside it, as project and file.

load helper
load sandbox

setup() {
    scratch_setup
    sandbox_start
    client=$(jq -r .client_id <<<"$ready")
    secret=$(jq -r .client_secret <<<"$ready")
    control PUT thing '{"url":"http://e.org/1","user":"alice","title":"Episode 1"}' # thing 1
}

# allow QUERY: opens the page for consent with it, as the client writes it, and allows it. Sets led_to and code.
allow() {
    curl -sf -D headers "$sandbox/oauth/authorize?$1" -o page.html
    grep -q 'value="allow"' page.html
    curl -sf -o answer.txt -D headers -d decision=allow -d "$1" "$sandbox/oauth/authorize"
    led_to=$(header Location)
    code=$(sed -n 's/.*[?&]code=\([0-9a-f]*\).*/\1/p' <<<"$led_to")
    [ -n "$code" ]
}

# token_is_given ARGUMENT ...: curl gets a token of the server with these; it serves.
token_is_given() {
    curl -sf "$@" "$sandbox/oauth/token" -o token.json
    is "$(jq -r .token_type token.json)" bearer
    token=$(jq -r .access_token token.json) call GET /user
    answers 200
}

# --- gPodder: src/gpodder/flattr.py, src/gpodder/__init__.py (User-Agent); no Accept, and JSON's type also without a body

gpodder() { call "$@" -H 'Accept:' -H 'Accept-Encoding: identity' -H 'User-Agent: gPodder/3.8.3 (+http://gpodder.org/)' \
    -H 'Content-Type: application/json' -H 'Connection: close'; }

@test "gPodder finds that the API can be reached, in the answer's first line" {
    token='' gpodder GET ''
    answers 200
    is "$(head -n 1 body.txt | jq -r .message)" hello_world
}

@test "gPodder logs in: an address that is not escaped, no state, JSON, and its secret when it is asked for it" {
    # The first is gPodder's of 2012, with a scheme of its own; the second that of later ones.
    for back in gpodder://flattr-token/ http://gpodder.org/flattr/token.html; do
        allow "scope=flattr&response_type=code&client_id=$client&redirect_uri=$back"
        [ "$led_to" = "$back?code=$code" ]
        token_is_given --anyauth -u "$client:$secret" -H 'Content-Type: application/json' \
            -d "{\"code\": \"$code\", \"grant_type\": \"authorization_code\", \"redirect_uri\": \"$back\"}"
    done
}

@test "the browser is allowed to follow gPodder's form to its own scheme" {
    allow "scope=flattr&response_type=code&client_id=$client&redirect_uri=gpodder://flattr-token/"
    curl -sf -D headers -o page.html \
        "$sandbox/oauth/authorize?scope=flattr&response_type=code&client_id=$client&redirect_uri=gpodder://flattr-token/"
    [[ $(header Content-Security-Policy) == *"form-action 'self' http: https: gpodder:" ]]
}

@test "gPodder asks who it is, looks things up and flattrs" {
    gpodder GET /user
    answers 200
    gpodder POST /flattr -d "{\"url\": \"$(auto http://e.org/1)\"}"
    answers 200
    shows .description '"Thing was successfully flattred"'
    # It follows the redirection, and reads what the thing says.
    gpodder GET "/things/lookup/?url=$(jq -rn --arg u "$(auto http://e.org/1)" '$u | @uri')" --location
    answers 200
    shows '[.flattrs, .flattred]' '[1,true]'
}

@test "gPodder of 2012 looks things up by addresses that are not escaped" {
    gpodder GET '/things/lookup/?url=https://flattr.com/submit/auto?user_id=alice&url=http://e.org/1' --location
    answers 200
    shows '[.id, .flattrs, .flattred]' '[1,0,false]'
}

# --- python-flattr: flattr/__init__.py, flattr/api.py, flattr/things.py, flattr/user.py; forms, and Python's True and False

python_flattr() { call "$@" -H 'Accept: application/json' -H 'Accept-Encoding: gzip, deflate' \
    -H 'User-Agent: python-requests/1.1.0 CPython/3.3.0 Linux/3.7'; }

@test "python-flattr logs in: scopes by comma, and a form" { # flattr/oauth.py
    allow "scope=flattr%2Cthing%2Cemail%2Cextendedread&redirect_uri=http%3A%2F%2Flocalhost%3A8080&response_type=code&client_id=$client"
    [ "$led_to" = "http://localhost:8080?code=$code" ]
    token_is_given -u "$client:$secret" \
        -d "code=$code&redirect_uri=http%3A%2F%2Flocalhost%3A8080&grant_type=authorization_code"
    is "$(jq -r .scope token.json)" 'flattr thing email extendedread'
}

@test "python-flattr creates, changes and deletes a thing" {
    python_flattr POST /things/ -d 'url=http%3A%2F%2Fe.org%2F2&hidden=False&title=crazy+title&tags=a%2Cb'
    answers 201
    python_flattr GET /things/2
    shows '[.title, .hidden, .tags]' '["crazy title",false,["a","b"]]'
    python_flattr POST /things/2 -d 'url=http%3A%2F%2Fe.org%2F2&hidden=True&title=Some+new+Title&_method=patch'
    answers 200
    python_flattr GET /things/2
    shows '[.title, .hidden]' '["Some new Title",true]'
    python_flattr DELETE /things/2
    answers 204
}

@test "python-flattr finds things and users" {
    python_flattr GET /things/lookup?url=http%3A%2F%2Fe.org%2F1 --location
    answers 200
    python_flattr GET '/things/search?query=Episode&full=False'
    answers 200
    shows '[.total_items, (.things[0].owner | has("city"))]' '[1,false]'
    for path in /users/alice '/users/alice/things?count=10&page=1&full=False' /users/alice/flattrs?full=False \
        '/user/flattrs?count=30&page=1&full=True' /user/things /user/subscriptions /things/1/flattrs?full=False; do
        python_flattr GET "$path"
        answers 200
    done
    call GET /user/activities?type=incoming -H 'Accept: application/stream+json'
    answers 200
    shows 'keys' '["items"]'
}

@test "python-flattr flattrs and subscribes, with nothing in the body" {
    python_flattr POST /things/1/flattr -H 'Content-Length: 0'
    answers 200
    python_flattr POST /things/1/subscriptions -H 'Content-Length: 0'
    answers 200
    python_flattr PUT /things/1/subscriptions -H 'Content-Length: 0'
    answers 200
    python_flattr DELETE /things/1/subscriptions -H 'Content-Length: 0'
    answers 204
}

# --- flattr4j: flattr4j-core/src/main/java/org/shredzone/flattr4j/connector/impl/FlattrConnection.java (headers, bodies),
# .../connector/impl/FlattrHttpClient.java (HTTP/1.0, in the first versions), .../impl/FlattrServiceImpl.java (calls)

flattr4j() { call "$@" --http1.0 -H 'Accept: application/json' -H 'Accept-Encoding: gzip'; }
flattr4j_json() { flattr4j "${@:1:2}" -H 'Content-Type: application/json' -H 'Content-Encoding: utf-8' -d "$3"; }

@test "flattr4j creates, changes and deletes a thing, with the charset for its encoding" {
    flattr4j_json POST /things '{"url":"http://e.org/2","hidden":false,"title":"Gänse","tags":"a,b","category":"audio"}'
    answers 201
    flattr4j_json PATCH /things/2 '{"title":"Enten und Gänse","tags":"c","hidden":true}'
    answers 200
    flattr4j GET '/things/2?full=1'
    shows '[.title, .tags, .hidden, (.owner | has("city"))]' '["Enten und Gänse",["c"],true,true]'
    flattr4j DELETE /things/2
    answers 204
}

@test "flattr4j makes all its other calls" {
    flattr4j_json POST /flattr "{\"url\":\"$(auto http://e.org/2)\"}"
    answers 200
    flattr4j POST /things/1/flattr
    answers 200
    flattr4j GET /things/1,2
    shows 'map(.id)' '[1,2]'
    flattr4j POST /things/1/subscriptions
    answers 200
    flattr4j PUT /things/1/subscriptions
    shows .message '"paused"'
    flattr4j DELETE /things/1/subscriptions
    answers 204
    flattr4j GET /things/lookup/?url=http%3A%2F%2Fe.org%2F1 --location
    answers 200
    # Activity streams are asked for by suffix, while Accept says plain JSON.
    for path in /user/activities.as '/users/alice/activities.as?type=incoming' /user /users/alice '/things/search?query=Episode&sort=flattrs_month&count=5&page=1' \
        /user/things '/user/flattrs?full=1&count=10&page=1' /users/alice/things /things/1/flattrs /user/subscriptions \
        /categories /languages /rate_limit; do
        flattr4j GET "$path"
        answers 200
    done
}

# --- AntennaPod: core/src/main/java/de/danoeh/antennapod/core/util/flattr/FlattrUtils.java, over flattr4j, and its
# .../oauth/FlattrAuthenticator.java and AndroidAuthenticator.java

@test "AntennaPod logs in: it is called back by a scheme of Android, and tells its secret when it is asked for it" {
    back=flattr4j%3A%2F%2Fde.danoeh.antennapod%2Fauthenticate
    allow "response_type=code&client_id=$client&redirect_uri=$back&scope=flattr"
    [ "$led_to" = "flattr4j://de.danoeh.antennapod/authenticate?code=$code" ]
    token_is_given --http1.0 --anyauth -u "$client:$secret" -H 'Accept: application/json' -H 'Content-Encoding: utf-8' \
        -d "code=$code&grant_type=authorization_code&redirect_uri=$back"
}

@test "AntennaPod flattrs an address, and asks what it has flattred in five pages, counted from 0" {
    flattr4j_json POST /flattr "{\"url\":\"$(auto http://e.org/1)\"}"
    answers 200
    for page in 0 1 2 3 4; do
        flattr4j GET "/user/flattrs?count=30&page=$page"
        answers 200
        shows 'map(.thing.id)' "$( ((page < 2)) && echo '[1]' || echo '[]')"
    done
}
