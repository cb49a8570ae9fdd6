"""The questions that a tool may put to a person: may this code run, and what is the result."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from workbench.ui.bindings import answering, bindings
from workbench.ui.keymap import Keymap

WIDEST = 100  # cells
ROOMY_ROWS = 18
DEAF_SECONDS = 0.5  # a paste or a key meant for the prompt must not answer a question that has just appeared


class _Answer(Input):
    """The line for the answer, which takes neither keys nor a paste while `is_deaf`."""

    BINDINGS: ClassVar[list[BindingType]] = [answering()]

    def __init__(self, is_deaf: Callable[[], bool], *, placeholder: str, compact: bool) -> None:
        super().__init__(placeholder=placeholder, compact=compact)
        self._is_deaf = is_deaf

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and self._is_deaf():
            event.stop()
            return
        await super().on_event(event)


class ToolQuestion(ModalScreen[str | None]):
    """A question with one line to answer it. Esc answers None; keys of the first half second are ignored.

    The line has the focus; Up, Down and the page keys scroll the question, and how much of it is hidden is said, with
    the keys of `keymap`.
    """

    DEFAULT_CSS = """
    ToolQuestion { align: center middle; overflow: hidden; }
    ToolQuestion > Vertical { height: auto; background: $wb-surface; }
    ToolQuestion #title, ToolQuestion #hidden { height: 1; }
    ToolQuestion #hidden { color: $wb-warning; }
    ToolQuestion #asked { scrollbar-size-vertical: 1; }
    ToolQuestion Input, ToolQuestion Input:focus { background: $wb-panel; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("question")]

    def __init__(self, title: str, text: Content, hint: str, keymap: Keymap) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._hint = hint
        self._scrolls = keymap.label("question-down", "question-page-down")
        self._opened = time.monotonic()
        self._asked = VerticalScroll(Static(text, markup=False), id="asked", can_focus=False)

    def compose(self) -> ComposeResult:
        """The title, the question, how much of it is hidden, and the line for the answer."""
        with Vertical():
            yield Static(Content.styled(self._title, "bold $wb-warning"), id="title", markup=False)
            yield self._asked
            yield Static(id="hidden", markup=False)
            yield _Answer(self._is_deaf, placeholder=self._hint, compact=True)

    def on_mount(self) -> None:
        """Put the focus into the line for the answer, and take no key for `DEAF_SECONDS` from now on."""
        self._opened = time.monotonic()
        self.query_one(Input).cursor_blink = False
        self.query_one(Input).focus()
        self.watch(self._asked, "virtual_size", self._count_hidden, init=False)
        self.watch(self._asked, "scroll_y", self._count_hidden, init=False)

    def on_resize(self, event: events.Resize) -> None:
        """The size changed: the question gets the height that it needs, as far as title, count and answer allow."""
        columns, rows = event.size
        across, down = (2, 1) if rows >= ROOMY_ROWS else (1, 0)
        width = min(WIDEST, columns * 9 // 10 if rows >= ROOMY_ROWS else columns)
        dialog = self.query_one(Vertical)
        dialog.styles.width, dialog.styles.padding = width, (down, across)
        lines = len(self._text.wrap(max(2, width - 2 * across - 1)))
        self._asked.styles.height = max(1, min(lines, rows - 2 * down - 3))
        self.call_after_refresh(self._count_hidden)

    def _is_deaf(self) -> bool:
        return time.monotonic() - self._opened < DEAF_SECONDS

    def _count_hidden(self) -> None:
        """Nobody should allow what they have not seen without knowing that there is more."""
        below = max(0, self._asked.max_scroll_y - self._asked.scroll_offset.y)
        lines = "line" if below == 1 else "lines"
        keys = f": {self._scrolls}" if self._scrolls else ""
        self.query_one("#hidden", Static).update(Content(f"… {below} more {lines} below{keys}" if below else ""))

    def action_answer(self) -> None:
        """Close the question with what was typed."""
        self.dismiss(self.query_one(Input).value)

    def action_refuse(self) -> None:
        """Close the question without an answer, unless it has only just appeared."""
        if not self._is_deaf():
            self.dismiss(None)

    def action_scroll_question(self, by: int) -> None:
        """Scroll the question down `by` lines, up when that is negative."""
        self._asked.scroll_relative(y=by, animate=False)

    def action_page_question(self, by: int) -> None:
        """Scroll the question down `by` pages, up when that is negative; one line of the last page stays."""
        self._asked.scroll_relative(y=by * max(1, self._asked.size.height - 1), animate=False)
