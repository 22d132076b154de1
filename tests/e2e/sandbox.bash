# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of flattr-sandbox's resources share; loaded after helper.bash.

# call METHOD PATH [CURL-ARGUMENT ...]: a request to the API, with $token ($PODFLATTR_TOKEN when it is unset, none when it is
# empty). Sets http (the status), body, and writes ./headers.
call() {
    local method=$1 path=$2 bearer=${token-$PODFLATTR_TOKEN}
    shift 2
    # shellcheck disable=SC2034 # used by the tests
    http=$(curl --silent --show-error --globoff -X "$method" -D headers -o body.txt -w '%{http_code}' \
        ${bearer:+-H "Authorization: Bearer $bearer"} "$@" "$api$path")
    body=$(<body.txt)
}

# answers STATUS [ERROR]: the last call ended so.
answers() {
    local error=
    [ $# -eq 1 ] || error=$(jq -r .error <<<"$body")
    [ "$http $error" = "$1 ${2-}" ] || {
        printf 'answered %s instead of %s: %s\n' "$http" "$*" "$body"
        return 1
    }
}

# shows FILTER TEXT: jq makes that of the last answer's body, with members in the order of their names.
shows() {
    local made
    made=$(jq -cS "$1" body.txt)
    [ "$made" = "$2" ] || {
        printf 'the answer shows %s instead of %s: %s\n' "$made" "$2" "$(<body.txt)"
        return 1
    }
}

# header NAME: its value in the last answer.
header() { sed -n "s/^$1: //Ip" headers | tr -d '\r'; }

# auto PAGE [USER]: an auto-submit URL.
auto() { printf 'https://flattr.com/submit/auto?user_id=%s&url=%s' "${2-alice}" "$(jq -rn --arg u "$1" '$u | @uri')"; }

# flattr URL: flattrs it.
flattr() { call POST /flattr --data-urlencode "url=$1"; }

# new_user NAME [SCOPES [MEANS]]: makes a user and prints a token of theirs.
new_user() {
    control PUT user "{\"user\":\"$1\",\"means\":${3-100},\"scopes\":\"${2-flattr thing email extendedread}\"}" |
        jq -r .access_token
}

# create URL [FIELD=VALUE ...]: registers a thing of the token's user; sets id.
create() {
    local fields=(--data-urlencode "url=$1") field
    for field in "${@:2}"; do fields+=(--data-urlencode "$field"); done
    call POST /things "${fields[@]}"
    # shellcheck disable=SC2034 # used by the tests
    answers 201 && id=$(jq -r .id <<<"$body")
}

# accepted: the counts of accepted requests of every flattr, the oldest first.
accepted() { control GET flattrs | jq -c 'map(.accepted)'; }

# at DATE-TIME: moves the sandbox's clock there.
at() {
    control POST clock "{\"offset\":$(($(date -u -d "$1" +%s) - $(date +%s))),\"from\":\"real\"}" >clock.log
}
