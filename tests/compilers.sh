#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds everything but the tests with each compiler and at each level of optimization that distributions use, each in a
# scratch folder, with warnings as errors: what one compiler lets pass another warns of, and whole-program optimization
# sees what no single file shows.
#
#   tests/compilers.sh [NAME ...]    those of the names that are given, such as "gcc -O3 -flto"
#
# Needs git, gcc and clang with llvm. Ends with exit status 1 when a build failed, after the end of what it said.
set -euo pipefail

source=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/podflattr-compilers-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
for tool in gcc gcc-ar clang; do
    command -v "$tool" >/dev/null || { echo "compilers.sh: $tool is missing: apt-get install gcc clang llvm" >&2; exit 69; }
done
# Where a distribution keeps several versions, this one's own.
llvm() {
    clang -print-prog-name="llvm-$1"
}

# The source as it stands, without what was built in it.
git -C "$source" ls-files -z --cached --others --exclude-standard |
    tar -C "$source" --null --ignore-failed-read -T - -cf "$scratch/source.tar" 2>/dev/null
mkdir "$scratch/source"
tar -C "$scratch/source" -xf "$scratch/source.tar"
(cd "$scratch/source" && NOCONFIGURE=1 ./autogen.sh) >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 70; }

failed=0
chosen=("$@")
# build NAME CONFIGURE-ARGUMENT …
build() {
    local name=$1 from=$SECONDS verdict=passed
    shift
    [[ ${#chosen[@]} -eq 0 || " ${chosen[*]/%/,}" == *" $name,"* ]] || return 0
    mkdir "$scratch/build"
    # Objects for the link's optimizer take no debugging information: it takes time, and finds nothing.
    if ! (cd "$scratch/build" && ../source/configure --quiet --disable-dependency-tracking --enable-werror "$@" && make all) >"$scratch/log" 2>&1; then
        tail -n 60 "$scratch/log" >&2
        verdict=FAILED
        failed=1
    fi
    rm -rf "$scratch/build"
    printf '%s: %s (%d seconds)\n' "$name" "$verdict" $((SECONDS - from))
}

build 'gcc -O2' CC=gcc CFLAGS=-O2
build 'gcc -O3 -flto' CC=gcc CFLAGS='-O3 -flto=2' AR=gcc-ar NM=gcc-nm RANLIB=gcc-ranlib
build 'clang -O2 -Wpedantic' CC=clang CFLAGS='-O2 -Wpedantic'
build 'clang -O3 -flto' CC=clang CFLAGS='-O3 -flto' AR="$(llvm ar)" NM="$(llvm nm)" RANLIB="$(llvm ranlib)"
exit "$failed"
