"""Two texts as pairs of lines that stand beside one another, with the words marked that only one of them has. Pure.

Owns that no pair is long, however long the texts and whatever of them differs: to lay out one takes a bounded time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from workbench.sessions.differences import TextChange, text_changes

LONGEST: Final = 400  # characters of a piece, of which a side has some more at most
_PIECE: Final = re.compile(rf"[^\n]{{1,{LONGEST - 1}}}(?:\n|(?<=\s)|\s|$)|[^\n]{{1,{LONGEST}}}\n?|\n")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two has, which may be several lines; `marks` are the characters that the other has not."""

    text: str
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """What stands beside one another; None where one of the two has nothing there."""

    a: Side | None
    b: Side | None
    differs: bool = False


@dataclass(slots=True)
class _Run:
    a: str
    b: str
    differs: bool

    @property
    def is_line_end(self) -> bool:
        """Whether in both, as far as they have something here, a line ends."""
        return (self.a or self.b).endswith("\n") and all(not each or each.endswith("\n") for each in (self.a, self.b))


def whole(text: str) -> Side:
    """A side that is marked from its beginning to its end."""
    return Side(text, ((0, len(text)),))


def text_pairs(a: str, b: str, changes: Sequence[TextChange] | None = None) -> tuple[Pair, ...]:
    """The texts as pairs, in order; `changes` are those of `text_changes`, where they are known."""
    return tuple(_pairs(_runs(a, b, text_changes(a, b) if changes is None else changes)))


def _runs(a: str, b: str, changes: Sequence[TextChange]) -> Iterator[_Run]:
    """What is the same and what differs in turn, in pieces none of which goes over the end of a line."""
    at = 0
    for change in changes:
        yield from (_Run(piece, piece, differs=False) for piece in _pieces(a[at : change.a_start]))
        for lost, new in zip_longest(_pieces(change.lost), _pieces(change.new), fillvalue=""):
            yield _Run(lost, new, differs=True)
        at = change.a_end
    yield from (_Run(piece, piece, differs=False) for piece in _pieces(a[at:]))


def _pieces(text: str) -> Iterator[str]:
    return (found.group() for found in _PIECE.finditer(text))


def _pairs(runs: Iterator[_Run]) -> Iterator[Pair]:
    together: list[_Run] = []
    length = 0
    for run in runs:
        together.append(run)
        length += max(len(run.a), len(run.b))
        if run.is_line_end or length >= LONGEST:
            yield _pair(together)
            together, length = [], 0
    if together:
        yield _pair(together)


def _pair(runs: Sequence[_Run]) -> Pair:
    differs = any(run.differs for run in runs)
    return Pair(_side([(run.a, run.differs) for run in runs]), _side([(run.b, run.differs) for run in runs]), differs)


def _side(parts: Sequence[tuple[str, bool]]) -> Side | None:
    text = "".join(part for part, _ in parts)
    if not text:
        return None
    marks: list[Span] = []
    at = 0
    for part, is_marked in parts:
        if is_marked and part:
            marks.append((at, at + len(part)))
        at += len(part)
    shown = text.removesuffix("\n")
    return Side(shown, tuple((start, min(end, len(shown))) for start, end in marks if start < len(shown)))
