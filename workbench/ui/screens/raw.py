"""The raw text of one turn: what came as its answer, its thinking and its plan, as it came, and live while it does.

Owns which of the three is shown, and copying and writing it. Nothing of it is Markdown here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from workbench.ui.bindings import bindings
from workbench.ui.hints import WHILE_SEARCHED, hints
from workbench.ui.widgets.raw_view import RawView
from workbench.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.ui.copies import Copies
    from workbench.ui.keymap import Keymap

LOOK_SECONDS = 0.2  # between two looks at a turn that is running


@dataclass(frozen=True, slots=True)
class _Part:
    """`suffix` is for a file of it; `read` gives all that came so far."""

    name: str
    suffix: str
    read: Callable[[Turn], str]


PARTS = (
    _Part("answer", ".md", lambda turn: turn.text),
    _Part("thinking", ".txt", lambda turn: turn.thinking),
    _Part("plan", ".txt", lambda turn: turn.plan),
)


class RawScreen(ModalScreen[None]):
    """Over all else. `copies` takes text along and says what became of it."""

    DEFAULT_CSS = """
    RawScreen { background: $wb-background; layout: vertical; }
    RawScreen #parts { height: 1; padding: 0 1; background: $wb-panel; }
    RawScreen RawView {
        scrollbar-color: $wb-scrollbar;
        scrollbar-background: $wb-background;
        scrollbar-background-hover: $wb-background;
        scrollbar-background-active: $wb-background;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("raw")]

    def __init__(self, turn: Turn, copies: Copies, keymap: Keymap) -> None:
        super().__init__()
        self._turn = turn
        self._copies = copies
        self._keymap = keymap
        self._number = 0
        self._view = RawView()
        self._view.keymap = keymap
        self._last = StatusLine(id="hint")
        self._looking: Timer | None = None

    def compose(self) -> ComposeResult:
        """The names of the parts, the text of one of them, and the keys that work here."""
        yield Static(id="parts", markup=False)
        yield self._view
        self._show_keys()
        yield self._last

    def on_selecting_view_selecting(self) -> None:
        """Other keys work from now on."""
        self._show_keys()

    def _show_keys(self) -> None:
        self._last.keys = hints(self._keymap, "selecting" if self._view.selects else "raw", self._can)

    def _can(self, id: str) -> bool:
        return id not in WHILE_SEARCHED or self._view.search is not None

    def on_mount(self) -> None:
        """Show the answer; while the turn runs, look for more of it every `LOOK_SECONDS`."""
        self._view.focus()
        self._look()
        if self._turn.status == "running":
            self._looking = self.set_interval(LOOK_SECONDS, self._look)

    def on_searching_view_searched(self) -> None:
        """Say what is looked for."""
        self._last.search = self._view.search
        self._show_keys()

    def _look(self) -> None:
        """Show what came meanwhile."""
        self._view.show(self._part.read(self._turn))
        self._say()
        if self._turn.status != "running" and self._looking is not None:
            self._looking.stop()
            self._looking = None

    @property
    def _part(self) -> _Part:
        return PARTS[self._number]

    def _say(self) -> None:
        """Name the parts and how many characters each has; the one that is shown stands out."""
        words = [Content.styled(f"Raw text of turn {self._turn.place} ", "bold")]
        for part in PARTS:
            label = f"{part.name} {len(part.read(self._turn)):,}"
            words.append(Content.styled(f"[{label}]", "bold $wb-here") if part is self._part else Content(f" {label} "))
        words.append(Content.styled(" ⧗ streaming" if self._turn.status == "running" else "", "$wb-dim"))
        self.query_one("#parts", Static).update(Content(" ").join(words))

    def action_next_part(self, by: int) -> None:
        """Show the part `by` places behind this one, from its beginning; behind the last comes the first."""
        self._number = (self._number + by) % len(PARTS)
        self._view.begin(self._part.read(self._turn))
        self._say()

    def action_copy(self) -> None:
        """Copy what is selected, else all of the part, to the terminal's clipboard."""
        self._copies.to_clipboard(self.get_selected_text() or self._part.read(self._turn))

    def action_write(self) -> None:
        """Write what is selected, else all of the part, into a new file in the current folder."""
        text = self.get_selected_text() or self._part.read(self._turn)
        self._copies.beside(text, f"{self._part.name}-{self._turn.place}", self._part.suffix)
