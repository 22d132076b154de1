# SPDX-License-Identifier: GPL-2.0-or-later
"""null_arguments.py LIBRARY FUNCTIONS: calls each function named in a file with NULL (or 0) for all its arguments, and
with an object of its kind for the first and NULL for the others, each in a process of its own; counts the crashes."""
import ctypes
import os
import sys

ARGUMENTS = 8


def make(library, kind):
    """Returns an object for the functions that begin with flattr_KIND_, or NULL."""
    def new(name, *arguments):
        function = getattr(library, name)
        function.restype = ctypes.c_void_p
        return ctypes.c_void_p(function(*arguments))

    if kind == "request":
        return new("flattr_request_new_hello")
    if kind == "reply":
        return new("flattr_reply_new")
    if kind in ("session", "iterator"):
        session = new("flattr_session_new", b"http://127.0.0.1:1/", b"test/1", None)
        return session if kind == "session" else new("flattr_session_iterate_subscriptions", session)
    return None


def crashes(path, name, with_object):
    child = os.fork()
    if child == 0:
        library = ctypes.CDLL(path)
        first = make(library, name.split("_")[1]) if with_object else None
        getattr(library, name)(first, *[None] * (ARGUMENTS - 1))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def main():
    path, names = sys.argv[1], open(sys.argv[2]).read().split()
    # What logs its mistake and goes on is right here.
    os.environ.pop("G_DEBUG", None)
    crashed = {name for name in names for with_object in (False, True)
               # A request's maker takes no request: texts that are no texts are beyond what can be checked.
               if not (with_object and "_new" in name) and crashes(path, name, with_object)}
    for name in sorted(crashed):
        print(name)
    print(f"{len(names)} functions, {len(crashed)} crashed")


main()
