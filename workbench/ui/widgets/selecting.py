"""A view of lines in which text is selected, with the mouse or with keys.

Owns the mode in which keys move a caret: what it begins and ends with, and that the view stays where the caret is. What
the keys mean is in the table of actions; where the caret goes is the affair of `caret`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from workbench.ui.keymap import Keymap
from workbench.ui.markdown.column import LinesChange
from workbench.ui.markdown.line import RenderedLine, taken_along
from workbench.ui.widgets.caret import Caret, Place
from workbench.ui.widgets.following import FollowingView

_CARET = Style(reverse=True)


class SelectingView(FollowingView):
    """Subclasses give `line_at`, call `_lines_moved` for a change, and draw rows through `_with_caret`."""

    TAKES: ClassVar[str] = "app.perform('copy')"
    TAKES_TO_FILE: ClassVar[str] = "app.perform('write')"
    """The actions that take along what is selected."""

    class Selecting(Message):
        """Text begins to be selected with keys, or is not any more: other keys work now."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.keymap = Keymap()
        self._caret: Caret | None = None
        self._shown: Selection | None = None  # the selection that is the caret's

    def line_at(self, y: int) -> RenderedLine:
        """Line `y`, laid out now if need be."""
        raise NotImplementedError

    @property
    def page_lines(self) -> int:
        """How many lines are in view."""
        return self._page

    @property
    def selects(self) -> bool:
        """Whether keys select text."""
        return self._caret is not None

    def _first_place(self) -> Place:
        """Where the caret begins: the first line in view that has any text."""
        top = self.scroll_offset.y
        seen = range(top, min(top + self._page, self.line_count))
        return Place(next((y for y in seen if self.line_at(y).taken()), top), 0)

    # -- the mode --------------------------------------------------------------------------------------

    def action_select(self) -> None:
        """Show a caret, which keys move from now on."""
        if self._caret is None and self.line_count:
            self.screen.set_focus(self)
            self._caret = Caret(self, self._first_place())
            self._follows = False
            self._show_caret()
            self.post_message(self.Selecting())

    def action_select_lines(self) -> None:
        """Show a caret, and select its line."""
        self.action_select()
        if self._caret is not None:
            self._caret.mark(by_lines=True)
            self._show_caret()

    def leave(self) -> None:
        """Select nothing any more. Whoever has gone to the end follows it from now on."""
        if self._caret is None:
            return
        self._caret = None
        self._select(None)
        self._follows = self.scroll_offset.y >= self._last_top
        self.refresh()
        self.post_message(self.Selecting())

    async def on_key(self, event: events.Key) -> None:
        """While text is selected, keys mean what they do there, and nothing else."""
        caret = self._caret
        if caret is None:
            return
        event.stop()
        event.prevent_default()
        match self.keymap.pressed("selecting").get(event.key):
            case "leave":
                self.leave()
            case "take" | "take-to-file" as id:
                self._select(caret.selection or caret.line)
                await self.run_action(self.TAKES if id == "take" else self.TAKES_TO_FILE)
                self.leave()
            case str() as id if caret.act(id):
                self._show_caret()
            case _:
                pass

    def on_blur(self) -> None:
        """What has the focus now has the keys; not when it is another program's window that has it."""
        if self.app.app_focus:
            self.leave()

    def selection_updated(self, selection: Selection | None) -> None:
        """The selection is another, or was: one that was made or taken away elsewhere ends that of the keys."""
        super().selection_updated(selection)
        if self._caret is not None and self.text_selection != self._shown:
            self._caret = None
            self.post_message(self.Selecting())

    # -- showing ---------------------------------------------------------------------------------------

    def _show_caret(self) -> None:
        """Bring the caret into view, and show what is selected."""
        caret = self._caret
        if caret is None:
            return
        y, top = caret.place.y, self.scroll_offset.y
        target = min(y, max(top, y - self._page + 1))
        if target != top:
            self.scroll_to(y=target, immediate=True, force=True)
        self._select(caret.selection)
        self.refresh()

    def _select(self, selection: Selection | None) -> None:
        self._shown = selection
        others = {widget: known for widget, known in self.screen.selections.items() if widget is not self}
        self.screen.selections = others if selection is None else {self: selection}

    def _lines_moved(self, changes: Sequence[LinesChange]) -> None:
        """Lines have changed: what is selected stays the same text."""
        if self._caret is not None and changes:
            self._caret.follow(changes)
            self._select(self._caret.selection)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The view was scrolled: while text is selected the end is not followed, wherever one has gone."""
        super().watch_scroll_y(old_value, new_value)
        if self._caret is not None:
            self._follows = False

    def _with_caret(self, strip: Strip, y: int, margin: int = 0) -> Strip:
        """Line `y`, whose text begins behind `margin` cells, with the caret when it is there."""
        if self._caret is None or self._caret.place.y != y:
            return strip
        start, end = (margin + cell for cell in self._caret.cells())
        chosen = Strip(Segment.apply_style(strip.crop(start, end), post_style=_CARET))
        return Strip.join([strip.crop(0, start), chosen, strip.crop(end)])

    # -- what is selected ------------------------------------------------------------------------------

    @property
    def allow_select(self) -> bool:
        """True: its text can be selected with the mouse."""
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that is selected, as it is without lines and their indents."""
        return taken_along(self._selected_lines(selection)), "\n"

    def _selected_lines(self, selection: Selection) -> Iterator[tuple[RenderedLine, tuple[int, int]]]:
        y = 0 if selection.start is None else selection.start.y
        while y < self.line_count and (selection.end is None or y <= selection.end.y):
            yield self.line_at(y), selection.get_span(y) or (0, 0)
            y += 1
