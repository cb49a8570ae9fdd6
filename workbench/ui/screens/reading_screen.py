"""A screen to read from: pairs of words in two columns, which wrap each in its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from workbench.safe_text import safe_line
from workbench.ui.bindings import bindings

Pair = tuple[str, str]
GAP = 2  # cells between the columns
SEARCH_HINT = "/ searches, Esc closes"
NARROWEST = 20  # cells that the right column needs to stand beside the left one


class Pairs(Widget):
    """A title, and pairs below it: in columns, or one below the other where there is no room for that."""

    DEFAULT_CSS = """
    Pairs { height: auto; margin-bottom: 1; }
    """

    def __init__(self, title: str, pairs: Sequence[Pair]) -> None:
        super().__init__()
        self._title = title
        self._all = [(safe_line(left), safe_line(right)) for left, right in pairs]
        self._pairs = self._all
        self._laid_out: tuple[int, list[Content]] | None = None  # for a width, which is asked about several times

    def only(self, words: Sequence[str]) -> None:
        """Show the pairs that have all these words, in whatever case; nothing at all where there is none."""
        folded = [word.casefold() for word in words]
        self._pairs = [pair for pair in self._all if all(word in " ".join(pair).casefold() for word in folded)]
        self._laid_out = None
        self.display = bool(self._pairs)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """How many lines the title and the pairs take at `width` cells."""
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """The title and the pairs, wrapped to the width of now."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        if self._laid_out is None or self._laid_out[0] != width:
            self._laid_out = width, self._wrapped(width)
        return self._laid_out[1]

    def _wrapped(self, width: int) -> list[Content]:
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
    """`tables` are titles with their pairs. A slash begins a search: only pairs with all its words stay."""

    DEFAULT_CSS = """
    ReadingScreen { align: center top; }
    ReadingScreen > VerticalScroll {
        width: 100; max-width: 100%; height: auto; max-height: 100%; padding: 1 2 0 2; background: $wb-surface;
        scrollbar-size-vertical: 1;
    }
    ReadingScreen #search { height: 1; margin-bottom: 1; color: $wb-dim; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("reading")]

    searched: reactive[str | None] = reactive(None, init=False)
    """What is looked for; None while nobody looks for anything."""

    def __init__(self, *tables: tuple[str, Sequence[Pair]]) -> None:
        super().__init__()
        self._tables = tables

    def compose(self) -> ComposeResult:
        """The search, and the tables, one below the other, which scroll together."""
        with VerticalScroll():
            yield Static(SEARCH_HINT, id="search", markup=False)
            for title, pairs in self._tables:
                yield Pairs(title, pairs)

    def on_key(self, event: events.Key) -> None:
        """What is typed behind a slash is looked for, and Escape ends that."""
        words = self._after(event)
        if words is not self.searched:
            event.stop()
            event.prevent_default()
            self.searched = words

    def _after(self, event: events.Key) -> str | None:
        """What is looked for behind this key."""
        if self.searched is None:
            return None
        if event.key == "escape":
            return None
        if event.key == "backspace":
            return self.searched[:-1] if self.searched else None
        return self.searched + event.character if event.is_printable and event.character else self.searched

    def action_search(self) -> None:
        """Begin to type what is looked for."""
        self.searched = ""

    def watch_searched(self, words: str | None) -> None:
        """Show what is looked for, and the pairs that have it."""
        self.query_one("#search", Static).update(SEARCH_HINT if words is None else safe_line(f"/{words}▏"))
        for pairs in self.query(Pairs):
            pairs.only((words or "").split())
