#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Killed at any moment; make torture does the same for longer.

@test "kill -9 at random moments loses nothing and pays nothing twice" {
    run "$PF_SOURCE/tests/torture/kill.sh" 15 120 "${PF_SEED:-5}"
    echo "$output"
    [ "$status" -eq 0 ]
    echo "# ${lines[-1]}" >&3
}
