"""The engine: a chat request's bytes in, a reply's bytes out.

Owns what is decided first: an error, tool calls, a quoted answer, or plain words that there is none. Pure: the
same bytes always give the same reply, and nothing outside of them is read, but what small talk is told that there is.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from workbench.documents.queries import parsed
from workbench.documents.rewriting import asked_in
from workbench.offline import structured
from workbench.offline.calls.planning import Lacking, next_calls, plan
from workbench.offline.holdings import Held, Holdings
from workbench.offline.protocol import message_frames as frames
from workbench.offline.protocol import pieces
from workbench.offline.protocol.chat_request import ChatRequest, RequestMessage, parse
from workbench.offline.protocol.draft import Draft, TextBuilder, limited
from workbench.offline.protocol.rejection import Rejected
from workbench.offline.quoting import compose
from workbench.offline.quoting.citable import document_sources
from workbench.offline.quoting.found_passages import passages_among
from workbench.offline.quoting.query import Query, joined, understand
from workbench.offline.quoting.quotable import QuotableUnit
from workbench.offline.quoting.ranking import Ranking, rank
from workbench.offline.quoting.tool_quotes import Outcome, add_results, known_values, outcomes, statements_of
from workbench.offline.search_words import search_words
from workbench.offline.small_talk import behind_greeting, talk_of
from workbench.offline.vocabulary import asks_for_overview

_NAMESPACE = uuid.UUID("5f0c9d3e-6d0f-5f43-9d52-0d2f0a6a2c11")
_SURE = 0.6  # coverage from which documents add to what tools returned
_BLIND = "The offline engine cannot see images; it goes by the words alone.\n\n"
_JSON = MappingProxyType({"content-type": "application/json"})
_EVENT_STREAM = MappingProxyType({"content-type": "text/event-stream"})


@dataclass(frozen=True, slots=True)
class EngineReply:
    """`frames` are the whole frames of a stream in order, or the one JSON body of any other reply."""

    status: int
    headers: Mapping[str, str]
    frames: tuple[bytes, ...]


def answer(body: bytes, held: Held = Holdings) -> EngineReply:
    """The reply to the POST of `body` to `/v2/chat`; status 400 or 422 when the request is no good.

    `held` says what is loaded beside what came with the request.
    """
    id = message_id(body)
    try:
        request = parse(body)
    except Rejected as rejected:
        return error(rejected.status, id, rejected.message)
    draft = limited(
        _Turn(request, id, held).draft(),
        max_tokens=request.options.max_tokens,
        stop_sequences=request.options.stop_sequences,
        thinking_budget=request.options.thinking_budget,
    )
    tokens, mode = _input_tokens(request), request.options.citations
    if request.options.stream:
        return EngineReply(200, _EVENT_STREAM, tuple(frames.stream(draft, id=id, input_tokens=tokens, mode=mode)))
    whole = frames.whole(draft, id=id, input_tokens=tokens, mode=mode)
    return EngineReply(200, _JSON, (frames.to_json(whole),))


def error(status: int, id: str, message: str) -> EngineReply:
    """An error reply as the API words it."""
    return EngineReply(status, _JSON, (frames.to_json({"id": id, "message": message}),))


def message_id(body: bytes) -> str:
    """The UUID that belongs to `body`."""
    return str(uuid.uuid5(_NAMESPACE, hashlib.sha256(body).hexdigest()))


class _Turn:
    """One request, seen as the last user message and what has happened since."""

    def __init__(self, request: ChatRequest, id: str, held: Held) -> None:
        self._request = request
        self._held = held
        self._id = id
        asked = [place for place, message in enumerate(request.messages) if message.role == "user"]
        last = asked[-1] if asked else -1
        self._user = request.messages[last] if asked else RequestMessage("user")
        self._question = self._user.text
        self._earlier = request.messages[asked[-2]].text if len(asked) > 1 else ""
        self._before = request.messages[last - 1].text if last > 0 else ""
        self._since = request.messages[last + 1 :]
        self._lacking: Lacking | None = None
        self._talk = talk_of(self._question)
        ended = outcomes(self._since)
        found, self._outcomes = passages_among(ended)
        self._has_searched = len(self._outcomes) < len(ended)
        self._sources = (*document_sources(request.documents), *found)
        self._query, self._ranking = self._look()

    def _look(self) -> tuple[Query, Ranking]:
        query = understand(behind_greeting(self._plain_question()), self._earlier)
        if self._talk:
            return query, Ranking()
        ranking = rank(query, self._sources)
        if ranking.picks or not self._earlier or len(query.terms) > compose.SHORT_QUESTION:
            return query, ranking
        wider = joined(self._question, self._earlier)
        return wider, rank(wider, self._sources)

    def _plain_question(self) -> str:
        """The question without what only narrows a search: fields are those of what came with it."""
        names = {name for source in self._sources for name in source.payload}
        names |= {name for source in self._sources for name in _fields(source.payload)}
        read = parsed(self._question, names.__contains__)
        return read.text if read.words and read.narrows else self._question

    def draft(self) -> Draft:
        """The message to send, before any limit."""
        if (asked := self._asked_for_query()) is not None:
            builder = TextBuilder()
            builder.add(search_words(*asked))
            return builder.draft()
        following = next_calls(
            self._request,
            self._question,
            self._earlier,
            asked_for=compose.tool_asked_for(self._before),
            made=[call for message in self._since for call in message.calls],
            known=known_values(self._outcomes),
            documents_meet=self._ranking.coverage,
            seed=self._id,
        )
        thinks = self._request.options.thinking
        if calls := following.calls:
            said = plan(calls)
            draft = Draft(plan="" if thinks else said, calls=calls, finish_reason="TOOL_CALL")
            return replace(draft, thinking=said if thinks else "")
        self._lacking = following.lacking if self._ranking.coverage < _SURE else None
        draft = self._as_json() if self._request.options.json else self._in_words()
        return replace(draft, thinking=self._thoughts() if thinks else "")

    def _asked_for_query(self) -> tuple[str, list[str]] | None:
        """The question, and those before it, where words to search for are asked for and nothing else."""
        first = self._request.messages[0]
        return asked_in(first.text, self._question) if first.role == "system" else None

    def _in_words(self) -> Draft:
        builder = TextBuilder()
        if self._user.images and not self._outcomes:
            builder.add(_BLIND)
        if self._outcomes:
            add_results(builder, self._query, self._outcomes)
            if self._ranking.coverage >= _SURE:
                builder.add("\n\n")
                compose.add_document_answer(builder, self._question, self._ranking)
        elif self._lacking is not None:
            builder.add(compose.asking_for(self._lacking.tool, self._lacking.arguments))
        elif self._ranking.picks:
            compose.add_document_answer(builder, self._question, self._ranking)
        elif self._talk:
            builder.add(compose.small_talk(self._talk, self._held(), len(self._sources), len(self._request.tools)))
        elif not (asks_for_overview(self._question) and compose.add_overview(builder, self._sources)):
            tried = compose.nothing_matched(len(self._sources), len(self._request.tools))
            builder.add(compose.nothing_found() if self._has_searched and not self._sources else tried)
        return builder.draft()

    def _as_json(self) -> Draft:
        schema = self._request.options.schema
        if schema is not None:
            return Draft(text=structured.as_json(self._question, self._evidence(), schema))
        words = self._in_words()
        cited = [source["id"] for citation in words.citations for source in citation.sources]
        return Draft(text=structured.plain_json(words.text, cited))

    def _evidence(self) -> list[QuotableUnit]:
        from_tools = [unit for outcome in self._outcomes for unit in statements_of(outcome)]
        return [*from_tools, *(pick.unit for pick in self._ranking.picks)]

    def _thoughts(self) -> str:
        told = [term.term for term in self._query.terms if term.is_telling]
        lines = [f"The words of the question that count: {', '.join(told) or 'none'}."]
        if self._outcomes:
            lines.append(f"{_named(self._outcomes)} returned results, which I will quote.")
        if self._sources:
            lines.append(f"I ranked {len(self._sources)} documents by these words.")
            lines.append(_verdict(self._ranking))
        return " ".join(lines)


def _fields(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a passage that a search found."""
    fields = payload.get("fields")
    return fields if isinstance(fields, Mapping) else {}


def _named(found: Sequence[Outcome]) -> str:
    return ", ".join(dict.fromkeys(f"`{outcome.call.name}`" for outcome in found))


def _verdict(ranking: Ranking) -> str:
    if not ranking.picks:
        return "None of them has enough of these words."
    best = max(ranking.picks, key=lambda pick: pick.score)
    name = compose.named(best.source) or best.source.id
    parts = "1 part" if len(ranking.picks) == 1 else f"{len(ranking.picks)} parts"
    return f"The best is {name}, which meets {ranking.coverage:.0%} of the question; I chose {parts} to quote."


def _input_tokens(request: ChatRequest) -> int:
    texts = [message.text for message in request.messages]
    texts += [str(output.data) for message in request.messages for output in message.outputs]
    texts += [str(document.data) for document in request.documents]
    texts += [f"{tool.name} {tool.description} {dict(tool.parameters)}" for tool in request.tools]
    return sum(map(pieces.count, texts))
