"""What all panes share: a title line with a word on the right, a body below, and a turn that they show.

A message tells a pane what changed of which turn. What it shows it reads from the turn, and so it can show any.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from rich.cells import cell_len
from textual.app import ComposeResult, RenderResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from workbench.safe_text import safe_line
from workbench.ui.keymap import Keymap
from workbench.ui.messages import EventMessage, TurnBegan, TurnRewound
from workbench.ui.widgets.fitting import beginning_of
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn


@runtime_checkable
class DetailedPane(Protocol):
    """A pane that shows more of what it has when that is asked for."""

    def toggle_detail(self) -> None:
        """Show more, or less again."""


class PaneTitle(Widget):
    """One line: the pane's name at the left, marked while the pane has the focus, what it holds at the right."""

    DEFAULT_CSS = """
    PaneTitle { height: 1; padding: 0 1 0 0; color: $wb-dim; text-style: bold; }
    PaneTitle.-focused { color: $wb-here; }
    """
    summary: reactive[str] = reactive("")
    focused: reactive[bool] = reactive(False, toggle_class="-focused")

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def render(self) -> RenderResult:
        """The name at the left and the summary at the right, which is cut when there is no room."""
        width = self.content_size.width
        summary = safe_line(self.summary)
        title = f"{'▸' if self.focused else ' '}{self._title}"
        room = width - len(title) - 2
        right = beginning_of(summary, max(0, room))
        gap = max(1, width - len(title) - cell_len(right))
        return Content.assemble(title, " " * gap, (right, "not bold $wb-dim"))


class Pane(Vertical):
    """A pane of the screen. Subclasses give `TITLE` and `body()`, and `draw()` of the turn that is `shown`.

    `latest` is the turn that began last.
    """

    TITLE: ClassVar[str] = ""
    DEFAULT_CSS = """
    Pane { height: 1fr; }
    """

    keymap: Keymap = Keymap()
    """The keys that its words name."""

    shown: Turn | None = None
    latest: Turn | None = None
    patience: float = 1.0
    """How many times as long as usual what comes is gathered before it is shown together."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = PaneTitle(self.TITLE)
        self.on_title: Callable[[], object] = lambda: None
        """Called when the title says something else: where it is not on the screen, others say it."""
        self.on_need: Callable[[], bool] = lambda: False
        """Called when it may need another height; whether it gets one."""
        self._room = Size(0, 0)  # the width, and the rows that the turn before needed at it; of none, nothing

    def compose(self) -> ComposeResult:
        """The title line, and the body below it."""
        yield self.title
        body = self.body()
        if isinstance(body, RowList):
            body.on_lines = self._lines_changed
        yield body

    def body(self) -> Widget:
        """The widget below the title; it is the one that takes the focus."""
        raise NotImplementedError

    def _lines_changed(self) -> bool:
        return self.on_need() and self.display

    def summarise(self, summary: str) -> None:
        """Say at the right of the title what the pane holds."""
        self.title.summary = summary
        self.on_title()

    @property
    def keeps_room(self) -> bool:
        """Whether it needs its rows too while another pane stands in its place: those between which one is led while a
        turn runs, where the answer above them is not to be moved by that."""
        return False

    @property
    def is_running(self) -> bool:
        """Whether the turn that it shows is not over."""
        return self.shown is not None and self.shown.status == "running"

    def rows_needed(self, width: int, most: int) -> int:
        """How many rows it needs to be `width` cells wide, its border and its title included, counted as far as `most`.

        Until all of a turn is shown they are no fewer than those of the turn before it: what comes would move
        everything again, and laying out the screen costs more than all else about a turn.
        """
        needed = self._rows_of_content(width, most)
        return max(needed, min(self._room.height, most)) if self._room.width == width else needed

    def all_is_shown(self) -> None:
        """All that there is of the turn is shown now: once that is over, these are the rows that are needed."""
        if self._room and not self.is_running:
            self._room = Size(0, 0)
            self.on_need()

    def _rows_of_content(self, width: int, most: int) -> int:
        """The rows that it needs for what it shows now: all of them, of a body that does not say."""
        body, gutter = self.body(), self.styles.gutter
        if not isinstance(body, RowList):
            return most
        around = gutter.height + self.title.display
        return min(most, around + body.lines_needed(width - gutter.width, most))

    def on_descendant_focus(self) -> None:
        """The body has the focus: the title is marked."""
        self.title.focused = True
        self.on_title()

    def on_descendant_blur(self) -> None:
        """The body has lost the focus: the title is not marked any more."""
        self.title.focused = False
        self.on_title()

    def is_stale(self, message: EventMessage[Any]) -> bool:
        """Whether a message is about another turn than the one that is shown."""
        return message.state is not self.shown

    def on_turn_began(self, message: TurnBegan) -> None:
        """Show the turn that began."""
        self.begin(message.state)

    def on_turn_rewound(self, message: TurnRewound) -> None:
        """Show the turn as it was, in place of what it had become, or ahead of that."""
        self.rewind(message.state)

    def rewind(self, turn: Turn) -> None:
        """Show `turn`, which is what the latest turn was, or will be."""
        self.latest = turn
        self.show(turn)

    def begin(self, turn: Turn) -> None:
        """A turn began: it is what one wants to see now."""
        width = self.parent.size.width if isinstance(self.parent, Widget) else 0
        self._room = Size(width, self._rows_of_content(width, self.app.size.height))
        self.latest = turn
        self.show(turn)

    def show(self, turn: Turn | None) -> None:
        """Show another turn, as far as it has come, or none."""
        self.shown = turn
        self.draw()

    def reset(self) -> None:
        """A new conversation: show nothing of the old one."""
        self.latest, self._room = None, Size(0, 0)
        self.show(None)

    def draw(self) -> None:
        """Draw the turn that is shown anew; none when there is none."""
        raise NotImplementedError

    @property
    def which(self) -> str:
        """Which turn is shown, when it is not the latest, for the title: `turn 1 of 3 · `."""
        if self.shown is None or self.latest is None or self.shown is self.latest:
            return ""
        return f"turn {self.shown.place} of {self.latest.place} · "
