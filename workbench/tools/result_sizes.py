"""How much of a tool's result the model gets: at most MOST_FOR_MODEL bytes of JSON, and what of a longer one.

Owns that what is left of a result has the shape of the whole, so that it can be cited like any other: a list keeps its
first items, a map its keys, a text its beginning, and each says in its place what was left out. Refuses to hold up who
asks: only what is kept is looked into.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

MOST_FOR_MODEL: Final = 64_000
"""Bytes of a result, written as JSON in UTF-8."""

LEFT_OUT: Final = "left out"
_NOTE = 80  # bytes for what says that something was left out
_LEAST = 200  # bytes in which a part of a value still says something
_DEEPEST = 8  # levels that are cut as what they are; what lies deeper, as text
_WRITER = json.JSONEncoder(ensure_ascii=False)
_LONGEST_WORD = 200
_LAST_WORD = re.compile(rf"[^\w-][\w-]{{0,{_LONGEST_WORD}}}\Z")


def for_model(value: Any) -> Any:
    """The JSON value that the model gets of a result: itself, or what is kept of it."""
    in_ascii = len(json.dumps(value))  # where a byte of UTF-8 takes three at most, and is soon counted
    if in_ascii <= MOST_FOR_MODEL or (in_ascii <= 3 * MOST_FOR_MODEL and _size(value) <= MOST_FOR_MODEL):
        return value
    kept = _cut(value, MOST_FOR_MODEL, 0)
    return kept if _size(kept) <= MOST_FOR_MODEL else _cut_text(_written(value), MOST_FOR_MODEL)


def shortened(text: str, most: int) -> str:
    """The first `most` bytes of a text in UTF-8, up to the end of a word: half a key is not found."""
    whole = text.encode("utf-8", "surrogatepass")
    if len(whole) <= most:
        return text
    while most and whole[most] & 0xC0 == 0x80:  # within a character
        most -= 1
    start = whole[:most].decode("utf-8", "surrogatepass")
    last = _LAST_WORD.search(start, max(0, len(start) - _LONGEST_WORD - 1))  # of a megabyte, its end is looked at
    return start[: last.start() + 1] if last else start


def _cut(value: Any, most: int, depth: int) -> Any:
    if isinstance(value, str):
        return _cut_text(value, most)
    if depth < _DEEPEST and most >= _LEAST:
        if isinstance(value, list):
            return _cut_list(value, most, depth + 1)
        if isinstance(value, dict):
            return _cut_map(value, most, depth + 1)
    return _cut_text(_written(value), most)


def _cut_text(text: str, most: int) -> str:
    """A text that takes `most` bytes at most as JSON."""
    whole = _bytes(text)
    room = max(0, most - _NOTE)
    start = shortened(text, room)
    while start and (size := _size(start)) > room:  # quotes, line breaks and the like take several bytes
        taken = _bytes(start)
        start = shortened(start, min(taken - 1, taken * room // size))
    left_out = whole - _bytes(start)
    return f"{start}\n… {left_out:,} bytes {LEFT_OUT} …" if start else f"… {left_out:,} bytes {LEFT_OUT} …"


def _cut_list(items: Sequence[Any], most: int, depth: int) -> list[Any]:
    kept: list[Any] = []
    room = most - _NOTE
    for item in items:
        size = _size(item) + 2
        if size > room:
            if room >= _LEAST and isinstance(item, str | list | dict):
                kept.append(_cut(item, room - 2, depth))
            break
        kept.append(item)
        room -= size
    note = f"{len(items) - len(kept):,} more of {len(items):,} items"
    if len(kept) == len(items):
        return kept
    # Of a list of objects each is a document by itself, and so is what was left out.
    return [*kept, {LEFT_OUT: note} if all(isinstance(item, dict) for item in kept) else f"… {note} {LEFT_OUT} …"]


def _cut_map(entries: dict[str, Any], most: int, depth: int) -> dict[str, Any]:
    """All keys, as far as there is room for their names and a little of their values; small values are whole."""
    room, least = most - _NOTE, 0
    sizes: dict[str, int] = {}
    for key, value in entries.items():
        size, name = _size(value), _size(key) + 4
        least += min(size, _LEAST)
        if least > room - name:
            break
        room -= name
        sizes[key] = size
    share = _share(sorted(sizes.values()), room)
    kept = {
        key: entries[key] if size <= share else _cut(entries[key], share, depth) for key, size in sizes.items()
    }  # fmt: skip
    if len(kept) < len(entries):
        kept[LEFT_OUT] = f"{len(entries) - len(kept):,} more of {len(entries):,} keys"
    return kept


def _share(sizes: Sequence[int], room: int) -> int:
    """How many bytes each value may take, so that all of these take no more than `room`; `sizes` go up."""
    for number, size in enumerate(sizes):
        share = room // (len(sizes) - number)
        if size > share:
            return share
        room -= size
    return room


def _size(value: Any) -> int:
    return len(str(value)) if type(value) is int else _bytes(_written(value))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _written(value: Any) -> str:
    return _WRITER.encode(value)
