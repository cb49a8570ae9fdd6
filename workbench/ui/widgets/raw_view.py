"""Raw text on the screen, with the numbers of its lines.

Owns where one is in it, and that only rows in view are made, however much text there is. Refuses to know whose text
it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.binding import BindingType
from textual.events import Resize
from textual.selection import Selection
from textual.strip import Strip

from workbench.ui.bindings import bindings
from workbench.ui.markdown.column import LinesChange
from workbench.ui.markdown.line import HERE, HIT, RenderedLine, Run
from workbench.ui.markdown.needle import HitsInText, Needle
from workbench.ui.markdown.turn_list import moved
from workbench.ui.raw_text import RawRow, RawText
from workbench.ui.themes.named_styles import HIT_STYLES, NamedStyle, NamedStyles
from workbench.ui.widgets.line_painter import selected
from workbench.ui.widgets.pace import Pace
from workbench.ui.widgets.text_view import TextView

NUMBER = 6  # cells of a line's number; a blank follows

_UNKNOWN_WIDTH = 80  # until the first layout
_MOST_ROUNDS = 8  # of laying out, when what is in view turns out to be something else


@dataclass(frozen=True, slots=True)
class RawPlace:
    """Where one is: the offset of what is at the top, and whether the end is followed."""

    offset: int
    follows: bool


class RawView(TextView[RawPlace], can_focus=True):
    """`show` it the text, each time that there is more. Its end is followed once one has gone there."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("view", "text")]
    TAKES = "screen.copy"
    TAKES_TO_FILE = "screen.write"
    DEFAULT_CSS = """
    RawView {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._styles = NamedStyles(self, {"number": NamedStyle("dim"), **HIT_STYLES})
        self._rows = RawText(_UNKNOWN_WIDTH)
        self._pace = Pace()
        self._due: asyncio.TimerHandle | None = None
        self._follows = False
        self._reader_at: int | None = None  # since another width, the character that is meant to be on top
        self._found: HitsInText | None = None
        self._here: int | None = None

    @property
    def text(self) -> str:
        """What is shown, as it came."""
        return self._rows.text

    def show(self, text: str) -> None:
        """Show the text as it is now; where one is in it stays."""
        if text != self._rows.text:
            if self._found is not None:
                self._found.grown(text, len(self._rows.text))
            self._rows.take(text)
            self._work()
            self._news()

    def begin(self, text: str) -> None:
        """Show another text, from its beginning; what is looked for is looked for in that."""
        self.leave()
        self._rows, self._here = RawText(self._rows.width), None
        if self._found is not None:
            self._found = HitsInText(self._found.needle)
            self._came()
        self._follows, self._reader_at = False, None
        self._jump(0)
        self.show(text)

    # -- rows ----------------------------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        """How many rows there are; some may be estimated."""
        return self._rows.height

    @property
    def line_width(self) -> int:
        """How many cells a row has, with the number of its line."""
        return self._rows.width + NUMBER + 1

    def _work(self) -> None:
        """Go on with what is to be laid out, for a moment."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._pace.begin()
        changes = list(self._rows.work(self._pace.is_over))
        self._pace.end()
        if changes:
            self._lines_moved(changes)
            self._settle(moved(changes, self.scroll_offset.y))
        self._work_soon()

    def _work_soon(self) -> None:
        if self._rows.pending and self._due is None and self.is_attached:
            self._due = asyncio.get_running_loop().call_later(self._pace.wait(joining=False), self._work)

    def _settle(self, top: int) -> None:
        """Show row `top` at the top, or the end when that is followed."""
        self._jump(self._reach(top))

    def _reach(self, top: int) -> int:
        """Lay out what is in view with row `top` at its top; returns the number that the row has then."""
        for _ in range(_MOST_ROUNDS):
            top = self._last_top if self._follows else min(top, self._last_top)
            changes: list[LinesChange] = list(self._rows.reach(top, top + self._page))
            if not changes:
                break
            self._lines_moved(changes)
            top = moved(changes, top)
        return self._last_top if self._follows else top

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The view was scrolled: lay out what came into it, with the same text at the top."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_placed:
            return
        self._reader_at = None
        if (top := self._reach(round(new_value))) != round(new_value):
            self._jump(top)

    def action_scroll_end(self) -> None:
        """Show the end, and follow it from now on."""
        self._follows = True
        self._settle(self._last_top)

    def on_resize(self, event: Resize) -> None:
        """The width changed: wrap anew; the characters at the top of the view stay there."""
        width = max(1, self.scrollable_content_region.width - NUMBER - 1)
        if width != self._rows.width:
            self.leave()
            if self._reader_at is None:
                self._reader_at = self._rows.row(self._top).start if self._top < self.line_count else 0
            self._rows.resize(width)
            self._top = self._rows.find(self._reader_at)
        self._place(self._reach(self._top))
        self._work_soon()

    def on_unmount(self) -> None:
        """Lay out nothing any more."""
        if self._due is not None:
            self._due.cancel()

    # -- looking for words -----------------------------------------------------------------------------

    def _look_for(self, needle: Needle | None) -> None:
        self._found, self._here = None if needle is None else HitsInText(needle), None
        self.refresh()

    def _look_on(self, time_is_up: Callable[[], bool]) -> bool:
        if self._found is None:
            return True
        while self._found.is_behind(self.text) and not time_is_up():
            self._found.look(self.text)
        self.refresh()
        return not self._found.is_behind(self.text)

    @property
    def _hit_count(self) -> int:
        return 0 if self._found is None else self._found.total

    @property
    def _hit_here(self) -> int | None:
        return self._here

    def _hit_from(self, place: RawPlace) -> int | None:
        number = 0 if self._found is None else self._found.first_from(place.offset)
        return number if number < self._hit_count else None

    def _where(self) -> RawPlace:
        list(self._rows.reach(self.scroll_offset.y, self.scroll_offset.y + 1))
        is_in_text = self.scroll_offset.y < self.line_count
        return RawPlace(self._rows.row(self.scroll_offset.y).start if is_in_text else 0, self._follows)

    def _go_back(self, place: RawPlace) -> None:
        self._here, self._follows, self._reader_at = None, place.follows, None
        self._settle(self._rows.find(place.offset))

    def _show_hit(self, number: int) -> None:
        assert self._found is not None
        self._here, self._follows, self._reader_at = number, False, None
        for _ in range(_MOST_ROUNDS):  # what is laid out above it may move it
            row, top = self._rows.find(self._found.span(number)[0]), self.scroll_offset.y
            if top <= row < top + self._page:
                break
            self._settle(max(0, row - self._page // 3))
        self.refresh()

    # -- painting ------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Row `y` of the view: the number of the line when it begins here, and the text."""
        number, width = y + self.scroll_offset.y, self.size.width
        base = self.visual_style.rich_style
        if number >= self.line_count:
            return Strip.blank(width, base)
        row = self._rows.row(number)
        label = "" if row.number is None else f"{row.number}"
        margin = Strip([Segment(f"{label:>{NUMBER}} ", base + self._styles.rich("number"))])
        text = Strip([Segment(row.shown, base)])
        if self._found is not None:
            text = self._marked(text, row, self._found)
        if self.text_selection is not None and (span := self.text_selection.get_span(number)) is not None:
            text = selected(text, row.shown, span, self.selection_style)
        text = self._with_caret(text, number)
        return Strip.join([margin, text.apply_offsets(0, number)]).adjust_cell_length(width, base)

    def _marked(self, strip: Strip, row: RawRow, found: HitsInText) -> Strip:
        """A row with what was found in it."""
        for number in found.touching(row.start, row.end):
            start, end = found.span(number)
            inside = max(start, row.start) - row.start, min(end, row.end) - row.start
            strip = selected(strip, row.shown, inside, self._styles.rich(HERE if number == self._here else HIT))
        return strip

    # -- selecting -----------------------------------------------------------------------------------

    def line_at(self, y: int) -> RenderedLine:
        """Row `y` as it is shown: what goes on with the row above is glued to it."""
        changes: list[LinesChange] = list(self._rows.reach(y, y + 1))
        self._lines_moved(changes)
        row = self._rows.row(min(y, self.line_count - 1))
        return RenderedLine((Run(row.shown),), glue=None if row.number is not None else "")

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected, of the text as it came and not as it is shown."""
        start = 0 if selection.start is None else self._offset(selection.start.y, selection.start.x)
        end = len(self.text) if selection.end is None else self._offset(selection.end.y, selection.end.x)
        return self.text[start:end], ""

    def _offset(self, number: int, column: int) -> int:
        list(self._rows.reach(number, number + 1))
        if number >= self.line_count:
            return len(self.text)
        row = self._rows.row(number)
        return min(row.start + column, row.end)
