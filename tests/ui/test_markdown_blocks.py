"""Where blocks begin and end: the corners of CommonMark, and tables."""

from __future__ import annotations

import pytest

from workbench.ui.markdown.block_parser import DEEP, LONG_LINE, LONG_ROW
from workbench.ui.markdown.document import Document, render


@pytest.mark.parametrize(
    ("name", "source", "lines"),
    [
        ("a lazy line goes on with a quote", "> a\nb\n\nc", ["│ a b", "", "c"]),
        ("a lazy line goes on with an item", "- a\nb\n- c", ["• a b", "• c"]),
        ("no lazy line in code", "> ```\n> a\nb", ["│   a", "", "b"]),
        ("a rule ends a lazy quote", "> a\n---", ["│ a", "", "─" * 20]),
        ("a rule is no item", "- a\n- - -\n- b", ["• a", "", "─" * 20, "", "• b"]),
        ("an underline wins over a rule", "a\n---\nb", ["a", "", "b"]),
        ("an item may interrupt a paragraph", "a\n- b", ["a", "", "• b"]),
        ("an empty item may not", "a\n*\nb", ["a * b"]),
        ("a number other than one may not", "a\n2. b", ["a 2. b"]),
        ("in a list it may", "1. a\n7. b", ["1. a", "7. b"]),
        ("another bullet begins another list", "- a\n+ b", ["• a", "", "• b"]),
        ("another number mark too", "1. a\n2) b", ["1. a", "", "2) b"]),
        ("a blank line between items", "- a\n- b\n\n- c", ["• a", "", "• b", "", "• c"]),
        ("a blank line within an inner list", "- a\n  - b\n\n  - c\n- d", ["• a", "  ◦ b", "", "  ◦ c", "• d"]),
        ("a blank line within code", "- ```\n  a\n\n  b\n  ```\n- c", ["•   a", "    ", "    b", "• c"]),
        ("a blank line in a quote", "- > a\n  >\n- b", ["• │ a", "• b"]),
        ("an item that begins with a blank line", "-\n  a\n- b", ["• a", "• b"]),
        ("but with one only", "-\n\n  a", ["• ", "", "a"]),
        ("code begins an item", "-     a\n      b", ["•   a", "    b"]),
        ("a list after a list", "- a\n\n\ntext\n\n- b", ["• a", "", "text", "", "• b"]),
        ("code waits for no paragraph", "a\n    b\n\n    c", ["a b", "", "  c"]),
        ("blank lines end with code", "    a\n\n    b\n\n\nc", ["  a", "  ", "  b", "", "c"]),
        ("tabs make columns", "-\ta\n\n\tb\n>\tc", ["• a", "", "  b", "", "│ c"]),
        ("a fence needs as long a fence", "````\n```\na\n````\nb", ["  ```", "  a", "", "b"]),
        ("a backtick in the info is no fence", "``` a`b\nc", ["``` a`b c"]),
        ("a fence ends with its quote", "> ~~~\n> a\n\nb", ["│   a", "", "b"]),
        ("an indented fence", "  ```\n   a\n  b\n  ```", ["   a", "  b"]),
        ("seven marks are no heading", "####### a", ["####### a"]),
        ("a heading needs a blank", "#a\n# b #\n#", ["#a", "", "b", "", ""]),
        ("a table after a paragraph", "x\na | b\n--|--\n1 | 2", ["x", "", "a │ b", "──┼──", "1 │ 2"]),
        ("a table needs as many columns", "a | b\n--|--|--", ["a | b --|--|--"]),
        ("a table ends at a block", "|a|\n|-|\n|1|\n> q", ["a", "─", "1", "", "│ q"]),
        ("rows may be short or long", "|a|b|\n|-|-|\n|1|\n|1|2|3|", ["a │ b", "──┼──", "1 │ ", "1 │ 2"]),
        ("a table of one column", "|a|\n---\n|b|", ["a", "─", "b"]),
    ],
)
def test_blocks(name: str, source: str, lines: list[str]) -> None:
    assert [line.text for line in render(source, 20)] == lines, name


def test_a_number_that_grows_moves_the_others_at_once() -> None:
    answer = Document(20)
    answer.append("".join(f"{number}. a\n" for number in range(8, 10)) + "10")
    answer.refresh()
    assert [line.text for line in answer.lines] == ["8. a", "9. a 10"]
    answer.append(". b")
    assert answer.refresh() == 0
    assert [line.text for line in answer.lines] == [" 8. a", " 9. a", "10. b"]


def test_what_only_looked_like_an_item_is_taken_back() -> None:
    answer = Document(20)
    answer.append("* a\n\n* ")
    answer.refresh()
    assert [line.text for line in answer.lines] == ["• a", "", "• "]
    answer.append("* *\n")
    answer.refresh()
    assert [line.text for line in answer.lines] == ["• a", "", "─" * 20]


def test_a_line_too_long_for_one_goes_on_below() -> None:
    text = "word " * 1_000
    *lines, note, last = [line.text for line in render(f"- {text}\n- b", 110)]
    assert "".join(lines).replace(" ", "") == "•" + "word" * 1_000
    assert all(line.startswith("  word") for line in lines[1:])
    assert (note, last) == (LONG_LINE, "• b")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("word " * 1_000, [LONG_LINE]),
        ("a\n" * 3_000, []),
        (f"{'word ' * 1_000}\n\n" * 3, [LONG_LINE]),
        (f"{'word ' * 1_000}\n\nshort\n\n" * 2, [LONG_LINE, LONG_LINE]),
        (f"```\n{'x' * 9_000}\n```", []),
        (f"|a|b|\n|-|-|\n|1|2|\n|{'x ' * 1_000}|2|\n", [LONG_ROW]),
        (f"|a|{'b' * 2_000}|\n|-|-|\n|1|2|\n", [LONG_ROW]),
        ("> " * 33 + "deep", [DEEP]),
        ("- " * 33 + "deep", [DEEP]),
        ("> " * 32 + "deep", []),
        ("".join(f"{'> ' * n}level\n\n" for n in range(30, 40)), [DEEP]),
    ],
)
def test_a_bound_that_changes_what_is_seen_is_said_once_where_it_does(source: str, expected: list[str]) -> None:
    lines = [line.text for line in render(source, 110)]
    assert [line for line in lines if line.startswith("…")] == expected
    pieces = Document(110)
    for start in range(0, len(source), 701):
        pieces.append(source[start : start + 701])
        pieces.update()
    pieces.finish()
    pieces.update()
    assert [line.text for line in pieces.lines] == lines
