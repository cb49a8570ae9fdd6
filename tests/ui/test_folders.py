"""What is known of folders for the completion of a path: every entry that can be told, and of many the first."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from workbench.ui import folders as module
from workbench.ui.folders import Entry, Folders, Listing


class Reading:
    """Folders whose reading is run when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Coroutine[Any, Any, None]] = []
        self.changes = 0
        self.folders = Folders(self.waiting.append, self._changed)

    def _changed(self) -> None:
        self.changes += 1

    async def known(self, folder: Path, begun: str = "") -> Listing:
        self.folders.listed(folder, begun)
        while self.waiting:
            await self.waiting.pop()
        listing = self.folders.listed(folder, begun)
        assert listing is not None
        return listing


async def test_an_entry_that_cannot_be_told_is_a_file_and_the_others_are_there(tmp_path: Path) -> None:
    (tmp_path / "loop.md").symlink_to("loop.md")
    (tmp_path / "guide.md").touch()
    (tmp_path / "notes").mkdir()
    listing = await Reading().known(tmp_path)
    assert listing == Listing((Entry("guide.md", False), Entry("loop.md", False), Entry("notes", True)))


async def test_of_many_entries_those_are_told_that_go_on_from_what_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    for number in range(30):
        (tmp_path / f"{'Zeta' if number >= 25 else 'alpha'} {number:02}").touch()
    reading = Reading()
    listing = await reading.known(tmp_path)
    assert [entry.name for entry in listing.entries] == [f"alpha {number:02}" for number in range(10)]
    assert listing.has_more
    assert reading.folders.listed(tmp_path, "z") == listing  # until it is read
    listing = await reading.known(tmp_path, "z")
    assert [entry.name for entry in listing.entries] == [f"Zeta {number}" for number in range(25, 30)]
    assert not listing.has_more


async def test_a_folder_that_is_known_whole_is_not_read_for_each_letter(tmp_path: Path) -> None:
    (tmp_path / "guide.md").touch()
    reading = Reading()
    listing = await reading.known(tmp_path)
    assert reading.folders.listed(tmp_path, "gu") == listing
    assert not reading.waiting
    assert reading.changes == 1


async def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert await Reading().known(tmp_path / "nobody") == Listing()
