"""New files that a person asks for: with all of the text, or not there."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workbench.ui.new_files import not_written, write_beside


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may become larger than so many bytes meanwhile, as if the disk were full then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 10])
def test_a_full_disk_leaves_no_file_that_would_be_in_the_way_of_the_next_try(size: int, tmp_path: Path) -> None:
    file = tmp_path / "answer.md"
    with full_disk(size):
        problem = not_written(str(file), "The tide turns at noon.\n" * 1000)
    assert problem == f"not written: File too large: {file}"
    assert not file.exists()
    assert not_written(str(file), "The tide turns at noon.") == ""
    assert file.read_text() == "The tide turns at noon."
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_with_a_number_is_not_left_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert write_beside("turn-1", ".md", "one") == "turn-1.md"
    with full_disk(0), pytest.raises(OSError, match="File too large"):
        write_beside("turn-1", ".md", "two")
    assert [each.name for each in tmp_path.iterdir()] == ["turn-1.md"]


def test_what_is_there_is_neither_overwritten_nor_taken_away(tmp_path: Path) -> None:
    file = tmp_path / "answer.md"
    file.write_text("mine")
    assert not_written(str(file), "The tide turns at noon.").endswith("exists, and nothing is overwritten")
    assert file.read_text() == "mine"
