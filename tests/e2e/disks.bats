#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks that come and go under the running service. Where nothing may be mounted, these tests are skipped by name.
load helper
load daemon

setup() {
    scratch_setup
    sandbox_start --means 100000 --rate-limit 100000
    web_start
    feed_write show 1 9
    mkdir -p media/stick
}

teardown() {
    scratch_teardown
    mountpoint -q media/stick && umount -l media/stick
    local folder
    for folder in hung pods/nas; do
        [ ! -e "$folder.log" ] || umount -l "$folder" 2>/dev/null || true
    done
}

# disk_make TYPE: makes a disk with a file system in a file, and plugs it in.
disk_make() {
    command -v "mkfs.$1" >/dev/null || skip "mkfs.$1 is missing"
    truncate -s 8M disk.image
    "mkfs.$1" disk.image >mkfs.log 2>&1 || fail "$(cat mkfs.log)"
    plug 2>mount.log || skip "no $1 can be mounted here: $(tail -n 1 mount.log)"
}

plug() { mount -o loop disk.image media/stick; }

unplug() { umount media/stick; }

# service_watches FOLDER: starts the service, which watches it.
service_watches() {
    configure '[watch]' "folders = $1" 'settle = 0s' '[feeds]' "subscriptions = $web/show.xml" '[policy]' \
        'per-feed-per-day = 0'
    daemon_start
    wait_for 20 known_feeds_are 1
}

# replugged FOLDER: the disk is unplugged and plugged in again, and each time what comes on it counts.
replugged() {
    download "$1" show-ep1.mp3
    wait_for 20 flattred_is 1
    for episode in 2 3; do
        unplug
        wait_for 20 status_is '.watch.list[0].state' "${2-missing}"
        plug
        download "$1" "show-ep$episode.mp3"
        wait_for 20 flattred_is "$episode"
    done
    status_is '.watch.list[0].fault' null
    daemon_stop
    is "$(control GET flattrs | jq -r '[.[].accepted] | @csv')" 1,1,1
}

@test "a folder on an ext4 stick that is replugged while the service runs" {
    disk_make ext4
    mkdir media/stick/Podcasts
    service_watches "$PWD/media/stick/Podcasts"
    replugged media/stick/Podcasts
}

# Many kernels of containers and virtual machines have no vfat.
# bats test_tags=torture
@test "a folder on a vfat stick that is replugged while the service runs" {
    disk_make vfat
    mkdir media/stick/Podcasts
    service_watches "$PWD/media/stick/Podcasts"
    replugged media/stick/Podcasts
}

@test "a stick's own root folder that is replugged while the service runs" {
    disk_make ext4
    service_watches "$PWD/media/stick"
    # Without the stick, the empty folder that it is mounted on is watched.
    replugged media/stick watched
}

@test "a stick behind a link in the watched folder that is replugged while the service runs" {
    disk_make ext4
    mkdir -p pods media/stick/Podcasts
    ln -s "$PWD/media/stick/Podcasts" pods/stick
    service_watches "$PWD/pods"
    replugged media/stick/Podcasts watched
}

@test "a stick that is plugged in after the service has begun" {
    disk_make ext4
    mkdir media/stick/Podcasts
    unplug
    service_watches "$PWD/media/stick/Podcasts"
    plug
    download media/stick/Podcasts show-ep1.mp3
    wait_for 20 flattred_is 1
    daemon_stop
}

@test "a disk that is made read-only, and is writable again, keeps being watched" {
    disk_make ext4
    mkdir media/stick/Podcasts
    service_watches "$PWD/media/stick/Podcasts"
    download media/stick/Podcasts show-ep1.mp3
    wait_for 20 flattred_is 1
    mount -o remount,ro media/stick
    wait_for 20 status_is '.watch.list[0].state' watched
    mount -o remount,rw media/stick
    download media/stick/Podcasts show-ep2.mp3
    wait_for 20 flattred_is 2
    daemon_stop
}

@test "a full disk under the state folder: a hook says so, and what it is told once there is room is not lost" {
    disk_make ext4
    export PODFLATTR_STATE_DIR=$PWD/media/stick/state
    configure '[feeds]' "subscriptions = $web/show.xml" '[policy]' 'per-feed-per-day = 0'
    mkdir pods
    media pods/show-ep1.mp3
    run "$PODFLATTR" -q status
    dd if=/dev/zero of=media/stick/filler bs=4k >dd.log 2>&1 || grep -q 'No space' dd.log
    run "$PODFLATTR" hook --strict --feed "$web/show.xml" "$PWD/pods/show-ep1.mp3"
    exits 74
    [[ $output == *'No space left'* ]]
    rm media/stick/filler
    run -0 "$PODFLATTR" hook --strict --feed "$web/show.xml" "$PWD/pods/show-ep1.mp3"
    run "$PODFLATTR" send
    wait_for 20 flattred_is 1
}

# mount_hung FOLDER [answer]: mounts a file system there that answers nothing, or nothing from when a folder is made in it.
mount_hung() {
    mkdir -p "$1"
    rm -f "$1.log"
    "$PF_SOURCE/tests/e2e/hung_mount.py" "$@" >"$1.log" 3>&- &
    background+=("$!")
    hung_server=$!
    wait_for 20 test -s "$1.log"
    grep -q '^mounted' "$1.log" || skip "no FUSE file system can be mounted here: $(cat "$1.log")"
    # The leak checker waits until each thread stands still, and one that hangs never does.
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
}

# within SECONDS COMMAND …: a command that ends by itself.
within() { timeout -k 1 "$1" "${@:2}" || [ "$?" -lt 124 ] || fail "${*:2}: has not ended within $1 s"; }

@test "a mount that does not answer: hooks, commands and the service go on, and name it" {
    mount_hung hung
    mount_hung pods/nas
    configure '[watch]' "folders = $PWD/hung;$PWD/pods" 'settle = 0s' '[feeds]' \
        "subscriptions = $PWD/hung/list.opml;$PWD/hung/feed.xml;$web/show.xml" '[policy]' 'per-feed-per-day = 0'
    within 3 "$PODFLATTR" hook "$PWD/hung/x.mp3"
    is "$(find state/hooks -name '*.json' | wc -l)" 1
    for command in config status 'doctor --offline'; do
        # shellcheck disable=SC2086
        within 15 "$PODFLATTR" $command >said.txt 2>&1
        grep -q "$PWD/hung: does not answer" said.txt || fail "$command: $(cat said.txt)"
        grep -q "$PWD/hung/list.opml: does not answer" said.txt || fail "$command: $(cat said.txt)"
    done
    within 20 "$PODFLATTR" send
    daemon_start
    # What is beside it counts all the same.
    wait_for 20 known_feeds_are 1
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    status_is '.watch.list[0].state' missing
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'configuration reloaded' daemon.log
    download pods show-ep2.mp3
    wait_for 20 flattred_is 2
    begun=$SECONDS
    daemon_stop
    [ $((SECONDS - begun)) -le 5 ]
}

@test "a podcatcher whose files do not answer: commands and the service go on, with another's" {
    mount_hung hung
    mkdir -p pods "$HOME/.newsboat"
    export GPODDER_HOME=$PWD/hung
    printf '%s\n' "$web/show.xml" >"$HOME/.newsboat/urls"
    configure '[watch]' "folders = gpodder;$PWD/pods" 'settle = 0s' '[feeds]' 'subscriptions = gpodder;newsboat' '[policy]' \
        'per-feed-per-day = 0'
    within 15 "$PODFLATTR" status >said.txt 2>&1
    grep -q 'gPodder is not set up here' said.txt
    # Who looks for the same name as the service does waits in the kernel, and cannot be ended: no command is asked.
    "$PODFLATTR" daemon 2>daemon.log 3>&- &
    daemon_pid=$!
    background+=("$daemon_pid")
    wait_for 30 grep -q '"watched"' state/daemon.json
    download pods show-ep1.mp3
    wait_for 20 flattred_is 1
    printf '\n' >>"$HOME/.newsboat/urls"
    download pods show-ep2.mp3
    wait_for 20 flattred_is 2
    begun=$SECONDS
    daemon_stop
    [ $((SECONDS - begun)) -le 5 ]
}

@test "a mount that does not answer while SIGHUP comes: the folders are watched again once it does" {
    mount_hung hung
    mkdir -p pods
    configure '[watch]' "folders = $PWD/pods;$PWD/hung" 'settle = 0s' '[feeds]' "subscriptions = $web/show.xml" \
        '[policy]' 'per-feed-per-day = 0'
    daemon_start
    wait_for 20 known_feeds_are 1
    configure '[watch]' "folders = $PWD/pods" 'settle = 0s' '[feeds]' "subscriptions = $web/show.xml" \
        '[policy]' 'per-feed-per-day = 0'
    kill -HUP "$daemon_pid"
    wait_for 20 status_is '.watch.folders' 1
    kill "$hung_server"
    wait "$hung_server" || true
    download pods show-ep1.mp3
    wait_for 30 flattred_is 1
    daemon_stop
}

# Whether a thread of the service waits in the kernel for an answer.
service_hangs() { grep -qE '^(fuse_|request_wait)' "/proc/$daemon_pid/task/"*/wchan; }

# watch_hung FOLDER …: the configuration watches these.
watch_hung() {
    configure '[watch]' "folders = $(printf "$PWD/%s;" "$@")" 'settle = 0s' '[feeds]' "subscriptions = $web/show.xml" '[policy]' \
        'per-feed-per-day = 0'
}

# hang: the thread that watches comes to wait for the hung folder.
hang() {
    mkdir hung/new
    wait_for 20 service_hangs
}

@test "a folder that stops answering: the service goes on, watches it again once it answers, and ends in time" {
    mkdir -p pods
    mount_hung hung answer
    watch_hung pods hung
    daemon_start
    wait_for 20 known_feeds_are 1
    hang
    # The thread that waits is left behind, and no other one can begin beside it.
    watch_hung pods
    kill -HUP "$daemon_pid"
    wait_for 20 grep -q 'no folder is watched: a folder that was watched still does not answer; retrying' daemon.log
    download pods show-ep1.mp3
    "$PODFLATTR" hook --strict --feed "$web/show.xml" "$PWD/pods/show-ep1.mp3"
    wait_for 20 flattred_is 1
    kill "$hung_server"
    wait "$hung_server" || true
    wait_for 30 status_is '[.watch.list[].state] | join(",")' watched
    download pods show-ep2.mp3
    wait_for 20 flattred_is 2
    daemon_stop
    umount -l hung
    mount_hung hung answer
    watch_hung pods hung
    daemon_start
    hang
    daemon_stop
    is "$(control GET flattrs | jq -c '[.[].accepted]')" '[1,1]'
}

@test "a link to a file on a mount that does not answer: what comes beside it counts" {
    mkdir -p pods
    watch_hung pods
    daemon_start
    wait_for 20 known_feeds_are 1
    mount_hung hung
    ln -s "$PWD/hung/show-ep1.mp3" pods/show-ep1.mp3
    download pods show-ep2.mp3
    wait_for 20 flattred_is 1
    kill "$hung_server"
    wait "$hung_server" || true
    download pods show-ep3.mp3
    wait_for 20 flattred_is 2
    daemon_stop
}
