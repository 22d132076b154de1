#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads real feeds, which are not part of the source: a folder with feeds/, INDEX.tsv (what each is) and EXPECTED.jsonl (what
# some of them hold), beside the source tree or where PF_CORPUS says. Without one there is nothing to read, and the tests
# say so and pass: a machine that does not have it is no worse for that.

bats_require_minimum_version 1.5.0
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

# must_give ITEMS FILE: the exit status and the number of lines that a file must give. Those named here are the ones
# that give nothing, and why; feeds that others name are out of reach here.
must_give() {
    case $2 in
    05[3458]-* | 06[134]-*) echo 65 0 ;; # pages that name no feed on the web, and no way to pay
    052-*) echo 0 1 ;;                   # a page that names a way to pay
    056-* | 059-* | 060-*) echo 69 0 ;;  # pages that name a feed
    068-*) echo 65 0 ;;                  # XML that is neither
    114-*) echo 65 0 ;;                  # nothing but a comment
    115-*) echo 65 0 ;;                  # ends within its only item
    170-*) echo 65 0 ;;                  # ends within its channel, before any item
    231-* | 235-*) echo 65 0 ;;          # lists without a feed
    *.opml) echo 69 0 ;;
    *) echo 0 "$1" ;;
    esac
}

@test "no real file ends the program badly, and none that holds a feed is refused" {
    no_corpus && return
    # Lists and pages name feeds on the web: who asks for them is sent nowhere.
    export http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1
    local file items found count=0
    while IFS=$'\t' read -r file _ _ items _; do
        [ "$file" != file ] || continue
        run --separate-stderr "$PODFLATTR" scan --format=json "$corpus/feeds/$file"
        count=$((count + 1))
        found="$status $(grep -c . <<<"$output" || true)"
        [ "$found" = "$(must_give "$items" "$file")" ] ||
            fail "$file: exit status and items are $found, not $(must_give "$items" "$file"): $stderr"
        # What is not read says in words why.
        [ "$status" -eq 0 ] || [[ $stderr == *"podflattr scan: "*": "* ]] || fail "$file: $stderr"
    done <"$corpus/INDEX.tsv"
    [ "$count" -gt 0 ]
}
