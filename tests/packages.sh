#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shows that the Debian packages are what a distribution wants, and do what a user wants: on a minimal Debian that
# debootstrap makes, builds them from the committed tree and runs lintian over them; on another one that has only what they
# depend on, installs an older version, enables and runs the service as a user, upgrades, runs the packages' own tests
# (debian/tests), removes and purges, and looks for what is left behind.
#
#   tests/packages.sh [SUITE] [FOLDER]
#
# SUITE is Debian's (bookworm), FOLDER where the packages go (none). MIRROR as in fresh-machine.sh. NOCHECK=1 builds without
# the tests. Needs root and debootstrap. Not part of make check.
set -euo pipefail

# shellcheck disable=SC2034 # machine.bash reads these
suite=${1-bookworm} mirror=${MIRROR-http://deb.debian.org/debian}
keep=${2-}
arch=$(dpkg --print-architecture)
source=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d -p "${TMPDIR:-/var/tmp}" podflattr-packages-XXXXXX)
# What is mounted in a machine is so in its own namespace only, and ends with it.
trap 'rm -rf --one-file-system "$scratch"' EXIT
# shellcheck source=tests/machine.bash
. "$source/tests/machine.bash"

say() { printf '\n=== %s\n' "$*"; }

say 'a release'
"$source/config/packaging/release.sh" "$scratch"
tarball=$(echo "$scratch"/podflattr-*.tar.gz)
make_base
quiet='set -e; export DEBIAN_FRONTEND=noninteractive; apt-get -qq update'

say 'build, lintian'
cp -a "$scratch/base" "$scratch/builder"
mkdir -p "$scratch/builder/podflattr/out"
cp "$tarball" "$scratch/builder/podflattr/"
tar -xzf "$tarball" -C "$scratch/builder/podflattr" --strip-components=1
inside "$scratch/builder" "$quiet
    apt-get -qq install --no-install-recommends -y build-essential lintian >/dev/null
    ln -s config/packaging/debian debian
    apt-get -qq build-dep --no-install-recommends -y . >/dev/null
    export DEB_BUILD_OPTIONS='parallel=$(nproc)${NOCHECK:+ nocheck}'
    config/packaging/deb.sh ${tarball##*/} out >out/log 2>&1 || { tail -n 60 out/log; exit 1; }
    lintian --pedantic --fail-on error,warning,info,pedantic --suppress-tags bad-distribution-in-changes-file --allow-root out/*.changes"
packages=$scratch/builder/podflattr/out
[ -z "$keep" ] || cp "$packages"/* "$keep/"

# The version before: the same packages under an older number.
say 'install, enable, upgrade, test, remove, purge'
machine=$scratch/machine
cp -a "$scratch/base" "$machine"
mkdir -p "$machine/podflattr/old" "$machine/podflattr/new"
for package in podflattr flattr-sandbox libflattr1 libflattr-dev; do
    cp "$packages/${package}_"*"_$arch.deb" "$machine/podflattr/new/"
    dpkg-deb -R "$packages/${package}_"*"_$arch.deb" "$scratch/old"
    sed -i 's/^Version: .*/Version: 0.1.0-0upstream1/; s/(= [^)]*)/(= 0.1.0-0upstream1)/' "$scratch/old/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$scratch/old" "$machine/podflattr/old/$package.deb" >/dev/null
    rm -r "$scratch/old"
done
cat >"$machine/podflattr/user.sh" <<'TXT'
set -eux
export HOME=/home/listener PATH=/usr/bin:/bin SYSTEMD_OFFLINE=1
cd "$HOME"
systemctl --user enable podflattr
test -L .config/systemd/user/default.target.wants/podflattr.service
mkdir -p pods .config/podflattr
printf '[watch]\nfolders = ~/pods\n' >.config/podflattr/podflattr.conf
# There is no systemd in here: the unit's command is started by hand.
command=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/user/podflattr.service)
$command >service.log 2>&1 &
echo $! >service.pid
n=0
until podflattr -q status --format=json | grep -q '"state": *"watched"'; do
    n=$((n + 1))
    [ $n -lt 200 ] || { cat service.log; exit 1; }
    read -r _ </proc/uptime
done
TXT
cat >"$machine/podflattr/upgrade.sh" <<'TXT'
set -eux
# everything: what there is, without what apt, dpkg and the user's home keep on purpose.
everything() {
    find / -xdev -path /podflattr -prune -o -path /home -prune -o -path /var/lib/dpkg -prune -o -path /var/lib/apt -prune \
        -o -path /var/cache -prune -o -path /var/log -prune -o -path /tmp -prune -o -print | sort
}
depends=$(for package in old/*.deb; do dpkg-deb -f "$package" Depends; done | tr , '\n' |
    grep -v 'libflattr1' | sort -u | paste -sd,)
apt-get -qq satisfy --no-install-recommends -y "$depends, systemd, jq, curl, python3, gcc, libc6-dev, pkgconf" >/dev/null
useradd -m listener
everything >/podflattr/before
dpkg -i old/*.deb
su listener -s /bin/sh -c 'sh /podflattr/user.sh'
dpkg -i new/*.deb
dpkg-query -W podflattr flattr-sandbox libflattr1 libflattr-dev
! dpkg-query -W -f '${Version}\n' podflattr | grep -q '^0\.1\.0'
# The service that runs has been told nothing; the new programs talk to it.
kill -0 "$(cat /home/listener/service.pid)"
su listener -s /bin/sh -c 'cd; podflattr -q status; podflattr report'
kill "$(cat /home/listener/service.pid)"
for test in demo report library; do
    mkdir /tmp/autopkgtest
    (cd source && AUTOPKGTEST_TMP=/tmp/autopkgtest config/packaging/debian/tests/$test)
    rm -r /tmp/autopkgtest
done
dpkg --remove podflattr flattr-sandbox libflattr-dev libflattr1
test ! -e /usr/bin/podflattr
dpkg --purge podflattr flattr-sandbox libflattr-dev libflattr1
everything >/podflattr/after
diff /podflattr/before /podflattr/after
TXT
mkdir "$machine/podflattr/source"
tar -xzf "$tarball" -C "$machine/podflattr/source" --strip-components=1
inside "$machine" "$quiet
    sh upgrade.sh >log 2>&1 || { tail -n 60 log; exit 1; }
    grep '^demo: ' log"
say 'built, clean, installed, upgraded, removed and purged: nothing is left'
