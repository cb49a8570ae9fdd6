"""What the engine has decided to say: the values between composing an answer and writing it on the wire.

Owns the assembling of cited text, and the limits that cut it. Refuses to know frames, JSON or ranking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.offline.protocol.pieces import pieces


@dataclass(frozen=True, slots=True)
class DraftCitation:
    """`start` and `end` count code points of the answer's text; `sources` are as on the wire."""

    start: int
    end: int
    sources: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class DraftCall:
    """A tool call to make; `arguments` is JSON text, "" when the tool takes none."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One assistant message: a text with citations, or a plan with calls; `thinking` may come before either."""

    text: str = ""
    citations: tuple[DraftCitation, ...] = ()
    thinking: str = ""
    plan: str = ""
    calls: tuple[DraftCall, ...] = ()
    finish_reason: str = "COMPLETE"

    def output_tokens(self) -> int:
        """The pieces of everything that is sent, arguments included."""
        texts = [self.thinking, self.plan, self.text, *(call.arguments for call in self.calls)]
        return sum(len(pieces(text)) for text in texts)


class TextBuilder:
    """Collects an answer part by part and remembers where each quotation stands."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._citations: list[DraftCitation] = []

    def add(self, text: str) -> None:
        """Appends words of our own."""
        self._parts.append(text)
        self._length += len(text)

    def quote(self, text: str, sources: Sequence[Mapping[str, Any]]) -> None:
        """Appends `text` as one citation of `sources`."""
        start = self._length
        self.add(text)
        if text:
            self._citations.append(DraftCitation(start, self._length, tuple(sources)))

    def __bool__(self) -> bool:
        return self._length > 0

    def draft(self) -> Draft:
        """The message so far, as a finished text."""
        return Draft(text="".join(self._parts), citations=tuple(self._citations))


def limited(
    draft: Draft, *, max_tokens: int | None, stop_sequences: Sequence[str], thinking_budget: int | None
) -> Draft:
    """`draft` cut where the request's limits say, with the finish reason that follows.

    The stop sequence and the white space before it are not part of the text. Calls are dropped whole when they
    do not fit, since half of one must never run; a citation stays only if all of its text does.
    """
    if thinking_budget is not None:
        draft = replace(draft, thinking="".join(pieces(draft.thinking)[:thinking_budget]))
    draft = _stopped(draft, stop_sequences)
    if max_tokens is None or draft.output_tokens() <= max_tokens:
        return draft
    thinking = pieces(draft.thinking)[:max_tokens]
    plan = pieces(draft.plan)[: max_tokens - len(thinking)]
    text = pieces(draft.text)[: max_tokens - len(thinking) - len(plan)]
    cut = replace(draft, thinking="".join(thinking), plan="".join(plan), calls=(), finish_reason="MAX_TOKENS")
    return _with_text(cut, "".join(text))


def _stopped(draft: Draft, stop_sequences: Sequence[str]) -> Draft:
    places = [draft.text.find(stop) for stop in stop_sequences if stop]
    found = [place for place in places if place >= 0]
    if not found:
        return draft
    return _with_text(replace(draft, finish_reason="STOP_SEQUENCE"), draft.text[: min(found)].rstrip())


def _with_text(draft: Draft, text: str) -> Draft:
    return replace(draft, text=text, citations=tuple(cited for cited in draft.citations if cited.end <= len(text)))
