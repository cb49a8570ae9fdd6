"""Bytes of a YAML or JSON file in; a located tree and located problems out."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.config.nodes import List, Map, Tree, plain_data
from workbench.config.reader import parse_tree, read_tree
from workbench.config.yaml_text import MAX_BYTES

FILE = Path("f.yaml")


def parsed(text: str | bytes) -> Tree:
    return parse_tree(FILE, text if isinstance(text, bytes) else text.encode("utf-8"))


def value(text: str | bytes) -> Any:
    tree = parsed(text)
    assert tree.problems == ()
    assert tree.root is not None
    return plain_data(tree.root)


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        ("2e3", 2000.0),
        *(
            (text, text)
            for text in (
                "on", "off", "yes", "no", "y", "n", "True", "FALSE", "Null", "010", "0x1F", "0o17", "1_000", "+1",
                ".5", "1.", ".inf", ".nan", "12:30", "190:20:30", "2026-02-01", "1e", "--1",
            )
        ),
        ('"12"', "12"),
        ("'true'", "true"),
        ("!!str 12", "12"),
    ],
)  # fmt: skip
def test_only_what_json_would_type_is_typed(scalar: str, expected: Any) -> None:
    found = value(f"- {scalar}\n")
    assert found == [expected]
    assert type(found[0]) is type(expected)


def test_keys_are_text_as_written() -> None:
    assert value("on: 1\n12: 2\ntrue: 3\n1.50: 4\n") == {"on": 1, "12": 2, "true": 3, "1.50": 4}


@pytest.mark.parametrize(
    "data",
    [
        {"a": [1, -2.5, True, None, 'é 日本 😀 \u2028 \x00 \\ " /'], "": {"b": []}},
        [],
        {},
        [[[{"k" * 2000: "a key longer than YAML allows"}]]],
    ],
)
@pytest.mark.parametrize("form", [{}, {"indent": 2}, {"indent": "\t"}, {"ensure_ascii": False}])
def test_json_is_read_as_it_is(data: Any, form: dict[str, Any]) -> None:
    assert value(json.dumps(data, **form)) == data


def test_json_with_a_comment_or_a_trailing_comma_is_yaml() -> None:
    assert value('{\n  # why\n  "a": [1, 2,],\n}') == {"a": [1, 2]}


def test_places_count_characters_and_any_line_ending() -> None:
    tree = parsed('é: "日本"\r\nbé:\r  - x\n  - {ü: 1, y: 2}\n'.encode())
    assert isinstance(tree.root, Map)
    entry = tree.root.entries["bé"]
    assert (entry.line, entry.column) == (2, 1)
    assert isinstance(entry.value, List)
    inner = entry.value.items[1]
    assert isinstance(inner, Map)
    assert (inner.line, inner.column) == (4, 5)
    assert (inner.entries["y"].line, inner.entries["y"].column) == (4, 12)


def test_places_in_json() -> None:
    tree = parsed('{"a":\n   [1,\n  {"b": 2}]}')
    assert isinstance(tree.root, Map)
    items = tree.root.entries["a"].value
    assert isinstance(items, List)
    assert [(item.line, item.column) for item in items.items] == [(2, 5), (3, 3)]


def test_anchors_and_aliases_are_read() -> None:
    assert value("a: &x {k: [1]}\nb: *x\nc: [*x, &y two, *y]\n") == {
        "a": {"k": [1]},
        "b": {"k": [1]},
        "c": [{"k": [1]}, "two", "two"],
    }


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines)


def alias_ladder() -> str:
    return "\n".join(["a0: &a0 [1]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 100))])


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("a:\n\t- b\n", "2:1", "a tab where YAML allows only spaces", "indent with spaces"),
        ('a: 1\nb: "x\n', "2:4", "unexpected end of stream", "close the quote"),
        ("a: b: c\n", "1:5", "mapping values are not allowed", "quote a value"),
        ("- a\nb: 1\n", "2:1", "did not find expected '-'", "one indentation"),
        ("a: [1, 2\nb: 3\n", "2:2", "flow sequence that began at line 1", "close the bracket"),
        ("a: @x", "1:4", "cannot start any token", "quote a value that begins with @"),
        ("a: 'x'y", "1:7", "did not find expected key", "quote a value with quotes inside"),
        ("a: 1\n---\nb: 2", "2:1", "a second YAML document", "remove the `---`"),
        ("a: &x [*x]", "1:8", "alias `*x` names no finished anchor", "define `&x`"),
        ("a:\n  - *nope", "2:5", "alias `*nope`", "define `&nope`"),
        ("a: !!python/object:os.system {}", "1:4", "tag `!!python/object:os.system`", "plain data"),
        ("a: !mine 1", "1:4", "tag `!mine`", "plain data"),
        ("a: !!int '1'", "1:4", "tag `!!int`", "plain data"),
        ("b: 1\n<<: {a: 1}", "2:1", "merge keys", "write the keys out"),
        ("a: 1\nb: 2\na: 3", "3:1", "duplicate key `a`", "first set at 1:1"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "1:24", "duplicate key `c`", "first set at 1:16"),
        ("[a]: 1", "1:1", "a key must be text", "quote the key"),
        ("? {a: 1}\n: 2", "1:3", "a key must be text", "quote the key"),
        ("a: 1e999", "1:4", "number `1e999` is too large", "quote it"),
        ('{"a": 1e999}', "1:7", "number `1e999` is too large", "quote it"),
        ('{"a": "\\ud83d"}', "1:7", "half of a surrogate pair", "both"),
        ('a: "\\ud83d"', "1:7", "invalid Unicode character", "eight digits"),
        ('é: "日"\nb: "\x1b[2J"', "2:5", "character U+001B", "escape"),
        ("a: x\x85y\x7f", "1:7", "character U+007F", "remove it"),
        ("é: ü\n".encode() + b"a: \xff", "2:4", "byte 0xFF is not UTF-8", "save the file as UTF-8"),
    ],
)
def test_problems_are_located_and_say_what_to_do(text: str | bytes, place: str, message: str, hint: str) -> None:
    problems = parsed(text).problems
    assert [f"{problem.line}:{problem.column}" for problem in problems] == [place]
    assert message in problems[0].message
    assert hint in problems[0].hint
    assert len(str(problems[0])) < 400


HUGE = {
    "lists": ("[" * 100_000, "1:61", "nested deeper than 60 levels"),
    "objects": ('{"a":' * 5_000, "1:301", "nested deeper than 60 levels"),
    "yaml-lists": ("a: " + "[x, " * 5_000, "1:240", "nested deeper than 60 levels"),
    "bomb": (bomb(), "6:15", "more than 200,000 values"),
    "ladder": (alias_ladder(), "60:12", "aliases nest deeper than 60 levels"),
    "long-alias": (f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 500)}]", "2:797", "more text than is sensible"),
    "values": ("[" + "1," * 200_001 + "1]", "1:400000", "more than 200,000 values"),
    "digits": (f"a: {'9' * 5000}", "1:4", "is too large"),
}


@pytest.mark.parametrize("case", HUGE)
def test_what_would_exhaust_memory_or_the_stack_is_a_problem(case: str) -> None:
    text, place, message = HUGE[case]
    (problem,) = parsed(text).problems
    assert f"{problem.line}:{problem.column}" == place
    assert message in problem.message
    assert problem.hint
    assert len(str(problem)) < 300


def test_utf_16_is_a_problem_of_the_whole_file() -> None:
    (problem,) = parsed("a: 1".encode("utf-16")).problems
    assert (problem.line, problem.column) == (0, 0)
    assert "the file is UTF-16" in problem.message


@pytest.mark.parametrize("content", [b"", b"# a comment\n", b"\xef\xbb\xbf", b"---\n...\n"])
def test_an_empty_file_is_null(content: bytes) -> None:
    assert value(content) is None


def test_a_byte_order_mark_is_skipped() -> None:
    assert value(b"\xef\xbb\xbfa: 1") == {"a": 1}


def test_all_duplicates_are_reported_and_the_first_value_is_kept() -> None:
    tree = parsed("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3")
    assert [problem.line for problem in tree.problems] == [2, 3, 4]
    assert tree.root is not None
    assert plain_data(tree.root) == {"a": 1, "b": {"c": 1}}


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    cases = {
        tmp_path / "none.yaml": "there is no such file",
        tmp_path: "this is a folder",
        tmp_path / "x\x00y.yaml": "cannot be read",
        tmp_path / "guide.md": "a .md file is a document",
    }
    (tmp_path / "guide.md").write_text("# Guide\n")
    for path, message in cases.items():
        (problem,) = read_tree(path).problems
        assert problem.file == str(path)
        assert message in problem.message


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (problem,) = read_tree(tmp_path / "pipe.yaml").problems
    assert "a pipe that nothing is written to" in problem.message


@pytest.mark.parametrize("pause", [0, 0.1])
def test_a_pipe_with_a_writer_is_read_to_its_end(pause: float, tmp_path: Path) -> None:
    script = f"sleep {pause}; echo 'a: 1'; sleep {pause}; echo 'b: 2'"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        tree = read_tree(Path(f"/dev/fd/{writer.stdout.fileno()}"))
    assert tree.problems == ()
    assert tree.root is not None
    assert plain_data(tree.root) == {"a": 1, "b": 2}


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    (problem,) = read_tree(path).problems
    assert "larger than 5 MB" in problem.message


def test_a_large_json_file_is_read_whole() -> None:
    documents = [{"id": f"d{number}", "data": {"text": "word " * 50 + "é😀"}} for number in range(15_000)]
    assert value(json.dumps(documents)) == documents


SAMPLE = b"""\
sets:
  a: &x
    documents: ["one", {id: "d", title: 'T', text: "caf\\u00e9"}]
    files: ["*.md", ${HOME:-x}]
    split: {max_words: 20}
  b: *x
  c:
    - |
      text
    - !!str 12
"""


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with a few bytes removed, repeated or replaced."""
    data = bytearray(SAMPLE)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data) - 1))
        length = draw(st.integers(0, 12))
        data[at : at + length] = draw(
            st.sampled_from([b"", b"- ", b"{", b"]", b"\t", b'"', b"&x ", b"*x", b"\xff", b"\n"])
        )
        data = data or bytearray(b" ")
    return bytes(data)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(mutated(), st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes_give_a_tree_or_problems(data: bytes) -> None:
    tree = parse_tree(FILE, data)
    assert tree.root is not None or tree.problems
    lines = data.count(b"\n") + data.count(b"\r") + 1
    assert all(0 <= problem.line <= lines and problem.message for problem in tree.problems)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=6), children, max_size=4),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(json_values, max_size=4), st.sampled_from([None, 1]), st.booleans())
def test_any_json_survives(data: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    tree = parsed(text)
    if tree.problems:  # raw control characters are refused, in JSON too
        assert not ascii_only
        assert "is not allowed in a text file" in tree.problems[0].message
    else:
        assert tree.root is not None
        assert plain_data(tree.root) == data
