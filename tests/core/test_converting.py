"""Files that are no text: what a bad one does to its converter ends there, and what was converted once is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.core.test_documents_office import pdf
from workbench.config.given_documents import documents_at
from workbench.documents import converting
from workbench.documents.converting import Converting, converted_here
from workbench.documents.kept_conversions import KeptConversions
from workbench.documents.opening import open_sets
from workbench.documents.retrieval import Library
from workbench.documents.source_lines import FileToConvert, MissingExtra, Parsed

ENDLESS = "class PasswordType: pass\ndef PdfReader(*a, **b):\n    while True: pass\n"
WAITING = "import time\nclass PasswordType: pass\ndef PdfReader(*a, **b):\n    while True: time.sleep(1)\n"
DEADLY = "import os\nclass PasswordType: pass\ndef PdfReader(*a, **b):\n    os._exit(3)\n"
GREEDY = "class PasswordType: pass\ndef PdfReader(*a, **b):\n    print('no answer'); return bytearray(1 << 40)\n"


def asked(file: Path) -> FileToConvert:
    return FileToConvert(file, file.suffix, file.name, file.stem)


def with_pypdf(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have processes that are started from now on import another pypdf."""
    folder.mkdir()
    (folder / "pypdf.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.pdf"
    file.write_bytes(pdf("The ferry leaves at nine.", "The well is deep."))
    return file


def test_a_process_converts_what_this_one_would(page: Path) -> None:
    (page.parent / "cut.docx").write_bytes(b"PK no more")
    with Converting() as convert:
        for file in (page, page.with_name("cut.docx"), page):
            assert convert(asked(file)) == converted_here(asked(file))
        process = convert._process
    assert process is not None and process.returncode is not None


@pytest.mark.parametrize(("reader", "said"), [
    pytest.param(ENDLESS, "takes more than 1 seconds to be read", id="endless"),
    pytest.param(WAITING, "takes more than 1 seconds to be read", id="waiting"),
    pytest.param(DEADLY, "ends the program that reads it", id="deadly"),
    pytest.param(GREEDY, "needs more memory to be read than it may have", id="greedy"),
])  # fmt: skip
def test_a_file_that_never_ends_is_left_out_and_named(
    page: Path, reader: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_pypdf(tmp_path / "other", reader, monkeypatch)
    if reader in (ENDLESS, WAITING):
        monkeypatch.setattr(converting, "LONGEST", 1.0)
        monkeypatch.setattr(converting, "_PATIENCE", 1 if reader == WAITING else 60)
    docs = tmp_path / "docs"
    docs.mkdir()
    page.rename(docs / "bomb.pdf")
    (docs / "good.md").write_text("# Well\n\nIt is deep.")
    spec = documents_at(docs, None)
    assert spec is not None
    opened = open_sets([spec], tmp_path / "cache" / "indexes", lambda *_: None)
    assert Library(opened.shelves).describe() == f"docs (1 passage; 1 of 2 files; 1 left out: bomb.pdf, {said})"


def test_a_missing_package_is_told(page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_pypdf(tmp_path / "other", "raise ImportError", monkeypatch)
    with Converting() as convert, pytest.raises(MissingExtra) as missing:
        convert(asked(page))
    assert (missing.value.what, missing.value.extra) == ("PDF files", "pdf")


class Counting:
    """Converts here, and counts what it has converted."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def __call__(self, wanted: FileToConvert) -> Parsed:
        self.files.append(wanted.file)
        return converted_here(wanted)


def test_what_was_converted_is_kept_until_the_file_changes(page: Path, tmp_path: Path) -> None:
    os.utime(page, (1, 1))
    counting = Counting()
    convert = KeptConversions(tmp_path / "kept", counting)
    first = convert(asked(page))
    assert [convert(asked(page)), convert(asked(page))] == [first, first]
    os.utime(page, (2, 2))
    assert convert(asked(page)) == first
    assert counting.files == ["page.pdf"]
    page.write_bytes(pdf("The kiln is hot."))
    os.utime(page, (2, 2))
    assert [block.text for each in convert(asked(page)).documents for block in each.blocks] == ["The kiln is hot."]
    [kept] = (tmp_path / "kept").iterdir()
    kept.write_text('{"stamp": [1], "documents": {}}')
    assert convert(asked(page)) == converted_here(asked(page))
    assert counting.files == ["page.pdf"] * 3


def test_what_cannot_be_kept_is_converted_each_time(page: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    counting = Counting()
    convert = KeptConversions(tmp_path / "kept", counting)
    assert convert(asked(page)) == convert(asked(page)) == converted_here(asked(page))
    assert len(counting.files) == 2
    page.unlink()
    assert "cannot be read" in convert(asked(page)).problems[0].message


def test_a_small_set_is_converted_once(page: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    page.rename(docs / "page.pdf")
    spec = documents_at(docs, None)
    assert spec is not None
    said = []
    for _ in range(2):
        opened = open_sets([spec], tmp_path / "cache" / "indexes", lambda *_: None)
        said.append([each for shelf in opened.shelves for each in shelf.passages])
    assert said[0] == said[1] and [each.title for each in said[0]] == ["page › page 1", "page › page 2"]
    assert len(list((tmp_path / "cache" / "converted").iterdir())) == 1
