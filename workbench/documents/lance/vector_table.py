"""The table of the vectors of a set in a store: by what they are vectors of, so that no text is embedded twice.

Owns its columns. There is one for each space, model and number of dimensions; it only grows, and what is put there
stays when passages go and come again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.documents.embedding import Vector, VectorsUnusable
from workbench.documents.lance.faults import NotInStore, faults_told
from workbench.documents.lance.place import connected, table_of
from workbench.documents.passages import EmbedSpec, StoreSpec


class VectorTable:
    """The vectors of the set `name` in one space. Whatever it is asked may raise StoreUnusable.

    With `fills` it may be written; else `refuse_to_write` says that it may not.
    """

    def __init__(
        self, store: StoreSpec, name: str, environ: Mapping[str, str], space: str, spec: EmbedSpec, *, fills: bool
    ) -> None:
        said = json.dumps([space, spec.passages, spec.dimensions]).encode()
        self._name = f"{table_of(name)}.vectors-{hashlib.blake2b(said, digest_size=6).hexdigest()}"
        self._store = store
        self._environ = environ
        self._dimensions = spec.dimensions
        self._fills = fills
        self._table: Any = None

    def version(self) -> int:
        """Another number once there are more vectors; 0 while there are none."""
        if self._table is None and not self._open(make=False):
            return 0
        with faults_told(self._store, self._environ):
            self._table.checkout_latest()
            return int(self._table.version)

    def all_known(self) -> set[int]:
        """What there is a vector of, as `filling.same` tells it."""
        if self._table is None and not self._open(make=False):
            return set()
        with faults_told(self._store, self._environ):
            return set(self._table.search().select(["same"]).to_arrow().column("same").to_pylist())

    def known(self, ids: Sequence[int]) -> set[int]:
        """What of these has a vector by now."""
        if self._table is None and not self._open(make=False):
            return set()
        with faults_told(self._store, self._environ):
            self._table.checkout_latest()
            found = self._table.search().where(f"same IN ({', '.join(map(str, ids))})").select(["same"])
            return set(found.to_arrow().column("same").to_pylist())

    def nearest(self, bits: bytes, limit: int) -> list[tuple[int, bytes]]:
        """The vectors that differ in the fewest bits: what each is of, and its numbers as signed bytes."""
        if self._table is None and not self._open(make=False):
            return []
        with faults_told(self._store, self._environ):
            ask = self._table.search([*bits], vector_column_name="bits").distance_type("hamming").limit(limit)
            rows = ask.select(["same", "int8", "_distance"]).to_arrow()
            return list(zip(rows.column("same").to_pylist(), rows.column("int8").to_pylist(), strict=True))

    def refuse_to_write(self) -> None:
        """Raises VectorsUnusable where another program is the one that writes."""
        if not self._fills:
            raise VectorsUnusable("vectors are put into a store by `workbench index` alone")

    def add(self, vectors: Mapping[int, Vector]) -> None:
        """Put vectors in, each with what it is of."""
        import pyarrow as pa

        if self._table is None:
            self._open(make=True)
        rows = [{"same": same, "int8": each.int8, "bits": [*each.bits]} for same, each in vectors.items()]
        with faults_told(self._store, self._environ):
            self._table.add(pa.Table.from_pylist(rows, schema=self._schema()))

    def tidy(self) -> None:
        """Make few files of many."""
        with faults_told(self._store, self._environ):
            if self._table is not None:
                self._table.optimize()

    def _open(self, *, make: bool) -> bool:
        """Open the table; False where there is none, and none is to be made."""
        database = connected(self._store, self._environ, make=make)
        try:
            with faults_told(self._store, self._environ):
                self._table = database.open_table(self._name)
        except NotInStore:
            if not make:
                return False
            with faults_told(self._store, self._environ):
                self._table = database.create_table(self._name, schema=self._schema())
        return True

    def _schema(self) -> Any:
        import pyarrow as pa

        bits = pa.list_(pa.uint8(), self._dimensions // 8)
        return pa.schema([("same", pa.int64()), ("int8", pa.binary()), ("bits", bits)])
