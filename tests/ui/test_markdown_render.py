"""Markdown to lines: each construct as the text that stands on the screen."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from workbench.ui.markdown.document import render
from workbench.ui.markdown.highlighting import LANGUAGES
from workbench.ui.markdown.line import RenderedLine

TABLE = "| Name | Hours | Room |\n|:--|--:|:-:|\n| Library | 9 | a |\n| Old museum | 10 | **b** |\n"


def shown(source: str, width: int = 40) -> list[str]:
    lines = render(source, width)
    assert all(cell_len(line.text) <= width for line in lines)
    return [line.text for line in lines]


def styled(lines: list[RenderedLine], style: str) -> str:
    return "|".join(run.text for line in lines for run in line.runs if style in run.styles)


@pytest.mark.parametrize(
    ("name", "source", "lines"),
    [
        ("nothing", "", []),
        ("blank", " \n\n", []),
        ("paragraphs", "one\ntwo\n\nthree", ["one two", "", "three"]),
        ("hard breaks", "a  \nb\\\nc", ["a", "b", "c"]),
        ("headings", "# A *b*\nSub\n---\ntext", ["A b", "", "Sub", "", "text"]),
        ("closed heading", "## a # b ##", ["a # b"]),
        ("inline", "**b** *i* ~~s~~ `c  d` \\* &amp;", ["b i s c  d * &"]),
        ("code span with a backtick", "`` `x` ``", ["`x`"]),
        ("link with its address", "[docs](http://a.b/c)", ["docs (http://a.b/c)"]),
        ("link that is its address", "<http://a.b> [http://c.d](http://c.d)", ["http://a.b http://c.d"]),
        ("a dangerous link is text", "[x](javascript:alert)", ["[x](javascript:alert)"]),
        ("images", "![an *old* map](m.png) ![](n.png)", ["an old map image"]),
        ("tight list", "- a\n- b\n  - c\n    - d\n", ["• a", "• b", "  ◦ c", "    ▪ d"]),
        ("loose list", "- a\n\n- b\n", ["• a", "", "• b"]),
        ("ordered from a number", "9. a\n10. b\n", [" 9. a", "10. b"]),
        ("bullets in an ordered list", "1. a\n   - b\n", ["1. a", "   • b"]),
        ("ordered with brackets", "3) a", ["3) a"]),
        ("item with two paragraphs", "- a\n\n  b\n", ["• a", "", "  b"]),
        ("item with code", "1. a\n   ```\n   x\n   ```\n", ["1. a", "     x"]),
        ("empty items", "-\n- b\n", ["• ", "• b"]),
        ("quote", "> a\n> > b\n>\n> - c", ["│ a", "│", "│ │ b", "│", "│ • c"]),
        ("fence", "```py\nif x:\n\treturn\n\n```\n", ["  if x:", "      return", "  "]),
        ("open fence", "~~~\na", ["  a"]),
        ("indented code", "    a\n      b\n", ["  a", "    b"]),
        ("unknown language", "```nonsense\n<a>\n```", ["  <a>"]),
        ("rule", "***", ["─" * 40]),
        ("HTML is text", "<thinking>Vec<int></thinking> <b>x</b>", ["<thinking>Vec<int></thinking> <b>x</b>"]),
        ("an HTML block is text", "<div>\nx\n</div>", ["<div> x </div>"]),
        ("link definitions are text", "[a]\n\n[a]: http://x.y", ["[a]", "", "[a]: http://x.y"]),
        ("bare addresses are text", "see http://a.b", ["see http://a.b"]),
        ("unclosed markup", "**a `b [c](d", ["**a `b [c](d"]),
        ("markup of the screen is text", "[bold]x[/] [@click=app.quit]y[/]", ["[bold]x[/] [@click=app.quit]y[/]"]),
        ("CRLF", "a\r\nb\r\n\r\n- c\r\n- d\r\n", ["a b", "", "• c", "• d"]),
        ("control characters", "a\x1b[31m \u202eb", ["a␛[31m ·b"]),
        ("control characters as entities", "&#8238;&#27;&#10;x", ["·�␤x"]),
        ("a tab is a blank", "a\tb", ["a b"]),
    ],
)
def test_constructs(name: str, source: str, lines: list[str]) -> None:
    assert shown(source) == lines, name


@pytest.mark.parametrize(
    ("name", "source", "width", "lines"),
    [
        ("words", "one two three", 8, ["one two", "three"]),
        ("a long word", "a " + "x" * 12, 8, ["a", "x" * 8, "xxxx"]),
        ("wide characters", "日本語です。次", 8, ["日本語で", "す。次"]),
        ("no closing mark begins a line", "日本語で。次", 8, ["日本語", "で。次"]),
        ("mixed widths", "ab日本", 5, ["ab日", "本"]),
        ("a combined emoji is not cut", "👩\u200d👩\u200d👧" * 3, 4, ["👩\u200d👩\u200d👧" * 2, "👩\u200d👩\u200d👧"]),
        ("combining marks", "e\u0301" * 6, 4, ["e\u0301" * 4, "e\u0301" * 2]),
        ("hanging indent", "10. one two three", 12, ["10. one two", "    three"]),
        ("quote", "> one two three", 9, ["│ one two", "│ three"]),
        ("code is folded, not wrapped", "```\nab cd ef gh ij kl\n```", 14, ["  ab cd ef gh ", "  ij kl"]),
    ],
)
def test_wrapping(name: str, source: str, width: int, lines: list[str]) -> None:
    assert shown(source, width) == lines, name


def test_a_table_is_aligned() -> None:
    assert shown(TABLE) == [
        "Name       │ Hours │ Room",
        "───────────┼───────┼─────",
        "Library    │     9 │  a",
        "Old museum │    10 │  b",
    ]


def test_a_wide_table_shrinks_its_widest_columns_and_wraps_cells() -> None:
    assert shown("| a | b |\n|---|---|\n| one two three | x \\| y |\n", 18) == [
        "a          │ b",
        "───────────┼──────",
        "one two    │ x | y",
        "three      │ ",
    ]


def test_a_table_too_narrow_for_columns_becomes_records() -> None:
    assert shown(TABLE, 14) == [
        "Name: Library",
        "Hours: 9",
        "Room: a",
        "",
        "Name: Old",
        "museum",
        "Hours: 10",
        "Room: b",
    ]


def test_styles() -> None:
    lines = render("# H\n\n**b *i*** `c` ~~s~~ [l](http://a.b)\n\n```python\nreturn 'x'  # c\n```\n", 60)
    assert styled(lines, "heading-1") == "H"
    assert styled(lines, "strong") == "b |i"
    assert styled(lines, "emphasis") == "i"
    assert styled(lines, "code") == "c"
    assert styled(lines, "strike") == "s"
    assert styled(lines, "link") == "l"
    assert styled(lines, "url") == " (http://a.b)"
    assert styled(lines, "code-keyword") == "return"
    assert styled(lines, "code-comment") == "# c"
    assert [line.fill for line in lines if line.fill] == ["code-block"]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_that_is_known_can_be_coloured(language: str) -> None:
    assert [line.text.strip() for line in render(f"```{language}\nx = 1\n```", 40)] == ["x = 1"]


def test_emphasis_within_emphasis_looks_like_emphasis() -> None:
    lines = render("*a " * 300 + "b*" * 300 + " c", 40)
    assert {run.styles for line in lines for run in line.runs} == {("emphasis",), ()}


def test_long_code_is_not_coloured() -> None:
    lines = render("```python\n" + "return 1\n" * 3000 + "```", 40)
    assert len(lines) == 3000
    assert styled(lines, "code-keyword") == ""


def test_lists_ten_deep_and_quotes_twenty_deep_are_kept() -> None:
    source = "".join("  " * depth + f"- level{depth}\n" for depth in range(10))
    assert [line.split()[-1] for line in shown(source, 60)] == [f"level{depth}" for depth in range(10)]
    assert "deepest" in shown("> " * 20 + "deepest", 80)[-1]


@pytest.mark.parametrize("source", [">" * 5000 + " x", "".join("  " * n + "- x\n" for n in range(120)) + "end"])
def test_what_is_nested_too_deep_is_shown_as_it_is(source: str) -> None:
    text = "".join(run.text for line in render(source, 40) for run in line.runs if run.styles != ("notice-info",))
    assert text.count("x") == source.count("x")


@pytest.mark.parametrize(
    "source",
    [
        "lorem ipsum " * 90_000,
        "x" * 1_000_000,
        "".join(f"- item **{n}**\n" for n in range(1000)),
        "|a|b|\n|-|-|\n" + "|1|2|\n" * 500,
        "[" * 3000,
        "*a " * 3000,
        "`a " * 3000,
        "|" * 500 + "\n" + "|-" * 499 + "|",
    ],
    ids=["paragraph", "word", "list", "table", "brackets", "stars", "backticks", "pipes"],
)
def test_large_input_renders(source: str) -> None:
    assert shown(source, 60)


@pytest.mark.parametrize("width", [2, 3, 5, 9, 14])
def test_nothing_is_wider_than_the_pane(width: int) -> None:
    source = "# Heading\n\n> - > quoted list\n\n```\ncode code\n```\n\n" + TABLE + "\n---\n\n1. 日本語\n"
    assert shown(source, width)


@pytest.mark.parametrize("info", ["c", "console"])
def test_code_that_takes_its_lexer_too_long_is_plain_and_whole(info: str) -> None:
    lines = render(f"```{info}\n{chr(10) * 18_000}return 1\n```", 40)
    assert len(lines) == 18_001
    assert lines[-1].text.strip() == "return 1"
    assert {run.styles for line in lines for run in line.runs} == {("code-block",)}
