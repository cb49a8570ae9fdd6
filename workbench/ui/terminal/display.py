"""An app that writes to its terminal only the cells that differ from what the terminal shows.

Owns the one place where Textual hands a frame to the terminal, and the two kinds of update that its compositor makes.
Whatever it does not know, or fails at, goes the stock way, and so does all where Textual is made differently. While the
terminal has not taken the last frame, no other is written: the newest state is, later.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rich.console import COLOR_SYSTEMS, RenderableType
from textual import constants
from textual.driver import Driver
from textual.events import Event, Resize
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from workbench.ui.terminal import sizes, textual_inside
from workbench.ui.terminal.cells import Row, cells, cut, put
from workbench.ui.terminal.driver import WorkbenchDriver
from workbench.ui.terminal.inks import Inks
from workbench.ui.terminal.key_order import OrderedKeysApp
from workbench.ui.terminal.lateness import Lateness
from workbench.ui.terminal.looks import Looks
from workbench.ui.terminal.picture import Picture
from workbench.ui.terminal.textual_inside import ChopsUpdate, InsideError, LayoutUpdate, driver_of

if TYPE_CHECKING:
    from textual._compositor import Compositor

    from workbench.startup.first_keys import FirstKeys

STOCK = "WORKBENCH_STOCK_DISPLAY"
"""The variable that, when it is not empty, has Textual write every frame itself."""

NOBODY_CONTINUES = "no shell here could have it go on with fg: Ctrl+Z stops nothing"

_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"  # synchronized update
_ATOMIC = 240  # characters that reach a terminal in one piece: a frame as short needs no synchronizing

Result = TypeVar("Result")


class ChangedCellsApp(OrderedKeysApp[Result], Generic[Result]):
    """Draws as any Textual app, with fewer bytes. In a test without a terminal nothing is different."""

    def __init__(self, **options: Any) -> None:
        self._missing = textual_inside.missing((*textual_inside.DISPLAY, *textual_inside.DRIVER))
        self._stock_display = bool(os.environ.get(STOCK) or self._missing)
        super().__init__(driver_class=None if self._stock_display else _driver_class(), **options)
        self._frames: _Frames | None = None
        self._lateness = Lateness()
        self._terminal_size: Size | None = None
        self.first_keys: FirstKeys | None = None
        """What holds the terminal until the screen opens, if something does."""

    @property
    def size(self) -> Size:
        """What the screen is laid out for: a tiny terminal shows less than that."""
        return sizes.laid_out(super().size)

    def on_mount(self) -> None:
        """Say that Textual writes the frames, when it lacks what is needed to write fewer cells."""
        if self._missing:
            self.display_failed(InsideError(f"this Textual has no {', '.join(self._missing)}"))

    async def on_event(self, event: Event) -> None:
        """Hand an event on; a resize with the size that the screen is laid out for."""
        if isinstance(event, Resize):
            self._terminal_size = event.size
            size = sizes.laid_out(event.size)
            event = Resize(size, size, pixel_size=event.pixel_size)
        await super().on_event(event)

    @property
    def draws_changed_cells(self) -> bool:
        """Whether frames are written by us, and rows that have only moved are moved by the terminal."""
        return not self._stock_display and isinstance(driver_of(self), WorkbenchDriver)

    def take_over(self, first_keys: FirstKeys) -> None:
        """Have the terminal from `first_keys` when the screen opens; where Textual opens it, that gets it as it was."""
        if self._stock_display:
            first_keys.give_back()
        else:
            self.first_keys = first_keys

    def inks(self) -> Inks:
        """What the terminal is told for colours; asked for whenever it is not known what it shows."""
        return Inks(colours=COLOR_SYSTEMS[self.console.color_system or "truecolor"])

    def forget_terminal(self) -> None:
        """The terminal may show something else than what was written: the next frame is written whole."""
        self._frames = None

    def paint_now(self, widget: Widget, *regions: Region, others: Sequence[Widget] = ()) -> None:
        """Show regions of a widget (() is all of it), and all of some others, at once and not with the next frame.

        For what is small and often, or urgent. When the screen is about to be laid out, or is not on top, they are
        shown the stock way.
        """
        if not self.draws_changed_cells or textual_inside.gathers_changes(self) or not self._can_paint(widget):
            widget.refresh(*regions)
            return
        textual_inside.draw_soon(widget, regions)
        screen = widget.screen
        if not others and self._guarded(lambda: self._show_lines(screen, widget)):
            return
        textual_inside.draw_dirty(screen, (widget, *others))

    def paint_rest(self, widget: Widget) -> None:
        """As `paint_now`, of a widget that is shown already unless something of it has changed since."""
        if not self.draws_changed_cells or textual_inside.dirty_regions(widget):
            self.paint_now(widget)

    def paint_rows(
        self, widget: Widget, rows: range, draw: Callable[[int], Strip], *, others: Sequence[Widget] = ()
    ) -> None:
        """Show rows of a widget's content, counted from its top, and all of some others, at once.

        `draw` gives what Textual would show of each row. For a line that grows with each word: nothing is rendered but
        these rows. Where that cannot be, they are shown as by `paint_now`.
        """
        if self._frames is not None and self.draws_changed_cells and not textual_inside.gathers_changes(self):
            frames, screen = self._frames, widget.screen
            compositor = textual_inside.compositor_of(screen)
            ready = screen is self.screen and textual_inside.is_laid_out(screen, widget)
            if ready and self._guarded(lambda: frames.show_rows(compositor, widget, rows, draw, others)):
                return
        self.paint_now(widget, Region(0, rows.start, widget.size.width, len(rows)), others=others)

    def action_suspend_process(self) -> None:
        """Stop, until the shell has this program go on (`fg`)."""
        driver = driver_of(self)
        if not isinstance(driver, WorkbenchDriver):
            super().action_suspend_process()
        elif not driver.stop():
            self.notify(NOBODY_CONTINUES, severity="warning", markup=False)

    def terminal_is_slow(self) -> None:
        """Called whenever frames have come late again and again."""

    def display_failed(self, error: Exception) -> None:
        """Called once, when Textual has to write the frames from now on."""

    def _can_paint(self, widget: Widget) -> bool:
        """Whether what the compositor knows of a widget's place is so, and is on top."""
        screen = widget.screen
        return screen is self.screen and textual_inside.is_laid_out(screen, widget)

    def show_frame(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Write what of a frame differs from what the terminal shows; what is no frame, Textual writes itself."""
        driver = driver_of(self)
        if not isinstance(driver, WorkbenchDriver):
            super().show_frame(screen, renderable)
        elif self._stock_display:
            if not driver.pending:  # else the whole screen is shown when the terminal has taken what was written
                super().show_frame(screen, renderable)
        elif not isinstance(renderable, ChopsUpdate | LayoutUpdate):
            if renderable is not None:
                self.forget_terminal()
            super().show_frame(screen, renderable)
        elif textual_inside.takes_frames(self):
            self._guarded(lambda: self._show(screen, driver, renderable))
            self.post_display_hook()

    def _show(self, screen: Screen[Any], driver: WorkbenchDriver, update: ChopsUpdate | LayoutUpdate) -> bool:
        width, height = self.size if self._terminal_size is None else sizes.shown(self.size, self._terminal_size)
        if self._frames is None or not self._frames.is_of(width, height):
            driver.when_drained, driver.when_started = self._catch_up, self.forget_terminal
            self._frames = _Frames(self, driver, width, height)
            if isinstance(update, ChopsUpdate):  # not enough for a terminal that is not known
                update = textual_inside.whole_frame(self, screen)
        self._frames.show(update)
        return True

    def _show_lines(self, screen: Screen[Any], widget: Widget) -> bool:
        return self._frames is not None and self._frames.show_lines(textual_inside.compositor_of(screen), widget)

    def _catch_up(self) -> None:
        """The terminal has taken all that was written: show what has changed meanwhile."""
        if not self.is_running or not self.screen_stack:
            return
        if self._lateness.caught_up():
            self.terminal_is_slow()
        if self._stock_display:
            self.screen.refresh()
        elif self._frames is not None:
            self._guarded(self._frames.write)

    def _guarded(self, draw: Callable[[], bool]) -> bool:
        """Draw, and say whether that was done. When it fails, whatever it is, Textual draws from now on."""
        try:
            return draw()
        except Exception as error:  # noqa: BLE001 - a screen in more bytes is better than none
            self._stock_display = True
            self._frames = None
            driver = driver_of(self)
            if driver is not None:
                driver.write("\x1b[m")
            self.screen.refresh()
            self.display_failed(error)
            return False


class _Frames:
    """Frames for a terminal of one size: what is to be shown, and whether the terminal is ready for it."""

    def __init__(self, app: ChangedCellsApp[Any], driver: WorkbenchDriver, width: int, height: int) -> None:
        self._app = app
        self._driver = driver
        self._looks = Looks(app.inks())
        self._picture = Picture(width, height, self._looks)
        self._wanted: dict[int, Row] = {}

    def is_of(self, width: int, height: int) -> bool:
        return (self._picture.width, self._picture.height) == (width, height)

    def show(self, update: ChopsUpdate | LayoutUpdate) -> None:
        """Show what the compositor made, which may be for the size that the terminal had before."""
        if isinstance(update, LayoutUpdate):
            self._take_lines(update)
        else:
            self._take_spans(update)
        self.write()

    def show_lines(self, compositor: Compositor, widget: Widget) -> bool:
        """Show what is dirty of a widget without composing the screen; whether that could be done.

        It could not when something stands before it, its scroll bar aside.
        """
        if widget not in compositor.visible_widgets or not self.is_of(*compositor.size):
            return False
        region, clip = compositor.visible_widgets[widget]
        dirty = (clip.intersection(part.translate(region.offset)) for part in textual_inside.dirty_regions(widget))
        found = [self._ends(compositor, widget, _rows(part)) for part in dirty]
        ends = {y: end for part in found if part is not None for y, end in part.items()}
        if None in found:
            return False
        textual_inside.forget_dirty(widget)
        self._place_lines(region, widget, ends)
        self.write()
        return True

    def show_rows(
        self,
        compositor: Compositor,
        widget: Widget,
        rows: range,
        draw: Callable[[int], Strip],
        others: Sequence[Widget] = (),
    ) -> bool:
        """Show rows of a widget's content as drawn, and all of some others, under the same conditions.

        Nothing else of the widget may be due.
        """
        visible = compositor.visible_widgets
        if widget not in visible or not self.is_of(*compositor.size) or textual_inside.dirty_regions(widget):
            return False
        gutter, region = widget.styles.gutter, visible[widget][0]
        left, top = region.x + gutter.left, region.y + gutter.top
        ends = self._ends(compositor, widget, range(top + rows.start, top + rows.stop))
        beside = [
            (other, self._ends(compositor, other, _rows(visible[other][0]))) for other in others if other in visible
        ]
        if ends is None or any(found is None for _, found in beside):
            return False
        textual_inside.forget_rows(widget, Region(0, gutter.top + rows.start, region.width, len(rows)))
        for y, end in ends.items():
            self._place(y, left, (draw(y - top).crop(0, max(end - left, 0)),))
        for other, found in beside:
            textual_inside.draw_soon(other, ())
            textual_inside.forget_dirty(other)
            self._place_lines(visible[other][0], other, found or {})
        self.write()
        return True

    def _ends(self, compositor: Compositor, widget: Widget, rows: range) -> dict[int, int] | None:
        """Where in each of some rows of the screen a widget ends that nothing stands before, but at its right.

        None when something does.
        """
        region, clip = compositor.visible_widgets[widget]
        seen = range(max(rows.start, clip.y, region.y), min(rows.stop, clip.bottom, region.bottom))
        ends = {y: _uncovered(compositor, widget, y) for y in seen}
        if None in ends.values() or clip.x > region.x or clip.right < region.right:
            return None
        return {y: end or region.right for y, end in ends.items()}

    def _place_lines(self, region: Region, widget: Widget, ends: Mapping[int, int]) -> None:
        for rows in _runs(ends):  # asking for a line costs as much as asking for all of them
            strips = widget.render_lines(Region(0, rows.start - region.y, region.width, len(rows)))
            for y, strip in zip(rows, strips, strict=False):
                self._place(y, region.x, (strip.crop(0, ends[y] - region.x),))

    def _take_lines(self, update: LayoutUpdate) -> None:
        for y, strips in enumerate(update.strips, update.region.y):
            self._place(y, update.region.x, strips)

    def _take_spans(self, update: ChopsUpdate) -> None:
        for y, left, right in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x < right and end > left:
                    self._place(y, x, (strip,))

    def _place(self, y: int, x: int, strips: Iterable[Strip]) -> None:
        """Put strips beside each other into row `y`, from cell `x` on; nothing goes beyond the terminal."""
        if y >= self._picture.height or x >= self._picture.width:
            return
        row = self._wanted.get(y)
        if row is None:
            row = self._wanted[y] = self._picture.row(y)
        new = cells((segment for strip in strips for segment in strip), self._looks)
        put(row, x, cut(new, self._picture.width - x))

    def write(self) -> bool:
        """Write what differs. While the terminal has not taken what was written before, that has to wait."""
        if self._driver.pending:
            self._app._lateness.frame_waits()
            return False
        rows, self._wanted = self._wanted, {}
        cursor = Size(self._picture.width, self._picture.height).clamp_offset(self._app.cursor_position)
        text = self._picture.change(rows, (cursor.x, cursor.y))
        if len(text) > _ATOMIC and textual_inside.has_synchronized_updates(self._app):
            text = f"{_BEGIN}{text}{_END}"
        if text:
            self._driver.write(text)
        return True


def _runs(rows: Iterable[int]) -> Iterator[range]:
    """Rows that follow one another, together."""
    run = range(0)
    for y in sorted(rows):
        if y != run.stop and run:
            yield run
        run = range(run.start if y == run.stop and run else y, y + 1)
    if run:
        yield run


def _rows(region: Region) -> range:
    return range(region.y, region.bottom)


def _uncovered(compositor: Compositor, widget: Widget, y: int) -> int | None:
    """Where in row `y` the part of a widget ends that nothing stands before; None when that is not its left part."""
    end = 0
    for other, shown, _ in compositor.layers_visible[y]:  # from the front to the back
        if other is widget:
            return min(end or shown.right, shown.right)
        own = compositor.visible_widgets[widget][0]
        if shown.right <= own.x or shown.x >= own.right:
            continue
        if shown.x <= own.x or shown.right < own.right:
            return None
        end = min(end or shown.x, shown.x)
    return None


def _driver_class() -> type[Driver] | None:
    """Our driver where Textual would choose the one that it is made of, else None: Textual chooses."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    return WorkbenchDriver
