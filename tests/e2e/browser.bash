# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests with a real browser share; loaded after helper.bash.

# find_browser: sets python to one that can drive a browser, and pictures, the folder that pictures of the pages are left in:
# $PF_ARTEFACTS, which outlives the test, or the scratch folder.
find_browser() {
    find_python selenium
    command -v chromedriver >/dev/null || skip 'chromedriver is missing'
    # shellcheck disable=SC2034 # used by the tests
    pictures=${PF_ARTEFACTS:-$BATS_TEST_TMPDIR/pictures}
}
