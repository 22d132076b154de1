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
    mountpoint -q slow && fusermount3 -uz slow
    true
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
