# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of podflattr api share; loaded after helper and sandbox.

# api_setup: a sandbox, and a user alice besides the token's.
api_setup() {
    scratch_setup
    sandbox_start
    # shellcheck disable=SC2034 # used by the tests
    alice=$(new_user alice)
}

# api_json ARGUMENT ...: runs it with --format=json; sets lines and output.
api_json() { run -0 --separate-stderr "$PODFLATTR" api "$@" --format=json; }

# has FILTER TEXT: jq makes that of the lines of JSON that the last run printed, taken as a list.
has() {
    local made
    made=$(jq -sc "$1" <<<"$output")
    [ "$made" = "$2" ] || fail "it printed $made instead of $2: $output"
}

# refused STATUS TEXT ARGUMENT ...: the call ends so, prints no result, and says that.
refused() {
    local expected=$1 text=$2
    shift 2
    run --separate-stderr "$PODFLATTR" api "$@"
    exits "$expected"
    [ -z "$output" ] || fail "it printed $output"
    # shellcheck disable=SC2154 # bats sets stderr
    [[ $stderr == *"$text"* ]] || fail "it says: $stderr"
}
