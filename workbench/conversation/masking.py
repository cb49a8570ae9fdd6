"""Events without API keys: nothing of a turn that is shown, kept or sent holds one, whoever said it.

Owns the texts that a message spells over several events. Of a server's frames, the bytes are masked before: `raw` is
what came, but for the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.events import ContentDelta, Event, Malformed, Request, ToolCallDelta, ToolPlanDelta, Unknown

if TYPE_CHECKING:
    from workbench.secrets.redactor import Pieces, Redactor

Delta = ContentDelta | ToolPlanDelta | ToolCallDelta
_TEXTS: Final = {ContentDelta: ("text", "thinking"), ToolPlanDelta: ("text",), ToolCallDelta: ("arguments",)}
_BETWEEN: Final = (Unknown, Malformed)  # these end no text


@dataclass(slots=True)
class _Open:
    """A text that is being spelled: the field of its deltas, the last of them, and what may be held back."""

    name: str
    last: Delta
    pieces: Pieces[str]


class EventMask:
    """Masks the events of one turn, in their order. The body of a `Request` is masked where it is made."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._open: dict[tuple[str, str, int | None], _Open] = {}

    def events(self, event: Event) -> Iterator[Event]:
        """`event` without keys, behind what had been held back of the texts that it ends."""
        if not self._redactor:
            yield event
        elif isinstance(event, Delta):
            yield self._delta(event)
        else:
            if not isinstance(event, _BETWEEN):
                yield from self.rest()
            yield event if isinstance(event, Request) else self._masked(event)

    def rest(self) -> Iterator[Event]:
        """What is still held back, when nothing more comes."""
        open_, self._open = self._open, {}
        for each in open_.values():
            if held := each.pieces.close():
                yield _with(each.last, {**dict.fromkeys(_TEXTS[type(each.last)], ""), each.name: held, "raw": ""})

    def _delta(self, event: Delta) -> Event:
        masked: dict[str, Any] = {}
        for name in _TEXTS[type(event)]:
            if text := getattr(event, name):
                new = self._opened(event, name).pieces.feed(text)
                if new != text:
                    masked[name] = new
        return _with(event, masked)

    def _opened(self, event: Delta, name: str) -> _Open:
        place = (event.kind, name, None if isinstance(event, ToolPlanDelta) else event.index)
        if place not in self._open:
            self._open[place] = _Open(name, event, self._redactor.texts_in_pieces())
        self._open[place].last = event
        return self._open[place]

    def _masked(self, event: Event) -> Event:
        values = {each.name: getattr(event, each.name) for each in fields(event)}
        masked = {name: self._redactor.value(value) for name, value in values.items()}
        return _with(event, {name: value for name, value in masked.items() if value != values[name]})


def _with(event: Event, changed: dict[str, Any]) -> Event:
    return replace(event, **changed) if changed else event
