"""The questions that an empty chat suggests: from titles and headings, about as many documents as there are."""

from __future__ import annotations

import pytest

from workbench.documents.passages import Passage
from workbench.documents.suggestions import LONGEST, LOOKED_AT, suggestions


def passages(*titles: str) -> list[Passage]:
    return [Passage(id=f"p{n}", set="town", title=title, text=f"Text {n}.") for n, title in enumerate(titles)]


@pytest.mark.parametrize(
    ("titles", "asked"),
    [
        (["Harbour › Tides"], ["What does “Harbour” say about “Tides”?"]),
        (["Market"], ["What does “Market” say?"]),
        (["FAQ › How do I renew a book?"], ["How do I renew a book?"]),
        (["Guide", "Guide › Hours"], ["What does “Guide” say about “Hours”?", "What does “Guide” say?"]),
        (["", "x" * (LONGEST + 1), "Guide › " + "x" * (LONGEST + 1)], []),
        (["A  b\n › C"], ["What does “A b” say about “C”?"]),
        ([], []),
    ],
)
def test_a_title_becomes_a_question(titles: list[str], asked: list[str]) -> None:
    assert list(suggestions([passages(*titles)])) == asked


def test_each_question_is_about_another_document_from_all_over_the_sets() -> None:
    first = passages(*(f"A{n} › {part}" for n in range(4) for part in ("One", "Two")))
    asked = suggestions([first, passages("B › One"), []])
    assert len(asked) == 3
    assert len({question.split("”")[0] for question in asked}) == 3


def test_of_many_passages_few_are_looked_at() -> None:
    class Counted(list[Passage]):
        looked = 0

        def __getitem__(self, at: object) -> list[Passage]:  # type: ignore[override]
            assert isinstance(at, slice)
            found = list.__getitem__(self, at)
            Counted.looked += len(found)
            return found

    many = Counted(passages(*(f"Doc {n} › Part" for n in range(5_000))))
    assert len(suggestions([many])) == 3
    assert 0 < Counted.looked <= 2 * LOOKED_AT
