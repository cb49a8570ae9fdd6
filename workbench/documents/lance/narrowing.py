"""What of a set a query accepts: by the fields of its documents, and by words that its passages must have, or must not.

Owns how little is read for it: the fields alone, and only passages that can be accepted at all. The values of a field
are read once for each version of a table, and each of them is looked at once for a question.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from typing import Any, Final

from workbench.documents.conditions import Condition, leads_to, values_of
from workbench.documents.index.data import unpacked
from workbench.documents.lance.order import in_set_order
from workbench.documents.lance.table import FACT, StoreTable
from workbench.documents.queries import Query
from workbench.language.phrases import sure_words
from workbench.language.search_terms import terms_of_any

_KEPT: Final = 8  # fields whose values are known
_BLANK: Final = "\0"  # stands for what is not in a passage's data, since it is its text, or its title


@dataclass(frozen=True, slots=True)
class Meeting:
    """The passages that meet some conditions, by their rows: in the order of the set, and to look one up."""

    rows: Sequence[int]
    found: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of all passages, in the order of the set: Arrow arrays of their rows, and of which of `values` each has;
    these are all that there are, each the one or more values of a document, or none."""

    rows: Any
    which: Any
    values: Sequence[tuple[Any, ...]]


class Narrowing:
    """The passages of one version of a table, by what narrows a query; `documents` is an Arrow array of its documents
    in the order of the set. Not for several threads at once."""

    def __init__(self, table: StoreTable, documents: Any) -> None:
        self._table = table
        self._documents = documents
        self._fields = [
            name for text in table.rows(FACT, ["text"]).column("text").to_pylist() for name in json.loads(text)
        ]
        self._known: dict[str, _Field] = {}

    def has_field(self, name: str) -> bool:
        """Whether a document has had a field of that name which is not its text."""
        return any(leads_to(name, each) for each in self._fields)

    def meeting(self, where: Sequence[Condition]) -> Meeting:
        """The passages whose documents meet `where`, which has a condition at least."""
        import pyarrow as pa
        import pyarrow.compute as pc

        masks = []
        for condition in where:
            field = self._field(condition.field)
            fits = pa.array([any(map(condition.fits, values)) for values in field.values], pa.bool_())
            masks.append(fits.take(field.which))
        rows = field.rows.filter(reduce(pc.and_, masks)).to_pylist()
        return Meeting(rows, frozenset(rows))

    def _field(self, name: str) -> _Field:
        if name not in self._known:
            if len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            field = self._read(name, "data")
            if any(_BLANK in values for values in field.values):  # it is the text, or the title
                field = self._read(name, "data", "title", "text")
            self._known[name] = field
        return self._known[name]

    def _read(self, name: str, *columns: str) -> _Field:
        import pyarrow as pa

        passages = in_set_order(self._table.passages(["doc", "place", *columns]), self._documents)
        known: dict[str, int] = {}
        values: list[tuple[Any, ...]] = []
        which = array("i")
        for data, *texts in zip(*(passages.column(each).to_pylist() for each in columns), strict=True):
            found = tuple(values_of(unpacked(data, *(texts or (_BLANK, _BLANK))), name))
            at = known.setdefault(repr(found), len(values))
            if at == len(values):
                values.append(found)
            which.append(at)
        return _Field(passages.column("_rowid").combine_chunks(), pa.array(which, pa.int32()), values)

    @staticmethod
    def each_of(query: Query) -> list[list[str]]:
        """Groups of words, of each of which a passage that has the phrases of `query` is sure to have one."""
        groups = (sorted(terms_of_any(word)) for word in chain.from_iterable(map(sure_words, query.phrases)))
        return [group for group in groups if group]
