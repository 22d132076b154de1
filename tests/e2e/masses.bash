# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests share that have files come in masses; loaded after helper.bash and daemon.bash.

# episodes_make FOLDER FIRST LAST EACH: makes the files show-epN.mp3 from FIRST to LAST as fast as it can, in new folders
# beneath FOLDER with so many files each.
episodes_make() {
    python3 - "$@" <<'TXT'
import os, sys
root, first, last, each = sys.argv[1], *map(int, sys.argv[2:])
media = (b"\xff\xfb\x90\x64" + bytes(413)) * 10
for number in range(first, last + 1):
    if (number - first) % each == 0:
        folder = f"{root}/from {number}"
        os.makedirs(folder)
    with open(f"{folder}/show-ep{number}.mp3", "wb") as file:
        file.write(media)
TXT
}

# items_are COUNT: so many items of feeds are known.
items_are() {
    [ "$(sqlite3 "$PODFLATTR_STATE_DIR/feeds.db" 'SELECT count(*) FROM item')" = "$1" ]
}

# entries_flattred: how many entries of the queue are flattred; cheaper than to ask the server for all of them.
entries_flattred() {
    sqlite3 -cmd '.timeout 5000' "$PODFLATTR_STATE_DIR/queue.db" "SELECT count(*) FROM entry WHERE state = 'flattred'"
}

entries_flattred_are() {
    [ "$(entries_flattred)" -ge "$1" ]
}

# wait_for_flattred COUNT: until so many entries are flattred; gives up when none was for a minute.
wait_for_flattred() {
    local before=-1 now
    now=$(entries_flattred)
    while [ "$now" -lt "$1" ]; do
        [ "$now" -gt "$before" ] || {
            tail daemon.log
            fail "$now of $1 are flattred, and none was for a minute"
        }
        before=$now
        wait_for 20 entries_flattred_are $((before + 1)) || true
        now=$(entries_flattred)
    done
}
