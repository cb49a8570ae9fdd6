"""The first line of the screen: what answers, what it knows, and the two keys that lead everywhere."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from workbench.safe_text import safe_line

KEYS = "F1 help  ^P palette"


class TitleBar(Widget):
    """`about` is cut when the line is too narrow; the keys stay."""

    DEFAULT_CSS = """
    TitleBar { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """
    about: reactive[str] = reactive("")

    def render(self) -> RenderResult:
        width = self.content_size.width
        name = "Workbench   "
        room = max(0, width - len(name) - len(KEYS) - 2)
        about = Content(safe_line(self.about)).truncate(room, ellipsis=True)
        gap = max(1, width - len(name) - about.cell_length - len(KEYS))
        return Content.assemble((name, "bold"), about, " " * gap, (KEYS, "dim"))
