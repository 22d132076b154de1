#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long a podcatcher waits for its hook, the whole program, 200 times. It is begun as Python begins programs for gPodder,
# without the copy of itself that a shell makes first. Exits with 1 when a target is missed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$here/bench.bash"

figures=$(python3 - <<'TXT'
import os, pathlib, shutil, statistics, time

hooks = pathlib.Path(os.environ["PODFLATTR_STATE_DIR"]) / "hooks"

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

alone, nothing, late = [], [], []
for number in range(200):
    alone.append(hook(number))
    nothing.append(run("/bin/true"))
# For months nobody has run a service or any other command, so that what was told has not been taken in.
told = next(hooks.iterdir())
for number in range(10000):
    shutil.copyfile(told, hooks / f"{number:020}.json")
for number in range(200, 400):
    late.append(hook(number))
median = statistics.median(alone)
print(f"{median:.1f} {max(alone):.1f} {statistics.median(late):.1f} {max(late):.1f} {median / statistics.median(nothing):.2f}")
TXT
)
read -r median worst median_late worst_late times <<<"$figures"
head_row 'a hook'
row 'the whole program, no service (median of 200)' "$median" ms '<' 10
plain_row '                               (worst of 200)' "$worst" ms
row 'with 10,000 hooks that nobody has taken in (median)' "$median_late" ms '<' 10
plain_row '                                           (worst)' "$worst_late" ms
# What a busy or slow machine takes for any program is in the figures above.
plain_row 'beside a program that does nothing (/bin/true, medians)' "$times" times
exit "$missed"
