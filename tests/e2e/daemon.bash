# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the service share: a web server with feeds, episodes that are real media files, and the service
# itself. A file of tests begins with: load helper; load daemon

# web_start: serves the folder ./web on a free port of loopback. Sets web (its address) and web_pid.
web_start() {
    mkdir -p web
    rm -f web.ready
    mkfifo web.ready
    python3 -u -m http.server --bind 127.0.0.1 --directory web 0 >web.ready 2>web.log 3>&- &
    web_pid=$!
    background+=("$web_pid")
    local line
    IFS= read -r line <web.ready
    [[ $line =~ port\ ([0-9]+) ]] || fail "the web server said: $line"
    web=http://127.0.0.1:${BASH_REMATCH[1]}
}

# feed_write NAME FIRST LAST [TITLE]: writes web/NAME.xml with the episodes FIRST to LAST; each has an enclosure
# NAME-epN.mp3, a GUID and an auto-submit link to https://NAME.example/N.
feed_write() {
    mkdir -p web
    {
        printf '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>%s</title>\n' "${4-$1}"
        seq "$2" "$3" | sed "s|.*|<item><title>Episode & of $1</title><guid isPermaLink=\"false\">tag:$1,2026:&</guid><enclosure url=\"${web-http://127.0.0.1:9}/$1-ep&.mp3\" type=\"audio/mpeg\" length=\"4170\"/><atom:link rel=\"payment\" href=\"https://flattr.com/submit/auto?user_id=maker\&amp;url=https%3A%2F%2F$1.example%2F&\"/></item>|"
        printf '</channel></rss>\n'
    } >"web/$1.xml"
}

# A frame of an MP3, silence, as printf writes it; printf is a part of the shell, and takes no process of its own.
printf -v frame_of_silence '\\0%.0s' {1..413}
frame_of_silence="\\xff\\xfb\\x90\\x64$frame_of_silence"

# media_bytes FRAMES: writes so many frames of silence to standard output.
media_bytes() {
    local i
    for ((i = 0; i < $1; i++)); do
        # shellcheck disable=SC2059 # it is a format
        printf "$frame_of_silence"
    done
}

# media FILE: writes a small MP3: ten frames of silence.
media() {
    media_bytes 10 >"$1"
}

# download FOLDER NAME: what a podcatcher does: a temporary name, and a rename when it is finished.
download() {
    media "$1/$2.partial"
    mv "$1/$2.partial" "$1/$2"
}

# configure LINE ...: writes the configuration.
configure() {
    printf '%s\n' "$@" >"$PODFLATTR_CONFIG"
}

# watch_configured FEED ...: a configuration that watches ./pods with these feeds.
watch_configured() {
    local feeds
    feeds=$(printf '%s;' "$@")
    mkdir -p pods
    configure '[watch]' "folders = $PWD/pods" 'settle = 0s' '[feeds]' "subscriptions = $feeds" '[policy]' \
        'per-feed-per-day = 0' 'per-payee-per-day = 0'
}

status_is() {
    is "$("$PODFLATTR" -q status --format=json | jq -r "$1")" "$2"
}

# daemon_start [OPTION ...]: starts the service; returns when all folders were looked through. Sets daemon_pid.
daemon_start() {
    "$PODFLATTR" "$@" daemon >daemon.out 2>>daemon.log 3>&- &
    daemon_pid=$!
    background+=("$daemon_pid")
    wait_for 60 daemon_ready || {
        cat daemon.log
        fail 'the service did not begin'
    }
}

daemon_ready() {
    kill -0 "$daemon_pid" 2>/dev/null &&
        status_is "[.daemon.pid, ([.watch.list[] | select(.state == \"listing\")] | length)] | @csv" "$daemon_pid,0"
}

# daemon_stop: ends it; fails when it does not end well or takes longer than five seconds. Sanitizers look for leaks then, which
# takes its own time.
daemon_stop() {
    local from=$SECONDS
    kill -TERM "$daemon_pid"
    wait "$daemon_pid" || {
        cat daemon.log
        fail "the service ended with status $?"
    }
    ((SECONDS - from <= ${PF_SANITIZERS:+3}5)) || fail "the service took $((SECONDS - from)) seconds to end"
}

# flattred: how many flattrs the server has; each must have been accepted once.
flattred() {
    control GET flattrs | jq 'if all(.[]; .accepted == 1) then length else error("paid twice") end'
}

flattred_is() {
    [ "$(flattred)" = "$1" ]
}

# known_feeds_are N: so many feeds are known, and each was read.
known_feeds_are() {
    status_is .feeds.known "$1" && sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'SELECT min(fetched) > 0 FROM feed' | grep -qx 1
}
