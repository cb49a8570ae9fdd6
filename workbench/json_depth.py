"""How deep lists and objects are nested in each other.

Owns looking at that a level at a time: a recursive walk would be the very thing that a limit is there to prevent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

DEEPEST: Final = 200
"""Levels of JSON from outside that are kept: deeper can be read, and is too deep for whoever copies or writes it."""

TOO_DEEP: Final = "(nested too deeply)"
"""What stands for a list or an object below that."""


def is_deeper(value: Any, levels: int) -> bool:
    """Whether `value` has more levels; `[]` has one, `[{}]` two, and what is neither list nor object none."""
    return bool(_at(value, levels))


def cut(holder: dict[str, Any], levels: int) -> None:
    """Put a text for what stands below so many levels of `holder`, itself being the first. Changes it in place."""
    for each in _at(holder, levels - 1):
        for place, value in list(each.items() if isinstance(each, dict) else enumerate(each)):
            if isinstance(value, dict | list):
                each[place] = TOO_DEEP


def _at(value: Any, depth: int) -> list[Any]:
    """The lists and objects that stand in so many others."""
    level = _holders((value,))
    for _ in range(depth):
        if not level:
            break
        level = [held for holder in level for held in _holders(_held(holder))]
    return level


def _held(holder: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return holder.values() if isinstance(holder, dict) else holder


def _holders(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, dict | list)]
