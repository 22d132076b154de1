#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# A fortnight in which nobody looks after the service; make year takes longer.
load helper

@test "a fortnight unattended: all that came is paid once, and nothing is left waiting" {
    run -0 python3 "$PF_SOURCE/tests/year/year.py" --days 14 --feeds 10 --step 60 --seed "${PF_SEED:-1}"
    echo "$output"
}
