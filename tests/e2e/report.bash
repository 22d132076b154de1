# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of a month's statement share; loaded after helper.bash.

# owed SHOW N DATE [JSON]: a line for `queue import`, of an owed episode of https://SHOW.example/feed; JSON overrides fields.
owed() {
    local nothing='{}'
    jq -nc --arg show "$1" --arg n "$2" --arg date "$3" --argjson more "${4-$nothing}" '
        {version: 1, key: "owed:\($show)/\($n)", state: "owed", reason: "no_link", owed: "no_link", source: "hook",
         feed: "https://\($show).example/feed", guid: "\($show)-\($n)", title: "Episode \($n)", file: "/x/\($show)-\($n).mp3",
         show: "\($show).example/feed", show_title: $show, seconds: 3600, created: $date, updated: $date} + $more'
}

# titled TITLE: what owed() takes for a show of that title.
titled() { jq -nc --arg title "$1" '{show_title: $title}'; }

# now DATE: moves the clock there.
now() {
    PODFLATTR_CLOCK_OFFSET=$(($(date -d "$1" +%s) - $(date +%s)))
    export PODFLATTR_CLOCK_OFFSET
}
