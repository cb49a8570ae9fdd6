"""The lock of a writer: one at a time holds it, also where its file was taken away while somebody waited."""

from __future__ import annotations

import fcntl
from contextlib import ExitStack
from pathlib import Path

import pytest

from workbench.documents.writer_lock import writer_lock


def test_a_lock_whose_file_was_taken_away_meanwhile_is_none(tmp_path: Path) -> None:
    path = tmp_path / "set.lock"
    holding = ExitStack()
    holding.enter_context(writer_lock(path, 0o600, pytest.fail))

    def cleaned() -> None:
        """As whoever cleans a cache does, who holds the lock meanwhile."""
        path.unlink()
        holding.close()

    with writer_lock(path, 0o600, cleaned), path.open("rb+") as another:
        with pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with writer_lock(path, 0o600, pytest.fail):
        pass
