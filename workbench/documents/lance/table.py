"""The table of a set: its columns, its versions, and which of these is whole.

All of a set is in one table, so that each commit is all of it or nothing, and a version of it is a set as it was at one
time. A tag names the last one that was whole: that is what is read, while another one is being written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final

from workbench.documents.lance.faults import NotInStore, ReadMeanwhile, StoreUnusable, WrittenMeanwhile, faults_told
from workbench.documents.lance.place import connected, table_of
from workbench.documents.passages import StoreSpec

FORMAT: Final = 1
"""Of the columns, and of what a word is; another one is another table."""

DOCUMENT: Final = 0
"""A row of a document: `data` is what `filling` knows of it, `passages` and `length` how many of them and of terms."""

PASSAGE: Final = 1
"""A row of a passage. Its id is `own`, where the document gives itself one, else made of `name` and `number`."""

WORD: Final = 2
"""A row of a term, which is its `name`: `passages` is how many passages have it."""

FACT: Final = 3
"""The one row of what holds for all: `data` is how the documents were read, `text` the fields that they have, as JSON,
and `passages` 1 when the words are right. `number` is how many passages the index of words has that are gone, and
`title` how many of these have each term, as JSON; null for none."""

_TAG: Final = "whole"
_STAMP: Final = b"workbench"
_READ_AGAIN: Final = 4  # times that a tag is read which is being written
_MANY: Final = 10_000  # documents whose rows are asked for at a time
_MOST_BESIDE: Final = 5_000  # rows beside the index of words, which are looked through for each question
_PART_BESIDE: Final = 20  # they are at most one of so many of all rows
_MOST_PIECES: Final = 20  # fragments of a table
_KEPT_FOR: Final = timedelta(hours=1)  # what was there before: whoever reads it has done so long since
_TRIFLE: Final = 1e-6  # how much words count that must be there and are not looked for


@cache
def schema() -> Any:
    """The columns of the table, as Arrow has them."""
    import pyarrow as pa

    fields = {
        "kind": pa.int8(), "key": pa.string(), "doc": pa.int64(), "place": pa.int32(), "name": pa.string(),
        "is_file": pa.bool_(), "passages": pa.int32(), "own": pa.string(), "number": pa.int32(), "title": pa.string(),
        "text": pa.string(), "data": pa.string(), "first": pa.int32(), "last": pa.int32(), "entry": pa.string(),
        "length": pa.int32(), "same": pa.int64(),
    }  # fmt: skip
    return pa.schema(list(fields.items()), metadata={_STAMP: str(FORMAT).encode()})


def key_of(doc: int, place: int) -> str:
    """The key of the row of a passage, by its document and its place in that, from 0."""
    return f"p{doc}#{place}"


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for in the index of words.

    A passage has one of the words `any_of`, one of each group in `each_of`, and none of `none_of`.
    """

    any_of: Sequence[str]
    each_of: Sequence[Sequence[str]] = ()
    none_of: Sequence[str] = ()


class StoreTable:
    """One table of a store, as it was at one version. Whatever it is asked may raise StoreUnusable."""

    def __init__(self, spec: StoreSpec, environ: Mapping[str, str], database: Any, table: Any) -> None:
        self._spec = spec
        self._environ = environ
        self._database = database
        self._table = table

    @property
    def version(self) -> int:
        """Which version of the table this is."""
        with faults_told(self._spec, self._environ):
            return int(self._table.version)

    @property
    def format(self) -> int:
        """In which format this version is written; 0 where it is none of this program's."""
        with faults_told(self._spec, self._environ):
            said = (self._table.schema.metadata or {}).get(_STAMP, b"")
        return int(said) if said.isdigit() else 0

    def whole(self) -> int | None:
        """The last version that is whole, as of now; None while there is none."""
        for _ in range(_READ_AGAIN):
            try:
                return self._whole()
            except ReadMeanwhile:
                continue
        return self._whole()

    def _whole(self) -> int | None:
        try:
            with faults_told(self._spec, self._environ):
                return int(self._table.tags.get_version(_TAG))
        except NotInStore:
            return None

    def latest(self) -> int:
        """The last version, whole or not, which this is from now on."""
        with faults_told(self._spec, self._environ):
            self._table.checkout_latest()
            return int(self._table.version)

    def go_to(self, version: int) -> None:
        """Be the table at another version from now on."""
        with faults_told(self._spec, self._environ):
            self._table.checkout(version)

    def count(self, kind: int) -> int:
        """How many rows of a kind there are."""
        with faults_told(self._spec, self._environ):
            return int(self._table.count_rows(f"kind = {kind}"))

    def rows(self, kind: int, columns: Sequence[str], documents: Collection[int] | None = None) -> Any:
        """All rows of a kind, or those of some documents, as an Arrow table, in no order."""
        if documents is not None:
            return self._of(kind, columns, [*documents])
        with faults_told(self._spec, self._environ):
            return self._table.search().where(f"kind = {kind}").select([*columns]).to_arrow()

    def passages(self, columns: Sequence[str]) -> Any:
        """All passages with the numbers of their rows, `_rowid`, as an Arrow table, in no order."""
        with faults_told(self._spec, self._environ):
            found = self._table.search().where(f"kind = {PASSAGE}").select([*columns])
            return found.with_row_id(True).to_arrow()

    def of_rows(self, rows: Sequence[int], columns: Sequence[str]) -> Any:
        """The rows of these numbers, which hold for this version alone, as an Arrow table, in no order."""
        with faults_told(self._spec, self._environ):
            return self._table.take_row_ids([*rows]).select([*columns]).with_row_id().to_arrow()

    def _of(self, kind: int, columns: Sequence[str], documents: Sequence[int]) -> Any:
        import pyarrow as pa

        parts = [schema().empty_table().select([*columns])]
        with faults_told(self._spec, self._environ):
            for start in range(0, len(documents), _MANY):
                some = ", ".join(map(str, documents[start : start + _MANY]))
                found = self._table.search().where(f"kind = {kind} AND doc IN ({some})").select([*columns])
                parts.append(found.to_arrow())
            return pa.concat_tables(parts)

    def best(self, words: Words, columns: Sequence[str], limit: int) -> Any:
        """The passages that score highest for words: an Arrow table with `_score` and `_rowid`, best first.

        Scores are those of BM25 in single precision, and a trifle more where words must be there.
        """
        from lancedb.query import BooleanQuery, MatchQuery, Occur

        asked = [(Occur.SHOULD, MatchQuery(" ".join(words.any_of), "entry"))]
        asked += [(Occur.MUST, MatchQuery(" ".join(each), "entry", boost=_TRIFLE)) for each in words.each_of]
        if words.none_of:
            asked.append((Occur.MUST_NOT, MatchQuery(" ".join(words.none_of), "entry")))
        query = asked[0][1] if len(asked) == 1 else BooleanQuery(asked)
        with faults_told(self._spec, self._environ):
            return self._table.search(query).limit(limit).select([*columns, "_score"]).with_row_id(True).to_arrow()

    def is_searchable(self) -> bool:
        """Whether there is an index of words that can be read: its files may be damaged, or gone, without the rows."""
        with faults_told(self._spec, self._environ):
            if not self._table.list_indices():
                return False
            some = self._table.search().where(f"kind = {WORD}").select(["name"]).limit(1).to_arrow()
        try:
            self.best(Words(some.column("name").to_pylist() or ["a"]), ["key"], 1)
        except StoreUnusable:
            return False
        return True

    # -- writing -----------------------------------------------------------------------------

    def put(self, rows: Sequence[Mapping[str, Any]], emptied: Collection[int], gone: Collection[int]) -> None:
        """In one commit: rows by their keys, new or in place of others; other passages of the `emptied` documents and
        all that there is of the `gone` ones are taken out. Raises WrittenMeanwhile when another program has written."""
        import pyarrow as pa

        self._refuse_if_written()
        table = pa.Table.from_pylist([*rows], schema=schema())
        with faults_told(self._spec, self._environ):
            merge = self._table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
            parts = [f"(kind = {PASSAGE} AND doc IN ({', '.join(map(str, emptied))}))"] if emptied else []
            parts += [f"(kind <= {PASSAGE} AND doc IN ({', '.join(map(str, gone))}))"] if gone else []
            if parts:
                merge = merge.when_not_matched_by_source_delete(" OR ".join(parts))
            merge.execute(table)

    def empty(self) -> StoreTable:
        """The table made anew, without a row. Versions before stay for whoever reads them."""
        with faults_told(self._spec, self._environ):
            made = self._database.create_table(self._table.name, schema=schema(), mode="overwrite")
        return StoreTable(self._spec, self._environ, self._database, made)

    def is_piled_up(self, rows: int) -> bool:
        """Whether with so many rows more, or passages gone, there would be too much beside the index of words."""
        with faults_told(self._spec, self._environ):
            [*indexes] = self._table.list_indices()
            beside = rows + sum(each.num_unindexed_rows or 0 for each in indexes)
            most = min(_MOST_BESIDE, self._table.count_rows() // _PART_BESIDE)
            return bool(beside > most) or int(self._table.stats()["fragment_stats"]["num_fragments"]) >= _MOST_PIECES

    def finish(self, *, tidy: bool) -> None:
        """Have this version be the whole one.

        With `tidy` the index of words gets all that is beside it, and many pieces become one, which costs as much as
        there is in the table; what was there an hour ago and is there no more is deleted.
        """
        from lancedb.index import FTS

        self._refuse_if_written()
        plain = FTS(
            base_tokenizer="whitespace",
            lower_case=False,
            stem=False,
            remove_stop_words=False,
            ascii_folding=False,
            max_token_length=None,
        )
        with faults_told(self._spec, self._environ):
            is_indexed = self.is_searchable()
            for each in () if is_indexed else self._table.list_indices():
                self._table.drop_index(each.name)
            if tidy or not is_indexed:
                self._table.optimize(cleanup_older_than=_KEPT_FOR)
            if not is_indexed:
                self._table.create_index("entry", config=plain)
            tags, version = self._table.tags, int(self._table.version)
            if _TAG in tags.list():
                tags.update(_TAG, version)
            else:
                tags.create(_TAG, version)

    def _refuse_if_written(self) -> None:
        if self.version != self.latest():
            raise WrittenMeanwhile(self._spec)


def open_table(spec: StoreSpec, name: str, environ: Mapping[str, str]) -> StoreTable:
    """The table of the set `name`, at its last whole version. Raises StoreUnusable where there is none."""
    table = _found(spec, name, environ, connected(spec, environ, make=False))
    version = None if table is None else table.whole()
    if table is None or version is None:
        what = f"holds no set `{name}`" if table is None else f"holds a set `{name}` that is not filled to its end"
        raise NotInStore(spec.address, f"{what} yet", "fill it with `workbench index`, where the documents are")
    table.go_to(version)
    if _written_by(spec, name, table) < FORMAT:
        hint = "bring it up to date with `workbench index`, where the documents are"
        raise StoreUnusable(spec.address, f"has the set `{name}` as an older version of this program wrote it", hint)
    return table


def table_to_write(spec: StoreSpec, name: str, environ: Mapping[str, str]) -> StoreTable:
    """The table of the set `name` at its latest version, whole or not; an empty one for none, and for an older format.

    Raises StoreUnusable.
    """
    database = connected(spec, environ, make=True)
    table = _found(spec, name, environ, database)
    if table is not None:
        return table if _written_by(spec, name, table) == FORMAT else table.empty()
    with faults_told(spec, environ):
        made = database.create_table(table_of(name), schema=schema())
    return StoreTable(spec, environ, database, made)


def _found(spec: StoreSpec, name: str, environ: Mapping[str, str], database: Any) -> StoreTable | None:
    """The table of a set; None where there is none."""
    try:
        with faults_told(spec, environ):
            return StoreTable(spec, environ, database, database.open_table(table_of(name)))
    except NotInStore:
        return None


def _written_by(spec: StoreSpec, name: str, table: StoreTable) -> int:
    """In which format the table is written. Raises StoreUnusable for a newer one, and for another program's table."""
    written = table.format
    if written == 0:
        what = f"has a table `{table_of(name)}` that another program wrote"
        raise StoreUnusable(spec.address, what, "name another store, or rename the set")
    if written > FORMAT:
        hint = "install the version that wrote it, or name another store"
        raise StoreUnusable(spec.address, f"has the set `{name}` as a newer version of this program writes it", hint)
    return written
