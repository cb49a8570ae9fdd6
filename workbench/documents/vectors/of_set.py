"""The vectors of the passages of one set, wherever its passages are: what has none, filling that in, and the nearest.

Owns which vector belongs to which passage: that of its very text. What was found out of an index is kept beside the
vectors, so that a start does not read all texts again.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from workbench.documents.embedding import BATCH, Embedder, Lacking, Stop, Vector, VectorsUnusable
from workbench.documents.passages import EmbedSpec, Passage
from workbench.documents.vectors.bank import Bank, Extent, hash_of
from workbench.documents.vectors.nearest import AllBits, all_bits, similarities

RESCORED: Final = 100
"""Of the nearest by their bits, so many at least are compared by their numbers."""

_AHEAD: Final = 3  # times as many as are wanted
Text = tuple[str, str]
"""The title of a passage and its text."""


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


def embedded_text(text: Text) -> str:
    """What is embedded of a passage: its title goes before it."""
    title, body = text
    return f"{title}\n\n{body}" if title else body


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
        passages = characters = 0
        for extent, keys in zip(state.extents, state.keys, strict=True):
            if 0 in keys:
                texts = self._texts.texts(extent)
                wanted = [embedded_text(text) for key, text in zip(keys, texts, strict=False) if not key]
                passages += len(wanted)
                characters += sum(map(len, wanted))
        return Lacking(passages, characters, sum(extent.count for extent in state.extents))

    def fill(self, tell: Callable[[int, int], object], stop: Stop) -> None:
        """Embed what has no vector yet, in batches that are kept at once.

        Raises VectorsUnusable, ChatError and Stopped.
        """
        state = self._look()
        lacking = sum(keys.count(0) for keys in state.keys)
        done = 0
        for batch in self._batches(state):
            stop.check()
            tell(done, lacking)
            known = self._bank.keys([hash_of(text) for text in batch])  # by another program, since
            wanted = [text for text, key in zip(batch, known, strict=True) if not key]
            if wanted:
                self._bank.add(dict(zip(map(hash_of, wanted), self._embedded(wanted, stop), strict=True)))
            done += len(batch)
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
        size, looked_at = len(state.passages), max(RESCORED, _AHEAD * limit)
        while True:
            numbers = state.bits.nearest(question.bits, min(looked_at, size))
            scores = similarities(question.int8, self._bank.int8([state.vectors[number] for number in numbers]))
            ranked = sorted(zip(scores, numbers, strict=True), key=lambda each: (-each[0], each[1]))
            found: list[tuple[Passage, float]] = []
            for score, number in ranked:
                passage = self._texts.passage(state.passages[number])
                if accepts(passage):
                    found.append((passage, score))
                if len(found) == limit:
                    return found
            if looked_at >= size:
                return found
            looked_at *= 8

    def _embedded(self, texts: list[str], stop: Stop) -> list[Vector]:
        spec = self._spec
        vectors = self._embedder.embed(
            texts, model=spec.passages, dimensions=spec.dimensions, purpose="search_document", stop=stop
        )
        if any(len(each.int8) != spec.dimensions or len(each.bits) * 8 != spec.dimensions for each in vectors):
            told = f"{spec.passages} gave vectors of {len(vectors[0].int8)} dimensions, not {spec.dimensions}"
            raise VectorsUnusable(f"{told}: say in `embed` how many it has")
        return vectors

    def _batches(self, state: _State) -> Iterator[list[str]]:
        """The texts that have no vector, each once, so many as are embedded at a time."""
        batch: dict[str, None] = {}
        for extent, keys in zip(state.extents, state.keys, strict=True):
            if 0 not in keys:
                continue
            for key, text in zip(keys, self._texts.texts(extent), strict=False):
                if not key:
                    batch[embedded_text(text)] = None
                if len(batch) == BATCH:
                    yield list(batch)
                    batch.clear()
        if batch:
            yield list(batch)

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
