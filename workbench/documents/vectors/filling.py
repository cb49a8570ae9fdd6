"""Giving texts their vectors, wherever these are kept: in batches, each text once, and what is made is kept.

Owns what is embedded of a passage, that nothing is embedded which another program has embedded meanwhile, and that
nothing which was paid for is lost when it is stopped or fails.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Protocol, TypeVar

from workbench.documents.embedding import BATCH, Embedder, Stop, Vector, VectorsUnusable
from workbench.documents.passages import EmbedSpec

Id = TypeVar("Id", bound=Hashable)
"""What a text is known by."""

Text = tuple[str, str]
"""The title of a passage and its text."""


class KeepsVectors(Protocol[Id]):
    """Where vectors are kept, by what their texts are known by. Any method may raise VectorsUnusable."""

    def known(self, ids: Sequence[Id]) -> Set[Id]:
        """Those of the texts that have a vector by now."""
        ...

    def add(self, vectors: Mapping[Id, Vector]) -> object:
        """Keep vectors."""
        ...


def embedded_text(text: Text) -> str:
    """What is embedded of a passage: its title goes before it."""
    title, body = text
    return f"{title}\n\n{body}" if title else body


def characters_of(lacking: Iterable[tuple[Id, str]]) -> int:
    """How many characters the texts have, each once: so many are embedded."""
    return sum(len(text) for _, (_, text) in _once(lacking))


def embed_lacking(
    lacking: Iterable[tuple[Id, str]],
    kept: KeepsVectors[Id],
    embed: Callable[[list[str]], list[Vector]],
    tell: Callable[[int], object],
    stop: Stop,
    *,
    together: int = 1,
) -> None:
    """Have each of the texts `lacking` a vector embedded and kept, so many batches `together`.

    `tell` is told before each batch how many of them are done. Raises what `embed` and `kept` raise, and Stopped once
    `stop` is; what is embedded by then is kept.
    """
    made: dict[Id, Vector] = {}
    batches = 0
    try:
        for done, batch in _batches(lacking):
            stop.check()
            tell(done)
            known = kept.known([*batch])  # by another program, since
            wanted = {id: text for id, text in batch.items() if id not in known}
            if wanted:
                made.update(zip(wanted, embed([*wanted.values()]), strict=True))
                batches += 1
            if batches == together:
                now, made, batches = made, {}, 0
                kept.add(now)
    finally:
        if made:
            kept.add(made)


def embedded(texts: Sequence[str], embedder: Embedder, spec: EmbedSpec, stop: Stop) -> list[Vector]:
    """The vectors of passages' texts as `spec` says. Raises VectorsUnusable for others, and as an Embedder does."""
    vectors = embedder.embed(
        texts, model=spec.passages, dimensions=spec.dimensions, purpose="search_document", stop=stop
    )
    for each in vectors:
        if len(each.int8) != spec.dimensions or len(each.bits) * 8 != spec.dimensions:
            told = f"{spec.passages} gave vectors of {len(each.int8)} dimensions, not {spec.dimensions}"
            raise VectorsUnusable(f"{told}: say in `embed` how many it has")
    return vectors


def _batches(lacking: Iterable[tuple[Id, str]]) -> Iterator[tuple[int, dict[Id, str]]]:
    """Texts, each once, as many as are embedded at a time; and how many of `lacking` are done before them."""
    done, batch = 0, dict[Id, str]()
    for at, (id, text) in _once(lacking):
        batch[id] = text
        if len(batch) == BATCH:
            yield done, batch
            done, batch = at, {}
    if batch:
        yield done, batch


def _once(lacking: Iterable[tuple[Id, str]]) -> Iterator[tuple[int, tuple[Id, str]]]:
    """Each text once, and which of all it is, from 1."""
    seen: set[Id] = set()
    for at, (id, text) in enumerate(lacking, 1):
        if id not in seen:
            seen.add(id)
            yield at, (id, text)
