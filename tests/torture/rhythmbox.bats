#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# Rhythmbox itself, on a screen that nobody sees: what it has played to its end counts by the record that it writes.
load ../e2e/helper
load ../e2e/daemon

setup() {
    scratch_setup
    export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share XDG_CACHE_HOME=$HOME/.cache
    sandbox_start --means 100000 --rate-limit 100000
    web_start
}

# post NUMBER [ELEMENT]: an episode as Rhythmbox keeps it.
post() {
    printf '<entry type="podcast-post"><title>Episode %s of show</title><genre>Podcast</genre><artist></artist><album>show</album>
        <duration>3</duration><location>%s/show-ep%s.mp3</location><date>0</date><media-type>application/octet-stream</media-type>
        <status>103</status><description>d</description><subtitle>%s/show.xml</subtitle><post-time>1796000000</post-time>
        <podcast-guid>tag:show,2026:%s</podcast-guid>%s</entry>\n' "$1" "$web" "$1" "$web" "$1" "${2-}"
}

# rhythmbox_plays NUMBER: plays an episode to its end, and quits.
rhythmbox_plays() {
    cat >play.sh <<'TXT'
call() { gdbus call --session --dest "$1" --object-path "$2" --method "${@:3}"; }
action() { call org.gnome.Rhythmbox3 /org/gnome/Rhythmbox3 org.gtk.Actions.Activate "$@" '{}'; }
wait_for_it() { for ((i = 0; i < 120; i++)); do "$@" && return; sleep 0.5; done; return 1; }
rhythmbox --debug >rhythmbox.log 2>&1 &
wait_for_it grep -q 'load complete' rhythmbox.log
action load-uri "[<('$1', true)>]"
wait_for_it grep -q 'updating play statistics' rhythmbox.log
# It writes its record by itself, with what is still queued.
wait_for_it grep -q '<play-count>1</play-count>' "$XDG_DATA_HOME/rhythmbox/rhythmdb.xml"
action quit '[]'
wait
TXT
    GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1 timeout 200 xvfb-run -a dbus-run-session bash play.sh "$web/show-ep$1.mp3" >play.log 2>&1 3>&- ||
        fail "$(tail -n 20 play.log rhythmbox.log)"
}

# has_looked: its record was looked at for what was played.
has_looked() {
    [ "$(sqlite3 state/queue.db 'SELECT count(*) FROM play_record')" = 1 ]
}

@test "what Rhythmbox has played to its end counts, and what it had played before does not" {
    command -v rhythmbox xvfb-run dbus-run-session gdbus >/dev/null || skip 'rhythmbox, xvfb-run, dbus-run-session or gdbus is missing'
    feed_write show 1 3
    media_bytes 120 >web/show-ep2.mp3
    mkdir -p "$XDG_DATA_HOME/rhythmbox"
    {
        printf '<?xml version="1.0" standalone="yes"?>\n<rhythmdb version="2.0">\n<entry type="podcast-feed"><title>show</title><genre></genre>
            <artist></artist><album>show</album><location>%s/show.xml</location><date>0</date>
            <media-type>application/octet-stream</media-type><status>1</status><post-time>1796000000</post-time></entry>\n' "$web"
        post 1 '<play-count>2</play-count><last-played>1700000000</last-played>'
        post 2
        post 3
        printf '</rhythmdb>\n'
    } >"$XDG_DATA_HOME/rhythmbox/rhythmdb.xml"
    configure '[watch]' 'players = no' '[feeds]' 'subscriptions = rhythmbox' '[policy]' 'trigger = play'
    daemon_start
    wait_for 20 known_feeds_are 1
    wait_for 20 has_looked
    daemon_stop
    rhythmbox_plays 2
    daemon_start
    wait_for 20 flattred_is 1
    is "$("$PODFLATTR" queue --format=json | jq -r '[.guid, .source] | join(" ")')" 'tag:show,2026:2 play'
    daemon_stop
}
