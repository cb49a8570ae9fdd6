"""Texts as pairs of lines: together they are the texts, none is long, and the marked words are those that differ."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from workbench.sessions.differences import text_changes
from workbench.sessions.pairs import LONGEST, Pair, Side, text_pairs


def side(each: Side | None) -> str:
    """A side with its marks between brackets; a dash where there is none."""
    if each is None:
        return "—"
    parts, at = [], 0
    for start, end in each.marks:
        parts += [each.text[at:start], f"[{each.text[start:end]}]"]
        at = end
    return "".join([*parts, each.text[at:]])


def told(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(side(pair.a), side(pair.b)) for pair in pairs]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("", "", []),
        ("one\ntwo", "one\ntwo", [("one", "one"), ("two", "two")]),
        ("opens at nine\nlast", "opens at ten\nlast", [("opens at [nine]", "opens at [ten]"), ("last", "last")]),
        ("one\nlast", "one\nnew\nlast", [("one", "one"), ("—", "[new]"), ("last", "last")]),
        ("one\ngone\nlast", "one\nlast", [("one", "one"), ("[gone]", "—"), ("last", "last")]),
        ("x\ny\n", "z\n", [("[x]", "[z]"), ("[y]", "—")]),
        ("", "new", [("—", "[new]")]),
        ("図書館は九時", "図書館は十時", [("図書館は[九]時", "図書館は[十]時")]),
    ],
)
def test_lines_stand_beside_those_that_they_became(a: str, b: str, expected: list[tuple[str, str]]) -> None:
    assert told(text_pairs(a, b)) == expected


def test_a_pair_differs_where_the_texts_do() -> None:
    pairs = text_pairs("one\ntwo\nthree", "one\n2\nthree")
    assert [pair.differs for pair in pairs] == [False, True, False]


@pytest.mark.parametrize("seed", range(60))
def test_pairs_are_the_texts_in_pieces_that_are_short(seed: int) -> None:
    luck = random.Random(seed)
    words = ["a ", "b ", "nine\n", "図", ".", "\n\n", "longer-word ", "🌈 ", "x" * 2000, "\t"]
    a, b = ("".join(luck.choices(words, k=luck.randrange(80))) for _ in range(2))
    pairs = text_pairs(a, b)
    for text, sides in ((a, [pair.a for pair in pairs]), (b, [pair.b for pair in pairs])):
        shown = "".join(each.text for each in sides if each is not None)
        assert shown.replace("\n", "") == text.replace("\n", "")
        for each in sides:
            assert each is None or len(each.text) <= 2 * LONGEST
            assert each is None or all(0 <= start < end <= len(each.text) for start, end in each.marks)
    same = [pair for pair in pairs if not pair.differs]
    assert all(pair.a is not None and pair.a == pair.b and not pair.a.marks for pair in same)


def test_of_long_texts_in_one_line_only_the_words_differ_that_do() -> None:
    luck = random.Random(3)
    words = [f"w{int(luck.paretovariate(0.6)) % 40_000}" for _ in range(50_000)]
    others = [("other" if number % 997 == 5 else word) for number, word in enumerate(words)]
    changes = text_changes(" ".join(words), " ".join(others))
    assert sum(len(change.new.split()) for change in changes) < 200
    assert len(changes) >= 40
    pairs = text_pairs(" ".join(words), " ".join(others), changes)
    assert max(len(pair.a.text) for pair in pairs if pair.a is not None) <= 2 * LONGEST
