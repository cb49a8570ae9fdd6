"""Text that is no Markdown, word for word, as pieces of a column: a question, a thought, a notice. It can be cited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len

from workbench.ui.markdown.column import Column, RecentPieces
from workbench.ui.markdown.feed import LineFeed, SourceLine
from workbench.ui.markdown.flow import FlowBuilder, annotate
from workbench.ui.markdown.layout import plain_lines
from workbench.ui.markdown.line import Find, Mark, PlacedMark, RenderedLine, Run, Styles, standing_out
from workbench.ui.markdown.wrap import cut_lines, wrap_spans

RULE: Final[Styles] = ("rule",)
_TAB: Final = "    "
_RULE_END: Final = 2  # cells of the rule behind its words


@dataclass(slots=True, eq=False)
class PlainPiece:
    """One line of text, with `indent` before each line that it is wrapped to; `fill` styles the rest of their rows.

    `start` is its offset in the text that it is a line of, and `marks` are the citations there that touch it.
    """

    text: str
    styles: Styles = ()
    indent: str = ""
    indent_styles: Styles = ()
    fill: str = ""
    start: int = 0
    marks: tuple[Mark, ...] = ()
    shown: list[RenderedLine] | None = None
    key: object = None

    def context(self, width: int) -> object:
        """None: its lines depend on the text, its marks and the width alone."""
        return None

    def estimate(self, width: int) -> int:
        """About how many lines it takes at a width in cells; at least 1."""
        return -(-len(self.text) // max(width - len(self.indent), 1)) or 1

    def same(self, other: object) -> bool:
        """Whether the other is of the same kind, with the same text in the same styles."""
        return type(other) is type(self) and (self.text, self.styles, self.marks) == (
            other.text,
            other.styles,
            other.marks,
        )

    def touched_by(self, mark: Mark) -> bool:
        """Whether some of a cited span is in this line."""
        return mark.start < self.start + len(self.text) and mark.end > self.start

    def drop(self) -> None:
        """Forget the lines; the text stays."""
        self.shown = None

    def searched(self) -> tuple[str, ...]:
        """What can be found in it."""
        return (self.text.replace("\t", _TAB),)

    def lines(self, width: int, find: Find | None = None) -> list[RenderedLine]:
        """Its lines at a width in cells; `find` says what stands out in its text."""
        room = width - len(self.indent)
        if self.marks or find is not None:
            lines = _marked_lines(self, room, find)
        else:
            lines = plain_lines(self.text, room, self.styles)
        if not self.indent and not self.fill:
            return lines
        before = (Run(self.indent, self.indent_styles),) if self.indent else ()
        return [RenderedLine((*before, *line.runs), self.fill, line.glue, len(self.indent)) for line in lines]


@dataclass(slots=True, eq=False)
class RulePiece(PlainPiece):
    """A thin rule over the whole width, with `text` near its right end."""

    def estimate(self, width: int) -> int:
        """One line, at any width."""
        return 1

    def searched(self) -> tuple[str, ...]:
        """Nothing: it is no text that anybody wrote."""
        return ()

    def lines(self, width: int, find: Find | None = None) -> list[RenderedLine]:
        """One line: the text stands in the rule where there is room for both."""
        words = f" {self.text} "
        left = width - cell_len(words) - _RULE_END
        if left < 1:
            return [RenderedLine((Run("─" * width, RULE),), lead=width)]
        runs = Run("─" * left, RULE), Run(words, self.styles), Run("─" * _RULE_END, RULE)
        return [RenderedLine(runs, lead=sum(len(run.text) for run in runs))]


def plain_column(width: int, kept: RecentPieces) -> Column[PlainPiece]:
    """A column for such pieces, of `width` cells; `kept` bounds how many of them stay laid out."""
    return Column(width, _layout, kept)


def plain_pieces(text: str, like: PlainPiece) -> list[PlainPiece]:
    """`text` line by line, each `like` this piece but for its text; lines that are too long for a piece are cut."""
    feed = LineFeed()
    feed.add(text)
    lines = list(taken(feed))
    rest = feed.take_rest()
    found = [replace(like, text=line.text, start=line.start) for line in (*lines, *(() if rest is None else (rest,)))]
    return found if rest is not None else [*found, replace(like, text="", start=len(text))]


def taken(feed: LineFeed) -> Iterator[SourceLine]:
    """The lines that are complete."""
    while (line := feed.take()) is not None:
        yield line


def _layout(piece: PlainPiece, width: int, number: int) -> list[RenderedLine]:
    return piece.lines(width)


def _marked_lines(piece: PlainPiece, width: int, find: Find | None) -> list[RenderedLine]:
    """The line with its cited words marked, a number behind each that ends here, and with what stands out."""
    flow = FlowBuilder(piece.styles)
    for at, character in enumerate(piece.text, piece.start):
        flow.add_at(_TAB if character == "\t" else character, at)
    built = flow.build()
    runs = annotate(built, [PlacedMark(mark, _anchor(piece, mark)) for mark in piece.marks])
    if find is not None:
        runs = standing_out(runs, find(0, built.text))
    text = "".join(run.text for run in runs)
    return list(cut_lines(runs, wrap_spans(text, width), text))


def _anchor(piece: PlainPiece, mark: Mark) -> int:
    """The offset of the last character of the span that is seen, when the span ends in this line; else -1."""
    if mark.end > piece.start + len(piece.text) + 1:
        return -1
    end = min(mark.end - piece.start, len(piece.text))
    return piece.start + len(piece.text[:end].rstrip()) - 1
