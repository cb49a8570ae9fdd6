"""The events of one turn, in order, kept small: a conversation of hundreds of turns keeps all of theirs.

Owns how they are kept. Requests are kept as they are, since their bodies share the messages of the turns before; all
else is packed, some hundred at a time, to a tenth of its size, unless something in it is nested too deeply for that.
"""

from __future__ import annotations

import pickle
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, overload

from workbench.events import EVENTS, Event, Request, TurnEnd, WireEvent

PACKED_TOGETHER: Final = 256  # events, or fewer when their frames are large:
PACKED_CHARACTERS: Final = 256 * 1024
_FAST: Final = 1  # zlib's level


class EventLog(Sequence[Event]):
    """A sequence of events that grows at its end.

    Appending costs the same at any length. Reading one unpacks those around it, which are kept at hand until others
    are read.
    """

    __slots__ = ("_at_hand", "_count", "_packed", "_recent", "_requests", "_size", "_starts")

    def __init__(self) -> None:
        self._count = 0
        self._packed: list[bytes | list[Event]] = []
        self._starts: list[int] = []  # the place of the first event of each pack
        self._recent: list[Event] = []
        self._size = 0  # characters of the frames of those
        self._requests: dict[int, Request] = {}
        self._at_hand: tuple[int, list[Event]] = (-1, [])

    def append(self, event: Event) -> None:
        """Keep one more event. The end of the turn is the last."""
        if isinstance(event, Request):
            self._requests[self._count] = event
        self._count += 1
        self._recent.append(event)
        if isinstance(event, WireEvent):
            self._size += len(event.raw)
        full = len(self._recent) == PACKED_TOGETHER or self._size > PACKED_CHARACTERS
        if full or isinstance(event, TurnEnd):
            self._pack()

    def end_with(self, event: TurnEnd) -> None:
        """Put `event` in the place of the last event: the turn ended otherwise than it seemed."""
        self._recent = [*self._unpacked(len(self._packed) - 1)[:-1], event]
        self._packed.pop()
        self._starts.pop()
        self._pack()

    def __len__(self) -> int:
        """How many events there are."""
        return self._count

    def __iter__(self) -> Iterator[Event]:
        """Every event, in order."""
        for pack in range(len(self._packed)):
            yield from self._unpacked(pack)
        yield from self._recent

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
        if (recent := at - (self._count - len(self._recent))) >= 0:
            return self._recent[recent]
        pack = bisect_right(self._starts, at) - 1
        return self._unpacked(pack)[at - self._starts[pack]]

    def _pack(self) -> None:
        """Pack the events that are not packed yet."""
        first = self._count - len(self._recent)
        self._starts.append(first)
        small = [None if first + at in self._requests else _values(event) for at, event in enumerate(self._recent)]
        try:
            self._packed.append(zlib.compress(pickle.dumps(small, pickle.HIGHEST_PROTOCOL), _FAST))
        except RecursionError:
            self._packed.append(self._recent)
        self._recent, self._size = [], 0
        self._at_hand = (-1, [])

    def _unpacked(self, pack: int) -> list[Event]:
        packed = self._packed[pack]
        if isinstance(packed, list):
            return packed
        if self._at_hand[0] != pack:
            first = self._starts[pack]
            # These bytes were made above and have never left the memory of this process.
            small: list[Values | None] = pickle.loads(zlib.decompress(packed))
            whole = [
                self._requests[first + at] if values is None else _event(values) for at, values in enumerate(small)
            ]
            self._at_hand = (pack, whole)
        return self._at_hand[1]


Values = tuple[type[Event], tuple[Any, ...]]
"""An event as its type and the values of its fields: what it pickles to by itself is several times as slow."""

_NAMES: Final = {kind: tuple(each.name for each in fields(kind)) for kind in EVENTS}
_VALUES: Final[Mapping[type[Event], Callable[[Event], tuple[Any, ...]]]] = {
    kind: attrgetter(*names) for kind, names in _NAMES.items()
}


def _values(event: Event) -> Values:
    return type(event), _VALUES[type(event)](event)


def _event(values: Values) -> Event:
    kind, found = values
    return kind(**dict(zip(_NAMES[kind], found, strict=True)))
