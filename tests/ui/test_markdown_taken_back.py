"""An answer that is taken back to a part of its text looks as if no more had come yet."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from tests.core.streams import ROOT
from workbench.ui.markdown.document import Document
from workbench.ui.markdown.line import Mark, RenderedLine
from workbench.ui.markdown.turn_view import TurnView

SOURCES = [path.read_text("utf-8") for path in sorted((ROOT / "config" / "handbook").glob("*.md"))[:6]]
ODD = (
    "- a\n\n  b\n\n1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    "> q\n> r\n\n```py\nx = 1\n```\n\nText *here*\n# H\n" * 12
)
WIDTH = 60


def lines(document: Document) -> list[RenderedLine]:
    while document.pending:
        document.update()
    return document.lines


def document_of(source: str, marks: Sequence[Mark], *, finished: bool) -> Document:
    document = Document(WIDTH, numbers_code=True)
    document.append(source)
    for mark in marks:
        document.mark(mark)
    if finished:
        document.finish()
    return document


def some_marks(luck: random.Random, length: int) -> list[Mark]:
    starts = sorted(luck.sample(range(max(1, length - 10)), min(20, max(1, length - 10))))
    return [Mark(index, start, start + luck.randrange(1, 9), (index + 1,)) for index, start in enumerate(starts)]


@pytest.mark.parametrize("source", [*SOURCES, ODD], ids=range(len(SOURCES) + 1))
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "growing"])
def test_a_part_looks_as_when_no_more_had_come(source: str, finished: bool) -> None:
    luck = random.Random(source[:40])
    marks = some_marks(luck, len(source))
    document = document_of(source, marks, finished=finished)
    lines(document)
    lengths = sorted((luck.randrange(600, len(source)) for _ in range(12)), reverse=True)
    for length in lengths:
        kept = [mark for mark in marks if mark.end <= length]
        if not document.cut(length):
            continue
        document.only_marks([mark.index for mark in kept])
        for mark in kept:
            document.mark(mark)
        assert lines(document) == lines(document_of(source[:length], kept, finished=False)), length
        assert document.source == source[:length]
    rest = source[len(document.source) :]
    document.append(rest)
    for mark in marks:
        document.mark(mark)
    document.finish()
    assert lines(document) == lines(document_of(source, marks, finished=True))


def test_most_of_a_long_text_is_not_parsed_again() -> None:
    source = "".join(SOURCES)
    document = document_of(source, [], finished=True)
    lines(document)
    pieces = list(document.column.pieces)
    assert document.cut(len(source) - 5)
    lines(document)
    same = sum(old is new for old, new in zip(pieces, document.column.pieces, strict=False))
    assert same > 0.95 * len(pieces)


def test_a_turn_that_was_over_goes_on() -> None:
    """Its notices and its end go, and it ends again as it did."""
    source = SOURCES[0]
    view, other = (TurnView(1, "q", WIDTH) for _ in range(2))
    for each in (view, other):
        each.append_thinking("so, so")
        each.append_text(source)
        each.update()
    for _ in range(2):
        view.notice("warning", "! odd")
        view.finish(1.0, 2.0)
        view.update()
        ended = [view.line(at) for at in range(view.height)]
        assert view.take_back(len("so, so"), source[:-7], [])
        view.update()
        assert view.take_back(len("so, so"), source, [])
        while view.pending:
            view.update()
        while other.pending:
            other.update()
        assert [view.line(at) for at in range(view.height)] == [other.line(at) for at in range(other.height)]
    assert ended


def test_what_cannot_be_taken_back_is_said() -> None:
    view = TurnView(1, "q", WIDTH)
    view.append_thinking("so")
    view.append_text("short")
    view.update()
    assert not view.take_back(1, "short", [])
    assert not view.take_back(2, "", [])
    assert not view.take_back(2, "other", [])
    assert not view.take_back(2, "sho", [])
    assert view.take_back(2, "shorter", [])
