"""Looking for words in text: what counts as the same, and that growing text is looked through as if it came at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from workbench.ui.markdown.blocks import AnswerUnit
from workbench.ui.markdown.found import FoundInTurns
from workbench.ui.markdown.needle import MOST_ACROSS, Hits, HitsInText, Needle
from workbench.ui.markdown.turn_list import TurnList
from workbench.ui.widgets.found_rows import FoundInRows, FoundRow
from workbench.ui.widgets.row import Row


def found(word: str, text: str) -> list[str]:
    return [text[start:end] for start, end in Needle(word).spans(text)]


@pytest.mark.parametrize(
    ("word", "text", "hits"),
    [
        ("tide", "Tide and TIDE", ["Tide", "TIDE"]),
        ("Tide", "Tide and tide", ["Tide"]),
        ("éb", "ÉB eb", ["ÉB"]),
        ("a.c", "abc a.c", ["a.c"]),
        ("[1]", "1 [1]", ["[1]"]),
        ("ebb tide", "ebb\n   tide, ebbtide", ["ebb\n   tide"]),
        ("tide ", "tide, tide\n", ["tide\n"]),
        ("aa", "aaaaa", ["aa", "aa"]),
        ("漢字", "漢字漢", ["漢字"]),
        ("none", "", []),
    ],
)
def test_what_counts_as_the_same(word: str, text: str, hits: list[str]) -> None:
    assert found(word, text) == hits


@given(
    pieces=st.lists(st.text(alphabet="ab \n", max_size=40), max_size=12),
    word=st.sampled_from(["a", "ab", "a b", "bb", " a"]),
    piece=st.integers(min_value=1, max_value=9),
)
def test_a_text_that_grows_has_the_hits_of_the_whole(pieces: list[str], word: str, piece: int) -> None:
    class InPieces(HitsInText):
        PIECE = piece

    text, hits = "", InPieces(Needle(word))
    for each in pieces:
        hits.grown(text + each, len(text))
        text += each
        while hits.is_behind(text):
            hits.look(text)
    whole = Needle(word).spans(text)
    assert [hits.span(number) for number in range(hits.total)] == list(whole)
    for start in range(0, len(text), 7):
        assert [hits.span(number) for number in hits.touching(start, start + 3)] == [
            (first, last) for first, last in whole if first < start + 3 and last > start
        ]


def test_a_hit_that_ended_where_the_text_did_may_begin_long_before() -> None:
    hits = HitsInText(Needle("a b"))
    text = "a" + " " * (MOST_ACROSS // 2)
    hits.look(text)
    hits.grown(text + "b", len(text))
    hits.look(text + "b")
    assert hits.total == 1


def test_hits_are_counted_over_texts_that_change() -> None:
    hits = Hits(Needle("x"))
    for parts in (("x", "xx"), ("",), ("ox",)):
        hits.append(parts)
    assert [hits.at(number) for number in range(hits.total)] == [(0, 0, 0), (0, 1, 0), (0, 1, 1), (2, 0, 0)]
    assert all(hits.number_of(*hits.at(number)) == number for number in range(hits.total))
    hits.set(1, ("xxx",))
    assert (hits.total, hits.above(2), hits.at(4)) == (7, 6, (1, 0, 1))
    hits.cut(1)
    assert (hits.total, hits.number_of(2, 0, 0)) == (3, 3)
    with pytest.raises(IndexError):
        hits.at(3)


# -- in turns --------------------------------------------------------------------------------------

ANSWER = """# The harbour

The **harbour tide** turns *twice* a day[^1], and `harbour` boats
leave with the ebb tide.

- a harbour
- another [harbour](https://harbour.example)

| Where | What |
| --- | --- |
| harbour | boats of the harbour |

```python
harbour = "harbour"  # harbour
```
"""


def brute_force(turns: TurnList, word: str) -> int:
    texts = [
        texts
        for view in turns.views
        for part, _ in view.searched
        for piece in part.pieces
        for texts in piece.searched()
    ]
    return sum(len(Needle(word).spans(text)) for text in texts)


@pytest.mark.parametrize("size", [1, 3, 17, 1000])
@pytest.mark.parametrize("word", ["harbour", "harbour tide", "boats leave", "a"])
def test_while_an_answer_comes_its_hits_are_those_of_all_that_came(word: str, size: int) -> None:
    turns = TurnList(40)
    turns.begin(1, "Where is the harbour?")
    found = FoundInTurns(turns)
    found.begin(Needle(word))
    view = turns.views[0]
    view.append_thinking("They ask\nfor the harbour.")
    for start in range(0, len(ANSWER), size):
        view.append_text(ANSWER[start : start + size])
        found.changed(0)
        turns.refresh(1)
        assert found.look(lambda: False)
        assert found.total == brute_force(turns, word)
    view.finish(None)
    view.notice("warning", "! the harbour is closed")
    found.changed(0)
    turns.refresh(1)
    assert found.look(lambda: False)
    assert found.total == brute_force(turns, word) > 0


def test_what_stays_of_an_answer_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[AnswerUnit] = []
    searched = AnswerUnit.searched

    def counted(unit: AnswerUnit) -> tuple[str, ...]:
        read.append(unit)
        return searched(unit)

    monkeypatch.setattr(AnswerUnit, "searched", counted)
    turns = TurnList(40)
    turns.begin(1, "Where?")
    found = FoundInTurns(turns)
    found.begin(Needle("tide"))
    counts = []
    for number in range(60):
        turns.views[0].append_text(f"The tide turns, {number}.\n\n")
        found.changed(0)
        turns.refresh(1)
        before = len(read)
        assert found.look(lambda: False)
        counts.append(len(read) - before)
    assert found.total == 60
    assert max(counts[30:]) <= max(counts[:10])
    read.clear()
    found.begin(Needle("turns"))
    assert found.look(lambda: False)
    assert len(read) <= max(counts)


def test_one_piece_after_the_other_when_there_is_no_time() -> None:
    turns = TurnList(40)
    for turn in (1, 2, 3):
        turns.begin(turn, "tide?")
        turns.views[-1].append_text("tide\n\n" * 20)
        turns.views[-1].finish(None)
        turns.refresh(turn)
    found = FoundInTurns(turns)
    found.begin(Needle("tide"), first=1)
    looks, seen = 0, []
    ticks = iter(range(100_000))
    while not found.look(lambda: next(ticks) % 2 == 1):
        looks += 1
        seen.append(found.total)
    assert looks > 30
    assert seen == sorted(seen)
    assert max(after - before for before, after in itertools.pairwise(seen)) <= 2
    assert found.total == 63
    assert found.at(0).number == 0


def long_rows() -> list[Row]:
    below = "a tide, and an ebb\n" * 40_000
    return [Row(Content("tide")), Row(Content("much"), body=Content(below)), Row(Content("more"), found=below.upper)]


def every_other_time() -> Callable[[], bool]:
    """Time that is up when it is asked about for the second time, the fourth and so on."""
    return itertools.cycle((False, True)).__next__


def test_a_row_with_much_below_it_is_looked_through_in_pieces_and_has_the_hits_of_the_whole() -> None:
    rows, slices = long_rows(), 1
    found = FoundInRows(Needle("ebb a tide"))
    while not found.look(rows, every_other_time()):
        slices += 1
    assert slices > sum(len(row.searched()[1]) for row in rows) / HitsInText.PIECE
    places = [found.at(hit) for hit in range(found.total)]
    assert places == [FoundRow(row, 1, within) for row in (1, 2) for within in range(39_999)]
    found.here = places[50_000]
    assert found.drawn(rows[2], 2) == (rows[2], places[50_000])


@pytest.mark.parametrize("change", [lambda found: found.changed(1), lambda found: found.cut(1)])
def test_a_row_that_changes_while_it_is_looked_through_is_looked_through_anew(
    change: Callable[[FoundInRows], None],
) -> None:
    rows = long_rows()
    found = FoundInRows(Needle("ebb"))
    for _ in range(4):
        found.look(rows, every_other_time())
    rows[1] = Row(Content("an ebb"))
    change(found)
    assert found.look(rows, lambda: False)
    assert found.total == 1 + 40_000


def test_where_one_stands_is_drawn_without_looking_through_the_row_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = long_rows()
    found = FoundInRows(Needle("ebb"))
    found.look(rows, lambda: False)
    found.here = found.at(70)
    monkeypatch.setattr(Needle, "spans", None)
    assert found.drawn(rows[1], 1) == (rows[1], FoundRow(1, 1, 70))
