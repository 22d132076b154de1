#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers that are broken or hostile, in two tables: api_attacks.py and feed_attacks.py. PF_SLOW: also the rows that last until
# podflattr gives up.
load helper

@test "whatever the API's server does, the verdict is right, memory and time are small, and nobody else is told" {
    away_from_month_turn
    run python3 "$PF_SOURCE/tests/e2e/api_attacks.py" ${PF_SLOW:+--slow}
    echo "# ${lines[-1]}" >&3
    exits 0
}

@test "whatever a feed and its server do, what is found is right, and memory and time are small" {
    run python3 "$PF_SOURCE/tests/e2e/feed_attacks.py" ${PF_SLOW:+--slow}
    echo "# ${lines[-1]}" >&3
    exits 0
}
