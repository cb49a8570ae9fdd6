"""The vectors of the passages of one set, wherever its passages are: what has none, filling that in, and the nearest.

Owns which vector belongs to which passage: that of its very text. What was found out of an index is kept beside the
vectors, so that a start does not read all texts again.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from workbench.documents.embedding import Embedder, Lacking, Stop, Vector
from workbench.documents.passages import EmbedSpec, Passage
from workbench.documents.vectors.bank import Bank, Extent, hash_of
from workbench.documents.vectors.filling import Text, characters_of, embed_lacking, embedded, embedded_text
from workbench.documents.vectors.nearest import AllBits, all_bits, nearest_accepted, similarities


class Texts(Protocol):
    """The passages of a set, by keys."""

    @property
    def place(self) -> str:
        """What the keys are kept under; "" where they are to be found out each time."""
        ...

    def version(self) -> object:
        """Something else once there are other passages."""
        ...

    def extents(self) -> Sequence[Extent]:
        """Its documents, in the order of the set."""
        ...

    def texts(self, extent: Extent) -> list[Text]:
        """The titles and texts of a document's passages, as they are now."""
        ...

    def passage(self, key: int) -> Passage:
        """The passage with this key."""
        ...


@dataclass(slots=True)
class _State:
    """What was found out: of each document, the keys of its passages' vectors, 0 for one that has none."""

    version: object
    extents: Sequence[Extent]
    keys: list[array[int]]
    bits: AllBits | None = None
    passages: array[int] | None = None  # the keys of the passages that have a vector
    vectors: array[int] | None = None


class SetVectors:
    """The vectors of a set's passages in `bank`, which `embedder` makes as `spec` says. For several threads."""

    def __init__(self, texts: Texts, bank: Bank, embedder: Embedder, spec: EmbedSpec) -> None:
        self._texts = texts
        self._bank = bank
        self._embedder = embedder
        self._spec = spec
        self._lock = threading.Lock()
        self._state: _State | None = None

    def lacking(self) -> Lacking:
        """What has no vector yet. Raises VectorsUnusable."""
        state = self._look()
        passages = sum(keys.count(0) for keys in state.keys)
        size = sum(extent.count for extent in state.extents)
        return Lacking(passages, characters_of(self._lacking(state)), size)

    def fill(self, tell: Callable[[int, int], object], stop: Stop) -> None:
        """Embed what has no vector yet, in batches that are kept at once.

        Raises VectorsUnusable, ChatError and Stopped.
        """
        state = self._look()
        lacking = sum(keys.count(0) for keys in state.keys)
        embed_lacking(
            self._lacking(state),
            self._bank,
            lambda texts: embedded(texts, self._embedder, self._spec, stop),
            lambda done: tell(done, lacking),
            stop,
        )
        with self._lock:
            self._state = None
        self._look()
        tell(lacking, lacking)

    def near(
        self, question: Vector, limit: int, accepts: Callable[[Passage], bool] = lambda _: True
    ) -> list[tuple[Passage, float]]:
        """The nearest accepted passages with their cosine similarity, the nearest first. Raises VectorsUnusable."""
        state = self._ready()
        assert state.bits is not None and state.passages is not None and state.vectors is not None
        bits, passages, vectors = state.bits, state.passages, state.vectors

        def nearest(count: int) -> tuple[list[tuple[float, int]], bool]:
            numbers = bits.nearest(question.bits, min(count, len(passages)))
            scores = similarities(question.int8, self._bank.int8([vectors[number] for number in numbers]))
            ranked = sorted(zip(scores, numbers, strict=True), key=lambda each: (-each[0], each[1]))
            return ranked, count >= len(passages)

        def read(numbers: Sequence[int]) -> list[Passage]:
            return [self._texts.passage(passages[number]) for number in numbers]

        return nearest_accepted(nearest, read, limit, accepts)

    def _lacking(self, state: _State) -> Iterator[tuple[bytes, str]]:
        """The texts of the passages that have no vector, in the order of the set."""
        for extent, keys in zip(state.extents, state.keys, strict=True):
            if 0 not in keys:
                continue
            for key, text in zip(keys, self._texts.texts(extent), strict=False):
                if not key:
                    said = embedded_text(text)
                    yield hash_of(said), said

    def _look(self) -> _State:
        """The state as it is now."""
        with self._lock:
            version = (self._texts.version(), self._bank.version)
            if self._state is None or self._state.version != version:
                self._state = self._looked(version)
            return self._state

    def _looked(self, version: object) -> _State:
        extents = self._texts.extents()
        place = self._texts.place
        placed = self._bank.placed(place) if place else {}
        keys: list[array[int]] = []
        found_out: list[tuple[Extent, array[int]]] = []
        for extent in extents:
            known = placed.get(extent)
            if known is None or len(known) != extent.count:
                hashes = [hash_of(embedded_text(text)) for text in self._texts.texts(extent)]
                known = self._bank.keys(hashes)
                if place and extent.hash and 0 not in known and len(known) == extent.count:
                    found_out.append((extent, known))
            keys.append(known)
        self._bank.place(place, found_out)
        return _State(version, extents, keys)

    def _ready(self) -> _State:
        """The state with all that a search needs."""
        state = self._look()
        with self._lock:
            if state.bits is None:
                pairs = [
                    (extent.first + at, key)
                    for extent, keys in zip(state.extents, state.keys, strict=True)
                    for at, key in enumerate(keys)
                    if key
                ]
                state.passages = array("I", (passage for passage, _ in pairs))
                state.vectors = array("I", (key for _, key in pairs))
                state.bits = all_bits(self._bank, state.vectors)
        return state


class HeldTexts:
    """The passages of a set that is in memory: their keys are their places, from 0."""

    place = ""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages

    def version(self) -> object:
        """They never change."""
        return None

    def extents(self) -> Sequence[Extent]:
        """All of them, as one document."""
        return [Extent(0, len(self._passages))]

    def texts(self, extent: Extent) -> list[Text]:
        """Their titles and texts."""
        wanted = self._passages[extent.first : extent.first + extent.count]
        return [(passage.title, passage.text) for passage in wanted]

    def passage(self, key: int) -> Passage:
        """That at a place."""
        return self._passages[key]
