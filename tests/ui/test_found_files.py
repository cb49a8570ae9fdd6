"""Files found by some letters of their paths: which are meant, how far is looked, and that nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.ui.harness import in_focus, until, until_shown, workbench_app
from tests.ui.test_key_order import write
from workbench.ui import found_files as module
from workbench.ui.found_files import FoundFiles, best, paths_below

PATHS = (
    "notes/bike.md",
    "notes/my-bike.md",
    "notes/motorbike.md",
    "bikes/readme.md",
    "town/bus_ticket.md",
    "big/ideas/kept.md",
    "LICENSE",
)


def found(typed: str, paths: tuple[str, ...] = PATHS) -> list[str]:
    return [each.path for each in best(typed, paths)]


def test_the_name_of_a_file_tells_more_than_its_folders_and_what_stands_together_more_than_what_does_not() -> None:
    assert found("bike") == list(PATHS[:-1])


@pytest.mark.parametrize(
    ("typed", "paths"),
    [
        ("bust", ["town/bus_ticket.md"]),
        ("notes/b", ["notes/bike.md", "notes/motorbike.md", "notes/my-bike.md"]),
        ("licen", ["LICENSE"]),
        ("twbt", ["town/bus_ticket.md"]),
        ("zzz", []),
        ("]^-\\", []),
    ],
)
def test_letters_in_their_order_are_enough(typed: str, paths: list[str]) -> None:
    assert sorted(found(typed)) == sorted(paths)


@pytest.mark.parametrize(
    ("typed", "path", "marked"),
    [
        ("bike", "bike/my-bike.md", ["bike"]),
        ("mbk", "m/my-bike.md", ["m", "b", "k"]),
        ("bike/m", "bike/my.md", ["bike/m"]),
    ],
)
def test_what_was_typed_is_marked(typed: str, path: str, marked: list[str]) -> None:
    (each,) = best(typed, [path])
    assert [path[start:end] for start, end in each.hits] == marked
    assert all(start >= path.rfind("/") or "/" in typed for start, _ in each.hits)


def test_a_path_whose_small_letters_are_more_is_found_without_marks() -> None:
    (each,) = best("x", ["İx.md"])
    assert each.hits == ()


def test_no_path_and_no_letters_take_long() -> None:
    began = time.process_time()
    assert best("ab" * 40 + "c", ["ab" * 2_000] * 50) == []
    assert time.process_time() - began < 1.0


def tree(folder: Path) -> Path:
    for name in ("a.md", "one/b.md", "one/two/c.md", ".git/x", "node_modules/y.js", "env/pyvenv.cfg", "env/z.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "round").symlink_to(folder)
    (folder / "loop").symlink_to("loop")
    return folder


def test_the_near_files_come_first_and_what_nobody_means_is_left_out(tmp_path: Path) -> None:
    assert list(paths_below(tree(tmp_path))) == ["a.md", "one/b.md", "one/two/c.md"]
    assert list(paths_below(tmp_path / "nobody")) == []


def test_no_more_entries_are_looked_at_than_there_may_be(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}").touch()
    assert len(list(paths_below(tmp_path, 10))) == 10


class Looking:
    """Files whose looking for is run when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.waiting: list[Coroutine[Any, Any, None]] = []
        self.changes = 0
        self.files = FoundFiles(self.waiting.append, self._changed, folder)

    def _changed(self) -> None:
        self.changes += 1

    def now(self, typed: str) -> list[str]:
        return [each.path for each in self.files.matching(typed)]


async def test_while_one_is_looked_for_what_is_known_is_told(tmp_path: Path) -> None:
    looking = Looking(tree(tmp_path))
    assert looking.now("m") == []
    assert looking.now("md") == []
    assert len(looking.waiting) == 1  # what is gone is not looked for
    await looking.waiting.pop()
    assert looking.now("md") == ["a.md", "one/b.md", "one/two/c.md"]
    assert (looking.changes, looking.waiting) == (1, [])
    assert looking.now("md") and not looking.waiting
    assert looking.now("MDX") == []
    assert looking.now("two/cm") == []
    await looking.waiting.pop()
    assert looking.now("two/cm") == ["one/two/c.md"]


async def test_a_tree_is_walked_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KNOWN_SECONDS", -1.0)
    monkeypatch.setattr(module, "TIMES_AS_LONG", 0)
    looking = Looking(tree(tmp_path))
    looking.now("fresh")
    await looking.waiting.pop()
    (tmp_path / "one" / "fresh.md").touch()
    assert looking.now("fresh") == []
    await looking.waiting.pop()
    assert looking.now("fresh") == ["one/fresh.md"]
    for each in looking.waiting:
        each.close()


@pytest.mark.parametrize("typed", ["", "/etc/p", "~/x", "../x", "x" * 101])
def test_what_leads_elsewhere_is_not_looked_for(tmp_path: Path, typed: str) -> None:
    looking = Looking(tmp_path)
    assert looking.now(typed) == []
    assert not looking.waiting


async def test_a_file_is_completed_by_a_part_of_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "town" / "rules").mkdir(parents=True)
    (tmp_path / "town" / "rules" / "my bike.md").write_text("Bikes stay outside.")
    (tmp_path / "bikini.md").touch()
    monkeypatch.chdir(tmp_path)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"where may @bike")
        await until_shown(pilot, "▸ town/rules/my bike.md")
        write(app, b"\t?")
        await until(pilot, lambda: app.prompt.text == 'where may @"town/rules/my bike.md"?')
        assert in_focus(app) is app.prompt
        write(app, b" @bik")
        await until_shown(pilot, "▸ bikini.md", "  town/rules/my bike.md")
