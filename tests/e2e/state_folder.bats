#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the state folder is, and that nobody else's is used.
load helper

# as_nobody ARGUMENT ...: podflattr, run by another user.
as_nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups env PODFLATTR_CONFIG=/dev/null "$PODFLATTR" "$@"
}

needs_nobody() {
    ((EUID == 0)) || skip "only root can become another user"
    chmod a+x . .. ../..
    as_nobody --version || skip "nobody cannot run this build"
}

@test "a state folder that depends on the current folder is refused, and a relative XDG folder is ignored" {
    run env PODFLATTR_STATE_DIR=state "$PODFLATTR" queue
    exits 78
    [[ $output == *'PODFLATTR_STATE_DIR is state'*'begins with /'* ]]
    run env -u PODFLATTR_STATE_DIR HOME=home "$PODFLATTR" queue
    exits 78
    [[ $output == *"HOME is 'home'"*'--state-dir'* ]]
    run env -u PODFLATTR_STATE_DIR HOME= "$PODFLATTR" hook --strict /p/1.mp3
    exits 78
    run env -u PODFLATTR_STATE_DIR HOME= "$PODFLATTR" hook /p/1.mp3
    exits 0
    [[ $output == *'HOME'* ]]
    [ ! -e state ]
    [ ! -e .local ]
    [ ! -e home/.local ]
    env -u PODFLATTR_STATE_DIR XDG_STATE_HOME=state "$PODFLATTR" queue
    [ -e home/.local/state/podflattr/queue.db ]
    [ ! -e state ]
    env -u PODFLATTR_STATE_DIR HOME= "$PODFLATTR" queue --help >help
    "$PODFLATTR" --state-dir named queue
    [ -e named/queue.db ]
}

@test "a state folder that others can write is refused, with the fix" {
    mkdir -m 777 state
    run "$PODFLATTR" queue
    exits 78
    [[ $output == *"chmod go-w '$PWD/state'"* ]]
    run "$PODFLATTR" hook --strict /p/1.mp3
    exits 78
    [ -z "$(ls -A state)" ]
    chmod 700 state
    run "$PODFLATTR" queue
    exits 0
}

@test "planted links are not followed" {
    local name
    mkdir -m 700 state
    echo victim >victim
    for name in queue.db feeds.db sender.lock credentials; do
        ln -s ../victim "state/$name"
        run "$PODFLATTR" queue
        exits 78
        [[ $output == *"state/$name is a symbolic link"*'remove it'* ]]
        rm "state/$name"
    done
    mkdir elsewhere
    ln -s ../elsewhere state/hooks
    run "$PODFLATTR" hook --strict /p/1.mp3
    exits 78
    [[ $output == *'state/hooks is a symbolic link'* ]]
    [ -z "$(ls -A elsewhere)" ]
    [ "$(cat victim)" = victim ]
}

@test "root makes nothing in a user's folder but what is handed over" {
    needs_nobody
    mkdir -m 700 state users
    chown 65534:65534 state users
    run "$PODFLATTR" queue
    exits 78
    [[ $output == *'belongs to '*'sudo -u '* ]]
    [ -z "$(ls -A state)" ]
    # Also where the state folder is yet to be made.
    run "$PODFLATTR" --state-dir "$PWD/users/state" queue
    exits 78
    [ -z "$(ls -A users)" ]
    run "$PODFLATTR" --state-dir "$PWD/users/new/state" hook --strict /p/1.mp3
    exits 0
    [ "$(find users ! -uid 65534 | wc -l)" -eq 0 ]
    run as_nobody --state-dir "$PWD/users/new/state" status
    exits 0
    # Nor what 'init' sets beside a state folder of root's own.
    run env -u PODFLATTR_CONFIG HOME="$PWD/users" "$PODFLATTR" --state-dir "$PWD/roots" init --yes
    exits 78
    [[ $output == *'belongs to '*'sudo -u '* ]]
    [ "$(find users ! -uid 65534 | wc -l)" -eq 0 ]
    # A link of the user's is not followed by root.
    mkdir victim
    ln -s ../victim users/linked
    chown -h 65534:65534 users/linked
    run "$PODFLATTR" --state-dir "$PWD/users/linked" hook --strict /p/1.mp3
    exits 78
    [[ $output == *'symbolic link that belongs to '*'does not follow'* ]]
    [ -z "$(ls -A victim)" ]
}

@test "what root left in a user's state folder is named, with the fix" {
    needs_nobody
    mkdir -m 700 state
    chown 65534:65534 state
    : >state/sender.lock
    run as_nobody queue
    exits 78
    [[ $output == *'state/sender.lock belongs to root'*'sudo chown'* ]]
}

@test "doctor says how to get permission for a state folder" {
    needs_nobody
    mkdir -m 500 state
    chown 65534:65534 state
    run as_nobody --state-dir state doctor --offline
    exits 73
    [[ $output == *"state: Permission denied; you need read and write permission: run chmod u+rwx '$PWD/state', or chown"* ]]
}
