#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds everything but the tests with each compiler and at each level of optimization that distributions use, each in a
# scratch folder, with warnings as errors: what one compiler lets pass another warns of, and whole-program optimization
# sees what no single file shows. Where there is ccache, only what has changed is compiled.
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
ccache=$(command -v ccache || true)
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

chosen=("$@")
names=()
builds=()
# build NAME COMPILER CONFIGURE-ARGUMENT …: all at once, since each has parts that keep one processor only.
build() {
    local name=$1 folder=$scratch/${#names[@]}
    [[ ${#chosen[@]} -eq 0 || " ${chosen[*]/%/,}" == *" $name,"* ]] || return 0
    names+=("$name")
    mkdir "$folder"
    (
        cd "$folder"
        ../source/configure --quiet --disable-dependency-tracking --enable-werror CC="${ccache:+$ccache }$2" "${@:3}" &&
            make all
    ) >"$folder.log" 2>&1 &
    builds+=($!)
}

# Objects for the link's optimizer take no debugging information: it takes time, and finds nothing.
build 'gcc -O2' gcc CFLAGS=-O2
build 'gcc -O3 -flto' gcc CFLAGS='-O3 -flto=2' AR=gcc-ar NM=gcc-nm RANLIB=gcc-ranlib
build 'clang -O2' clang CFLAGS='-O2 -Wpedantic'
build 'clang -O3 -flto' clang CFLAGS='-O3 -flto -Wpedantic' AR="$(llvm ar)" NM="$(llvm nm)" RANLIB="$(llvm ranlib)"
[ ${#names[@]} -gt 0 ] || { echo "compilers.sh: no build has one of these names: $*" >&2; exit 64; }

failed=0
for number in "${!builds[@]}"; do
    verdict=passed
    wait "${builds[number]}" || {
        tail -n 60 "$scratch/$number.log" >&2
        verdict=FAILED
        failed=1
    }
    printf '%s: %s\n' "${names[number]}" "$verdict"
done
exit "$failed"
