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
        ("images", "![an *old* map](m.png) ![](n.png)", ["an old map (m.png) image (n.png)"]),
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


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("3. a\n7. b\n9. c", ["3. a", "7. b", "9. c"]),
        ("3) a\n7) b", ["3) a", "7) b"]),
        ("9. a\n\n7. b\n\n100. c", ["  9. a", "", "  7. b", "", "100. c"]),
        ("1986. a\n2001. b", ["1986. a", "2001. b"]),
        ("01. a\n02. b\n10. c", ["01. a", "02. b", "10. c"]),
        ("2. a\n2. b", ["2. a", "2. b"]),
        ("1. a\n3. b\n2. c", ["1. a", "3. b", "2. c"]),
        ("- x\n\n  4. a\n  6. b", ["• x", "", "  4. a", "  6. b"]),
        ("> 5. a\n> 8. b", ["│ 5. a", "│ 8. b"]),
        (
            "8. a\n   - b\n\n     6. c\n     9. d\n11. e",
            [" 8. a", "    • b", "    ", "      6. c", "      9. d", "11. e"],
        ),
        ("4. a\n\ntext\n\n6. b", ["4. a", "", "text", "", "6. b"]),
        ("1. a\n1. b\n1. c", ["1. a", "2. b", "3. c"]),  # nobody means it: whoever writes so wants them counted
        ("0. a\n0. b", ["0. a", "1. b"]),
        ("1. a\n1. b\n5. c", ["1. a", "2. b", "5. c"]),
    ],
)
def test_the_numbers_of_a_list_are_those_that_were_written(source: str, numbers: list[str]) -> None:
    assert [line.rstrip() for line in shown(source)] == [line.rstrip() for line in numbers]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("$$x_{a}$$", ["$$x_{a}$$"]),
        ("so $a_1 * b_2$ and *c*", ["so $a_1 * b_2$ and c"]),
        ("$a*b*c$ $x_i^*$ $y_j^*$ $\\{x\\}$", ["$a*b*c$ $x_i^*$ $y_j^*$ $\\{x\\}$"]),
        ("\\(x_1 * y_1 * z\\), \\[a_{1}*b_{2}*c \\\\[2pt]\\]", ["\\(x_1 * y_1 * z\\), \\[a_{1}*b_{2}*c \\\\[2pt]\\]"]),
        ("**$x_1*y_1*z$** $[a](b)$ $a<b>$ $&amp;$", ["$x_1*y_1*z$ $[a](b)$ $a<b>$ $&amp;$"]),
        ("# On $a_1*b_1*c$", ["On $a_1*b_1*c$"]),
        ("| $a_1*b_1*c$ |\n|--|\n| \\(x_1*y_1*z\\) |", ["$a_1*b_1*c$", "─" * 13, "\\(x_1*y_1*z\\)"]),
        ("- \\(a_1*b*c\\)", ["• \\(a_1*b*c\\)"]),
        ("$$\na &= b \\\\\n- c_{1} *d*\n+ e\n= f\n> g\n# h\n1. i\n---\n$$\nso *x*",
         ["$$", "a &= b \\\\", "- c_{1} *d*", "+ e", "= f", "> g", "# h", "1. i", "---", "$$", "so x"]),
        ("so\n\\[\n- x_1\n\\]\nthen", ["so", "\\[", "- x_1", "\\]", "then"]),
        ("$$x = 1\n- y_1*z_1*a$$", ["$$x = 1", "- y_1*z_1*a$$"]),
        ("> $$\n> - x_1\n> $$\n\n1. \\[\n   + a_1\n   \\]\n2. b",
         ["│ $$", "│ - x_1", "│ $$", "", "1. \\[", "   + a_1", "   \\]", "2. b"]),
        ("\\begin{align}\na_{1} &= b*c*d \\\\\n- e\n\\end{align}\nso",
         ["\\begin{align}", "a_{1} &= b*c*d \\\\", "- e", "\\end{align}", "so"]),
        ("in \\begin{cases}a*b*c \\\\ d\\end{cases} *x*", ["in \\begin{cases}a*b*c \\\\ d\\end{cases} x"]),
        ("\\begin{x} *a*\n- b\n\n- c", ["\\begin{x} a - b", "", "• c"]),
        ("$$\n- a\n\n- b", ["$$ - a", "", "• b"]),  # a blank line is in no maths, so this was none
    ],
)  # fmt: skip
def test_maths_is_left_as_it_is_written(source: str, lines: list[str]) -> None:
    assert shown(source, 60) == lines


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("costs $5 and *not* $10", "costs $5 and not $10"),
        ("from **$5** to **10$** now", "from $5 to 10$ now"),
        ("US$5 *x* CA$", "US$5 x CA$"),
        ("$HOME/*bin*:$PATH", "$HOME/bin:$PATH"),
        ("ranges from $$ to $$$, *mostly* $$", "ranges from $$ to $$$, mostly $$"),
        ("`$a` *b* `$c`", "$a b $c"),
        ("\\$5 *and* \\$6", "$5 and $6"),
        ("\\[*x*", "[x"),
    ],
)
def test_money_and_variables_are_no_maths(source: str, text: str) -> None:
    assert shown(source, 60) == [text]


def test_prices_do_not_swallow_the_list_below_them() -> None:
    assert [line for line in shown("Price: $$\n- a\n- b\n\n$$ is much\n- c") if line] == [
        "Price: $$", "• a", "• b", "$$ is much", "• c",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("| a | b |\n|-|-|\n| x<br>y | z |\n| long text | </br>q |",
         ["a         │ b", "──────────┼──", "x         │ z", "y         │ ", "long text │ ", "          │ q"]),
        ("| a<br/>b |\n|-|\n| x <br /> y |", ["a", "b", "─", "x", "y"]),
        ("one<br>two <br/>\nthree", ["one", "two", "three"]),
        ("# a<br>b", ["a", "b"]),
        ("- a<br>b", ["• a", "  b"]),
        ("**a<br>b**", ["a", "b"]),
        ("`<br>` <brx> <b>", ["<br> <brx> <b>"]),
    ],
)  # fmt: skip
def test_a_break_of_html_breaks_the_line(source: str, lines: list[str]) -> None:
    assert shown(source) == lines


@pytest.mark.parametrize(
    "text",
    [
        "__init__.py", "see __main__ and __name__ == '__main__'", "obj.__dict__ and foo.__bar__()", "__call__()",
        "__pycache__/", "__VA_ARGS__ and __FILE__:__LINE__", "_x_.py", "snake_case_name",
        "2*3*4", "2*3", "a*b*c", "width*height*depth", "x_1*y_2*z_3", "3*x*y + 2*z", "f(x)*g(x)*h(x)", "(a)*(b)*(c)",
        "a[i]*b[j]*c[k]", "x**2 + y**2", "2**3**4", "a**b**c", "(a+b)**2 + (c+d)**2", "(a)**(b) + (c)**(d)",
        "2*(3+4)*5", "*args and **kwargs", "count(*) and sum(*)", "SELECT *, b.*, c.*", "file_*.py and test_*.py",
        "src/**/*.ts and **/*.py", "/api/*/users/*/x", ".*foo.* and ^.*bar.*$", "*/5 * * * *", "char *a, *b;", "п*р*т",
        "http://a.b/Foo_(bar)_baz_(qux)", "https://a.b/_x_/_y_z", "__tests__/a.js and __mocks__", "/lib/_foo_/bar",
    ],
)  # fmt: skip
def test_stars_and_underscores_that_are_no_emphasis_are_kept(text: str) -> None:
    assert shown(text, 60) == [text]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("**bold** and *word*, __bold__ and _word_.", "bold and word, bold and word."),
        ("***both*** **a *b* c** *a **b** c* _*x*_", "both a b c a b c x"),
        ("**R**etrieval in**cred**ible e**X**tensible **1**st", "Retrieval incredible eXtensible 1st"),
        ("*Haupt*bahnhof **Windows**10 **H**2O", "Hauptbahnhof Windows10 H2O"),
        ("这是**重点**内容*强调*文字", "这是重点内容强调文字"),
        ('(*x*) "*y*" **x**, *y*. and/**or** a—*b*—c', '(x) "y" x, y. and/or a—b—c'),
        ("**.env** **/etc/hosts** **“q”** *(p)* **$5** **5**", ".env /etc/hosts “q” (p) $5 5"),
        ("**Area = a*b*c** *2*3 is 6* **y = x**2**", "Area = a*b*c 2*3 is 6 y = x**2"),
        ("_http://a.b/c_ and __see http://a.b__ now", "http://a.b/c and see http://a.b now"),
        ("__Note__: x, __two words__, __Wichtig__.", "Note: x, two words, Wichtig."),
    ],
)
def test_real_emphasis_stays(source: str, text: str) -> None:
    lines = render(source, 80)
    assert [line.text for line in lines] == [text]
    assert any(styles for line in lines for run in line.runs for styles in [run.styles])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("![a map](m.png)", "a map (m.png)"),
        ("![](http://a.b/c.png)", "image (http://a.b/c.png)"),
        ("![m.png](m.png)", "m.png"),
        ('![a](m.png "title") b', "a (m.png) b"),
        ("[![a](m.png)](http://x.y)", "a (m.png) (http://x.y)"),
        ("![a *b* $c_1*d*e$](m.png)", "a b $c_1*d*e$ (m.png)"),
        ("![a](data:image/png;base64,iVBORw0KGgo=)", "a (data:image/png;base64,…)"),
        ("![a](javascript:b)", "![a](javascript:b)"),
    ],
)
def test_an_image_is_what_it_shows_and_its_address(source: str, text: str) -> None:
    assert shown(source, 60) == [text]


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


def test_the_last_line_of_a_diff_has_its_colour_as_the_others() -> None:
    lines = render("```diff\n-a\n-b\n+c\n+d\n```\n\n```diff\n+c\n-d\n```", 60)
    assert styled(lines, "code-deleted") == "-a|-b|-d"
    assert styled(lines, "code-inserted") == "+c|+d|+c"


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
