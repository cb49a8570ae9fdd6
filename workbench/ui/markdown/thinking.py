"""What a model thought: a heading that tells its state, and plain text that is folded away unless asked for.

Owns which of it is shown. Text that grows is not wrapped again but for its last line, and folded not at all.
"""

from __future__ import annotations

from workbench.ui.markdown.column import Column, LinesChange, RecentPieces
from workbench.ui.markdown.feed import LineFeed
from workbench.ui.markdown.layout import plain_lines
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

    def end(self, seconds: float | None = None) -> None:
        """The thinking is over; `seconds` is how long it took, when that is known."""
        self._stale = self._stale or self._streaming or seconds is not None
        self._streaming = False
        self._seconds = seconds if seconds is not None else self._seconds

    def toggle(self) -> None:
        """Unfold what is folded away, or fold it again; seen after the next `update`."""
        self.unfolded = not self.unfolded
        self._stale = True

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
        whole = [PlainPiece(line.text, _STYLES, _INDENT) for line in taken(self._feed)]
        rest = self._feed.rest()
        self._last = "" if rest is None else rest.text
        live = [PlainPiece(self._last, _STYLES, _INDENT)] if self._last else []
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
