#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make demo: takes the whole way once, from a podcatcher's download to a server, and shows it. Everything happens on loopback
# and in a scratch folder; nothing is left behind.
set -euo pipefail

podflattr=$PF_BUILD/podflattr
scratch=$(mktemp -d)
pods="$scratch/Podcasts/Garden Radio"
background=()

clean_up() {
    local pid
    for pid in "${background[@]}"; do
        kill "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$scratch"
}
trap clean_up EXIT

# show COMMAND …: prints the command as a person would type it, then runs it.
show() {
    printf '\n$ podflattr %s\n' "$*"
    "$podflattr" "$@"
}

# await SECONDS COMMAND …: until the command succeeds.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || {
            echo "demo: '$*' did not come true; the service said:"
            cat "$scratch/service.log"
            return 1
        }
        read -r -t 0.05 <> <(:) || true
    done
}

# start_server VARIABLE COMMAND …: starts a server and puts the first line that it prints into VARIABLE.
start_server() {
    local -n line=$1
    shift
    rm -f "$scratch/ready"
    mkfifo "$scratch/ready"
    "$@" >"$scratch/ready" 2>"$scratch/server.log" &
    background+=($!)
    # shellcheck disable=SC2034 # it is the caller's variable
    IFS= read -r line <"$scratch/ready"
}

# Ten frames of silence: a small MP3, but a real one.
silence() {
    for _ in {1..10}; do
        printf '\377\373\220\144'
        head -c 413 /dev/zero
    done
}

publish() {
    local number
    mkdir -p "$scratch/web"
    for number in {1..8}; do silence >"$scratch/web/garden-radio-$number.mp3"; done
    sed "s|https://podcast.example.org/audio/|$web/garden-radio-|" "$PF_SOURCE/tests/demo/feed.xml" >"$scratch/web/feed.xml"
}

# What every podcatcher does: reads the feed, downloads under a temporary name, renames what is complete.
download_all() {
    local url name
    mkdir -p "$pods"
    curl --silent --fail "$web/feed.xml" | grep -o 'enclosure url="[^"]*"' | cut -d '"' -f 2 | while read -r url; do
        name=${url##*/}
        curl --silent --fail --output "$pods/$name.partial" "$url"
        mv "$pods/$name.partial" "$pods/$name"
        echo "  $name"
    done
}

flattred() {
    curl --silent --fail "$control/flattrs" | jq '[.[] | select(.accepted == 1)] | length'
}

all_flattred() {
    [ "$(flattred)" -eq "$episodes" ]
}

watching() {
    "$podflattr" -q status --format=json | jq -e '.watch.list[0].state == "watched" and .feeds.known == 1' >/dev/null
}

export PODFLATTR_STATE_DIR=$scratch/state PODFLATTR_CONFIG=$scratch/podflattr.conf TZ=UTC
: >"$PODFLATTR_CONFIG"

echo 'A server of the Flattr API is started on this machine; it is a sandbox, no money moves.'
start_server ready "$PF_BUILD/flattr-sandbox" --listen 127.0.0.1:0 --user demo --means 30
# shellcheck disable=SC2154 # start_server sets it
PODFLATTR_API=$(jq -r .api <<<"$ready")
PODFLATTR_TOKEN=$(jq -r .access_token <<<"$ready")
export PODFLATTR_API PODFLATTR_TOKEN
control=${PODFLATTR_API%/rest/v2}/_sandbox

echo 'A podcast is published on this machine.'
mkdir "$scratch/web"
start_server listening python3 -u -m http.server --bind 127.0.0.1 --directory "$scratch/web" 0
# shellcheck disable=SC2154
port=${listening#* port }
web=http://127.0.0.1:${port%% *}
publish
episodes=$("$podflattr" -q scan --format=json "$web/feed.xml" | jq -s length)

mkdir "$scratch/Podcasts"
cat >"$PODFLATTR_CONFIG" <<END
[watch]
folders = $scratch/Podcasts
settle = 0s
[feeds]
subscriptions = $web/feed.xml
END
echo
echo 'podflattr is told which folder the podcatcher downloads into, and which feeds there are:'
sed 's/^/  /' "$PODFLATTR_CONFIG"
printf '\n$ podflattr daemon &\n'
"$podflattr" daemon 2>"$scratch/service.log" &
background+=($!)
service=$!
await 20 watching

echo
echo 'A podcatcher downloads all episodes.'
download_all
await 20 all_flattred

echo
echo 'What podflattr made of it:'
show queue
show status

echo
echo 'It downloads them all again, and an episode is played: nothing is paid twice.'
download_all >/dev/null
show hook --event played --progress 100 "$pods/garden-radio-8.mp3"
kill "$service"
wait "$service"
all_flattred

echo
echo "demo: $(flattred) of $episodes episodes flattred"
