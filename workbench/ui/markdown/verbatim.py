"""Text that is no Markdown, word for word, as pieces of a column: a question, a thought, a notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.ui.markdown.column import Column, RecentPieces
from workbench.ui.markdown.feed import LineFeed, SourceLine
from workbench.ui.markdown.layout import plain_lines
from workbench.ui.markdown.line import RenderedLine, Run, Styles


@dataclass(slots=True, eq=False)
class PlainPiece:
    """One line of text, with `indent` before each line that it is wrapped to."""

    text: str
    styles: Styles = ()
    indent: str = ""
    shown: list[RenderedLine] | None = None
    key: object = None

    def context(self, width: int) -> object:
        """None: its lines depend on the text and the width alone."""
        return None

    def estimate(self, width: int) -> int:
        """About how many lines it takes at a width in cells; at least 1."""
        return -(-len(self.text) // max(width - len(self.indent), 1)) or 1

    def same(self, other: object) -> bool:
        """Whether the other has the same text in the same styles."""
        return isinstance(other, PlainPiece) and (self.text, self.styles) == (other.text, other.styles)

    def drop(self) -> None:
        """Forget the lines; the text stays."""
        self.shown = None


def plain_column(width: int, kept: RecentPieces) -> Column[PlainPiece]:
    """A column for such pieces, of `width` cells; `kept` bounds how many of them stay laid out."""
    return Column(width, _layout, kept)


def plain_pieces(text: str, styles: Styles, indent: str = "") -> list[PlainPiece]:
    """`text` line by line; lines that are too long for a piece are cut."""
    feed = LineFeed()
    feed.add(text)
    pieces = [PlainPiece(line.text, styles, indent) for line in taken(feed)]
    rest = feed.take_rest()
    return [*pieces, PlainPiece("" if rest is None else rest.text, styles, indent)]


def taken(feed: LineFeed) -> Iterator[SourceLine]:
    """The lines that are complete."""
    while (line := feed.take()) is not None:
        yield line


def _layout(piece: PlainPiece, width: int, number: int) -> list[RenderedLine]:
    lines = plain_lines(piece.text, width - len(piece.indent), piece.styles)
    return [RenderedLine((Run(piece.indent), *line.runs)) for line in lines] if piece.indent else lines
