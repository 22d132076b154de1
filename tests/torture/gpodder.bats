#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# gPodder's windows themselves, on a screen that nobody sees, with the hook that podflattr init has set: an episode that is
# downloaded is told of, and one that is played is paid.
load ../e2e/helper
load ../e2e/podcatcher
load ../e2e/daemon

setup() {
    scratch_setup
    export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share XDG_CACHE_HOME=$HOME/.cache
    export XDG_RUNTIME_DIR=$PWD/run PODFLATTR_PLUGINS=$PF_SOURCE/plugins PODFLATTR
    mkdir -m 700 run
    sandbox_start --means 100000 --rate-limit 100000
    web_start
}

# clicks_write: an extension that does what a person does with the windows: subscribes, takes all episodes that are offered,
# plays the first, and quits once that has ended.
clicks_write() {
    cat >"$HOME/gPodder/Extensions/clicks.py" <<'TXT'
import logging
from gi.repository import GLib
import gpodder

logger = logging.getLogger(__name__)
__title__ = 'Clicks'
__only_for__ = 'gtk, cli'


class gPodderExtension:
    def __init__(self, container):
        self.window = None
        self.stopped = False

    def on_load(self):
        if gpodder.ui.gtk:
            gpodder.dbus_session_bus.add_signal_receiver(self.on_stopped, 'PlaybackStopped', 'org.gpodder.player')

    def on_stopped(self, start, end, total, uri):
        logger.error('clicks: stopped %d-%d of %d', start, end, total)
        self.stopped = total > 0 and end + 1 >= total

    def on_ui_object_available(self, name, window):
        if name == 'gpodder-gtk':
            self.window = window
            self.steps = [self.subscribe, self.download, self.play, self.quit]
            GLib.timeout_add(200, self.step)

    def step(self):
        if self.steps[0]():
            logger.error('clicks: %s', self.steps[0].__name__)
            self.steps.pop(0)
        return bool(self.steps)

    def subscribe(self):
        dialog = getattr(self.window, '_add_podcast_dialog', None)
        if dialog is None:
            return False
        dialog.btn_add.clicked()
        return True

    def download(self):
        offered = getattr(self.window, 'new_episodes_window', None)
        if offered is None:
            return False
        offered.btnCheckAll.clicked()
        offered.btnOK.clicked()
        return True

    def play(self):
        episodes = [episode for channel in self.window.channels for episode in channel.get_all_episodes()]
        if not episodes or not all(episode.was_downloaded(and_exists=True) for episode in episodes):
            return False
        self.window.playback_episodes([episode for episode in episodes if episode.guid.endswith(':1')])
        return True

    def quit(self):
        if self.stopped:
            self.window.on_gPodder_delete_event()
        return self.stopped
TXT
    gpo_run extension enable clicks
}

told_of() {
    "$PODFLATTR" -q send >/dev/null || true
    is "$(sqlite3 state/queue.db "SELECT count(*) FROM arrival WHERE $1")" "$2"
}

@test "gPodder's windows tell of what is downloaded and played, with the extension that init has set" {
    local mpris=/usr/lib/mpv-mpris/mpris.so
    command -v gpodder gpo xvfb-run dbus-run-session mpv >/dev/null && [ -e "$mpris" ] ||
        skip 'gpodder, xvfb-run, dbus-run-session, mpv or mpv-mpris is missing'
    feed_write show 1 2
    sed -i 's/length="4170"/length="250200"/' web/show.xml
    for number in 1 2; do media_bytes 600 >"web/show-ep$number.mp3"; done
    gpo_run list
    gpo_run set player.audio "mpv --no-config --script=$mpris --ao=null --no-video --no-input-terminal"
    gpo_run extension enable mpris-listener
    configure '[policy]' 'trigger = play' '[flattr]' "api = $PODFLATTR_API"
    run -0 "$PODFLATTR" init --yes
    [[ $output == *'the extension is enabled'* ]] || fail "$output"
    clicks_write
    NO_AT_BRIDGE=1 timeout 90 xvfb-run -a dbus-run-session gpodder --verbose --subscribe "$web/show.xml" >gpodder.log 2>&1 \
        </dev/null 3>&- || fail "$(grep -v DEBUG gpodder.log | tail -n 40)"
    wait_for 20 told_of 'NOT played' 2
    wait_for 20 told_of played 1
    flattred_is 1
    is "$("$PODFLATTR" queue --format=json | jq -r '[.guid, .source, .state] | join(" ")')" 'tag:show,2026:1 play flattred'
    # Nothing of it is in gPodder's way when it is taken back.
    run -0 "$PODFLATTR" init --undo
    [ ! -e "$HOME/gPodder/Extensions/zz_podflattr.py" ]
    is "$(jq -c .extensions.enabled "$HOME/gPodder/Settings.json")" '["mpris-listener","clicks"]'
}
