"""The passages of a set that is not held in memory, as a sequence: each is read when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from workbench.documents.passages import Passage


class LazyPassages(Sequence[Passage]):
    """`size` passages, of which `read` gives those at some places, from 0; whoever goes over all reads `at_once`.

    `read` may give fewer, where some have been taken out meanwhile: then there are no more.
    """

    def __init__(self, size: int, read: Callable[[range], list[Passage]], at_once: int) -> None:
        self._size = size
        self._read = read
        self._at_once = at_once

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> Passage: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Passage]: ...

    def __getitem__(self, place: int | slice) -> Passage | Sequence[Passage]:
        wanted = range(self._size)[place]
        if isinstance(wanted, range):
            return self._read(wanted)
        return self._read(range(wanted, wanted + 1))[0]

    def __iter__(self) -> Iterator[Passage]:
        for start in range(0, self._size, self._at_once):
            yield from self[start : start + self._at_once]
