"""Paths that the system refuses to look up: each is a sentence, where it was named, and no fault of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.paths import is_file, is_folder, is_there, look_at

TOO_LONG = "n" * 300
FAR_TOO_LONG = "n" * 5000
REFUSED = {
    "a name too long": (f"/{TOO_LONG}", "File name too long"),
    "a path too long": (f"/{FAR_TOO_LONG}", "File name too long"),
    "a path of many folders": ("/" + "folder/" * 1000, "File name too long"),
    "a NUL": ("/tmp/a\0b", "the name holds a NUL byte"),
    "half a pair": ("/tmp/\ud800", "the name holds a character that no file name can have"),
}


@pytest.mark.parametrize(("name", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_name_that_no_file_can_have(name: str, reason: str) -> None:
    for path in (name, Path(name)):
        found = look_at(path)
        assert (found.kind, found.reason) == ("unreachable", reason)
        assert not is_file(path)
        assert not is_folder(path)
        assert not is_there(path)


def test_what_is_there(tmp_path: Path) -> None:
    file, link, broken, circle = (tmp_path / name for name in ("file", "link", "broken", "circle"))
    file.write_text("")
    link.symlink_to(file)
    broken.symlink_to(tmp_path / "nothing")
    circle.symlink_to(circle)
    assert [look_at(path).kind for path in (file, link, tmp_path, Path("/dev/null"))] == [
        "file", "file", "folder", "other",
    ]  # fmt: skip
    assert [look_at(path).kind for path in (broken, tmp_path / "nothing", file / "below")] == ["absent"] * 3
    assert look_at(circle).kind == "unreachable"
    assert look_at(circle).reason == "Too many levels of symbolic links"
    assert is_there("/dev/null")
