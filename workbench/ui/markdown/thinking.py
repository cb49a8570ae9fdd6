"""What a model thought: a heading that tells its state, and plain text that is folded away unless asked for.

Owns which of it is shown. Text that grows is not wrapped again but for its last line, and folded not at all. What a
citation marks of it, it marks line by line.
"""

from __future__ import annotations

from bisect import bisect_right

from workbench.ui.markdown.column import Column, LinesChange, RecentPieces
from workbench.ui.markdown.feed import LineFeed
from workbench.ui.markdown.layout import plain_lines
from workbench.ui.markdown.line import Mark
from workbench.ui.markdown.verbatim import PlainPiece, plain_column, taken

_PREVIEW = 2  # lines of the newest thinking that a folded one shows while it streams
_INDENT = "  "
_STYLES = ("thinking",)


class Thinking:
    """Change it with `append`, `end`, `toggle` and `resize`, then `update` it; `columns` are what it shows."""

    def __init__(self, width: int, kept: RecentPieces | None = None) -> None:
        kept = kept or RecentPieces()
        self.unfolded = False
        self.previews = True
        self._streaming = False
        self._seconds: float | None = None
        self._feed = LineFeed()
        self._any = False
        self._stale = False
        self._open = False  # what is shown
        self._last = ""
        self._whole = 0  # pieces of the body that are complete
        self._marks: dict[int, Mark] = {}
        self._head = plain_column(width, kept)
        self._body = plain_column(width, kept)
        self._foot = plain_column(width, kept)
        self._foot.append(PlainPiece(""))

    def __bool__(self) -> bool:
        return self._any

    @property
    def columns(self) -> tuple[Column[PlainPiece], ...]:
        """What is shown, from top to bottom: the heading, and with it body and foot when they are open."""
        return (self._head, self._body, self._foot) if self._open else (self._head,)

    @property
    def height(self) -> int:
        """How many lines are shown, as of the last `update`."""
        return sum(column.height for column in self.columns)

    def append(self, text: str) -> None:
        """A piece of what is thought came; nothing is laid out yet."""
        if not text:
            return
        self._any = self._stale = self._streaming = True
        self._feed.add(text)

    @property
    def marks(self) -> list[Mark]:
        """The citations of what was thought, in the order of the text."""
        return sorted(self._marks.values(), key=lambda mark: (mark.start, mark.end, mark.index))

    def mark(self, mark: Mark) -> None:
        """Add a citation, or replace the one of the same index; offsets are code points of what was thought."""
        old = self._marks.get(mark.index)
        self._marks[mark.index] = mark
        pieces = self._body.pieces
        for number in sorted({*self._touched(mark), *(() if old is None else self._touched(old))}):
            kept = tuple(each for each in pieces[number].marks if each.index != mark.index)
            pieces[number].marks = (*kept, mark) if pieces[number].touched_by(mark) else kept
            pieces[number].key = None
            self._body.doubt(number, number + 1)
        self._stale = True

    def reveal(self, index: int) -> bool:
        """Unfold what was thought when citation `index` rests there and is folded away; return whether it was."""
        if index not in self._marks or self.unfolded:
            return False
        self.toggle()
        return True

    def citation_lines(self, index: int, changes: list[LinesChange]) -> tuple[int, int] | None:
        """The first and the last line that show a citation, the heading for one that is folded away; None without one.

        What is laid out adds to `changes`.
        """
        if index not in self._marks:
            return None
        if not self._open:
            return 0, 0
        found: list[int] = []
        for number in self._touched(self._marks[index]):
            if change := self._body.lay_out(number):
                changes.append(change.below(self._head.height))
            top = self._head.height + self._body.top(number)
            found += (top + at for at, line in enumerate(self._body.piece_lines(number)) if index in line.marks)
        return (found[0], found[-1]) if found else None

    def _touched(self, mark: Mark) -> range:
        """The numbers of the lines that a span touches."""
        pieces = self._body.pieces
        first = max(0, bisect_right(pieces, mark.start, key=lambda piece: piece.start) - 1)
        end = bisect_right(pieces, mark.end - 1, key=lambda piece: piece.start)
        return range(first, max(first, end))

    def end(self, seconds: float | None = None) -> None:
        """The thinking is over; `seconds` is how long it took, when that is known."""
        self._stale = self._stale or self._streaming or seconds is not None
        self._streaming = False
        self._seconds = seconds if seconds is not None else self._seconds

    def go_on(self) -> None:
        """How long it took is not known yet, though no more of it has come."""
        self._seconds, self._stale = None, True

    def toggle(self) -> None:
        """Unfold what is folded away, or fold it again; seen after the next `update`."""
        self.unfolded = not self.unfolded
        self._stale = True

    @property
    def body(self) -> Column[PlainPiece]:
        """What was thought, line by line, whether it is shown or folded away."""
        return self._body

    @property
    def settled(self) -> int:
        """How many of the body's pieces will stay as they are."""
        return self._whole

    def resize(self, width: int) -> None:
        """Take another width; nothing is laid out yet."""
        for column in (self._head, self._body, self._foot):
            column.resize(width)
        self._stale = True

    def update(self) -> LinesChange | None:
        """Bring what is shown up to date; return what changed, None for nothing. What is folded away is only kept."""
        if not (self and self._stale):
            return None
        self._stale = False
        before, opened = self.height, self._open != self.unfolded
        grown = self._grow()
        head = self._head.replace(0, self._heading())
        self._open = self.unfolded
        firsts = [] if head is None else [head.first]
        firsts += [self._head.height] if opened else []
        firsts += [self._head.height + grown.first] if grown is not None and self._open else []
        return LinesChange(min(firsts), before, self.height - before) if firsts else None

    def _grow(self) -> LinesChange | None:
        """Take in the text that is new."""
        before = self._feed.position
        whole = [PlainPiece(line.text, _STYLES, _INDENT, start=line.start) for line in taken(self._feed)]
        rest = self._feed.rest()
        self._last = "" if rest is None else rest.text
        live = [PlainPiece(rest.text, _STYLES, _INDENT, start=rest.start)] if rest is not None and rest.text else []
        waiting = [mark for mark in self._marks.values() if mark.end > before]
        for piece in (*whole, *live) if waiting else ():
            piece.marks = tuple(mark for mark in waiting if piece.touched_by(mark))
        change = self._body.replace(self._whole, [*whole, *live])
        self._whole += len(whole)
        return change

    def _heading(self) -> list[PlainPiece]:
        if self._streaming:
            state = "thinking …"
        else:
            state = "thought" if self._seconds is None else f"thought for {self._seconds:.1f} s"
        arrow = "▾" if self.unfolded or self._streaming else "▸"
        heading = PlainPiece(f"{arrow} {state}", ("thinking-label",))
        return [heading, *(self._preview() if self._streaming and self.previews and not self.unfolded else ())]

    def _preview(self) -> list[PlainPiece]:
        """The newest lines: enough text for them is wrapped, never all of it."""
        width = self._head.width
        text = self._last[-_PREVIEW * width :].lstrip()
        lines = plain_lines(text, width - len(_INDENT))[-_PREVIEW:] if text else []
        return [PlainPiece(line.text, _STYLES, _INDENT) for line in lines]
