"""Documents files in; set specifications and located problems out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli import run
from workbench.config.documents_file import documents_of
from workbench.config.reader import read_tree
from workbench.documents.conditions import Condition
from workbench.documents.passages import FilePattern, FilePlace, InlineDocument, RetrievalSpec, SetSpec, SplitSpec
from workbench.errors import Problem


def read(
    folder: Path, text: str, environ: dict[str, str] | None = None, name: str = "docs.yaml"
) -> tuple[tuple[SetSpec, ...], tuple[Problem, ...]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return documents_of(read_tree(path), environ or {})


def good(
    folder: Path, text: str, environ: dict[str, str] | None = None, name: str = "docs.yaml"
) -> tuple[SetSpec, ...]:
    sets, problems = read(folder, text, environ, name)
    assert problems == ()
    return sets


def test_a_whole_file(tmp_path: Path) -> None:
    text = """\
sets:
  guide:
    documents:
      - Dogs stay outside.
      - {id: hours, title: Hours, text: Open at nine., year: 2026}
      - id: 7
        data: {text: Seven., tags: [a, b]}
      - data: Only text.
    files: [guide/*.md, "more.csv"]
    split: {max_words: 120}
    retrieval: {mode: keyword, top_k: 3, budget_words: 900}
  notes:
    - One.
"""
    file = str(tmp_path / "docs.yaml")
    assert good(tmp_path, text) == (
        SetSpec(
            "guide",
            (
                InlineDocument(None, {"text": "Dogs stay outside."}, FilePlace(file, 4, 9)),
                InlineDocument(
                    "hours", {"title": "Hours", "text": "Open at nine.", "year": 2026}, FilePlace(file, 5, 9)
                ),
                InlineDocument("7", {"text": "Seven.", "tags": ["a", "b"]}, FilePlace(file, 6, 9)),
                InlineDocument(None, {"text": "Only text."}, FilePlace(file, 8, 9)),
            ),
            (
                FilePattern("guide/*.md", tmp_path, FilePlace(file, 9, 13)),
                FilePattern("more.csv", tmp_path, FilePlace(file, 9, 25)),
            ),
            SplitSpec(max_words=120),
            RetrievalSpec("keyword", 3, 900),
            FilePlace(file, 2, 3),
        ),
        SetSpec(
            "notes", (InlineDocument(None, {"text": "One."}, FilePlace(file, 13, 7)),), place=FilePlace(file, 12, 3)
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        "- One.\n- text: Two.\n",
        '["One.", {"text": "Two."}]',
        "documents:\n  - One.\n  - {text: Two.}\n",
        "sets:\n  faq:\n    - One.\n    - text: Two.\n",
        "sets: {faq: {documents: [One., {data: Two.}]}}",
    ],
)
def test_every_form_of_one_set(tmp_path: Path, text: str) -> None:
    (only,) = good(tmp_path, text, name="faq.yaml")
    assert only.name == "faq"
    assert [document.data for document in only.documents] == [{"text": "One."}, {"text": "Two."}]


def test_files_without_sets_are_one_set(tmp_path: Path) -> None:
    (only,) = good(tmp_path, "files: '*.md'\nretrieval: all\nsplit: none\n", name="guide.yaml")
    assert (only.name, [item.pattern for item in only.files]) == ("guide", ["*.md"])
    assert (only.split.mode, only.retrieval.mode) == ("none", "all")


def test_fields_are_values_lists_of_these_or_ranges(tmp_path: Path) -> None:
    where = "{year: 2026, kind: [guide, 2.0], draft: false, 'a.b': {from: 2024-05}, x: {to: 3}}"
    (only,) = good(tmp_path, f"files: '*.md'\nretrieval: {{where: {where}}}\n")
    assert only.retrieval.where == (
        Condition("year", (2026,)),
        Condition("kind", ("guide", 2.0)),
        Condition("draft", (False,)),
        Condition("a.b", least="2024-05"),
        Condition("x", most=3),
    )
    (only,) = good(tmp_path, "files: x\nretrieval: {mode: tool, search: hybrid, query: turns, rewrite: true}")
    spec = only.retrieval
    assert (spec.mode, spec.search, spec.ranked_by, spec.query, spec.rewrite) == (
        "tool",
        "hybrid",
        "hybrid",
        "turns",
        True,
    )
    (only,) = good(tmp_path, "files: x\nretrieval:\n  where:\n    year: ${Y}\n", {"Y": "2026"})
    assert only.retrieval.where == (Condition("year", (2026,)),)


def test_documents_of_a_request_can_be_pasted(tmp_path: Path) -> None:
    documents = [{"id": "a", "data": {"text": "😀", "n": 1}}, {"data": {"snippet": "s", "title": "t"}}, "plain"]
    (only,) = good(tmp_path, json.dumps(documents), name="docs.json")
    assert [(item.id, dict(item.data)) for item in only.documents] == [
        ("a", {"text": "😀", "n": 1}),
        (None, {"snippet": "s", "title": "t"}),
        (None, {"text": "plain"}),
    ]


def test_a_field_called_data_beside_text_is_a_field(tmp_path: Path) -> None:
    (only,) = good(tmp_path, "- {text: Un acto., data: 2026-02-01}\n")
    assert only.documents[0].data == {"text": "Un acto.", "data": "2026-02-01"}


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("none", SplitSpec(mode="none")),
        ("80", SplitSpec(max_words=80)),
        ("{max_words: 80}", SplitSpec(max_words=80)),
        ("${WORDS}", SplitSpec(max_words=80)),
        ("${UNSET:-none}", SplitSpec(mode="none")),
        ("null", SplitSpec()),
    ],
)
def test_splits(tmp_path: Path, split: str, expected: SplitSpec) -> None:
    (only,) = good(tmp_path, f"files: x.md\nsplit: {split}\n", {"WORDS": "80"})
    assert only.split == expected


def test_variables_expand_in_settings_and_never_in_documents(tmp_path: Path) -> None:
    text = "sets:\n  s:\n    files: ['${ROOT}/a.md', '${NO:-b}.md', '$${x}.md']\n    documents: ['cost: ${PRICE}']\n"
    (only,) = good(tmp_path, text, {"ROOT": "/srv", "PRICE": "secret"})
    assert [item.pattern for item in only.files] == ["/srv/a.md", "b.md", "${x}.md"]
    assert only.documents[0].data == {"text": "cost: ${PRICE}"}


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("sets:\n  a:\n    file: x.md\n    files: y.md", "3:5", "unknown key `file`", "did you mean `files`?"),
        ("sets:\n  a: {files: x, foo: 1}", "2:17", "unknown key `foo`", "files, gitignore, split, retrieval"),
        ("set:\n  a: [x]\n", "1:1", "unknown key `set`", "did you mean `sets`?"),
        ("sets: {a: [x]}\nfiles: y.md", "2:1", "unknown key `files`", "sets"),
        ("sets:\n", "1:6", "key `sets` of a documents file with `sets` has no value", "at least one"),
        ("sets: {}\n", "1:7", "there is no set", "at least one"),
        ("sets: [a]\n", "1:7", "expected a map of named sets, found a list", "write `sets:`"),
        ("sets:\n  a: x.md\n", "2:6", "expected a set (a map or a list of documents), found the text `x.md`", "files"),
        ("sets:\n  a: {}\n", "2:3", "neither documents nor files", "`files:` with a glob"),
        ("sets:\n  a: []\n", "2:6", "neither documents nor files", "`documents:`"),
        ("sets:\n  a: {files: []}\n", "2:14", "lists nothing", "glob"),
        ("sets:\n  ' ': [x]\n", "2:3", "1 to 64 printable", "rename"),
        ('sets:\n  "a\\nb": [x]\n', "2:3", "1 to 64 printable", "rename"),
        ("documents: x", "1:12", "expected a list of documents, found the text `x`", "`- `"),
        ("- one\n- 12\n", "2:3", "expected a document (text or a map), found the number 12", "quotes"),
        ("- [x]\n", "1:3", "expected a document (text or a map), found a list", ""),
        ("- '  '\n", "1:3", "the document has no text", "`text`"),
        ("- {id: a, title: T}\n", "1:3", "the document has no text", "`text`"),
        ("- {id: a, data: {n: 1}}\n", "1:3", "the document has no text", "`text`"),
        ("- {id: a, data: [x]}\n", "1:17", "expected `data` to be a map or text, found a list", ""),
        ("- {id: a, data: }\n", "1:17", "key `data` of a document with `data` has no value", ""),
        ("- {id: a, data: {text: x}, tittle: T}\n", "1:28", "unknown key `tittle`", "id, data"),
        ("- {id: [1], text: x}\n", "1:8", "expected an id", "leave it out"),
        ("- {id: true, text: x}\n", "1:8", "expected an id (text or a whole number), found true", "leave it out"),
        ("- {id: a, text: x}\n- {id: a, text: y}\n", "2:8", "duplicate document id `a`", "first used at 1:8"),
        ("- {id: 1, text: x}\n- {id: '1', text: y}\n", "2:8", "duplicate document id `1`", "first used at 1:8"),
        ("files: 3", "1:8", "expected text or a list of texts, found the number 3", ""),
        ("files: [a.md, 3]", "1:15", "expected text, found the number 3", "put quotes"),
        ("files: ${DOCS}/*.md", "1:8", "environment variable `DOCS` is not set", "${DOCS:-default}"),
        ("files: '${1}'", "1:8", "`${` begins no variable", "$${"),
        ("files: x\nsplit: {max_words: 0}", "2:20", "0 is out of range: expected from 1 to 100000", ""),
        ("files: x\nsplit: {words: 9}", "2:9", "unknown key `words`", "did you mean `max_words`?"),
        ("files: x\nsplit: whole", "2:8", "expected none, a number of words or {max_words: number}", "none keeps"),
        ("files: x\nsplit: [1]", "2:8", "found a list", "none keeps"),
        ("files: x\nretrieval: {mode: tools}", "2:19", "unknown retrieval `tools`", "did you mean `tool`?"),
        ("files: x\nretrieval: {search: keywords}", "2:21", "unknown way to search `keywords`", "`keyword`"),
        ("files: x\nretrieval: hybird", "2:12", "unknown retrieval `hybird`", "did you mean `hybrid`?"),
        ("files: x\nretrieval: {embed: {pasages: m}}", "2:21", "unknown key `pasages`", "did you mean `passages`?"),
        ("files: x\nretrieval: {embed: {dimensions: 7}}", "2:33", "expected one of 256, 512", "1024"),
        ("files: x\nretrieval: {rerank: {over: vector}}", "2:28", "expected one of keyword, hybrid", ""),
        (
            "files: x\nretrieval: {embed: {passages: embed-v4.0, questions: embed-v5.0-fast}}",
            "2:20",
            "different spaces",
            "one family",
        ),
        ("files: x\nretrieval: keywords", "2:12", "unknown retrieval `keywords`", "did you mean `keyword`?"),
        ("files: x\nretrieval: {topk: 3}", "2:13", "unknown key `topk`", "did you mean `top_k`?"),
        ("files: x\nretrieval: {top_k: '3'}", "2:20", "expected a whole number, found the text `3`", "without quotes"),
        ("files: x\nretrieval: {top_k: 2.5}", "2:20", "expected a whole number, found the number 2.5", ""),
        ("files: x\nretrieval: {top_k: true}", "2:20", "expected a whole number, found true", ""),
        ("files: x\nretrieval: {query: turn}", "2:20", "expected one of question, turns, found", "turns"),
        ("files: x\nretrieval: {rewrite: yes}", "2:22", "expected true or false, found the text `yes`", "write true"),
        ("files: x\nretrieval: {where: 3}", "2:20", "expected a map of fields and their values", "year: 2026"),
        ("files: x\nretrieval: {where: {y: null}}", "2:24", "expected a value, a list of values or {from, to}", ""),
        ("files: x\nretrieval: {where: {y: []}}", "2:24", "no value of `y` is listed", ""),
        ("files: x\nretrieval: {where: {y: [[1]]}}", "2:25", "expected a value, a list of values or {from", ""),
        ("files: x\nretrieval: {where: {y: {}}}", "2:24", "the range of `y` has no end", "give `from:`"),
        ("files: x\nretrieval: {where: {y: {til: 3}}}", "2:25", "unknown key `til`", "from, to"),
        ("just text", "1:1", "a configuration file is a map or a list", "`sets:`"),
    ],
)  # fmt: skip
def test_problems(tmp_path: Path, text: str, place: str, message: str, hint: str) -> None:
    _, problems = read(tmp_path, text)
    first = next((problem for problem in problems if message in problem.message), problems[0])
    assert (first.file, f"{first.line}:{first.column}") == (str(tmp_path / "docs.yaml"), place)
    assert message in first.message
    assert hint in first.hint


def test_all_problems_come_at_once_in_file_order(tmp_path: Path) -> None:
    text = """\
sets:
  a:
    files: [x.md, 3]
    splitt: none
    retrieval: rarenk
  b: 5
  c:
    - {id: d, text: x}
    - {id: d, text: y}
    - ""
  a: [z]
"""
    _, problems = read(tmp_path, text)
    assert [(problem.line, problem.column) for problem in problems] == [
        (3, 19), (4, 5), (5, 16), (6, 6), (9, 12), (10, 7), (11, 3),
    ]  # fmt: skip


def test_what_is_good_is_kept_beside_problems(tmp_path: Path) -> None:
    sets, problems = read(tmp_path, "sets:\n  a: [x, 3, y]\n  b: 5\n")
    assert len(problems) == 2
    assert [[document.data["text"] for document in item.documents] for item in sets] == [["x", "y"]]


def test_another_kind_of_file_is_told_by_its_flag(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "tools:\n  - {name: x, run: ask}\n")
    assert "this is a tools file, not a documents file" in problems[0].message
    assert "--tools" in problems[0].hint


@pytest.mark.parametrize("text", ["", "# sets:\n", "{}", "null"])
def test_an_empty_file_is_a_problem(tmp_path: Path, text: str) -> None:
    sets, (problem,) = read(tmp_path, text)
    assert sets == ()
    assert "the file is empty" in problem.message


@pytest.mark.parametrize(
    "written",
    [
        "1.10", "1.00", "0.50", "1e3", "1E5", "-0", "0123", "0x1F", "1_000", "yes", "No", "on", "~", "True", "NULL",
        "2026-02-01", "12:30", "190:20:30", ".5", "3.14159265358979323846", "2026-11-29T10:00:00Z", "4.20e-10",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "shape", ["- {{text: t, v: {0}}}", "- {{data: {{text: t, v: {0}}}}}", "documents: [{{text: t, v: {0}}}]"]
)
def test_values_of_documents_stay_as_they_are_written(tmp_path: Path, written: str, shape: str) -> None:
    (only,) = good(tmp_path, shape.format(written))
    assert only.documents[0].data["v"] == written


def test_values_inside_of_values_stay_as_written_and_what_json_has_keeps_its_type(tmp_path: Path) -> None:
    text = "- {text: t, list: [1.10, {deep: 2.50}], n: 12, f: 1.5, b: true, z: null, e: , q: '1.10'}"
    (only,) = good(tmp_path, text)
    assert only.documents[0].data == {
        "text": "t", "list": ["1.10", {"deep": "2.50"}], "n": 12, "f": 1.5, "b": True, "z": None,
        "e": None, "q": "1.10",
    }  # fmt: skip


def test_texts_titles_and_ids_of_digits_are_text(tmp_path: Path) -> None:
    (only,) = good(tmp_path, "- {id: 1.10, title: 2024, text: 007}\n- {id: 1.1, title: true, snippet: 42}\n")
    assert [(item.id, dict(item.data)) for item in only.documents] == [
        ("1.10", {"title": "2024", "text": "007"}),
        ("1.1", {"title": "true", "snippet": "42"}),
    ]


def test_json_documents_keep_their_numbers_as_written(tmp_path: Path) -> None:
    (only,) = good(tmp_path, '[{"text": "t", "version": 1.10, "n": 3, "e": 1e3}]', name="docs.json")
    assert only.documents[0].data == {"text": "t", "version": "1.10", "n": 3, "e": "1e3"}


@pytest.mark.parametrize("name", ["stock.json", "stock.yaml"])
@pytest.mark.parametrize("around", ["[%s]", '{"sets": {"a": {"documents": [%s]}}}'])
@pytest.mark.parametrize("number", ["1e999", "-1E400", pytest.param("9" * 5000, id="digits")])
def test_a_number_beyond_all_measure_in_a_document_is_kept_as_written(
    tmp_path: Path, name: str, around: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(around % f'{{"id": "s", "text": "The stock.", "mass": {number}}}')
    assert run(["check", str(path)]) == 0, capsys.readouterr().err
    assert run(["ask", "--offline", "--no-session", "--json", "--docs", str(path), "stock?"]) == 0
    sent = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"event": "request"')]
    assert sent[0]["body"]["documents"] == [{"id": "s", "data": {"text": "The stock.", "mass": number}}]


def test_a_number_beyond_all_measure_elsewhere_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "docs.yaml"
    path.write_text("sets: {a: {documents: [x], retrieval: {top_k: 1e999}}}")
    assert run(["check", str(path)]) == 2
    assert "1e999" in capsys.readouterr().err
