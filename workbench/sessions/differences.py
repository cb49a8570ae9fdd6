"""How two texts differ, by words, and two JSON values, by what stands where. Pure.

Owns that the time it takes is bounded: long texts are parted where words stand that are in each of them once, and
those that have little in common differ as a whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

MOST_PAIRS: Final = 4_000_000  # of lines, or of words, that are looked at for what is in both
DEEPEST: Final = 6  # times that a stretch of what is more is parted once more
FEW: Final = 500  # words, below which each is looked for however often it occurs
_ALONE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # of scripts without blanks between words
_WORD: Final = re.compile(rf"(?:[{_ALONE}]|[^\W{_ALONE}]+|[^\w\s])\s*|\s+")

Ranges = tuple[int, int, int, int]
"""Of `a` from where to where, and of `b`."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """A stretch that is not the same in both texts: `a[a_start:a_end]` is `lost`, `b[b_start:b_end]` is `new`.

    One of the two may be empty.
    """

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    lost: str
    new: str

    def as_json(self) -> dict[str, Any]:
        """As an object, with places in code points."""
        spans = {"a": [self.a_start, self.a_end], "b": [self.b_start, self.b_end]}
        return {**spans, "lost": self.lost, "new": self.new}


class _Missing:
    """What stands where one of the values has nothing."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class ValueChange:
    """What `a` and `b` have at one place, `path`, as `options.stop[1]`; one of them may be `MISSING`."""

    path: str
    a: Any
    b: Any

    def as_json(self) -> dict[str, Any]:
        """As an object, with how much more `b` has of a number; without what is missing."""
        entry = {"a": self.a, "b": self.b}
        if _is_number(self.a) and _is_number(self.b):
            entry["change"] = round(self.b - self.a, 6)
        return {name: value for name, value in entry.items() if value is not MISSING}


def text_changes(a: str, b: str) -> tuple[TextChange, ...]:
    """Where two texts differ, in order: by lines first, then by the words of those."""
    lines_a, lines_b = a.splitlines(keepends=True), b.splitlines(keepends=True)
    starts_a, starts_b = _starts(lines_a), _starts(lines_b)
    changes: list[TextChange] = []
    for i1, i2, j1, j2 in _changed(lines_a, lines_b):
        changes += _by_words(a, b, (starts_a[i1], starts_a[i2]), (starts_b[j1], starts_b[j2]))
    return tuple(changes)


def _by_words(a: str, b: str, in_a: tuple[int, int], in_b: tuple[int, int]) -> Iterator[TextChange]:
    words_a, words_b = _WORD.findall(a, *in_a), _WORD.findall(b, *in_b)
    starts_a, starts_b = _starts(words_a, in_a[0]), _starts(words_b, in_b[0])
    for i1, i2, j1, j2 in _changed(words_a, words_b):
        begin_a, end_a, begin_b, end_b = starts_a[i1], starts_a[i2], starts_b[j1], starts_b[j2]
        yield TextChange(begin_a, end_a, begin_b, end_b, a[begin_a:end_a], b[begin_b:end_b])


def _starts(parts: Sequence[str], at: int = 0) -> list[int]:
    """Where each of the parts begins, and where the last one ends."""
    starts = [at]
    for part in parts:
        at += len(part)
        starts.append(at)
    return starts


def _changed(a: Sequence[str], b: Sequence[str], depth: int = DEEPEST) -> Iterator[Ranges]:
    """The ranges of `a` and `b` that differ."""
    head, least = 0, min(len(a), len(b))
    while head < least and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < least - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    inner_a, inner_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if not inner_a and not inner_b:
        return
    if not inner_a or not inner_b:
        yield head, head + len(inner_a), head, head + len(inner_b)
    elif len(inner_a) * len(inner_b) > MOST_PAIRS:
        yield from (_moved(each, head, head) for each in _changed_between(inner_a, inner_b, depth))
    else:
        matcher = SequenceMatcher(None, inner_a, inner_b, autojunk=len(inner_b) > FEW)
        for tag, *found in matcher.get_opcodes():
            if tag != "equal":
                yield _moved((found[0], found[1], found[2], found[3]), head, head)


def _changed_between(a: Sequence[str], b: Sequence[str], depth: int) -> Iterator[Ranges]:
    """As `_changed`, of what is too much to be looked at whole: each stretch between two parts that stand once in both
    by itself."""
    anchors = _anchors(a, b) if depth else []
    if not anchors:
        yield 0, len(a), 0, len(b)
        return
    from_a = from_b = 0
    for at_a, at_b in (*anchors, (len(a), len(b))):
        for each in _changed(a[from_a:at_a], b[from_b:at_b], depth - 1):
            yield _moved(each, from_a, from_b)
        from_a, from_b = at_a + 1, at_b + 1


def _moved(found: Ranges, by_a: int, by_b: int) -> Ranges:
    return found[0] + by_a, found[1] + by_a, found[2] + by_b, found[3] + by_b


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Where parts stand that are in `a` once and in `b` once: the most of them that are in the same order in both."""
    once = _once(b)
    pairs = [(at, once[part]) for part, at in _once(a).items() if part in once]
    pairs.sort()
    tops: list[int] = []  # the least place in `b` with which so many in order can end,
    ends: list[int] = []  # which pair that is,
    before: list[int] = []  # and of each pair the one before it
    for number, (_, at_b) in enumerate(pairs):
        length = bisect_left(tops, at_b)
        before.append(ends[length - 1] if length else -1)
        tops[length : length + 1], ends[length : length + 1] = [at_b], [number]
    found = []
    number = ends[-1] if ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _once(parts: Sequence[str]) -> dict[str, int]:
    counts = Counter(parts)
    return {part: at for at, part in enumerate(parts) if counts[part] == 1}


class Places:
    """Where a stretch of the one text stands in the other, by the `changes` between the two."""

    def __init__(self, changes: Sequence[TextChange]) -> None:
        self._begins = [0, *(change.a_end for change in changes)]
        self._ends = [*(change.a_start for change in changes), None]
        self._moved = [0, *(change.b_end - change.a_end for change in changes)]

    def find(self, start: int, end: int) -> tuple[int, int] | None:
        """Where `a[start:end]` is in `b`; None when it is not there as it was."""
        at = bisect_right(self._begins, start) - 1
        last = self._ends[at]
        if last is not None and end > last:
            return None
        return start + self._moved[at], end + self._moved[at]


def value_changes(a: Any, b: Any, path: str = "") -> tuple[ValueChange, ...]:
    """Where two JSON values differ, each place with what both have there."""
    return tuple(_value_changes(a, b, path))


def _value_changes(a: Any, b: Any, path: str) -> Iterator[ValueChange]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for name in dict.fromkeys((*a, *b)):
            below = f"{path}.{name}" if path else str(name)
            yield from _value_changes(a.get(name, MISSING), b.get(name, MISSING), below)
    elif isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        for number, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _value_changes(one, other, f"{path}[{number}]")
    elif (type(a) is not type(b) and not (_is_number(a) and _is_number(b))) or a != b:
        yield ValueChange(path, a, b)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
