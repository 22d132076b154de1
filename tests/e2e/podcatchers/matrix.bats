#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# A few rows of "make podcatchers": real podcatchers against the real service.
load ../helper

@test "what podcatchers download is found, and none of it is taken for something else" {
    run python3 "$PF_SOURCE/tests/e2e/podcatchers/matrix.py" --quick
    [ "$status" -ne 2 ] || skip "${lines[-1]}"
    exits 0
    [[ $output == *' 0 wrong, 0 unmatched,'*' 0 in no list'* ]] || fail "$output"
}
