"""The first line of the screen: what answers, what it knows, and the keys that lead everywhere."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from workbench.safe_text import safe_line


class TitleBar(Widget):
    """`about` is cut when the line is too narrow; the `keys` stay."""

    DEFAULT_CSS = """
    TitleBar { height: 1; padding: 0 1; background: $wb-panel; color: $wb-text; }
    """
    about: reactive[str] = reactive("")

    def __init__(self, keys: str) -> None:
        super().__init__()
        self._keys = keys

    def render(self) -> RenderResult:
        """The program's name, what answers, and the keys at the right end."""
        width = self.content_size.width
        name = "Workbench   "
        room = max(0, width - len(name) - len(self._keys) - 2)
        about = Content(safe_line(self.about)).truncate(room, ellipsis=True)
        gap = max(1, width - len(name) - about.cell_length - len(self._keys))
        return Content.assemble((name, "bold"), about, " " * gap, (self._keys, "$wb-dim"))
