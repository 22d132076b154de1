#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints which share of each source file's lines the tests have reached, from what a build with --enable-coverage left.
# Run in the build's top folder: tests/coverage.sh
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
top=$(pwd)
find "$top/src" -name '*.gcda' >"$scratch/data"
[ -s "$scratch/data" ] || { echo "coverage.sh: nothing was measured; configure with --enable-coverage and run make check" >&2; exit 66; }
cd "$scratch"
xargs gcov -n <data 2>/dev/null | awk '
    /^File / { file = $2; gsub("\047", "", file); sub(/^.*\/src\//, "src/", file) }
    /^Lines executed:/ && file ~ /^src\/.*\.c$/ {
        share = $2; sub("executed:", "", share); sub("%", "", share)
        # A file that is built into two programs is measured twice; the better one counts.
        hit = share * $4 / 100
        if (hit >= hits[file]) { hits[file] = hit; lines[file] = $4 }
        file = ""
    }
    END {
        for (name in lines) {
            printf "%6.1f %%  %5d lines  %s\n", 100 * hits[name] / lines[name], lines[name], name | "sort -k5"
            all += lines[name]; reached += hits[name]
        }
        close("sort -k5")
        printf "coverage: %.1f %% of %d lines\n", 100 * reached / all, all
    }'
