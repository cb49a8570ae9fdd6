"""How long a value is as indented JSON, without indenting it: that is written in Python, and takes several times as
long as what Python writes without line breaks."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

INDENT: Final = 2  # cells of each level


@dataclass(frozen=True, slots=True)
class JsonSize:
    """The characters, line breaks included, and the lines of a text."""

    characters: int
    lines: int


def size_of(value: Any) -> JsonSize:
    """The size of `json.dumps(value, ensure_ascii=False, indent=2)`. Raises what that raises."""
    in_one_line = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    breaks, blanks = _of_layout(value, 1)
    return JsonSize(in_one_line + breaks + blanks, breaks + 1)


def _of_layout(value: Any, depth: int) -> tuple[int, int]:
    """The line breaks of a value whose parts stand at this depth, and the blanks behind them and behind colons."""
    if not isinstance(value, dict | list | tuple) or not value:
        return 0, 0
    parts: Collection[Any] = value.values() if isinstance(value, dict) else value
    breaks = len(parts) + 1
    blanks = len(parts) * (INDENT * depth + isinstance(value, dict)) + INDENT * (depth - 1)
    for part in parts:
        if isinstance(part, dict | list | tuple):
            more = _of_layout(part, depth + 1)
            breaks, blanks = breaks + more[0], blanks + more[1]
    return breaks, blanks
