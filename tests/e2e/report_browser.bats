#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A month's page in a real browser: it is readable in light, dark, on a narrow screen and on paper, and asks nobody for
# anything. Pictures of it are left where browser.bash says.

bats_require_minimum_version 1.5.0
load helper
load report
load browser

setup() {
    scratch_setup
    find_browser
}

@test "the page is readable everywhere, runs nothing and asks for nothing" {
    printf '[report]\nbudget = 10 EUR\n' >"$PODFLATTR_CONFIG"
    printf '[feed https://%s.example/feed]\nlink = %s\n' \
        a https://paypal.me/maker b tips@wallet.example c 'https://donate.example/?a=1&b=2' >>"$PODFLATTR_CONFIG"
    script=$(titled '<script>document.title = "caught"</script>')
    long=$(titled 'Ein Podcast mit einem sehr, sehr langen Titel über Donaudampfschifffahrtsgesellschaftskapitäne')
    for n in {1..9}; do
        owed a "$n" "2026-11-0${n}T10:00:00Z" "$script"
        owed a "1$n" "2026-10-0${n}T10:00:00Z" "$script"
        owed b "$n" "2026-11-1${n}T10:00:00Z" "$long"
    done >entries
    { cat entries
      owed c 1 2026-11-05T10:00:00Z "$(titled '"><img src=x onerror=alert(1)>')"
      owed d 1 2026-09-05T10:00:00Z "$(titled $'\u202Eright to left')"
      owed e 1 2026-11-30T10:00:00Z "$(titled 'Made by nobody who can be paid')"; } | "$PODFLATTR" queue import >/dev/null
    "$PODFLATTR" report --month 2026-11 --output november.html
    "$python" -B "$PF_SOURCE/tests/e2e/report_browser.py" november.html "$pictures" || fail "the page is not as it must be"
    [ -s "$pictures/report-print.png" ]
}
