"""BM25 and the library: the right passage among distractors, in several languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.documents.bm25 import Bm25
from workbench.documents.passages import DocumentSet, Passage, RetrievalMode, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.language.words import terms

HANDBOOK = {
    "hours": "The library opens at nine on weekdays and at ten on Saturdays.",
    "tickets": "A day ticket costs four euros; children travel free.",
    "config": "Set max_tokens in the request, or pass --max-steps on the command line.",
    "keys": "The key is read from CO_API_KEY.",
    "ja": "図書館は平日の午前九時に開館します。",
    "zh": "博物馆星期一闭馆，其他日子免费参观。",
    "de": "Die Bücherei öffnet werktags um neun Uhr; Hunde müssen draußen bleiben.",
    "fr": "Les élèves bénéficient d'une réduction sur présentation de leur carte.",
    "ru": "Экскурсия начинается в полдень у главного входа.",
    "ar": "يفتح المتحف أبوابه في الساعة العاشرة صباحا.",
    "hi": "पुस्तकालय रविवार को बंद रहता है।",
}


def library(
    texts: dict[str, str],
    mode: RetrievalMode | None = "keyword",
    top_k: int = 3,
    budget: int = 6000,
    name: str = "handbook",
) -> Library:
    passages = tuple(Passage(id=key, set=name, title="", text=text) for key, text in texts.items())
    return Library([DocumentSet(name, passages, RetrievalSpec(mode, top_k, budget))])


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When does the library open on Saturday?", "hours"),
        ("How much are tickets for a child?", "tickets"),
        ("what is the max_tokens setting", "config"),
        ("tokens", "config"),
        ("--max-steps", "config"),
        ("where does CO_API_KEY come from", "keys"),
        ("図書館は何時に開館しますか", "ja"),
        ("星期一 博物馆", "zh"),
        ("Wann oeffnet die Bucherei? Hunde draussen?", "de"),
        ("reduction pour les eleves", "fr"),
        ("где начинается экскурсия", "ru"),
        ("متى يفتح المتحف", "ar"),
        ("पुस्तकालय कब बंद है", "hi"),
    ],
)
def test_the_right_passage_comes_first(question: str, expected: str) -> None:
    found = library(HANDBOOK).retrieve(question)
    assert found[0].passage.id == expected
    assert found[0].score is not None
    assert found[0].score > 0


def test_titles_are_searched_too() -> None:
    passages = (Passage("a", "s", "", "It closes late."), Passage("b", "s", "Guide › Parking", "It costs nothing."))
    shelf = Library([DocumentSet("s", passages, RetrievalSpec("keyword"))])
    assert [item.passage.id for item in shelf.retrieve("parking")] == ["b"]


def test_nothing_found_is_an_empty_list() -> None:
    assert library(HANDBOOK).retrieve("zeppelin") == []
    assert library(HANDBOOK).retrieve("what is it?") == []
    assert library({}).retrieve("library") == []
    assert Library([]).retrieve("library") == []


def test_a_follow_up_without_terms_falls_back_on_the_latest_message_that_finds_something() -> None:
    shelf = library(HANDBOOK)
    history = ["How much is a ticket?", "When does the library open?", "thanks, zeppelin"]
    assert shelf.retrieve("And why is that?", history)[0].passage.id == "hours"
    assert shelf.retrieve("And the tickets?", history)[0].passage.id == "tickets"


def test_modes() -> None:
    everything = list(HANDBOOK)
    whole = library(HANDBOOK, "all").retrieve("zeppelin")
    assert [item.passage.id for item in whole] == everything
    assert {item.score for item in whole} == {None}
    assert [item.passage.id for item in library(HANDBOOK, None).retrieve("zeppelin")] == everything
    assert len(library(HANDBOOK, None, top_k=1, budget=5).retrieve("library opens ticket")) == 1


def test_a_set_found_by_its_own_terms_keeps_the_others_from_falling_back() -> None:
    one = DocumentSet("one", (Passage("a", "one", "", "tickets"),), RetrievalSpec("keyword"))
    two = DocumentSet("two", (Passage("b", "two", "", "parking"),), RetrievalSpec("keyword"))
    found = Library([one, two]).retrieve("tickets", ["parking"])
    assert [item.passage.id for item in found] == ["a"]


def test_description() -> None:
    shelf = library({"a": "x"}, name="faq")
    assert shelf.describe() == "faq (1 passage)"
    assert library(HANDBOOK).describe() == "handbook (11 passages)"
    assert Library([]).describe() == "no documents"


def test_bm25_prefers_rare_terms_and_short_texts_and_keeps_ties_in_order() -> None:
    index = Bm25([["common", "rare"], ["common"], ["common", "x", "y", "z"], ["common", "rare"], []])
    assert [position for position, _ in index.search(["rare", "common", "rare"], 10)] == [0, 3, 1, 2]
    assert index.search(["rare"], 1)[0][0] == 0
    assert index.search(["rare"], 0) == []
    assert index.search([], 5) == []
    assert index.search(["absent"], 5) == []
    assert "rare" in index
    assert "absent" not in index
    assert Bm25([]).search(["a"], 3) == []


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=12), st.lists(st.sampled_from("abcg")))
def test_bm25_finds_exactly_the_texts_that_share_a_term(texts: list[list[str]], query: list[str]) -> None:
    found = Bm25(texts).search(query, len(texts))
    assert {position for position, _ in found} == {i for i, text in enumerate(texts) if set(text) & set(query)}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_one_passage_among_thousands() -> None:
    texts = {str(n): f"Room {n} has {n % 7} chairs and a projector for meetings." for n in range(3000)}
    texts["needle"] = "The fire assembly point is behind the bicycle shed."
    found = library(texts, top_k=5).retrieve("Where is the assembly point in case of fire?")
    assert [item.passage.id for item in found] == ["needle"]


def test_questions_and_passages_speak_the_same_terms() -> None:
    assert set(terms("max tokens")) <= set(terms("max_tokens"))


FAQ = {
    "pay": "You get the money back within five days.",
    "ship": "Parcels to Norway take a week.",
    "store": "Tea is kept in a closed tin.",
    "mayor": "The largest tower was built in 1498.",
}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When will I be refunded?", "pay"),
        ("delivery time", "ship"),
        ("how is it stored", "store"),
        ("who is building", "mayor"),
        ("larger", "mayor"),
        ("Norwy parcles", "ship"),
    ],
)
def test_near_meanings_other_forms_and_slips_are_found(question: str, expected: str) -> None:
    assert library(FAQ).retrieve(question)[0].passage.id == expected


def test_the_word_itself_counts_more_than_its_near_meanings() -> None:
    found = library({"near": "The fee is due.", "own": "The price is due."}).retrieve("price")
    assert [item.passage.id for item in found] == ["own", "near"]


def test_bm25_weighs_terms() -> None:
    index = Bm25([["a"], ["b"]])
    assert [place for place, _ in index.search({"a": 0.5, "b": 1.0}, 2)] == [1, 0]
    assert set(index.terms) == {"a", "b"}
