"""One line of words about the turn. It is painted when something happens, never by a clock."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from workbench.safe_text import safe_line


class StatusLine(Widget):
    """`left` is cut when it does not fit."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; color: $wb-dim; }
    """
    left: reactive[str] = reactive("")

    def render(self) -> RenderResult:
        """The words on one line, cut when they do not fit."""
        return Content(safe_line(self.left)).truncate(max(0, self.content_size.width), ellipsis=True)
