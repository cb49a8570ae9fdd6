"""Folders and globs: what can be had is loaded, what cannot is named, and nothing is left out without a word."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from workbench.cli import parser
from workbench.commands.check import check
from workbench.config.given_documents import documents_at
from workbench.config.load import load_documents_files
from workbench.documents.file_text import MAX_BINARY, digest_of
from workbench.documents.index.reading import hash_of
from workbench.documents.load import Loaded, load_sets, trusting
from workbench.documents.passages import FilePattern, FilePlace, SetSpec
from workbench.errors import ConfigurationError
from workbench.startup.consent import Consent
from workbench.startup.setup import load_library, read_plan


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def load(folder: Path, *patterns: str) -> Loaded:
    files = tuple(FilePattern(pattern, folder, FilePlace("docs.yaml", 1, 8)) for pattern in patterns)
    return load_sets([SetSpec("s", files=files)])


def texts(loaded: Loaded) -> list[str]:
    return [passage.text for documents in loaded.sets for passage in documents.passages]


BAD: dict[str, tuple[bytes, list[str], str]] = {
    "damaged.txt": (b"caf\xc3\xa9 opens \xe9arly", ["café opens �arly"], "they are replaced by �"),
    "pdf.txt": (b"%PDF-1.4\n1 0 obj", [], "is not text but a PDF document; the file is left out"),
    "zip.md": (b"PK\x03\x04\x0a stored words in plain sight", [], "the file is left out"),
    "binary.txt": (bytes(range(256)), [], "is not text; the file is left out"),
    "rich.txt": (b"{\\rtf1\\ansi Hello}", [], "a rich text document; the file is left out"),
    "cut.jsonl": (b'{"text": "one"}\n{"text": "tw\n{"text": "three"}', ["one", "three"], "the line is left out"),
    "number.jsonl": (b'{"text": "one"}\n7\n', ["one"], "line 2 is no document (int); the line is left out"),
    "cut.json": (b'[{"text": "one"}, {"text": ', ["one"], "what comes before it is used"),
    "broken.json": (b"{text", [], "the file is left out"),
    "item.json": (b'["one", 5]', ["one"], "item 2 is no document (int); the item is left out"),
    "quote.csv": (b'id,text\n1,one\n2,"tw"o\n3,three\n', ["one", "three"], "the row is left out"),
    "open.csv": (b'id,text\n1,one\n2,"two\n3,three\n', ["one", "three"], "the row is left out"),
    "head.csv": (b'id,"te"xt\n1,one\n', [], "the file is left out"),
    "wide.csv": (b"text,b\none,1,more\n", ["one"], "the fields that have no name are kept"),
    "page.html": (b"<p>one</p><![if x><p>two", ["one"], ""),
    "report.pdf": (b"%PDF-1.7", [], "; the file is left out"),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in BAD if name != "page.html"])
@pytest.mark.parametrize("pattern", [".", "*", "**/*"])
def test_one_bad_file_among_others_is_named_and_what_can_be_had_of_it_is_had(
    tmp_path: Path, name: str, pattern: str
) -> None:
    data, had, told = BAD[name]
    write(tmp_path, {name: data, "zz good.md": "good"})
    loaded = load(tmp_path, pattern)
    assert texts(loaded) == [*had, "good"]
    assert loaded.fatal == ()
    (warning,) = loaded.warnings()
    assert told in warning.message
    assert Path(warning.file).name == name


@pytest.mark.parametrize("name", [name for name in BAD if name != "page.html"])
def test_a_file_named_outright_stays_strict_and_nothing_is_said_to_be_done(tmp_path: Path, name: str) -> None:
    data, _, told = BAD[name]
    write(tmp_path, {name: data, "good.md": "good"})
    loaded = load(tmp_path, name, "good.md")
    (problem,) = loaded.fatal
    assert loaded.problems == loaded.fatal
    assert loaded.warnings() == ()
    for words in ("left out", "replaced", "is used", "are kept"):
        assert words not in str(problem).replace("or leave it out", "")
    assert told.partition(";")[0] in problem.message or ";" not in told


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.md": "closed", "b.md": "open"})
    opened = os.open

    def refusing(path: str, flags: int) -> int:
        if Path(path).name == "a.md":
            raise PermissionError(13, "Permission denied")
        return opened(path, flags)

    monkeypatch.setattr(os, "open", refusing)
    loaded = load(tmp_path, "*.md")
    assert (texts(loaded), loaded.fatal) == (["open"], ())
    assert "cannot be read: Permission denied; the file is left out" in loaded.warnings()[0].message


@pytest.mark.parametrize("files", [{"a.txt": b"\xff\xfe\xfd" * 9}, {"a.jsonl": b"{\n", "b.csv": b'text\n"a"b\n'}])
def test_a_folder_of_which_nothing_can_be_had_is_an_error(tmp_path: Path, files: dict[str, bytes]) -> None:
    write(tmp_path, files)
    loaded = load(tmp_path, ".")
    assert len(loaded.fatal) == len(files)


def test_warnings_are_bounded_by_file_and_in_all(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonl": '{"text": "x"}\n' + "{\n" * 50})
    loaded = load(tmp_path, "*")
    assert [problem.line for problem in loaded.warnings()] == [2, 3, 4, 0]
    assert loaded.warnings()[-1].message == "47 more problems in this file"
    write(tmp_path, {f"b{number:03}.pdf": "%PDF-" for number in range(100)})
    warnings = load(tmp_path, "*").warnings()
    assert len(warnings) == 31
    assert warnings[-1].message.startswith("and 74 more problems in files")


def test_check_names_all_that_is_left_out_and_whoever_goes_on_hears_of_the_first(tmp_path: Path) -> None:
    write(tmp_path, {"good.md": "good", **{f"{number:02}.png": "" for number in range(40)}})
    (note,) = load(tmp_path, ".").warnings()
    assert note.message.startswith("40 files are left out: 00.png, ")
    assert note.message.endswith("29.png (image) and 10 more")
    err = io.StringIO()
    assert check([tmp_path], {}, io.StringIO(), err) == 0
    assert "38.png, 39.png (image)\n" in err.getvalue()


def test_check_of_a_folder_names_its_documents_where_no_yaml_in_it_is_ours(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": "services: {}\n", "cut.json": "{text", "good.md": "good"})
    err = io.StringIO()
    assert check([tmp_path], {}, io.StringIO(), err) == 2
    assert "cut.json:1:2: not valid JSON" in err.getvalue()
    assert "compose.yaml (configuration" in err.getvalue()
    write(tmp_path, {"docs.yaml": "files: good.md\n"})
    err = io.StringIO()
    assert check([tmp_path], {}, io.StringIO(), err) == 2
    assert "cut.json" not in err.getvalue()


def test_a_file_that_has_links_beside_it_keeps_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"notes/plan.md": "good", "notes/deeper/x.md": "more", "elsewhere.md": "by link alone"})
    (tmp_path / "notes" / "alias.md").symlink_to("plan.md")
    (tmp_path / "notes" / "deeper" / "a.md").symlink_to("../plan.md")
    (tmp_path / "notes" / "only.md").symlink_to("../elsewhere.md")
    loaded = load(tmp_path, "notes")
    assert [each.path for each in loaded.sets[0].passages] == ["notes/only.md", "notes/plan.md", "notes/deeper/x.md"]


def test_what_is_no_file_is_named_as_what_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"good.md": "good"})
    os.mkfifo(tmp_path / "feed.md")
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    (tmp_path / "round.md").symlink_to("round.md")
    (note,) = load(tmp_path, ".").warnings()
    assert note.message == (
        "3 files are left out: feed.md (a pipe); round.md (a link that leads back to itself); zero.md (a device)"
    )


def test_a_pipe_that_is_named_outright_is_said_to_be_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "feed.md")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    for name, what in (("feed.md", "a pipe"), ("zero.txt", "a device")):
        (problem,) = load_sets(load_documents_files([tmp_path / name], {})).fatal
        assert problem.message == f"{name!r} is {what}, not a file that can be read"


def test_a_file_that_turns_into_a_pipe_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.md": "closed", "b.md": "open"})
    opened = os.open

    def turning(path: str, flags: int) -> int:
        if Path(path).name == "a.md":
            Path(path).unlink()
            os.mkfifo(path)
        return opened(path, flags)

    monkeypatch.setattr(os, "open", turning)
    loaded = load(tmp_path, "*.md")
    assert (texts(loaded), loaded.fatal) == (["open"], ())
    assert "cannot be read: it is a pipe by now; the file is left out" in loaded.warnings()[0].message


def test_an_id_that_is_taken_is_given_a_number_and_that_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonl": '{"id": "x", "text": "one"}', "b.jsonl": '{"id": "x", "text": "two"}'})
    loaded = load(tmp_path, "*.jsonl")
    assert [passage.id for passage in loaded.sets[0].passages] == ["x", "x~2"]
    assert loaded.warnings()[0].message.endswith("citations need each id once; it is x~2 here")


@pytest.mark.parametrize(
    "name",
    [
        "server.log", "notes.mdx", "guide.adoc", "todo.org", "tool.py", "README", "LICENSE", "paper.tex", "page.rst",
        "main.rs", "app.ts", "query.sql", "notes.text", "app.log.1", "access.log-20260101", "Makefile", "x.unheard",
        "UPPER.LOG", "UPPER.MD", "style.css", "setup.cfg", "pyproject.toml", "subtitles.srt", "a.b.c", "page.xhtml",
    ],
)  # fmt: skip
def test_text_is_read_as_text_named_outright_and_in_a_folder(tmp_path: Path, name: str) -> None:
    write(tmp_path, {f"notes/{name}": "key: [value\n\t@odd `text` {% of } no YAML\n"})
    for given in (tmp_path / "notes" / name, tmp_path / "notes"):
        loaded = load_sets(load_documents_files([given], {}))
        assert (loaded.problems, loaded.warnings()) == ((), ())
        assert "no YAML" in "".join(texts(loaded))


def test_json_lines_by_their_other_name(tmp_path: Path) -> None:
    write(tmp_path, {"a.ndjson": '{"id": "a", "text": "one"}\n{"id": "b", "text": "two"}\n'})
    assert texts(load_sets(load_documents_files([tmp_path / "a.ndjson"], {}))) == ["one", "two"]


def test_json_that_is_one_document_is_that_and_other_json_is_a_documents_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"one.json": '{"title": "T", "text": "one"}', "set.json": '{"documents": ["two"]}', "odd.json": '{"set": {}}'},
    )
    assert texts(load_sets(load_documents_files([tmp_path / "one.json", tmp_path / "set.json"], {}))) == ["one", "two"]
    with pytest.raises(ConfigurationError, match="unknown key `set`"):
        load_documents_files([tmp_path / "odd.json"], {})


def test_what_of_a_folder_is_no_document_is_named_and_check_warns_of_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "notes/a.md": "good", "notes/logo.PNG": b"\x89PNG\0", "notes/run": b"\x7fELF\0\0\0\0",
            "notes/.draft.md": "d",
            "notes/.git/config": "x", "notes/.obsidian/x.md": "x", "notes/node_modules/m.md": "x",
            "notes/.DS_Store": "x",
            "notes/env/pyvenv.cfg": "x", "notes/env/lib.py": "x", "notes/conf.yaml": "a: 1", "notes/id_rsa":
            "-----BEGIN OPENSSH PRIVATE KEY-----\nxx", "notes/deck.odp": "PK", "docs.yaml": "files: notes\n",
        },
    )  # fmt: skip
    (tmp_path / "notes" / "gone.md").symlink_to("nowhere")
    loaded = load(tmp_path, "notes")
    assert (texts(loaded), loaded.problems) == (["good"], ())
    (note,) = loaded.warnings()
    assert (note.file, note.line) == ("docs.yaml", 1)
    for words in (
        "notes/logo.PNG (image)",
        "notes/run (not text)",
        "notes/.draft.md",
        "notes/.obsidian/",
        "notes/node_modules/",
        "notes/env/",
        "notes/conf.yaml (configuration",
        "notes/id_rsa (a private key)",
        "notes/gone.md (a link that leads nowhere)",
        "notes/deck.odp (office file",
    ):
        assert words in note.message
    assert ".git" not in note.message
    assert ".DS_Store" not in note.message
    out, err = io.StringIO(), io.StringIO()
    assert check([tmp_path / "docs.yaml"], {}, out, err) == 0
    assert "docs.yaml:1:8: warning: 10 files are left out" in err.getvalue()


def given_documents(path: Path) -> Loaded:
    """What `--docs` loads of a path."""
    return load_sets(load_documents_files([path], {}, stays=True))


def linked(tmp_path: Path) -> Path:
    """A folder with a page, links within it, circles, and links that lead out of it."""
    write(tmp_path, {"notes/sub/a.md": "good", "secret.md": "secret", "other/b.md": "other", "notes2/c.md": "next"})
    notes = tmp_path / "notes"
    links: dict[str, str | Path] = {
        "out.md": "../secret.md",
        "sub/deep.md": tmp_path / "other" / "b.md",
        "next": "../notes2",
        "up": "..",
        "around": "next/../notes/sub",
        "again.md": "sub/a.md",
        "circle": ".",
        "self": "self",
        "into": "sub",
        "image.png": "../secret.md",
        ".hidden.md": "../secret.md",
        "gone.md": "../nowhere.md",
    }
    for name, leads_to in links.items():
        (notes / name).symlink_to(leads_to)
    (notes / "chain.md").symlink_to("out.md")
    return notes


@pytest.mark.parametrize("given", ["{}", "{}/", "{}/**/*.md", "{}/**/*", "{}/*/*.md", "{}/*/a.md", "{}/sub/../*/*.md"])
@pytest.mark.parametrize("relative", [False, True])
def test_links_that_lead_out_of_a_folder_that_is_given_are_not_read(
    tmp_path: Path, given: str, relative: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = linked(tmp_path)
    monkeypatch.chdir(tmp_path)
    loaded = given_documents(Path(given.format("notes" if relative else notes)))
    assert texts(loaded) == ["good"]
    assert loaded.problems == ()
    said = "\n".join(problem.message for problem in loaded.warnings() if "out and" in problem.message)
    named = {
        name for name in ("out.md", "chain.md", "sub/deep.md", "next", "up", "image.png") if f"{name} (to " in said
    }
    if given in ("{}", "{}/", "{}/**/*"):
        assert named == {"out.md", "chain.md", "sub/deep.md", "next", "up", "image.png"}
        assert f"sub/deep.md (to {tmp_path / 'other' / 'b.md'})" in said
    else:
        assert named >= {"next", "up"}
    assert "gone.md (to" not in said
    assert ".hidden" not in said


def test_check_of_a_folder_names_its_links_and_how_to_load_what_they_lead_to(tmp_path: Path) -> None:
    notes, out, err = linked(tmp_path), io.StringIO(), io.StringIO()
    (notes / "gone.md").unlink()
    (notes / "self").unlink()
    assert check([notes], {}, out, err) == 0
    assert "1 passage" in out.getvalue()
    [line] = [line for line in err.getvalue().splitlines() if "out and" in line]
    assert "6 links lead out and are left out: " in line
    assert "name it outright, as in --docs '" in line


@pytest.mark.parametrize("later", [False, True])
def test_the_flag_keeps_links_in_and_own_settings_name_what_they_like(tmp_path: Path, later: bool) -> None:
    notes, config = linked(tmp_path), tmp_path / "config.yaml"
    config.write_text(f"docs: ['{notes}']\n")
    for argv, found in ((["--docs", str(notes)], ["good"]), (["--config", str(config), "--yes"], None)):
        plan = read_plan(parser().parse_args([*argv, "--offline"]), {}, docs_later=later)
        assert bool(plan.docs) is later
        loaded = load_sets(trusting((*plan.sets, *(plan.read_docs({}) if later else ()))))
        assert (texts(loaded) == found) if found else ("secret" in texts(loaded))


def test_a_link_that_is_named_outright_is_followed(tmp_path: Path) -> None:
    notes = linked(tmp_path)
    assert texts(given_documents(notes / "out.md")) == ["secret"]
    (tmp_path / "door").symlink_to("notes2")
    assert texts(given_documents(tmp_path / "door")) == ["next"]
    assert texts(given_documents(tmp_path / "door" / "*.md")) == ["next"]
    assert texts(given_documents(notes / "next")) == ["next"]


def test_a_folder_of_nothing_but_links_that_lead_out_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"secret.md": "secret", "notes/.keep": ""})
    (tmp_path / "notes" / "out.md").symlink_to("../secret.md")
    loaded = given_documents(tmp_path / "notes")
    assert texts(loaded) == []
    assert loaded.fatal
    [note] = loaded.warnings()
    assert f"1 link leads out of the folder and is left out: out.md (to {tmp_path / 'secret.md'})" in note.message


def test_the_documents_file_is_no_document_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"docs.json": '{"files": ["*", "*.json"]}', "a.md": "good", "b.json": '"two"'})
    loaded = load_sets(load_documents_files([tmp_path / "docs.json"], {}))
    assert (texts(loaded), loaded.problems, loaded.warnings()) == (["good", "two"], (), ())


def test_a_pattern_that_asks_for_a_suffix_gets_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: 1", "b.lock": "pinned"})
    assert texts(load(tmp_path, "*.yaml", "*.lock")) == ["a: 1", "pinned"]


def test_check_is_strict_where_loading_is_not(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"docs.yaml": "files: notes/*\n", "notes/a.txt": b"caf\xc3\xa9 and m\xe9re words", "notes/b.md": "good"},
    )
    out, err = io.StringIO(), io.StringIO()
    assert check([tmp_path / "docs.yaml"], {}, out, err) == 2
    assert (
        "notes/a.txt:1:11: 1 characters are not valid utf-8; they are replaced by � (save the file as UTF-8)"
        in err.getvalue()
    )
    said: list[str] = []
    library = load_library(
        load_documents_files([tmp_path / "docs.yaml"], {}), Consent({}, None, yes=False), said.append, {}
    )
    assert library is not None
    assert library.describe() == "docs (2 passages)"
    assert [": warning: 1 characters are not valid utf-8; they are replaced by �" in line for line in said] == [True]


@pytest.mark.parametrize("name", ["README", "server.log", "tool.py", "rows.ndjson", "page.mdx", "paper.tex"])
def test_check_says_of_text_that_it_is_no_configuration(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: "def f():\n\treturn `x` % {y\n"})
    out, err = io.StringIO(), io.StringIO()
    assert check([tmp_path / name], {}, out, err) == 2
    assert "onfiguration" in err.getvalue()
    assert f"files: {name}" in err.getvalue()


def test_settings_may_name_folders_and_patterns(tmp_path: Path) -> None:
    write(tmp_path, {"notes/a.md": "good", "settings.yaml": "docs: [notes, 'notes/*.md']\n"})
    assert check([tmp_path / "settings.yaml"], {}, io.StringIO(), io.StringIO()) == 0


@pytest.mark.parametrize("pattern", ["notes/*.md", "*/a.md", "**/[ab].md", "notes/?.md", "./notes/a*"])
def test_a_quoted_pattern_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    write(tmp_path, {"notes/a.md": "good"})
    monkeypatch.chdir(tmp_path)
    (spec,) = load_documents_files([Path(pattern)], {})
    (documents,) = load_sets([spec]).sets
    assert [(passage.text, passage.path) for passage in documents.passages] == [("good", "notes/a.md")]


def test_a_pattern_in_quotes_that_begins_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"notes/a.md": "good"})
    monkeypatch.setenv("HOME", str(tmp_path))
    assert texts(load_sets(load_documents_files([Path("~/notes/*.md")], {}))) == ["good"]


def test_a_pattern_without_a_match_is_told_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load_sets(load_documents_files([tmp_path / "*.md"], {}))
    assert "'*.md' matches no file" in loaded.fatal[0].message
    monkeypatch.chdir(tmp_path)
    loaded = load_sets(load_documents_files([Path("notes/*.md")], {}))
    assert "'notes/*.md' matches no file" in loaded.fatal[0].message


def test_of_a_pipe_no_hash_is_waited_for_and_none_of_more_than_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "feed.md")
    assert hash_of(tmp_path / "feed.md") == b""
    with (tmp_path / "huge.pdf").open("wb") as file:
        file.truncate(MAX_BINARY + 1)
        read = digest_of(tmp_path / "huge.pdf")
        file.truncate(MAX_BINARY + 2)
    assert digest_of(tmp_path / "huge.pdf") == read


def test_braces_are_said_to_be_no_pattern(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "good"})
    (problem,) = load(tmp_path, "*.{md,txt}").fatal
    assert problem.hint.endswith("; give a pattern for each of what stands in braces")


def test_a_pattern_of_yaml_is_of_documents_files(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "- one", "b.yaml": "- two"})
    assert texts(load_sets(load_documents_files([tmp_path / "*.yaml"], {}))) == ["one", "two"]


@pytest.mark.parametrize("name", ["x[1].md", "[ab].md", "what?.md", "a*.md", "~a.md", "~[a].txt", "x[1].yaml"])
def test_a_name_that_could_be_a_pattern_is_the_file_of_that_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: "- only", "x1.md": "other", "a.md": "other", "ab.md": "other"})
    loaded = load_sets(load_documents_files([tmp_path / name], {}))
    assert "only" in texts(loaded)[0]
    assert len(texts(loaded)) == 1
    bad = tmp_path / "bad[1].txt"
    bad.write_bytes(b"\xff\xfe\xfd" * 9)
    assert load_sets(load_documents_files([bad], {})).fatal


def test_documents_of_one_name_are_sets_of_two_and_many_of_one_folder_are_one(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.md": "1", "a/x.txt": "2", "b/x.md": "3", **{f"c/{number}.md": "n" for number in range(12)}})
    few = load_documents_files([tmp_path / "a/x.md", tmp_path / "a/x.txt", tmp_path / "b/x.md"], {})
    assert [spec.name for spec in few] == ["x", "x.txt", "x.md"]
    many = load_documents_files([tmp_path / "b/x.md", *(tmp_path / f"c/{number}.md" for number in range(12))], {})
    assert [(spec.name, len(spec.files)) for spec in many] == [("x", 1), ("c", 12)]


def parsed(*argv: str) -> argparse.Namespace:
    from workbench.cli import parse

    return parse(argv, {})


def test_several_files_behind_a_flag_are_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"a.md": "", "b.md": "", "c d.md": "", "ask": "", "t.yaml": "", "u.yaml": ""})
    monkeypatch.chdir(tmp_path)
    files = [Path("a.md"), Path("b.md"), Path("c d.md")]
    assert parsed("--docs", "a.md", "b.md", "c d.md").docs == files
    given = parsed("ask", "--docs", "a.md", "b.md", "c d.md", "what is this?")
    assert (given.docs, given.prompt) == (files, "what is this?")
    given = parsed("ask", "what is this?", "--docs", "a.md", "b.md", "c d.md", "--offline")
    assert (given.docs, given.prompt, given.offline) == (files, "what is this?", True)
    given = parsed("--docs", "a.md", "b.md", "ask", "why?", "--docs=c d.md")
    assert (given.docs, given.prompt, given.command) == (files, "why?", "ask")
    given = parsed("ask", "--docs", "a.md", "--", "b.md")
    assert (given.docs, given.prompt) == (files[:1], "b.md")
    given = parsed("--tools", "t.yaml", "u.yaml", "--docs", "a.md")
    assert (given.tools, given.docs) == ([Path("t.yaml"), Path("u.yaml")], files[:1])
    for argv, words in (
        (("ask", "--docs", "a.md", "b.md"), "behind --"),
        (("--docs", "a.md", "no.md"), "--docs FILE --docs FILE"),
    ):
        with pytest.raises(SystemExit):
            parsed(*argv)
        assert words in capsys.readouterr().err


def test_ask_warns_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from workbench.cli import run

    monkeypatch.setattr(sys, "argv", ["workbench"])
    write(tmp_path, {"n/a.md": "The library opens at nine.", "n/b.txt": b"\xff\xfe\xfd" * 9})
    assert run(["ask", "--offline", "--docs", str(tmp_path / "n"), "When does the library open?"], {}) == 0
    out, err = capsys.readouterr()
    assert "opens at nine" in out
    assert f"{tmp_path}/n/b.txt: warning: is not text; the file is left out" in err
    assert run(["ask", "--offline", "--docs", str(tmp_path / "n" / "b.txt"), "When?"], {}) == 2


@pytest.mark.parametrize("name", [name for name in BAD if name != "page.html"])
def test_check_says_of_a_folder_what_loading_it_says(tmp_path: Path, name: str) -> None:
    """In the same words, as a problem here and as a warning there: named in a documents file, or as it is."""
    folder = tmp_path / "n"
    write(folder, {name: BAD[name][0], "good.md": "good", "picture.png": b"\x89PNG"})
    write(tmp_path, {"docs.yaml": "files: n/*\n"})
    for path in (folder, tmp_path / "docs.yaml"):
        out, err = io.StringIO(), io.StringIO()
        code = check([path], {}, out, err)
        [*_, spec] = [documents_at(path, None)] if path is folder else load_documents_files([path], {})
        assert spec is not None
        loaded = load_sets([spec])
        said = {each.message for each in (*loaded.problems, *loaded.left_out)}
        assert {each.message for each in loaded.warnings()} <= said
        lines = err.getvalue().replace("warning: ", "").splitlines()
        assert {str(each) for each in loaded.warnings()} <= set(lines)
        assert code == (2 if loaded.problems else 0)
    assert BAD[name][2] in err.getvalue()


def test_what_is_left_out_is_counted_on_standard_error_and_where_the_set_is_described(tmp_path: Path) -> None:
    write(tmp_path, {f"notes/{number}.md": "good" for number in range(9)})
    write(tmp_path, {"notes/legacy.txt": b"\x7fELF\0\0", "notes/a.png": b"\x89PNG", "notes/empty.md": ""})
    said: list[str] = []
    sets = load_documents_files([tmp_path / "notes"], {})
    library = load_library(sets, Consent({}, None, yes=False), said.append, {})
    assert library is not None
    told = "9 of 12 files; 3 left out: a.png, image; empty.md, holds no text; legacy.txt, not text"
    assert library.describe() == f"notes (9 passages; {told})"
    assert said[0] == f"notes: {told}"
