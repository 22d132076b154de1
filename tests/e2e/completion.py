# SPDX-License-Identifier: GPL-2.0-or-later
"""completion.py SHELL FOLDER: types lines into an interactive bash, zsh or fish that has only the completions in FOLDER, each
followed by the Tab key, until the terminal shows what it should. Standard input has a line for each: what is typed, "::", and
what must appear on the terminal then, as a regular expression; blanks in it stand for any.
"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PATIENCE = 60
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             "PS1='ready> '; bind 'set enable-bracketed-paste off'; bind 'set page-completions off'; source %s/podflattr.bash\n"),
    "zsh": (["zsh", "-f", "-i"],
            "PS1='ready> '; unsetopt zle_bracketed_paste; unset zle_bracketed_paste; fpath=(%s $fpath); autoload -U compinit; compinit -u -D; "
            "zstyle ':completion:*' verbose yes\n"),
    "fish": (["fish", "--no-config", "-i"],
             "function fish_prompt; echo 'ready> '; end; source %s/podflattr.fish\n"),
}


class Shell:
    def __init__(self, name, folder):
        command, begin = SHELLS[name]
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ["TERM"] = "xterm"
            os.execvp(command[0], command)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
        self.shown = ""
        self.type(begin % folder)
        self.wait("ready>.*ready> $" if name == "bash" else "ready> ")

    def type(self, text):
        self.shown = ""
        os.write(self.terminal, text.encode())

    def read(self, seconds):
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        text = os.read(self.terminal, 65536).decode(errors="replace")
        if "\x1b[c" in text or "\x1b[0c" in text:  # fish asks what kind of terminal this is
            os.write(self.terminal, b"\x1b[?62c")
        self.shown += re.sub("\x1b\\][^\x07\x1b]*(\x07|\x1b\\\\)|\x1b[\\[(][0-9;?<>=]*[A-Za-z]|\x1b[=>]|[\r\x07\x0f]", "", text)
        return True

    def wait(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.shown, re.S):
            if time.monotonic() > deadline or not self.read(deadline - time.monotonic()):
                sys.exit("did not show: %s\nbut:\n%s" % (pattern, self.shown))


def main(name, folder):
    shell = Shell(name, folder)
    for line in sys.stdin:
        typed, expected = line.rstrip("\n").split(" :: ")
        # Where no word was begun, bash lists what can follow at the second Tab only.
        shell.type(typed + ("\t\t" if name == "bash" and typed.endswith(" ") else "\t"))
        shell.wait(expected.replace(" ", r"\s+"))
        shell.type("\x15")
    shell.type("exit\n")
    os.waitpid(shell.child, 0)


main(*sys.argv[1:])
