#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A person can use the pages: look around, log in, allow and revoke; and no other site can do it for them.

load helper
load sandbox

setup() {
    scratch_setup
    sandbox_start
    client=$(jq -r .client_id <<<"$ready")
    secret=$(jq -r .client_secret <<<"$ready")
    back=http://127.0.0.1:1/back
}

# browse METHOD PATH [CURL-ARGUMENT ...]: as a browser that keeps cookies and says where it comes from. Sets http, location, and
# writes page.html and headers.
browse() {
    local method=$1 path=$2
    shift 2
    http=$(curl -s -X "$method" -b jar -c jar -H "Origin: $sandbox" -D headers -o page.html -w '%{http_code}' "$@" "$sandbox$path")
    location=$(header Location)
}

# field NAME: the value of a hidden field in the last page, as HTML writes it.
field() { sed -n "s/.*<input type=\"hidden\" name=\"$1\" value=\"\([^\"]*\)\">.*/\1/p" page.html | head -n 1; }

# page_says TEXT: in the last page.
page_says() { grep -qF -- "$1" page.html || fail "no '$1' in: $(<page.html)"; }
page_lacks() { ! grep -qF -- "$1" page.html || fail "'$1' is in: $(<page.html)"; }

# log_in NAME
log_in() {
    browse GET /login
    browse POST /login --data-urlencode "user=$1" --data-urlencode "form_token=$(field form_token)" "${@:2}"
}

authorize_path() { echo "/oauth/authorize?response_type=${1-code}&client_id=$client&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fback&scope=flattr%20thing&state=s%26t"; }

# decide DECISION [TYPE]: on the page that asks for consent.
decide() {
    browse GET "$(authorize_path "${2-code}")"
    browse POST /oauth/authorize --data-urlencode "form_token=$(field form_token)" -d "response_type=${2-code}" \
        -d "client_id=$client" --data-urlencode "redirect_uri=$back" --data-urlencode 'scope=flattr thing' \
        --data-urlencode 'state=s&t' -d "decision=$1"
}

exchange() {
    curl -s -u "$client:$secret" --json \
        "{\"code\":\"$1\",\"grant_type\":\"authorization_code\",\"redirect_uri\":\"$back\"}" "$sandbox/oauth/token"
}

@test "the overview shows users, means, things and flattrs" {
    flattr "$(auto http://e.org/1)"
    browse GET /
    [ "$http" = 200 ]
    page_says '<bdi>demo</bdi></th><td data-label="Means">999 flattrs</td>'
    page_says '<bdi>http://e.org/1</bdi>'
    page_says '<bdi>alice</bdi>'
    page_says 'no money moves here'
}

@test "the overview shows no hidden thing, nor who flattred one" {
    token=$(new_user alice) create http://e.org/secret 'title=A secret thing' hidden=1
    flattr http://e.org/secret
    answers 200
    browse GET /
    page_says 'Nothing has been flattred yet.'
    page_lacks secret
}

# check_page: its elements are nested as they should be, and somebody who cannot see it finds their way.
check_page() {
    python3 - page.html <<'PY'
import html.parser, sys

class Page(html.parser.HTMLParser):
    void = {"meta", "link", "input", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.ids, self.labels, self.problems = [], {}, [], [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.seen[tag] = self.seen.get(tag, 0) + 1
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self.labels.append(given["for"])
        if tag == "select" and "id" not in given:
            self.problems.append("a choice without a label")
        if tag == "th" and "scope" not in given:
            self.problems.append("a heading of no row or column")
        if tag == "script" or any(name.startswith("on") or name == "style" for name in given):
            self.problems.append("a script or style in the page")
        if "tabindex" in given or "autofocus" in given:
            self.problems.append("the focus does not go in order")
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append("</%s> ends nothing" % tag)

text = open(sys.argv[1], encoding="utf-8").read()
page = Page()
page.feed(text)
problems = page.problems + ["<%s> does not end" % tag for tag in page.open]
problems += ["no label for " + i for i in page.labels if i not in page.ids]
problems += ["ids are not unique"] * (len(set(page.ids)) != len(page.ids))
for tag in "html", "title", "main", "h1":
    problems += ["not one <%s>" % tag] * (page.seen.get(tag) != 1)
problems += ["tables without a caption"] * (page.seen.get("table", 0) != page.seen.get("caption", 0))
problems += ["choices without a label"] * (page.seen.get("select", 0) != page.seen.get("label", 0))
problems += ["forms without a token"] * (page.seen.get("form", 0) != text.count('name="form_token"'))
problems += ["no language"] * ('<html lang="en">' not in text)
print("\n".join(problems))
sys.exit(bool(problems))
PY
}

@test "pages have a language, a title, one main heading, labels, table headings and an order for the focus" {
    flattr "$(auto http://e.org/1)"
    log_in demo
    for path in / /login /applications "$(authorize_path)" /nowhere /claim; do
        browse GET "$path"
        check_page || fail "$path: $(<page.html)"
    done
}

@test "pages forbid scripts, frames, caching and guessing" {
    for path in / /login /applications "$(authorize_path)" /nowhere; do
        browse GET "$path"
        [[ $(header Content-Security-Policy) == "default-src 'none';"*"frame-ancestors 'none'"* ]]
        [ "$(header X-Frame-Options) $(header X-Content-Type-Options) $(header Cache-Control)" = 'DENY nosniff no-store' ]
        [ -z "$(header Access-Control-Allow-Origin)" ] || [[ $path == /oauth/* ]]
    done
    [ "$http" = 404 ]
    browse DELETE /login
    [ "$http" = 405 ]
    browse GET /style.css
    [ "$(header Content-Type)" = 'text/css; charset=utf-8' ]
}

@test "hostile names and titles are shown as text" {
    evil='"><script>alert(1)</script><b x='"'"
    token=$(new_user eve) call POST /things --json "$(jq -n --arg t "$evil" '{url: "http://e.org/?\"<x>", title: $t}')"
    answers 201
    flattr "http://e.org/?\"<x>"
    answers 200
    control PUT user "$(jq -n --arg u "$evil" '{user: $u, means: 1}')"
    for path in / /login /applications; do
        browse GET "$path"
        page_lacks '<script'
        page_lacks '<b x'
        page_lacks '"<x>'
    done
    browse GET /
    page_says '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;'
    log_in "$evil"
    browse GET /login
    page_says '&lt;script&gt;'
    page_lacks '<script'
}

@test "a visitor logs in as a user from the list, until they log out" {
    new_user alice
    browse GET /login
    page_says '<b>demo</b>'
    page_says '<option value="alice">alice</option>'
    first=$(grep flattr_sandbox jar | cut -f7)
    log_in alice
    [ "$http $location" = '303 /' ]
    [ "$(grep flattr_sandbox jar | cut -f7)" != "$first" ]
    [[ $(header Set-Cookie) == *'HttpOnly; SameSite=Lax'* ]]
    browse GET /login
    page_says '<b>alice</b>'
    browse POST /logout -d "form_token=$(field form_token)"
    [ "$http" = 303 ]
    browse GET /login
    page_says '<b>demo</b>'
    log_in nobody
    [ "$http" = 400 ]
}

@test "a login leads to pages of this server only" {
    for path in //evil.example /\\evil.example http://evil.example/ $'/\r\nSet-Cookie: a=b' '' javascript:1; do
        log_in demo --data-urlencode "return=$path"
        [ "$http $location" = '303 /' ] || fail "$path: $http $location"
    done
    log_in demo --data-urlencode 'return=/applications?x=%26'
    [ "$location" = '/applications?x=%26' ]
}

@test "the user chosen allows a program, with the scopes in words, and gets their own token for it" {
    new_user alice
    log_in alice
    browse GET "$(authorize_path)"
    page_says '<b>podflattr, at 127.0.0.1</b> act for <b>alice</b>'
    page_says 'flattr things with your means'
    page_says 'create, change and delete your things'
    page_lacks 'e-mail'
    grep -q 'href="/login?return=%2Foauth%2Fauthorize%3Fresponse_type%3Dcode' page.html
    decide allow
    [ "$http" = 302 ]
    [[ $location == "$back?code="*'&state=s%26t' ]]
    code=${location#*code=}
    token=$(exchange "${code%%&*}" | jq -r .access_token)
    call GET /user
    shows .username '"alice"'
    decide deny
    [ "$location" = "$back?error=access_denied&state=s%26t" ]
}

@test "a token is given at once to a browser, in the part of the address that stays there" {
    decide allow token
    [ "$http" = 302 ]
    [[ $location == "$back#access_token="*'&token_type=bearer&state=s%26t' ]]
    token=${location#*access_token=}
    token=${token%%&*} call GET /user
    answers 200
    decide deny token
    [ "$location" = "$back#error=access_denied&state=s%26t" ]
}

@test "a form from another site, without a token or with another session's is refused" {
    browse GET /login
    theirs=$(field form_token)
    rm jar
    browse GET /login
    for guess in '' wrong "$theirs"; do
        for path in /login /logout /applications /oauth/authorize; do
            browse POST "$path" -d "form_token=$guess" -d user=demo -d grant=1 -d decision=allow -d response_type=code \
                -d "client_id=$client" --data-urlencode "redirect_uri=$back"
            [ "$http $location" = '403 ' ] || fail "$path with '$guess': $http $location"
        done
    done
    # Without a cookie, but from a page: a browser that is led here by another site.
    for says in "Origin: http://evil.example" 'Origin: null' 'Sec-Fetch-Site: cross-site' 'Referer: http://evil.example/'; do
        run curl -s -o /dev/null -w '%{http_code}' -H "$says" -d "client_id=$client" -d response_type=code -d decision=allow \
            --data-urlencode "redirect_uri=$back" "$sandbox/oauth/authorize"
        [ "$output" = 403 ]
    done
    call GET /user
    answers 200
}

@test "applications are listed and revoked, one's own only" {
    decide allow
    code=${location#*code=}
    granted=$(exchange "${code%%&*}" | jq -r .access_token)
    browse GET /applications
    page_says 'podflattr, at 127.0.0.1'
    page_says 'ready line'
    page_lacks "$granted"
    page_lacks "$PODFLATTR_TOKEN"
    grant=$(sed -n 's/.*name="grant" value="\([0-9]*\)".*/\1/p' page.html | head -n 1)
    new_user alice
    log_in alice
    browse GET /applications
    browse POST /applications -d "form_token=$(field form_token)" -d "grant=$grant"
    [ "$http" = 404 ]
    token=$granted call GET /user
    answers 200
    log_in demo
    for bad in '' -1 x 999; do
        browse GET /applications
        browse POST /applications -d "form_token=$(field form_token)" -d "grant=$bad"
        [ "$http" = 404 ]
    done
    browse GET /applications
    browse POST /applications -d "form_token=$(field form_token)" -d "grant=$grant"
    [ "$http $location" = '303 /applications' ]
    token=$granted call GET /user
    answers 401 unauthorized
    call GET /user
    answers 200
}

@test "an address that would end a header or run a script is never redirected to" {
    for address in $'http://e.org/\r\nX: y' 'javascript:alert(1)' 'javascript://e.org/%0aalert(1)' \
        'JavaScript://e.org/' 'data://text/html,x' 'file:///etc/passwd' 'gpodder:' 'http://e.org/#x' '//e.org/' ''; do
        browse GET /oauth/authorize -G -d response_type=code -d "client_id=$client" --data-urlencode "redirect_uri=$address"
        [ "$http $location" = '400 ' ] || fail "$address: $http $location"
        grep -q '<h1>Something went wrong</h1>' page.html
    done
}

@test "a thousand visitors later, the server still knows the latest" {
    for ((i = 0; i < 1005; i++)); do printf 'url = "%s/login"\noutput = "/dev/null"\n' "$sandbox"; done >visits
    curl -s -K visits
    log_in demo
    [ "$http" = 303 ]
    browse GET /login
    page_says 'Log out'
}
