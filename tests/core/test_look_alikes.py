"""Letters that look like Latin ones: a key that holds one says which, and what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.config.assignments import read_assignments
from workbench.config.documents_file import documents_of
from workbench.config.reader import parse_tree
from workbench.config.settings import settings_of
from workbench.config.tools_file import tools_of
from workbench.errors import Problem
from workbench.look_alikes import as_read, others_in
from workbench.ui.key_problems import key_problems

CYRILLIC_O, GREEK_O, CYRILLIC_E, FULL_WIDTH_S = "\u043e", "\u03bf", "\u0435", "\uff53"


def problems(text: str, kind: str) -> tuple[Problem, ...]:
    tree = parse_tree(Path("file.yaml"), text.encode())
    match kind:
        case "settings":
            return settings_of(tree, {})[1]
        case "tools":
            return tools_of(tree, {})[1]
        case _:
            return documents_of(tree, {})[1]


@pytest.mark.parametrize(
    ("kind", "text", "place", "named", "meant"),
    [
        ("settings", f"d{CYRILLIC_O}cs: x", "1:1", f"Cyrillic {CYRILLIC_O} U+043E", "docs"),
        ("settings", f"m{GREEK_O}del: x", "1:1", f"Greek {GREEK_O} U+03BF", "model"),
        (
            "settings",
            "model: x\n\u0455\u0435\u0435d: 3",
            "2:1",
            "Cyrillic \u0455 U+0455, Cyrillic \u0435 U+0435",
            "seed",
        ),
        ("settings", "\u0421ONFIG: x\nm\u03bfdel: x", "2:1", "Greek \u03bf U+03BF", "model"),
        ("settings", f"doc{FULL_WIDTH_S}: x", "1:1", f"Fullwidth {FULL_WIDTH_S} U+FF53", "docs"),
        ("settings", "max\u2010tokens: 3", "1:1", "\u2010 U+2010", "max_tokens"),
        ("documents", f"fil{CYRILLIC_E}s: x", "1:1", "U+0435", "files"),
        ("documents", f"sets:\n  a:\n    fil{CYRILLIC_E}s: x", "3:5", "U+0435", "files"),
        ("documents", f"files: x\nretrieval:\n  m{CYRILLIC_O}de: all", "3:3", "U+043E", "mode"),
        ("documents", f"files: x\nretrieval: keyw{CYRILLIC_O}rd", "2:12", "U+043E", "keyword"),
        ("documents", f"files: x\n\u200bsplit: none\nretri{CYRILLIC_E}val: all", "3:1", "U+0435", "retrieval"),
        ("documents", f"- t{CYRILLIC_E}xt: a\n  k: v", "1:3", "U+0435", "text"),
        ("documents", f"- data: {{t{CYRILLIC_E}xt: a, k: v}}", "1:10", "U+0435", "text"),
        ("documents", "- text: a\n  \u0456d: b", "2:3", "Cyrillic \u0456 U+0456", "id"),
        ("tools", f"- {{name: a, run: ask, appr{CYRILLIC_O}ve: never}}", "1:23", "U+043E", "approve"),
        ("tools", f"- {{name: a, run: {{pyth{CYRILLIC_O}n: 'a:b'}}}}", "1:19", "U+043E", "python"),
        ("tools", f"- name: a\n  run: ask\n  d{CYRILLIC_E}scription: b", "3:3", "U+0435", "description"),
    ],
)
def test_a_key_names_the_letters_of_another_script_and_what_was_meant(
    kind: str, text: str, place: str, named: str, meant: str
) -> None:
    found = next(each for each in problems(text, kind) if named in each.message)
    assert f"{found.line}:{found.column}" == place
    assert f"{named} in it" in found.message
    assert meant in found.hint


def test_json_says_it_too() -> None:
    (found,) = problems(json.dumps({"files": "x", "spl\u0456t": "none"}, ensure_ascii=False), "documents")
    assert "with Cyrillic \u0456 U+0456 in it" in found.message
    assert found.hint == "did you mean `split`?"


def test_a_setting_of_the_command_line_and_an_action_say_it_too() -> None:
    (found,) = read_assignments([f"m{CYRILLIC_O}del=x"])[1]
    assert "with Cyrillic \u043e U+043E in it" in found.message
    assert found.hint == "did you mean `model`?"
    (problem,) = key_problems({"qu\u0456t": ["ctrl+x"]})
    assert "with Cyrillic \u0456 U+0456 in it" in problem.message
    assert problem.hint == "did you mean 'quit'?"


@pytest.mark.parametrize("key", ["\u043a\u043b\u044e\u0447", "\u6a21\u578b", "cl\u00e9_de_tout"])
def test_a_key_that_is_near_none_of_ours_is_only_unknown(key: str) -> None:
    (found,) = [each for each in problems(f"model: x\n{key}: y", "settings") if "unknown" in each.message]
    assert "in it" not in found.message


@pytest.mark.parametrize(
    "key", ["\u0442\u0435\u043a\u0441\u0442", "\u0438\u043c\u044f", "\u03c4\u03af\u03c4\u03bb\u03bf\u03c2"]
)
def test_a_document_may_have_fields_in_any_script(key: str) -> None:
    assert problems(f"- text: a\n  {key}: b", "documents") == ()


def test_what_is_in_ascii_or_long_stays() -> None:
    assert as_read("Docs-1") == "Docs-1"
    assert others_in("Docs-1") == ""
    long = CYRILLIC_O * 100
    assert as_read(long) == long
    assert others_in("".join(chr(code) for code in range(0x430, 0x440))).endswith(", others")
