"""The chain of evidence without a screen: why a passage was found, and what is relevant in it against what is cited."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.conversation.turn import Turn
from workbench.documents.chain import (
    NOT_CITED,
    OUTSIDE,
    by_state,
    citing,
    each_evidence,
    ledger_json,
    ranked,
    relevance,
    state_of,
    together,
    why,
)
from workbench.documents.evidence import Evidence
from workbench.documents.ledger import Ledger
from workbench.documents.passages import Passage
from workbench.documents.retrieval import Retrieved
from workbench.documents.why_found import found_by, places_in_question, places_of
from workbench.events import Cited, Request
from workbench.sessions.marks import marks, retrieved_of


def passage(id: str, text: str, title: str = "") -> Passage:
    return Passage(id, "town", title, text, {"text": text}, path=f"{id}.md", lines=(1, 1))


@pytest.mark.parametrize(
    ("question", "text", "matched", "marked"),
    [
        ("When does the library open?", "The Library opens at 09:00.", ["library", "open"], ["Library opens"]),
        ("What does a ticket cost?", "The price is 4 euros a ticket.", ["ticket", "cost"], ["price", "ticket"]),
        ("Is the libary open?", "The library opens.", ["libary", "open"], ["library opens"]),
        ("What is max_tokens of v3.10?", "Set `max_tokens`: 5", ["max", "tokens"], ["max", "tokens"]),
        ("Was kosten Bücher?", "Bücher: 4 Euro", ["Bücher"], ["Bücher"]),
        ("図書館は開きますか", "この図書館です。", ["図書館"], ["図書館"]),
        ("पुस्तकालय कब खुलता है", "पुस्तकालय नौ बजे", ["पुस्तकालय"], ["पुस्तकालय"]),
        ("Is the tide high?", "The market sells fish.", [], []),
    ],
)
def test_words_of_the_question_lead_to_those_of_the_passage_and_back(
    question: str, text: str, matched: list[str], marked: list[str]
) -> None:
    (found,) = found_by([question], [Retrieved(passage("a", text))])
    assert list(found.matched) == matched
    assert [text[start:end] for start, end in places_of(found.matched, "", text)] == marked
    asked = "".join(question[start:end] for start, end in places_in_question(found.matched, question))
    assert all(word in asked for word in matched)


def test_a_question_of_its_own_words_is_found_by_the_one_before_it() -> None:
    found = found_by(["And why?", "When does it open?", "How high?"], [Retrieved(passage("a", "It opens at 9."))])
    assert [each.matched for each in found] == [("open",)]
    kept = Retrieved(passage("b", "opens"), matched=("said",))
    assert [each.matched for each in found_by(["open"], [kept])] == [("said",)]


@given(st.text(max_size=40), st.text(max_size=60))
def test_any_words_of_any_text_have_places_in_it(question: str, text: str) -> None:
    (found,) = found_by([question], [Retrieved(passage("a", text))])
    for places, whole in ((places_of(found.matched, "", text), text),
                          (places_in_question(found.matched, question), question)):  # fmt: skip
        assert places == sorted(places)
        assert all(0 <= start < end <= len(whole) and whole[start:end].strip() for start, end in places)


TEXT = "The library opens at nine. It is warm. On Saturdays it opens at ten."
SPANS = ((0, 26, 0.9), (39, 68, 0.5))


@pytest.mark.parametrize(
    ("cited", "said"),
    [
        ([], (NOT_CITED,)),
        ([(4, 11)], ("1 of 2 relevant spans not cited",)),
        ([(4, 11), (39, 43)], ()),
        ([(27, 38)], (OUTSIDE, "2 of 2 relevant spans not cited")),
        ([(27, 38), (4, 11), (50, 52)], (OUTSIDE,)),
    ],
)
def test_relevant_spans_are_held_against_cited_ones(cited: list[tuple[int, int]], said: tuple[str, ...]) -> None:
    met = relevance(SPANS, [Evidence((span,), whole=True) for span in cited])
    assert met is not None
    assert met.said() == said


def test_sources_are_told_apart_by_what_became_of_them_and_json_has_the_chain() -> None:
    ledger = Ledger()
    ledger.sent(passage("attached", "No words."))
    ledger.sent(passage("used", TEXT), 7.414, 1, spans=(*SPANS, (60, 999, 0.1)), matched=("open",))
    ledger.sent(passage("found", "It opens."), 2.5, 2, matched=("open",))
    ledger.sent(passage("near", "Of the sea."), 0.25, 3)
    ledger.sent(passage("whole", "Fish."), None, 4)
    ledger.tool_result("call", "hours", {}, "nine")
    text = "It is warm"
    source = {"type": "document", "id": "used"}
    cited = Cited(
        t=0.0, step=1, ordinal=0, start=0, end=10, text=text, sources=(source,), numbers=ledger.cite([source])
    )
    entries = ledger.entries()
    assert {state: [entry.id for entry in its] for state, its in by_state(entries).items()} == {
        "cited": ["used"], "not cited": ["attached", "found", "near", "call"], "unused": ["whole"],
    }  # fmt: skip
    assert [ranked(entry) for entry in entries] == ["#1 7.41", "", "#2 2.5", "#3 0.25", "#4", ""]
    told = {entry.id: why(entry) for entry in entries}
    assert told["used"] == "found by open"
    assert told["near"] == "no word of the question stands here"
    assert not told["whole"] and not told["attached"] and not told["call"]
    (of_used, *others) = ledger_json(entries, [cited])
    assert of_used["state"] == state_of(entries[0]) == "cited"
    assert [TEXT[each["start"] : each["end"]] for each in of_used["cited_spans"]] == [text]
    assert of_used["relevance"] == {"uncited": 3, "outside": 1}
    assert [each["end"] for each in of_used["spans"]] == [26, 68, len(TEXT)]
    assert (of_used["set"], of_used["number"], of_used["matched"]) == ("town", 1, ["open"])
    assert all(each["relevance"] is None and each["cited_spans"] == [] for each in others)
    found = each_evidence(entries[0], citing([cited])[1])
    assert [TEXT[start:end] for start, end in together(found).spans] == [text]


def test_a_session_keeps_why_a_passage_was_found_and_what_is_relevant_in_it() -> None:
    turn = Turn(1, "Is it open?")
    each = Retrieved(passage("used", TEXT), 7.414, SPANS, ("open",))
    turn.ledger.sent(each.passage, each.score, 1, spans=each.spans, matched=each.matched)
    turn.ledger.sent(passage("plain", "It opens."), 1.0, 2)
    request = Request(t=0.0, step=1, body={"documents": [each.passage.as_document()]})
    kept = json.loads(json.dumps(next(fields for kind, fields in marks(turn, request) if kind == "sources")))
    read, plain = retrieved_of(kept["sources"], request.body)
    assert (read.spans, read.matched, read.score) == (SPANS, ("open",), 7.414)
    assert (plain.spans, plain.matched, plain.passage.text) == ((), (), "It opens.")
    again = Ledger()
    again.sent_with(turn.ledger)
    assert again.entries() == turn.ledger.entries() == turn.ledger.as_sent().entries()
