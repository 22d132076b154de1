#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hung_mount.py FOLDER: mounts a FUSE file system that answers nothing, and says "mounted"; with its end, all who wait
get an error. Exit status 77 where nothing may be mounted."""
import ctypes
import os
import signal
import stat
import sys

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
signal.pause()
