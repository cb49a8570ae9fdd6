"""The first line of the screen: what answers, what it knows, and which turn is shown."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from workbench.safe_text import safe_line

NAME = "Workbench"
LEAST_BESIDE = 60  # cells from which the program says its own name


class TitleBar(Widget):
    """`about` is cut when the line is too narrow; `where` stays, at the right end."""

    DEFAULT_CSS = """
    TitleBar { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """
    about: reactive[str] = reactive("")
    where: reactive[str] = reactive("")

    def render(self) -> RenderResult:
        """The program's name, what answers, and where one is."""
        width = self.content_size.width
        name = f"{NAME}  " if width >= LEAST_BESIDE else ""
        where = safe_line(self.where)
        room = max(0, width - len(name) - len(where) - 2)
        about = Content(safe_line(self.about)).truncate(room, ellipsis=True)
        gap = max(1, width - len(name) - about.cell_length - len(where))
        return Content.assemble((name, "bold"), about, " " * gap, where)
