#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the README's pictures from a build: doc/pictures/make.sh [BUILD-FOLDER]. A month of three shows that do not exist, in a
# scratch home: terminal.svg is what some commands print, report.png the month's page in a browser. Needs chromium and python3.
set -euo pipefail

here=$(realpath "$(dirname "$0")")
build=$(realpath "${1:-$here/../..}")
scratch=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$scratch"' EXIT
export HOME=$scratch PATH=$build:$PATH TZ=UTC LC_ALL=C.UTF-8 PODFLATTR_CLOCK_OFFSET
unset PODFLATTR_CONFIG PODFLATTR_STATE_DIR PODFLATTR_API PODFLATTR_TOKEN XDG_CONFIG_HOME XDG_STATE_HOME
# Always the same day, so that the pictures change only where the program does.
PODFLATTR_CLOCK_OFFSET=$(($(date -d 2026-11-28T18:00:00Z +%s) - $(date +%s)))

# feed NAME TITLE ELEMENTS EPISODE …: a show; ELEMENTS say how it is paid.
feed() {
    local name=$1 title=$2 elements=$3 number=0 episode
    shift 3
    {
        echo '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
        echo "<title>$title</title><link>https://$name.example/</link>$elements"
        for episode; do
            number=$((number + 1))
            echo "<item><title>$episode</title><guid isPermaLink=\"false\">$number</guid><pubDate>Fri, $((number + 10)) Nov 2026 06:00:00 +0000</pubDate><itunes:duration>$((number * 300 + 1500))</itunes:duration><enclosure url=\"https://$name.example/$number.mp3\" type=\"audio/mpeg\" length=\"1\"/></item>"
        done
        echo '</channel></rss>'
    } >"$scratch/web/$name.xml"
    for ((; number > 0; number--)); do podflattr hook --feed "$web/$name.xml" --guid "$number" "$name-$number.mp3"; done
}

mkdir -p "$scratch/web" "$scratch/.config/podflattr"
mkfifo "$scratch/ready"
python3 -u -m http.server --bind 127.0.0.1 --directory "$scratch/web" 0 >"$scratch/ready" 2>/dev/null &
server=$!
read -r line <"$scratch/ready"
port=${line#* port }
web=http://127.0.0.1:${port%% *}
printf '[report]\nbudget = 10 EUR\n' >"$scratch/.config/podflattr/podflattr.conf"
feed garden-radio 'Garden Radio' '<podcast:funding url="https://garden-radio.example/thanks">Buy us seeds</podcast:funding>' \
    'Roots' 'Means, and how to spend them' 'What a GUID is for' 'A guest from next door'
feed night-notes 'Night Notes' '<podcast:funding url="https://paypal.me/nightnotes">Tip the band</podcast:funding>' \
    'Rain' 'Slow trains' 'An owl'
feed plain-talk 'Plain Talk' '<itunes:owner><itunes:name>Ann Example</itunes:name><itunes:email>ann@plain-talk.example</itunes:email></itunes:owner>' \
    'On small words'
podflattr -q send || [ $? -eq 75 ]

cd "$scratch"
python3 - 'podflattr queue --limit 4' 'podflattr report' >"$here/terminal.svg" <<'END'
import fcntl, html, os, pty, struct, sys, termios

WIDTH = 100
lines = []
for command in sys.argv[1:]:
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 40, WIDTH, 0, 0))
        os.environ["NO_COLOR"] = "1"
        os.execlp("sh", "sh", "-c", "exec " + command + " 2>messages")
    shown = b""
    try:
        while data := os.read(terminal, 4096):
            shown += data
    except OSError:  # its end
        pass
    os.waitpid(child, 0)
    lines += ["$ " + command] + shown.decode().replace("\r", "").rstrip().split("\n") + [""]
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * 8.4 + 32:.0f} {len(lines) * 18 + 10}" font-family="monospace" font-size="14">')
print('<rect width="100%" height="100%" rx="8" fill="#1d1f21"/>')
for number, line in enumerate(lines):
    if line:
        colour = "#8abeb7" if line.startswith("$ ") else "#e0e0e0"
        print(f'<text x="16" y="{number * 18 + 28}" fill="{colour}" xml:space="preserve">{html.escape(line)}</text>')
print("</svg>")
END
podflattr -q report --output "$scratch/report.html"
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$scratch/chromium" --window-size=640,680 \
    --screenshot="$here/report.png" "file://$scratch/report.html" 2>"$scratch/chromium.log" || cat "$scratch/chromium.log"
ls -l "$here"
