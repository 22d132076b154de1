#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make lint: who includes whom, the formatter, the linters of C, of shell scripts and of manual pages, over all that git knows.
# Says each step that finds something, and fails then. LINT_FLAGS are the compiler's flags.
set -uo pipefail
# A step reads from a pipe, and is to set a variable of this shell.
shopt -s lastpipe

failed=0

# step NAME COMMAND ...: runs a check over the files that are named on standard input, each ended by NUL.
step() {
    local from=$SECONDS name=$1
    shift
    if xargs -0 "$@"; then
        printf 'lint: %s: ok, %d s\n' "$name" $((SECONDS - from))
    else
        printf 'lint: %s: FAILED\n' "$name"
        failed=1
    fi
}

sources() { git ls-files -z 'src/*.c'; }

printf 'tests/includes.py\0' | step includes python3 -B
git ls-files -z 'src/*.[ch]' 'tests/*.[ch]' 'doc/*.c' | step clang-format clang-format --dry-run --Werror
{
    git ls-files -z autogen.sh '*.sh' '*.bats' '*.bash' .ci/run
    git grep -lz '^#!/bin/sh$' -- plugins config/packaging/debian/tests
} | step shellcheck shellcheck -x
printf '%s\0' doc/*.[1-9] | step mandoc mandoc -Tlint -Wwarning
git ls-files -z '*.desktop' | step desktop-file desktop-file-validate
git ls-files -z '*.metainfo.xml' | step appstream appstreamcli validate --no-net --pedantic
printf '%s\0' --check | step translations po/update.sh
printf 'po/pages.py\0' | step translated-pages python3 -B
printf '%s\0' doc/*/*.[1-9] | step mandoc-translated mandoc -K utf-8 -Tlint -Wwarning
# cppcheck does not expand a macro that takes another macro's name, as the lists of columns do.
printf 'src\0' | step cppcheck cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --library=gtk \
    --suppress=unknownMacro --suppress=preprocessorErrorDirective:src/queue/queue_private.h --enable=warning,performance,portability -j2 -I src
# Some files at a time, on every processor. Its analyzer takes nearly all of the time, for paths through a function that are
# longer and longer. LINT_NODES=225000 is clang's own limit and takes several times as long; make torture follows them.
export LINT_NODES="${LINT_NODES:-10000}"
# shellcheck disable=SC2016,SC2086 # expanded by the inner shell; flags are words
sources | step clang-tidy -P "$(getconf _NPROCESSORS_ONLN)" -n 6 \
    sh -c 'clang-tidy --quiet --warnings-as-errors="*" "$@" -- $LINT_FLAGS -Xclang -analyzer-config -Xclang max-nodes="$LINT_NODES"' -
exit "$failed"
