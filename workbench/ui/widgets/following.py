"""A view of lines that grow at their end, which stays in sight without being painted again for each line.

Owns where the view is: following the end by jumps, staying where the reader is, and a scrollable height that needs
no layout. Where the reader is, only the reader says: what another size of the view makes of that is not kept, so that
the size from which it came gives back what it showed. Refuses to know what the lines are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.color import Color
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from workbench.ui.terminal.display import ChangedCellsApp
from workbench.ui.terminal.textual_inside import refresh_scroll_bars, set_once

JUMP = 1 / 3
"""The part of a page by which the view moves on where moving it by a line costs a page of bytes."""


BAR_SECONDS = 0.05
"""How long a scroll bar stays that is not needed any more, unless a layout takes it away."""


class PlainBar(ScrollBarRender):
    """A scroll bar of whole cells: one that moves by eighths is written anew for each line. Nothing is seen of it while
    all is in view."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]


class FollowingView(ScrollView):
    """Lines. Subclasses give `line_count` and `line_width`, and call `_jump` or `_paint_rows` for a change."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.jump = JUMP
        self.is_steady = False
        """Whether a view that follows the end is always where it would be had all lines come at once."""
        self._follows = True
        self._top = 0  # the line that is meant to be at the top of the view, as far as its size allows that
        self._placed_for = Size(0, 0)
        self._bar_goes: Timer | None = None
        self._known_backdrop: Color | None = None

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    @property
    def line_width(self) -> int:
        """How many cells the lines were made for."""
        raise NotImplementedError

    def row(self, y: int) -> Strip:
        """What stands in row `y` of the view, as wide as its content; without the places that the mouse selects by."""
        return self.render_line(y)

    @property
    def _is_following(self) -> bool:
        """Whether the end is to stay in sight."""
        return self._follows

    # -- where the view is ---------------------------------------------------------------------

    @property
    def _page(self) -> int:
        return self.scrollable_content_region.height

    @property
    def _is_placed(self) -> bool:
        """Whether the view is where it is meant to be at its size. Until it is, only a layout has moved it."""
        return self.scrollable_content_region.size == self._placed_for

    @property
    def _last_top(self) -> int:
        """The line at the top of the view when the last line is at its bottom."""
        return max(0, self.line_count - self._page)

    def _followed(self, top: int) -> int:
        """The line at the top of the view that keeps the end of the text in view, by as few movements as is cheap.

        What has moved is written to the terminal again, unless the terminal can move it; so the view moves by
        several lines at a time, and there is room below the text until they have come.
        """
        if not self._page or (top < self.line_count <= top + self._page and not self.is_steady):
            return top
        return self._settled_top

    @property
    def _settled_top(self) -> int:
        """The line at the top of a view that follows the end, whichever way the lines came: a multiple of a step."""
        return -(-self._last_top // self._step) * self._step

    @property
    def _step(self) -> int:
        """Lines by which the view moves when the text has reached its end."""
        if not self.is_mounted:
            return 1
        app = self.app
        whole_rows = self.outer_size.width == app.size.width
        if whole_rows and isinstance(app, ChangedCellsApp) and app.draws_changed_cells:
            return 1
        return max(1, int(self._page * self.jump))

    def _take_height(self, top: int, *, resizes: bool = False) -> None:
        """Make the scrollable height that of the lines, or what puts `top` at the top of the view.

        A layout is due only when the scroll bar comes; where the view `resizes` soon, that decides it. A bar that
        is not needed any more goes with the next one, or a moment later: lines that leave and come again cost none.
        """
        # No more than is needed: a page that is smaller after a layout is not to have a scroll bar until it is told.
        size = Size(self.line_width, max(self.line_count, top + self._page if top > self._last_top else 0))
        if not resizes and size.height > self._page and not self.show_vertical_scrollbar:
            self.virtual_size = size
            refresh_scroll_bars(self)  # Textual does that when the view has another size, and not for its text
            return
        self.set_reactive(Widget.virtual_size, size)
        if self.show_vertical_scrollbar:
            # While all is in view this stays the same, and nothing is painted for it.
            self.vertical_scrollbar.window_virtual_size = max(size.height, self._page)
            if size.height <= self._page and self._bar_goes is None:
                self._bar_goes = set_once(self, BAR_SECONDS, self._let_bar_go)

    def _let_bar_go(self) -> None:
        self._bar_goes = None
        if self.show_vertical_scrollbar and self.virtual_size.height <= self._page:
            refresh_scroll_bars(self)

    # -- moving it -------------------------------------------------------------------------------

    def _jump(self, y: int) -> None:
        """Show line `y` at the top, where it is meant to be from now on."""
        self._top = y
        self._move(y)

    def _place(self, y: int) -> None:
        """Show line `y` at the top for the size that the view has, whatever is meant to be there."""
        size, before = self.scrollable_content_region.size, self._placed_for
        self._placed_for = size
        if size.width == before.width and y == self.scroll_y:
            self._take_height(y)  # the layout has painted these very lines
        else:
            self._move(y)

    def _move(self, y: int) -> None:
        """Show line `y` at the top, without the watchers that take a scroll for the user's."""
        self._take_height(y)
        self.set_reactive(Widget.scroll_y, float(y))
        self.set_reactive(Widget.scroll_target_y, float(y))
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = y
            self._paint_rows(range(self._page), self.vertical_scrollbar)
        else:
            self._paint_rows(range(self._page))

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """As `ScrollView.scroll_to`, and never animated: over a slow line the frames in between only delay."""
        super().scroll_to(x, y, **{**options, "animate": False})

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The view was scrolled: follow the end when it is in view now, else stay here."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_placed:
            self._top = round(new_value)
            self._follows = self._top >= self._last_top
            self._take_height(self._top)

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """The scroll bar came: make it a plain one, and tell it where the view is, which may have moved before."""
        if shown:
            self.vertical_scrollbar.renderer = PlainBar  # type: ignore[misc]  # as Textual documents it
            self.vertical_scrollbar.position = self.scroll_y

    def on_show(self) -> None:
        """The view is on the screen again: when the end is followed, show it, with what came meanwhile."""
        if self._is_following and self._page:
            self._jump(self._settled_top)

    def action_scroll_end(self) -> None:
        """Show the end, and follow it from now on."""
        self._follows = True
        self._jump(self._last_top)

    def action_scroll_home(self) -> None:
        """Show the beginning."""
        self.scroll_to(y=0)

    def _paint_rows(self, rows: range, *others: Widget) -> None:
        """Show some rows of the view, counted from its top, and all of some other widgets, at once."""
        app = self.app if self.is_mounted else None
        if isinstance(app, ChangedCellsApp) and self._shows_nothing_but_lines:
            app.paint_rows(self, rows, self._drawing(), others=others)
        else:
            self._paint(Region(0, rows.start, self.size.width, len(rows)), *others)

    def _drawing(self) -> Callable[[int], Strip]:
        """What gives a row of the view as it goes to the terminal."""
        filters, background = self.get_line_filters(), self._backdrop

        def draw(y: int) -> Strip:
            strip = self.row(y)
            for each in filters:
                strip = strip.apply_filter(each, background)
            return strip

        return draw

    @property
    def _backdrop(self) -> Color:
        """The colour behind the lines, as of the last change of styles."""
        if self._known_backdrop is None:
            self._known_backdrop = self.background_colors[1]
        return self._known_backdrop

    def notify_style_update(self) -> None:
        """The theme changed, or the focus."""
        self._known_backdrop = None
        super().notify_style_update()

    @property
    def _shows_nothing_but_lines(self) -> bool:
        """Whether no style changes how the lines look, or puts something over them."""
        styles = self.styles
        return (
            self.opacity == styles.text_opacity == 1
            and not styles.tint.a
            and not styles.has_rule("hatch")
            and not any(kind for kind, _ in styles.outline)
        )

    def _paint(self, region: Region, *others: Widget) -> None:
        """Show a region of the view, and all of some other widgets, at once."""
        if self.is_mounted and isinstance(self.app, ChangedCellsApp):
            self.app.paint_now(self, region, others=others)
        else:
            self.refresh(region)
