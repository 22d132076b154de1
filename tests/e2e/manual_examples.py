# SPDX-License-Identifier: GPL-2.0-or-later
"""manual_examples.py sessions FOLDER FROM TO PAGE ...: writes the examples of each manual page as one session of bash, with FROM
replaced by TO in them, to FOLDER/PAGE.sh. What that printed goes to FOLDER/PAGE.printed, and then
manual_examples.py check FOLDER FROM TO PAGE ... says which examples failed, or printed something else than the page shows.

In a page's EXAMPLES, lines of a .Bd that begin with "$ " are commands, with "> " they go on, and others are what is printed:
whole lines in that order, where "..." and the program's own ellipsis stand for any text. In comments,
.\\" run: COMMAND   is run and not shown
.\\" file: NAME     has the next .Bd written to that file instead
"""
import fnmatch
import os
import re
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


def session(page, old, new):
    with open(page, encoding="utf-8") as file:
        return [(command.replace(old, new), [line.replace(old, new) for line in expected])
                for command, expected in steps(file.read().split("\n"))]


def write(file, examples):
    if not examples:
        sys.exit("no example for " + file)
    with open(file + ".sh", "w", encoding="utf-8") as script:
        script.write("".join("{ %s\n}; printf '\n\\x01%%d\\n' $?\n" % command for command, _ in examples))


def check(file, examples):
    """Returns whether all is as the page shows it."""
    with open(file + ".printed", encoding="utf-8") as output:
        printed = re.split("\n\x01([0-9]+)\n", output.read())
    good = len(printed) == 2 * len(examples) + 1
    for (command, expected), output, status in zip(examples, printed[0::2], printed[1::2]):
        if status != "0" or not is_shown(expected, output.split("\n")):
            good = False
            print("$ %s\nexit status %s, printed:\n%s\ninstead of:\n%s\n" % (command, status, output, "\n".join(expected)))
    if not good:
        print("%s is not right\n" % file)
    return good


def main(task, folder, old, new, *pages):
    examples = {os.path.join(folder, os.path.basename(page)): session(page, old, new) for page in pages}
    if task == "sessions":
        for file, some in examples.items():
            write(file, some)
    else:
        sys.exit(not all([check(file, some) for file, some in examples.items()]))


main(*sys.argv[1:])
