"""A turn that is over, folded again from its events as far as one wants to see it: one event on, or back to any.

Owns going back: every so many events what the turn had become is noted, so that going back to any event folds few of
them. Refuses to know where the events came from, and when they are wanted.
"""

from __future__ import annotations

import io
import pickle
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, overload

from workbench.conversation.event_log import EventLog
from workbench.conversation.given import edit_calls
from workbench.conversation.turn import Turn
from workbench.events import (
    Cited,
    Event,
    PersonAsked,
    Request,
    Retry,
    ToolResult,
    ToolStarted,
    TurnEnd,
)

NOTED_EVERY: Final = 1000  # events
LONG_TEXT: Final = 256  # characters from which on what is noted of a turn shares a text with the turn
_STREAM_IS_OVER: Final = (Request, Retry, ToolStarted, PersonAsked, ToolResult, TurnEnd)


class EventsSoFar(EventLog):
    """The first events of a log, which are kept there alone."""

    __slots__ = ("_whole",)

    def __init__(self, whole: EventLog, count: int) -> None:
        super().__init__()
        self._whole = whole
        self._count = count
        self.gaps = whole.gaps  # looked up for events that there are

    @property
    def requests(self) -> Mapping[int, Request]:
        """The requests among the events, by their places, in order."""
        return {place: each for place, each in self._whole.requests.items() if place < self._count}

    def append(self, event: Event) -> None:
        """One more of the events of the log is there."""
        self._count += 1

    def __iter__(self) -> Iterator[Event]:
        """Every event, in order."""
        return (self._whole[number] for number in range(self._count))

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        """The event at `index`, or those of a slice, as of a list. Raises IndexError."""
        if isinstance(index, slice):
            return [self._whole[number] for number in range(*index.indices(self._count))]
        at = index + self._count if index < 0 else index
        if not 0 <= at < self._count:
            raise IndexError(f"there is no event {index}")
        return self._whole[at]


class TurnAgain:
    """`turn` is what the turn was behind the first `at` of the events of `whole`.

    Going on changes it, as a turn that runs is changed; going back makes another one of it.
    """

    def __init__(self, whole: Turn, number: int | None = None, place: int | None = None) -> None:
        """`number` and `place` are those that the turn has where it is shown, in place of its own."""
        self._whole = whole
        self._number = whole.number if number is None else number
        self._place = place
        self._notes: list[tuple[int, _Note]] = []
        self._brought: deque[Cited] = deque()  # citations that the last event brought, whose own events are to come
        self._is_settled = False
        self.turn, self.at = self._fresh(), 0

    @property
    def count(self) -> int:
        """How many events there are."""
        return len(self._whole.events)

    @property
    def brought(self) -> tuple[Cited, ...]:
        """The citations that the last event brought, and which the turn has, though their own events are to come."""
        return tuple(self._brought)

    def on(self) -> Event:
        """Fold the next event, and return it. Raises IndexError behind the last."""
        event = self._whole.events[self.at]
        self._fold(event)
        self.turn.keep(event)
        self.at += 1
        if self.at % NOTED_EVERY == 0 and (not self._notes or self._notes[-1][0] < self.at):
            self._note()
        return event

    def back_towards(self, at: int) -> None:
        """Go back to event `at`, or to one before it from which on few are to be folded, or all that were not yet."""
        known = bisect_right(self._notes, at, key=lambda note: note[0]) - 1
        if known >= 0:
            self.at, note = self._notes[known]
            self.turn, self._brought, self._is_settled = note.turn(self._fresh(self.at))
        else:
            self.turn, self.at = self._fresh(), 0
            self._brought, self._is_settled = deque(), False

    def _fresh(self, count: int = 0) -> Turn:
        whole = self._whole
        turn = Turn(self._number, whole.prompt, self._place, parent=whole.parent, made_from=whole.made_from)
        turn.settings, turn.tools_off, turn.choices = whole.settings, whole.tools_off, whole.choices
        turn.events = EventsSoFar(self._whole.events, count)
        return turn

    def _note(self) -> None:
        try:
            self._notes.append((self.at, _Note(self.turn, self._brought, is_settled=self._is_settled)))
        except RecursionError:  # what is nested so deeply is folded from further back
            return

    # -- folding -------------------------------------------------------------------------------------

    def _fold(self, event: Event) -> None:
        """As when the event came. What no event tells, that a stream was over, is seen by what follows it."""
        turn = self.turn
        if isinstance(event, Cited):
            if not self._brought:
                self._settle(event.t)
            if self._brought:
                self._brought.popleft()
            return
        if isinstance(event, _STREAM_IS_OVER):
            self._settle(event.t)
            self._end_given(event)
        if isinstance(event, Request) and not turn.steps:
            turn.ledger = self._whole.ledger.as_sent()
        self._is_settled = False
        self._brought = deque(turn.apply(event))
        if isinstance(event, Request) and event.step <= self._given_steps:
            turn.steps[-1].given = True
        if isinstance(event, TurnEnd):
            turn.status, turn.error, turn.seconds = self._whole.status, self._whole.error, self._whole.seconds

    @property
    def _given_steps(self) -> int:
        """How many steps were taken over from another turn."""
        return self._whole.made_from.step if self._whole.made_from is not None else 0

    def _end_given(self, event: Event) -> None:
        """What no event tells: which calls of the last step that was taken over are edited, and its lack of times."""
        turn, made = self.turn, self._whole.made_from
        if made is None or not turn.steps or turn.steps[-1].number != made.step:
            return
        if not turn.steps[-1].edited:
            edit_calls(turn, made.arguments)
        if isinstance(event, Request | TurnEnd):
            turn.first_token = turn.last_token = None

    def _settle(self, t: float) -> None:
        if not self._is_settled:
            self._is_settled = True
            self._brought = deque(self.turn.settle(t))


class _Note:
    """What a turn had become, small: long texts and the bodies of requests are shared, all else is packed."""

    __slots__ = ("_packed", "_shared")

    def __init__(self, turn: Turn, brought: deque[Cited], *, is_settled: bool) -> None:
        """Raises RecursionError for what is nested too deeply to be packed."""
        state = {name: value for name, value in vars(turn).items() if name != "events"}
        bodies = {id(step.request): step.request for step in turn.steps}
        packer = _Packer(bodies)
        self._packed = packer.packed((state, tuple(brought), is_settled))
        self._shared = packer.shared

    def turn(self, turn: Turn) -> tuple[Turn, deque[Cited], bool]:
        """A new `turn` that is what it had become, and what of the last event was still to come."""
        # These bytes were made above and have never left the memory of this process.
        state, brought, is_settled = _Unpacker(io.BytesIO(self._packed), self._shared).load()
        vars(turn).update(state)
        return turn, deque(brought), is_settled


class _Packer(pickle.Pickler):
    def __init__(self, bodies: Mapping[int, Mapping[str, Any]]) -> None:
        self._file = io.BytesIO()
        super().__init__(self._file, pickle.HIGHEST_PROTOCOL)
        self._bodies = bodies
        self.shared: list[Any] = []

    def packed(self, value: Any) -> bytes:
        self.dump(value)
        return self._file.getvalue()

    def persistent_id(self, value: Any) -> int | None:
        is_shared = len(value) >= LONG_TEXT if type(value) is str else id(value) in self._bodies
        if not is_shared:
            return None
        self.shared.append(value)
        return len(self.shared) - 1


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, shared: Sequence[Any]) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, number: int) -> Any:
        return self._shared[number]
