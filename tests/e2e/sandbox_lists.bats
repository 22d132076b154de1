#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Lists of flattrs, activity streams, categories and languages; formats, cross-origin requests, the clock.

load helper
load sandbox

setup() {
    scratch_setup
    sandbox_start
    flattr "$(auto http://e.org/1)"
    flattr "$(auto http://e.org/2)"
}

@test "a thing's flattrs are listed, small and in full" {
    token=$(new_user eve) flattr http://e.org/1
    token='' call GET /things/1/flattrs
    answers 200
    shows 'map([.type, .owner.username, .thing.id, .thing.owner.username, (.created_at | type)])' \
        '[["flattr","eve",1,"alice","number"],["flattr","demo",1,"alice","number"]]'
    shows '.[0] | [.thing | has("description"), has("tags")]' '[false,false]'
    call GET '/things/1/flattrs/?full=1&count=1'
    shows '[length, (.[0].thing | has("description")), (.[0].owner | has("city")), .[0].thing.flattred]' '[1,true,true,true]'
    call GET /things/1/flattrs?page=2
    shows . '[]'
    call GET /things/1/flattrs?page=-1
    answers 400 invalid_parameters
    for id in 9 x 0; do
        call GET "/things/$id/flattrs"
        answers 404 not_found
    done
}

@test "one's own flattrs and another's are shown in full when asked for" {
    for path in /user/flattrs /users/demo/flattrs; do
        call GET "$path?full"
        shows 'map(.thing | [.id, has("description")])' '[[2,true],[1,true]]'
    done
    token='' call GET /user/flattrs
    answers 401 unauthorized
}

@test "a user who hides their flattrs shows others an empty list" {
    control PUT user '{"user":"demo","means":5,"hides_flattrs":true}'
    for path in /users/demo/flattrs /things/1/flattrs; do
        call GET "$path"
        answers 200
        shows . '[]'
    done
    call GET /users/demo/activities
    shows . '{"items":[]}'
    call GET /user/flattrs
    shows length 2
    call GET /user/activities
    shows '.items | length' 2
    control PUT user '{"user":"demo","means":5}'
    call GET /users/demo/flattrs
    shows . '[]'
}

@test "a flattr of a hidden thing is listed for the person who made it, and for the thing's owner with extendedread" {
    alice=$(new_user alice) eve=$(new_user eve) narrow=$(new_user alice thing)
    token=$alice create http://e.org/secret 'title=A secret thing' hidden=1
    flattr http://e.org/secret
    answers 200
    thing=$id
    lists() {
        token=$1 call GET "$2"
        shows "[(.items? // .)[] | .object.displayName // .thing.title] | index(\"A secret thing\") != null" "$3"
    }
    lists '' /users/demo/flattrs false
    lists "$eve" /users/demo/flattrs false
    lists "$narrow" /users/demo/flattrs false
    lists "$alice" /users/demo/flattrs true
    lists "$PODFLATTR_TOKEN" /user/flattrs true
    lists '' "/things/$thing/flattrs" true
    for path in /users/demo/activities '/users/alice/activities?type=incoming'; do
        lists '' "$path" false
        lists "$eve" "$path" false
        lists "$narrow" "$path" false
        lists "$alice" "$path" true
    done
    lists "$PODFLATTR_TOKEN" /user/activities true
    lists "$alice" '/user/activities?type=incoming' true
    lists "$narrow" '/user/activities?type=incoming' false
    token='' call GET /users/alice/activities.atom?type=incoming
    [ "$(grep -c '<entry>' body.txt)" = 2 ]
    is "$(control GET flattrs | jq -c 'map(.url)')" '["http://e.org/1","http://e.org/2","http://e.org/secret"]'
}

@test "activities are a stream of what was flattred, given or got" {
    for path in /user/activities /user/activities.as /users/demo/activities '/users/demo/activities.as?type=outgoing' \
        '/users/alice/activities/?type=incoming'; do
        call GET "$path"
        answers 200
        [ "$(header Content-Type)" = application/stream+json ]
        shows '.items | map([.title, .verb, .actor.displayName, .actor.objectType, .object.objectType, .object.url])' \
            '[["demo flattred \"http://e.org/2\"","like","demo","person","bookmark","https://flattr.com/thing/2/http-e-org-2"],["demo flattred \"http://e.org/1\"","like","demo","person","bookmark","https://flattr.com/thing/1/http-e-org-1"]]'
        shows '.items[0] | [(.published | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[+]01:00$")), (.id | test("^tag:flattr.com,[0-9-]{10}:demo/flattr/2$"))]' \
            '[true,true]'
    done
    for path in '/user/activities?type=incoming' /users/alice/activities; do
        call GET "$path"
        shows . '{"items":[]}'
    done
}

@test "activities come as an Atom feed too, whatever a title holds" {
    title=$'Tom & "Jerry" <b>\x01\ufffe'
    call POST /things --json "$(jq -n --arg t "$title" '{url: "http://e.org/3", title: $t}')"
    answers 201
    token=$(new_user eve) flattr http://e.org/3
    call GET '/users/demo/activities.atom?type=incoming'
    answers 200
    [ "$(header Content-Type)" = 'application/atom+xml;charset=utf-8' ]
    python3 - body.txt "$api/users/demo/activities.atom?type=incoming" <<'PY'
import sys, xml.etree.ElementTree as tree

names = {"a": "http://www.w3.org/2005/Atom", "s": "http://activitystrea.ms/spec/1.0/"}
feed = tree.parse(sys.argv[1]).getroot()
assert feed.tag == "{http://www.w3.org/2005/Atom}feed", feed.tag
assert feed.find("a:id", names).text == feed.find("a:link[@rel='self']", names).get("href") == sys.argv[2]
entry, = feed.findall("a:entry", names)
title = 'Tom & "Jerry" <b>\ufffd\ufffd'
assert entry.find("a:title", names).text == 'eve flattred "%s"' % title, entry.find("a:title", names).text
assert entry.find("a:author/a:name", names).text == "eve"
assert entry.find("s:object/a:title", names).text == title
assert entry.find("s:object/a:link", names).get("href") == "https://flattr.com/thing/3/Tom-Jerry-b"
assert entry.find("s:verb", names).text == "http://activitystrea.ms/schema/1.0/like"
assert entry.find("a:id", names).text.startswith("tag:flattr.com,"), entry.find("a:id", names).text
assert entry.find("a:updated", names).text == feed.find("a:updated", names).text
PY
    call GET /user/activities -H 'Accept: application/atom+xml'
    [ "$(grep -c '<entry>' body.txt)" = 2 ]
    token=$(new_user none) call GET /user/activities.atom
    answers 200
    python3 -c 'import xml.etree.ElementTree as tree; assert len(tree.parse("body.txt").getroot()) == 4'
}

@test "activities that cannot be had are refused" {
    call GET '/user/activities?type=sideways'
    answers 400 invalid_parameters
    call GET /users/nobody/activities
    answers 404 not_found
    token='' call GET /user/activities
    answers 401 unauthorized
    for path in /user/activities.json /user/activities.xml; do
        call GET "$path"
        answers 406 not_acceptable
    done
    call GET /user/activities -H 'Accept: image/png'
    answers 406 not_acceptable
    # A session that accepts one kind of JSON is given the other where that is all there is.
    call GET /user/activities -H 'Accept: application/json'
    answers 200
    [ "$(header Content-Type)" = application/stream+json ]
    call GET /user/flattrs -H 'Accept: application/stream+json'
    answers 200
    shows type '"array"'
    call GET /user/activities -H 'Accept: application/stream+json'
    answers 200
    call GET /user/activities.as -H 'Accept: text/html'
    answers 200
}

@test "categories and languages are listed" {
    call GET /categories
    shows 'map(.id)' '["text","images","video","audio","software","people","rest"]'
    shows '.[6]' '{"id":"rest","text":"Other"}'
    call GET /languages/
    shows '.[:2]' '[{"id":"en_GB","text":"English"},{"id":"sq_AL","text":"Albanian"}]'
    shows 'map(.id) | length == (unique | length)' true
}

@test "formats that a resource does not have are not acceptable" {
    for path in /categories.atom /categories.as /things/1.atom /things/1.txt /user.as /user/subscriptions.txt; do
        call GET "$path"
        answers 406 not_acceptable
    done
    for type in text/html text/javascript application/atom+xml image/png; do
        call GET /categories -H "Accept: $type"
        answers 406 not_acceptable
    done
    call GET /categories.json -H 'Accept: */*'
    answers 200
}

@test "pages of any origin may use the API, and not the control interface" {
    call GET /categories -H 'Origin: http://elsewhere.example'
    [ "$(header Access-Control-Allow-Origin)" = '*' ]
    [[ $(header Access-Control-Expose-Headers) == *X-RateLimit-Reset* ]]
    call OPTIONS /things/1
    answers 204
    [ "$(header Access-Control-Allow-Methods)" = 'GET, HEAD, PATCH, POST, DELETE, OPTIONS' ]
    [[ $(header Access-Control-Allow-Headers) == *Authorization* ]]
    curl -s -D headers -o /dev/null "$sandbox/_sandbox/flattrs"
    [ -z "$(header Access-Control-Allow-Origin)" ]
}

@test "the clock is moved from where it was started or from the real time" {
    kill "$sandbox_pid"
    wait "$sandbox_pid"
    export PODFLATTR_CLOCK_OFFSET=86400
    sandbox_start
    real=$(date +%s)
    shift_of() {
        call GET /rate_limit
        echo $((($(jq .reset_time_in_seconds <<<"$body") - 3600 - real + 43200) / 86400))
    }
    [ "$(shift_of)" = 1 ]
    control POST clock '{"offset":86400}'
    [ "$(shift_of)" = 2 ]
    control POST clock '{"offset":864000,"from":"start"}'
    [ "$(shift_of)" = 11 ]
    control POST clock '{"offset":864000,"from":"real"}'
    [ "$(shift_of)" = 10 ]
    run control POST clock '{"offset":1,"from":"noon"}'
    exits 22
}

@test "a database of the first version is brought up to date" {
    sqlite3 old.db <<'SQL'
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, means INTEGER NOT NULL, registered_at INTEGER NOT NULL)
 STRICT;
CREATE TABLE tokens (id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, user INTEGER NOT NULL REFERENCES users,
 scopes TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE things (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, owner INTEGER NOT NULL REFERENCES users,
 title TEXT NOT NULL, description TEXT NOT NULL, language TEXT NOT NULL, category TEXT NOT NULL, tags TEXT NOT NULL,
 hidden INTEGER NOT NULL, flattrs INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
 last_flattr_at INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE flattrs (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users,
 thing INTEGER NOT NULL REFERENCES things, month TEXT NOT NULL, accepted INTEGER NOT NULL DEFAULT 1,
 created_at INTEGER NOT NULL, UNIQUE (thing, user, month)) STRICT;
INSERT INTO users VALUES (1, 'demo', 7, 1), (2, 'alice', 0, 1);
INSERT INTO tokens VALUES (1, 'secret', 1, 'flattr thing', 0);
INSERT INTO things VALUES (5, 'http://e.org/old', 2, 'Old', '', 'en_GB', 'rest', '', 0, 1, 2, 3);
INSERT INTO flattrs VALUES (1, 1, 5, '2020-01', 1, 3);
PRAGMA application_id = 1181504354;
PRAGMA user_version = 1;
SQL
    sandbox_start --db old.db
    [ "$PODFLATTR_TOKEN" = secret ]
    flattr http://e.org/old
    answers 200
    shows .thing.flattrs 2
    call POST /things/5/subscriptions
    answers 200
    [ "$(accepted)" = '[1,1]' ]
    [ "$(sqlite3 old.db 'PRAGMA foreign_key_check; PRAGMA integrity_check; PRAGMA user_version' | paste -sd' ')" = 'ok 3' ]
}

@test "a database of a later version is not touched" {
    sandbox_start --db later.db
    kill "$sandbox_pid"
    wait "$sandbox_pid"
    sqlite3 later.db 'PRAGMA user_version = 99' >version.log
    run timeout 60 "$FLATTR_SANDBOX" --db later.db
    exits 73
    [[ $output == *'another program or version'* ]]
}
