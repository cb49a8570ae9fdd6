"""A screen to read from: pairs of words in two columns, which wrap each in its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult, RenderResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget

from workbench.safe_text import safe_line
from workbench.ui.bindings import bindings

Pair = tuple[str, str]
GAP = 2  # cells between the columns
NARROWEST = 20  # cells that the right column needs to stand beside the left one


class Pairs(Widget):
    """A title, and pairs below it: in columns, or one below the other where there is no room for that."""

    DEFAULT_CSS = """
    Pairs { height: auto; margin-bottom: 1; }
    """

    def __init__(self, title: str, pairs: Sequence[Pair]) -> None:
        super().__init__()
        self._title = title
        self._pairs = [(safe_line(left), safe_line(right)) for left, right in pairs]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """How many lines the title and the pairs take at `width` cells."""
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """The title and the pairs, wrapped to the width of now."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        longest = max((Content(left).cell_length for left, _ in self._pairs), default=0)
        left_width = min(longest, width * 2 // 5)
        beside = width - left_width - GAP
        lines = [Content.styled(self._title, "bold")]
        for left, right in self._pairs:
            name = Content.styled(left, "bold")
            if beside < NARROWEST:
                lines += name.wrap(max(2, width))
                lines += [line.pad_left(GAP) for line in Content(right).wrap(max(2, width - GAP))]
            else:
                lines += _columns(name.wrap(left_width), Content(right).wrap(beside), left_width)
        return lines


def _columns(left: Sequence[Content], right: Sequence[Content], width: int) -> list[Content]:
    blank = Content("")
    rows = max(len(left), len(right))
    padded = [*left, *[blank] * (rows - len(left))], [*right, *[blank] * (rows - len(right))]
    return [
        Content.assemble(name, " " * (width + GAP - name.cell_length), meaning)
        for name, meaning in zip(*padded, strict=True)
    ]


class ReadingScreen(ModalScreen[None]):
    """`tables` are titles with their pairs."""

    DEFAULT_CSS = """
    ReadingScreen { align: center middle; }
    ReadingScreen > VerticalScroll {
        width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 1 2 0 2; background: $wb-surface;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("reading")]

    def __init__(self, *tables: tuple[str, Sequence[Pair]]) -> None:
        super().__init__()
        self._tables = tables

    def compose(self) -> ComposeResult:
        """The tables, one below the other, which scroll together."""
        with VerticalScroll():
            for title, pairs in self._tables:
                yield Pairs(title, pairs)
