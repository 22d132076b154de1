#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr dies again while it cleans up after a death; afterwards nothing may be lost and nothing paid twice. PF_STRIDE says
# how many crash points are taken at a stride, PF_LIVES how often it dies at points drawn by lot, PF_SEED which.
load helper
load torture
load crash

setup() { crash_setup; }

@test "death at every point of the send that cleans up after a death" {
    number=1
    lives=0
    while a_new_life "m$number"; do
        # 45 writes into it, requests are under way.
        die_at 45 scan --send feed.xml
        later 7200
        die_at "$number" send || {
            all_is_well "m$number"
            lives=$((lives + 1))
            break
        }
        all_is_well "m$number"
        number=$((number + ${PF_STRIDE:-6}))
        lives=$((lives + 1))
    done
    echo "# $lives of $number points" >&3
    [ "$number" -gt 40 ]
    four_paid_once_in_each "$lives"
}

@test "death three times in a row, at points drawn by lot" {
    RANDOM=${PF_SEED:-7}
    for ((life = 1; life <= ${PF_LIVES:-6}; life++)); do
        a_new_life "t$life"
        die_at $((RANDOM % 90 + 1)) scan --send feed.xml || true
        later $((RANDOM % 3 * 3600))
        die_at $((RANDOM % 40 + 1)) scan --send feed.xml || true
        later $((RANDOM % 3 * 3600))
        die_at $((RANDOM % 40 + 1)) send || true
        all_is_well "t$life"
    done
    four_paid_once_in_each "${PF_LIVES:-6}"
}
