"""Text that is no Markdown, word for word, as pieces of a column: a question, a thought, a notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len

from workbench.ui.markdown.column import Column, RecentPieces
from workbench.ui.markdown.feed import LineFeed, SourceLine
from workbench.ui.markdown.layout import plain_lines
from workbench.ui.markdown.line import RenderedLine, Run, Styles

RULE: Final[Styles] = ("rule",)
_RULE_END: Final = 2  # cells of the rule behind its words


@dataclass(slots=True, eq=False)
class PlainPiece:
    """One line of text, with `indent` before each line that it is wrapped to; `fill` styles the rest of their rows."""

    text: str
    styles: Styles = ()
    indent: str = ""
    indent_styles: Styles = ()
    fill: str = ""
    shown: list[RenderedLine] | None = None
    key: object = None

    def context(self, width: int) -> object:
        """None: its lines depend on the text and the width alone."""
        return None

    def estimate(self, width: int) -> int:
        """About how many lines it takes at a width in cells; at least 1."""
        return -(-len(self.text) // max(width - len(self.indent), 1)) or 1

    def same(self, other: object) -> bool:
        """Whether the other is of the same kind, with the same text in the same styles."""
        return type(other) is type(self) and (self.text, self.styles) == (other.text, other.styles)

    def drop(self) -> None:
        """Forget the lines; the text stays."""
        self.shown = None

    def lines(self, width: int) -> list[RenderedLine]:
        """Its lines at a width in cells."""
        lines = plain_lines(self.text, width - len(self.indent), self.styles)
        if not self.indent and not self.fill:
            return lines
        before = (Run(self.indent, self.indent_styles),) if self.indent else ()
        return [RenderedLine((*before, *line.runs), self.fill) for line in lines]


@dataclass(slots=True, eq=False)
class RulePiece(PlainPiece):
    """A thin rule over the whole width, with `text` near its right end."""

    def estimate(self, width: int) -> int:
        """One line, at any width."""
        return 1

    def lines(self, width: int) -> list[RenderedLine]:
        """One line: the text stands in the rule where there is room for both."""
        words = f" {self.text} "
        left = width - cell_len(words) - _RULE_END
        if left < 1:
            return [RenderedLine((Run("─" * width, RULE),))]
        return [RenderedLine((Run("─" * left, RULE), Run(words, self.styles), Run("─" * _RULE_END, RULE)))]


def plain_column(width: int, kept: RecentPieces) -> Column[PlainPiece]:
    """A column for such pieces, of `width` cells; `kept` bounds how many of them stay laid out."""
    return Column(width, _layout, kept)


def plain_pieces(text: str, like: PlainPiece) -> list[PlainPiece]:
    """`text` line by line, each `like` this piece but for its text; lines that are too long for a piece are cut."""
    feed = LineFeed()
    feed.add(text)
    texts = [line.text for line in taken(feed)]
    rest = feed.take_rest()
    return [replace(like, text=each) for each in (*texts, "" if rest is None else rest.text)]


def taken(feed: LineFeed) -> Iterator[SourceLine]:
    """The lines that are complete."""
    while (line := feed.take()) is not None:
        yield line


def _layout(piece: PlainPiece, width: int, number: int) -> list[RenderedLine]:
    return piece.lines(width)
