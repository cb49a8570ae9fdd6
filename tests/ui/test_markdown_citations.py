"""Cited spans, given as offsets into the Markdown source, are marked in what is rendered of it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.ui.markdown.document import Document, render
from workbench.ui.markdown.line import Mark, RenderedLine

TABLE = "| Day | Opens |\n|---|---|\n| Monday | **9** \\| 10 |\n| Sunday | never |\n"


def cited_text(lines: Iterable[RenderedLine], index: int) -> str:
    """The rendered text of citation `index`, markers left out; lines are joined by newlines."""
    found = ("".join(run.text for run in line.runs if index in run.marks and not run.is_marker) for line in lines)
    return "\n".join(text for text in found if text)


def mark(source: str, span: str, *numbers: int, index: int = 0) -> Mark:
    start = source.index(span)
    return Mark(index, start, start + len(span), numbers or (1,))


def text_of(lines: list[RenderedLine]) -> str:
    return "\n".join(line.text for line in lines)


@pytest.mark.parametrize(
    ("name", "source", "span", "cited", "around"),
    [
        ("plain", "It opens at nine.", "opens at nine", "opens at nine", "nine[1]."),
        ("with its full stop", "It opens at nine. Yes.", "opens at nine.", "opens at nine.", "nine.[1] Yes"),
        ("with a blank at its end", "It opens at nine.", "opens ", "opens", "opens[1] at"),
        ("the first character", "It opens", "I", "I", "I[1]t"),
        ("bold", "It **opens at** nine", "opens at", "opens at", "at[1] nine"),
        ("with its markup", "It **opens at** nine", "**opens at**", "opens at", "at[1] nine"),
        ("from bold to italic", "a **b c** d *e f*", "c** d *e", "c d e", "e[1] f"),
        ("half a word", "a un**believ**able", "un**bel", "unbel", "bel[1]iev"),
        ("strike", "a ~~b~~ c", "~~b~~", "b", "b[1] c"),
        ("literal stars before", "2 * 3 * 4 is 24", "4 is", "4 is", "is[1] 24"),
        ("the same word in markup", "[at](http://at.at) at home", " at home", "at home", "home[1]"),
        ("code span", "use `x y` now", "x y", "x y", "y[1] now"),
        ("code span with a backtick", "use `` a`b `` now", "a`b", "a`b", "b[1] now"),
        ("link text", "see [the guide](http://a.b) now", "the guide", "the guide", "guide[1] (http://a.b)"),
        ("whole link", "see [it](http://a.b) now", "[it](http://a.b)", "it (http://a.b)", "(http://a.b)[1] now"),
        ("autolink", "see <http://a.b> now", "<http://a.b>", "http://a.b", "a.b[1] now"),
        ("image", "see ![the *old* map](m) now", "![the *old* map](m)", "the old map (m)", "(m)[1] now"),
        ("image's words", "see ![the *old* map](m) now", "the *old* map", "the old map", "map[1] (m) now"),
        ("maths", "so $a_1*b*c$ is", "$a_1*b*c$", "$a_1*b*c$", "c$[1] is"),
        ("part of maths", "so \\(a_1*b*c\\) is", "b*c", "b*c", "b*c[1]\\) is"),
        ("lines of maths", "so\n$$\n- a_1\n+ b\n$$\nis", "- a_1\n+ b", "- a_1\n+ b", "+ b[1]\n$$"),
        ("behind a break", "a<br> *b* c", "*b*", "b", "b[1] c"),
        ("behind a name", "__init__.py **is** c", "**is**", "is", "is[1] c"),
        ("in a product", "2*3*4 is **c**", "3*4", "3*4", "4[1] is c"),
        ("escape", "a \\*b\\* c", "\\*b\\*", "*b*", "*b*[1] c"),
        ("entity", "a &lt;b&gt; c", "&lt;b&gt;", "<b>", "<b>[1] c"),
        ("heading", "## The *hours* ##\n\nx", "The *hours*", "The hours", "hours[1]\n"),
        ("underlined heading", "The\nhours\n===", "hours", "hours", "The hours[1]"),
        ("across a soft break", "it opens\nat nine", "opens\nat", "opens at", "at[1] nine"),
        ("across a hard break", "it opens  \nat nine", "opens  \nat", "opens\nat", "at[1] nine"),
        ("list item", "- one\n- two\n", "two", "two", "• two[1]"),
        ("list items with their bullets", "- one\n- two\n- three", "one\n- two", "one\ntwo", "two[1]\n"),
        ("nested lists", "1. a\n   - b\n     - c d\n", "a\n   - b\n     - c", "a\nb\nc", "c[1] d"),
        ("quote", "> a b\n> c d\n", "b\n> c", "b c", "c[1] d"),
        ("lazy quote", "> a b\nc d\n", "b\nc", "b c", "c[1] d"),
        ("list in a quote", "> - a\n> - b c\n", "b", "b", "│ • b[1] c"),
        ("across paragraphs", "a b\n\nc d\n\ne", "b\n\nc d", "b\nc d", "d[1]\n\ne"),
        ("from a heading into a list", "# A b\n- c\n- d", "b\n- c", "b\nc", "c[1]\n"),
        ("fence", "```\nx = 1\ny = 2\n```", "x = 1\ny", "x = 1\ny", "y[1] = 2"),
        ("highlighted fence", "```python\ndef f(): pass\n```", "def f", "def f", "def f[1](): pass"),
        ("fence with tabs", "```\n\tx\ty\n```", "x\ty", "x   y", "y[1]"),
        ("fence in a list", "- a\n  ```\n  x y\n  ```", "x", "x", "x[1] y"),
        ("indented code", "    x\n      y z\n", "y", "y", "y[1] z"),
        ("tab-indented code in a list", "-\ta\n\n\t\tx y\n", "x", "x", "x[1] y"),
        ("cell", TABLE, "Monday", "Monday", "Monday[1] │"),
        ("head of a table", TABLE, "Opens", "Opens", "Opens[1]"),
        ("bold in a cell", TABLE, "**9**", "9", "9[1] | 10"),
        ("after an escaped pipe", TABLE, "10", "10", "9 | 10[1]"),
        ("across cells", TABLE, "Monday | **9**", "Monday9", "9[1] | 10"),
        ("across rows", TABLE, "10 |\n| Sun", "10\nSun", "Sun[1]day"),
        ("table in a quote", "> | a | b |\n> |---|---|\n> | b | a |\n", "b | a |", "ba", "│ a[1]"),
        ("table without outer pipes", "a | b\n---|---\na | c", "c", "c", "c[1]"),
        ("table in a list", "- | a | b |\n  |---|---|\n  | - | 1. |\n", "1.", "1.", "1.[1]"),
        ("markup only", "a **b** c", "**", "", "a[1] b"),
        ("markup between blocks", "a\n\n- b", "\n\n- ", "", "a[1]\n\n• b"),
        ("markup before everything", "# a", "# ", "", "[1]a"),
        ("only a rule before it", "---\n\n## a", "---\n\n## ", "", "[1]\n─"),
        (
            "wide and combined characters",
            "日本👩\u200d👩\u200d👧語 x",
            "👩\u200d👩\u200d👧語",
            "👩\u200d👩\u200d👧語",
            "語[1] x",
        ),
        ("CRLF", "a b\r\n- c\r\n- d e\r\n", "b\r\n- c\r\n- d", "b\nc\nd", "d[1] e"),
        ("control characters", "a\x1b[31m\u202eb c", "\u202eb", "·b", "·b[1] c"),
        ("HTML", "a <b>c</b> d", "<b>c</b>", "<b>c</b>", "</b>[1] d"),
        ("too deep to parse", ">" * 99 + " a b", "a", "a", "a[1] b"),
    ],
)
def test_spans(name: str, source: str, span: str, cited: str, around: str) -> None:
    lines = render(source, 120, [mark(source, span)])
    assert cited_text(lines, 0) == cited, name
    assert around in text_of(lines), name
    assert text_of(lines).count("[1]") == 1


@pytest.mark.parametrize("width", [8, 12, 20, 33, 80])
def test_a_span_is_the_same_at_every_width(width: int) -> None:
    source = "Intro. The **library** opens at [nine](http://a.b) and `closes` at ten, says the guide. End."
    lines = render(source, width, [mark(source, "library** opens at [nine](http://a.b) and `closes` at")])
    cited = "library opens at nine (http://a.b) and closes at"
    assert cited_text(lines, 0).replace("\n", "").replace(" ", "") == cited.replace(" ", "")
    assert text_of(lines).replace("\n", "").count("[1]") == 1


def test_numbers_stand_in_their_order() -> None:
    assert render("It opens.", 40, [Mark(0, 3, 8, (1, 3))])[0].text == "It opens[1][3]."


def test_a_citation_without_numbers_is_only_marked() -> None:
    lines = render("It opens.", 40, [Mark(0, 3, 8)])
    assert (text_of(lines), cited_text(lines, 0)) == ("It opens.", "opens")


def test_two_citations_of_one_span() -> None:
    lines = render("It opens.", 40, [Mark(0, 3, 8, (1,)), Mark(1, 3, 8, (2,))])
    assert text_of(lines) == "It opens[1][2]."
    assert cited_text(lines, 0) == cited_text(lines, 1) == "opens"


def test_one_number_is_shown_once_at_a_place_and_belongs_to_both_citations() -> None:
    lines = render("It opens.", 40, [Mark(0, 3, 8, (1,)), Mark(1, 0, 8, (1, 2))])
    assert text_of(lines) == "It opens[1][2]."
    assert [run.marks for run in lines[0].runs if run.is_marker] == [(0, 1), (1,)]


def test_spans_that_overlap_and_nest() -> None:
    source = "one two three four"
    lines = render(source, 60, [mark(source, "one two three"), mark(source, "two", 2, index=1)])
    lines += render(source, 60, [mark(source, "one two"), mark(source, "two three", 2, index=1)])
    assert text_of(lines) == "one two[2] three[1] four\none two[1] three[2] four"


def test_offsets_beyond_the_text_are_those_of_its_end() -> None:
    assert text_of(render("It opens.", 40, [Mark(0, 3, 99, (1,))])) == "It opens.[1]"
    assert text_of(render("It opens.", 40, [Mark(0, 50, 99, (1,))])) == "It opens.[1]"


def test_a_citation_without_any_text_shows_nothing() -> None:
    assert render("", 40, [Mark(0, 0, 5, (1,))]) == []


def test_numbers_in_the_answer_itself_are_no_markers() -> None:
    lines = render("see [1]", 40, [Mark(0, 0, 3, (1,))])
    assert text_of(lines) == "see[1] [1]"
    assert [run.text for run in lines[0].runs if run.is_marker] == ["[1]"]


def test_records_of_a_narrow_table_show_each_marker_once() -> None:
    lines = render(TABLE, 10, [mark(TABLE, "Day"), mark(TABLE, "never", 2, index=1)])
    assert text_of(lines).count("[1]") == 1
    assert text_of(lines).count("[2]") == 1


WORDS = st.lists(
    st.sampled_from(["a", "bc", "**d**", "*e*", "`f`", "~~g~~", "\\*", "é", "日"]), min_size=1, max_size=12
)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(WORDS, st.data())
def test_what_is_cited_is_what_the_span_alone_renders(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first + 1, len(words)))
    source, span = " ".join(words), " ".join(words[first:last])
    start = len(" ".join(words[:first])) + (first > 0)
    lines = render(source, 200, [Mark(0, start, start + len(span), (7,))])
    assert cited_text(lines, 0) == text_of(render(span, 200))
    before = text_of(render(" ".join(words[:last]), 200))
    assert text_of(lines).startswith(before + "[7]")


def test_a_citation_replaced_after_its_text_settled_leaves_nothing_behind() -> None:
    answer = Document(40)
    answer.append("one two\n\nthree")
    answer.mark(Mark(0, 4, 14, (1,)))
    answer.refresh()
    answer.append(" four\n\nfive")
    answer.refresh()
    answer.mark(Mark(0, 0, 3, (2,)))
    answer.refresh()
    assert text_of(answer.lines) == "one[2] two\n\nthree four\n\nfive"
    assert cited_text(answer.lines, 0) == "one"


CODE = "\n".join(f"line {number} = [{number}]" if number != 5 else "" for number in range(1, 9))
FENCE = f"Before.\n\n```\n{CODE}\n```\n\nAfter."


def barred(lines: Iterable[RenderedLine]) -> list[str]:
    """The lines that have the bar of a citation at their left, which is no character of theirs."""
    found = [line for line in lines if any("cited-bar" in run.styles for run in line.runs)]
    assert all(run.text == "  " and not run.marks for line in found for run in line.runs if "cited-bar" in run.styles)
    return [line.text.strip() for line in found]


def underlined(lines: Iterable[RenderedLine]) -> str:
    """What is underlined."""
    runs = (run for line in lines for run in line.runs)
    return "".join(run.text for run in runs if run.marks and not run.is_marker and "barred" not in run.styles)


def test_much_code_that_is_cited_as_a_whole_has_a_bar_beside_each_of_its_lines() -> None:
    lines = render(FENCE, 60, [mark(FENCE, CODE)])
    assert "\n".join(barred(lines)) == CODE + "[1]"
    assert underlined(lines) == ""
    assert cited_text(lines, 0) == CODE.replace("\n\n", "\n")


@pytest.mark.parametrize(
    "span",
    [CODE[1:], CODE[:-1], f"{CODE[: CODE.index('line 8')]}", "line 2 = [2]"],
    ids=["not its first character", "not its last one", "not its last line", "one line"],
)
def test_code_that_is_cited_in_part_is_underlined_there(span: str) -> None:
    lines = render(FENCE, 60, [mark(FENCE, span)])
    assert barred(lines) == []
    assert underlined(lines) == span.replace("\n", "")


def test_little_code_is_underlined() -> None:
    code = "\n".join(CODE.split("\n")[:6])
    source = f"```\n{code}\n```"
    lines = render(source, 60, [mark(source, code)])
    assert barred(lines) == []
    assert underlined(lines) == code.replace("\n", "")


def test_what_is_cited_apart_within_barred_code_is_underlined() -> None:
    lines = render(FENCE, 60, [mark(FENCE, CODE), mark(FENCE, "3 = [3]", 2, index=1)])
    assert len(barred(lines)) == 8
    assert underlined(lines) == cited_text(lines, 1) == "3 = [3]"


def test_a_citation_that_goes_on_behind_the_code_is_underlined_there() -> None:
    lines = render(FENCE, 60, [mark(FENCE, f"{CODE}\n```\n\nAfter")])
    assert len(barred(lines)) == 8
    assert underlined(lines) == "After"


def test_parts_of_one_long_block_look_the_same() -> None:
    code = "\n".join(f"line {number}" for number in range(83))
    source = f"```\n{code}\n```"
    lines = render(source, 60, [mark(source, code)])
    assert "\n".join(barred(lines)) == f"{code}[1]"
    assert underlined(lines) == ""


def test_where_there_is_no_room_for_a_bar_code_is_underlined() -> None:
    lines = render(FENCE, 6, [mark(FENCE, CODE)])
    assert barred(lines) == []
    assert underlined(lines).replace(" ", "") == CODE.replace("\n", "").replace(" ", "")
