"""The words of a store: which terms its passages have, and how many passages have each, as Arrow holds them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, Final, overload

from workbench.documents.lance.table import WORD, StoreTable

_LAST: Final = "\U0010ffff"


class StoreWords:
    """The terms of one version of a table; a `language.meanings.Vocabulary`."""

    def __init__(self, table: StoreTable) -> None:
        found = table.rows(WORD, ["name", "passages"]).combine_chunks().sort_by("name")
        self._names = _Texts(found.column("name").combine_chunks())
        self._counts = found.column("passages").combine_chunks()

    def __contains__(self, term: str) -> bool:
        """Whether any passage has `term`."""
        return self.found(term) > 0

    def found(self, term: str) -> int:
        """How many passages have `term`."""
        at = bisect_left(self._names, term)
        return int(self._counts[at].as_py()) if at < len(self._names) and self._names[at] == term else 0

    def beginning(self, start: str) -> Iterable[str]:
        """The terms that begin so."""
        return self._between(start, start + _LAST)

    def as_long(self, letter: str, least: int, most: int) -> Iterable[str]:
        """The terms that begin with a letter and are so long."""
        return [term for term in self._between(letter, letter + _LAST) if least <= len(term) <= most]

    def pairs_with(self, character: str) -> Iterable[str]:
        """The terms of two characters, one of which is this."""
        import pyarrow.compute as pc

        names = self._names.array
        fits = pc.and_(pc.equal(pc.utf8_length(names), 2), pc.match_substring(names, character))
        return [term for term in names.filter(fits).to_pylist() if term in self]

    def _between(self, first: str, last: str) -> list[str]:
        start = bisect_left(self._names, first)
        stop = bisect_left(self._names, last, start)
        counts = self._counts.slice(start, stop - start).to_pylist()
        names = self._names.array.slice(start, stop - start).to_pylist()
        return [term for term, count in zip(names, counts, strict=True) if count > 0]


class _Texts(Sequence[str]):
    """An Arrow array of texts, one of which is made a text of Python when it is looked at."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...

    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [str(each) for each in self.array[at].to_pylist()]
        return str(self.array[at].as_py())
