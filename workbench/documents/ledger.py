"""The ledger of one turn: what was found and sent to the model, or found and not sent, and what the answer cites of it.

Owns citation numbers and the matching of a citation's sources to what was sent. Refuses to lose a citation: a
source that was never sent gets an entry from its own content. `coverage` counts the sentences that have a
citation, and `uncited` names the others; neither says anything about whether they are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from workbench.documents.fields import text_of, title_of
from workbench.documents.passages import Passage
from workbench.language.claims import claims

EntryKind = Literal["document", "tool", "other"]
RelevantSpan = tuple[int, int, float]
"""Code points [start, end) of a passage's text, and how relevant to the question they are."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A source of the turn. `number` is its citation number from 1, None while nothing cites it.

    `key` is unique in the ledger and stays. `id` is the passage's or the tool call's. `title` is a passage's
    heading path or a tool's name, `text` what the model was sent, `arguments` a tool call's. `cited` counts
    citations; `score` is the retrieval score, and `rank` the place among what was retrieved, from 1. `set` is the name
    of the passage's set, "" where that is not known. `sent` tells that the model was sent it, and `pinned` that a
    person wanted that, whatever was found; the text of what was not sent may be missing. `spans` are the code points
    [start, end) of the text that a reranker found relevant, each with how much; `matched` are the words of the question
    that the passage was found by.
    """

    key: str
    number: int | None
    kind: EntryKind
    id: str
    title: str
    text: str
    path: str | None = None
    lines: tuple[int, int] | None = None
    cited: int = 0
    score: float | None = None
    arguments: Any = None
    set: str = ""
    rank: int | None = None
    sent: bool = False
    pinned: bool = False
    spans: tuple[RelevantSpan, ...] = ()
    matched: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The entry as the last line of `ask --json` has it; `document` is null for what is none."""
        document = document_of(self.id, self.path) if self.kind == "document" else None
        return {
            "id": self.id,
            "document": document,
            "title": self.title,
            "path": self.path,
            "rank": self.rank,
            "score": self.score,
            "sent": self.sent,
            "cited": self.cited,
            "number": self.number,
            "set": self.set or None,
            "lines": list(self.lines) if self.lines is not None else None,
            "matched": list(self.matched),
            "spans": [{"start": start, "end": end, "score": score} for start, end, score in self.spans],
        }


@dataclass(slots=True)
class _Account:
    """An entry while the turn goes on."""

    key: str
    kind: EntryKind
    id: str
    title: str
    text: str
    path: str | None = None
    lines: tuple[int, int] | None = None
    score: float | None = None
    arguments: Any = None
    number: int | None = None
    cited: int = 0
    sent: bool = False
    set: str = ""
    rank: int | None = None
    pinned: bool = False
    spans: tuple[RelevantSpan, ...] = ()
    matched: tuple[str, ...] = ()

    def entry(self) -> LedgerEntry:
        return LedgerEntry(
            key=self.key,
            number=self.number,
            kind=self.kind,
            id=self.id,
            title=self.title,
            text=self.text,
            path=self.path,
            lines=self.lines,
            cited=self.cited,
            score=self.score,
            arguments=self.arguments,
            set=self.set,
            rank=self.rank,
            sent=self.sent or self.kind == "tool",
            pinned=self.pinned,
            spans=self.spans,
            matched=self.matched,
        )


class Ledger:
    """What one turn sent and cited, in order. Each citation costs the same however long the turn is."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}
        self._cited: list[_Account] = []
        self._sent: list[_Account] = []  # the n-th of them, from 0, is what the API calls doc:n
        self._results: dict[str, list[str]] = {}
        self._by_call: dict[str, _Account] = {}  # passages that a call found, as the API calls them: `call:n`
        self._by_text: dict[str, _Account] = {}  # for sources without an id
        self._refused: set[str] = set()  # ids and texts of calls

    def sent(
        self,
        passage: Passage,
        score: float | None = None,
        rank: int | None = None,
        *,
        pinned: bool = False,
        spans: Iterable[RelevantSpan] = (),
        matched: Iterable[str] = (),
    ) -> None:
        """Note that `passage` was sent. Sending it again in a later step changes nothing but what is new of its score,
        its rank, its relevant `spans` and the words of the question that it `matched`."""
        account = self._open("document", passage.id, passage.title, passage.text)
        account.path, account.lines, account.set = passage.path, passage.lines, passage.set
        account.score = score if score is not None else account.score
        account.rank = rank if rank is not None else account.rank
        account.pinned = account.pinned or pinned
        account.spans = tuple(_within(spans, len(passage.text))) or account.spans
        account.matched = tuple(matched) or account.matched
        if not account.sent:
            account.sent = True
            self._sent.append(account)

    def found(
        self,
        passage: Passage,
        score: float | None = None,
        rank: int | None = None,
        *,
        spans: Iterable[RelevantSpan] = (),
        matched: Iterable[str] = (),
    ) -> None:
        """Note that `passage` was retrieved for the turn and not sent; nothing is noted of what was."""
        if _key("document", passage.id) in self._accounts:
            return
        account = self._opened("document", passage.id, passage.title, passage.text)
        account.path, account.lines, account.set = passage.path, passage.lines, passage.set
        account.score, account.rank, account.matched = score, rank, tuple(matched)
        account.spans = tuple(_within(spans, len(passage.text)))

    def sent_with(self, other: Ledger) -> None:
        """Note that the documents that `other` has were sent, in its order, and what was found for them and was not."""
        for each in other._sent:
            account = self._open("document", each.id, each.title, each.text)
            account.path, account.lines, account.set, account.score = each.path, each.lines, each.set, each.score
            account.rank, account.pinned = each.rank, each.pinned
            account.spans, account.matched = each.spans, each.matched
            if not account.sent:
                account.sent = True
                self._sent.append(account)
        for each in other._beyond():
            self._accounts.setdefault(each.key, replace(each, number=None, cited=0))

    def tool_result(self, call_id: str, name: str, arguments: Any, result_text: str) -> None:
        """Note that the result of a tool call was sent, as `result_text`.

        Some models use a call id twice: one entry then holds both texts, since a source cannot tell them apart.
        """
        texts = self._results.setdefault(call_id, [])
        if result_text not in texts:
            texts.append(result_text)
        account = self._open("tool", call_id, name, "\n\n".join(texts))
        account.arguments = arguments

    def found_by_call(
        self,
        call_id: str,
        found: Sequence[tuple[Passage, float | None, int | None]],
        matched: Sequence[tuple[str, ...]] = (),
    ) -> None:
        """Note the passages that the model got as the result of a call, each with its score and rank there, and with
        the words of its search that it `matched`.

        A passage that was there before keeps what is known of it.
        """
        for number, (passage, score, rank) in enumerate(found):
            account = self._open("document", passage.id, passage.title, passage.text)
            if not account.sent:
                account.path, account.lines, account.set = passage.path, passage.lines, passage.set
                account.score, account.rank, account.sent = score, rank, True
                account.matched = matched[number] if number < len(matched) else ()
            self._by_call[f"{call_id}:{number}"] = account

    def refused(self, call_id: str, error: str) -> None:
        """Note that a tool call never ran: what the model was told of it, `error`, is no source of an answer."""
        ids = {call_id, f"{call_id}:0"} if call_id else set()
        self._refused |= ids | {text_of({"error": error})} - {""}

    def cite(self, sources: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
        """The numbers of one citation's `sources`, as received; new numbers go to sources not cited before.

        In the order of the sources, each number once. What is no object is passed over, and so is a call that was
        refused.
        """
        numbers: dict[int, None] = {}
        for source in sources:
            if not isinstance(source, Mapping):
                continue
            account = self._find(source)
            if account is None and self._is_refused(source):
                continue
            account = account or self._from_source(source)
            if not (account.text or account.sent or account.rank is None):  # it was not sent, and its text is not kept
                account.text = text_of(_content(source))
            if account.number is None:
                self._cited.append(account)
                account.number = len(self._cited)
            if account.number not in numbers:
                account.cited += 1
            numbers[account.number] = None
        return tuple(numbers)

    def __bool__(self) -> bool:
        """Whether there is a source, of whatever kind."""
        return bool(self._accounts)

    def as_sent(self) -> Ledger:
        """The ledger as it was when its documents had been sent, and nothing of an answer had come."""
        ledger = Ledger()
        for account in self._sent:
            copy = replace(account, number=None, cited=0)
            ledger._accounts[copy.key] = copy
            ledger._sent.append(copy)
            if copy.text or not copy.id:
                ledger._by_text.setdefault(copy.text, copy)
        for account in self._beyond():
            ledger._accounts[account.key] = replace(account, number=None, cited=0)
        return ledger

    def entries(self) -> tuple[LedgerEntry, ...]:
        """The cited sources by number, then those sent and not cited, in the order of sending, then what was found and
        not sent, by rank."""
        uncited = [account.entry() for account in self._accounts.values() if account.number is None]
        sent = [entry for entry in uncited if entry.sent]
        return (*(account.entry() for account in self._cited), *sent, *(entry for entry in uncited if not entry.sent))

    def _beyond(self) -> Iterator[_Account]:
        """What was found and not sent, also where it is cited."""
        return (each for each in self._accounts.values() if each.rank is not None and not each.sent)

    def _open(self, kind: EntryKind, id: str, title: str, text: str) -> _Account:
        """The account of a source, with what is now known of it; one without an id is always new."""
        account = self._opened(kind, id, title, text)
        if text or not id:  # an empty result must not stand in for every source without content
            self._by_text.setdefault(text, account)
        return account

    def _opened(self, kind: EntryKind, id: str, title: str, text: str) -> _Account:
        """As `_open`, of a source that none without an id can mean."""
        key = _key(kind, id) if id else f"{kind} {len(self._accounts) + 1}"
        account = self._accounts.setdefault(key, _Account(key, kind, id, title, text))
        account.title, account.text = title, text
        return account

    def _find(self, source: Mapping[str, Any]) -> _Account | None:
        kind, id = _kind(source), _id(source)
        if not id:
            return self._by_text.get(text_of(_content(source)))
        if kind != "document" and id in self._by_call:
            return self._by_call[id]
        # A tool may hand out passages, which are then cited as tool sources under their own ids.
        for known in (kind, "document", "tool", "other"):
            if _key(known, id) in self._accounts:
                return self._accounts[_key(known, id)]
        stem, _, number = id.rpartition(":")
        if not (number.isascii() and number.isdigit()):
            return None
        if kind != "tool" and stem == "doc" and len(number) < 10 and int(number) < len(self._sent):
            return self._sent[int(number)]
        return self._accounts.get(_key("tool", stem)) if kind != "document" else None

    def _is_refused(self, source: Mapping[str, Any]) -> bool:
        id = _id(source)
        if not id:
            return text_of(_content(source)) in self._refused
        return id in self._refused or (_kind(source) != "document" and id.rpartition(":")[0] in self._refused)

    def _from_source(self, source: Mapping[str, Any]) -> _Account:
        """A new account for a source that nothing here sent, from the source's own content."""
        kind, id, content = _kind(source), _id(source), _content(source)
        return self._open(kind, id, title_of(content) or id or kind, text_of(content))


def _within(spans: Iterable[RelevantSpan], length: int) -> Iterator[RelevantSpan]:
    """The spans in order, as far as they are in a text of that length."""
    for start, end, score in sorted(spans):
        first, last = max(0, start), min(end, length)
        if first < last:
            yield first, last, score


def document_of(id: str, path: str | None) -> str:
    """What tells the document of a passage from others: its file, or the id that it gives itself."""
    document, mark, number = id.rpartition("#")
    whole = document if mark and number.isascii() and number.isdigit() else id
    return path if path is not None and whole.endswith(path) else whole


def coverage(text: str, spans: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """(parts of `text` that a citation touches, all its parts that a source could support).

    The parts are those of `language.claims`. `spans` are (start, end) in code points, end exclusive, in any order;
    empty ones touch nothing.
    """
    parts = _with_support(text, spans)
    return sum(is_cited for *_, is_cited in parts), len(parts)


def uncited(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of `text` that `coverage` counts and no citation touches, as (start, end) in code points, in order."""
    return [(start, end) for start, end, is_cited in _with_support(text, spans) if not is_cited]


def _with_support(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """The parts of an answer, each with whether one of the spans touches it."""
    remaining = sorted((span for span in spans if span[0] < span[1]), reverse=True)
    parts: list[tuple[int, int, bool]] = []
    reach = -1  # where the furthest of the spans that have begun ends
    for start, end in claims(text):
        while remaining and remaining[-1][0] < end:
            reach = max(reach, remaining.pop()[1])
        parts.append((start, end, reach > start))
    return parts


def _key(kind: EntryKind, id: str) -> str:
    return f"{kind}:{id}"


def _kind(source: Mapping[str, Any]) -> EntryKind:
    kind = source.get("type")
    if kind in ("document", "tool"):
        return "document" if kind == "document" else "tool"
    return "other"


def _content(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """The source's document or tool output, without its id."""
    for name in ("document", "tool_output"):
        content = source.get(name)
        if isinstance(content, Mapping):
            return {key: value for key, value in content.items() if key != "id"}
        if isinstance(content, str):
            return {"text": content}
    return {}


def _id(source: Mapping[str, Any]) -> str:
    document = source.get("document")
    inner = document.get("id") if isinstance(document, Mapping) else None
    for candidate in (source.get("id"), inner):
        if isinstance(candidate, (str, int)) and str(candidate):
            return str(candidate)
    return ""
