"""What an unquoted scalar means: owns the rule, a stricter YAML 1.2 in which JSON is unchanged.

`true`, `false`, `null`, `~`, nothing, and JSON's numbers have types. All else is text: `on`, `no`, `0x1F`,
`010`, `1_000`, `12:30` and dates stay as they were typed, for tools called `no` exist.
"""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_MAX_DIGITS = 400


class TooLarge(ValueError):
    """A number that no float can hold."""


def resolve(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar. Raises TooLarge for a number out of range."""
    if text in _WORDS:
        return _WORDS[text]
    match = _NUMBER.fullmatch(text)
    if not match:
        return text
    if len(text) > _MAX_DIGITS:
        raise TooLarge(text)
    if match.group(1) is None and match.group(2) is None:
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise TooLarge(text)
    return value
