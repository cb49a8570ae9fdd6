"""Files that a question names: what of them is sent, and what is said when nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.documents import attached as module
from workbench.documents import file_text
from workbench.documents.attached import attached, attached_by, found, refusal
from workbench.documents.passages import Named
from workbench.ui.attachments import named_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "here"
    (here / "notes").mkdir(parents=True)
    (here / "guide.md").write_text("# Guide\n\nThe tide turns.\n\nThe library opens at nine.\n")
    (here / "notes" / "a b.txt").write_text("one\ntwo\nthree\n")
    (here / "data#2.txt").write_text("second")
    (here / "set.yaml").write_text("a: 1\n")
    (here / "picture.png").write_bytes(b"\x89PNG\r\n\0\0" + bytes(range(256)))
    (here / "empty.md").write_text("")
    (tmp_path / "secret.md").write_text("the key")
    (here / "link.md").symlink_to(tmp_path / "secret.md")
    return here


def sent(text: str, folder: Path) -> list[tuple[str, str, tuple[int, int] | None]]:
    return [(each.id, each.text, each.lines) for one in attached_by(named_in(text), folder) for each in one.passages]


def names(text: str, folder: Path) -> list[Named]:
    return [named for meant in named_in(text) if (named := found(meant, folder)) is not None]


def problems(text: str, folder: Path) -> list[str]:
    return [each.problem for each in attached_by(named_in(text), folder) if each.problem]


def test_a_file_goes_along_whole(folder: Path) -> None:
    [(id, text, lines)] = sent("what does @guide.md say?", folder)
    assert id.startswith("@guide.md")
    assert text == "# Guide\n\nThe tide turns.\n\nThe library opens at nine."
    assert lines == (1, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"notes/a b.txt#2"', [("@notes/a b.txt#2", "two", (2, 2))]),
        ('@"notes/a b.txt#2-3" and', [("@notes/a b.txt#2-3", "two\nthree", (2, 3))]),
        ('@"notes/a b.txt#2-99"', [("@notes/a b.txt#2-99", "two\nthree", (2, 3))]),
    ],
)
def test_lines_of_a_file_go_along_alone(
    folder: Path, text: str, expected: list[tuple[str, str, tuple[int, int] | None]]
) -> None:
    assert sent(text, folder) == expected


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("see @guide.md.", ["guide.md"]),
        ("(@guide.md)", []),
        ("see @guide.md, @set.yaml!", ["guide.md", "set.yaml"]),
        ("@data#2.txt", ["data#2.txt"]),
        ("@guide.md @guide.md", ["guide.md"]),
        ("mail me@guide.md", []),
        ("ask @nobody about it", []),
        ("@", []),
        ("@notes", []),
        ("@~nobody-here/x", []),
        ("@guide.md\0", []),
        (f"@{'x' * 5000}", []),
    ],
)
def test_an_at_that_names_no_file_is_text(folder: Path, text: str, paths: list[str]) -> None:
    assert [each.named.path for each in attached_by(named_in(text), folder)] == paths


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("@picture.png", "is not text"),
        ("@empty.md", "has no text"),
        ("@../secret.md", "lies outside of this folder; --docs FILE takes it"),
        ("@link.md", "lies outside of this folder; --docs FILE takes it"),
        ("@guide.md#9", "has lines 1 to 5"),
        ("@guide.md#3-2", "has lines 1 to 5"),
        ("@guide.md#0", "has lines 1 to 5"),
        ("@guide.md#2", "has no text in these lines"),
        ("@picture.png#1", "is not text"),
    ],
)
def test_what_cannot_be_sent_is_said(folder: Path, text: str, problem: str) -> None:
    assert sent(text, folder) == []
    [said] = problems(text, folder)
    assert [refusal(each, folder) for each in names(text, folder)] == [said]
    assert said.startswith(problem)


def test_each_reason_goes_on_from_the_name_of_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_text, "MAX_BYTES", 20)
    assert problems("@guide.md", folder) == ["is too large with 0 MB; the limit is 0 MB"]
    (folder / "loop.md").symlink_to("loop.md")
    assert attached(Named("loop.md"), folder).problem.startswith("cannot be read: ")


def test_what_no_model_reads_is_not_sent(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WORDS", 3)
    assert attached(Named("guide.md"), folder).problem == "has over 3 words; @guide.md#1-400 attaches lines of it"
    assert refusal(Named("guide.md"), folder) == attached(Named("guide.md"), folder).problem
    assert attached(Named("guide.md", (3, 3)), folder).passages
    assert refusal(Named("guide.md", (3, 3)), folder) == ""
