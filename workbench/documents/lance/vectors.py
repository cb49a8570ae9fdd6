"""The passages of a store by the nearness of their vectors: by bits first, and then by numbers, as in an index.

Owns what has a vector and what has none, and that each text is embedded once, whoever asks for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from workbench.documents.embedding import Embedder, Lacking, Stop, Vector, VectorsUnusable
from workbench.documents.lance.faults import StoreUnusable
from workbench.documents.lance.vector_table import VectorTable
from workbench.documents.passages import EmbedSpec, Passage
from workbench.documents.vectors.filling import characters_of, embed_lacking, embedded, embedded_text
from workbench.documents.vectors.nearest import nearest_accepted, similarities

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
            return Lacking(len(state.lacking), characters_of(self._lacking(state)), state.size)

    def fill(self, tell: Callable[[int, int], object], stop: Stop) -> None:
        """Embed what has no vector yet; what is embedded is kept, also when it is stopped or fails.

        Raises VectorsUnusable, ChatError and Stopped.
        """
        with _as_vectors():
            self._table.refuse_to_write()
            state = self._look()
            lacking = len(state.lacking)
            embed_lacking(
                self._lacking(state),
                self._table,
                lambda texts: embedded(texts, self._embedder, self._spec, stop),
                lambda done: tell(done, lacking),
                stop,
                together=_KEPT_AFTER,
            )
            self._table.tidy()
            tell(lacking, lacking)

    def near(
        self, question: Vector, limit: int, accepts: Callable[[Passage], bool] = lambda _: True
    ) -> list[tuple[Passage, float]]:
        """The nearest accepted passages with their cosine similarity, the nearest first. Raises VectorsUnusable."""
        with _as_vectors():
            state = self._look()

            def nearest(count: int) -> tuple[list[tuple[float, str]], bool]:
                rows = self._table.nearest(question.bits, count)
                scores = similarities(question.int8, [numbers for _, numbers in rows])
                ranked = sorted(
                    (-score, place, key)
                    for (same, _), score in zip(rows, scores, strict=True)
                    for place, key in state.keys.get(same, ())
                )
                return [(-score, key) for score, _, key in ranked], len(rows) < count

            return nearest_accepted(nearest, self._texts.passages, limit, accepts)

    def _lacking(self, state: _State) -> Iterator[tuple[int, str]]:
        """The texts of the passages that have no vector, in the order of the set."""
        said = {key: same for same, places in state.keys.items() for _, key in places}
        for start in range(0, len(state.lacking), _AT_ONCE):
            some = state.lacking[start : start + _AT_ONCE]
            for key, passage in zip(some, self._texts.passages(some), strict=True):
                yield said[key], embedded_text((passage.title, passage.text))

    def _look(self) -> _State:
        """The state as it is now."""
        with self._lock:
            version = (self._texts.version(), self._table.version())
            if self._state is None or self._state.version != version:
                known, keys, lacking = self._table.all_known(), dict[int, list[tuple[int, str]]](), list[str]()
                found = self._texts.keys()
                for place, (key, same) in enumerate(found):
                    keys.setdefault(same, []).append((place, key))
                    if same not in known:
                        lacking.append(key)
                self._state = _State(version, keys, len(found), tuple(lacking))
            return self._state


@contextmanager
def _as_vectors() -> Iterator[None]:
    """Within, that the store cannot be used is that vectors cannot be had."""
    try:
        yield
    except StoreUnusable as error:
        raise VectorsUnusable(str(error)) from error
    except KeyError as error:
        raise VectorsUnusable("the store has changed meanwhile: ask again") from error
