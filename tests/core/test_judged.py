"""What is found on questions that were judged, in eight languages: at least as much as another program finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judged import BEST, Judged, Search, best_of_bm25s, bm25s_of, judged, of_packages, recall
from workbench.documents.opening import open_sets
from workbench.documents.passages import InlineDocument, RetrievalSpec, SetSpec
from workbench.documents.retrieval import Library


def indexed(of: Judged, cache: Path) -> Search:
    """The search of an index of these passages."""
    documents = tuple(InlineDocument(f"p{number}", {"text": text}) for number, text in enumerate(of.passages))
    spec = SetSpec(f"judged{len(documents)}", documents, retrieval=RetrievalSpec("keyword", BEST))
    library = Library(open_sets([spec], cache, lambda *_: None, index_all=True).shelves)
    return lambda question: [int(each.passage.id[1:]) for each in library.retrieve(question)]


def test_as_many_passages_are_found_as_by_another_program(tmp_path: Path) -> None:
    found = {
        tongue: (recall(indexed(each, tmp_path / tongue), each), best_of_bm25s(each, tongue))
        for tongue, each in judged().items()
    }
    assert sum(len(each.questions) for each in judged().values()) >= 200
    assert {tongue: both for tongue, both in found.items() if both[0] < both[1]} == {}
    assert all(ours >= 0.9 for ours, _ in found.values()), found


@pytest.mark.skipif(not of_packages(), reason="no package is installed that has a public set")
def test_as_many_texts_of_a_public_set_are_found(tmp_path: Path) -> None:
    for tongue, each in of_packages().items():
        assert recall(indexed(each, tmp_path), each) >= recall(bm25s_of(each, tongue), each)


def test_passages_are_found_among_those_of_other_languages(tmp_path: Path) -> None:
    sets = judged()
    together: list[str] = []
    questions: list[tuple[str, int]] = []
    for each in sets.values():
        questions += [(question, place + len(together)) for question, place in each.questions]
        together += each.passages
    everything = Judged(tuple(together), tuple(questions))
    assert recall(indexed(everything, tmp_path), everything) >= 0.97
