# SPDX-License-Identifier: LGPL-2.1-or-later
"""Searches things: an example of libflattr in Python, by ctypes.

    FLATTR_API=https://api.example.org/rest/v2 FLATTR_TOKEN=… python3 flattr-search.py WORDS
"""
import ctypes
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_uint32, c_void_p


class GError(ctypes.Structure):
    _fields_ = [("domain", c_uint32), ("code", c_int), ("message", c_char_p)]


class FlattrSearch(ctypes.Structure):
    names = ("query", "url", "tags", "language", "category", "user", "sort")
    _fields_ = [(name, c_char_p) for name in names] + [("reserved", c_void_p * 4)]


def declare(name, result, *arguments):
    """Pointers are 64 bits wide: ctypes must be told what each function takes and returns."""
    function = getattr(flattr, name)
    function.restype, function.argtypes = result, arguments
    return function


flattr = ctypes.CDLL(os.environ.get("FLATTR_LIBRARY", "libflattr.so.1"))
ERROR = POINTER(POINTER(GError))
session_new = declare("flattr_session_new", c_void_p, c_char_p, c_char_p, ERROR)
set_token = declare("flattr_session_set_token", c_int, c_void_p, c_char_p, ERROR)
session_free = declare("flattr_session_free", None, c_void_p)
iterate_search = declare("flattr_session_iterate_search", c_void_p, c_void_p, POINTER(FlattrSearch))
next_thing = declare("flattr_iterator_next_thing", c_void_p, c_void_p, ERROR)
iterator_free = declare("flattr_iterator_free", None, c_void_p)
get_id = declare("flattr_thing_get_id", c_int64, c_void_p)
get_title = declare("flattr_thing_get_title", c_char_p, c_void_p)
get_owner = declare("flattr_thing_get_owner", c_void_p, c_void_p)
get_username = declare("flattr_user_get_username", c_char_p, c_void_p)


def check(error):
    if error:
        sys.exit("flattr-search: " + error.contents.message.decode())


def main():
    error = POINTER(GError)()
    session = session_new(os.environ.get("FLATTR_API", "").encode(), b"flattr-search/1", byref(error))
    check(error)
    token = os.environ.get("FLATTR_TOKEN")
    set_token(session, token.encode() if token else None, byref(error))
    check(error)
    found = iterate_search(session, byref(FlattrSearch(query=" ".join(sys.argv[1:]).encode())))
    # Texts are lent: ctypes copies them at once.
    while thing := next_thing(found, byref(error)):
        title, owner = get_title(thing) or b"", get_username(get_owner(thing)) or b""
        print(f"{get_id(thing)}  {title.decode()}  ({owner.decode()})")
    check(error)
    iterator_free(found)
    session_free(session)


main()
