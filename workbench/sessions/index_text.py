"""Text as the index of sessions has it, and as it is looked for in it.

Owns what SQLite does not take, and that each character is a word in scripts that part no words by blanks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

KINDS: Final = ("question", "answer", "thinking", "call", "result")
"""What a hit may be in, in the order of the index's columns."""

_HALVES: Final = re.compile("[\ud800-\udfff]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# Scripts that part no words by blanks: there, each character is a word.
_ALONE: Final = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_UNPARTED: Final = re.compile(f"({_ALONE})")
_PARTED: Final = re.compile(f"(?<={_ALONE}) +(?={_ALONE})")


def index_key(id: str) -> str:
    """The id as the index has it: a file may have a name that is no text."""
    return id.encode("utf-8", "backslashreplace").decode()


def encodable(text: str) -> str:
    """`text` with a stand-in for the halves of characters, which SQLite does not take."""
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def searchable(text: str) -> str:
    """`text` as the index takes it, and as it is looked for in it."""
    return _UNPARTED.sub(r" \1 ", _CONTROLS.sub(" ", encodable(text))) if text else ""


def readable_places(text: str, places: Sequence[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """`text` of the index as a person reads it, and where in that `places` of it are."""
    left = len(text) - len(text.lstrip())
    taken = [(0, left), *(blank.span() for blank in _PARTED.finditer(text, left))]
    shown = _PARTED.sub("", text).strip()

    def moved(at: int) -> int:
        return min(len(shown), at - sum(min(at, end) - begin for begin, end in taken if begin < at))

    return shown, tuple((moved(start), moved(end)) for start, end in places)
