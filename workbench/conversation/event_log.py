"""The events of one turn, in order, kept small: a conversation of hundreds of turns keeps all of theirs.

Owns how they are kept. Requests are kept as they are, since their bodies share the messages of the turns before; all
else is packed, some hundred at a time, to a tenth of its size, unless something in it is nested too deeply for that.
What is read from a recording may be kept as it came, in frames, which are decoded when somebody looks.
"""

from __future__ import annotations

import pickle
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, cast, overload

from workbench.events import EVENTS, Event, Request, TurnEnd, WireEvent
from workbench.wire.decoder import decode
from workbench.wire.text_runs import TextRun, frames_of_run

PACKED_TOGETHER: Final = 256  # events, or fewer when their frames are large:
PACKED_CHARACTERS: Final = 256 * 1024
GAP_SECONDS: Final = 1.0
_FAST: Final = 1  # zlib's level


class EventLog(Sequence[Event]):
    """A sequence of events that grows at its end.

    Appending costs the same at any length. Reading one unpacks those around it, which are kept at hand until others
    are read.
    """

    __slots__ = (
        "_at_hand", "_count", "_has_runs", "_in_packs", "_last", "_packed", "_recent", "_requests", "_size", "_starts",
        "gaps",
    )  # fmt: skip

    def __init__(self) -> None:
        self.gaps: dict[int, float] = {}
        """For how long, in seconds, nothing came before each event that was waited for longer than `GAP_SECONDS`."""
        self._count = 0
        self._last: float | None = None  # when the last event came
        self._packed: list[bytes | list[Event]] = []
        self._starts: list[int] = []  # the place of the first event of each pack
        self._in_packs = 0  # events
        self._recent: list[Event | Values] = []  # the others
        self._has_runs = False  # whether some of those are not decoded
        self._size = 0  # characters of the frames of those
        self._requests: dict[int, Request] = {}
        self._at_hand: tuple[int, list[Event]] = (-1, [])

    def append(self, event: Event) -> None:
        """Keep one more event. The end of the turn is the last."""
        if isinstance(event, Request):
            self._requests[self._count] = event
        self._came(event.t)
        self._count += 1
        self._recent.append(event)
        if isinstance(event, WireEvent):
            self._size += len(event.raw)
        if self._is_full or isinstance(event, TurnEnd):
            self._pack()

    def append_run(self, run: TextRun, t: float, step: int) -> None:
        """Keep the events of a run that came at `t` in `step`: they are decoded when one of them is read."""
        self._came(t)
        self._count += len(run.pieces)
        self._recent.append((TextRun, (run.frames, t, step)))
        self._has_runs = True
        self._size += len(run.frames)
        if self._is_full:
            self._pack()

    def _came(self, t: float) -> None:
        """The next event came at `t`."""
        if self._last is not None and t - self._last > GAP_SECONDS:
            self.gaps[self._count] = t - self._last
        self._last = t

    @property
    def requests(self) -> Mapping[int, Request]:
        """The requests among the events, by their places, in order."""
        return self._requests

    @property
    def _is_full(self) -> bool:
        """Whether what is not packed is enough for a pack."""
        return self._count - self._in_packs >= PACKED_TOGETHER or self._size > PACKED_CHARACTERS

    def end_with(self, event: TurnEnd) -> None:
        """Put `event` in the place of the last event: the turn ended otherwise than it seemed."""
        self._recent = [*self._unpacked(len(self._packed) - 1)[:-1], event]
        self._packed.pop()
        self._in_packs = self._starts.pop()
        self._pack()

    def __len__(self) -> int:
        """How many events there are."""
        return self._count

    def __iter__(self) -> Iterator[Event]:
        """Every event, in order."""
        for pack in range(len(self._packed)):
            yield from self._unpacked(pack)
        yield from self._recents()

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        """The event at `index`, or those of a slice, as of a list. Raises IndexError."""
        if isinstance(index, slice):
            return list(self)[index]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < self._count:
            raise IndexError(f"there is no event {index}")
        if at >= self._in_packs:
            return self._recents()[at - self._in_packs]
        pack = bisect_right(self._starts, at) - 1
        return self._unpacked(pack)[at - self._starts[pack]]

    def _recents(self) -> list[Event]:
        """The events that are not packed yet."""
        if self._has_runs:
            decoded = (_events(each) if isinstance(each, tuple) else [each] for each in self._recent)
            self._recent, self._has_runs = [event for events in decoded for event in events], False
        return cast("list[Event]", self._recent)

    def _pack(self) -> None:
        """Pack the events that are not packed yet."""
        self._starts.append(self._in_packs)
        small = [None if isinstance(event, Request) else _values(event) for event in self._recent]
        try:
            self._packed.append(zlib.compress(pickle.dumps(small, pickle.HIGHEST_PROTOCOL), _FAST))
        except RecursionError:
            self._packed.append(self._recents())
        self._recent, self._has_runs, self._size = [], False, 0
        self._in_packs = self._count
        self._at_hand = (-1, [])

    def _unpacked(self, pack: int) -> list[Event]:
        packed = self._packed[pack]
        if isinstance(packed, list):
            return packed
        number, whole = self._at_hand  # once, for another thread may read a finished turn too
        if number != pack:
            # These bytes were made above and have never left the memory of this process.
            small: list[Values | None] = pickle.loads(zlib.decompress(packed))
            whole = []
            for values in small:
                whole += [self._requests[self._starts[pack] + len(whole)]] if values is None else _events(values)
            self._at_hand = (pack, whole)
        return whole


Values = tuple[type[Event | TextRun], tuple[Any, ...]]
"""An event as its type and the values of its fields: what it pickles to by itself is several times as slow. Or a run,
as its frames, when they came, and in which step."""

_NAMES: Final = {kind: tuple(each.name for each in fields(kind)) for kind in EVENTS}
_VALUES: Final[Mapping[type[Event], Callable[[Event], tuple[Any, ...]]]] = {
    kind: attrgetter(*names) for kind, names in _NAMES.items()
}


def _values(event: Event | Values) -> Values:
    return event if isinstance(event, tuple) else (type(event), _VALUES[type(event)](event))


def _events(values: Values) -> list[Event]:
    kind, found = values
    if issubclass(kind, TextRun):
        frames, t, step = found
        return [decode(frame, t, step) for frame in frames_of_run(frames)]
    return [kind(**dict(zip(_NAMES[kind], found, strict=True)))]
