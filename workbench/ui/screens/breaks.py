"""The kinds of events that a recording has, to choose behind which of them its replay pauses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.ui.bindings import bindings
from workbench.ui.widgets.row import Row
from workbench.ui.widgets.rows import RowList

TITLE: Final = "Pause behind events of these kinds"
HINT: Final = "Enter or Space chooses, Esc closes"


class BreakRows(RowList):
    """Rows of which Space chooses one, as Enter does."""

    def action_fold(self) -> None:
        """Choose the row under the cursor, or give it up."""
        self.action_open()


class BreaksScreen(ModalScreen[None]):
    """`kinds` says how often each is there, `chosen` which are chosen. `choose` changes one, and returns whether it is
    chosen then."""

    DEFAULT_CSS = """
    BreaksScreen { align: center top; }
    BreaksScreen > Vertical {
        width: 60; max-width: 100%; height: auto; max-height: 100%; padding: 1 2 0 2; background: $wb-surface;
    }
    BreaksScreen BreakRows { height: auto; max-height: 20; }
    BreaksScreen Static { height: 1; }
    BreaksScreen #hint { color: $wb-dim; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("reading")]

    def __init__(self, kinds: Mapping[str, int], chosen: Collection[str], choose: Callable[[str], bool]) -> None:
        super().__init__()
        self._kinds = {**kinds, **{kind: 0 for kind in chosen if kind not in kinds}}
        self._longest = max(map(len, self._kinds), default=0)
        self._chosen = set(chosen)
        self._choose = choose
        self._rows = BreakRows(id="break-rows")

    def compose(self) -> ComposeResult:
        """The title, the kinds, and what the keys do."""
        with Vertical():
            yield Static(Content.styled(TITLE, "bold"))
            yield self._rows
            yield Static(HINT, id="hint", markup=False)

    def on_mount(self) -> None:
        """The kinds are there, and one stands on the first."""
        self._put()
        self._rows.styles.height = max(1, min(len(self._kinds), self.size.height - 4))
        self._rows.focus()

    def _put(self) -> None:
        self._rows.put_all({kind: self._row(kind, count) for kind, count in self._kinds.items()})

    def _row(self, kind: str, count: int) -> Row:
        sign, style = ("●", "accent") if kind in self._chosen else ("○", "muted")
        return Row(Content.assemble((f" {sign} ", style), f"{kind:{self._longest}}", (f"  {count:>7,}", "muted")))

    @on(RowList.Opened)
    def _opened(self, message: RowList.Opened) -> None:
        message.stop()
        (self._chosen.add if self._choose(message.key) else self._chosen.discard)(message.key)
        self._put()

    def action_search(self) -> None:
        """Nothing: the list is short."""
