"""The last line of a screen: how things stand, the keys that work here, and now and then a notice in their place.

It is painted when something happens; only a notice leaves by a clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from workbench.safe_text import safe_line, safe_text
from workbench.ui.terminal.textual_inside import set_once
from workbench.ui.widgets.fitting import beginning_of
from workbench.ui.widgets.searching import SearchState

READ_SECONDS = 1.0
"""After so long a notice counts as read: the next key takes it away."""

SECONDS: Final = {"information": 5.0, "warning": 10.0, "error": 15.0}
"""How long a notice stays when no key comes; nobody is told for less than `READ_SECONDS`."""

MOST_LINES = 5  # of a notice
MOST_WAITING = 4  # notices; of more, the oldest are not shown
GLYPHS: Final = {"information": "", "warning": "! ", "error": "✗ "}
BETWEEN_KEYS: Final = "  "
TYPING: Final = "Enter keeps it, Esc takes it away"
LEAST_OF_STATUS: Final = 44  # cells that the keys leave to the status where it has so much to say,
SHARE_OF_STATUS: Final = (4, 7)  # but not more than this part of the line


@dataclass(frozen=True, slots=True)
class Notice:
    """Words of ours to a person; `severity` tells how they look and how long they stay.

    One that is `passing` says where a walk is: the next one like it takes its place at once.
    """

    text: str
    severity: SeverityLevel = "information"
    passing: bool = False

    @property
    def shown(self) -> str:
        """Its characters as they are shown."""
        return GLYPHS[self.severity] + safe_text(self.text).strip("\n")


class StatusLine(Widget):
    """`left` is the status, in parts, and `keys` are hints, the most wanted first. What has no room is not shown, and
    nothing is cut within a word or a number."""

    DEFAULT_CSS = """
    StatusLine { height: auto; padding: 0 1; color: $wb-dim; }
    StatusLine.-information { color: $wb-text; }
    StatusLine.-warning { color: $wb-warning; }
    StatusLine.-error { color: $wb-error; }
    """
    left: reactive[str] = reactive("")
    keys: reactive[Sequence[str]] = reactive(())
    notice: reactive[Notice | None] = reactive(None)
    search: reactive[SearchState | None] = reactive(None)
    """What is looked for in the pane that has the focus: it stands in the place of the status."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._waiting: deque[Notice] = deque(maxlen=MOST_WAITING)
        self._timer: Timer | None = None
        self._read = False

    # -- notices ---------------------------------------------------------------------------------

    def tell(self, notice: Notice) -> None:
        """Show a notice: now, or when the one that stands here has been read."""
        if self.notice is None or (notice.passing and self.notice.passing):
            self._show(notice)
        elif notice != self.notice and notice not in self._waiting:
            self._waiting.append(notice)
            if self._read:
                self._leave()

    def key_came(self) -> None:
        """A person pressed a key: what stood here for a while has been read."""
        if self.notice is not None and self._read:
            self._leave()

    def forget(self) -> None:
        """Show the status again, whatever is still to be read."""
        self._waiting.clear()
        self._leave()

    def _show(self, notice: Notice) -> None:
        self._read = False
        self._watch(READ_SECONDS)
        self.notice = notice

    def _watch(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = set_once(self, seconds, self._is_up)

    def _is_up(self) -> None:
        """The notice has been here for a while: it counts as read, and leaves when others wait or the time is up."""
        if self.notice is None:
            return
        if self._read or self._waiting:
            self._leave()
        else:
            self._read = True
            self._watch(SECONDS[self.notice.severity] - READ_SECONDS)

    def _leave(self) -> None:
        if self._waiting:
            self._show(self._waiting.popleft())
            return
        if self._timer is not None:
            self._timer.stop()
        self.notice = None

    def watch_notice(self, before: Notice | None, now: Notice | None) -> None:
        """It looks like what it says, and is as high."""
        for severity in SECONDS:
            self.set_class(now is not None and now.severity == severity, f"-{severity}")
        width = self.content_size.width
        if self._lines(before, width) != self._lines(now, width):
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the notice takes, else one."""
        return self._lines(self.notice, width)

    @staticmethod
    def _lines(notice: Notice | None, width: int) -> int:
        if notice is None or width < 1:
            return 1
        return min(MOST_LINES, len(Content(notice.shown).wrap(width)))

    def watch_search(self) -> None:
        """One who searches has read what stands here."""
        if self.search is not None and self.search.typing and self.notice is not None:
            self.forget()

    # -- drawing ---------------------------------------------------------------------------------

    def render(self) -> RenderResult:
        """The notice, or the status with the keys at the right end."""
        width = max(0, self.content_size.width)
        if self.notice is not None:
            lines = Content(self.notice.shown).wrap(max(1, width))
            cut = [lines[MOST_LINES - 1].truncate(max(0, width - 1)) + "…"] if len(lines) > MOST_LINES else []
            return Content("\n").join([*lines[: MOST_LINES - len(cut)], *cut])
        if self.search is not None and self.search.typing:
            return self._searching(self.search, width)
        status, (part, whole) = self._status, SHARE_OF_STATUS
        least = cell_len(beginning_of(status, min(LEAST_OF_STATUS, width * part // whole)))
        keys = self._keys(width - least - len(BETWEEN_KEYS))
        left = beginning_of(status, width - cell_len(keys) - (len(BETWEEN_KEYS) if keys else 0))
        line = Content(left + " " * max(0, width - cell_len(left) - cell_len(keys)) + keys)
        return line if self.search is None else line.stylize("$wb-text", 0, min(len(left), len(self.search.shown)))

    @property
    def _status(self) -> str:
        """How things stand; where words are looked for, these, and how many hits there are."""
        return safe_line(self.left) if self.search is None else f"{self.search.shown}  {self.search.count}"

    @staticmethod
    def _searching(search: SearchState, width: int) -> Content:
        """The word with its end in view, how many hits there are, and what the keys do."""
        word = Content(search.shown)
        whole = f"{search.count}{BETWEEN_KEYS}{TYPING}"
        fits = len(whole) + len(BETWEEN_KEYS) + min(word.cell_length, LEAST_OF_STATUS) <= width
        right = Content.styled(whole if fits else search.count, "$wb-dim").truncate(max(0, width - 2))
        room = max(1, width - right.cell_length - len(BETWEEN_KEYS))
        while word.cell_length > room:
            word = word[1:]
        between = " " * max(0, width - word.cell_length - right.cell_length)
        return Content.assemble(word.stylize("$wb-text"), between, right)

    def _keys(self, room: int) -> str:
        """As many of the hints as there is room for: the first ones, and of those behind them any that still fit."""
        shown = ""
        for hint in map(safe_line, self.keys):
            more = f"{shown}{BETWEEN_KEYS}{hint}" if shown else hint
            if cell_len(more) <= room:
                shown = more
        return shown
