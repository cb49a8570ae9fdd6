"""What the tools of servers are called by the model: their server's names, where these can be kept.

Owns what happens where two have the same name, or one that the API refuses: `server__tool`. The same names come of the
same lists, whichever server was there first.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence, Set
from typing import Final

LONGEST: Final = 64
_USABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_REFUSED: Final = re.compile(r"[^A-Za-z0-9_-]+")
_DIGITS: Final = 6  # of what tells names apart that were cut


def names_of(tools: Sequence[tuple[str, str]], taken: Set[str] = frozenset()) -> list[str]:
    """A name for each (server, tool), none of them twice and none of those that are `taken`."""
    counts = Counter(tool for _, tool in tools)
    used = set(taken)
    plain = [counts[tool] == 1 and tool not in taken and _USABLE.fullmatch(tool) is not None for _, tool in tools]
    used |= {tool for (_, tool), kept in zip(tools, plain, strict=True) if kept}
    found = []
    for (server, tool), kept in zip(tools, plain, strict=True):
        name = tool if kept else _joined(server, tool, used)
        used.add(name)
        found.append(name)
    return found


def _joined(server: str, tool: str, used: Set[str]) -> str:
    name = _REFUSED.sub("_", f"{server}__{tool}")
    if not _USABLE.match(name):
        name = f"_{name}"
    if len(name) <= LONGEST and name not in used:
        return name
    mark = hashlib.sha256(f"{server}\0{tool}".encode("utf-8", "surrogatepass")).hexdigest()
    for length in range(_DIGITS, len(mark)):  # a server that lists one name twice has it once: see `connection`
        marked = f"{name[: LONGEST - length - 1]}_{mark[:length]}"
        if marked not in used:
            return marked
    raise AssertionError("two tools of one server have the same name")
