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
    """The passages of one version of a store, by their rows."""

    @property
    def version(self) -> int:
        """Which version it is."""
        ...

    def rows(self) -> list[tuple[int, int]]:
        """The row of each passage, and what it has in common with those that say the same; in the order of the set."""
        ...

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """The passages of these rows."""
        ...


@dataclass(frozen=True, slots=True)
class _State:
    """What there is: each passage by what it says, and which of that has no vector."""

    version: tuple[int, int]
    texts: StoreTexts
    rows: dict[int, list[tuple[int, int]]]  # the places and rows of the passages that say the same
    size: int
    lacking: tuple[tuple[int, int], ...]  # what passages without a vector say, and their rows


class StoredVectors:
    """The vectors of a set's passages in a store, which `embedder` makes as `spec` says. For several threads.

    `texts` gives the passages as they are now.
    """

    def __init__(
        self, texts: Callable[[], StoreTexts], table: VectorTable, embedder: Embedder, spec: EmbedSpec
    ) -> None:
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

            def nearest(count: int) -> tuple[list[tuple[float, int]], bool]:
                rows = self._table.nearest(question.bits, count)
                scores = similarities(question.int8, [numbers for _, numbers in rows])
                ranked = sorted(
                    (-score, place, row)
                    for (same, _), score in zip(rows, scores, strict=True)
                    for place, row in state.rows.get(same, ())
                )
                return [(-score, row) for score, _, row in ranked], len(rows) < count

            return nearest_accepted(nearest, state.texts.passages, limit, accepts)

    def _lacking(self, state: _State) -> Iterator[tuple[int, str]]:
        """The texts of the passages that have no vector, in the order of the set."""
        for start in range(0, len(state.lacking), _AT_ONCE):
            some = state.lacking[start : start + _AT_ONCE]
            for (same, _), passage in zip(some, state.texts.passages([row for _, row in some]), strict=True):
                yield same, embedded_text((passage.title, passage.text))

    def _look(self) -> _State:
        """The state as it is now."""
        with self._lock:
            texts = self._texts()
            version = (texts.version, self._table.version())
            if self._state is None or self._state.version != version:
                known, found = self._table.all_known(), texts.rows()
                rows: dict[int, list[tuple[int, int]]] = {}
                for place, (row, same) in enumerate(found):
                    rows.setdefault(same, []).append((place, row))
                lacking = tuple((same, row) for row, same in found if same not in known)
                self._state = _State(version, texts, rows, len(found), lacking)
            return self._state


@contextmanager
def _as_vectors() -> Iterator[None]:
    """Within, that the store cannot be used is that vectors cannot be had."""
    try:
        yield
    except StoreUnusable as error:
        raise VectorsUnusable(str(error)) from error
