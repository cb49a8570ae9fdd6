"""An answer in pieces ends as the whole would, and only what must be is rendered again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.ui.markdown.document import Document, render
from workbench.ui.markdown.line import Mark, RenderedLine
from workbench.ui.markdown.thinking import Thinking

WORTHWHILE = 4_000  # characters of code, from which on it is laid out in several parts

FRAGMENTS = [
    "a", "bc ", "**", "*", "_", "`", "``", "```", "~~~", "~~", "\n", "\n\n", "- ", "1. ", "2) ", "> ", "    ", "  ",
    "# ", " #", "---", "===", "| a | b |\n|---|---|\n", "|", "| x \\| y | z |\n", "[l](http://e)", "![i](u)", "\t",
    "<http://a.b>", "&amp;", "&#10;", "\\*", "\\\n", "  \n", "日本語です。", "👩\u200d👩\u200d👧 ", "e\u0301", "[", "]",
    "(", ")", "\u202e", "\x1b", "\r\n", "\r", "<b>", "python\n", "def f():\n", "[x]: http://y\n",
    "$", "$$", "$$\n", "$a_1$", "\\(", "\\)", "\\[", "\\]", "<br>", "7. ", "1) ", "x_1", "2*3", "__init__", "= ",
]  # fmt: skip
SOURCES = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)
WIDTHS = st.sampled_from([2, 7, 20, 80])


def thought(thinking: Thinking) -> list[RenderedLine]:
    thinking.update()
    return [line for column in thinking.columns for line in column.lines()]


def marks_of(source: str) -> st.SearchStrategy[list[Mark]]:
    spans = st.tuples(st.integers(0, len(source)), st.integers(0, len(source)))
    return st.lists(spans, max_size=4).map(
        lambda found: [Mark(n, min(span), max(span), (n + 1,)) for n, span in enumerate(found)]
    )


@settings(deadline=None, derandomize=True, max_examples=150)
@given(SOURCES, WIDTHS, st.data())
def test_however_it_is_cut_the_end_is_the_same(source: str, width: int, data: st.DataObject) -> None:
    marks = data.draw(marks_of(source))
    document = Document(width)
    waiting = list(marks)
    position = 0
    while position < len(source):
        size = data.draw(st.integers(1, 12))
        document.append(source[position : position + size])
        position += size
        for mark in [mark for mark in waiting if mark.end <= position]:
            if data.draw(st.booleans()):
                document.mark(mark)
                waiting.remove(mark)
        before = list(document.lines)
        changed = document.refresh()
        assert document.lines[:changed] == before[:changed]
        assert changed is not None or document.lines == before
    for mark in waiting:
        document.mark(mark)
    document.finish()
    document.refresh()
    assert document.lines == render(source, width, marks)
    assert document.source == source


@settings(deadline=None, derandomize=True, max_examples=60)
@given(SOURCES, WIDTHS, WIDTHS, st.data())
def test_a_new_width_is_as_if_it_had_always_been(source: str, old: int, new: int, data: st.DataObject) -> None:
    marks = data.draw(marks_of(source))
    cut = data.draw(st.integers(0, len(source)))
    document = Document(old)
    document.append(source[:cut])
    for mark in marks:
        document.mark(mark)
    document.refresh()
    document.resize(new)
    document.refresh()
    document.append(source[cut:])
    document.finish()
    document.refresh()
    assert document.lines == render(source, new, marks)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(SOURCES, st.sampled_from([4, 7, 20, 80]), st.data())
def test_lines_fit_and_hold_nothing_a_terminal_obeys(source: str, width: int, data: st.DataObject) -> None:
    for line in render(source, width, data.draw(marks_of(source))):
        assert cell_len(line.text) <= width
        assert not set("\n\t\r\x1b\u202e") & set(line.text)


def test_the_live_end_is_shown_before_it_is_complete() -> None:
    document = Document(40)
    document.append("# Head\n\nThe **lib")
    assert document.refresh() == 0
    assert [line.text for line in document.lines] == ["Head", "", "The **lib"]
    document.append("rary** opens")
    assert document.refresh() == 2
    assert document.lines[2].text == "The library opens"
    assert document.refresh() is None


def test_a_line_that_may_become_an_underline_waits() -> None:
    document = Document(40)
    for piece, shown in [("text\n-", ["text"]), ("-", ["text"]), ("\n", ["text"]), ("more", ["text", "", "more"])]:
        document.append(piece)
        document.refresh()
        assert [line.text for line in document.lines] == shown
    assert "heading-2" in document.lines[0].runs[0].styles


def test_a_citation_renders_only_its_block_again() -> None:
    document = Document(40)
    document.append("one a\n\ntwo b\n\nthree c\n\nfour\n\nfive")
    document.refresh()
    before = list(document.lines)
    document.mark(Mark(0, 7, 12, (1,)))
    assert document.refresh() == 2
    assert [line.text for line in document.lines[:6]] == ["one a", "", "two b[1]", "", "three c", ""]
    same = [new is old for new, old in zip(document.lines, before, strict=True)]
    assert same[:5] == [True, True, False, True, True]


def test_a_citation_moves_when_the_text_it_rests_on_turns_out_to_be_markup() -> None:
    document = Document(40)
    document.append("one\n\n**")
    document.mark(Mark(0, 5, 7, (1,)))
    document.refresh()
    assert [line.text for line in document.lines] == ["one", "", "**[1]"]
    document.append("two**")
    document.refresh()
    assert [line.text for line in document.lines] == ["one[1]", "", "two"]


def test_a_citation_is_replaced_by_one_of_the_same_index() -> None:
    document = Document(40)
    document.append("one two\n\nthree")
    document.mark(Mark(0, 0, 3, (1,)))
    document.refresh()
    document.mark(Mark(0, 9, 14, (2,)))
    document.finish()
    document.refresh()
    assert [line.text for line in document.lines] == ["one two", "", "three[2]"]


@pytest.mark.parametrize("indent", ["", "  "])
def test_a_long_open_fence_grows_line_by_line_and_ends_as_the_whole(indent: str) -> None:
    body = "".join(
        f"{indent}line_{number} = 'text {number}' * 3\n" + "\n" * (number % 3 == 0)
        for number in range(WORTHWHILE // 12)
    )
    source = f"intro\n\n{indent}```python\n{body}{indent}```\nafter **it**"
    document = Document(20)
    kept = []
    for start in range(0, len(source), 130):
        document.append(source[start : start + 130])
        document.refresh()
        kept.append((document.lines[4], len(document.lines)))
        assert [line.text for line in document.lines] == [line.text for line in render(source[: start + 130], 20)]
    heights = [height for _, height in kept]
    assert heights == sorted(heights)
    grown = [line for line, _ in kept[len(kept) // 2 : -2]]
    assert all(line is grown[0] for line in grown)
    document.finish()
    document.refresh()
    assert document.lines == render(source, 20)


def test_a_citation_in_a_long_open_fence() -> None:
    source = "```\n" + "x = 1\n" * WORTHWHILE
    document = Document(40)
    document.append(source)
    document.refresh()
    document.append("y = 2\n")
    document.refresh()
    document.mark(Mark(0, len(source), len(source) + 1, (1,)))
    document.refresh()
    assert document.lines[-1].text == "  y[1] = 2"


def test_text_after_the_end_is_shown() -> None:
    document = Document(40)
    document.append("one")
    document.finish()
    document.refresh()
    document.append("two")
    document.finish()
    document.refresh()
    assert [line.text for line in document.lines] == ["one", "", "two"]


FENCED = [
    "Look:\n```python\nx = 1\n```\nDone.",
    "```\nx\n```",
    "Look:\n~~~ py\nx\n~~~\n",
    "> ```sh\n> x\n> ```\n",
    "- one\n- ```js\n  x\n  ```\n",
    "1. a\n\n   ````md\n   x\n   ````\n",
    "Look:\n````\nx\n````\n",
]


@pytest.mark.parametrize("source", FENCED)
def test_a_fence_that_streams_is_never_seen(source: str) -> None:
    document = Document(40)
    for character in source:
        document.append(character)
        document.refresh()
        shown = "\n".join(line.text for line in document.lines)
        assert "`" not in shown
        assert "~" not in shown
    document.finish()
    document.refresh()
    assert document.lines == render(source, 40)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("``` is a fence`", "``` is a fence`"),
        ("`co", "`co"),
        ("~~gone", "~~gone"),
        ("text `", "text `"),
        ("```\nx\n~~", "  ~~"),
        ("````\nx\n``` y", "  ``` y"),
        ("- a\n- ", "• a"),
    ],
)
def test_what_can_be_no_fence_any_more_is_shown(source: str, shown: str) -> None:
    document = Document(40)
    for character in source:
        document.append(character)
        document.refresh()
    assert document.lines[-1].text.strip() == shown.strip()


@settings(deadline=None, derandomize=True, max_examples=80)
@given(st.text(st.sampled_from("ab \n\t日\x1b"), max_size=80), st.integers(1, 9), WIDTHS)
def test_thinking_in_pieces_is_the_whole(text: str, size: int, width: int) -> None:
    whole, pieces = Thinking(width), Thinking(width)
    for thinking in (whole, pieces):
        thinking.toggle()
    whole.append(text)
    for start in range(0, len(text), size):
        pieces.append(text[start : start + size])
        thought(pieces)
    assert thought(pieces) == thought(whole)
    pieces.resize(30)
    whole.resize(30)
    assert thought(pieces) == thought(whole)


def test_thinking_folds() -> None:
    thinking = Thinking(20)
    assert thought(thinking) == []
    thinking.append("First the guide.\nThen the **train** times of today.")
    assert [line.text for line in thought(thinking)] == ["▾ thinking …", "  Then the **train**", "  times of today."]
    thinking.end(0.84)
    assert [line.text for line in thought(thinking)] == ["▸ thought for 0.8 s"]
    thinking.toggle()
    assert [line.text for line in thought(thinking)] == [
        "▾ thought for 0.8 s",
        "  First the guide.",
        "  Then the **train**",
        "  times of today.",
        "",
    ]
