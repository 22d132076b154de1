#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks what the files of src/ include, and names each offending include; and what the texts for authors name.

A folder includes itself and those before it in FOLDERS, which doc/architecture.md explains. No header includes itself by way of
others, and a header that only its own source includes is not one. No file calls functions of another that calls back, by way of
however many: one of them can be read first. Each file and function that the tour of the source and the texts beside it name
exists, and the tour stays one.
"""

import pathlib
import re
import sys

FOLDERS = ["flattr", "base", "net", "config", "feed", "payment", "sources", "queue", "statement", "partner", "login", "daemon", "commands"]
# flattr-sandbox is a program of its own, which stands on the first three.
SANDBOX = ["flattr", "base", "net", "sandbox"]
# libflattr's public headers, for programs that link it.
PUBLIC = ["flattr/flattr.h", "flattr/flattr-objects.h", "flattr/flattr-version.h"]

# Of a text that is read in one go.
MOST_LINES = 150

root = pathlib.Path("src")
includes = {}
for path in sorted(root.rglob("*.[ch]")):
    text = path.read_text()
    includes[str(path.relative_to(root))] = [
        (text.count("\n", 0, found.start()) + 1, found[1]) for found in re.finditer(r'^#include "([^"]+)"', text, re.M)
    ]
faults = []


def folder(name):
    """What src/ itself has belongs to the commands."""
    return name.split("/")[0] if "/" in name else "commands"


def fault(name, line, text):
    faults.append("src/%s:%d: %s" % (name, line, text))


def check_folders():
    for name, lines in includes.items():
        own = folder(name)
        order = SANDBOX if own == "sandbox" else FOLDERS
        for line, included in lines:
            if included not in includes:
                fault(name, line, "there is no src/%s" % included)
            elif folder(included) not in order[: order.index(own) + 1]:
                fault(name, line, "%s/ may not include %s: it may use %s" % (own, included, ", ".join(order[: order.index(own)])))


def check_circles():
    done = set()

    def visit(name, way):
        if name in way:
            circle = way[way.index(name) :] + [name]
            fault(circle[0], 1, "includes itself: " + " -> ".join(circle))
        elif name not in done:
            for _, included in includes.get(name, []):
                if included.endswith(".h"):
                    visit(included, way + [name])
            done.add(name)

    for name in includes:
        visit(name, [])


def check_headers():
    users = {}
    for name, lines in includes.items():
        for _, included in lines:
            users.setdefault(included, set()).add(name)
    # Tests are users too.
    for path in pathlib.Path("tests").rglob("*.[ch]"):
        for found in re.finditer(r'^#include "([^"]+)"', path.read_text(), re.M):
            users.setdefault(found[1], set()).add(str(path))
    for name in includes:
        if name.endswith(".h") and name not in PUBLIC and not users.get(name, set()) - {name[:-1] + "c"}:
            fault(name, 1, "only its own source includes it")


def check_calls():
    texts = {name: re.sub(r"/\*.*?\*/", "", (root / name).read_text(), flags=re.S) for name in includes if name.endswith(".c")}
    home = {}
    for name, text in texts.items():
        for found in re.finditer(r"^((?:pf|sandbox|flattr)_\w+)\([^;{}]*\)\n\{", text, re.M):
            home[found[1]] = name
    calls = {name: {home[word] for word in re.findall(r"\b\w+(?=\()", text) if word in home} - {name} for name, text in texts.items()}
    done = set()

    def visit(name, way):
        if name in way:
            circle = way[way.index(name) :] + [name]
            fault(circle[0], 1, "calls a file that calls it: " + " -> ".join(circle))
        elif name not in done:
            for other in sorted(calls[name]):
                visit(other, way + [name])
            done.add(name)

    for name in calls:
        visit(name, [])


def check_texts():
    names = ["/" + str(path) for top in ("src", "tests", "config", "doc") for path in pathlib.Path(top).rglob("*.*")]
    sources = "\n".join((root / name).read_text() for name in includes if name.endswith(".c"))
    for text in map(pathlib.Path, ("doc/architecture.md", "doc/requests.md", "tests/README.md")):
        lines = text.read_text().splitlines()
        if len(lines) > MOST_LINES:
            faults.append("%s: more than %d lines are not read in one go" % (text, MOST_LINES))
        for number, line in enumerate(lines, 1):
            for name in re.findall(r"`([\w./-]+\.(?:c|h|py|awk|bats|conf))`", line):
                if not re.search("NAME", name) and not any(path.endswith("/" + name) for path in names):
                    faults.append("%s:%d: there is no %s" % (text, number, name))
            for name in re.findall(r"`(\w+)\(\)`", line):
                if not re.search(r"^%s\(" % name, sources, re.M):
                    faults.append("%s:%d: there is no function %s" % (text, number, name))


check_texts()
check_folders()
check_circles()
check_calls()
check_headers()
print("\n".join(faults) or "%d files, no fault" % len(includes))
sys.exit(bool(faults))
