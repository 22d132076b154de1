#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hung_mount.py FOLDER [answer]: mounts a FUSE file system that answers nothing, or is an empty folder until another one is
made in it, and answers nothing from then on; says "mounted". With its end, all who wait get an error. Exit status 77 where nothing may be mounted."""
import ctypes
import errno
import os
import signal
import stat
import struct
import sys

# Of <linux/fuse.h>: requests by their numbers.
LOOKUP, FORGET, GETATTR, MKDIR, STATFS, INIT, OPENDIR, READDIR, RELEASEDIR = 1, 2, 3, 9, 17, 26, 27, 28, 29
INTERRUPT, BATCH_FORGET = 36, 42


def attributes(inode):
    return struct.pack("=6Q10I", inode, 0, 0, 0, 0, 0, 0, 0, 0, stat.S_IFDIR | 0o755, 2, os.getuid(), os.getgid(), 0, 4096, 0)


def answer(request):
    """The answer to a request, as (error, bytes); None where none is given."""
    if request in (FORGET, BATCH_FORGET, INTERRUPT):
        return None
    if request == INIT:
        return 0, struct.pack("=IIIIHHIIHH32x", 7, 31, 65536, 0, 16, 12, 65536, 1, 1, 0)
    if request == GETATTR:
        return 0, struct.pack("=QII", 1, 0, 0) + attributes(1)
    if request == MKDIR:
        return 0, struct.pack("=QQQQII", 2, 0, 3600, 3600, 0, 0) + attributes(2)
    if request == OPENDIR:
        return 0, struct.pack("=QII", 1, 0, 0)
    if request == STATFS:
        return 0, struct.pack("=5Q3I28x", 0, 0, 0, 0, 0, 4096, 255, 4096)
    if request in (READDIR, RELEASEDIR):
        return 0, b""
    return (errno.ENOENT if request == LOOKUP else errno.ENOSYS), b""


def serve(device):
    request = None
    while request != MKDIR:
        _, request, unique = struct.unpack_from("=IIQ", os.read(device, 1 << 20))
        given = answer(request)
        if given is not None:
            os.write(device, struct.pack("=IiQ", 16 + len(given[1]), -given[0], unique) + given[1])


libc = ctypes.CDLL(None, use_errno=True)
try:
    node = "/dev/fuse"
    if not os.path.exists(node):  # as in a container
        node = f"{sys.argv[1]}.fuse"
        os.mknod(node, stat.S_IFCHR | 0o600, os.makedev(10, 229))
    device = os.open(node, os.O_RDWR)
except OSError as error:
    print(error)
    sys.exit(77)
options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
if libc.mount(b"hung", os.fsencode(sys.argv[1]), b"fuse", 0, options.encode()) != 0:
    print(os.strerror(ctypes.get_errno()))
    sys.exit(77)
print("mounted", flush=True)
if sys.argv[2:] == ["answer"]:
    serve(device)
signal.pause()
