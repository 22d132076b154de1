#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# gPodder's extension, with a podflattr that notes how it was called.
load helper
load podcatcher

# A title like those that a stranger may write, of which nothing may be lost and nothing be done.
hostile="--send \"double\" 'single' \$(touch pwned) \`touch pwned\`; touch pwned & <b>ü</b> \\n %s"

@test "gPodder reports each downloaded episode, whatever its title is" {
    gpo_set_up
    noting_podflattr
    feed_server_start
    feed_write "$hostile" "Épisode zwei"
    gpo_run subscribe "$feed_server/feed.xml"
    gpo_run download
    wait_for 60 called 2
    was_called hook --event downloaded --feed "$feed_server/feed.xml" --enclosure "$feed_server/episode1.mp3" --guid tag:tiny,1 \
        --title "$hostile" --payment "$feed_server/pay?item=1&user=ann" "$GPODDER_HOME/Downloads/Tiny/episode1.mp3"
    was_called hook --event downloaded --feed "$feed_server/feed.xml" --enclosure "$feed_server/episode2.mp3" --guid tag:tiny,2 \
        --title "Épisode zwei" "$GPODDER_HOME/Downloads/Tiny/episode2.mp3"
    [ "$(sort -u calls/stdin)" = /dev/null ]
    run find . -name pwned
    [ -z "$output" ]
}

@test "gPodder still downloads when podflattr is missing, and logs it" {
    gpo_set_up
    export PODFLATTR=$PWD/nowhere/podflattr
    feed_server_start
    feed_write "One"
    gpo_run subscribe "$feed_server/feed.xml"
    run gpo_run download
    exits 0
    [ "$(grep -c 'did not report "One" to podflattr.*nowhere/podflattr' <<<"$output")" -eq 1 ] || fail "$output"
    [[ $output != *Traceback* ]]
    [ "$(cat gpodder/Downloads/Tiny/episode1.mp3)" = "sound 1" ]
}

@test "gPodder's own settings say where podflattr is" {
    gpo_set_up
    noting_podflattr
    gpo_run set extensions.zz_podflattr.program "$PODFLATTR"
    unset PODFLATTR
    feed_server_start
    feed_write "One"
    gpo_run subscribe "$feed_server/feed.xml"
    gpo_run download
    wait_for 60 called 1
}

@test "gPodder's extension comes after the one that renames files" {
    gpo_set_up
    gpo_run extension enable rename_download
    noting_podflattr
    feed_server_start
    feed_write "A name of its own"
    gpo_run subscribe "$feed_server/feed.xml"
    gpo_run download
    wait_for 60 called 1
    mapfile -d '' words < <(cat calls/[0-9]*)
    [[ ${words[-1]} == */Tiny/*"A name of its own"*.mp3 ]]
    [ -f "${words[-1]}" ]
}

# with_episode PYTHON: runs that with an episode whose values can be set, and the extension.
with_episode() {
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PF_SOURCE/plugins/gpodder python3 - <<TXT
import types
import zz_podflattr
channel = types.SimpleNamespace(url="http://f.example/")
episode = types.SimpleNamespace(channel=channel, url="http://e.example/", guid="g", title="t", payment_url=None,
                                local_filename=lambda create, check_only: "/f")
extension = zz_podflattr.gPodderExtension(types.SimpleNamespace(config=types.SimpleNamespace(program="nothing")))
$1
extension.on_episode_downloaded(episode)
TXT
}

@test "gPodder's extension omits what it does not know, and what cannot be passed to a program" {
    noting_podflattr
    with_episode 'episode.guid = ""; episode.title = None; episode.url = "http://e.example/\0"'
    wait_for 60 called 1
    was_called hook --event downloaded --feed http://f.example/ /f
}

@test "gPodder's extension passes file names on as the bytes that they are" {
    noting_podflattr
    with_episode 'episode.local_filename = lambda create, check_only: b"/p\xff\n \xc3\xa9".decode("utf-8", "surrogateescape")'
    wait_for 60 called 1
    was_called hook --event downloaded --feed http://f.example/ --enclosure http://e.example/ --guid g --title t $'/p\xff\n \xc3\xa9'
}

@test "gPodder's extension never raises" {
    noting_podflattr
    with_episode 'episode.local_filename = lambda create, check_only: None'
    with_episode 'episode.local_filename = lambda create, check_only: 1 / 0'
    with_episode 'del episode.channel'
    called 0
}

@test "gPodder reports what was heard when the player reports it" {
    load bus
    find_bus
    find_python dbus gi gpodder
    gpo_set_up
    noting_podflattr
    bus_start
    cat >listening.py <<'END'
import sys
import dbus
import dbus.lowlevel
import dbus.mainloop.glib
from gi.repository import GLib
import gpodder
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
gpodder.dbus_session_bus = dbus.SessionBus()
sys.path.insert(0, sys.argv[1])
import zz_podflattr
extension = zz_podflattr.gPodderExtension(None)
extension.on_load()
loop = GLib.MainLoop()
def tell():
    for start, end, total, uri in ((5, 5, 60, 'file:///p/none.mp3'), (0, 55, 60, 'file:///p/a%20b.mp3')):
        message = dbus.lowlevel.SignalMessage('/', 'org.gpodder.player', 'PlaybackStopped')
        message.append(dbus.UInt32(start), dbus.UInt32(end), dbus.UInt32(total), uri, signature='uuus')
        gpodder.dbus_session_bus.send_message(message)
GLib.idle_add(tell)
gpodder.dbus_session_bus.add_signal_receiver(lambda *words: words[3].endswith('b.mp3') and GLib.idle_add(loop.quit),
                                             'PlaybackStopped', 'org.gpodder.player')
loop.run()
extension.on_unload()
END
    "$python" listening.py "$PF_SOURCE/plugins/gpodder"
    wait_for 20 called 1
    was_called hook --event played --heard 55 --duration 60 -- file:///p/a%20b.mp3
}
