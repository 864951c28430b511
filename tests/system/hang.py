#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Stops one thread of a process, as a deadlock would, and no other: by ptrace. Ends with the process.

    hang.py PROCESS NAME     prints "NAME hangs" when it does
"""

import ctypes
import os
import sys

SEIZE, INTERRUPT = 0x4206, 0x4207
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def thread_of(process, name):
    for thread in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{thread}/comm", encoding="utf-8") as comm:
            if comm.read().strip() == name:
                return int(thread)
    sys.exit(f"process {process} has no thread {name}")


def ask(request, thread):
    if libc.ptrace(request, thread, None, None) < 0:
        sys.exit(f"ptrace: {os.strerror(ctypes.get_errno())}")


thread = thread_of(sys.argv[1], sys.argv[2])
ask(SEIZE, thread)
ask(INTERRUPT, thread)
os.waitpid(thread, WALL)
print(f"{sys.argv[2]} hangs", flush=True)
os.waitpid(thread, WALL)
