#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A month's page in a real browser: it is readable in light, dark, on a narrow screen and on paper, and asks nobody for
# anything. Pictures of it are left where browser.bash says.

bats_require_minimum_version 1.5.0
load helper
load browser

setup() {
    scratch_setup
    find_browser
}

# owed SHOW TITLE N DATE: a line for `queue import`, of an owed episode.
owed() {
    jq -nc --arg show "$1" --arg title "$2" --arg n "$3" --arg date "$4" '
        {version: 1, key: "owed:\($show)/\($n)", state: "owed", reason: "no_link", owed: "no_link", source: "hook",
         feed: "https://\($show).example/feed", guid: "\($show)-\($n)", title: "Episode \($n)", file: "/x/\($show)-\($n).mp3",
         show: "\($show).example/feed", show_title: $title, seconds: 3600, created: $date, updated: $date}'
}

@test "the page is readable everywhere, runs nothing and asks for nothing" {
    printf '[report]\nbudget = 10 EUR\n' >"$PODFLATTR_CONFIG"
    printf '[feed https://%s.example/feed]\nlink = %s\n' \
        a https://paypal.me/maker b tips@wallet.example c 'https://donate.example/?a=1&b=2' >>"$PODFLATTR_CONFIG"
    for n in {1..9}; do
        owed a '<script>document.title = "caught"</script>' "$n" "2026-11-0${n}T10:00:00Z"
        owed a '<script>document.title = "caught"</script>' "1$n" "2026-10-0${n}T10:00:00Z"
        owed b 'Ein Podcast mit einem sehr, sehr langen Titel über Donaudampfschifffahrtsgesellschaftskapitäne' "$n" \
            "2026-11-1${n}T10:00:00Z"
    done >entries
    { cat entries
      owed c '"><img src=x onerror=alert(1)>' 1 2026-11-05T10:00:00Z
      owed d $'\u202Eright to left' 1 2026-09-05T10:00:00Z
      owed e 'Made by nobody who can be paid' 1 2026-11-30T10:00:00Z; } | "$PODFLATTR" queue import >/dev/null
    "$PODFLATTR" report --month 2026-11 --output november.html
    "$python" -B "$PF_SOURCE/tests/e2e/report_browser.py" november.html "$pictures" || fail "the page is not as it must be"
    [ -s "$pictures/report-print.png" ]
}
