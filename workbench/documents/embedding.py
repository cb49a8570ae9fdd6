"""The seam to models that compare meanings: what makes vectors of texts, and what ranks texts by a question.

Owns the values that go over it, and how a search is stopped. Refuses to know who is behind it: a service, or something
embedded that is no model and says so. All of it is called in threads, and may wait for a network.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

from workbench.documents.passages import Passage
from workbench.errors import WorkbenchError

Purpose = Literal["search_document", "search_query"]
"""What a text is embedded for: to be found, or to find others."""

BATCH: Final = 96
"""Texts that an embedder gets at a time, at most."""

Span = tuple[int, int, float]
"""A part of a text that is relevant to a question: start and end in code points, end exclusive, and its score."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as numbers. `int8` has a signed byte a dimension, `bits` a bit a dimension, the first one highest."""

    int8: bytes
    bits: bytes


@dataclass(frozen=True, slots=True)
class Reranked:
    """Which of the texts it is, from 0, its score for the question, and the parts of it that are relevant."""

    index: int
    score: float
    spans: tuple[Span, ...] = ()


class Stopped(WorkbenchError):
    """Nobody waits any more for what was searched for."""


class Stop:
    """Lets a search be stopped from another thread, also while it waits for a network."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._calls: list[Callable[[], object]] = []

    def stop(self) -> None:
        """Stop it. A second call does nothing."""
        with self._lock:
            calls, self._calls = ([], []) if self._is_set else (self._calls, [])
            self._is_set = True
        for call in calls:
            call()

    def check(self) -> None:
        """Raises Stopped once it is stopped."""
        if self._is_set:
            raise Stopped("the search was stopped")

    @contextmanager
    def telling(self, call: Callable[[], object]) -> Iterator[None]:
        """Within, `call` is called when it is stopped, by whoever stops it. Raises Stopped when that was before."""
        with self._lock:
            if not self._is_set:
                self._calls.append(call)
        self.check()
        try:
            yield
        finally:
            with self._lock:
                if call in self._calls:
                    self._calls.remove(call)


class Embedder(Protocol):
    """Makes vectors of texts. What it raises of requests is a ChatError, and Stopped once `stop` is."""

    @property
    def space(self) -> str:
        """Names who makes the vectors: those of another name are never compared with them, whatever their model."""
        ...

    @property
    def notice(self) -> str:
        """What a person is to know about it, such as that it is no model; "" for a model."""
        ...

    @property
    def is_free(self) -> bool:
        """Whether embedding costs nothing, so that nobody need be asked first."""
        ...

    def embed(self, texts: Sequence[str], *, model: str, dimensions: int, purpose: Purpose, stop: Stop) -> list[Vector]:
        """A vector of so many dimensions for each of at most `BATCH` texts, in their order."""
        ...


class Reranker(Protocol):
    """Ranks texts by how well they answer a question. It raises as an Embedder does."""

    @property
    def notice(self) -> str:
        """What a person is to know about it; "" for a model."""
        ...

    def rerank(self, question: str, texts: Sequence[str], *, model: str, stop: Stop) -> list[Reranked]:
        """Each of the texts, the best first."""
        ...


@dataclass(frozen=True, slots=True)
class SearchModels:
    """What a library searches by meaning with. Vectors are kept in `folder`; None where nothing can be kept."""

    embedder: Embedder
    reranker: Reranker
    folder: Path | None = field(default=None)


class VectorsUnusable(WorkbenchError):
    """No vectors can be kept, or those that are kept cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """How many passages of a set have no vector yet, how many characters are embedded for them, and how many it has in
    all. What several passages say is embedded once."""

    passages: int
    characters: int
    size: int


class Nearby(Protocol):
    """The passages of one set by how near they are to a question, in the space of one embedder and its models.

    Any method may raise VectorsUnusable.
    """

    def lacking(self) -> Lacking:
        """What has no vector yet."""
        ...

    def fill(self, tell: Callable[[int, int], object], stop: Stop) -> None:
        """Embed what has no vector yet; each batch is kept as soon as it is there, so that all can be stopped and go on
        later. `tell` is told how many passages are done, of how many. Raises as an Embedder does."""
        ...

    def near(
        self, question: Vector, limit: int, accepts: Callable[[Passage], bool] = lambda _: True
    ) -> list[tuple[Passage, float]]:
        """The nearest passages that have a vector and are accepted, with their cosine similarity, the nearest first."""
        ...
