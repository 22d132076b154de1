#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make demo: takes the whole way once, from a feed to a server, and shows it. Everything happens on loopback and in a scratch
# folder; nothing is left behind.
set -euo pipefail

podflattr=$PF_BUILD/podflattr
feed=$PF_SOURCE/tests/demo/feed.xml
scratch=$(mktemp -d)
sandbox=

clean_up() {
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    rm -rf "$scratch"
}
trap clean_up EXIT

# show COMMAND …: prints the command as a person would type it, then runs it.
show() {
    printf '\n$ podflattr %s\n' "$*"
    "$podflattr" "$@"
}

export PODFLATTR_STATE_DIR=$scratch/state PODFLATTR_CONFIG=$scratch/podflattr.conf TZ=UTC
: >"$PODFLATTR_CONFIG"

echo 'A server of the Flattr API is started on this machine; it is a sandbox, no money moves.'
mkfifo "$scratch/ready"
"$PF_BUILD/flattr-sandbox" --listen 127.0.0.1:0 --user demo --means 30 >"$scratch/ready" &
sandbox=$!
IFS= read -r ready <"$scratch/ready"
PODFLATTR_API=$(jq -r .api <<<"$ready")
PODFLATTR_TOKEN=$(jq -r .access_token <<<"$ready")
export PODFLATTR_API PODFLATTR_TOKEN
control=${PODFLATTR_API%/rest/v2}/_sandbox

cd "$PF_SOURCE"
echo 'A podcast feed is scanned: which episodes say whom to flattr?'
show scan tests/demo/feed.xml

echo
echo 'They are queued and sent.'
show scan --send tests/demo/feed.xml

echo
echo 'The same feed once more: nothing is paid twice.'
show scan --send --limit 3 tests/demo/feed.xml
show status

episodes=$("$podflattr" -q scan --format=json "$feed" | jq -s length)
flattred=$(curl --silent --fail "$control/flattrs" | jq '[.[] | select(.accepted == 1)] | length')
echo
echo "demo: $flattred of $episodes episodes flattred"
[ "$flattred" -eq "$episodes" ]
