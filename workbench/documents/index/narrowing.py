"""The best passages of an index that a query accepts: the very ones that looking at every passage would give.

Owns where they are looked for. Where few can be accepted, by their words and by the fields of their documents, among
these; else among the best of all, of which most questions take enough, and at last among all that can be accepted.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, islice
from typing import Any, Final

from workbench.documents.conditions import Condition, leads_to, values_of
from workbench.documents.fields import TEXT_FIELDS
from workbench.documents.index.data import place_of, unpacked
from workbench.documents.index.ranking import Ranking
from workbench.documents.index.vocabulary import passages_with
from workbench.documents.passages import Passage
from workbench.documents.queries import Query
from workbench.language.phrases import has_phrase, sure_words
from workbench.language.search_terms import terms_of_any
from workbench.language.words import folded

Read = Callable[[int], Passage]
Scored = tuple[Passage, float]

_DEEP: Final = (64, 1024)
"""How many of the best are looked at one by one before it is found out which can be accepted."""

_GROWS: Final = 4  # times as many passages whose texts are looked at, where those before were not enough
_AT_ONCE: Final = 2_000  # of these, at most
_TEXTS: Final = "SELECT key, title, text FROM passages WHERE key IN (SELECT value FROM json_each(?))"
_FEW: Final = 4_000  # passages that are ranked by themselves, however many have the words
_VERY_FEW: Final = 30  # passages whose text is read soon
_MOST_FIELDS: Final = 8  # whose values are remembered
_OF_TEXT: Final = frozenset(("title", *TEXT_FIELDS))
_BOOLEANS: Final = {"true": True, "false": False}


class Narrowing:
    """The passages of an index as it is now, by what narrows a query."""

    def __init__(self, connection: sqlite3.Connection, ranking: Ranking) -> None:
        self._connection = connection
        self._ranking = ranking
        self._names = [name for (name,) in connection.execute("SELECT name FROM fields")]
        self._values: dict[str, dict[str, array[int]]] = {}

    def has_field(self, name: str) -> bool:
        """Whether a document has had a field of that name which is not its text."""
        return any(leads_to(name, each) for each in self._names)

    def first(self, query: Query, top_k: int, read: Read, off: Set[int] = frozenset()) -> list[Scored]:
        """The first passages that meet the fields of `query`, which is a filter, in the order of the set; `off` as of
        `best`."""
        possible = self._meeting(query.where) - self._with_any(query.excluded_words) - off
        found = map(read, sorted(possible, key=self._ranking.order.of))
        return [(passage, 0.0) for passage in islice(filter(query.accepts, found), top_k)]

    def best(
        self, query: Query, words: Mapping[str, float], top_k: int, read: Read, off: Set[int] = frozenset()
    ) -> list[Scored]:
        """The `top_k` best passages for `words` that `query` accepts, best first; `read` gives a passage by its key.

        Those that are `off` are not accepted, however many they are: none of them is read.
        """
        without = self._with_any(query.excluded_words) | off
        possible = self._with_phrases(query)
        if query.where and (possible is None or len(possible) > _FEW) and self._knows(query.where):
            meeting = self._meeting(query.where)
            possible = meeting if possible is None else possible & meeting
        if possible is not None and len(possible) <= _FEW:
            return self._accepted(self._ranking.of(words, possible - without), without, query, top_k, read)
        for deep in _DEEP:
            ranked = self._ranking.best(words, deep, without)
            found = self._accepted(ranked, without, query, top_k, read)
            if len(found) == top_k or len(ranked) < deep:
                return found
        if query.where:
            meeting = self._meeting(query.where)
            possible = meeting if possible is None else possible & meeting
        if possible is None:
            ranked = self._ranking.best(words, self._ranking.size, without)
        else:
            ranked = self._ranking.of(words, possible - without)
        return self._accepted(ranked, without, query, top_k, read)

    def _accepted(
        self, ranked: Iterable[tuple[int, float]], without: Set[int], query: Query, top_k: int, read: Read
    ) -> list[Scored]:
        """The first of the `ranked` that `query` accepts.

        With phrases, only what has them is read: the texts of more and more at once tell that ten times as soon.
        """
        left = ((key, score) for key, score in ranked if key not in without)
        found: list[Scored] = []
        count = 2 * top_k
        while len(found) < top_k and (some := list(islice(left, count))):
            having = self._having(query.phrases, [key for key, _ in some]) if query.phrases else None
            scored = ((read(key), score) for key, score in some if having is None or key in having)
            found.extend(islice((each for each in scored if query.accepts(each[0])), top_k - len(found)))
            count = min(_GROWS * count, _AT_ONCE)
        return found

    def _having(self, phrases: Sequence[str], keys: Sequence[int]) -> Set[int]:
        """Those of the passages with these keys that have all `phrases`."""
        having: set[int] = set()
        for key, title, text in self._connection.execute(_TEXTS, [json.dumps(keys)]):
            bare = f"{folded(title)}\n{folded(text)}"  # either is plain by itself more often than both together
            if all(has_phrase(each, bare) for each in phrases):
                having.add(key)
        return having

    def _with_phrases(self, query: Query) -> Set[int] | None:
        """Passages among which are all that have the phrases; None where these may be any.

        They are those with the rarest words of these: the text of a few is read sooner than where common words stand.
        """
        words = [set(terms_of_any(word)) for word in chain.from_iterable(map(sure_words, query.phrases))]
        possible: set[int] | None = None
        for any_of in sorted(filter(None, words), key=lambda each: sum(map(self._ranking.terms.found, each))):
            if possible is not None and len(possible) <= _VERY_FEW:
                break
            found = self._with_any(any_of)
            possible = set(found) if possible is None else possible & found
        return possible

    def _knows(self, where: Iterable[Condition]) -> bool:
        """Whether it is found out already which passages have which values of these fields."""
        return all(condition.field in self._values for condition in where)

    def _with_any(self, any_of: Iterable[str]) -> Set[int]:
        """The passages with one of these terms."""
        found: set[int] = set()
        for term in any_of:
            _, keys = next(passages_with(self._connection, term))
            found.update(keys)
        return found

    def _meeting(self, where: Iterable[Condition]) -> Set[int]:
        """Passages among which are all whose documents meet `where`."""
        meeting: set[int] | None = None
        for condition in where:
            found: set[int] = set()
            for said, keys in self._of_field(condition.field).items():
                if condition.fits(json.loads(said)):
                    found.update(keys)
            meeting = found if meeting is None else meeting & found
        return meeting or set()

    def _of_field(self, name: str) -> Mapping[str, array[int]]:
        """The values of a field as JSON, each with the keys of its passages."""
        if name not in self._values:
            if len(self._values) >= _MOST_FIELDS:
                self._values.clear()
            values: dict[str, array[int]] = {}
            for key, value in self._of_text(name) if name.casefold() in _OF_TEXT else self._of_data(name):
                values.setdefault(json.dumps(value), array("I")).append(key)
            self._values[name] = values
        return self._values[name]

    def _of_text(self, name: str) -> Iterator[tuple[int, Any]]:
        """The keys of passages, and each value of a field that may be their text or title: not all of it is in data."""
        for key, kept, title, text in self._connection.execute("SELECT key, data, title, text FROM passages"):
            for value in values_of(unpacked(kept, title, text), name):
                yield key, value

    def _of_data(self, name: str) -> Iterator[tuple[int, Any]]:
        """The keys of the passages whose documents have a field, and each value of it."""
        for field in self._names:
            if leads_to(name, field):
                for key, value in self._column(field):
                    for each in values_of({field: value}, name):
                        yield key, each

    def _column(self, field: str) -> Iterator[tuple[int, Any]]:
        """The keys of the passages whose documents have a field, and what it is there."""
        run = self._connection.execute
        written = json.dumps(field)
        if written != f'"{field}"':  # SQLite before 3.45 compares a name with it as it is written, escapes and all
            for key, kept, text in run("SELECT key, data, text FROM passages WHERE instr(data, ?)", [written]):
                fields = unpacked(kept, "", text)
                if field in fields:
                    yield key, fields[field]
            return
        # What is null in the data may be the text, which is not kept twice.
        own = "CASE WHEN json_type(data, ?1) = 'null' AND json_extract(data, '$[0]') = ?2 THEN text END"
        said = f"SELECT key, json_type(data, ?1), json_extract(data, ?1), {own} FROM passages WHERE data IS NOT NULL"
        for key, kind, value, text in run(said, [place_of(field), field]):
            if text is not None:
                yield key, text
            elif kind in ("array", "object"):
                yield key, json.loads(value)
            elif kind is not None:
                yield key, _BOOLEANS.get(kind, value)
