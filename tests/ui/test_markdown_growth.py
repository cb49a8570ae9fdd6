"""Long blocks: what each piece of an answer costs does not grow with the answer, and its end is that of the whole."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.test_markdown_stream import SOURCES, WIDTHS, marks_of
from workbench.ui.markdown import document, feed, leaves
from workbench.ui.markdown.block_parser import BlockParser
from workbench.ui.markdown.blocks import AnswerUnit
from workbench.ui.markdown.column import TimeIsUp
from workbench.ui.markdown.document import Document, render
from workbench.ui.markdown.feed import LONGEST_LINE, LineFeed, SourceLine
from workbench.ui.markdown.layout import unit_lines
from workbench.ui.markdown.line import Mark, RenderedLine

WORDS = ["alpha", "beta gamma", "**delta**", "`epsilon`", "zeta [eta](http://e)", "日本語", "a_b"]


def words(number: int) -> str:
    return " ".join(WORDS[(number + at) % len(WORDS)] for at in range(1 + number % 5))


LONG = {
    "list": "".join(f"- item {n} {words(n)}\n" for n in range(200)),
    "ordered list": "".join(f"{n}. {words(n)}\n" for n in range(1, 1100)),
    "loose list": "".join(f"- {words(n)}\n\n" for n in range(150)),
    "list that turns out to be loose": "".join(f"- {words(n)}\n" + "\n" * (n == 145) for n in range(150)),
    "nested lists": "".join(f"{'  ' * (n % 4)}- {words(n)}\n" for n in range(150)),
    "list in a quote": "".join(f"> - {words(n)}\n" for n in range(150)),
    "table": "| n | text |\n|--:|---|\n" + "".join(f"| {n} | {words(n)} |\n" for n in range(150)),
    "table that widens": "|a|b|\n|-|-|\n" + "".join(f"|{'x' * (n // 8)}|{words(n)}|\n" for n in range(150)),
    "code": "```\n" + "".join(f"x_{n} = {n}\n" for n in range(450)) + "```\n",
    "coloured code": "```python\n" + "".join(f"def f_{n}(): return '{n}'\n" for n in range(150)) + '"""\nq\n"""\n```\n',
    "code in an item": "- a\n\n  ```py\n" + "".join(f"  x_{n} = {n}\n\n" for n in range(200)) + "  ```\n- b\n",
    "paragraph": " ".join(words(n) for n in range(450)) + "\n",
    "paragraph of lines": "".join(words(n) + "\n" for n in range(450)),
    "word": "x" * 9_000,
}


def streamed(source: str, width: int, size: int) -> Document:
    answer = Document(width)
    for start in range(0, len(source), size):
        answer.append(source[start : start + size])
        answer.refresh()
    return answer


def ended(answer: Document) -> list[RenderedLine]:
    answer.finish()
    answer.refresh()
    return answer.lines


@pytest.mark.parametrize("name", LONG)
def test_a_long_block_in_few_pieces_ends_as_the_whole(name: str) -> None:
    source = LONG[name]
    assert ended(streamed(source, 24, 1_500)) == render(source, 24)


@pytest.mark.parametrize("name", LONG)
def test_citations_in_what_has_settled_are_marked(name: str) -> None:
    source = LONG[name]
    marks = [Mark(n, at, at + 9, (n + 1,)) for n, at in enumerate(range(20, len(source) - 40, len(source) // 7))]
    answer = Document(60)
    for start in range(0, len(source), 200):
        answer.append(source[start : start + 200])
        answer.refresh()
        for mark in [mark for mark in marks if mark.end + 2_000 <= start]:
            marks.remove(mark)
            answer.mark(mark)
    for mark in marks:
        answer.mark(mark)
    assert ended(answer) == render(source, 60, answer.marks)


@pytest.mark.parametrize("name", LONG)
def test_a_long_block_in_pieces_is_read_once_and_ends_as_the_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a piece is laid out a few times, however long the block is, unless its end changes all of it."""
    read: list[int] = []
    laid_out: list[int] = []
    feed_line, lay_out = BlockParser.feed, unit_lines

    def counted_line(self: BlockParser, line: SourceLine) -> None:
        read.append(len(line.text))
        feed_line(self, line)

    def counted_unit(unit: AnswerUnit, width: int, *, first: bool) -> list[RenderedLine]:
        laid_out.append(unit.start)
        return lay_out(unit, width, first=first)

    monkeypatch.setattr(BlockParser, "feed", counted_line)
    monkeypatch.setattr(document, "unit_lines", counted_unit)
    source = LONG[name]
    updates = -(-len(source) // 97)
    answer = streamed(source, 60, 97)
    if "widens" not in name and "loose" not in name:
        digits = 4  # an ordered list is laid out again when its numbers get longer
        assert len(laid_out) <= digits * len(answer.column.pieces) + 3 * updates
    lines = ended(answer)
    assert sum(read) <= len(source) + updates * LONGEST_LINE
    assert len(read) <= source.count("\n") + len(source) // (LONGEST_LINE // 2) + updates + 2
    assert lines == render(source, 60)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(SOURCES, WIDTHS, st.integers(1, 12), st.data())
def test_parts_of_any_size_end_as_the_whole(source: str, width: int, size: int, data: st.DataObject) -> None:
    marks = data.draw(marks_of(source))
    short_leaves = mock.patch.multiple(leaves, LONGEST_LINE=24, _CODE_LINES=2, _CODE_SIZE=20, _TABLE_ROWS=1)
    with short_leaves, mock.patch.object(feed, "LONGEST_LINE", 24):
        answer = Document(width)
        for start in range(0, len(source), size):
            answer.append(source[start : start + size])
            for mark in [mark for mark in marks if start < mark.end <= start + size]:
                answer.mark(mark)
            before = answer.lines
            changed = answer.refresh()
            assert answer.lines[:changed] == before[:changed]
        for mark in marks:
            answer.mark(mark)
        assert ended(answer) == render(source, width, marks)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.sampled_from(["| a | b |\n", "|---|---|\n", "x\n", "```\n", "> ", "- ", "  "]), max_size=40))
def test_parts_of_code_and_tables_are_not_seen(fragments: list[str]) -> None:
    source = "".join(fragments)
    whole = render(source, 40)
    with mock.patch.multiple(leaves, _CODE_LINES=2, _TABLE_ROWS=2):
        assert render(source, 40) == whole


def test_work_stops_when_time_is_up_and_goes_on_later() -> None:
    source = LONG["list"] + LONG["table"] + LONG["coloured code"]
    answer = Document(60)
    answer.append(source)
    answer.finish()
    slices = 0
    while answer.pending:
        answer.update(lambda: True)
        answer.update(time_for(3))
        slices += 1
        assert slices < 10_000
    assert slices > 20
    assert answer.lines == render(source, 60)


def time_for(steps: int) -> TimeIsUp:
    left = iter(range(steps))
    return lambda: next(left, None) is None


def test_many_citations_at_once_are_placed_as_there_is_time() -> None:
    source = "\n\n".join(f"line {number} of the text" for number in range(200))
    spans = [(source.index(f"line {n} of"), len(f"line {n} of")) for n in range(200)]
    marks = [Mark(n, start, start + size, (n,)) for n, (start, size) in enumerate(spans)]
    answer = Document(40)
    answer.append(source)
    answer.finish()
    answer.refresh()
    for found in marks:
        answer.mark(found)
    updates = 0
    while answer.pending:
        answer.update(lambda: True)
        answer.update(time_for(5))
        updates += 1
    assert updates > 20
    assert answer.lines == render(source, 40, marks)


def test_a_new_width_lays_nothing_out_until_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = streamed(LONG["list"], 60, 1_000)
    laid_out: list[int] = []
    lay_out = unit_lines

    def counted(unit: AnswerUnit, width: int, *, first: bool) -> list[RenderedLine]:
        laid_out.append(unit.start)
        return lay_out(unit, width, first=first)

    monkeypatch.setattr(document, "unit_lines", counted)
    for width in (50, 40, 30):
        answer.resize(width)
    assert laid_out == []
    list(answer.column.reach(100, 110))
    assert 0 < len(laid_out) <= 10
    assert ended(answer) == render(LONG["list"], 30)


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from(["a", "b c ", "\n", "\r\n", "x" * 30, " "]), max_size=30).map("".join), st.integers(1, 9)
)
def test_lines_in_pieces_are_those_of_the_whole(text: str, size: int) -> None:
    def lines(size: int) -> list[SourceLine]:
        source, found = LineFeed(), []
        for start in range(0, len(text), size):
            source.add(text[start : start + size])
            while (line := source.take()) is not None:
                found.append(line)
        rest = source.take_rest()
        return found if rest is None else [*found, rest]

    with mock.patch.object(feed, "LONGEST_LINE", 16):
        whole = lines(len(text) or 1)
        assert lines(size) == whole
    assert all(text.startswith(line.text, line.start) and len(line.text) <= 16 for line in whole)
