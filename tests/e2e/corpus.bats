#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads real feeds, which are not part of the source: a folder with feeds/, INDEX.tsv (what each is) and EXPECTED.jsonl (what
# some of them hold), beside the source tree or where PF_CORPUS says. Without one there is nothing to read, and the tests
# say so and pass: a machine that does not have it is no worse for that.

load helper

setup() {
    scratch_setup
    corpus=${PF_CORPUS-$PF_SOURCE/../shared/corpus}
}

# Succeeds when there is no corpus, and says so.
no_corpus() {
    [ ! -e "$corpus/INDEX.tsv" ] || return 1
    echo "# no corpus in $corpus, nothing read" >&3
}

# expected FILE, found FILE: what the feed holds, an item a line, in the same words.
expected() {
    jq -cS --arg file "$1" 'select(.file == $file) | {guid, title, enclosures, payment: (.payment | unique),
        channel_payment: (.channel_payment | unique)}' "$corpus/EXPECTED.jsonl"
}

found() {
    "$PODFLATTR" -q scan --format=json "$corpus/feeds/$1" | jq -cS 'def links: map(select(.from == "link").url) | unique;
        {guid, title, enclosures: [.enclosures[].url], payment: (.payments | links),
        channel_payment: (.channel_payments | links)}'
}

@test "real feeds give the items and links that they hold" {
    no_corpus && return
    local file files
    files=$(jq -r .file "$corpus/EXPECTED.jsonl" | uniq)
    [ -n "$files" ]
    while IFS= read -r file; do
        diff <(expected "$file") <(found "$file") >difference || {
            echo "$file:"
            head -n 20 difference
            return 1
        }
    done <<<"$files"
}

@test "no real file ends the program badly, and none that holds a feed is refused" {
    no_corpus && return
    local file format items count=0
    while IFS=$'\t' read -r file format _ items _; do
        [ "$file" != file ] || continue
        run --separate-stderr "$PODFLATTR" scan --format=json "$corpus/feeds/$file"
        count=$((count + 1))
        case $format in
        rss2 | atom | rdf)
            [ "$status" -eq 0 ] && [ "$(grep -c . <<<"$output")" -eq "$items" ] ||
                fail "$file: exit status $status, $(grep -c . <<<"$output") items of $items: $stderr"
            ;;
        *) [ "$status" -eq 0 ] || [ "$status" -eq 65 ] || fail "$file: exit status $status: $stderr" ;;
        esac
    done <"$corpus/INDEX.tsv"
    [ "$count" -gt 0 ]
}
