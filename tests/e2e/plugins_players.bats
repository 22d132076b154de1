#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# The plugins for players and downloaders with the real programs, without a sound and on loopback alone. Each is installed by
# the lines of its README, to the letter.
load helper
load daemon
load podcatcher

setup() {
    scratch_setup
    noting_podflattr
    mkdir bin
    ln -s "$PODFLATTR" bin/podflattr
    PATH=$PWD/bin:$PATH
    unset PODFLATTR
}

# need PROGRAM
need() { command -v "$1" >/dev/null || skip "$1 is missing"; }

# follow PLUGIN: does what its README says: the lines that are set in are commands, run in the plugin's folder.
follow() {
    grep -q '^    ' "$PF_SOURCE/plugins/$1/README.md" || fail "$1: the README has no commands"
    (cd "$PF_SOURCE/plugins/$1" && sed -n 's/^    //p' README.md | bash -eu)
}

# word_after OPTION: of the only call.
word_after() {
    local words found=
    mapfile -d '' words < <(cat calls/[0-9]*)
    for ((i = 0; i < ${#words[@]}; i++)); do
        [ "${words[i]}" != "$1" ] || found=${words[i + 1]}
    done
    printf %s "$found"
}

# between LEAST VALUE MOST: numbers with decimals.
between() { jq -ne "$1 <= $2 and $2 <= $3" >/dev/null || fail "$2 is not between $1 and $3"; }

# sound SECONDS FILE
sound() { media_bytes $(($1 * 38)) >"$2"; }

play_silently() { timeout 60 mpv --ao=null --no-video --no-input-terminal --really-quiet "$@" </dev/null 3>&-; }

@test "mpv reports how much was heard, and skipped parts do not count" {
    need mpv
    follow mpv
    sound 12 'a "b.mp3'
    play_silently --speed=4 'a "b.mp3'
    wait_for 20 called 1
    between 9 "$(word_after --heard)" 13
    between 11.5 "$(word_after --duration)" 12.5
    between $(($(date +%s) - 60)) "$(word_after --started)" "$(date +%s)"
    is "$(word_after "$(word_after --duration)")" "$PWD/a \"b.mp3"
    rm calls/[0-9]*
    # Ten seconds at the beginning are never heard, and what comes after them is.
    play_silently --start=8 'a "b.mp3'
    wait_for 20 called 1
    between 2 "$(word_after --heard)" 5
}

@test "mpv reports a stream by its address" {
    need mpv
    follow mpv
    web_start
    sound 8 web/ep1.mp3
    play_silently --speed=4 "$web/ep1.mp3?a=1"
    wait_for 20 called 1
    is "$(word_after "$(word_after --duration)")" "$web/ep1.mp3?a=1"
}

# mpd_ask COMMAND ...
mpd_ask() {
    python3 - "$@" <<'END'
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect('mpd.sock')
file = connection.makefile('rwb')
file.readline()
for command in sys.argv[1:]:
    file.write(command.encode() + b'\n')
    file.flush()
    for line in file:
        if line.startswith(b'ACK'):
            sys.exit(line.decode())
        if line == b'OK\n':
            break
        sys.stdout.write(line.decode())
END
}

mpd_status_is() { [[ "$(mpd_ask status)" == *$'\n'"$1: $2"* ]]; }

mpd_is_at() { jq -e ". >= $1" <<<"$(mpd_ask status | sed -n 's/^elapsed: //p')" >/dev/null; }

@test "MPD's client reports how much MPD has played, pauses and jumps not counted" {
    need mpd
    # shellcheck disable=SC2317 # the README calls it
    systemctl() { :; }
    export -f systemctl
    follow mpd
    mkdir music
    sound 90 'music/ein "Lied".mp3'
    printf '%s\n' "music_directory \"$PWD/music\"" "db_file \"$PWD/mpd.db\"" "bind_to_address \"$PWD/mpd.sock\"" \
        'audio_output {' 'type "null"' 'name "null"' '}' >mpd.conf
    mpd --no-daemon mpd.conf >/dev/null 2>mpd.log 3>&- &
    background+=($!)
    wait_for 20 mpd_ask ping
    MPD_HOST=$PWD/mpd.sock "$HOME/.local/bin/podflattr-mpd" 2>client.log 3>&- &
    local client=$!
    background+=("$client")
    mpd_ask update
    wait_for 20 mpd_ask 'add "ein \"Lied\".mp3"'
    mpd_ask play
    wait_for 30 mpd_is_at 2
    mpd_ask 'seekcur 40'
    wait_for 30 mpd_is_at 41
    mpd_ask 'pause 1'
    wait_for 20 called 1
    between 2 "$(word_after --heard)" 30
    between 89 "$(word_after --duration)" 91
    is "$(word_after --)" "$PWD/music/ein \"Lied\".mp3"
    # What plays when the client is ended is told as well, if it was a second at least.
    local paused
    paused=$(mpd_ask status | sed -n 's/^elapsed: //p')
    mpd_ask 'pause 0'
    wait_for 30 mpd_is_at "(${paused} + 2)"
    kill -TERM "$client"
    wait "$client" || true
    called 2
}

@test "yt-dlp reports what it has finished, with its address and title" {
    need yt-dlp
    web_start
    feed_write_tiny
    sound 2 web/ep1.mp3
    mkdir -p "$HOME/.config/yt-dlp"
    sed -n 's/^    //p' "$PF_SOURCE/plugins/yt-dlp/README.md" >"$HOME/.config/yt-dlp/config"
    grep -q -- --exec "$HOME/.config/yt-dlp/config"
    run yt-dlp --no-update "$web/tiny.xml"
    exits 0
    called 1 || fail "$output"
    [[ "$(word_after --enclosure)" == "$web/ep1.mp3"* ]]
    is "$(word_after --title)" "One: \"a\" \$(touch pwned) 'b'"
    [ -s "$(word_after --)" ]
    [ ! -e pwned ]
}

feed_write_tiny() {
    cat >web/tiny.xml <<XML
<rss version="2.0"><channel><title>Tiny</title><item><title>One: "a" \$(touch pwned) 'b'</title><guid isPermaLink="false">tag:tiny,1</guid>
<enclosure url="$web/ep1.mp3" type="audio/mpeg" length="1"/></item></channel></rss>
XML
}

@test "aria2 reports what it has completed" {
    need aria2c
    follow aria2
    web_start
    sound 2 'web/ep 1.mp3'
    aria2c --quiet --dir="$PWD/dl" "$web/ep%201.mp3"
    wait_for 20 called 1
    was_called hook -- "$PWD/dl/ep 1.mp3"
}

@test "greg's handler downloads the episode and reports it; a failed download is not reported" {
    need curl
    mkdir -p "$HOME/.config/greg"
    : >"$HOME/.config/greg/greg.conf"
    follow greg
    grep -qx "downloadhandler = $HOME/.local/bin/podflattr-greg {link} {fullpath} {title}" "$HOME/.config/greg/greg.conf"
    web_start
    sound 2 web/ep1.mp3
    # As greg does: the words of the line, each filled in.
    local handler
    read -ra handler < <(sed 's/^downloadhandler = //' "$HOME/.config/greg/greg.conf")
    "${handler[0]}" "$web/ep1.mp3" "$PWD/a 'b.mp3" 'Ein "Titel"'
    was_called hook --enclosure "$web/ep1.mp3" --title 'Ein "Titel"' -- "$PWD/a 'b.mp3"
    cmp web/ep1.mp3 "a 'b.mp3"
    run "${handler[0]}" "$web/none.mp3" "$PWD/none.mp3" None
    [ "$status" -ne 0 ]
    called 1
    [ ! -e none.mp3 ] && [ ! -e none.mp3.part ]
}

@test "podboat's player wrapper reports how long the player ran, and ends as it did" {
    mkdir -p "$HOME/.newsboat"
    follow newsboat
    grep -qxF "player \"$HOME/.local/bin/podflattr-play mpv --no-video\"" "$HOME/.newsboat/config"
    grep -qx 'macro f set browser .*' "$HOME/.newsboat/config"
    # A player that plays for two seconds by the clock.
    # shellcheck disable=SC2016 # the script's
    printf '#!/bin/bash\nread -rt 2 <><(:)\n[ "$2" != bad.mp3 ]\n' >bin/mpv
    chmod +x bin/mpv
    run "$HOME/.local/bin/podflattr-play" mpv --no-video 'a b.mp3'
    exits 0
    called 1
    between 1 "$(word_after --heard)" 20
    is "$(word_after --)" 'a b.mp3'
    run "$HOME/.local/bin/podflattr-play" mpv --no-video bad.mp3
    exits 1
    called 2
}

@test "cron's lines run, and the timers are units" {
    # shellcheck disable=SC2016 # the script's
    printf '#!/bin/sh\n[ "$1" != -l ] || exit 1\ncat >"$HOME/crontab"\n' >bin/crontab
    chmod +x bin/crontab
    follow cron
    local line
    while IFS= read -r line; do
        [[ $line != \#* ]] || continue
        # What cron gives to the shell: all after five fields, and % is escaped.
        sed -E 's/^([^ ]+ ){5}//; s/\\%/%/g' <<<"$line" | sh
    done <"$HOME/crontab"
    called 2 || fail "$(cat "$HOME/crontab"; head -c 300 calls/*)"
    is "$(word_after --month)" "$(date -d '-1 day' +%Y-%m)"
    is "$(word_after --since)" "$(date -d '-2 days' +%F)"
    command -v systemd-analyze >/dev/null || skip 'systemd-analyze is missing'
    # What is enabled has been copied, or is installed.
    (unset MAKEFLAGS MFLAGS MAKELEVEL && make -C "$PF_BUILD" install-systemduserunitDATA DESTDIR="$PWD/staged") >staging.log 2>&1
    systemctl() {
        local unit
        for unit in "${@:4}"; do
            [ -n "$(find "$HOME/.config/systemd/user" "$STAGED" -name "$unit")" ] || exit 1
        done
    }
    export -f systemctl
    STAGED=$PWD/staged follow systemd
    sed -i "s|^ExecStart=podflattr|ExecStart=$PWD/bin/podflattr|" "$HOME/.config/systemd/user/podflattr-scan.service"
    cp "$HOME"/.config/systemd/user/podflattr-scan.* .
    systemd-analyze verify --man=no ./podflattr-scan.service ./podflattr-scan.timer
}
