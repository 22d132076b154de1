#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Says where a translated page of the manual (doc/LANGUAGE/PAGE) has another build than the English one, and fails then.

Sections, paragraphs, lists and displays are the same and in the same order; each item is for the same options, variables and files;
examples are the same to the letter; each section names the same commands and pages. Words are nobody's but the translator's.
"""
import collections
import pathlib
import re
import sys

DOC = pathlib.Path(__file__).resolve().parent.parent / "doc"
BLOCKS = {"Sh", "Ss", "It", "Pp", "Bl", "El", "Bd", "Ed", "Dl"}
NAMES = {"Cm", "Ev", "Fl", "Xr"}


def outline(page):
    """A list of (line, what): what is the same in every language."""
    parts, names, literal, begin = [], collections.Counter(), False, 0
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.startswith('.\\"'):
            continue
        words = line[1:].split() if line.startswith(".") else []
        macro = words[0] if words else ""
        if macro == "Ed":
            literal = False
        if literal:
            parts.append((number, "example: " + line))
        elif macro in ("Sh", "Ss"):
            parts.append((begin, "of the section: " + ", ".join(sorted(names.elements()))))
            names, begin = collections.Counter(), number
            parts.append((number, "." + macro))
        elif macro == "Dl":
            parts.append((number, line))
        elif macro in BLOCKS:
            # What stands for a value has a name in the reader's language.
            parts.append((number, re.sub(r" Ar .*?(?= (?:Op|Fl|Cm|Ns|,) |$)", " Ar", line) if macro in ("It", "Bl", "Bd") else "." + macro))
        for match in re.finditer(r"\b(%s) ([^ ]+(?: [1-8]\b)?)" % "|".join(NAMES), line if words else ""):
            names[" ".join(match.groups())] += 1
        literal = literal or (macro == "Bd" and "-literal" in words)
    return parts + [(begin, "of the section: " + ", ".join(sorted(names.elements())))]


def compare(english, translated):
    ours, theirs = outline(english), outline(translated)
    for (line, what), (other_line, other) in zip(ours, theirs):
        if what != other:
            return ["%s:%d: '%s', where %s:%d has '%s'" % (translated, other_line, other, english, line, what)]
    return [] if len(ours) == len(theirs) else ["%s: has %d parts of %d" % (translated, len(theirs), len(ours))]


pages = sorted(DOC.glob("[a-z][a-z]/*.[1-8]"))
faults = [fault for page in pages for fault in compare(DOC / page.name, page)]
print("\n".join(faults) or "%d pages, no fault" % len(pages))
sys.exit(bool(faults))
