# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Minimal Debians in folders, for tests that need a machine of their own. Who sources this has set: suite, arch, mirror, and
# scratch, a folder that is removed at the end.

machine_name=${0##*/}
[ "$(id -u)" -eq 0 ] || { echo "$machine_name: run it as root, since it makes a machine of its own" >&2; exit 77; }
command -v debootstrap >/dev/null || { echo "$machine_name: debootstrap is missing: apt-get install debootstrap" >&2; exit 69; }

# make_base: a Debian in $scratch/base, to be copied.
make_base() {
    debootstrap --variant=minbase --arch="$arch" "$suite" "$scratch/base" "$mirror" >"$scratch/debootstrap.log" || {
        tail "$scratch/debootstrap.log" >&2
        exit 69
    }
    cp /etc/resolv.conf "$scratch/base/etc/resolv.conf"
    printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 fresh\n' >"$scratch/base/etc/hosts"
    echo fresh >"$scratch/base/etc/hostname"
    # A mirror reached through the host's settings (a proxy, say) is reached the same way from inside, and may be a snapshot.
    [ ! -e /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$scratch/base/etc/apt/"
    echo 'Acquire::Check-Valid-Until "false";' >"$scratch/base/etc/apt/apt.conf.d/90snapshot"
    # Nobody needs the machine after a power cut.
    echo force-unsafe-io >"$scratch/base/etc/dpkg/dpkg.cfg.d/90scratch"
}

# inside MACHINE COMMAND: runs it there, as the first process of a PID namespace, with what is mounted in a container.
inside() {
    # shellcheck disable=SC2016,SC2154 # expanded by the inner shell; the caller sets arch
    setarch "$(case $arch in i386) echo i686 ;; *) uname -m ;; esac)" \
        unshare --mount --pid --uts --fork --kill-child sh -euc '
        cd "$1"
        hostname fresh
        mount --bind . .
        cd "$1"
        mount -t proc proc proc
        mount -t sysfs -o ro sysfs sys
        mount -t tmpfs -o mode=755 tmpfs dev
        for device in null zero full random urandom tty; do
            : >"dev/$device"
            mount --bind "/dev/$device" "dev/$device"
        done
        mkdir dev/pts dev/shm
        mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
        mount -t tmpfs -o mode=1777 tmpfs dev/shm
        ln -s pts/ptmx dev/ptmx
        ln -s /proc/self/fd dev/fd
        ln -s fd/0 dev/stdin
        ln -s fd/1 dev/stdout
        ln -s fd/2 dev/stderr
        mkdir -p .host
        pivot_root . .host
        exec /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb ${http_proxy+http_proxy="$http_proxy"} \
            /bin/sh -c "umount -l /.host && rmdir /.host && cd /podflattr && $2"
        ' sh "$1" "$2" </dev/null
}
