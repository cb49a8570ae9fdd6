"""What a server can do wrong, case by case, and the one outcome that each has: one table for command and app."""

from __future__ import annotations

from tests.faults.fault import Fault
from tests.faults.frames import FRAMES, TOOLS
from tests.faults.http import HTTP, SILENCE, STATUSES

GROUPS = {"statuses": STATUSES, "http": HTTP, "silence": SILENCE, "frames": FRAMES, "tools": TOOLS}
FAULTS: list[Fault] = [fault for group in GROUPS.values() for fault in group]
