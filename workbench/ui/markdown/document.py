"""An answer that grows: its Markdown source in pieces, its citations in any order, its lines so far.

Owns what is rendered again and what is not. A top-level block that another has followed is settled: it is rendered
once for a width, and again only when a citation touches it. Only the live end is parsed on a refresh, and of a long
code block only the new lines. However the pieces were cut, after `finish` the lines are those of the whole text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from workbench.ui.markdown.block_view import BlockView
from workbench.ui.markdown.blocks import parse_blocks
from workbench.ui.markdown.fence import OpenFence
from workbench.ui.markdown.model import BLANK, Line, Mark, PlacedMark
from workbench.ui.text import safe_text

# Of a last line that may become a list, a rule or a heading's underline, the reader is shown nothing yet.
_UNDECIDED = re.compile(r"\n {0,3}(?:-+|=+)[ \t]*\Z")


class Document:
    """The rendered answer. Change it with `append`, `mark`, `resize` and `finish`, then `refresh` once."""

    def __init__(self, width: int) -> None:
        self.lines: list[Line] = []
        self._width = width
        self._pieces: list[str] = []
        self._new: list[str] = []
        self._settled: list[BlockView] = []
        self._settled_lines = 0
        self._live: list[BlockView] = []
        self._tail = ""
        self._tail_start = 0
        self._marks: dict[int, Mark] = {}
        self._placed: dict[int, PlacedMark] = {}
        self._fresh: set[int] = set()
        self._fence: OpenFence | None = None
        self._finished = False
        self._stale = False

    @property
    def source(self) -> str:
        """The Markdown as it came."""
        return "".join(self._pieces)

    @property
    def live_size(self) -> int:
        """Characters that the next refresh renders again."""
        return len(self._tail) if self._fence is None else 0

    @property
    def marks(self) -> list[Mark]:
        """The citations, in the order of the text."""
        return sorted(self._marks.values(), key=lambda mark: (mark.start, mark.end, mark.index))

    def append(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._new.append(text)
            self._finished = False

    def mark(self, mark: Mark) -> None:
        """Add a citation, or replace the one of the same index."""
        if self._marks.get(mark.index) != mark:
            self._marks[mark.index] = mark
            self._fresh.add(mark.index)

    def resize(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self._stale = True

    def finish(self) -> None:
        """No more text will come: everything settles."""
        self._finished = True

    def refresh(self) -> int | None:
        """Bring `lines` up to date; the index of the first that differs, None when none does."""
        pending = self._new or self._fresh or self._stale or (self._finished and self._tail)
        if not pending:
            return None
        if self._fence is not None and not (self._fresh or self._stale or self._finished):
            return self._refresh_fence(self._fence)
        return self._refresh_blocks()

    # -- the live end ------------------------------------------------------------------

    def _refresh_blocks(self) -> int | None:
        """Parse the live end, settle what is done, render what is new or touched by a citation."""
        start = self._tail_start
        self._take_new()
        self._fence = None
        blocks = self._parse_tail()
        keep = 0 if self._finished else self._undecided_blocks(blocks)
        old = len(self._settled)
        self._settled += blocks[: max(len(blocks) - keep, 0)]
        self._live = blocks[len(self._settled) - old :]
        first = self._render_settled(self._place(start), old)
        kept = self._settled_lines if first == old else sum(len(block.lines) for block in self._settled[:first])
        before = self.lines[kept:]
        del self.lines[kept:]
        self._stale = False
        self._render_new(blocks, start, old)
        for block in (*self._settled[first:old], *blocks):
            self.lines += block.lines
        self._settled_lines = len(self.lines) - sum(len(block.lines) for block in self._live)
        self._cut_tail()
        self._open_fence()
        return _first_difference(before, self.lines, kept)

    def _render_settled(self, moved: Sequence[PlacedMark], count: int) -> int:
        """Render those of the first `count` blocks that need it; the number of the first, or `count`."""
        first = count
        marks = self._placed.values()
        for number, block in enumerate(self._settled[:count] if moved or self._stale else ()):
            if self._stale or any(block.touched_by(placed) for placed in moved):
                block.render(marks, self._width)
                first = min(first, number)
        return first

    def _render_new(self, blocks: Sequence[BlockView], start: int, old: int) -> None:
        marks = [placed for placed in self._placed.values() if placed.mark.end >= start or not old]
        for block in blocks:
            block.render(marks, self._width)
        for block in self._settled[old:]:
            block.settle()

    def _take_new(self) -> None:
        self._tail += "".join(self._new)
        self._new.clear()

    def _parse_tail(self) -> list[BlockView]:
        source = _prepared(self._tail)
        if not self._finished and (undecided := _UNDECIDED.search(source)):
            source = source[: undecided.start() + 1]
        start = self._tail_start
        return [
            BlockView(top, source[top.start - start : top.end - start], first=not (number or self._settled))
            for number, top in enumerate(parse_blocks(source, start))
        ]

    def _undecided_blocks(self, blocks: Sequence[BlockView]) -> int:
        """How many of the last blocks more text may still change.

        The last one always. When its last line is not complete, that line may begin a block or join the one
        before, and as the second line of a table it divides them: two whole lines of its own rule that out.
        """
        if not blocks or self._tail.endswith("\n"):
            return 1
        lines = self._tail.count("\n", blocks[-1].start - self._tail_start)
        return 1 if lines >= 2 else 2

    def _cut_tail(self) -> None:
        """What settled leaves the tail."""
        if self._live:
            start = self._live[0].start
        elif self._finished:
            start = self._tail_start + len(self._tail)
        else:
            return
        self._tail = self._tail[start - self._tail_start :]
        self._tail_start = start

    # -- a long code block that is still open -------------------------------------------

    def _open_fence(self) -> None:
        if len(self._live) != 1 or self._live[0].marks:
            return
        fence = OpenFence.at_start_of(_prepared(self._tail), self._width)
        if fence is not None:
            self._fence = fence
            self.lines[self._settled_lines :] = [BLANK] * bool(self._settled) + fence.lines

    def _refresh_fence(self, fence: OpenFence) -> int | None:
        self._take_new()
        growth = fence.grow(_prepared(self._tail))
        if growth is None:  # it may have been closed
            return self._refresh_blocks()
        changed = len(self.lines) - growth.replaced
        self.lines[changed:] = growth.lines
        return changed

    # -- citations -----------------------------------------------------------------------

    def _place(self, start: int) -> list[PlacedMark]:
        """Anchor the marks that are new or reach into text from `start` on.

        Returns what changed: the places that marks left and those that they took.
        """
        moved: list[PlacedMark] = []
        for index, mark in self._marks.items():
            if index not in self._fresh and mark.end < start:
                continue
            placed, before = PlacedMark(mark, self._anchor(mark)), self._placed.get(index)
            if placed != before:
                self._placed[index] = placed
                moved += [placed] if before is None else [before, placed]
        self._fresh.clear()
        return moved

    def _anchor(self, mark: Mark) -> int:
        """The offset of the last visible character before the span's end; -1 when there is none."""
        blocks = [*self._settled, *self._live] if mark.end > self._tail_start else self._settled
        at = bisect_right(blocks, mark.end - 1, key=lambda block: block.start)
        for block in reversed(blocks[:at]):
            found = block.last_visible(mark.end)
            if found is not None:
                return found
        return -1


def render(source: str, width: int, marks: Sequence[Mark] = ()) -> list[Line]:
    """The lines of a whole answer, none wider than `width` cells (at least 2)."""
    document = Document(width)
    document.append(source)
    for mark in marks:
        document.mark(mark)
    document.finish()
    document.refresh()
    return document.lines


def _prepared(source: str) -> str:
    """Safe text of the same length; the carriage return of a line's end becomes a blank."""
    return safe_text(source.replace("\r\n", " \n"))


def _first_difference(before: Sequence[Line], lines: Sequence[Line], start: int) -> int | None:
    """Where `lines` from `start` on first differ from `before`; None when they do not."""
    now = lines[start:]
    for number, (old, new) in enumerate(zip(before, now, strict=False)):
        if old != new:
            return start + number
    return None if len(before) == len(now) else start + min(len(before), len(now))
