"""Everything that is taken from inside of Textual: names that it may change without a word.

Owns these names, each in one place and behind one of ours, and the knowledge of whether the Textual that is
installed has them. Whoever leans on some asks `missing` once, before, and does without: Textual then draws, reads
keys and ends as it does in any app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rich.console import RenderableType
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.geometry import Region
from textual.keys import Keys
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

if TYPE_CHECKING:
    from textual._compositor import Compositor

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Inside:
    """Names of a class in a module of Textual; of the class itself when there are none."""

    module: str
    owner: str
    names: tuple[str, ...] = ()

    def missing(self) -> list[str]:
        """Those that are not there, in full."""
        try:
            owner = getattr(import_module(self.module), self.owner)
        except (ImportError, AttributeError):
            return [f"{self.module}.{self.owner}"]
        known = _known(owner)
        return [f"{self.module}.{self.owner}.{name}" for name in self.names if name not in known]


DISPLAY = (
    Inside("textual._compositor", "ChopsUpdate", ("chops", "spans", "chop_ends")),
    Inside("textual._compositor", "LayoutUpdate", ("strips", "region")),
    Inside(
        "textual._compositor",
        "Compositor",
        ("size", "visible_widgets", "layers_visible", "update_widgets", "render_update"),
    ),
    Inside(
        "textual.app",
        "App",
        ("_display", "_driver", "_batch_count", "_running", "_closed", "_sync_available", "_background_screens"),
    ),
    Inside("textual.screen", "Screen", ("_compositor", "_dirty_widgets", "_layout_required", "_compositor_refresh")),
    Inside(
        "textual.widget",
        "Widget",
        ("_layout_required", "_set_dirty", "_repaint_regions", "_exchange_repaint_regions", "_styles_cache"),
    ),
    Inside("textual._styles_cache", "StylesCache", ("set_dirty",)),
)
"""What drawing only the cells that changed needs."""

DRIVER = (
    Inside(
        "textual.drivers.linux_driver",
        "LinuxDriver",
        (
            "_get_terminal_size",
            "_in_band_window_resize",
            "_sigtstp_application",
            "_sigcont_application",
            "_must_signal_resume",
            "_auto_restart",
        ),
    ),
)
"""What the driver of ours needs to stop, to go on, and to tell the size of the terminal."""

KEYBOARD = (
    Inside(
        "textual._xterm_parser",
        "XTermParser",
        ("feed", "tick", "mouse_pixels", "terminal_size", "terminal_pixel_size", "_parse_extended_key"),
    ),
)
"""What reading keys as ours does needs."""

ENDING = (Inside("textual.app", "App", ("_handle_exception", "_fatal_error", "_exception", "_close_messages_no_wait")),)
"""What ends the app after a fault. Each has a way around it of its own."""

WIDGETS = (
    Inside("textual.app", "App", ("_clipboard",)),
    Inside("textual.scroll_view", "ScrollView", ("_refresh_scrollbars",)),
    Inside("textual.timer", "Timer", ("_skip",)),
    Inside("textual.widget", "Widget", ("_clear_arrangement_cache",)),
    Inside("textual.widgets", "TextArea", ("_on_key", "_on_paste")),
)
"""What widgets of ours do a little better with than without."""

ALL = (*DISPLAY, *DRIVER, *KEYBOARD, *ENDING, *WIDGETS)


class InsideError(Exception):
    """This Textual is not made as the one that this program knows; in words what it has not."""


def missing(needed: Iterable[Inside]) -> list[str]:
    """Which of the names needed this Textual has not, in full: `textual.app.App._driver`."""
    return [name for each in needed for name in each.missing()]


@cache
def _known(owner: type) -> frozenset[str]:
    """All names that a class has, or that one of its methods mentions: what is set in `__init__` is nowhere else."""
    names = set(dir(owner))
    for base in owner.__mro__:
        for value in vars(base).values():
            code = getattr(value, "__code__", None)
            if code is not None:
                names.update(code.co_names)
    return frozenset(names)


class _Absent:
    """Stands for a class that this Textual has not: nothing is one."""


if TYPE_CHECKING:
    from textual._compositor import ChopsUpdate as ChopsUpdate
    from textual._compositor import LayoutUpdate as LayoutUpdate
    from textual._xterm_parser import XTermParser as XTermParser
else:

    def _class(module: str, name: str) -> type:
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError):
            return _Absent

    ChopsUpdate = _class("textual._compositor", "ChopsUpdate")
    LayoutUpdate = _class("textual._compositor", "LayoutUpdate")
    XTermParser = _class("textual._xterm_parser", "XTermParser")


# -- the app ------------------------------------------------------------------------------------------------


class OpenApp(App[Result], Generic[Result]):
    """An app whose hooks have public names. One that Textual calls no more does nothing."""

    def show_frame(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual has a frame for the terminal; this writes it as Textual does."""
        super()._display(screen, renderable)

    def fail(self, error: Exception) -> None:
        """Nobody caught an exception; this ends the app with return code 1."""
        super()._handle_exception(error)

    def describe_fault(self) -> None:
        """Textual is about to end for an exception; this makes a traceback with all variables, which is slow."""
        super()._fatal_error()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.show_frame(screen, renderable)

    def _handle_exception(self, error: Exception) -> None:
        self.fail(error)

    def _fatal_error(self) -> None:
        self.describe_fault()


def driver_of(app: App[Any]) -> Driver | None:
    """What the app writes to; None in one that does not run, or does not say."""
    return getattr(app, "_driver", None)


def remember_copied(app: App[Any], text: str) -> None:
    """Ctrl+V pastes this from now on, where nothing else is pasted."""
    app._clipboard = text


def exception_of(app: App[Any]) -> Exception | None:
    """What ended the app, if Textual says so."""
    return getattr(app, "_exception", None)


def close_now(app: App[Any]) -> None:
    """End the app without having it draw or say anything more."""
    close = getattr(app, "_close_messages_no_wait", None)
    if close is None:
        app.exit(return_code=1)
    else:
        close()


def takes_frames(app: App[Any]) -> bool:
    """Whether the app runs, and does not gather changes for one frame."""
    return app._running and not app._closed and not app._batch_count


def gathers_changes(app: App[Any]) -> bool:
    """Whether frames wait for the end of a batch of changes."""
    return bool(app._batch_count)


def has_synchronized_updates(app: App[Any]) -> bool:
    """Whether the terminal said that it shows what stands between two marks at once."""
    return app._sync_available


# -- the screen, and what is to be drawn of it ----------------------------------------------------------------


def compositor_of(screen: Screen[Any]) -> Compositor:
    """What knows the place of each widget."""
    return screen._compositor


def whole_frame(app: App[Any], screen: Screen[Any]) -> ChopsUpdate | LayoutUpdate:
    """Everything that a screen shows, with those that shine through it."""
    update = screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, ChopsUpdate | LayoutUpdate)
    return update


def draw_soon(widget: Widget, regions: Sequence[Region]) -> None:
    """Mark regions of a widget (() is all of it) as changed, without asking for a frame."""
    widget._set_dirty(*regions)


def draw_dirty(screen: Screen[Any], others: Iterable[Widget]) -> None:
    """Show what is marked as changed, and all of some others, in a frame at once."""
    screen._compositor.update_widgets(screen._dirty_widgets | set(others))
    screen._compositor_refresh()


def dirty_regions(widget: Widget) -> Iterable[Region]:
    """The regions of a widget that are marked as changed."""
    return widget._repaint_regions


def forget_dirty(widget: Widget) -> None:
    """They have been drawn."""
    widget._exchange_repaint_regions()


def forget_rows(widget: Widget, region: Region) -> None:
    """What was rendered of these rows of a widget, its borders included, is not so any more; no frame is asked for."""
    widget._styles_cache.set_dirty(region)


def is_laid_out(screen: Screen[Any], widget: Widget) -> bool:
    """Whether neither is about to get another place or size."""
    return not screen._layout_required and not widget._layout_required


# -- the driver -------------------------------------------------------------------------------------------------


class OpenDriver(LinuxDriver):
    """A driver whose hooks have public names."""

    def terminal_size(self) -> tuple[int, int]:
        """Columns and rows, whenever Textual asks."""
        return super()._get_terminal_size()

    def told_to_stop(self) -> None:
        """SIGTSTP came; this gives the terminal back, unless an editor has it, and stops."""
        super()._sigtstp_application()

    def told_to_go_on(self) -> None:
        """SIGCONT came; this takes the terminal, unless an editor has it."""
        super()._sigcont_application()

    @property
    def size_is_told(self) -> bool:
        """Whether the terminal itself says each new size."""
        return self._in_band_window_resize

    @property
    def takes_terminal_again(self) -> bool:
        """Whether the terminal is ours after a stop; not while an editor has it."""
        return self._auto_restart

    @property
    def was_stopped(self) -> bool:
        """Whether the app is to be told, once the terminal is taken again, that it was stopped."""
        return self._must_signal_resume

    def remember_stop(self) -> None:
        """Have the app told so."""
        self._must_signal_resume = True

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.terminal_size()

    def _sigtstp_application(self, *_: object) -> None:
        self.told_to_stop()

    def _sigcont_application(self, *_: object) -> None:
        self.told_to_go_on()


# -- the keyboard -----------------------------------------------------------------------------------------------


class OpenParser(XTermParser):
    """A parser that asks us about each sequence that may tell a key."""

    def key_sequence(self, sequence: str) -> str | None:
        """The sequence in the words that the parser knows; "" when it presses no key, None when it tells none."""
        return sequence

    def _parse_extended_key(self, sequence: str) -> list[Key] | None:  # type: ignore[override]  # Textual's is cached
        told = self.key_sequence(sequence)
        if told is None:
            return None
        return super()._parse_extended_key(told) if told else [Key(Keys.Ignore, sequence)]


# -- widgets ----------------------------------------------------------------------------------------------------


def set_once(pump: MessagePump, seconds: float, call: Callable[[], object]) -> Timer:
    """Call something, once, so many seconds from now.

    As `set_timer`, which leaves out what is due in the past: where the machine has no turn for the program just as the
    timer begins, it would never call.
    """
    timer = pump.set_timer(seconds, call)
    if hasattr(timer, "_skip"):
        timer._skip = False
    return timer


def refresh_scroll_bars(view: ScrollView) -> None:
    """Have the scroll bar come or go with the height of the text; a layout does it too, later."""
    refresh = getattr(view, "_refresh_scrollbars", None)
    if refresh is None:
        view.refresh(layout=True)
    else:
        refresh()


def forget_arrangements(widget: Widget) -> None:
    """Have a widget arrange its children when it is asked to; else it may say what it did for the same size before."""
    forget = getattr(widget, "_clear_arrangement_cache", None)
    if forget is not None:
        forget()


async def type_key(area: TextArea, event: Key) -> None:
    """Have a text area act on a key now; else Textual does it by itself, after the handler of ours."""
    act = getattr(TextArea, "_on_key", None)
    if act is not None:
        await act(area, event)


async def type_paste(area: TextArea, text: str) -> None:
    """Have a text area take a text as it takes a paste."""
    take = getattr(TextArea, "_on_paste", None)
    if take is not None:
        await take(area, Paste(text))
    else:
        area.replace(text, *area.selection, maintain_selection_offset=False)
