#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make deb: builds the Debian packages of a release: its tarball, with config/packaging/debian laid out as debian/ beside it.
#
#   config/packaging/deb.sh TARBALL FOLDER [ARGUMENT OF DPKG-BUILDPACKAGE ...]
#
# Packages, the source package and the build's record go to FOLDER. Wants what 'apt-get build-dep' of that folder would install.
set -euo pipefail

tarball=$(realpath -- "$1")
folder=$(realpath -- "$2")
shift 2
version=${tarball##*/podflattr-}
version=${version%.tar.gz}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$tarball" "$scratch/podflattr_$version.orig.tar.gz"
tar -xzf "$tarball" -C "$scratch"
cd "$scratch/podflattr-$version"
cp -r config/packaging/debian debian
dpkg-buildpackage --no-sign "$@"
rm -rf "$scratch/podflattr-$version"
cp "$scratch"/* "$folder/"
