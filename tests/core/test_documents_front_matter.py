"""Front matter: a title, never a heading, and text that says so where it cannot be read."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.config.load import load_documents_files
from workbench.documents.formats import PARSERS
from workbench.documents.load import load_sets
from workbench.documents.source_lines import Parsed, SourceFile


def parse(text: str, extension: str = ".md") -> Parsed:
    return PARSERS[extension](SourceFile(text, "folder/page.md", "page"))


def shown(parsed: Parsed) -> tuple[str, list[str]]:
    (document,) = parsed.documents
    return document.title, [block.text for block in document.blocks]


@pytest.mark.parametrize("extension", [".md", ".markdown", ".mdx"])
@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("---\ntitle: Guide\n---", "Guide"),
        ("---\ntitle: >-\n  The long\n  Guide\ntags: [a]\n---", "The long Guide"),
        ("---\ntitle: >\n  The long\n  Guide\n---", "The long Guide"),
        ("---\ntitle: |\n  The long\n  Guide\n---", "The long Guide"),
        ("---\ntitle: |+2\n    The\n  Guide\n\n---", "The Guide"),
        ("---\ntitle: The long\n  Guide\nauthor: x\n---", "The long Guide"),
        ('---\ntitle: "The \\"long\\" Guide"\n---', 'The "long" Guide'),
        ("---\n'title': 'It''s a Guide'\n---", "It's a Guide"),
        ("---\n# A comment\n\n# and one more\ntitle: Guide # said\n---", "Guide"),
        ("---\n\n\ntitle: Guide\n---", "Guide"),
        ("\n \n---\ntitle: Guide\n---", "Guide"),
        ("\ufeff---\ntitle: Guide\n---", "Guide"),
        ("---  \nTitle: Guide\n... ", "Guide"),
        ("---\ntags:\n- a\n- title: no\nmore: {title: no}\ntitle: Guide\n---", "Guide"),
        ("---\nauthor: &a Ann\nby: *a\ntitle: Guide\n---", "Guide"),
        ("---\ntitle: 2024.10\n---", "2024.10"),
        ("---\ntitle: Tea: a guide\ntags: [a]\n---", "Tea: a guide"),
        ("---\ntitle: ~\n---", "page"),
        ("---\nauthor: Ann\n---", "page"),
        ('+++\ntitle = "Guide"\ndate = 2026-11-29\n[extra]\ntitle = "no"\n+++', "Guide"),
        ('+++\n# A comment\n\ntitle = """\nThe long\nGuide"""\n+++', "The long Guide"),
        ("+++\ntitle = 'The \\ Guide'\n+++", "The \\ Guide"),
        ('\n+++\n[params]\na = 1\n+++', "page"),
        ('{\n  "title": "Guide",\n  "tags": ["a"]\n}', "Guide"),
        ("---toml\ntitle = 'Guide'\n[extra]\ntitle = 'no'\n---", "Guide"),
        ("--- TOML \n# A comment\ntitle = 'Guide'\n---", "Guide"),
        ("---\ttoml\n\n[[a]]\nb = 1\n--- ", "page"),
        ('---json\n{\n  "title": "Guide",\n  "tags": ["a"]\n}\n---', "Guide"),
        ('---json\n{"title": "Guide"}\n---', "Guide"),
        ("---yaml\ntitle: Guide\n---", "Guide"),
        ("\n---yml\n# A comment\ntitle: >\n  The\n  Guide\n---", "The Guide"),
        ("---yaml\n---", "page"),
        ("---toml\n---", "page"),
        ("---json\n\n---", "page"),
    ],
)  # fmt: skip
def test_metadata_is_a_title_and_no_text(head: str, title: str, extension: str) -> None:
    parsed = parse(head + "\nThe body.", extension)
    assert parsed.problems == ()
    assert shown(parsed) == (title, ["The body."])


@pytest.mark.parametrize(
    ("head", "line", "words"),
    [
        ("---\ntitle: [open\n---", 3, "no YAML"),
        ('---\na: b\ntitle: "open\n---', 3, "no YAML"),
        ("---\n# Not a heading\ntitle: x\n  bad: y\n---", 4, "no YAML"),
        ("---\nkey:value\n---", 2, "no map"),
        ("---\nNote: hi\n\nfree text stands here\n---", 5, "no YAML"),
        ("---\na: " + "[" * 200 + "\n---", 2, "no YAML"),
        ("+++\ntitle = \n+++", 2, "no TOML"),
        ("+++\n# Not a heading\na = 1\na = 2\n+++", 4, "no TOML"),
        ('{\n  "title": "Guide",\n}', 3, "no JSON"),
        ("---toml\ntitle: Guide\n---", 2, "no TOML"),
        ("---toml\n# Not a heading\na = 1\na = 2\n---", 4, "no TOML"),
        ('---json\n{\n  "title": "Guide",\n}\n---', 4, "no JSON"),
        ("---json\n[1]\n---", 2, "no map"),
        ("---yaml\ntitle: [open\n---", 3, "no YAML"),
        ("---yaml\n- title\n- Guide\n---", 2, "no map"),
        ("---js\n{ title: 'Guide' }\n---", 1, "front matter in JavaScript is not read"),
    ],
)
def test_malformed_front_matter_is_text_without_headings_and_says_so(head: str, line: int, words: str) -> None:
    parsed = parse(head + "\nThe body.")
    (flaw,) = parsed.problems
    assert words in flaw.message
    assert abs(flaw.line - line) <= 1
    assert flaw.forgiven().message.endswith("it is read as text")
    assert shown(parsed) == ("page", [head, "The body."])
    assert not any(block.heading for document in parsed.documents for block in document.blocks)


@pytest.mark.parametrize("head", ["---\ntitle: Guide\n\n", "+++\ntitle = 'Guide'\n\n", "---toml\ntitle = 'Guide'\n\n"])
def test_front_matter_that_never_ends_is_text_and_says_so(head: str) -> None:
    parsed = parse(head + "The body.")
    assert "never ends" in parsed.problems[0].message
    assert shown(parsed) == ("page", [head.strip(), "The body."])


@pytest.mark.parametrize(
    "text",
    [
        "---\n\na rule\n\n---\n",
        "---\n---\nb",
        "+++\n\nplus\n",
        "{\nbrace\n}\n",
        "---",
        "+++\n",
        "---a\nb\n---\n",
        "----toml\na=1\n",
    ],
)
def test_rules_and_pluses_are_text_without_a_word(text: str) -> None:
    parsed = parse(text)
    assert parsed.problems == ()
    assert "".join("".join(shown(parsed)[1]).split()) == "".join(text.split())


def test_malformed_front_matter_stops_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(codecs.BOM_UTF8 + b"---\ntitle: [open\n---\nThe body.")
    loaded = load_sets(load_documents_files([page], {}))
    assert (loaded.problems, loaded.fatal) == ((), ())
    assert "it is read as text" in loaded.warnings()[0].message


@given(
    st.sampled_from(["---", "+++", "{", "---toml", "---json", "---yaml", "---js"]),
    st.text(alphabet="ab:=[]{}'\"#-&*!|>%@\n \t\\1.é", max_size=80),
)
def test_no_text_is_lost_without_front_matter_that_was_read(opening: str, head: str) -> None:
    text = f"{opening}\n{head}\n{opening[:3]}\nThe body."
    parsed = parse(text)
    texts = shown(parsed)[1]
    assert texts[-1].endswith("The body.")
    if parsed.problems:
        assert "".join("".join(texts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: Guide\nyear: 2026\nversion: 1.10\ndraft: false\ntags: [tea, 3]\nby: '12'\nempty:\n---",
        "---\ntitle: Guide #\nyear: 2026\nversion: '1.10'\ndraft: false\ntags:\n- tea\n- 3\nby: '12'\nx: {a: [1]}\n---",
        "+++\ntitle='Guide'\nyear=2026\nversion='1.10'\ndraft=false\ntags=['tea', 3]\nby='12'\n[x]\na = 1\n+++",
        '{\n"title":"Guide","year":2026,"version":"1.10","draft":false,"tags":["tea",3],"by":"12","text":"x"\n}',
    ],
)
def test_metadata_goes_along_with_each_passage_as_its_fields(head: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{head}\n# One\n\nFirst.\n\n# Two\n\nSecond.\n")
    first, second = load_sets(load_documents_files([page], {})).sets[0].passages
    fields = {"year": 2026, "version": "1.10", "draft": False, "tags": ["tea", 3], "by": "12"}
    assert first.data == {"text": "# One\n\nFirst.", "title": "Guide › One", **fields}
    assert second.data == {"text": "# Two\n\nSecond.", "title": "Guide › Two", **fields}
