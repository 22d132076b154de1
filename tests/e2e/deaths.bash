# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests share in which the service and hooks die; loaded after helper, torture, daemon and masses.

# deaths_setup: a sandbox whose clock can be moved, a web server, and one.mp3.
deaths_setup() {
    scratch_setup
    : "${PODFLATTR_CRASH:?run these through make check}"
    sandbox_start_at '10 12:00'
    web_start
    media one.mp3
}

# again: a service after one that died; the clock has gone on, since what is in doubt is not asked about at once.
again() {
    later 7200
    daemon_start -q
}

# settled COUNT: the store has so many entries, all of them flattred, and no file that still waits.
settled() {
    [ "$(store "SELECT count(*) = $1 AND sum(state = 'flattred') = $1 FROM entry")" = 1 ] &&
        [ "$(store "SELECT count(*) FROM arrival WHERE state <> 'matched'")" = 0 ]
}

# all_is_well COUNT [PREFIX]: in the end so many are flattred, each once.
all_is_well() {
    again
    wait_for 20 settled "$1" || {
        # What is in doubt is asked about some time later.
        daemon_stop
        again
        wait_for 60 settled "$1" || fail "$(store 'SELECT * FROM arrival WHERE entry IS NULL; SELECT id, state, reason, doubt FROM entry
            WHERE state <> "flattred"; SELECT * FROM gate'); $(cat daemon.log)"
    }
    daemon_stop
    store_is_sound
    paid_once "${2-https://show.example/}" "$1"
}

# dead: the service has ended; a process that was killed is one until it has been waited for.
dead() {
    [[ $(ps -o stat= -p "$daemon_pid") != [!Z]* ]]
}

hook() {
    "$PODFLATTR" -q hook --feed "$web/show.xml" --guid "tag:show,2026:$1" "$PWD/hooked/$1.mp3"
}
