"""What a selection takes along: the text as it is, without the lines that it was wrapped to and what is before them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.lines.passage import passage_lines
from workbench.ui.markdown.document import Document, render
from workbench.ui.markdown.line import RenderedLine, Run, taken_along
from workbench.ui.markdown.turn_view import TurnView
from workbench.ui.markdown.wrap import cut_lines, fold_spans, wrap_spans

WIDTHS = (12, 20, 40, 200)

WIDE = "潮は一日に二回満ち引きします。港の船は引き潮で出ます。"


def whole(lines: Sequence[RenderedLine]) -> str:
    return taken_along((line, (0, -1)) for line in lines)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("One two  three four five six.", "One two  three four five six."),
        ("soft\nbreak and\\\nhard one", "soft break and\nhard one"),
        (WIDE, WIDE),
        ("supercalifragilisticexpialidocious", "supercalifragilisticexpialidocious"),
        ("one\n\ntwo words", "one\n\ntwo words"),
        ("- first point of it\n- second one", "• first point of it\n• second one"),
        ("1. a point\n\n   goes on here", "1. a point\n\ngoes on here"),
        ("> quoted words that go on\n>\n> and end", "quoted words that go on\n\nand end"),
        ("```py\ndef f(x):\n    return x  # one\n\nf(1)\n```", "def f(x):\n    return x  # one\n\nf(1)"),
        ("- ```\n  code\n  ```", "•   code"),
        ("# Heading of words\ntext", "Heading of words\n\ntext"),
    ],
)
def test_an_answer_is_taken_along_alike_at_every_width(source: str, expected: str, width: int) -> None:
    assert whole(render(source, width)) == expected


@pytest.mark.parametrize("width", WIDTHS)
def test_code_within_a_list_in_a_quote_loses_its_gutters(width: int) -> None:
    source = "> - see\n>\n>   ```\n>   if a:\n>       b = 'cc dd ee ff'\n>   ```"
    assert whole(render(source, width)) == "• see\n\nif a:\n    b = 'cc dd ee ff'"


@given(
    st.text(st.sampled_from("ab 潮 é.,👩\u200d💻(\n"), max_size=60), st.sampled_from((2, 3, 7, *WIDTHS)), st.booleans()
)
def test_nothing_is_lost_where_lines_are_cut(text: str, width: int, folds: bool) -> None:
    spans = (fold_spans if folds else wrap_spans)(text, width)
    taken = whole(list(cut_lines((Run(text),), spans, text)))
    assert [line.strip(" ") for line in taken.split("\n")] == [line.strip(" ") for line in text.split("\n")]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.sampled_from(WIDTHS))
def test_an_answer_that_streams_is_taken_along_as_the_whole_one(sizes: list[int], width: int) -> None:
    source = (
        "- The tide 潮 turns twice a day, boats leave with it.\n\nThen 日本語の文 goes on, word by word, to its end"
    )
    document, at = Document(width), 0
    while at < len(source):
        for size in sizes:
            document.append(source[at : at + size])
            at += size
            document.update()
    assert whole(document.lines) == whole(render(source, width))


def test_the_question_has_no_bar_and_a_turn_ends_without_its_rule() -> None:
    view = TurnView(1, "When do the doors open\non Saturdays?", 14)
    view.append_thinking("They open at ten, I think.")
    view.append_text("At ten.")
    view.thinking.toggle()
    view.finish(1.0, 2.0)
    view.update()
    list(view.reach(0, 100))
    taken = whole([view.line(number) for number in range(view.height)])
    assert taken.split("\n") == [
        "When do the doors open", "on Saturdays?", "", "▾ thought for 1.0 s", "They open at ten, I think.", "",
        "At ten.", "",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [12, 30, 90])
@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("plain", "The harbour tide turns twice a day. Boats leave with it.\n\n  indented", None),
        ("fields", "opens: at nine in the morning, or at ten\ncloses: 18:00", None),
        ("data", '{"opens": "at nine in the morning", "days": [{"name": "Monday"}]}',
         "opens: at nine in the morning\ndays: \n  - name: Monday"),
    ],
)  # fmt: skip
def test_a_passage_flows_whatever_the_width(form: str, text: str, expected: str | None, width: int) -> None:
    lines = passage_lines(text, (), form, width).lines  # type: ignore[arg-type]  # one of these
    assert whole(lines) == (text if expected is None else expected)


def test_parts_of_a_line_count_characters_as_they_are_shown() -> None:
    lines = render("- one two three four", 9)
    assert [line.text for line in lines] == ["• one two", "  three", "  four"]
    assert taken_along([(lines[0], (6, -1)), (lines[1], (0, 4))]) == "two th"
    assert taken_along([(lines[1], (0, 1))]) == ""
    assert re.fullmatch("• o", taken_along([(lines[0], (0, 3))]))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_numbers_of_code_are_those_of_the_whole_answer_however_it_came(sizes: list[int]) -> None:
    source = "a\n\n```py\nif a:\n    b\n```\n\n- c\n\n      indented\n\n```\ntwo\n" + "x\n" * 60 + "```\n\nend"
    document, at = Document(30, numbers_code=True), 0
    while at < len(source):
        for size in sizes:
            document.append(source[at : at + size])
            at += size
            document.update()
    document.finish()
    document.update()
    numbered = [line.text for line in document.lines if any("block-number" in run.styles for run in line.runs)]
    assert [" ".join(text.split()) for text in numbered] == ["if a: 1", "indented 2", "two 3"]
    assert whole(document.lines) == whole(render(source, 30))
