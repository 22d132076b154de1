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
for target in "$@"; do
    corpus=tests/fuzz/corpus/$target
    dictionary=$PF_SOURCE/tests/fuzz/$target.dict
    mkdir -p "$corpus"
    if [ "$target" = fuzz_feed ]; then
        for input in "$PF_SOURCE"/tests/data/feeds/*/input.*; do
            case=${input%/*}
            cp "$input" "$corpus/case-${case##*/}"
        done
    fi
    # Lists of words, to be split.
    # shellcheck disable=SC2086
    clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $FUZZ_FLAGS \
        "$PF_SOURCE/tests/fuzz/$target.c" $FUZZ_SOURCES $FUZZ_LIBS -o "tests/fuzz/$target"
    set -- "$corpus" -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="tests/fuzz/$target-"
    if [ -f "$dictionary" ]; then
        set -- "$@" -dict="$dictionary"
    fi
    "tests/fuzz/$target" "$@"
done
