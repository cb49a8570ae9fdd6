"""An event as a row: when it came, what it brought, and below that, unfolded, its frame as received.

Owns what of an event stands on its line. A row is made when it is seen; what can be found in it is known without that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from textual.content import Content

from workbench.safe_text import safe_line
from workbench.ui.panes.event_detail import flag_of
from workbench.ui.panes.values import beginning_of, exact, telling
from workbench.ui.widgets.coloured_json import coloured
from workbench.ui.widgets.row import LazyRow, Row, beginning

if TYPE_CHECKING:
    from workbench.conversation.event_log import EventLog
    from workbench.events import Event

HIDDEN_FIELDS: Final = frozenset({"t", "step", "raw"})
LONGEST_VALUE: Final = 200  # characters of a field on the line of an event
PIECES: Final[Mapping[str, tuple[str, ...]]] = {
    "content-delta": ("text", "thinking"),
    "tool-plan-delta": ("text",),
    "tool-call-delta": ("arguments",),
}
"""The events that a stream is made of, with the fields that hold their text."""
PLACES: Final = frozenset({"id", "call", "index", "ordinal", "turn"})
COMMON: Final = frozenset({*PIECES, "content-end", "citation-end", "tool-call-end", "done"})
"""What says little by having come."""
_STYLES: Final[Mapping[str, str]] = {"malformed": "bold error", "unknown": "bold warning"}
_write = json.JSONEncoder(ensure_ascii=False, default=str).encode

Part = tuple[str, str]
"""Characters of a line, and their style."""


class Flags:
    """Whether rows say what Cohere's own client would have lost."""

    __slots__ = ("are_shown",)

    def __init__(self) -> None:
        self.are_shown = False


class LazyEvent(LazyRow):
    """The row of event `number` of `events`, with `flags` as they are when it is made."""

    __slots__ = ("_events", "_flags", "_number")

    def __init__(self, events: EventLog, number: int, flags: Flags) -> None:
        self._events = events
        self._number = number
        self._flags = flags

    def __call__(self) -> Row:
        """The row; see `event_row`."""
        return event_row(self._events[self._number], self._before, flagged=self._flags.are_shown)

    def searched(self) -> tuple[str, str]:
        """What can be found in it, as in the row."""
        event = self._events[self._number]
        head, _ = _head(event, self._before, flagged=self._flags.are_shown)
        return "".join(text for text, _ in head), _frame_text(event)

    @property
    def _before(self) -> float | None:
        return self._events[self._number - 1].t if self._number else None


def event_row(event: Event, before: float | None = None, *, flagged: bool = False) -> Row:
    """An event: its time, how long after the event `before`, and what it brought; unfolded, its frame as received.

    Of a piece of text that is the text, and all else is dim; of what is rarer, its kind. With `flagged` it says what
    Cohere's own client would have lost of it.
    """
    head, left = _head(event, before, flagged=flagged)
    return Row(
        Content.assemble(*head),
        body=partial(_frame, event),
        indent=9,
        head_rest=left,
        copied=partial(_frame_text, event),
        repeats=True,
    )


def _head(event: Event, before: float | None, *, flagged: bool) -> tuple[list[Part], int]:
    """The line of an event, and how many characters were left out of it."""
    kind = event.kind
    since = "" if before is None else f"{event.t - before:+.3f}"
    head: list[Part] = [(f"{event.t:8.3f} {since:>7}  ", "muted")]
    if flagged and (flag := flag_of(event)):
        head.append((f"! {flag}  ", "warning"))
    shown = _shown_fields(event)
    piece = next((name for name in PIECES.get(kind, ()) if name in shown), None)
    # Which block a piece belongs to is told when there is more than one of them.
    rest = {name: value for name, value in shown.items() if name != piece and (piece is None or value != 0)}
    said, left = beginning("  ".join(f"{name}={_short(value)}" for name, value in _telling(rest))) if rest else ("", 0)
    if piece is not None:
        of = "" if piece == "text" else f" {piece}"
        head += [(f"{safe_line(_short(shown[piece]))}  ", ""), (f"{kind}{of}  {said}", "muted")]
    else:
        style = "muted" if kind in COMMON else _STYLES.get(kind, "bold")
        head += [(kind, style), (f"  {said}", "muted" if kind in PIECES else "")]
    return head, left


def _shown_fields(event: Event) -> dict[str, Any]:
    """The fields that say something, as JSON has them."""
    shown = {}
    kind: Any = type(event)
    for name in _names(kind):
        value = getattr(event, name)
        if value not in ("", None, ()):
            shown[name] = value.as_json() if name == "summary" else value
    return shown


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name not in HIDDEN_FIELDS)


def _telling(shown: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields, those first that tell most; ids and numbers of places tell least."""
    return sorted(telling(shown), key=lambda entry: entry[0] in PLACES)


def _frame(event: Event) -> Content:
    """The frame as it came, or what we made of it, as far as it is looked at."""
    text, left = beginning_of(_said(event))
    return coloured(text) if not left else Content.assemble(coloured(text), ("\n… " + left, "warning"))


def _frame_text(event: Event) -> str:
    return exact(_said(event))


def _said(event: Event) -> Any:
    from workbench.events import WireEvent

    return event.raw if isinstance(event, WireEvent) else _shown_fields(event)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else _write(value)
    shown = _write(text[:LONGEST_VALUE]) if isinstance(value, str) else text[:LONGEST_VALUE]
    return shown if len(text) <= LONGEST_VALUE else f"{shown}… +{len(text) - LONGEST_VALUE}"
