#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr dies at each of its crash points in turn, as if the power were cut there; afterwards nothing may be lost and nothing
# paid twice. PF_STRIDE says how many crash points are taken at a stride.
load helper
load torture
load crash

setup() { crash_setup; }

@test "killed at every point of scan --send, it loses nothing and pays nothing twice" {
    number=1
    lives=0
    alive=
    while [ -z "$alive" ]; do
        a_new_life "n$number"
        die_at "$number" scan --send feed.xml
        all_is_well "n$number"
        lives=$((lives + 1))
        number=$((number + ${PF_STRIDE:-2}))
    done
    echo "# $lives of $number points" >&3
    [ "$number" -gt 60 ]
    four_paid_once_in_each "$lives"
}
