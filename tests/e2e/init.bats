#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr init: what it finds, what it changes, and that --undo brings back every byte. systemd is a program of the test's.
load helper

setup() {
    scratch_setup
    # Its own places, as for a user.
    unset PODFLATTR_CONFIG PODFLATTR_STATE_DIR PODFLATTR_API GPODDER_HOME GPODDER_DOWNLOAD_DIR
    export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share XDG_STATE_HOME=$HOME/.local/state
    export XDG_RUNTIME_DIR=$PWD/run PODFLATTR_PLUGINS=$PF_SOURCE/plugins
    mkdir -p run bin
    PATH=$PWD/bin:$PATH
    config=$HOME/.config/podflattr/podflattr.conf
}

# systemd_set_up: one that has the unit; its calls are in systemctl.log, and what it knows in run/enabled.
systemd_set_up() {
    mkdir -p run/systemd
    cat >bin/systemctl <<TXT
#!/bin/sh
echo "\$*" >>"$PWD/systemctl.log"
case "\$*" in
*is-enabled*) test -e "$PWD/run/enabled" ;;
*is-active*) test -e "$PWD/run/enabled" ;;
*enable\ --now*) touch "$PWD/run/enabled" ;;
*disable\ --now*) rm -f "$PWD/run/enabled" ;;
esac
TXT
    chmod +x bin/systemctl
}

gpodder_set_up() {
    mkdir -p "$HOME/gPodder/Downloads"
    sqlite3 "$HOME/gPodder/Database" "
        CREATE TABLE podcast (id INTEGER PRIMARY KEY NOT NULL, title TEXT, url TEXT, download_folder TEXT);
        INSERT INTO podcast (title, url, download_folder) VALUES ('A', 'https://a.example/feed.xml', 'A');"
    printf '{\n  "extensions": {\n    "enabled": ["mpris-listener"]\n  },\n  "limit": {"downloads": {"concurrent": 1}}\n}' \
        >"$HOME/gPodder/Settings.json"
    chmod 640 "$HOME/gPodder/Settings.json"
}

newsboat_set_up() {
    mkdir -p "$HOME/.newsboat"
    printf 'https://b.example/feed.xml\n"query:x:y"\n' >"$HOME/.newsboat/urls"
    printf 'download-path "~/Pods"\n' >"$HOME/.newsboat/config"
}

# home_state: every file of the home folder with its mode and bytes, every link, every folder.
home_state() {
    (cd "$HOME" && find . \( -type f -printf '%p %m ' -exec sha256sum {} \; \) -o -printf '%p %y %l\n' | sort)
}

@test "init finds podcatchers, sets everything up, changes nothing the second time, and --undo restores every byte" {
    systemd_set_up
    gpodder_set_up
    newsboat_set_up
    before=$(home_state)
    run -0 "$PODFLATTR" init --yes
    [[ $output == *'found     gPodder: '*'follows 1 feed; downloads to '"$HOME"/gPodder/Downloads* ]] || fail "$output"
    [[ $output == *'found     newsboat: '*'follows 1 feed (1 entry has no address'*"downloads to $HOME/Pods"* ]] || fail "$output"
    [[ $output == *'no server (api = none), so nothing is sent or paid'* ]] || fail "$output"
    [[ $output == *"'podflattr init --undo' undoes everything"* ]] || fail "$output"
    grep -qx 'folders = gpodder; newsboat' "$config"
    grep -qx 'subscriptions = gpodder; newsboat' "$config"
    grep -qx 'api = none' "$config"
    [[ $output == *"change    $HOME/gPodder/Extensions/zz_podflattr.py: a link to $PF_SOURCE/plugins/gpodder/zz_podflattr.py"* ]] || fail "$output"
    is "$(readlink "$HOME/gPodder/Extensions/zz_podflattr.py")" "$PF_SOURCE/plugins/gpodder/zz_podflattr.py"
    is "$(jq -c .extensions.enabled "$HOME/gPodder/Settings.json")" '["mpris-listener","zz_podflattr"]'
    is "$(stat -c %a "$HOME/gPodder/Settings.json")" 640
    [ -e run/enabled ]
    mkdir -p "$HOME/Pods"
    run -0 "$PODFLATTR" config
    rmdir "$HOME/Pods"

    after=$(home_state)
    : >systemctl.log
    run -0 "$PODFLATTR" init --yes
    [[ $output == *'nothing to change'* ]] || fail "$output"
    is "$(home_state)" "$after"
    run ! grep 'restart\|--now' systemctl.log

    # Where systemd does not stop the service, that is said, and done the next time.
    sed -i '/disable/s/) .*/) exit 1 ;;/' bin/systemctl
    run -69 "$PODFLATTR" init --undo
    [[ $output == *'systemd could not stop the service'*"run 'podflattr init --undo' again"* ]] || fail "$output"
    [ -e run/enabled ]
    systemd_set_up
    run -0 "$PODFLATTR" init --undo
    is "$(home_state)" "$before"
    [ ! -e run/enabled ]
    run -0 "$PODFLATTR" init --undo
    [[ $output == *'nothing to undo'* ]] || fail "$output"
}

@test "nothing is written with --dry-run or without consent" {
    systemd_set_up
    gpodder_set_up
    before=$(home_state)
    run -0 "$PODFLATTR" init --dry-run
    [[ $output == *"change    $config: [watch] folders = gpodder"* ]] || fail "$output"
    [[ $output == *'podflattr.service: enabled and started'* ]] || fail "$output"
    [[ $output == *"nothing was changed; run 'podflattr init'"* ]] || fail "$output"
    is "$(home_state)" "$before"
    run -0 "$PODFLATTR" init </dev/null
    [[ $output == *"nothing was changed; run 'podflattr init --yes'"* ]] || fail "$output"
    is "$(home_state)" "$before"
    [ ! -e run/enabled ]
    # Nor does what is asked of the session, where there is none.
    run -0 env -u XDG_RUNTIME_DIR "$PODFLATTR" init --dry-run
    is "$(home_state)" "$before"
    run -64 "$PODFLATTR" init --undo --dry-run
}

# init_answered COMMAND: runs init on a terminal; where it asks, the shell's COMMAND is run, and the answer is yes.
init_answered() {
    python3 - "$1" <<'END'
import os, pty, subprocess, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(os.environ["PODFLATTR"], [os.environ["PODFLATTR"], "init"])
shown = b""
asked = False
try:
    while data := os.read(terminal, 4096):
        shown += data
        if not asked and b"Make these changes?" in shown:
            asked = True
            subprocess.run(sys.argv[1], shell=True, check=True)
            os.write(terminal, b"y\n")
except OSError:
    pass
print(shown.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
}

@test "what gPodder writes while init asks is not overwritten" {
    gpodder_set_up
    settings=$HOME/gPodder/Settings.json
    run -75 init_answered "jq '.limit.downloads.concurrent = 5' '$settings' >new && mv new '$settings'"
    [[ $output == *"$settings was changed in the meantime"*"run 'podflattr init' again"* ]] || fail "$output"
    is "$(jq -c '[.extensions.enabled, .limit.downloads.concurrent]' "$settings")" '[["mpris-listener"],5]'
    [ ! -e "$config" ]
    run -0 init_answered true
    is "$(jq -c '[.extensions.enabled, .limit.downloads.concurrent]' "$settings")" '[["mpris-listener","zz_podflattr"],5]'
}

@test "an existing configuration is edited in place, keeps its comments, mode and links, and is copied before" {
    newsboat_set_up
    mkdir -p "$HOME/.config/podflattr" "$HOME/dotfiles" "$HOME/mine"
    printf '# mine\n[watch]\n# here\nfolders = %s/mine ;\nsettle=3s\n\n[policy]\nper-month = 20' "$HOME" >"$HOME/dotfiles/conf"
    chmod 644 "$HOME/dotfiles/conf"
    ln -s "$HOME/dotfiles/conf" "$config"
    before=$(home_state)
    run -0 "$PODFLATTR" init --yes
    is "$(cat "$HOME/dotfiles/conf")" "$(printf '# mine\n[watch]\n# here\nfolders = %s/mine ; newsboat\nsettle=3s\n\n[policy]\nper-month = 20\n\n[feeds]\nsubscriptions = newsboat\n\n[flattr]\napi = none' "$HOME")"
    is "$(readlink "$config")" "$HOME/dotfiles/conf"
    is "$(stat -c %a "$HOME/dotfiles/conf")" 644
    is "$(tail -1 "$HOME/dotfiles/conf.before-init")" 'per-month = 20'
    [[ $output == *"the old file is kept as $HOME/dotfiles/conf.before-init"* ]] || fail "$output"
    # A podcatcher that comes later is added; --undo goes back to the first.
    gpodder_set_up
    gpodder=$(home_state | grep gPodder)
    run -0 "$PODFLATTR" init --yes
    grep -q "mine ; newsboat; gpodder$\|mine ; gpodder; newsboat$" "$HOME/dotfiles/conf"
    run -0 "$PODFLATTR" init --undo
    is "$(home_state | grep gPodder)" "$gpodder"
    rm -r "$HOME/gPodder"
    is "$(home_state)" "$before"
}

@test "the example's comments are kept, and the settings written after them" {
    newsboat_set_up
    mkdir -p "$HOME/.config/podflattr"
    "$PODFLATTR" config --example >"$config"
    run -0 "$PODFLATTR" init --yes
    is "$(grep -A1 '^#folders' "$config" | tail -1)" 'folders = newsboat'
    is "$(grep -A1 '^#subscriptions' "$config" | tail -1)" 'subscriptions = newsboat'
    is "$(grep -vxF -e 'folders = newsboat' -e 'subscriptions = newsboat' -e 'api = none' "$config")" \
        "$("$PODFLATTR" config --example)"
}

@test "--undo keeps what was changed after init, and reports it" {
    gpodder_set_up
    run -0 "$PODFLATTR" init --yes
    echo '# mine' >>"$config"
    # gPodder writes its settings when it ends.
    jq '.limit.downloads.concurrent = 5' "$HOME/gPodder/Settings.json" >Settings.json
    mv Settings.json "$HOME/gPodder/Settings.json"
    run -65 "$PODFLATTR" init --undo
    [[ $output == *"$config: has changed since and was left alone; it did not exist before"* ]] || fail "$output"
    grep -qx '# mine' "$config"
    is "$(jq -c '[.extensions.enabled, .limit.downloads.concurrent]' "$HOME/gPodder/Settings.json")" '[["mpris-listener"],5]'
    [ ! -e "$HOME/gPodder/Extensions" ]
    # One that was there before is told where its copy is.
    mkdir -p "$HOME/Casts"
    cp "$config" conf
    run -0 "$PODFLATTR" init --yes --folder "$HOME/Casts"
    sed -i "s|$HOME/Casts|&; $HOME/gPodder|" "$config"
    run -65 "$PODFLATTR" init --undo
    [[ $output == *"its old contents are in $config.before-init"* ]] || fail "$output"
    cmp conf "$config.before-init"
}

@test "--undo removes what init added, and keeps the user's own changes" {
    mkdir -p "$HOME/Casts" "$HOME/.config/podflattr" "$HOME/.config/aria2" "$HOME/.newsboat"
    printf '# mine\r\n[policy]\r\ndelay = 1h\r\n[watch]\r\nsettle = 5s' >"$config"
    printf 'dir=%s' "$HOME/Casts" >"$HOME/.config/aria2/aria2.conf"
    printf 'https://b.example/feed.xml\n' >"$HOME/.newsboat/urls"
    printf '# player vlc\n  player vlc\n' >"$HOME/.newsboat/config"
    run -0 "$PODFLATTR" init --yes --folder "$HOME/Casts"
    grep -qxF "  player \"$PF_SOURCE/plugins/newsboat/podflattr-play vlc\"" "$HOME/.newsboat/config"
    printf '# more\n' | tee -a "$config" >>"$HOME/.config/aria2/aria2.conf"
    sed -i '1i max-items 5' "$HOME/.newsboat/config"
    sed -i 's/delay = 1h/delay = 2h/' "$config"
    run -0 "$PODFLATTR" init --undo
    is "$(cat "$config")" "$(printf '# mine\r\n[policy]\r\ndelay = 2h\r\n[watch]\r\nsettle = 5s\n# more')"
    is "$(cat "$HOME/.config/aria2/aria2.conf")" "$(printf 'dir=%s\n# more' "$HOME/Casts")"
    is "$(cat "$HOME/.newsboat/config")" "$(printf 'max-items 5\n# player vlc\n  player vlc')"
    # A setting in a section that init has made would be in another one without it.
    printf '[policy]\ndelay = 1h\n' >"$config"
    run -0 "$PODFLATTR" init --yes --folder "$HOME/Casts"
    printf 'client-id = me\n' >>"$config"
    run -65 "$PODFLATTR" init --undo
    grep -qx 'client-id = me' "$config"
    run -0 "$PODFLATTR" config
}

@test "--undo removes what a killed init was writing, and restores the rest when one file cannot be restored" {
    mkdir -p "$HOME/.config/aria2" "$HOME/.config/yt-dlp"
    printf 'dir=%s\n' "$HOME/Casts" >"$HOME/.config/aria2/aria2.conf"
    printf -- '-x\n' >"$HOME/.config/yt-dlp/config"
    chmod 644 "$HOME/.config/yt-dlp/config"
    run -0 "$PODFLATTR" init --yes
    printf half | tee "$HOME/.config/yt-dlp/config.new-Ab3dEf" >"$XDG_STATE_HOME/podflattr/init.json.new-Ab3dEf"
    printf 'mine' >"$HOME/.config/yt-dlp/config.new-mine"
    printf 'x\0y' >"$HOME/.config/aria2/aria2.conf"
    run -65 "$PODFLATTR" init --undo
    [[ $output == *'aria2.conf: has changed since and was left alone'* ]] || fail "$output"
    is "$(ls "$HOME/.config/yt-dlp")" $'config\nconfig.new-mine'
    is "$(cat "$HOME/.config/yt-dlp/config") $(stat -c %a "$HOME/.config/yt-dlp/config")" '-x 644'
    [ ! -e "$XDG_STATE_HOME" ]
}

@test "a configuration that --undo cannot write keeps its copy, and is restored the next time" {
    newsboat_set_up
    mkdir -p "$HOME/.config/podflattr"
    printf '[policy]\nper-month = 20\n' >"$config"
    before=$(home_state)
    run -0 "$PODFLATTR" init --yes
    run bash -c 'ulimit -f 0 && "$PODFLATTR" init --undo'
    ((status != 0)) && [[ $output == *"$config: "* ]] || fail "$status $output"
    is "$(cat "$config.before-init")" $'[policy]\nper-month = 20'
    run -0 "$PODFLATTR" init --undo
    is "$(home_state)" "$before"
}

@test "a configuration that is a dangling link stays a link" {
    mkdir -p "$HOME/.config/podflattr" "$HOME/Casts"
    ln -s ../../dotfiles/podflattr.conf "$config"
    before=$(home_state)
    run -0 "$PODFLATTR" init --yes --folder "$HOME/Casts"
    is "$(readlink "$config")" ../../dotfiles/podflattr.conf
    grep -qx "folders = $HOME/Casts" "$HOME/dotfiles/podflattr.conf"
    run -0 "$PODFLATTR" init --undo
    is "$(home_state)" "$before"
}

@test "a configuration that is wrong is left alone, with exit status 78" {
    gpodder_set_up
    mkdir -p "$HOME/.config/podflattr"
    printf '[watch]\nfodlers = /x\n' >"$config"
    before=$(home_state)
    run -78 "$PODFLATTR" init --yes
    is "$(home_state)" "$before"
}

@test "podcatchers' files that are damaged or locked do not stop it" {
    gpodder_set_up
    printf 'this is no database, but there is enough of it that somebody could take it for one, if he looked at its size only' \
        >"$HOME/gPodder/Database"
    mkdir -p "$HOME/.podget" "$HOME/.castgetrc"
    printf '\0\0\0' >"$HOME/.podget/serverlist"
    run -0 "$PODFLATTR" init --yes
    [[ $output == *'gPodder: '*'its list of feeds cannot be read: '*'damaged, or not a database'* ]] || fail "$output"
    [[ $output == *'podget: '*'its list of feeds cannot be read: '*'not a text file'* ]] || fail "$output"
    grep -qx 'subscriptions = gpodder; podget; castget' "$config"
}

@test "without a podcatcher, init takes a folder and a feed, or says what to do" {
    run -0 "$PODFLATTR" init --dry-run
    [[ $output == *'no podcatcher that podflattr knows'*'podflattr init --folder DIR --feed URL'* ]] || fail "$output"
    mkdir -p "$HOME/Casts"
    run -0 "$PODFLATTR" init --yes --folder "$HOME/Casts" --feed https://a.example/feed.xml
    grep -qx "folders = $HOME/Casts" "$config"
    grep -qx 'subscriptions = https://a.example/feed.xml' "$config"
    run -0 "$PODFLATTR" config
    run -64 "$PODFLATTR" init --yes --folder "$HOME/none"
    [[ $output == *'not a folder'* ]] || fail "$output"
    before=$(home_state)
    run -64 "$PODFLATTR" init --yes --feed "$HOME/none.opml"
    [[ $output == *"none.opml: neither a feed's URL nor a file"* ]] || fail "$output"
    run -64 "$PODFLATTR" init --yes --feed 'https://a.example/feed;id=1'
    [[ $output == *'%3B for a semicolon'* ]] || fail "$output"
    for name in $'a\nb' 'a ' $'a\xff'; do
        mkdir -p "$name"
        run -64 "$PODFLATTR" init --yes --folder "$name"
        [[ $output == *'for a path, make a symbolic link'* ]] || fail "$output"
    done
    is "$(home_state)" "$before"
    printf 'https://b.example/feed.xml\n' >"$HOME/list"
    (cd "$HOME" && "$PODFLATTR" init --yes --feed list)
    grep -qx "subscriptions = https://a.example/feed.xml; $HOME/list" "$config"
}

@test "init does not start the service for another configuration or state folder" {
    systemd_set_up
    newsboat_set_up
    run -0 "$PODFLATTR" --config "$HOME/other.conf" init --yes
    [[ $output == *'the service is not started'* ]] || fail "$output"
    [ -e "$HOME/other.conf" ]
    [ ! -e run/enabled ]
}

@test "hooks of other programs are set where they can be, and --undo restores every byte" {
    mkdir -p "$HOME/.config/yt-dlp" "$HOME/.config/greg" "$HOME/.config/aria2" "$HOME/.newsboat" "$HOME/.config/mpv"
    printf -- '-x\n-P ~/Pods' >"$HOME/.config/yt-dlp/config"
    printf '[DEFAULT]\nDownload directory = ~/Pods\n' >"$HOME/.config/greg/greg.conf"
    printf 'dir=%s\n' "$HOME/Pods" >"$HOME/.config/aria2/aria2.conf"
    printf 'https://b.example/feed.xml\n' >"$HOME/.newsboat/urls"
    printf '# player "old"\nplayer "vlc --intf dummy"\ndownload-path "~/Pods"\n' >"$HOME/.newsboat/config"
    printf '#!/bin/sh\n' | tee bin/mpv bin/curl >/dev/null
    chmod +x bin/mpv bin/curl
    before=$(home_state)
    run -0 "$PODFLATTR" init --yes
    is "$(readlink "$HOME/.config/mpv/scripts/podflattr.lua")" "$PF_SOURCE/plugins/mpv/podflattr.lua"
    is "$(tail -n 1 "$HOME/.config/yt-dlp/config")" "$(sed -n 's/^ *\(--exec "after_move.*\)/\1/p' "$PF_SOURCE/plugins/yt-dlp/README.md" | head -n 1)"
    grep -qxF "downloadhandler = $PF_SOURCE/plugins/greg/podflattr-greg {link} {fullpath} {title}" "$HOME/.config/greg/greg.conf"
    grep -qxF "on-download-complete=$PF_SOURCE/plugins/aria2/podflattr-aria2" "$HOME/.config/aria2/aria2.conf"
    grep -qxF "player \"$PF_SOURCE/plugins/newsboat/podflattr-play vlc --intf dummy\"" "$HOME/.newsboat/config"
    grep -qxF '# player "old"' "$HOME/.newsboat/config"
    run -0 "$PODFLATTR" init --yes
    [[ $output =~ 'nothing to change' ]]
    run -0 "$PODFLATTR" init --undo
    is "$(home_state)" "$before"
}

@test "an existing hook is kept, and one that cannot be called is not set" {
    mkdir -p "$HOME/.config/greg" "$HOME/.config/aria2" "$HOME/.newsboat"
    printf '[DEFAULT]\ndownloadhandler = wget -O {fullpath} {link}\n' >"$HOME/.config/greg/greg.conf"
    printf 'on-download-complete=/usr/local/bin/mine\n' >"$HOME/.config/aria2/aria2.conf"
    printf 'https://b.example/feed.xml\n' >"$HOME/.newsboat/urls"
    printf 'player "/usr/bin/mpv --no-video"\n' >"$HOME/.newsboat/config"
    printf '#!/bin/sh\n' >bin/curl
    chmod +x bin/curl
    before=$(cat "$HOME/.config/greg/greg.conf" "$HOME/.config/aria2/aria2.conf" "$HOME/.newsboat/config")
    run -0 "$PODFLATTR" init --yes
    is "$(cat "$HOME/.config/greg/greg.conf" "$HOME/.config/aria2/aria2.conf" "$HOME/.newsboat/config")" "$before"
    [[ $output == *"greg.conf: its own setting is kept"*"have it call $PF_SOURCE/plugins/greg/podflattr-greg as well"* ]] || fail "$output"
    [[ $output == *"aria2.conf: its own setting is kept"* && $output != *'newsboat/config: its'* ]] || fail "$output"
    printf 'player mpv' >"$HOME/.newsboat/config"
    run -0 "$PODFLATTR" init --yes
    is "$(cat "$HOME/.newsboat/config")" 'player mpv'
}

@test "a program's configuration that is not text, or mentions podflattr only in a comment, stops nothing" {
    mkdir -p "$HOME/.config/yt-dlp" "$HOME/.config/aria2" "$HOME/podflattr"
    printf '\xff\xfe-\0x\0' >"$HOME/.config/yt-dlp/config"
    printf '# podflattr-aria2 is for later\ndir=%s\n' "$HOME/podflattr" >"$HOME/.config/aria2/aria2.conf"
    run -0 "$PODFLATTR" init --yes
    [[ $output == *'yt-dlp/config: not a text file; no hook was set there'* ]] || fail "$output"
    grep -qxF "on-download-complete=$PF_SOURCE/plugins/aria2/podflattr-aria2" "$HOME/.config/aria2/aria2.conf"
}
