"""What of a session is exported: its turns as they were, without keys.

Owns reading them, and which server they were asked at. Refuses to know in which form they are taken along.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from workbench import surrogates
from workbench.cohere_client.client_options import OFFLINE_ENGINE
from workbench.cohere_client.endpoint import COHERE_URL, checked_base_url
from workbench.conversation.turn import Turn
from workbench.errors import ConfigurationError, Problem
from workbench.events import Event
from workbench.recordings.recording import Reading, RecordedLine, finite
from workbench.secrets.redactor import Redactor
from workbench.sessions.restore import restored
from workbench.sessions.turns import Dropped, TurnLines, turns_of


class EventLine(Protocol):
    """Gives an event as an object of JSON on one line; with its `turn` the end of one says what its sources hold."""

    def __call__(self, event: Event, turn: Turn | None = None) -> str:
        """The line."""
        ...


ASKER: Final = "sessions export"
WITHOUT_KEY: Final = " (no key)"  # ends what a recording calls a server that got none
_ON_THIS_MACHINE: Final = re.compile(r"(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?")
_HOST: Final = re.compile(r"[\w.-]+(?::\d+)?|\[[\da-f:]+\](?::\d+)?", re.ASCII | re.IGNORECASE)
_PLAIN_URL: Final = re.compile(r"https?://[\w.:%/\[\]~-]+", re.ASCII)  # in which nothing means anything to a shell


@dataclass(frozen=True, slots=True)
class ExportedTurn:
    """A turn, and what was asked in it.

    `source` is what answered, as the recording calls it. `is_left` says that the conversation went on without it. With
    `step` it is the request of that step alone.
    """

    turn: Turn
    source: str = ""
    base_url: str = COHERE_URL
    is_left: bool = False
    step: int | None = None

    @property
    def wants_key(self) -> bool:
        """Whether the server that is asked again wants a key."""
        return not self.source.endswith(WITHOUT_KEY)

    def requests(self) -> list[tuple[int, dict[str, Any]]]:
        """The step and the body of each request of the turn as it was sent, `stream` included, in their order.

        What the turn took over from another one was sent in that one; it is here where it is the step that is meant.
        """
        meant = [step for step in self.turn.steps if self.step == step.number or (self.step is None and not step.given)]
        steps = [step for step in meant if step.request]
        return [(step.number, {**_sendable(step.request), "stream": True}) for step in steps]

    def bodies(self) -> list[dict[str, Any]]:
        """The body of each request."""
        return [body for _, body in self.requests()]


@dataclass(frozen=True, slots=True)
class Exported:
    """A session. `began` is in seconds since 1970, None where that is not known."""

    id: str
    began: float | None
    turns: Sequence[ExportedTurn]


def masked_lines(path: Path, redactor: Redactor) -> Iterator[RecordedLine]:
    """The lines of the recording in `path`, without keys. Raises RecordingError, which names the place."""
    for line in Reading(path):
        yield replace(line, fields=redactor.value(line.fields)) if redactor else line


def read_exported(path: Path, redactor: Redactor, number: int | None = None) -> Exported:
    """The session in `path`, of which with `number` only that turn is exported.

    Raises RecordingError for what cannot be read, ConfigurationError for a turn that is not there.
    """
    began: list[float | None] = []

    def seen() -> Iterator[RecordedLine]:
        for line in masked_lines(path, redactor):
            if line.kind == "header":
                began.append(finite(line.fields.get("began")))
            yield line

    turns: list[ExportedTurn] = []
    numbers: list[int] = []
    left: set[int | None] = set()
    for each in turns_of(path, seen()):
        if isinstance(each, Dropped):
            left.add(each.turn)
        if not isinstance(each, TurnLines):
            continue
        numbers.append(each.number)
        if number in (None, each.number):
            asked_at = base_url_of(each.source, each.base_url)
            turns.append(ExportedTurn(restored(each, path, redactor=redactor).turn, each.source, asked_at))
    refuse_unknown(path, number, numbers)
    marked = tuple(replace(each, is_left=each.turn.number in left) for each in turns)
    return Exported(path.stem, next(iter(began), None), marked)


def refuse_unknown(path: Path, number: int | None, numbers: Sequence[int]) -> None:
    """Raise ConfigurationError when the turn that is wanted is none of those that a session has, or it has none."""
    if not numbers:
        raise refusal(f"{path.stem} holds no turn", "there is nothing to export")
    if number is not None and number not in numbers:
        known = f"it has {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"it has turn {numbers[0]}"
        raise refusal(f"{path.stem} has no turn {number}", known)


def refusal(message: str, hint: str = "") -> ConfigurationError:
    """What the command says of what it cannot do."""
    return ConfigurationError([Problem(ASKER, 0, 0, message, hint)])


def base_url_of(source: str, base_url: str) -> str:
    """Where a turn is asked again: where it was, or at Cohere's own API where no server was asked.

    `source` is what answered, `base_url` where that is, or "". They may come from anybody: what is no plain URL
    is none.
    """
    if base_url:
        return _checked(base_url) or COHERE_URL
    host = source.removesuffix(WITHOUT_KEY)
    if host in ("", OFFLINE_ENGINE) or not _HOST.fullmatch(host):
        return COHERE_URL
    scheme = "http" if _ON_THIS_MACHINE.fullmatch(host) else "https"  # an earlier version noted no more than the host
    return _checked(f"{scheme}://{host}") or COHERE_URL


def _checked(url: str) -> str:
    try:
        return checked_base_url(url, ASKER) if _PLAIN_URL.fullmatch(url) else ""
    except ConfigurationError:
        return ""


def _sendable(value: Any) -> Any:
    """A JSON value as it is sent: no request carries half of a surrogate pair, or a number that JSON does not have."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return surrogates.sendable(value)
    if isinstance(value, dict):
        return {surrogates.sendable(str(name)): _sendable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_sendable(item) for item in value]
    return value
