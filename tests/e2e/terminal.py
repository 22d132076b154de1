# SPDX-License-Identifier: GPL-2.0-or-later
"""terminal.py COLUMNS PROGRAM ARGUMENT ...: runs a command on a terminal of so many columns, and prints what it shows there.
terminal.py COLUMNS,COLUMNS... PROGRAM: the same with each line of standard input as the arguments, and prints only the lines
that do not fit, after what showed them.

A URL or a path that takes more than half of the terminal is left whole on purpose, and so is a command to be copied.
"""
import fcntl
import os
import pty
import re
import shlex
import struct
import sys
import termios
import unicodedata


def columns(text):
    return sum(0 if unicodedata.category(letter) in ("Mn", "Me", "Cf") and letter != "\ufe0f"
               else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def fits(line, width):
    line = re.sub("\x1b\\[[0-9;]*[A-Za-z]|\r", "", line)
    return columns(line) <= width or line.startswith("  podflattr ") or any(
        len(word) > width / 2 and "/" in word for word in line.split())


def show(width, command):
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        os.execvp(command[0], command)
    text = b""
    while True:
        try:
            text += os.read(terminal, 65536)
        except OSError:
            break
    os.waitpid(child, 0)
    return text.decode().replace("\r\n", "\n").removesuffix("\n")


if len(sys.argv) > 3:
    print(show(int(sys.argv[1]), sys.argv[2:]))
else:
    for line in sys.stdin:
        for width in map(int, sys.argv[1].split(",")):
            shown = show(width, [sys.argv[2], *shlex.split(line)])
            for wide in shown.split("\n"):
                if not fits(wide, width):
                    print("%d columns, %s: %s" % (width, line.strip(), wide))
