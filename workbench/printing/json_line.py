"""A JSON object as a line, ASCII only, that any parser reads: what every command with `--json` prints."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final, TextIO

from workbench.json_depth import TOO_DEEP

AT_ONCE: Final = 1024 * 1024  # characters that are written: all of a long line would be copied again and again
DEEPEST: Final = 100  # levels of a value that cannot be written as it is


def write_line(out: TextIO, entry: Mapping[str, Any]) -> None:
    """Write an object as a line, ASCII only, and flush it."""
    line = as_line(entry)
    for start in range(0, len(line), AT_ONCE):
        out.write(line[start : start + AT_ONCE])
    out.write("\n")
    out.flush()


def as_line(entry: Mapping[str, Any]) -> str:
    """`entry` as one line that any JSON parser reads."""
    try:
        return json.dumps(entry, default=str, allow_nan=False)
    except (ValueError, RecursionError):
        return json.dumps(_strict(entry, DEEPEST), default=str, allow_nan=False)


def _strict(value: Any, levels: int) -> Any:
    """`value` with null for a number that JSON has not (NaN, Infinity), and a text for what is nested too deeply."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping | list | tuple) and levels == 0:
        return TOO_DEEP
    if isinstance(value, Mapping):
        return {str(key): _strict(item, levels - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item, levels - 1) for item in value]
    return value
