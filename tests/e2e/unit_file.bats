#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The systemd unit, as systemd itself judges it: no manager is needed for that.

load helper

setup() {
    scratch_setup
    # It is examined with the program in the build tree, since what is not installed cannot be started.
    sed "s|^ExecStart=[^ ]*|ExecStart=$PODFLATTR|" "$PF_BUILD/config/systemd/user/podflattr.service" >podflattr.service
    export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
    mkdir "$XDG_RUNTIME_DIR"
}

needs_systemd() {
    command -v systemd-analyze >/dev/null || skip "systemd-analyze is missing"
}

# setting NAME: the values that the unit gives to it, one a line.
setting() {
    sed -n "s/^$1=//p" podflattr.service
}

# complaints: what systemd says of the unit.
complaints() {
    systemd-analyze verify --user --man=no ./podflattr.service 2>&1 | grep podflattr
}

@test "the unit starts the installed program as a daemon" {
    run grep '^ExecStart=' "$PF_BUILD/config/systemd/user/podflattr.service"
    [[ $output == "ExecStart=/"*"/podflattr daemon" ]]
    run grep '@' "$PF_BUILD/config/systemd/user/podflattr.service"
    [[ $output != *@bindir* ]]
}

@test "systemd accepts every setting of the unit" {
    needs_systemd
    systemd-analyze verify --user --man=no ./podflattr.service
    run complaints
    [ -z "$output" ] || fail "$output"
}

@test "systemd would complain of a setting that it does not know" {
    needs_systemd
    sed -i 's/^PrivateTmp=/PrivateTemp=/' podflattr.service
    run complaints
    [[ $output == *PrivateTemp* ]]
}

@test "the unit uses nothing that Debian 12's systemd 252 lacks" {
    # Looked up there, one by one; systemd elsewhere is newer and would not tell.
    known="
        AmbientCapabilities BindReadOnlyPaths CapabilityBoundingSet Description Documentation ExecReload ExecStart ExecStartPre
        KeyringMode LockPersonality MemoryDenyWriteExecute MemoryMax NoNewPrivileges PrivateDevices PrivateMounts PrivateTmp
        PrivateUsers ProtectClock ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs
        ProtectKernelModules ProtectKernelTunables ProtectProc ProtectSystem ReadWritePaths Restart RestartPreventExitStatus
        RestartSec RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID
        SystemCallArchitectures SystemCallErrorNumber SystemCallFilter Type UMask WantedBy WatchdogSec"
    while read -r name; do
        [[ ${known//$'\n'/ }" " == *" $name "* ]] || fail "is $name known to systemd 252?"
    done < <(sed -n 's/^\([A-Za-z]*\)=.*/\1/p' podflattr.service)
    [ "$(setting Type)" = notify ]
}

@test "without user namespaces, a drop-in undoes what needs them and no more" {
    needs_systemd
    mkdir podflattr.service.d
    cp "$PF_SOURCE/config/systemd/user/no-user-namespaces.conf" podflattr.service.d/
    systemd-analyze verify --user --man=no ./podflattr.service
    run complaints
    [ -z "$output" ] || fail "$output"
    run grep -E '^(System|NoNew|Memory|Lock|Restrict)' podflattr.service.d/no-user-namespaces.conf
    [ -z "$output" ]
}

@test "the service is as confined as a user's service can be, and each exception has its reason beside it" {
    needs_systemd
    # 0.4 of it are for a service that runs as root, since no User= is set: a user's manager knows only one user.
    run systemd-analyze security --offline=yes --user --no-pager --threshold=15 ./podflattr.service
    exits 0
    local name
    while read -r name; do
        name=${name#RestrictAddressFamilies=~}
        name=${name#AF_(}
        grep -q "^#   .*${name%%[=|/]*}.*   " podflattr.service || fail "why is $name as it is?"
    done < <(systemd-analyze security --offline=yes --user --no-pager --json=short ./podflattr.service |
        jq -r '.[] | select((.exposure // "0" | tonumber) > 0) | .name')
}

@test "only the state folder can be written, and it is there before the sandbox is" {
    [ "$(setting ProtectSystem)" = strict ]
    [ "$(setting ReadWritePaths)" = -%h/.local/state/podflattr ]
    [[ $(setting ExecStartPre) == "+mkdir "*" %h/.local/state/podflattr" ]]
}

@test "a configuration that is wrong is not tried again and again" {
    [ "$(setting Restart)" = on-failure ]
    [[ " $(setting RestartPreventExitStatus) " == *" 78 "* ]]
}

@test "the unit leaves Landlock and the daemon's sockets usable" {
    for call in landlock_create_ruleset landlock_add_rule landlock_restrict_self; do
        setting SystemCallFilter | grep -qw "$call"
    done
    for family in AF_UNIX AF_INET AF_INET6 AF_NETLINK; do
        setting RestrictAddressFamilies | grep -qw "$family"
    done
}
