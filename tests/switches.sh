#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds podflattr, in this folder, without each set of the parts that configure can leave out, and at last with all of them.
# What they have in common is compiled once.
# usage: switches.sh CONFIGURE [ARGUMENT …]
set -euo pipefail

for switches in '--disable-sandbox --disable-partner --disable-login' '--disable-partner --disable-login' \
    '--disable-sandbox --disable-login' '--disable-sandbox --disable-partner' --disable-login --disable-partner --disable-sandbox ''; do
    printf '=== %s\n' "${switches:-everything}"
    rm -f podflattr podflattr-commands flattr-sandbox lib{commands,login,net}.a
    # shellcheck disable=SC2086 # each is an argument of its own
    "$@" --config-cache --quiet $switches
    make --no-print-directory all
    for part in login partner; do
        status=0
        PODFLATTR_STATE_DIR=$PWD/none ./podflattr "$part" --help >/dev/null 2>&1 || status=$?
        if [[ $switches == *"--disable-$part"* ]]; then [ "$status" -eq 64 ]; else [ "$status" -eq 0 ]; fi
    done
    if [[ $switches == *--disable-sandbox* ]]; then [ ! -e flattr-sandbox ]; else ./flattr-sandbox --version >/dev/null; fi
done
