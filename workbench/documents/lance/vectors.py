"""The passages of a store by the nearness of their vectors: by bits first, and then by numbers, as in an index.

Owns what has a vector and what has none, and that each text is embedded once, whoever asks for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from workbench.documents.embedding import BATCH, Embedder, Lacking, Stop, Vector, VectorsUnusable
from workbench.documents.lance.faults import StoreUnusable
from workbench.documents.lance.vector_table import VectorTable
from workbench.documents.passages import EmbedSpec, Passage
from workbench.documents.vectors.nearest import similarities
from workbench.documents.vectors.of_set import RESCORED, embedded_text

_AHEAD: Final = 3  # times as many as are wanted
_MORE: Final = 8  # times as many the next time
_KEPT_AFTER: Final = 4  # batches that are written together
_AT_ONCE: Final = 2_000  # passages whose texts are read together


class StoreTexts(Protocol):
    """The passages of a set, by keys."""

    def version(self) -> int:
        """Another number once there are other passages."""
        ...

    def keys(self) -> list[tuple[str, int]]:
        """The key of each passage, and what it has in common with those that say the same; in the order of the set."""
        ...

    def passages(self, keys: Sequence[str]) -> list[Passage]:
        """The passages with these keys."""
        ...


@dataclass(frozen=True, slots=True)
class _State:
    """What there is: each passage by what it says, and which of that has no vector."""

    version: tuple[int, int]
    keys: dict[int, list[tuple[int, str]]]  # the places and keys of the passages that say the same
    size: int
    lacking: tuple[str, ...]  # the keys of passages without a vector


class StoredVectors:
    """The vectors of a set's passages in a store, which `embedder` makes as `spec` says. For several threads."""

    def __init__(self, texts: StoreTexts, table: VectorTable, embedder: Embedder, spec: EmbedSpec) -> None:
        self._texts = texts
        self._table = table
        self._embedder = embedder
        self._spec = spec
        self._lock = threading.Lock()
        self._state: _State | None = None

    def lacking(self) -> Lacking:
        """What has no vector yet. Raises VectorsUnusable."""
        with _as_vectors():
            state = self._look()
            characters = sum(len(_text(passage)) for _, passage in self._without(state))
            return Lacking(len(state.lacking), characters, state.size)

    def fill(self, tell: Callable[[int, int], object], stop: Stop) -> None:
        """Embed what has no vector yet; what is embedded is kept, also when it is stopped or fails.

        Raises VectorsUnusable, ChatError and Stopped.
        """
        with _as_vectors():
            self._table.refuse_to_write()
            state = self._look()
            lacking, made = len(state.lacking), list[tuple[int, Vector]]()
            try:
                for done, batch in self._batches(state):
                    stop.check()
                    tell(done, lacking)
                    made += zip(batch, self._embedded(list(batch.values()), stop), strict=True)
                    if len(made) >= _KEPT_AFTER * BATCH:
                        self._table.add(made)
                        made = []
            finally:
                if made:
                    self._table.add(made)
            self._table.tidy()
            tell(lacking, lacking)

    def near(
        self, question: Vector, limit: int, accepts: Callable[[Passage], bool] = lambda _: True
    ) -> list[tuple[Passage, float]]:
        """The nearest accepted passages with their cosine similarity, the nearest first. Raises VectorsUnusable."""
        with _as_vectors():
            state = self._look()
            looked_at = max(RESCORED, _AHEAD * limit)
            while True:
                rows = self._table.nearest(question.bits, looked_at)
                scores = similarities(question.int8, [numbers for _, numbers in rows])
                ranked = sorted(
                    (-score, place, key)
                    for (same, _), score in zip(rows, scores, strict=True)
                    for place, key in state.keys.get(same, ())
                )
                found = self._accepted(ranked, limit, accepts)
                if len(found) == limit or len(rows) < looked_at:
                    return found
                looked_at *= _MORE

    def _accepted(
        self, ranked: Sequence[tuple[float, int, str]], limit: int, accepts: Callable[[Passage], bool]
    ) -> list[tuple[Passage, float]]:
        found: list[tuple[Passage, float]] = []
        for start in range(0, len(ranked), limit):
            some = ranked[start : start + limit]
            passages = self._texts.passages([key for _, _, key in some])
            found += [(each, -score) for each, (score, _, _) in zip(passages, some, strict=True) if accepts(each)]
            if len(found) >= limit:
                break
        return found[:limit]

    def _batches(self, state: _State) -> Iterator[tuple[int, dict[int, str]]]:
        """Texts without a vector, each once, as many as are embedded at a time; and how many passages are done."""
        batch: dict[int, str] = {}
        seen: set[int] = set()
        for done, (same, passage) in enumerate(self._without(state)):
            if same in seen:
                continue
            seen.add(same)
            batch[same] = _text(passage)
            if len(batch) == BATCH:
                yield done + 1 - BATCH, batch
                batch = {}
        if batch:
            yield len(state.lacking) - len(batch), batch

    def _without(self, state: _State) -> Iterator[tuple[int, Passage]]:
        said = {key: same for same, places in state.keys.items() for _, key in places}
        for start in range(0, len(state.lacking), _AT_ONCE):
            some = state.lacking[start : start + _AT_ONCE]
            for key, passage in zip(some, self._texts.passages(some), strict=True):
                yield said[key], passage

    def _embedded(self, texts: list[str], stop: Stop) -> list[Vector]:
        spec = self._spec
        vectors = self._embedder.embed(
            texts, model=spec.passages, dimensions=spec.dimensions, purpose="search_document", stop=stop
        )
        if any(len(each.int8) != spec.dimensions or len(each.bits) * 8 != spec.dimensions for each in vectors):
            told = f"{spec.passages} gave vectors of {len(vectors[0].int8)} dimensions, not {spec.dimensions}"
            raise VectorsUnusable(f"{told}: say in `embed` how many it has")
        return vectors

    def _look(self) -> _State:
        """The state as it is now."""
        with self._lock:
            version = (self._texts.version(), self._table.version())
            if self._state is None or self._state.version != version:
                known, keys, lacking = self._table.known(), dict[int, list[tuple[int, str]]](), list[str]()
                found = self._texts.keys()
                for place, (key, same) in enumerate(found):
                    keys.setdefault(same, []).append((place, key))
                    if same not in known:
                        lacking.append(key)
                self._state = _State(version, keys, len(found), tuple(lacking))
            return self._state


def _text(passage: Passage) -> str:
    """What is embedded of a passage."""
    return embedded_text((passage.title, passage.text))


@contextmanager
def _as_vectors() -> Iterator[None]:
    """Within, that the store cannot be used is that vectors cannot be had."""
    try:
        yield
    except StoreUnusable as error:
        raise VectorsUnusable(str(error)) from error
    except KeyError as error:
        raise VectorsUnusable("the store has changed meanwhile: ask again") from error
