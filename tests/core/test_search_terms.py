"""The words of passages and of questions: which find each other in which language."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.documents.index.entry import counts_of, entry_of
from workbench.language.meanings import widened
from workbench.language.search_terms import PassageTerms, asked_words, passage_terms, terms_of_any
from workbench.language.tongues import tongue_of
from workbench.language.words import count_words, most_words

PASSAGES = {
    "en": "The libraries of the town are opened at nine, and dogs have to stay outside.",
    "de": "Die Büchereien öffnen werktags um neun Uhr, und Hunde müssen draußen bleiben; Dosenpfand gibt es nicht.",
    "fr": "Les bibliothèques sont fermées le lundi, mais l'écluse est ouverte aux canaux.",
    "es": "Las bibliotecas abrieron sus puertas en agosto y tienen muchas canciones e informaciones.",
    "ja": "図書館は平日の午前九時に開館します。",
}


def found(question: str, *tongues: str) -> set[str]:
    """The languages of the passages in which a word of the question stands."""
    all_terms = {tongue: set(passage_terms(PASSAGES[tongue])) for tongue in tongues or PASSAGES}
    wanted = widened(asked_words(question), set().union(*all_terms.values()))
    return {tongue for tongue, terms in all_terms.items() if terms & wanted.keys()}


@pytest.mark.parametrize(("question", "tongue"), [
    ("library opening", "en"), ("When does the library open?", "en"),
    ("Bücherei", "de"), ("Wann oeffnet die BUCHEREI?", "de"), ("Darf mein Hund hinein?", "de"),
    ("Quand la bibliothèque est-elle fermée ?", "fr"), ("fermee", "fr"), ("le canal", "fr"), ("ecluses", "fr"),
    ("¿Cuándo abrió la biblioteca?", "es"), ("cancion", "es"), ("información", "es"), ("informacion", "es"),
    ("図書館", "ja"), ("九", "ja"),
])  # fmt: skip
def test_a_word_is_found_in_another_form_in_its_language(question: str, tongue: str) -> None:
    assert tongue in found(question)


def test_a_word_that_is_known_leads_to_no_other() -> None:
    assert widened(asked_words("general"), {"general", "generality", "generalist"}) == {"general": 1.0}
    assert widened(asked_words("generals"), {"generality"}).keys() == {"generality"}


@pytest.mark.parametrize(("asked", "known"), [("Dosenpfand", "pfand"), ("sunlight", "light"), ("vallve", "valv")])
def test_what_stands_in_for_a_word_that_is_not_known(asked: str, known: str) -> None:
    assert 0 < widened(asked_words(asked), {known, "bier", "tower"}).get(known, 0.0) < 1


def test_a_word_that_some_language_leaves_out_is_sure_to_be_in_no_index() -> None:
    assert terms_of_any("die") == terms_of_any("the") == frozenset()
    assert {"canal", "canaux"} & terms_of_any("canals") == {"canal"}


@pytest.mark.parametrize("question", ["And why?", "Und warum?", "Et pourquoi ?", "¿Y por qué?", "   ", "?!"])
def test_a_question_of_little_words_looks_for_nothing(question: str) -> None:
    assert asked_words(question) == []


@pytest.mark.parametrize("tongue", ["en", "de", "fr", "es"])
def test_the_language_of_a_passage_is_told(tongue: str) -> None:
    assert tongue_of(PASSAGES[tongue]) == tongue
    assert tongue_of(PASSAGES[tongue] * 100) == tongue


@pytest.mark.parametrize("text", ["", "x12 y99", "Hello", "図書館は九時に"])
def test_where_nothing_tells_it_there_is_no_language(text: str) -> None:
    assert tongue_of(text) == ""


@given(st.text())
def test_every_word_of_a_passage_can_be_asked_for(text: str) -> None:
    asked = {term for word in asked_words(text) for term in word}
    assert not asked or all(" " not in term for term in asked)
    assert set(passage_terms(text)) <= asked or tongue_of(text) != ""


@given(st.text("abcXYZ019.,;!?()[]\"*:#+-'_/éß字", max_size=9))
def test_marks_around_a_word_change_nothing_of_it(chunk: str) -> None:
    beside_others = passage_terms(f"{chunk}\u200b")  # which is left out, after all of it has been looked at
    assert passage_terms(chunk) == beside_others


@given(st.text("ab é字\n\t\r\v\f\x1c\x1f\u3000", max_size=200))
def test_no_text_has_more_words_than_it_can_have(text: str) -> None:
    assert count_words(text) <= most_words(text)


@given(st.lists(st.sampled_from(["the", "well", "kiln", "max_tokens", "is", "3", "wells"])))
def test_an_entry_tells_how_often_a_passage_has_each_term(words: list[str]) -> None:
    text = " ".join(words)
    entry, repeated, size = entry_of(PassageTerms().by_chunks(text))
    counts = Counter(passage_terms(text))
    assert (counts_of(entry), size) == (counts, counts.total())
    assert len(repeated) == sum(count > 1 for count in counts.values())
