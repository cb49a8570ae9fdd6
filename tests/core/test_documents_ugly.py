"""A folder of thirty ugly files: it loads, the good ones have their passages, and every other one is named."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from workbench.commands.check import check
from workbench.config.load import load_documents_files
from workbench.documents.retrieval import Library
from workbench.startup.consent import Consent
from workbench.startup.setup import open_documents

WIDE = ",".join(f"c{number}" for number in range(100)) + "\n" + ",".join(f"v{number}" for number in range(100)) + "\n"
GOOD: dict[str, tuple[bytes, str]] = {
    "good.md": (b"# Bees\n\nFifty thousand bees.\n", "Fifty thousand bees."),
    "latin.txt": ("Die Brücke führt über die Weser.".encode("latin-1"), "Die Brücke führt über die Weser."),
    "utf16.txt": ("The kiln burns.".encode("utf-16"), "The kiln burns."),
    "utf32.txt": ("The kiln cools.".encode("utf-32"), "The kiln cools."),
    "bom.csv": (b'\xef\xbb\xbfsep=;\r\nname;price\r\nlamp;"12,50"\r\n', "name: lamp\nprice: 12,50"),
    "crlf.md": (b"One\r\ntwo\r\n\r\nthree\rfour", "One\ntwo\n\nthree\nfour"),
    "some.txt": ("Café and m".encode() + b"\xe9" + b"re words in it", "Café and m�re words in it"),
    "broken.jsonl": (b'{"text": "It leaves."}\n{"text": "cut\n{"text": "It returns."}\n', "It returns."),
    "stray.csv": (b'a,b\n1,"5\\" pipe"\n2,fine\n', "a: 2\nb: fine"),
    "wide.csv": (WIDE.encode(), "c99: v99"),
    "server.log": (b"2026-01-03 The turbine tripped.\n", "The turbine tripped."),
    "cell.html": (b"<table><tr><td><p>Badge</p></td><td><p>7 euros</p></td></tr></table>", "Badge | 7 euros"),
    "old.html": (b"<meta charset=latin-1><p>Stra\xdfe", "Straße"),
    "front.md": (b'+++\ntitle = "Quarry"\n+++\n\nBlasting is on Thursdays.\n', "Blasting is on Thursdays."),
    "front.mdx": (b"---\ntitle: [open\n---\nThe body.", "The body."),
    "notes.org": (b"* Heading\nAn org file.", "An org file."),
    "notes.adoc": (b"= Heading\n\nAn adoc file.", "An adoc file."),
    "rows.ndjson": (b'{"page_content": "A row.", "metadata": {}}\n', "A row."),
    "tool.py": (b"def dig() -> None: ...\n", "def dig()"),
    "README": (b"A file without a suffix.", "A file without a suffix."),
    "long.txt": ((b"w" * 99 + b" ") * 20_000 + b"the quince.", "the quince."),
    "sub/ok name.md": (b"A deep well.", "A deep well."),
    "power.log": (b"09:14 The pump starts.\n" + bytes(4096), "The pump starts."),
}
BAD: dict[str, bytes] = {
    "nul.txt": b"a\0b\0c" * 50,
    "empty.md": b"",
    "blank.txt": b"\n \n",
    "names.csv": b"name,price\n",
    "none.pdf": b"",
    "page.docx": b"<html><p>Saved as a page.</p></html>",
    "~$plan.docx": b"\x04anna" + bytes(160),
    "old.xls": b"\xd0\xcf\x11\xe0",
    "letter.rtf": b"{\\rtf1 hello}",
    "song.mp3": b"ID3",
    "pack.zip": b"PK\x03\x04",
    "fake.txt": b"%PDF-1.7\n\x93\x8c\x8b\x9e\n",
    "cut.pdf": b"%PDF-1.7\n",
    "cut.docx": b"PK\x03\x04 and no more",
    "cut.json": b"{text",
    "core": b"\x7fELF\x02\0\0\0" * 9,
    "photo.png": b"\x89PNG\r\n",
}


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    folder = tmp_path / "ugly folder ü"
    for name, data in {**{name: data for name, (data, _) in GOOD.items()}, **BAD}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    os.mkfifo(folder / "fifo.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "self.md").symlink_to("self.md")
    return folder


def test_the_good_ones_are_read_and_the_others_are_named(ugly: Path) -> None:
    said: list[str] = []
    sets = load_documents_files([ugly], {}, stays=True)
    shelves = open_documents(sets, Consent({}, None, yes=False), said.append, {}, said.append).shelves
    texts = [passage.text for shelf in shelves for passage in shelf.passages]
    assert [name for name, (_, words) in GOOD.items() if not any(words in text for text in texts)] == []
    told = "\n".join(said)
    assert [name for name in (*BAD, "fifo.txt", "self.md", "broken.jsonl", "stray.csv") if name not in told] == []
    assert f"{len(GOOD)} of {len(GOOD) + len(BAD)} files; {len(BAD)} left out: " in Library(shelves).describe()


def test_check_names_all_of_them_and_is_strict(ugly: Path) -> None:
    err = io.StringIO()
    assert check([ugly], {}, io.StringIO(), err) == 2
    named = (*BAD, "fifo.txt", "self.md", "broken.jsonl", "stray.csv", "latin.txt", "some.txt", "front.mdx")
    assert [name for name in named if name not in err.getvalue()] == []
