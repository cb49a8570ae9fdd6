"""A line of tabs for panes that share one place. Owns which is active; moving focus is the app's business."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from workbench.safe_text import safe_line
from workbench.ui.widgets.fitting import beginning_of

GAP = 2  # cells between the tabs and the summary


class PaneTabs(Widget):
    """`tabs` are (name, title, key); the active one is marked by brackets, and by colour when one is in its pane.

    It is the title of that pane: `summary` is what the pane holds, at the right end, as far as the labels leave it
    room. Those keep their keys as long as there is room for one.
    """

    DEFAULT_CSS = """
    PaneTabs { height: 1; padding: 0 1; color: $wb-dim; }
    """
    active: reactive[str] = reactive("")
    summary: reactive[str] = reactive("")
    is_focused: reactive[bool] = reactive(False)

    class Chosen(Message):
        """Sent when a tab is clicked; `name` is the pane's."""

        def __init__(self, name: str) -> None:
            self.name = name
            super().__init__()

    def __init__(self, tabs: Sequence[tuple[str, str, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = tuple(tabs)

    def _labels(self) -> list[tuple[str, str]]:
        """Each tab's name and label: with key and title, else the keys and with the
        active one its title, else the keys and that title alone. They move together before any of that goes."""
        both = [f"{key} {title}".lstrip() for _, title, key in self._tabs]
        keys = [key or title for _, title, key in self._tabs]
        active = [name == self.active for name, _, _ in self._tabs]
        with_title = [whole if is_active else key for whole, key, is_active in zip(both, keys, active, strict=True)]
        least = [
            title if is_active else key for (_, title, _), key, is_active in zip(self._tabs, keys, active, strict=True)
        ]
        names = [name for name, _, _ in self._tabs]
        for labels, margin in product((both, with_title, least), (" ", "")):
            shown = [
                f"[{label}]" if is_active else f"{margin}{label}{margin}"
                for label, is_active in zip(labels, active, strict=True)
            ]
            if cell_len(" ".join(shown)) <= self.content_size.width:
                break
        return list(zip(names, shown, strict=True))

    def render(self) -> RenderResult:
        """The labels beside each other, the active one in brackets, and the summary where there is room for it."""
        width = max(0, self.content_size.width)
        look = "bold $wb-here" if self.is_focused else "bold"
        line = (
            Content(" ")
            .join(
                Content.styled(label, look) if name == self.active else Content(label) for name, label in self._labels()
            )
            .truncate(width)
        )
        summary = Content(beginning_of(safe_line(self.summary), max(0, width - line.cell_length - GAP)))
        return Content.assemble(line, " " * (width - line.cell_length - summary.cell_length), summary)

    def on_click(self, event: events.Click) -> None:
        """A click on a label sends `Chosen` with the tab's name."""
        x = event.x - 1
        for name, label in self._labels():
            if 0 <= x < len(label):
                self.post_message(self.Chosen(name))
                return
            x -= len(label) + 1
