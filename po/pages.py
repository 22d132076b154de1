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
        if re.match("@(group|more|after|end)", line):
            parts.append((number, " ".join(line.split()[:2])))
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
        elif re.match(r"\.It (?![A-Z][a-z] )[A-Za-z]", line):
            parts.append((number, ".It"))
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


# A page that is made is compared by what it is made of.
pages = sorted(page for page in DOC.glob("[a-z][a-z]/*.[1-8]*") if not page.with_name(page.name + ".in").exists())
faults = [fault for page in pages for fault in compare(DOC / page.name, page)]
for folder in DOC.glob("[a-z][a-z]/"):
    for page in sorted(DOC.glob("podflattr*.[1-8]*")):
        if page.suffix != ".awk" and not (folder / page.name).exists() and not page.with_name(page.name + ".in").exists():
            faults.append("%s: is missing" % (folder / page.name))
print("\n".join(faults) or "%d pages, no fault" % len(pages))
sys.exit(bool(faults))
