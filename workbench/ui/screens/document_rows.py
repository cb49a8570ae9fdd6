"""The sets, documents and passages of a conversation as rows of a list: which there are, and what each says.

Owns what somebody opened, and that a row is made when it is seen. What has to be read for a row (the documents of a
set, the passages of a document) is given to it: it reads nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from textual.content import Content

from workbench.documents.choices import document_name
from workbench.documents.outline import Outlined, size_of, tokens_of
from workbench.documents.passages import Passage
from workbench.documents.retrieval import Retrieved, Shelf
from workbench.language.words import count_words
from workbench.plural import plural
from workbench.safe_text import safe_line, safe_text
from workbench.ui.document_choosing import DocumentChoosing, how_sent
from workbench.ui.widgets.row import LazyRow, Row, beginning

FIRST_DOCUMENTS: Final = 500  # of a set, that are listed at first, and
FIRST_PASSAGES: Final = 200  # of a document; more of them, so many times as many, by a row that says so
GROWS: Final = 3
STEP: Final = " › "
"""Between the headings of a title."""
LONGEST_SHOWN: Final = 20_000  # characters of a passage that are shown of it

Kind = Literal["set", "document", "passage", "left", "left-file", "more", "waits"]
ON, OFF, PINNED = ("●", "success"), ("○", "warning"), ("◆", "accent")


@dataclass(frozen=True, slots=True)
class Spot:
    """What a row is about: a set, perhaps a document of it, perhaps a passage of that; or, as `text`, what is left out
    of the set and why. `depth` says how far it stands in."""

    kind: Kind
    key: str
    shelf: Shelf
    document: Outlined | None = None
    passage: Passage | None = None
    text: tuple[str, str] = ("", "")
    depth: int = 0

    @property
    def holds(self) -> bool:
        """Whether rows stand below it when it is open."""
        return self.kind in ("set", "document", "left")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The passages of a document that have to be read before they can be listed, by their places in the set."""

    shelf: Shelf
    document: Outlined
    places: range


class _LazySpot(LazyRow):
    """The row of a spot, which says what can be found in it before it is made."""

    __slots__ = ("_make", "_text")

    def __init__(self, make: Callable[[], Row], text: Callable[[], str]) -> None:
        self._make = make
        self._text = text

    def __call__(self) -> Row:
        return self._make()

    def searched(self) -> tuple[str, str]:
        """The words of its head; those below it are found once it was seen."""
        return safe_line(self._text()), ""


class DocumentRows:
    """The rows of what `choosing` has; `masked` takes the API keys out of a text."""

    def __init__(self, choosing: DocumentChoosing, masked: Callable[[str], str] = str) -> None:
        self.outlines: dict[str, Sequence[Outlined]] = {}
        """The documents of each set, where they have been read."""
        self.sent: Mapping[str, tuple[int, Retrieved]] = {}
        """What would be sent: each passage by its id, with its rank."""
        self.shows: Literal["", "sent", "chosen"] = ""
        """Which rows there are: all of them, what would be sent, or what is off or pinned."""
        self._choosing = choosing
        self._masked = masked
        self._open: set[str] = set()
        self._most: dict[str, int] = {}
        self._passages: dict[tuple[str, str, int], list[Passage]] = {}
        self._seen: dict[str, Passage] = {}  # those that somebody has chosen something of, by their ids

    def open_first(self) -> None:
        """Have the set open that is the only one."""
        if len(self._choosing.shelves) == 1:
            self._open.add(f"set {self._choosing.shelves[0].name}")

    def took_outlines(self, outlines: Mapping[str, Sequence[Outlined]]) -> None:
        """The documents of all sets: what is open stays so, and the passages of what is otherwise are read again."""
        before, self.outlines = self.outlines, dict(outlines)
        if before != self.outlines:
            self._passages.clear()

    def turn_over(self, spot: Spot) -> None:
        """Open a row, or fold it; have more of what it stands for."""
        if spot.kind == "more":
            held = spot.key.partition(" ")[2]
            first = FIRST_PASSAGES if held.startswith("document") else FIRST_DOCUMENTS
            self._most[held] = GROWS * self._most.get(held, first)
        elif spot.holds:
            self._open ^= {spot.key}

    def note(self, passage: Passage) -> None:
        """Something is chosen of this passage: it is named where that is listed."""
        self._seen[passage.id] = passage

    def took(self, wanted: Wanted, passages: Sequence[Passage]) -> bool:
        """The passages that were wanted; whether they are those of their document, which has not changed meanwhile."""
        held = self._passages.setdefault(_of(wanted.shelf, wanted.document), [])
        if len(held) != wanted.places.start - wanted.document.first:
            return True  # they came already
        held += passages
        are_all = len(passages) == len(wanted.places)
        return are_all and all(document_name(each) == wanted.document.name for each in held)

    def wanted(self) -> Wanted | None:
        """What has to be read next of what is open; None when all is there."""
        for shelf in self._choosing.shelves:
            for document in self.outlines.get(shelf.name, ()) if self._is_open(f"set {shelf.name}") else ():
                key = _key(shelf, document)
                if key in self._open:
                    there = len(self._passages.get(_of(shelf, document), ()))
                    most = min(document.count, self._most.get(key, FIRST_PASSAGES))
                    if there < most:
                        return Wanted(shelf, document, range(document.first + there, document.first + most))
        return None

    def _is_open(self, key: str) -> bool:
        return key in self._open

    # -- which rows there are ----------------------------------------------------------------------

    def spots(self) -> Iterator[Spot]:
        """What the rows are about, in their order."""
        for shelf in self._choosing.shelves:
            match self.shows:
                case "sent":
                    below = [each.passage for _, each in self.sent.values() if each.passage.set == shelf.name]
                    if below:
                        yield Spot("set", f"set {shelf.name}", shelf)
                        yield from self._listed(shelf, below)
                case "chosen":
                    yield from self._chosen(shelf)
                case _:
                    yield Spot("set", f"set {shelf.name}", shelf)
                    if self._is_open(f"set {shelf.name}"):
                        yield from self._documents(shelf)

    def _listed(self, shelf: Shelf, passages: Iterable[Passage]) -> Iterator[Spot]:
        return (Spot("passage", f"passage {each.id}", shelf, passage=each, depth=1) for each in passages)

    def _chosen(self, shelf: Shelf) -> Iterator[Spot]:
        choices = self._choosing.choices
        off = {name for set, name in choices.documents_off if set == shelf.name}
        documents = [each for each in self.outlines.get(shelf.name, ()) if each.name in off]
        chosen = choices.passages_off | {each.id for each in choices.pinned}
        known = {**self._seen, **{each.id: each for each in choices.pinned}}
        passages = [known[id] for id in sorted(chosen) if id in known and known[id].set == shelf.name]
        if documents or passages or shelf.name in choices.sets_off:
            yield Spot("set", f"set {shelf.name}", shelf)
            for each in documents:
                yield Spot("document", _key(shelf, each), shelf, each, depth=1)
            yield from self._listed(shelf, passages)

    def _documents(self, shelf: Shelf) -> Iterator[Spot]:
        documents = self.outlines.get(shelf.name)
        if documents is None:
            yield Spot("waits", f"waits {shelf.name}", shelf, text=("reading …", ""), depth=1)
            return
        set_key = f"set {shelf.name}"
        most = self._most.get(set_key, FIRST_DOCUMENTS)
        for each in documents[:most]:
            yield Spot("document", _key(shelf, each), shelf, each, depth=1)
            if self._is_open(_key(shelf, each)):
                yield from self._passages_of(shelf, each)
        if len(documents) > most:
            left = f"{len(documents) - most:,} more documents"
            yield Spot("more", f"more {set_key}", shelf, text=(left, ""), depth=1)
        yield from self._left_out(shelf)

    def _passages_of(self, shelf: Shelf, document: Outlined) -> Iterator[Spot]:
        key, passages = _key(shelf, document), self._passages.get(_of(shelf, document), [])
        for each in passages:
            yield Spot("passage", f"passage {each.id}", shelf, document, each, depth=2)
        most = self._most.get(key, FIRST_PASSAGES)
        if len(passages) < min(document.count, most):
            yield Spot("waits", f"waits {key}", shelf, document, text=("reading …", ""), depth=2)
        elif document.count > most:
            left = f"{document.count - most:,} more passages"
            yield Spot("more", f"more {key}", shelf, document, text=(left, ""), depth=2)

    def _left_out(self, shelf: Shelf) -> Iterator[Spot]:
        left = shelf.files.left
        if left:
            key = f"left {shelf.name}"
            yield Spot("left", key, shelf, text=(f"{len(left):,} left out", ""), depth=1)
            for number, (name, why) in enumerate(left if self._is_open(key) else ()):
                yield Spot("left-file", f"{key} {number}", shelf, text=(name, why), depth=2)

    # -- what they say -------------------------------------------------------------------------------

    def lazy(self, spot: Spot) -> LazyRow:
        """The row of a spot, which is made when it is seen."""
        return _LazySpot(partial(self.row, spot), partial(self._name, spot))

    def row(self, spot: Spot) -> Row:
        """The row of a spot."""
        name, rest = beginning(self._name(spot))
        glyph, style = self._mark(spot)
        is_open = self._is_open(spot.key)
        fold = "  " if self.shows or not spot.holds else "▾ " if is_open else "▸ "
        words = " ".join(self._behind(spot))
        is_dim = glyph == OFF[0] or spot.kind in ("left", "more", "waits")
        head = Content.assemble(
            " " + "  " * spot.depth, (fold, "muted"), (f"{glyph} " if glyph else "", style),
            (name, "muted" if is_dim else "bold" if spot.kind == "set" else ""),
            (f" {words}" if words else "", "muted"),
        )  # fmt: skip
        body = partial(self._body, spot.passage) if spot.passage is not None else None
        copied = partial(str, self._copied(spot))
        return Row(head, self._tails(spot), body=body, indent=7, head_rest=rest, copied=copied)

    def _name(self, spot: Spot) -> str:
        if spot.passage is not None:
            title = spot.passage.title or spot.passage.id
            return self._masked(title if spot.document is None else self._within(spot.shelf, spot.document, title))
        if spot.document is not None and spot.kind == "document":
            return self._masked(spot.document.name)
        return self._masked(spot.text[0] if spot.kind != "set" else spot.shelf.name)

    def _within(self, shelf: Shelf, document: Outlined, title: str) -> str:
        """The title of a passage without what all of its document begin with, which stands above it."""
        passages = self._passages.get(_of(shelf, document), [])
        common = f"{passages[0].title.partition(STEP)[0]}{STEP}" if passages else ""
        return title.removeprefix(common) if common else title

    def _mark(self, spot: Spot) -> tuple[str, str]:
        choices = self._choosing.choices
        set_is_off = spot.shelf.name in choices.sets_off
        match spot.kind:
            case "set":
                return OFF if set_is_off else ON
            case "document" if spot.document is not None:
                return OFF if set_is_off or (spot.shelf.name, spot.document.name) in choices.documents_off else ON
            case "passage" if spot.passage is not None:
                return PINNED if choices.is_pinned(spot.passage.id) else OFF if choices.is_off(spot.passage) else ON
            case "left" | "left-file":
                return "!", "warning"
        return "", ""

    def _behind(self, spot: Spot) -> Iterator[str]:
        """What stands behind the name."""
        if spot.kind == "set":
            yield safe_line(f"· {how_sent(spot.shelf)}")
            if (documents := self.outlines.get(spot.shelf.name)) is not None:
                yield f"· {plural(len(documents), 'document')}"
                yield f"· ~{tokens_of(sum(each.size for each in documents)):,} tokens"
        elif spot.kind == "left-file":
            yield safe_line(f"· {spot.text[1]}")
        elif spot.passage is not None and spot.passage.lines is not None:
            first, last = spot.passage.lines
            where = f"{document_name(spot.passage)}:" if spot.document is None else "line "
            yield safe_line(self._masked(f"· {where}{first}" if first == last else f"· {where}{first}-{last}"))

    def _tails(self, spot: Spot) -> tuple[Content, ...]:
        """What stands at the right end, as much of it as there is room for."""
        state, facts = "", ""
        if spot.passage is not None:
            state = self._state(spot.passage)
            facts = f"{count_words(spot.passage.text):,} words · ~{tokens_of(size_of(spot.passage)):,} tokens"
        elif spot.kind == "document" and spot.document is not None:
            facts = f"{plural(spot.document.count, 'passage')} · ~{spot.document.tokens:,} tokens"
            off = (spot.shelf.name, spot.document.name) in self._choosing.choices.documents_off
            state = "off" if off else ""
        elif spot.kind == "set":
            state = "off" if spot.shelf.name in self._choosing.choices.sets_off else ""
        texts = dict.fromkeys((" · ".join(filter(None, (state, facts))), state or facts))
        style = "accent" if state == "pinned" else "warning" if state == "off" else "muted"
        return tuple(
            Content.assemble((f"{state} " if state else "", style), (text[len(state) :].lstrip(), "muted"), " ")
            for text in texts
            if text
        )

    def _state(self, passage: Passage) -> str:
        if self._choosing.choices.is_pinned(passage.id):
            return "pinned"
        if passage.id in self._choosing.choices.passages_off:
            return "off"
        if (found := self.sent.get(passage.id)) is None:
            return ""
        rank, retrieved = found
        return "sent" if retrieved.score is None else f"rank {rank} · {retrieved.score:.2f}"

    def _body(self, passage: Passage) -> Content:
        text = self._masked(passage.text)
        more = len(text) - LONGEST_SHOWN
        shown = Content(safe_text(text[:LONGEST_SHOWN]))
        return shown + Content.styled(f"\n… {more:,} characters more", "muted") if more > 0 else shown

    def _copied(self, spot: Spot) -> str:
        if spot.passage is not None:
            return self._masked(spot.passage.text)
        return ": ".join(filter(None, (self._name(spot), spot.text[1])))


def ranked(found: Sequence[Retrieved]) -> dict[str, tuple[int, Retrieved]]:
    """What would be sent by the ids of the passages, each with its rank; 0 is that of what was not found."""
    ranks, rank = {}, 0
    for each in found:
        rank += each.is_found
        ranks[each.passage.id] = (rank if each.is_found else 0, each)
    return ranks


def _key(shelf: Shelf, document: Outlined) -> str:
    return f"document {shelf.name}\0{document.first}\0{document.name}"


def _of(shelf: Shelf, document: Outlined) -> tuple[str, str, int]:
    return shelf.name, document.name, document.first
