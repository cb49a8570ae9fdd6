"""Loading sets: globs, encodings, ids, data as sent, and a located problem for everything that cannot be used."""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.documents import file_text as reading
from workbench.documents import globs
from workbench.documents.load import Loaded, load_sets
from workbench.documents.passages import FilePattern, FilePlace, InlineDocument, SetSpec, SplitSpec


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def spec(base: Path, *patterns: str, name: str = "s", max_words: int = 300) -> SetSpec:
    files = tuple(FilePattern(pattern, base, FilePlace("docs.yaml", 4 + n, 9)) for n, pattern in enumerate(patterns))
    return SetSpec(name, files=files, split=SplitSpec(max_words=max_words), place=FilePlace("docs.yaml", 2, 3))


def inline(
    *documents: tuple[str | None, dict[str, Any]], name: str = "s", file: str = "docs.yaml", max_words: int = 300
) -> SetSpec:
    made = tuple(InlineDocument(id, data, FilePlace(file, 5 + n, 7)) for n, (id, data) in enumerate(documents))
    return SetSpec(name, documents=made, split=SplitSpec(max_words=max_words), place=FilePlace(file, 2, 3))


def load(*specs: SetSpec) -> Loaded:
    loaded = load_sets(specs)
    ids = [passage.id for documents in loaded.sets for passage in documents.passages]
    assert len(ids) == len(set(ids))
    return loaded


def names(loaded: Loaded) -> list[str]:
    return list(dict.fromkeys(p.path or "" for documents in loaded.sets for p in documents.passages))


def ids(loaded: Loaded) -> list[str]:
    return [passage.id for documents in loaded.sets for passage in documents.passages]


def only_problem(loaded: Loaded) -> str:
    (problem,) = loaded.problems
    return str(problem)


# -- which files --------------------------------------------------------------------------

TREE: dict[str, str | bytes] = {
    "a.md": "a",
    "b.txt": "b",
    "image.png": b"\x89PNG\0\0",
    "notes.log": "log",
    ".hidden.md": "h",
    "guide/one.md": "1",
    "guide/deep/two.rst": "2",
    "guide/.secret/three.md": "3",
    "x[1].md": "x",
}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["*.md"], ["a.md", "x[1].md"]),
        (["**/*.md"], ["a.md", "x[1].md", "guide/one.md"]),
        (["**"], ["a.md", "b.txt", "notes.log", "x[1].md", "guide/one.md", "guide/deep/two.rst"]),
        (["guide/**/*"], ["guide/one.md", "guide/deep/two.rst"]),
        (["**/**/two.*"], ["guide/deep/two.rst"]),
        (["guide"], ["guide/one.md", "guide/deep/two.rst"]),
        (["./guide/", "guide/one.md"], ["guide/one.md", "guide/deep/two.rst"]),
        (["b.txt", "*.md", "a.md"], ["b.txt", "a.md", "x[1].md"]),
        (["x[1].md"], ["x[1].md"]),
        ([".hidden.md"], [".hidden.md"]),
        ([".*.md"], [".hidden.md"]),
        (["notes.log"], ["notes.log"]),
        (["g?ide/[no]*.md"], ["guide/one.md"]),
        (["guide/../a.md"], ["guide/../a.md"]),
    ],
)
def test_patterns(tmp_path: Path, patterns: list[str], expected: list[str]) -> None:
    write(tmp_path, TREE)
    loaded = load(spec(tmp_path, *patterns))
    assert names(loaded) == expected
    assert loaded.problems == ()


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("absent.md", "no such file"),
        ("absent/*.md", "matches no file"),
        ("im*", "none of a known kind"),
        ("", "empty"),
        ("a\0b", "a NUL byte"),
        ("~no-such-user-here/x.md", "no home folder"),
        ("pipe", "not a file that can be read"),
        ("dangling.md", "broken link"),
        ("empty", "matches no file"),
        ("a.md/b.md", "no such file"),
        ("x" * 5000, "File name too long"),
    ],
)
def test_a_pattern_that_finds_nothing_is_a_problem_at_its_own_place(tmp_path: Path, pattern: str, words: str) -> None:
    write(tmp_path, TREE)
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling.md").symlink_to("nowhere.md")
    os.mkfifo(tmp_path / "pipe")
    loaded = load(spec(tmp_path, "b.txt", pattern))
    assert names(loaded) == ["b.txt"]
    (problem,) = loaded.problems
    assert (problem.file, problem.line, problem.column) == ("docs.yaml", 5, 9)
    assert words in problem.message


def test_absolute_paths_and_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, TREE)
    monkeypatch.setenv("HOME", str(tmp_path))
    elsewhere = tmp_path / "guide"
    assert names(load(spec(elsewhere, f"{tmp_path}/a.*"))) == [f"{tmp_path}/a.md"]
    assert names(load(spec(elsewhere, "~/guide/*.md"))) == ["~/guide/one.md"]
    assert names(load(spec(elsewhere, "../b.txt"))) == ["../b.txt"]


def test_links_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path, {"d/a.md": "a", "e/b.md": "b"})
    (tmp_path / "d" / "loop").symlink_to(tmp_path)
    (tmp_path / "d" / "again.md").symlink_to("a.md")
    (tmp_path / "self.md").symlink_to("self.md")
    loaded = load(spec(tmp_path, "**/*.md", "d"))
    assert sorted(names(loaded)) == ["d/a.md", "e/b.md"]


def test_a_pattern_over_too_many_files_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, TREE)
    monkeypatch.setattr(globs, "MAX_ENTRIES", 3)
    assert "looks at more than 3 files" in only_problem(load(spec(tmp_path, "**/*.md")))


def test_hostile_names_become_readable(tmp_path: Path) -> None:
    (tmp_path / "new\nline\x1b[2J.md").write_text("a")
    (tmp_path / os.fsdecode(b"bad\xff.md")).write_text("b")
    loaded = load(spec(tmp_path, "*.md"))
    assert sorted(ids(loaded)) == ["bad\\udcff.md#1", "new\\nline\\x1b[2J.md#1"]
    for passage in loaded.sets[0].passages:
        json.dumps(passage.as_document(), ensure_ascii=False).encode()
        assert passage.title.isprintable()


# -- what is in them ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "é\r\nü\rx".encode(),
        "é\nü\nx".encode("utf-16"),
        codecs.BOM_UTF16_BE + "é\nü\nx".encode("utf-16-be"),
        codecs.BOM_UTF32_LE + "é\nü\nx".encode("utf-32-le"),
    ],
)
def test_byte_order_marks_and_line_ends(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, {"a.txt": data})
    (passage,) = load(spec(tmp_path, "a.txt")).sets[0].passages
    assert (passage.text, passage.lines) == ("é\nü\nx", (1, 3))


def test_a_few_bad_bytes_are_replaced_and_located(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": b"first\r\nsecond caf\xc3\xa9 and m\xe9re text\n"})
    loaded = load(spec(tmp_path, "a.txt"))
    assert loaded.sets[0].passages[0].text == "first\nsecond café and m�re text"
    assert only_problem(loaded).startswith(f"{tmp_path}/a.txt:2:18: 1 characters are not valid utf-8")


@pytest.mark.parametrize(
    "data",
    [b"\x7fELF\x02\0\0\0" * 9, "é".encode("utf-16-le") * 50, bytes(range(256)), b"\xff\xfe\xfd" * 20, b"a\0" * 20],
)
def test_what_is_not_text_is_skipped(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, {"a.txt": data, "b.txt": "fine"})
    loaded = load(spec(tmp_path, "*.txt"))
    assert names(loaded) == ["b.txt"]
    assert only_problem(loaded).startswith(f"{tmp_path}/a.txt: is not text")


def test_files_too_large_or_unreadable_or_unsupported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    write(tmp_path, {"a.md": "x" * 11, "b.md": "ok", "c.pdf": "%PDF", "d.DOCX": "PK", "e.odt": "PK"})
    loaded = load(spec(tmp_path, "?.md", "?.pdf", "*.DOCX", "*.odt"))
    assert names(loaded) == ["b.md"]
    assert [problem.message.split(";")[0] for problem in loaded.problems] == [
        "is too large with 0 MB",
        "is damaged, or no pdf file: PdfStreamError: Stream has ended unexpectedly",
        "is damaged: File is not a zip file",
        ".odt files are not read",
    ]


def test_problems_in_files_are_at_the_files_own_place_and_the_rest_is_loaded(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonl": '{"text": "x"}\n{"text": \n"y"\n', "deep.json": "[" * 1000, "e.csv": 'text\n"a"b\n'})
    loaded = load(spec(tmp_path, "*"))
    assert ids(loaded) == ["a.jsonl#1", "a.jsonl#2"]
    assert [(Path(p.file).name, p.line, p.column) for p in loaded.problems] == [
        ("a.jsonl", 2, 10),
        ("deep.json", 1, 101),
        ("e.csv", 2, 1),
    ]


def test_many_problems_of_one_file_are_summed_up(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonl": "{\n" * 1000})
    loaded = load(spec(tmp_path, "a.jsonl"))
    assert len(loaded.problems) == 21
    assert loaded.problems[-1].message == "980 more problems in this file"


def test_a_set_without_text_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "", "b.json": "[]"})
    loaded = load(spec(tmp_path, "*"), SetSpec("t", place=FilePlace("docs.yaml", 9, 1)))
    assert [(p.line, p.message) for p in loaded.problems] == [
        (2, "set 's' holds no text"),
        (9, "set 't' holds no text"),
    ]
    assert [documents.passages for documents in loaded.sets] == [(), ()]


# -- ids and data -------------------------------------------------------------------------


def test_passages_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"guide/a.md": "# Guide\n\n## Hours\nNine.\n\n## Fees\nFour."})
    first, second = load(spec(tmp_path, "**/*.md")).sets[0].passages
    assert first.as_document() == {
        "id": "guide/a.md#1",
        "data": {"text": "# Guide\n\n## Hours\nNine.", "title": "Guide › Hours"},
    }
    assert (second.id, second.set, second.path, second.lines) == ("guide/a.md#2", "s", "guide/a.md", (6, 7))


def test_inline_documents_keep_their_id_and_fields() -> None:
    loaded = load(
        inline(
            ("own", {"snippet": "short", "url": "u"}),
            (None, {"text": "no id", "title": "T"}),
            (None, {"name": "Ann", "age": 4}),
            ("blank", {"text": "  "}),
        )
    )
    passages = loaded.sets[0].passages
    assert [(p.id, dict(p.data), p.text, p.title) for p in passages[:3]] == [
        ("own", {"snippet": "short", "url": "u"}, "short", "s, document 1"),
        ("s/2", {"text": "no id", "title": "T"}, "no id", "T"),
        ("s/3", {"name": "Ann", "age": 4}, "name: Ann\nage: 4", "s, document 3"),
    ]
    assert loaded.problems == ()


def test_a_split_document_numbers_its_id_and_names_its_text() -> None:
    data = {"snippet": "one two. three four.", "title": "T", "url": "u"}
    passages = load(inline(("own", data), (None, {"text": "a b c"}), max_words=2)).sets[0].passages
    assert [p.as_document() for p in passages] == [
        {"id": "own#1", "data": {"text": "one two.", "title": "T", "url": "u"}},
        {"id": "own#2", "data": {"text": "three four.", "title": "T", "url": "u"}},
        {"id": "s/2#1", "data": {"text": "a b"}},
        {"id": "s/2#2", "data": {"text": "c"}},
    ]


def test_an_id_used_twice_over_sets_is_a_problem_and_nothing_is_lost(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonl": '{"id": "x", "text": "1"}\n{"id": "x", "text": "2"}\n'})
    loaded = load(inline(("x", {"text": "0"}), name="one"), spec(tmp_path, "a.jsonl", name="two"))
    assert ids(loaded) == ["x", "x~2", "x~3"]
    assert [(Path(p.file).name, p.line) for p in loaded.problems] == [("a.jsonl", 1), ("a.jsonl", 2)]
    assert "'x' is used already" in loaded.problems[0].message
    same_file = load(inline(("x", {"text": "0"}), ("x", {"text": "1"})))
    assert (ids(same_file), same_file.problems) == (["x", "x~2"], ())
    other_file = load(inline(("x", {"text": "0"})), inline(("x", {"text": "1"}), name="t", file="more.yaml"))
    assert only_problem(other_file).startswith("more.yaml:5:7: the id 'x' is used already (in docs.yaml)")


def test_one_file_in_two_sets_and_one_name_in_two_folders(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.md": "one", "q/a.md": "two"})
    loaded = load(
        spec(tmp_path / "p", "a.md", name="first"),
        spec(tmp_path / "q", "a.md", name="second"),
        spec(tmp_path / "p", "a.md", name="third"),
    )
    assert ids(loaded) == ["a.md#1", "second/a.md#1", "third/a.md#1"]
    assert loaded.problems == ()


def test_values_that_a_request_cannot_hold_become_text() -> None:
    data = {"text": "\ud800", "n": float("nan"), "when": FilePlace(), "deep": [{"x": "\udfff"}]}
    (passage,) = load(inline(("\ud800", data))).sets[0].passages
    assert passage.data["n"] == "nan"
    json.dumps(passage.as_document(), allow_nan=False, ensure_ascii=False).encode()


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a", "a#1", "a~2", "s/1", "s/2#1"]), st.sampled_from(["x", "x y z", ""])),
        max_size=8,
    )
)
def test_ids_are_unique_whatever_users_choose(documents: list[tuple[str | None, str]]) -> None:
    loaded = load(inline(*((id, {"text": text}) for id, text in documents), max_words=2))
    joined = " ".join(p.text for p in loaded.sets[0].passages)
    assert joined.split() == " ".join(text for _, text in documents).split()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=120),
    suffix=st.sampled_from(["md", "rst", "txt", "json", "jsonl", "csv", "tsv", "html", "odd"]),
)
def test_any_bytes_load_or_are_a_problem(tmp_path: Path, data: bytes, suffix: str) -> None:
    write(tmp_path, {f"f.{suffix}": data})
    for passage in load(spec(tmp_path, f"f.{suffix}")).sets[0].passages:
        assert passage.text.strip()
        json.dumps(passage.as_document(), allow_nan=False, ensure_ascii=False).encode()
