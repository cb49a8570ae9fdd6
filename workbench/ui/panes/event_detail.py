"""One event at depth: its frame as it came, and what it was decoded to, side by side or over one another.

Owns how both are laid out in the room that there is, and what is said of what Cohere's own client makes of the frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from textual.app import RenderResult
from textual.content import Content, Span
from textual.widget import Widget

from workbench.safe_text import safe_line
from workbench.ui.panes.values import beginning_of
from workbench.ui.themes.named_styles import NamedStyles
from workbench.ui.widgets.coloured_json import coloured
from workbench.ui.widgets.rows import STYLES

if TYPE_CHECKING:
    from workbench.events import Event, WireEvent
    from workbench.wire.sdk_model import SdkEvent

BESIDE: Final = 90  # cells in which both stand side by side; a pane on a whole screen of 100 columns has them
MARGIN: Final = 1
BETWEEN: Final = " │ "
TITLED_FROM: Final = 6  # lines that leave room for titles, and for what it is below how it came
MOST_NAMED: Final = 12  # fields that the SDK's models do not declare


class EventDetail(Widget):
    """Shows one event, or nothing; what does not fit is counted."""

    DEFAULT_CSS = """
    EventDetail { height: 1fr; border-top: solid $wb-rule; display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._styles = NamedStyles(self, STYLES)
        self._event: Event | None = None

    def show(self, event: Event | None) -> None:
        """Show another event."""
        if event is not self._event:
            self._event = event
            self.refresh()

    def notify_style_update(self) -> None:
        """The theme changed: the words have other colours."""
        super().notify_style_update()
        self.refresh()

    def render(self) -> RenderResult:
        """The event, as far as there is room."""
        width, height = self.content_size
        if self._event is None or width < 2 or height < 1:
            return Content("")
        return Content("\n").join(map(self._styled, detail_lines(self._event, width, height)))

    def _styled(self, line: Content) -> Content:
        spans = [Span(span.start, span.end, self._styles.content(str(span.style))) for span in line.spans]
        return Content(line.plain, spans=spans)


def detail_lines(event: Event, width: int, height: int) -> list[Content]:
    """An event as at most `height` lines of at most `width` cells."""
    from workbench.events import WireEvent

    inner, titled = max(2, width - MARGIN), height >= TITLED_FROM
    decoded = _decoded(event, titled=titled)
    if not isinstance(event, WireEvent):
        lines = _fitted(decoded.wrap(inner), height)
    elif not titled and inner < BESIDE:
        lines = _fitted(Content.assemble(*_of_sdk(event, named=False), _shown(event.raw)).wrap(inner), height)
    elif inner >= BESIDE:
        columns = (inner - len(BETWEEN)) // 2
        left, right = (_fitted(each.wrap(columns), height) for each in (_raw(event, titled=titled), decoded))
        pairs = zip_longest(left, right, fillvalue=Content(""))
        lines = [_beside(one, other, columns) for one, other in pairs]
    else:
        above, below = _raw(event, titled=True).wrap(inner), decoded.wrap(inner)
        share = max(height // 2, height - len(below))
        above = _fitted(above, max(1, share))
        lines = _fitted([*above, *_fitted(below, max(1, height - len(above)))], height)
    return [line.truncate(max(1, width - MARGIN)).pad_left(MARGIN) for line in lines]


def _fitted(lines: Sequence[Content], height: int) -> list[Content]:
    """The lines as far as there is room; the last one says how many there are besides."""
    if len(lines) <= height:
        return list(lines)
    left = len(lines) - height + 1
    return [*lines[: height - 1], Content.styled(f"… {left} more line{'s' if left > 1 else ''}", "warning")]


def _beside(left: Content, right: Content, columns: int) -> Content:
    return Content.assemble(left, " " * max(0, columns - left.cell_length), (BETWEEN, "muted"), right)


def _raw(event: WireEvent, *, titled: bool) -> Content:
    return Content.assemble(("raw\n" if titled else "", "bold"), _shown(event.raw))


def _decoded(event: Event, *, titled: bool) -> Content:
    """What a frame was decoded to, and behind it what Cohere's own client makes of it; or an event of ours."""
    from workbench.events import WireEvent

    values: dict[str, Any] = {"event": event.kind}
    values |= {each.name: _plain(getattr(event, each.name)) for each in fields(event) if each.name != "raw"}
    of_sdk = _of_sdk(event) if isinstance(event, WireEvent) else ()
    title = "decoded\n" if isinstance(event, WireEvent) else "an event of this program\n"
    return Content.assemble((title if titled else "", "bold"), *of_sdk, _shown(values))


def _plain(value: Any) -> Any:
    from workbench.events import TurnSummary

    return value.as_json() if isinstance(value, TurnSummary) else value


def _shown(value: Any) -> Content:
    text, left = beginning_of(value)
    return coloured(text) if not left else Content.assemble(coloured(text), ("\n… " + left, "warning"))


# -- the SDK ---------------------------------------------------------------------------------------------------------


def flag_of(event: Event) -> str:
    """What Cohere's own client would have lost of an event, in a few words; "" where that is nothing."""
    from workbench.events import WireEvent

    return _sdk_event(event).flag if isinstance(event, WireEvent) else ""


def _sdk_event(event: WireEvent) -> SdkEvent:
    from workbench.events import NOT_STREAMED, Malformed, Unknown
    from workbench.wire.frames import NO_LINE
    from workbench.wire.sdk_model import SdkEvent, sdk_event

    if isinstance(event, Malformed) and event.reason.startswith(NO_LINE):
        return SdkEvent("dropped")
    is_ours = isinstance(event, Unknown) and event.type == NOT_STREAMED
    if is_ours or not (event.raw or isinstance(event, Unknown)):  # or what was held back where a key may have begun
        return SdkEvent("as it is")
    return sdk_event(event.raw)


def _of_sdk(event: WireEvent, *, named: bool = True) -> Iterator[tuple[str, str]]:
    made = _sdk_event(event)
    if made.flag:
        yield f"! {made.flag}\n", "warning"
    if made.beside and named:
        more = f" and {len(made.beside) - MOST_NAMED} more" if len(made.beside) > MOST_NAMED else ""
        names = ", ".join(safe_line(name) for name in made.beside[:MOST_NAMED])
        yield f"not in the SDK's models: {names}{more}\n", "muted"
