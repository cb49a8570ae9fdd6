"""The models that documents are searched with: those of the client, and the vectors that sets need of them.

Owns that a set is embedded only once its cost is said and somebody wants it: a person at the terminal, or `--yes`.
Embedding goes on where it was stopped, since each batch is kept.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.cohere_client import ChatClient, ClientOptions, connect
from workbench.documents.embedding import Lacking, Nearby, SearchModels, Stop, VectorsUnusable
from workbench.errors import ChatError

if TYPE_CHECKING:
    from workbench.documents.retrieval import Library
    from workbench.documents.shelf import Shelf

EVERY: Final = 1.0  # seconds between two words about it
_YES: Final = ("y", "yes")


@dataclass(frozen=True, slots=True)
class Embedded:
    """The passages of the set `name` that were embedded now, of how many; `problem` says why not all have a vector."""

    name: str
    passages: int
    size: int
    seconds: float
    problem: str = ""


def vectors_folder(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_CACHE_HOME/workbench/vectors` (or below `~/.cache`); None when there is no home."""
    from workbench.documents.index.place import indexes_folder

    folder = indexes_folder(environ)
    return None if folder is None else folder.with_name("vectors")


def search_models(client: ChatClient, environ: Mapping[str, str], retries: int) -> SearchModels | None:
    """Those of a client; None of one that plays a recording."""
    from workbench.conversation.retrying import Backoff

    models = client.models(Backoff(), retries=retries)
    return None if models is None else SearchModels(models, models, vectors_folder(environ))


def with_models(
    library: Library | None, client: ChatClient, environ: Mapping[str, str], retries: int
) -> Library | None:
    """A library, searched with the models of `client` where one of its sets needs some."""
    if library is None or not library.needs_models:
        return library
    return library.with_models(search_models(client, environ, retries))


@contextmanager
def searching(
    library: Library, options: ClientOptions, retries: int, environ: Mapping[str, str], *, needed: bool = False
) -> Iterator[Library]:
    """Within, a library is searched with models where its sets need some, or they are `needed`: where `options` lead.

    Raises ConfigurationError for what cannot be connected to, ChatError for what cannot be loaded.
    """
    from workbench.conversation.retrying import Backoff

    if not (needed or library.needs_models):
        yield library
        return
    client = connect(options, environ)
    try:
        models = client.models(Backoff(), retries=retries)
        if models is not None:
            models.prepare()  # it takes a while, which is no question's
        yield library.with_models(search_models(client, environ, retries))
    finally:
        asyncio.run(client.aclose())


def embed_free(library: Library, say: Callable[[str], object]) -> None:
    """Embed what sets need, however much that is, where it costs nothing; `say` is told how it goes on.

    What cannot be embedded is told when the set is searched.
    """
    if library.models is not None and library.models.embedder.is_free:
        embed(library.shelves, library.models, say, lambda _: True)


def embed(
    shelves: Iterable[Shelf],
    models: SearchModels,
    say: Callable[[str], object],
    wants: Callable[[str], bool],
    clock: Callable[[], float] = time.monotonic,
) -> list[Embedded]:
    """Embed what has no vector yet in sets that are searched by vectors; what came of each.

    `say` is told how it goes on. Where embedding costs something, `wants` is asked first, with a line that says how
    much there is to embed.
    """
    from workbench.documents.modes import needs_vectors

    found = []
    for shelf in shelves:
        if needs_vectors(shelf):
            found.append(_embedded(shelf, models, say, wants, clock))
    return found


def _embedded(
    shelf: Shelf,
    models: SearchModels,
    say: Callable[[str], object],
    wants: Callable[[str], bool],
    clock: Callable[[], float],
) -> Embedded:
    began, done, size = clock(), 0, shelf.size
    problem = ""
    try:
        nearby = shelf.nearby(models, shelf.retrieval.embed)
        lacking = nearby.lacking()
        size = lacking.size
        if lacking.passages and not models.embedder.is_free and not wants(_cost(shelf, lacking)):
            problem = f"{lacking.passages:,} passages have no vector: embedding them was not allowed (--yes allows it)"
        elif lacking.passages:
            done = _filled(nearby, shelf.name, say, clock)
    except (ChatError, VectorsUnusable) as error:
        problem = str(error)
    return Embedded(shelf.name, done, size, clock() - began, problem)


def _filled(nearby: Nearby, name: str, say: Callable[[str], object], clock: Callable[[], float]) -> int:
    before, due = nearby.lacking().passages, clock() + EVERY

    def tell(done: int, of: int) -> None:
        nonlocal due
        if clock() >= due:
            due = clock() + EVERY
            say(f"embedding {name}: {done:,} of {of:,} passages")

    nearby.fill(tell, Stop())
    return before - nearby.lacking().passages


def _cost(shelf: Shelf, lacking: Lacking) -> str:
    """What there is to embed, in words: no price is known, so none is said."""
    from workbench.documents.modes import tokens_of

    model = shelf.retrieval.embed.passages
    return (
        f"{shelf.name}: {lacking.passages:,} of {lacking.size:,} passages are to be embedded by {model}, "
        f"about {tokens_of(lacking):,} tokens"
    )


def asking(say: Callable[[str], object], *, yes: bool) -> Callable[[str], bool]:
    """What says a cost, and asks a person at the terminal for it; without one nobody wants it but by `yes`."""

    def wants(cost: str) -> bool:
        if yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
            say(cost)
            return yes
        say(f"{cost}. Go on? [y/N]")
        return sys.stdin.readline().strip().lower() in _YES

    return wants
