"""One row of a list: what it says folded and open, and its lines at a width.

Owns cutting a line with a count of what is hidden. It refuses colours: content carries style names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from workbench.safe_text import safe_line
from workbench.ui.markdown.line import RenderedLine, Run
from workbench.ui.widgets.fitting import word_end

LONGEST_LINE = 1000  # characters of a text that become part of a line: more than any screen is wide
MARKS_OF_A_CELL = 8  # characters that one cell may hold, combining marks among them
MARGIN = 1  # cells before each line, for the bar of the row that one stands on
TAIL_SHARE = (2, 5)  # of the width, that may go to the tail of a line


@dataclass(frozen=True, slots=True)
class Row:
    """`head` is one line, cut at the width with a count of what is hidden, before the first of `tails` that leaves it
    room, at its right end. Below it stands `brief`, cut alike, and what `folded` gives for the width, while the row is
    folded, and `body`, wrapped and indented by `indent` cells, while it is open; a body that is costly is given as a
    function. `copied` gives what is copied of it, where that is not the body.

    With `repeats`, body and `copied` say what the head does: words that are in the head are not looked for in it.
    One that `holds` others has their text as `copied`; they stand behind it when it is open. `found` gives what can be
    found below the head, where that is another text, and `said` is what can be found in the head, where it says more.

    `head_rest` and `brief_rest` count characters that belong to the line and were left out of it from the start.
    `look_at` is the code point of `body` that `show` brings into view. `least` is how many lines it is given room for,
    also where it has fewer: it is about to have them, or had them before.
    """

    head: Content
    tails: tuple[Content, ...] = ()
    brief: Content | None = None
    body: Content | Callable[[], Content] | None = None
    indent: int = 3
    look_at: int | None = None
    head_rest: int = 0
    brief_rest: int = 0
    folded: Callable[[int], Sequence[Content]] | None = None
    copied: Callable[[], str] | None = None
    repeats: bool = False
    holds: bool = False
    least: int = 1
    found: Callable[[], str] | None = None
    said: str | None = None

    def lines(self, width: int, *, is_open: bool) -> list[Content]:
        """The row as lines of at most `width` cells."""
        lines = [self._first_line(width)]
        if is_open and (body := self.whole_body()) is not None:
            lines += (line.pad_left(self.indent) for line in body.wrap(max(2, width - self.indent)))
            return lines
        if self.brief is not None:
            lines.append(cut(self.brief, width, self.brief_rest))
        if self.folded is not None:
            lines += self.folded(width)
        return lines

    def taken_lines(self, width: int, *, is_open: bool) -> list[RenderedLine]:
        """The same lines, as what is selected of them is taken along."""
        lines = [line.plain for line in self.lines(width, is_open=is_open)]
        body = self.whole_body() if is_open else None
        if body is None:
            return [_taken(line, _blanks(line) if at else MARGIN) for at, line in enumerate(lines)]
        glues = joints([line[self.indent :] for line in lines[1:]], body.plain)
        below = [_taken(line, self.indent, glue) for line, glue in zip(lines[1:], glues, strict=True)]
        return [_taken(lines[0], MARGIN), *below]

    @property
    def head_line(self) -> int:
        """Which of its lines is the head, counted from 0: the one that stays in view while one reads the row."""
        return 0

    def folded_height(self, width: int) -> int | None:
        """How many lines it has folded; None when that is only known once it is laid out."""
        below = len(self.folded(width)) if self.folded is not None else 0
        return 1 + (self.brief is not None) + below

    def looked_at(self, width: int) -> range:
        """The lines, counted from its first while it is open, that `show` brings into view; empty when none matter."""
        if self.look_at is None or (body := self.whole_body()) is None:
            return range(0)
        last = len(body[: self.look_at + 1].wrap(max(2, width - self.indent)))
        return range(last, last + 1)

    def _first_line(self, width: int) -> Content:
        part, whole = TAIL_SHARE
        tail = next((tail for tail in self.tails if tail.cell_length * whole <= width * part), None)
        if tail is None:
            return cut(self.head, width, self.head_rest)
        head = cut(self.head, width - tail.cell_length - 1, self.head_rest)
        return Content.assemble(head.truncate(width - tail.cell_length, pad=True), tail)

    def whole_body(self) -> Content | None:
        """The body, made now when it is given as a function; None when the row has none."""
        return self.body() if callable(self.body) else self.body

    def searched(self) -> tuple[str, str]:
        """What can be found in it: its head, and what stands below, folded away or not."""
        if self.said is not None or self.found is not None:
            return self.head.plain if self.said is None else self.said, "" if self.found is None else self.found()
        if (self.holds or self.repeats) and self.copied is not None:
            return self.head.plain, self.copied()
        below = self.whole_body() or self.brief
        return self.head.plain, "" if below is None else below.plain

    def showing(self, offset: int) -> tuple[Row, int]:
        """The row that shows, open, what stands below its head at an offset, and from which offset on it does."""
        return self, 0

    def text(self) -> str:
        """All that it says, as it is copied."""
        if self.copied is not None:
            return self.copied()
        body = self.whole_body()
        return self.head.plain.strip() if body is None else body.plain


def _taken(line: str, lead: int, glue: str | None = None) -> RenderedLine:
    return RenderedLine((Run(line),), glue=glue, lead=lead, tail=len(line) - len(line.rstrip()))


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip())


def joints(lines: Sequence[str], text: str) -> Iterator[str | None]:
    """What joins each of the lines that `text` was wrapped to to the line above; None for a line of its own."""
    at = 0
    for number, line in enumerate(lines):
        start = at
        while start < len(text) and text[start] in " \t":
            start += 1
        if text[start : start + 1] == "\n" and number:
            at, glue = start + 1, None
        else:  # the blanks at a break are on neither line, and those at a beginning are on it
            at, glue = (at if text.startswith(line, at) else start), text[at:start] if number else None
        yield glue
        at += len(line) if text.startswith(line, at) else len(line.rstrip())


MakeRow = Callable[[], Row]
"""Makes a row when it is first seen; until then it is one line."""


class LazyRow:
    """Makes a row when it is first seen, and says what can be found in it without that: of one that `repeats`."""

    __slots__ = ()

    def __call__(self) -> Row:
        """The row."""
        raise NotImplementedError

    def searched(self) -> tuple[str, str]:
        """As of the row."""
        raise NotImplementedError


def beginning(text: str) -> tuple[str, int]:
    """As much of a text as a line can need, safe to show, and how many characters were left out."""
    return safe_line(text[:LONGEST_LINE]), max(0, len(text) - LONGEST_LINE)


def cut(line: Content, width: int, rest: int = 0) -> Content:
    """The line as it fits the width, with how many characters of it, and of the `rest` behind it, do not."""
    length = len(line) + rest
    line = line[: MARKS_OF_A_CELL * (width + 1)]  # what cannot fit costs nothing
    if len(line) == length and line.cell_length <= width:
        return line
    mark = "…"
    for _ in range(2):  # the count's own length decides how much is hidden
        shown = line.truncate(max(0, width - cell_len(mark)))
        shown = shown[: word_end(shown.plain, line.plain[len(shown) : len(shown) + 1])]
        mark = f"… +{length - len(shown)}"
    return shown + Content.styled(mark, "muted") if width > len(mark) else line.truncate(max(0, width))
