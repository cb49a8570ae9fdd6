"""What other programs of this user could read of this process: its environment, and its memory.

A tool runs as a child of this program, and on Linux any process may read the environment of another of the same user
(`/proc/PID/environ`, proc(5)) unless that one says otherwise. Owns saying otherwise. Refuses to fail: where the system
has no such thing, the variables are still taken out of what children inherit. Nothing here keeps root out, nor hides
the key from a program that can read another process which has it, such as the shell that set it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping
from typing import Final

from workbench.secrets.keys import holding

_PR_SET_DUMPABLE: Final = 4  # prctl(2)


def hide_process() -> bool:
    """Let no other process of this user read or trace this one, and write no core file of it (prctl(2)).

    True when it is so from now on. A program that this one starts is not hidden. Only Linux can do it.
    """
    if sys.platform != "linux":
        return False
    try:
        from ctypes import CDLL

        return bool(CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):  # a Python without ctypes, or a C library without prctl
        return False


def withhold(names: Collection[str], kept: Mapping[str, str]) -> None:
    """Take the variables `names`, and all that hold the value of one in any spelling, out of our own environment.

    `kept` is the copy of the environment that the program goes on to read them from: nothing is done when it is
    `os.environ` itself. What is taken is overwritten where `/proc/PID/environ` shows it.
    """
    if kept is os.environ:
        return
    taken = holding(kept, names) & os.environ.keys()
    if taken:
        _overwrite({os.fsencode(name) for name in taken})
    for name in taken:
        del os.environ[name]


def _overwrite(names: Collection[bytes]) -> None:
    """Put zeros in the place of the values of `names` in the block that this process was started with (environ(7))."""
    if sys.platform != "linux":
        return
    try:
        from ctypes import CDLL, POINTER, c_void_p, memset, string_at

        entries = POINTER(c_void_p).in_dll(CDLL(None), "environ")
    except (ImportError, OSError, ValueError):  # as in `hide_process`, or without that name
        return
    at = 0
    while entries and (address := entries[at]):
        name, equals, value = string_at(address).partition(b"=")
        if name in names:
            memset(address + len(name) + len(equals), 0, len(value))
        at += 1
