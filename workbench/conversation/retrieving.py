"""The documents of a turn: what is attached to its question, and what is found for it in the library.

Owns that a search blocks nothing else, ends with whoever waits for it and is told of, that the ledger notes what it
found, and that no key is in that. Refuses to know how a set is searched.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.conversation.options import Documents, Options, Prepares, SearchesDocuments, StreamsChat
from workbench.documents.embedding import Stop
from workbench.documents.search_options import SearchOptions
from workbench.events import Event, Retrieval

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.documents.passages import Passage
    from workbench.documents.retrieval import Found, Retrieved
    from workbench.documents.rewriting import Rewritten
    from workbench.secrets.redactor import Redactor

History = Sequence[Mapping[str, Any]]

MOST_UNSENT: Final = 60_000  # characters of what is found and not sent, that a turn holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieving:
    """Retrieves for `turn` out of `library`, and takes `attached` with it; `earlier` is what was asked before it.

    `client` is asked with `options` where the model writes what is searched for; `refuse_spent` raises TokenLimit
    before that, once nothing more may be spent. `now` gives seconds since the turn began, `emit` takes its events.
    """

    turn: Turn
    library: Documents | None
    attached: Sequence[Passage]
    earlier: Sequence[str]
    client: StreamsChat
    options: Options
    redactor: Redactor
    refuse_spent: Callable[[], object]
    now: Callable[[], float]
    emit: Callable[[Event], object]

    async def documents(self, history: History, *, local: bool = False) -> list[dict[str, Any]]:
        """What is attached and what is found for the prompt behind `history`, as a request has it.

        With `local` no model is asked for it that is elsewhere. Raises DocumentsAway, ChatError and TokenLimit.
        """
        attached = [self._masked(passage) for passage in self.attached]
        for passage in attached:
            self.turn.ledger.sent(passage)
        library = self.library
        retrieved, beyond = await self._retrieved(library, history, local=local) if library is not None else ([], [])
        ranks = itertools.count(1)
        for each in retrieved:
            rank = next(ranks) if each.is_found else None
            self.turn.ledger.sent(
                each.passage, each.score, rank, pinned=each.pinned, spans=each.spans, matched=each.matched
            )
        for each, rank in zip(beyond, ranks, strict=False):
            self.turn.ledger.found(each.passage, each.score, rank, spans=each.spans, matched=each.matched)
        return [passage.as_document() for passage in (*attached, *(each.passage for each in retrieved))]

    async def _retrieved(
        self, library: Documents, history: History, *, local: bool
    ) -> tuple[list[Retrieved], list[Retrieved]]:
        """What is found for the prompt, off the event loop, and what was found, too, and is not sent; how, is an event
        where that is worth telling."""
        if not isinstance(library, SearchesDocuments):
            items = await asyncio.to_thread(library.retrieve, self.turn.prompt, self.earlier)
            return await asyncio.to_thread(self._explained, items, {}), []
        rewrite = await self._rewritten(history) if library.asks_for_rewrite and not local else None
        stop, query = Stop(), rewrite.text if rewrite else ""
        options = SearchOptions(rewrite=query, strictly=False, stop=stop, local=local)
        try:
            found = await asyncio.to_thread(library.found, self.turn.prompt, self.earlier, options)
        finally:
            stop.stop()  # of one who does not wait any more, the request is given up, too
        if (found.tells or rewrite is not None) and not local:
            said = Retrieval(
                t=self.now(),
                seconds=found.seconds,
                sets=tuple(look.as_json() for look in found.looks),
                query=found.narrowed,
                notes=found.notes,
                rewrite=None if rewrite is None else rewrite.as_json(),
            )
            self.emit(said)
        return await asyncio.to_thread(self._both_explained, found)

    def _both_explained(self, found: Found) -> tuple[list[Retrieved], list[Retrieved]]:
        sets = {each.passage.set for each in (*found.items, *found.beyond)}
        searched = {name: found.searched.get(name, found.query.text) for name in sets}
        return self._explained(found.items, searched), _shorter(self._explained(found.beyond, searched))

    def _explained(self, found: Sequence[Retrieved], searched: Mapping[str, str]) -> list[Retrieved]:
        """What was found by the words for which its set was `searched`, or those of the prompt, masked, and with why
        each of it was found."""
        from workbench.documents.why_found import found_by  # a turn without documents needs no near meanings

        explained = list(found)
        texts = [searched.get(each.passage.set, "") for each in found]
        for text in dict.fromkeys(texts):
            questions = (self.redactor.text(text), self.turn.prompt, *reversed(self.earlier))
            places = [place for place, its in enumerate(texts) if its == text]
            for place, each in zip(places, found_by(questions, [found[place] for place in places]), strict=True):
                explained[place] = each
        masked = [replace(each, passage=self._masked(each.passage)) for each in explained]
        return [
            each if each.passage.text == its.passage.text else replace(each, spans=())  # which are of the other text
            for each, its in zip(masked, explained, strict=True)
        ]

    async def _rewritten(self, history: History) -> Rewritten:
        """What the model writes to be searched for in place of the prompt."""
        from workbench.conversation.rewriting import rewritten

        self.refuse_spent()
        if isinstance(self.client, Prepares):
            await self.client.prepare()
        query = await rewritten(self.client, self.options, self.turn.prompt, history, self.now)
        return replace(query, text=self.redactor.text(query.text), error=self.redactor.text(query.error))

    def _masked(self, passage: Passage) -> Passage:
        names = ("id", "title", "text", "data", "path") if self.redactor else ()
        return replace(passage, **{name: self.redactor.value(getattr(passage, name)) for name in names})


def _shorter(beyond: Sequence[Retrieved]) -> list[Retrieved]:
    """What was not sent, without the texts that are more than `MOST_UNSENT` characters."""
    held, found = 0, []
    for each in beyond:
        held += len(each.passage.text)
        kept = held <= MOST_UNSENT
        found.append(each if kept else replace(each, passage=replace(each.passage, text="", data={}), spans=()))
    return found
