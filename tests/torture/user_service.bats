#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit under a real manager, "systemd --user" of the user nobody, in namespaces of its own. Only root can make those, and
# where they cannot be made, these tests are skipped by name.
load ../e2e/helper
load ../e2e/daemon

setup() {
    scratch_setup
    ((EUID == 0)) || skip "only root can start a manager for another user"
    [ -x "${manager_program:=/usr/lib/systemd/systemd}" ] || skip "systemd is missing"
    chmod a+x . .. ../..
    setpriv --reuid=65534 --regid=65534 --clear-groups "$PODFLATTR" --version >/dev/null || skip "nobody cannot run this build"
    sandbox_start
    web_start
    feed_write show 1 9
    mkdir -p "$HOME/pods" "$HOME/.config/podflattr" "$HOME/.config/systemd/user/podflattr.service.d"
    sed "s|^ExecStart=[^ ]*|ExecStart=$PODFLATTR|" "$PF_BUILD/config/systemd/user/podflattr.service" \
        >"$HOME/.config/systemd/user/podflattr.service"
    printf '[Service]\nEnvironment=PODFLATTR_API=%s PODFLATTR_TOKEN=%s\nRestartSec=100ms\n' "$PODFLATTR_API" \
        "$PODFLATTR_TOKEN" >"$HOME/.config/systemd/user/podflattr.service.d/test.conf"
    PODFLATTR_CONFIG=$HOME/.config/podflattr/podflattr.conf
    configure '[watch]' 'folders = ~/pods' 'settle = 0s' '[feeds]' "subscriptions = $web/show.xml" '[policy]' \
        'per-feed-per-day = 0'
    chown -R 65534:65534 "$HOME"
    manager_start
}

teardown() {
    [ -z "${manager_pid-}" ] || as_user systemctl --user exit || true
    scratch_teardown
    [ -z "${group-}" ] || rmdir_groups
}

rmdir_groups() {
    local tree
    for tree in systemd/ unified/ ''; do
        [ ! -d "/sys/fs/cgroup/$tree$group" ] || find "/sys/fs/cgroup/$tree$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
}

# manager_start: sets manager_pid.
manager_start() {
    group=podflattr-test-$$
    cat >manager.sh <<'END'
# As a machine that systemd has started looks; the home is where no private /tmp hides it.
mount --make-rprivate / && mount -t tmpfs -o mode=755 tmpfs /run && mount --bind "$HOME" /home && mount --make-rshared / || exit 1
mkdir -p /run/user /run/systemd/{system,unit-root,mount-rootfs}
mkdir -m 700 /run/user/65534 && chown 65534:65534 /run/user/65534
for tree in systemd/ unified/ ''; do
    [ -e "/sys/fs/cgroup/${tree}cgroup.procs" ] || continue
    mkdir -p "/sys/fs/cgroup/$tree$1" && chown -R 65534:65534 "/sys/fs/cgroup/$tree$1" && echo 0 >"/sys/fs/cgroup/$tree$1/cgroup.procs"
done
setpriv --reuid=65534 --regid=65534 --clear-groups env -i HOME=/home XDG_RUNTIME_DIR=/run/user/65534 PATH="$PATH" LC_ALL=C.UTF-8 \
    "$2" --user --log-target=console
END
    unshare --mount --pid --fork --kill-child --mount-proc bash manager.sh "$group" "$manager_program" >manager.log 2>&1 3>&- &
    background+=("$!")
    wait_for 20 find_manager "$!" || skip "no manager can be started here: $(cat manager.log)"
    manager_pid=$(find_manager "${background[-1]}")
    wait_for 20 as_user test -S /run/user/65534/systemd/private || skip "no manager can be started here: $(cat manager.log)"
}

# find_manager PID: prints the process that is systemd, beneath that of unshare.
find_manager() { pgrep -x systemd -P "$(pgrep -P "$1")"; }

# as_user COMMAND …: beside the manager.
as_user() {
    nsenter --target "$manager_pid" --mount --pid --setuid 65534 --setgid 65534 env -u PODFLATTR_STATE_DIR -u PODFLATTR_CONFIG \
        HOME=/home XDG_RUNTIME_DIR=/run/user/65534 "$@"
}

shows() { is "$(as_user systemctl --user show --property "$1" --value podflattr)" "$2"; }

flattred_count_is() { is "$(as_user "$PODFLATTR" status --format=json | jq .queue.flattred)" "$1"; }

feed_is_known() { is "$(as_user "$PODFLATTR" status --format=json | jq .feeds.known)" 1; }

# arrives EPISODE: a file that the user downloads.
arrives() { as_user cp "$BATS_TEST_TMPDIR/one.mp3" "/home/pods/show-ep$1.mp3"; }

start() {
    as_user systemctl --user start podflattr || {
        cat manager.log
        as_user systemctl --user status podflattr
        fail 'the unit does not start'
    }
}

@test "under systemd --user the unit starts, pays, reloads, is started again after a death, and stops" {
    media one.mp3
    start
    shows ActiveState active
    wait_for 20 feed_is_known
    arrives 1
    wait_for 20 flattred_count_is 1
    as_user systemctl --user reload podflattr
    shows ActiveState active
    as_user systemctl --user kill --signal=KILL podflattr
    wait_for 20 shows NRestarts 1
    wait_for 20 shows ActiveState active
    arrives 2
    wait_for 20 flattred_count_is 2
    as_user systemctl --user stop podflattr
    shows Result success
    is "$(control GET flattrs | jq -c '[.[].accepted]')" '[1,1]'
}

@test "under systemd --user the service is confined" {
    start
    pid=$(as_user systemctl --user show --property MainPID --value podflattr)
    as_user cat "/proc/$pid/status" >status
    grep -q '^NoNewPrivs:.1' status
    grep -q '^Seccomp:.2' status
    grep -q '^CapBnd:.0000000000000000' status
    # The mounts as the service has them: the home can be read, the state folder written.
    as_user cat "/proc/$pid/mountinfo" >mounts
    grep -q " /home/.local/state/podflattr rw" mounts || fail "$(cat mounts)"
    grep -E ' / ro' mounts || fail "$(cat mounts)"
    grep -E ' /home ro' mounts || fail "$(cat mounts)"
    grep -E ' /root .*- tmpfs' mounts || fail "$(cat mounts)"
    as_user systemctl --user stop podflattr
}

@test "under systemd --user a disk that is plugged in later, at home, is watched" {
    mkdir "$HOME/stick"
    media one.mp3
    configure '[watch]' 'folders = ~/stick/pods' 'settle = 0s' '[feeds]' "subscriptions = $web/show.xml" '[policy]' \
        'per-feed-per-day = 0'
    start
    wait_for 20 feed_is_known
    nsenter --target "$manager_pid" --mount mount -t tmpfs tmpfs /home/stick
    nsenter --target "$manager_pid" --mount install -d -o 65534 -g 65534 /home/stick/pods
    as_user cp "$BATS_TEST_TMPDIR/one.mp3" /home/stick/pods/show-ep1.mp3
    wait_for 20 flattred_count_is 1
    as_user systemctl --user stop podflattr
}

@test "under systemd --user a wrong configuration is not tried again" {
    echo '[nonsense]' >"$PODFLATTR_CONFIG"
    run as_user systemctl --user start podflattr
    [ "$status" -ne 0 ]
    shows ActiveState failed
    shows ExecMainStatus 78
    shows NRestarts 0
}
