"""Events without API keys: nothing of a turn that is shown, kept or sent holds one, whoever said it.

Owns the texts that a message spells over several events. Of a server's frames, the bytes are masked before: `raw` is
what came, but for the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.events import (
    ContentDelta,
    ContentStart,
    Event,
    Malformed,
    Request,
    ToolCallDelta,
    ToolCallStart,
    ToolPlanDelta,
    Unknown,
)

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
            yield event if isinstance(event, Request) else self._begun(self._masked(event))

    def rest(self) -> Iterator[Event]:
        """What is still held back, when nothing more comes."""
        for each in self._open.values():
            if held := each.pieces.release():
                yield _with(each.last, {**dict.fromkeys(_TEXTS[type(each.last)], ""), each.name: held, "raw": ""})

    def _delta(self, event: Delta) -> Event:
        masked: dict[str, Any] = {}
        for name in _TEXTS[type(event)]:
            if text := getattr(event, name):
                new = self._opened(event, name).pieces.feed(text)
                if new != text:
                    masked[name] = new
        return _with(event, masked)

    def _begun(self, event: Event) -> Event:
        """A start of a block or of a call, which may carry the first piece of the text that its deltas continue."""
        at: dict[str, Any] = {"t": event.t, "step": event.step}
        if isinstance(event, ContentStart) and event.text:
            name = "thinking" if event.type == "thinking" else "text"
            new = self._opened(ContentDelta(**at, index=event.index), name).pieces.feed(event.text)
            return _with(event, {"text": new} if new != event.text else {})
        if isinstance(event, ToolCallStart):
            self._open.pop((ToolCallDelta.kind, "arguments", event.index), None)
            if event.arguments:
                new = self._opened(ToolCallDelta(**at, index=event.index), "arguments").pieces.feed(event.arguments)
                return _with(event, {"arguments": new} if new != event.arguments else {})
        return event

    def _opened(self, event: Delta, name: str) -> _Open:
        # The texts of all blocks are read as one, those of calls each by itself.
        place = (event.kind, name, event.index if isinstance(event, ToolCallDelta) else None)
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
