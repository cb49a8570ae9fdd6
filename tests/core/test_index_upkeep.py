"""The cache folder is kept within limits of age and size, and what a program uses stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.test_index import asked, opened, with_eight, written
from workbench.documents.index.place import VERSION
from workbench.documents.index.upkeep import OTHERS, UNUSED, Using, clean

NOW = 2_000_000_000.0
DAY = 86_400


def kept(folder: Path, name: str, days: float, version: int = VERSION, size: int = 100) -> Path:
    """A file of the cache that was last of use so many days ago."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(bytes(60) + version.to_bytes(4, "big") + bytes(size - 64))
    os.utime(path, (NOW - days * DAY,) * 2)
    return path


def remaining(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir() if each.suffix in (".sqlite", ".json")}


@pytest.fixture
def indexes(tmp_path: Path) -> Path:
    return tmp_path / "indexes"


@pytest.fixture
def converted(tmp_path: Path) -> Path:
    return tmp_path / "converted"


def test_what_was_of_no_use_for_long_goes(indexes: Path, converted: Path) -> None:
    kept(indexes, "old.sqlite", UNUSED / DAY + 1)
    kept(indexes, "new.sqlite", UNUSED / DAY - 1)
    kept(indexes, "other.sqlite", OTHERS / DAY + 1, version=2)
    kept(indexes, "other-new.sqlite", OTHERS / DAY - 1, version=2)
    kept(converted, "old.json", UNUSED / DAY + 1)
    kept(converted, "new.json", 1)
    clean(indexes, converted, NOW)
    assert remaining(indexes) | remaining(converted) == {"new.sqlite", "other-new.sqlite", "new.json"}
    assert not list(indexes.glob("old*")) and not list(indexes.glob("other.*"))


def test_what_was_of_use_longest_ago_goes_first_where_there_is_too_much(indexes: Path, converted: Path) -> None:
    for days in (1, 2, 3):
        kept(indexes, f"i{days}.sqlite", days, size=1000)
        kept(converted, f"c{days}.json", days + 0.5, size=1000)
    clean(indexes, converted, NOW, most=3000)
    assert remaining(indexes) | remaining(converted) == {"i1.sqlite", "c1.json", "i2.sqlite"}


def test_what_another_program_uses_stays_until_it_ends(indexes: Path, converted: Path) -> None:
    path = kept(indexes, "old.sqlite", 400)
    script = (
        "import sys; from pathlib import Path; from workbench.documents.index.upkeep import Using\n"
        "using = Using(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None and program.stdout.readline() == b"held\n"
        os.utime(path.with_suffix(".used"), (NOW - 400 * DAY,) * 2)
        assert clean(indexes, converted, NOW, most=0) == []
        program.kill()
    assert clean(indexes, converted, NOW) == [path]


def test_to_use_an_index_keeps_it(indexes: Path, converted: Path) -> None:
    path = kept(indexes, "old.sqlite", 400)
    using = Using(path)
    os.utime(path.with_suffix(".used"), (NOW - DAY,) * 2)
    del using
    assert clean(indexes, converted, NOW) == []


def test_nothing_of_others_is_touched(indexes: Path, converted: Path, tmp_path: Path) -> None:
    mine = kept(tmp_path / "mine", "notes.sqlite", 400)
    kept(indexes, "notes.txt", 400)
    (indexes / "link.sqlite").symlink_to(mine)
    assert clean(indexes, converted, NOW, most=0) == []
    assert clean(tmp_path / "missing", converted, NOW) == []
    assert mine.exists() and (indexes / "notes.txt").exists()


def test_an_index_that_was_taken_away_in_spite_of_all_is_made_anew(tmp_path: Path) -> None:
    spec = with_eight(written(tmp_path / "docs", {"a.md": "# A\n\nThe well is deep."}))
    library, _ = opened(spec, tmp_path / "cache" / "indexes")
    before = asked(library, "well")
    far = (tmp_path / "cache" / "indexes").stat().st_mtime + 100 * UNUSED
    assert clean(tmp_path / "cache" / "indexes", tmp_path / "cache" / "converted", far) == []
    for each in (tmp_path / "cache" / "indexes").iterdir():
        each.unlink()
    assert asked(library, "well") == before
