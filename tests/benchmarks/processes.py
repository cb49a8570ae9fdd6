"""What a process and all below it cost, as Linux counts it."""

from __future__ import annotations

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PROC = Path("/proc")


def tree(pid: int) -> list[int]:
    """The process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time so far, that of ended and waited-for children with it."""
    return sum(int(ticks) for each in tree(pid) for ticks in _stat(each)[11:15]) / TICK


def resident_bytes(pid: int) -> int:
    """Memory in use now."""
    return sum(int(fields[21]) for each in tree(pid) if (fields := _stat(each))) * PAGE


def has_loaded(pid: int, library: str) -> bool:
    """Whether a compiled library with this in its path is mapped."""
    return library in (PROC / str(pid) / "maps").read_text()


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything; none for a process that has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
