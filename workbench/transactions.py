"""A transaction of SQLite's: the one way in which an index is written. Knows nothing of what is in it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator


@contextlib.contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Within, this program alone writes, and all of it is there at the end or none. Raises sqlite3.Error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # an error of the disk has rolled back already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
