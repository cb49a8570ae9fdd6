"""The values of rendered Markdown: marks that come in, lines that go out.

Owns no behaviour beyond looking at itself. Styles are names ("strong", "code", "cited", ...): which colours they
have is the widget's and its theme's affair, so a theme may change without rendering anything again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from rich.cells import cell_len

Styles = tuple[str, ...]
NoticeKind = Literal["error", "warning", "info"]

HIT: Final = "hit"
"""The style of words that are looked for,"""

HERE: Final = "hit-here"
"""and of those that one stands on."""

_BARS = frozenset({"quote-bar", "prompt-bar"})  # styles of what only shows where a text stands


@dataclass(frozen=True, slots=True)
class Mark:
    """A cited span of an answer: code points [start, end) of its source, and the numbers of its sources.

    `index` names the citation within its answer. The span is shown underlined, and `[n]` for each of
    `numbers` after it.
    """

    index: int
    start: int
    end: int
    numbers: tuple[int, ...] = ()


SPOT: Final = -1
"""The index of a mark that is no citation, but a span that one was led to."""


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark with the source offset of the character that its marker follows, -1 for none before it."""

    mark: Mark
    anchor: int


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look. `marks` are the indexes of the citations it is part of, as text or as marker."""

    text: str
    styles: Styles = ()
    marks: tuple[int, ...] = ()

    @property
    def is_marker(self) -> bool:
        """Whether it is the number of a citation, and not cited text."""
        return "marker" in self.styles


Find = Callable[[int, str], Sequence[tuple[int, int, str]]]
"""(number of a text of a piece, the text) -> the characters [start, end) of it that stand out, each with a style"""


def standing_out(runs: Sequence[Run], spans: Sequence[tuple[int, int, str]]) -> tuple[Run, ...]:
    """The runs with one more style for the characters of `spans`; the numbers of citations are not counted."""
    found, at = [], 0
    for run in runs:
        if run.is_marker:
            found.append(run)
            continue
        end = at + len(run.text)
        cuts = {at, end, *(place for start, stop, _ in spans for place in (start, stop) if at < place < end)}
        for first, last in pairwise(sorted(cuts)):
            names = tuple(name for start, stop, name in spans if start <= first < stop)
            found.append(Run(run.text[first - at : last - at], run.styles + names, run.marks))
        at = end
    return tuple(found)


@dataclass(frozen=True, slots=True)
class RenderedLine:
    """One line of cells, never wider than it was rendered for. `fill` styles the rest of the row.

    `glue` is what stands in the text between the line above and this one, where that goes on here because it was
    wrapped; None for a line of its own. Of its characters the first `lead` and the last `tail` are no part of the
    text. Two lines that look alike are equal, whatever is taken along of them.
    """

    runs: tuple[Run, ...] = ()
    fill: str = ""
    glue: str | None = field(default=None, compare=False)
    lead: int = field(default=0, compare=False)
    tail: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """Its characters as they are shown, markers among them."""
        return "".join(run.text for run in self.runs)

    def taken(self, start: int = 0, end: int = -1) -> str:
        """What is taken along of its characters [start, end); an end of -1 is the line's."""
        last = sum(len(run.text) for run in self.runs) - self.tail
        start, end = max(start, self.lead), last if end < 0 else min(end, last)
        parts, at = [], 0
        for run in self.runs:
            if _BARS.isdisjoint(run.styles):
                parts.append(run.text[max(start - at, 0) : max(end - at, 0)])
            at += len(run.text)
        return "".join(parts)

    @property
    def marks(self) -> frozenset[int]:
        """Indexes of the citations that are seen on this line."""
        return frozenset(index for run in self.runs for index in run.marks)

    def begins(self, index: int) -> int:
        """The first of its characters that citation `index` is seen by; 0 without one."""
        runs = [number for number, run in enumerate(self.runs) if index in run.marks]
        return sum(len(run.text) for run in self.runs[: runs[0]]) if runs else 0

    def marks_at(self, cell: int) -> tuple[int, ...]:
        """Indexes of the citations that stand at a cell of this line."""
        for run in self.runs:
            cell -= cell_len(run.text)
            if cell < 0:
                return run.marks
        return ()


def taken_along(parts: Iterable[tuple[RenderedLine, tuple[int, int]]]) -> str:
    """The text of lines one below the other, of each the characters [start, end): lines that were wrapped as one."""
    taken: list[str] = []
    for line, (start, end) in parts:
        if taken:
            taken.append("\n" if line.glue is None else line.glue)
        taken.append(line.taken(start, end))
    return "".join(taken)


BLANK = RenderedLine()
