# SPDX-License-Identifier: GPL-2.0-or-later
"""manual_examples.py PAGE FROM TO: runs the examples of a manual page as one session of bash in the current folder, with
FROM replaced by TO in them, and says which failed, or printed something else than the page shows.

In a page's EXAMPLES, lines of a .Bd that begin with "$ " are commands, with "> " they go on, and others are what is printed:
whole lines in that order, where "..." and the program's own ellipsis stand for any text. In comments,
.\\" run: COMMAND   is run and not shown
.\\" file: NAME     has the next .Bd written to that file instead
"""
import fnmatch
import os
import re
import subprocess
import sys


def unescape(line):
    return re.sub(r"^\\&", "", line).replace("\\e", "\\").replace("\\&", "").replace("\\(dq", '"')


def blocks(lines):
    """Yields ("run", command), ("file", name, text) and ("show", lines of a block) in their order."""
    name, block, is_examples = None, None, False
    for line in lines:
        if line.startswith(".Sh "):
            is_examples = line == ".Sh EXAMPLES"
        elif not is_examples:
            continue
        elif line.startswith('.\\" run: '):
            yield "run", line[9:]
        elif line.startswith('.\\" file: '):
            name = line[10:]
        elif line.startswith(".Bd"):
            block = []
        elif line == ".Ed":
            yield ("file", name, "\n".join(block) + "\n") if name else ("show", block)
            name = block = None
        elif block is not None:
            block.append(unescape(line))


def steps(lines):
    """Yields each command with the lines that it is to print."""
    for block in blocks(lines):
        if block[0] == "run":
            yield block[1], []
        elif block[0] == "file":
            yield "cat >%s <<'END_OF_FILE'\n%sEND_OF_FILE" % (block[1], block[2]), []
        else:
            shown = []
            for line in block[1]:
                if line.startswith("$ "):
                    shown.append([line[2:], []])
                elif line.startswith("> "):
                    shown[-1][0] += "\n" + line[2:]
                elif line:
                    shown[-1][1].append(line)
            yield from shown


def is_shown(expected, printed):
    rest = iter(printed)
    return all(
        any(fnmatch.fnmatchcase(line.strip(), re.sub(r"([\[*?])", r"[\1]", wanted.strip()).replace("...", "*")) for line in rest)
        for wanted in expected if wanted != "...")


def main(page, old, new):
    with open(page, encoding="utf-8") as file:
        session = [(command.replace(old, new), expected) for command, expected in steps(file.read().split("\n"))]
    if not session:
        sys.exit("no example")
    text = "".join("{ %s\n}; printf '\\n\\x01%%d\\n' $?\n" % command for command, _ in session)
    done = subprocess.run(["bash", "-c", text], stdin=subprocess.DEVNULL, capture_output=True, timeout=50)
    printed = re.split("\n\x01([0-9]+)\n", done.stdout.decode())
    failed = len(printed) != 2 * len(session) + 1
    for (command, expected), output, status in zip(session, printed[0::2], printed[1::2]):
        if status != "0" or not is_shown([line.replace(old, new) for line in expected], output.split("\n")):
            failed = True
            print("$ %s\nexit status %s, printed:\n%s\ninstead of:\n%s\n" % (command, status, output, "\n".join(expected)))
    if failed:
        print(done.stderr.decode(errors="replace"))
    sys.exit(failed)


main(*sys.argv[1:])
