"""Pieces of text one below the other: heights, what is kept, and what changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.markdown import column, document
from workbench.ui.markdown.column import LinesChange, RecentPieces
from workbench.ui.markdown.heights import Heights
from workbench.ui.markdown.turn_list import combined, moved
from workbench.ui.markdown.verbatim import PlainPiece, plain_column, plain_pieces

OPERATIONS = st.lists(st.tuples(st.sampled_from(["append", "set", "cut"]), st.integers(0, 30), st.integers(0, 5)))


@given(OPERATIONS)
def test_heights_are_those_of_a_list(operations: list[tuple[str, int, int]]) -> None:
    heights, values = Heights(), list[int]()
    for name, at, height in operations:
        if name == "append":
            heights.append(height)
            values.append(height)
        elif name == "set" and at < len(values):
            heights.set(at, height)
            values[at] = height
        elif name == "cut" and at <= len(values):
            heights.cut(at)
            del values[at:]
        assert heights.total == sum(values)
        assert [heights.top(n) for n in range(len(values) + 1)] == [sum(values[:n]) for n in range(len(values) + 1)]
        assert [heights.find(line) for line in range(sum(values))] == [
            n for n, h in enumerate(values) for _ in range(h)
        ]
        with pytest.raises(IndexError):
            heights.find(sum(values))


def test_what_was_not_looked_at_for_long_is_dropped_and_made_again() -> None:
    column = plain_column(10, RecentPieces(limit=20))
    for piece in plain_pieces("\n".join(f"piece {number} of the text" for number in range(100)), PlainPiece("")):
        column.append(piece)
    lines = [line.text for line in column.lines()]
    assert sum(len(piece.shown or ()) for piece in column.pieces) <= 20
    assert [column.line(number).text for number in range(column.height)] == lines
    assert sum(len(piece.shown or ()) for piece in column.pieces) <= 20
    assert list(column.work()) == []


def test_a_height_that_turns_out_otherwise_is_a_change() -> None:
    column = plain_column(10, RecentPieces())
    for text in ("a", "one two three four", "b"):
        column.append(PlainPiece(text))
    assert column.height == 4
    column.pieces[1].text = "one two three four five"
    assert list(column.reach(0, 9)) == [LinesChange(0, 1, 0), LinesChange(1, 3, 1), LinesChange(4, 5, 0)]
    assert column.height == 5


def test_replacing_tells_the_first_line_that_differs() -> None:
    column = plain_column(10, RecentPieces())
    for text in ("a", "one two three", "b"):
        column.append(PlainPiece(text))
    column.lines()
    assert column.replace(1, [PlainPiece("one two three"), PlainPiece("b")]) is None
    assert column.replace(1, [PlainPiece("one two four"), PlainPiece("b")]) == LinesChange(2, 4, 0)
    assert column.replace(2, []) == LinesChange(3, 4, -1)
    assert column.replace(2, [PlainPiece("c"), PlainPiece("d")]) == LinesChange(3, 3, 2)


def test_replacing_a_piece_whose_lines_are_dropped_meanwhile() -> None:
    column = plain_column(10, RecentPieces(limit=2))
    column.append(PlainPiece("one two three"))
    column.lines()
    assert column.replace(0, [PlainPiece("one two four")]) == LinesChange(1, 2, 0)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), st.integers(-3, 3)), max_size=8), st.integers(0, 60))
def test_changes_above_the_view_move_it_and_others_do_not(found: list[tuple[int, int, int]], top: int) -> None:
    changes = [LinesChange(first, first + size, max(growth, -size)) for first, size, growth in found]
    shown = list(combined(changes, top))
    assert moved(shown, top) == moved(changes, top)
    assert sum(change.growth for change in shown) == sum(change.growth for change in changes)


@pytest.mark.parametrize("most", [0, 1000])
def test_a_new_width_has_the_lines_of_that_width_and_so_has_the_old_one_again(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column, "MOST_ESTIMATED", most)
    answer = document.Document(60)
    answer.append("".join(f"{'word ' * (n % 40)}\n\n- item\n" for n in range(60)))
    answer.finish()
    answer.update()
    for width in (23, 60, 23):
        answer.resize(width)
        answer.citation_lines(0, [])
        list(answer.column.reach(20, 40))
        answer.resize(60)
        answer.resize(width)
        answer.update()
        whole = document.render(answer.source, width)
        assert answer.column.height == len(whole)
        assert answer.lines == whole
