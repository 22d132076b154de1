#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make release: makes podflattr-VERSION.tar.gz of what is committed, in the folder that is given. The same commit gives the same
# bytes with the same autoconf, automake and libtool: they are made twice here, under different circumstances, and compared.
# Fails when a file that git has is missing from the tarball, or when a changelog does not end at this version.
#
#   config/packaging/release.sh [FOLDER]
set -euo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(realpath -- "${1-.}")
fail() {
    echo "release: $*" >&2
    exit 1
}

git -C "$source" rev-parse --verify --quiet HEAD >/dev/null || fail "$source is no git checkout: a release is made of a commit"
[ -z "$(git -C "$source" status --porcelain --untracked-files=no)" ] ||
    echo 'release: what is not committed is left out' >&2
date=$(git -C "$source" log -1 --format=%ct)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tree"
git -C "$source" archive HEAD | tar -x -C "$scratch/tree"
cd "$scratch/tree"

# pack UMASK: makes the tarball, with nothing in it of this machine, user and hour.
pack() (
    umask "$1"
    export TAR_OPTIONS="--sort=name --mtime=@$date --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX
        --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime"
    make --silent dist >"$scratch/log" 2>&1 || {
        cat "$scratch/log"
        fail 'make dist failed'
    }
)

./autogen.sh >"$scratch/log" 2>&1 || {
    tail -n 30 "$scratch/log"
    fail 'it cannot be configured'
}
version=$(sed -n 's/^PACKAGE_VERSION = //p' Makefile)
tarball=podflattr-$version.tar.gz
pack 022
mv "$tarball" "$scratch/first"
find . -type f -exec touch {} +
pack 077
cmp "$scratch/first" "$tarball" || fail 'two runs differ'

# What serves those who work on it alone, and needs git, is not released.
git -C "$source" ls-files | grep -vE '^(\.|config/packaging/release\.sh$)' | sort >"$scratch/known"
tar -tzf "$tarball" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | sort >"$scratch/shipped"
missing=$(comm -23 "$scratch/known" "$scratch/shipped")
[ -z "$missing" ] || fail "not in the tarball: name them in Makefile.am:"$'\n'"$missing"

# The version is AC_INIT's; a history names it too, in its newest entry.
histories() {
    sed -n '/^[0-9]/{p;q}' NEWS
    sed -n '/<release version="/{s/.*<release version="\([^"]*\)".*/\1/p;q}' config/desktop/org.podflattr.podflattr.metainfo.xml
    sed -n '1s/^podflattr (\(.*\)-[^-]*) .*/\1/p' config/packaging/debian/changelog
}
while read -r named; do
    [ "$named" = "$version" ] || fail "a changelog ends at $named, and configure.ac says $version"
done < <(histories)

mv "$tarball" "$folder/"
cd "$folder"
sha256sum "$tarball"
