#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long a podcatcher waits for its hook, the whole program, 200 times. It is begun as Python begins programs for gPodder,
# without the copy of itself that a shell makes first. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"

figures=$(python3 - <<'TXT'
import os, pathlib, sqlite3, statistics, time

def run(*words):
    start = time.perf_counter()
    _, status = os.waitpid(os.posix_spawn(words[0], words, os.environ), 0)
    if status:
        raise SystemExit(f"{words[0]} has failed")
    return (time.perf_counter() - start) * 1000

def hook(number):
    pathlib.Path(f"{number}.mp3").touch()
    return run(os.environ["PODFLATTR"], "-q", "hook", "--feed", "http://127.0.0.1:9/feed.xml", "--guid", str(number),
               "--title", f"Episode {number}", f"{number}.mp3")

alone, nothing, beside = [], [], []
for number in range(200):
    alone.append(hook(number))
    nothing.append(run("/bin/true"))
# As the service does, somebody has the store open: then its log need not be begun and ended by each hook.
store = sqlite3.connect(os.environ["PODFLATTR_STATE_DIR"] + "/queue.db")
store.execute("SELECT count(*) FROM arrival").fetchall()
for number in range(200, 400):
    beside.append(hook(number))
median = statistics.median(alone)
print(f"{median:.1f} {max(alone):.1f} {statistics.median(beside):.1f} {max(beside):.1f}"
      f" {median / statistics.median(nothing):.2f}")
TXT
)
read -r median worst median_beside worst_beside times <<<"$figures"
head_row 'a hook'
row 'the whole program, no service (median of 200)' "$median" ms '<' 10
plain_row '                               (worst of 200)' "$worst" ms
row 'beside who has the store open, as the service (median)' "$median_beside" ms '<' 10
plain_row '                                              (worst)' "$worst_beside" ms
# What a busy or slow machine takes for any program is in the figures above.
plain_row 'beside a program that does nothing (/bin/true, medians)' "$times" times
exit "$missed"
