"""How a set is searched: by words, by vectors, by both, or reranked; and by words again where a model is away.

Owns the modes and what is done when one cannot be had: a search never fails for it, and says what it did instead. What
finds words and vectors is the shelf's; what embeds and ranks is given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from workbench.documents.embedding import BATCH, Lacking, SearchModels, Span, Stop, Vector, VectorsUnusable
from workbench.documents.passages import EmbedSpec, Passage, RetrievalMode
from workbench.documents.queries import Query
from workbench.documents.shelf import Retrieved, Shelf
from workbench.errors import ChatError, WorkbenchError

OF_VECTORS: Final[frozenset[RetrievalMode | None]] = frozenset({"vector", "hybrid"})
"""The modes that need vectors of all passages; `rerank` does, too, over hybrid candidates."""

FREE_AT_ONCE: Final = 2_000
"""Passages whose vectors a question waits for, where they cost nothing; else it waits for one batch."""

BEYOND: Final = 24
"""So many passages of a turn, behind those that are sent, are told to have been found, too."""

DEPTH: Final = 100  # of what words and vectors find, that is fused
_FUSED: Final = 60  # the usual constant of reciprocal rank fusion: how little the very first places count more
_CHARACTERS: Final = 4  # of a token, about


class NotAtHand(WorkbenchError):
    """A mode cannot be had now; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a set was searched: in `mode`, or in the mode `used` in its place, for the reason in `notice`.

    `notice` may also say what a person is to know of who ranked. `candidates` is how many passages the ranking had to
    choose from, None where that was all; `found` how many came of it; `seconds` how long it took, `waited` of them for
    models.
    """

    set: str
    mode: str
    used: str
    found: int
    candidates: int | None = None
    seconds: float = 0.0
    waited: float = 0.0
    notice: str = ""

    @property
    def fell_back(self) -> bool:
        """Whether it was searched otherwise than was asked for."""
        return self.mode != self.used

    def as_json(self) -> dict[str, Any]:
        """It as an object of JSON."""
        return {
            "set": self.set,
            "mode": self.mode,
            "used": self.used,
            "candidates": self.candidates,
            "found": self.found,
            "seconds": self.seconds,
            "waited": self.waited,
            "notice": self.notice,
        }


def needs_models(mode: RetrievalMode | None) -> bool:
    """Whether a set in this mode is searched with a model's help."""
    return mode in OF_VECTORS or mode == "rerank"


def needs_vectors(shelf: Shelf) -> bool:
    """Whether a set is searched by the vectors of its passages."""
    spec = shelf.retrieval
    mode = spec.ranked_by
    return mode in OF_VECTORS or (mode == "rerank" and spec.rerank.over == "hybrid")


def tokens_of(lacking: Lacking) -> int:
    """About how many tokens are embedded for what has no vector yet."""
    return lacking.characters // _CHARACTERS


@dataclass(slots=True)
class _Course:
    """What is found out while one set is searched."""

    used: str
    candidates: int | None = None
    notices: list[str] = field(default_factory=list)
    waited: float = 0.0


class Search:
    """Searches sets for one question, with `models` where there are some, until `stop` is stopped.

    With `local` only those are asked that are on this machine. `beyond` is how many passages of each set are wanted
    behind those that it sends. `clock` gives seconds.
    """

    def __init__(
        self,
        models: SearchModels | None,
        stop: Stop,
        *,
        local: bool = False,
        beyond: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models = models
        self._stop = stop
        self._local = local
        self._beyond = beyond
        self._clock = clock
        self._questions: dict[tuple[str, EmbedSpec], Vector] = {}

    def look(self, shelf: Shelf, query: Query) -> tuple[list[Retrieved], Look]:
        """The best passages of a set for `query`, best first, and how they were found: the first `found` of them are
        those that it sends. Raises Stopped alone."""
        began = self._clock()
        mode = shelf.retrieval.mode or "keyword"
        course = _Course(mode)
        top_k = shelf.retrieval.top_k
        found = self._by_mode(shelf, query, mode, top_k, course)
        look = Look(
            shelf.name,
            mode,
            course.used,
            min(len(found), top_k),
            course.candidates,
            round(self._clock() - began, 6),
            round(course.waited, 6),
            "; ".join(dict.fromkeys(course.notices)),
        )
        return found, look

    def _by_mode(self, shelf: Shelf, query: Query, mode: str, top_k: int, course: _Course) -> list[Retrieved]:
        """The `top_k` best, and those beyond them."""
        course.used = mode
        try:
            match mode if query.text else "keyword":
                case "vector":
                    return self._near(shelf, query, top_k + self._beyond, course)
                case "hybrid":
                    return self._fused(shelf, query, top_k, course)
                case "rerank":
                    return self._reranked(shelf, query, top_k, course)
        except (ChatError, VectorsUnusable, NotAtHand) as error:
            course.notices.insert(0, f"searched by words in place of {mode}: {error}")
        course.used, course.candidates = "keyword", None
        return self._by_words(shelf, query, top_k + self._beyond)

    @staticmethod
    def _by_words(shelf: Shelf, query: Query, top_k: int) -> list[Retrieved]:
        return [Retrieved(passage, score) for passage, score in shelf.search(query, top_k)]

    def _near(self, shelf: Shelf, query: Query, top_k: int, course: _Course) -> list[Retrieved]:
        """The nearest by their vectors; what lacks one gets it first, where that is little or free."""
        models, spec = self._at_hand(), shelf.retrieval.embed
        nearby = shelf.nearby(models, spec)
        lacking = nearby.lacking()
        if lacking.passages > (FREE_AT_ONCE if models.embedder.is_free else BATCH):
            raise NotAtHand(
                f"{lacking.passages:,} of {lacking.size:,} passages have no vector yet (about {tokens_of(lacking):,} "
                "tokens): `workbench index` makes them"
            )
        with self._waiting(course):
            if lacking.passages:
                nearby.fill(lambda _done, _of: None, self._stop)
            question = self._vector(models, query.text, spec)
        course.candidates = lacking.size
        course.notices += [models.embedder.notice] if models.embedder.notice else []
        return [Retrieved(passage, score) for passage, score in nearby.near(question, top_k, query.accepts)]

    def _vector(self, models: SearchModels, text: str, spec: EmbedSpec) -> Vector:
        """That of a question, which is embedded once for all sets."""
        key = (text, spec)
        if key not in self._questions:
            [self._questions[key]] = models.embedder.embed(
                [text], model=spec.questions, dimensions=spec.dimensions, purpose="search_query", stop=self._stop
            )
            if len(self._questions[key].int8) != spec.dimensions:
                found = len(self._questions.pop(key).int8)
                raise NotAtHand(f"{spec.questions} gave a vector of {found} dimensions, not {spec.dimensions}")
        return self._questions[key]

    def _fused(self, shelf: Shelf, query: Query, top_k: int, course: _Course) -> list[Retrieved]:
        """Those that stand high in what words find, in what vectors find, or in both."""
        depth = max(DEPTH, top_k)
        near = self._near(shelf, query, depth, course)
        fused = _fusion([self._by_words(shelf, query, depth), near])
        course.candidates = len(fused)
        return fused[: top_k + self._beyond]

    def _reranked(self, shelf: Shelf, query: Query, top_k: int, course: _Course) -> list[Retrieved]:
        """The best of some candidates by a reranker; as they were found where there is none."""
        spec = shelf.retrieval.rerank
        most = max(spec.candidates, top_k)
        found = self._by_mode(shelf, query, spec.over, most, course)[:most]
        over, course.used, course.candidates = course.used, "rerank", len(found)
        if not found:
            return []
        try:
            models = self._at_hand()
            texts = [_ranked_text(each.passage) for each in found]
            with self._waiting(course):
                ranks = models.reranker.rerank(query.text, texts, model=spec.model, stop=self._stop)
        except (ChatError, NotAtHand) as error:
            course.used = over
            course.notices.insert(0, f"searched by {_IN_WORDS[over]} in place of rerank: {error}")
            return found[: top_k + self._beyond]
        course.notices += [models.reranker.notice] if models.reranker.notice else []
        return [
            replace(found[each.index], score=each.score, spans=_within(each.spans, found[each.index].passage))
            for each in ranks[: top_k + self._beyond]
        ]

    def _at_hand(self) -> SearchModels:
        if self._models is None:
            raise NotAtHand("no model is at hand")
        if self._local and not self._models.embedder.is_free:
            raise NotAtHand("nothing is sent now")
        return self._models

    def _waiting(self, course: _Course) -> _Waiting:
        return _Waiting(course, self._clock)


_IN_WORDS: Final[Mapping[str, str]] = {"keyword": "words", "hybrid": "words and vectors"}


class _Waiting:
    """Counts the time within as waited for models."""

    def __init__(self, course: _Course, clock: Callable[[], float]) -> None:
        self._course = course
        self._clock = clock
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = self._clock()

    def __exit__(self, *_: object) -> None:
        self._course.waited += self._clock() - self._began


def _fusion(lists: Sequence[Sequence[Retrieved]]) -> list[Retrieved]:
    """All that is in one of the lists by reciprocal rank fusion, the best first."""
    scores: dict[str, float] = {}
    found: dict[str, Retrieved] = {}
    for each in lists:
        for rank, item in enumerate(each, 1):
            id = item.passage.id
            found.setdefault(id, item)
            scores[id] = scores.get(id, 0.0) + 1 / (_FUSED + rank)
    ranked = sorted(found, key=lambda id: -scores[id])
    return [replace(found[id], score=round(scores[id], 9)) for id in ranked]


def _ranked_text(passage: Passage) -> str:
    """What a reranker reads of a passage: its title goes before it."""
    return f"{passage.title}\n\n{passage.text}" if passage.title else passage.text


def _within(spans: Sequence[Span], passage: Passage) -> tuple[Span, ...]:
    """Those parts of what a reranker has read that are of the passage's text, by their places in it."""
    before = len(_ranked_text(passage)) - len(passage.text)
    moved = ((max(0, start - before), end - before, score) for start, end, score in spans)
    return tuple(each for each in moved if each[0] < each[1])
