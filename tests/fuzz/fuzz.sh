#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh SECONDS TARGET ...: builds tests/fuzz/TARGET.c with clang and lets it run; `make fuzz` calls it.
# From make: FUZZ_FLAGS, FUZZ_SOURCES and FUZZ_LIBS. What it learns stays in tests/fuzz/corpus/TARGET, what breaks a
# target in tests/fuzz/TARGET-*.
set -eu

seconds=$1
shift
command -v clang >/dev/null || {
    echo "make fuzz needs clang with libFuzzer (Debian: clang, Fedora: clang compiler-rt, Arch: clang compiler-rt)" >&2
    exit 1
}

# dictionary TARGET: prints the file with the words of what a target reads.
dictionary() {
    case $1 in
    fuzz_html | fuzz_payment_link) printf '%s' "$PF_SOURCE/tests/fuzz/payment.dict" ;;
    *) printf '%s' "$PF_SOURCE/tests/fuzz/$1.dict" ;;
    esac
}

# rows PATTERN FILE: prints what fits in the literals of a unit test's tables.
rows() {
    grep -oE "\"$1[^\"]*\"" "$PF_SOURCE/tests/unit/$2" | tr -d '"'
}

# inputs TARGET: prints the literals of the target's table of good inputs, the parts of each put together; what they write as
# numbers is of no matter.
inputs() {
    awk '/fuzz_inputs\[\] = / { on = 1 } /^};/ { on = 0 }
        on && /^ *"/ {
            end = /",$/
            sub(/^ *"/, "")
            sub(/",?$/, "")
            text = text $0
            if (end) {
                gsub(/\\"/, "\"", text)
                print text
                text = ""
            }
        }' "$PF_SOURCE/tests/fuzz/$1.c"
}

# each FOLDER: makes a file of each line of standard input, whose escapes are those of a C literal.
each() {
    number=0
    while IFS= read -r line; do
        number=$((number + 1))
        printf '%b' "$line" >"$1/row-$number"
    done
}

# seed TARGET FOLDER: what a target begins with, from the tests' own data.
seed() {
    case $1 in
    fuzz_feed | fuzz_html)
        for input in "$PF_SOURCE"/tests/data/feeds/*/input.*; do
            case=${input%/*}
            cp "$input" "$2/case-${case##*/}"
        done
        [ "$1" = fuzz_feed ] || rows '<' test_payment_html.c | each "$2"
        ;;
    fuzz_payment_link) rows 'https?:' test_payment_link.c | each "$2" ;;
    fuzz_opml) cp "$PF_SOURCE"/tests/data/opml/*.opml "$2" ;;
    fuzz_config) cp "$PF_SOURCE/config/podflattr.conf" "$2" ;;
    fuzz_match)
        printf '%s\n' 'Alpha - 012 - Second (2).mp3' 'Second.mp3.part' 'Second' guid:2 'Second: again' \
            'https://a.example/2.mp3?x=1' guid:3 Third 'https://a.example/2-3.mp3' >"$2/names"
        ;;
    fuzz_import | fuzz_inputs | fuzz_sandbox) inputs "$1" | each "$2" ;;
    fuzz_reply)
        printf 'HTTP/1.1 400 Bad\nX-RateLimit-Limit: 5\nRetry-After: 7\n\n{"error":"flattr_once"}' >"$2/refusal"
        printf '\n\n{"message":"ok","thing":{"id":1,"url":"http://a.example/","tags":["x"]}}' >"$2/flattr"
        printf '\n\n[{"type":"flattr","thing":{"id":1},"created_at":1},{"id":"text","text":"Text"}]' >"$2/list"
        ;;
    esac
}

# What all targets share is compiled once.
options='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
objects=tests/fuzz/objects
number=0
rm -rf "$objects"
mkdir -p "$objects"
for source in $FUZZ_SOURCES; do
    number=$((number + 1)) # two files may have one name
    # shellcheck disable=SC2086
    clang $options -fsanitize=fuzzer-no-link $FUZZ_FLAGS -c "$source" -o "$objects/$number.o"
done
rm -f tests/fuzz/objects.a
ar rcs tests/fuzz/objects.a "$objects"/*.o
for target in "$@"; do
    corpus=tests/fuzz/corpus/$target
    dictionary=$(dictionary "$target")
    mkdir -p "$corpus"
    seed "$target" "$corpus"
    # Lists of words, to be split.
    # shellcheck disable=SC2086
    clang $options -fsanitize=fuzzer $FUZZ_FLAGS "$PF_SOURCE/tests/fuzz/$target.c" tests/fuzz/objects.a $FUZZ_LIBS \
        -o "tests/fuzz/$target"
    set -- "$corpus" -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="tests/fuzz/$target-"
    if [ -f "$dictionary" ]; then
        set -- "$@" -dict="$dictionary"
    fi
    "tests/fuzz/$target" "$@"
done
