"""The first line of the screen: what answers, what it knows, and which turn is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from workbench.safe_text import safe_line
from workbench.ui.widgets.fitting import BETWEEN, most_worth

NAME: Final = "Workbench"
GAP: Final = 2  # cells between what stands here


class TitleBar(Widget):
    """`about` is in parts, each with its worth: the least ones go when the line is too narrow, and the program's name
    before them; `where` stays, at the right end."""

    DEFAULT_CSS = """
    TitleBar { height: 1; padding: 0 1; background: $wb-panel; color: $wb-text; }
    """
    about: reactive[Sequence[tuple[str, int]]] = reactive(())
    where: reactive[str] = reactive("")

    def render(self) -> RenderResult:
        """The program's name, what answers, and where one is."""
        width = self.content_size.width
        where = safe_line(self.where)
        room = max(0, width - cell_len(where) - GAP)
        parts = [(safe_line(text), worth) for text, worth in self.about]
        whole = BETWEEN.join(text for text, _ in parts)
        name = f"{NAME}{' ' * GAP}" if cell_len(whole) <= room - len(NAME) - GAP else ""
        about = most_worth(parts, room - len(name))
        gap = max(1, width - len(name) - cell_len(about) - cell_len(where))
        return Content.assemble((name, "bold"), about, " " * gap, where)
