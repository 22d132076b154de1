#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Faults in a row close the gate.
load helper
load torture
load faults

setup() { faults_setup; }

@test "scan --send: faults in a row close the gate, and in the end all is flattred once" {
    after 3 scan --send feed.xml
}
