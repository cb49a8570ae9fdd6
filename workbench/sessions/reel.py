"""Where one is in a recording that is played, and where one may go from there: to an event, a frame, a call, a time.

Owns the order of places over all its turns. Refuses to fold: what a turn was at a place is for `conversation`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from workbench.events import EVENTS, WIRE_EVENTS, ToolCallStart
from workbench.sessions.played import PlayedTurn

Unit = Literal["event", "frame", "call"]
"""What a step goes to: any event, the next frame of the stream, or where the model begins to write a call."""

_STOPS: Final[Mapping[Unit, frozenset[str]]] = {
    "event": frozenset(kind.kind for kind in EVENTS),
    "frame": frozenset(kind.kind for kind in WIRE_EVENTS),
    "call": frozenset({ToolCallStart.kind}),
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Behind the first `events` of turn `turn`; both count from 0, and at least one event has come."""

    turn: int = 0
    events: int = 1


class Reel:
    """The places of `turns`, of which there is at least one, each with at least one event."""

    def __init__(self, turns: Sequence[PlayedTurn]) -> None:
        self.turns = tuple(turns)

    def kind(self, at: Place) -> str:
        """The kind of the event that came last."""
        return self.turns[at.turn].kinds[at.events - 1]

    def seconds(self, at: Place) -> float:
        """When that came, in seconds since its turn began."""
        return self.turns[at.turn].times[at.events - 1]

    def length(self, at: Place) -> tuple[int, float]:
        """How many events the turn has, and how many seconds it took."""
        turn = self.turns[at.turn]
        return len(turn.kinds), turn.times[-1]

    @property
    def end(self) -> Place:
        """Behind all events of all turns."""
        return Place(len(self.turns) - 1, len(self.turns[-1].kinds))

    def moved(self, at: Place, unit: Unit, by: int) -> Place | None:
        """The next place where such a thing has just come, or with a `by` of -1 the one before; None without one."""
        stops, turn = _STOPS[unit], at.turn
        while 0 <= turn < len(self.turns):
            kinds = self.turns[turn].kinds
            if by > 0:
                places = range(at.events + 1 if turn == at.turn else 1, len(kinds) + 1)
            else:
                places = range(at.events - 1 if turn == at.turn else len(kinds), 0, -1)
            found = next((events for events in places if kinds[events - 1] in stops), None)
            if found is not None:
                return Place(turn, found)
            turn += by
        return None

    def numbered(self, at: Place, number: int) -> Place:
        """Event `number` of the same turn, which count from 1; the last one for a number that is too high."""
        return Place(at.turn, max(1, min(number, len(self.turns[at.turn].kinds))))

    def timed(self, at: Place, seconds: float) -> Place:
        """The last event of the same turn that had come after so many seconds, or the first."""
        return Place(at.turn, max(1, bisect_right(self.turns[at.turn].times, seconds)))

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How often each kind of event is there, of those that are, in the order in which they first come."""
        return Counter(kind for turn in self.turns for kind in turn.kinds)
