"""What nobody sees in a file: every character of that kind is named where it makes a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.config.documents_file import documents_of
from workbench.config.load import load_configuration
from workbench.config.reader import parse_tree
from workbench.config.settings import settings_of
from workbench.documents.load import load_sets
from workbench.documents.passages import FilePattern, FilePlace, SetSpec
from workbench.errors import ConfigurationError, Problem
from workbench.safe_text import name_of, with_names, without_invisible

NAMED = "U+00A0 no-break space"


def problems(text: str, name: str = "docs.yaml") -> tuple[Problem, ...]:
    return documents_of(parse_tree(Path(name), text.encode()), {})[1]


@pytest.mark.parametrize(
    ("text", "place", "named"),
    [
        ("sets:\n  a:\n\u00a0\u00a0\u00a0\u00a0documents:\n      - x\n", "3:1", NAMED),
        ("sets:\n\u00a0\u00a0a:\n    files: x.md", "2:1", NAMED),
        ("sets:\n  \u00a0\u00a0a: [x]\n", "2:3", NAMED),
        ("- id: a\n\u00a0\u00a0text: hello\n", "2:1", NAMED),
        ("- id: a\n  \u00a0title: T\n  text: b\n", "2:3", NAMED),
        ("- id: a\n  data:\n    \u00a0title: T\n    text: b\n", "3:5", NAMED),
        ("- id: a\n  text\u200b: b\n  k: v\n", "2:3", "U+200B zero width space"),
        ("- id: a\n  te\u00adxt: b\n  k: v\n", "2:3", "U+00AD soft hyphen"),
        ("- text: x\n  a\u200b\n  title: y", "3:3", "U+200B zero width space"),
        ("files: x\nretrieval:\u00a0keyword", "2:19", NAMED),
        ("files: x\nretrieval: keyword\u00ad", "2:12", "U+00AD soft hyphen"),
        ("files: x\nretrieval: {mode: key\u200dword}", "2:19", "U+200D zero width joiner"),
        ("files: x\nsplit: {max_words: 5\u00a0}", "2:20", NAMED),
        ("files: x\nretrieval:\n  mode: all\n  top\u200b_k: 3\n", "4:3", "U+200B zero width space"),
        ("files: x\n\u3000split: none", "2:1", "U+3000 ideographic space"),
        ("files: x\n\u2003split: none", "2:1", "U+2003 em space"),
        ("files: x\n\u202esplit: none", "2:1", "U+202E right-to-left override"),
        ("fi\ufeffles: x", "1:3", "U+FEFF byte order mark"),
        ("files: '\u00a0'", "1:8", NAMED),
        ('files: "a\\tb"', "1:8", "U+0009 tab"),
        ("sets:\n\ta:\n\t  - x", "2:1", "U+0009 tab"),
        ("- id: a\n \ttext: b", "2:2", "U+0009 tab"),
        ("sets:\n  a:\n    files: x\n\tsplit: none", "4:1", "U+0009 tab"),
        ("sets:\n  a:\n  \tfiles: x", "3:3", "U+0009 tab"),
        ("sets:\u00a0\n  a: [x]", "2:4", NAMED),
        ("documents:\n-\u00a0text: x\n", "2:1", NAMED),
        ('{"documents": ["x"]\u200b}', "1:20", "U+200B zero width space"),
        ("\u200bsets:\n  a: [x]", "1:1", "U+200B zero width space"),
        ('"fil\\u200bes": x', "1:1", "U+200B zero width space"),
    ],
)
def test_what_cannot_be_seen_is_named_in_a_located_problem(text: str, place: str, named: str) -> None:
    found = next(each for each in problems(text) if named in each.message)
    assert f"{found.line}:{found.column}" == place
    assert not any(character in str(found) for character in "\u00a0\u200b\u00ad\u200d\u3000\u2003\u202e\ufeff")


def test_a_known_key_is_found_behind_what_cannot_be_seen() -> None:
    (found,) = problems("files: x\n" + "\u00a0" * 12 + "split: none")
    assert "`<U+00A0 × 12>split`; it holds U+00A0 no-break space" in found.message
    assert found.hint == "did you mean `split`?"


def test_settings_and_names_of_sets_say_it_too(tmp_path: Path) -> None:
    _, found = settings_of(parse_tree(Path("s.yaml"), "model: x\n\u00a0system: y".encode()), {})
    assert any(NAMED in problem.message for problem in found)
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("sets:\n  a\u200db: [x]")
    with pytest.raises(ConfigurationError) as raised:
        load_configuration([tmp_path / "a.yaml", tmp_path / "b.yaml"], (), {})
    assert "U+200D zero width joiner" in str(raised.value)


def test_so_do_problems_of_documents(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"text":\u00a0"x"}]')
    patterns = ("a.json", "b\u00a0.md", "c\u200b*.md")
    files = tuple(FilePattern(pattern, tmp_path, FilePlace("docs.yaml", 1, 1)) for pattern in patterns)
    found = load_sets([SetSpec("s", files=files)]).problems
    assert [named in str(problem) for named, problem in zip((NAMED, NAMED, "U+200B"), found, strict=True)] == [True] * 3


@pytest.mark.parametrize("visible", ["files", "a b\nc", "naïve 日本 😀", "•…→"])
def test_what_can_be_seen_stays(visible: str) -> None:
    assert with_names(visible) == without_invisible(visible) == visible


def test_names() -> None:
    assert [name_of(each) for each in "\u00a0\x1b\x00"] == [NAMED, "U+001B escape", "U+0000 control character"]
    many = with_names("".join(chr(code) for code in range(0x2000, 0x200B)))
    assert many.endswith("U+2004 three-per-em space, others")
