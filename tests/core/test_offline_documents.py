"""Answers from documents: the right one among distractors, quoted word by word, cited exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.core.test_offline_grammar import Parsed, ask, body, data_of, parsed
from workbench.offline.engine import answer
from workbench.offline.holdings import Holdings
from workbench.offline.small_talk import talk_of

LIBRARY: list[Any] = [
    {
        "id": "hours",
        "data": {
            "title": "Opening hours",
            "text": "# Opening hours\n\nThe library opens at 9:00 on weekdays. On Saturdays it opens at 10:00, after "
            "the guided tour.\n\n| Day | Opens | Closes |\n|---|---|---|\n| Monday | 9:00 | 20:00 |\n"
            "| Sunday | closed | closed |\n",
        },
    },
    {
        "id": "cards",
        "data": {
            "title": "Library cards",
            "text": "To register for a card you need:\n\n- a photo ID\n- proof of address\n- 5 euro\n\n"
            "A lost card costs 10 euro to replace. Children under 12 need a signature of a parent.",
        },
    },
    {
        "id": "loans",
        "data": {
            "title": "Loans",
            "text": "Books can be borrowed for 28 days. DVDs can be borrowed for 7 days. A loan can be renewed twice, "
            "unless someone has reserved the item. Late items cost 0.20 euro per day.",
        },
    },
    {
        "id": "guide",
        "data": {
            "title": "API guide",
            "text": "## Tools\n\nA tool is written in YAML:\n\n```yaml\ntools:\n  - name: hours\n    run: ask\n```\n\n"
            "Each tool needs a description.",
        },
    },
    {"id": "de", "data": {"title": "Gebühren", "text": "Für verspätete Rückgaben werden 20 Cent pro Tag berechnet."}},
    {"id": "ja", "data": {"title": "図書館案内", "text": "図書館は午前九時に開館します。駐車場は地下にあります。"}},
    "Guide dogs are welcome 🐕‍🦺 in every room. Other animals must stay outside.",
    {"id": "cafe", "data": {"title": "Café", "floor": 2, "phone": "555-1234", "menu": ["soup", "sandwiches"]}},
    {"data": "Das Schwimmbad öffnet um acht Uhr."},
]


@pytest.mark.parametrize(
    ("question", "source", "words"),
    [
        ("When does the library open?", "hours", "The library opens at 9:00 on weekdays."),
        ("When does it open on Saturdays?", "hours", "On Saturdays it opens at 10:00, after the guided tour."),
        ("Is it open on Sunday?", "hours", "Day: Sunday, Opens: closed, Closes: closed"),
        ("How much does a lost card cost?", "cards", "A lost card costs 10 euro to replace."),
        ("How long can I borrow a DVD?", "loans", "DVDs can be borrowed for 7 days."),
        ("what's the fee for late items", "loans", "Late items cost 0.20 euro per day."),
        ("Was kosten verspaetete oder verspätete Rückgaben?", "de", LIBRARY[4]["data"]["text"]),
        ("wann offnet das schwimmbad", "doc:8", "Das Schwimmbad öffnet um acht Uhr."),
        ("図書館は何時に開館しますか？", "ja", "図書館は午前九時に開館します。"),
        ("駐車場はどこですか", "ja", "駐車場は地下にあります。"),
        ("Are dogs welcome?", "doc:6", "Guide dogs are welcome 🐕‍🦺 in every room."),
        ("What is the phone number of the cafe?", "cafe", "phone: 555-1234"),
        ("what is on the menu", "cafe", "menu: soup, sandwiches"),
        ("how long can DVDs be borowed", "loans", "DVDs can be borrowed for 7 days."),
    ],
)
@pytest.mark.parametrize("mode", ["fast", "accurate"])
def test_the_right_document_among_distractors(question: str, source: str, words: str, mode: str) -> None:
    message = ask(question, documents=LIBRARY, citation_options={"mode": mode})
    assert words in message.cited
    assert source in message.source_ids
    assert _document_of(message, words) == source


def _document_of(message: Parsed, words: str) -> str:
    (citation,) = [citation for citation in message.citations if citation["text"] == words]
    id: str = citation["sources"][0]["id"]
    return id


def test_a_source_shows_the_document_as_it_was_sent() -> None:
    message = ask("How long can I borrow a DVD?", documents=LIBRARY)
    assert message.citations[0]["sources"] == [
        {"type": "document", "id": "loans", "document": {**LIBRARY[2]["data"], "id": "loans"}}
    ]
    text = ask("Are dogs welcome?", documents=LIBRARY).citations[0]["sources"][0]
    assert text == {"type": "document", "id": "doc:6", "document": {"content": LIBRARY[6], "id": "doc:6"}}


def test_a_line_that_introduces_a_list_brings_the_list() -> None:
    message = ask("What do I need to register for a card?", documents=LIBRARY)
    assert message.cited[:4] == ["To register for a card you need:", "a photo ID", "proof of address", "5 euro"]
    assert "need:\n\n- a photo ID\n- proof of address\n- 5 euro" in message.text


def test_a_question_how_brings_the_example_whole() -> None:
    message = ask("How do I write a tool?", documents=LIBRARY)
    assert "```yaml\ntools:\n  - name: hours\n    run: ask\n```" in message.cited


def test_long_code_is_not_brought_whole() -> None:
    code = "\n".join(f"value_{number} = {number}" for number in range(40))
    message = ask("How do I write values?", documents=[f"Values are written like this:\n\n```python\n{code}\n```"])
    assert "```" not in message.text


def test_one_sentence_is_a_paragraph_and_three_are_a_list() -> None:
    one = ask("How long can I borrow a DVD?", documents=LIBRARY)
    assert one.text == "According to **Loans**: DVDs can be borrowed for 7 days."
    codes = [f"Exit code {number} means {word}." for number, word in enumerate(("good", "bad", "ugly"))]
    many = ask("exit codes", documents=[" ".join(codes)])
    assert many.text.endswith("\n\n" + "\n".join(f"- {code}" for code in codes))


@pytest.mark.parametrize(
    "question", ["Who won the world cup in 2018?", "What is the capital of France?", "Can I use it over SSH?"]
)
def test_no_match_is_said_plainly(question: str) -> None:
    message = ask(question, documents=LIBRARY)
    assert message.citations == []
    assert "Nothing in the 9 documents matched" in message.text
    assert "not a language model" in message.text
    assert "CO_API_KEY" in message.text


def test_without_documents_it_says_what_it_is_and_what_to_give_it() -> None:
    for question in ("What is love?", "hello"):
        message = ask(question)
        assert "not a language model" in message.text
        assert "--docs" in message.text and "CO_API_KEY" in message.text
        assert message.citations == []


def test_small_talk_is_no_search() -> None:
    message = ask("Hello there!", documents=["Hello there is a song."])
    assert message.citations == []
    assert "1 document" in message.text


def test_a_follow_up_leans_on_the_question_before() -> None:
    message = ask(
        [
            {"role": "user", "content": "When does the library open?"},
            {"role": "assistant", "content": "At nine."},
            {"role": "user", "content": "And on Saturdays?"},
        ],
        documents=LIBRARY,
    )
    assert "On Saturdays it opens at 10:00, after the guided tour." in message.cited
    alone = ask(
        [
            {"role": "user", "content": "How long can I borrow a DVD?"},
            {"role": "assistant", "content": "For a week."},
            {"role": "user", "content": "why?"},
        ],
        documents=LIBRARY,
    )
    assert "DVDs can be borrowed for 7 days." in alone.cited


def test_an_overview_quotes_how_the_documents_begin() -> None:
    message = ask("Summarize the documents", documents=LIBRARY)
    assert "cannot summarise" in message.text
    assert message.cited[0] == "The library opens at 9:00 on weekdays."


def test_the_same_sentence_in_two_documents_is_quoted_once_with_both() -> None:
    message = ask(
        "When does the pool open?", documents=["The pool opens at 8.", {"id": "b", "data": "The pool opens at 8."}]
    )
    assert message.cited == ["The pool opens at 8."]
    assert message.source_ids == {"doc:0", "b"}


def test_documents_may_come_in_the_message_and_hold_any_json() -> None:
    part = {"type": "document", "document": {"data": {"facts": {"height": {"metres": 96}}, "open": True, "none": None}}}
    message = ask([{"role": "user", "content": [{"type": "text", "text": "What height?"}, part]}])
    assert message.cited == ["facts.height.metres: 96"]


def test_a_question_in_a_document_gives_its_answer_and_not_itself() -> None:
    faq = "How do I reset my password?\n\nUse the link on the login page.\n\nWho can see my data?\n\nOnly you can."
    message = ask("How can I reset the password?", documents=[faq])
    assert message.cited[0] == "Use the link on the login page."


def test_images_are_not_passed_over_in_silence() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    message = ask([{"role": "user", "content": [{"type": "text", "text": "What is this about?"}, image]}])
    assert "cannot see images" in message.text


WORDS = [
    "naïve",
    "Zürich",
    "🐕‍🦺",
    "👩‍🚀🏳️‍🌈",
    "café",
    "日本語",
    "e\u0301cole",
    "Straße",
    "𝒳-ray",
    "한국어",
    "हिन्दी",
    "10°C",
]


@pytest.mark.parametrize("mode", ["fast", "accurate"])
@pytest.mark.parametrize("place", range(len(WORDS)))
def test_offsets_are_exact_for_any_script(place: int, mode: str) -> None:
    sentences = [f"The topic{number} is about {word} and {word}-{number} here." for number, word in enumerate(WORDS)]
    documents = [{"id": f"d{number}", "data": {"title": word, "text": f"{word}! {sentences[number]} End {word}."}}
                 for number, word in enumerate(WORDS)]  # fmt: skip
    message = ask(f"Tell me about topic{place}", documents=documents, citation_options={"mode": mode})
    (citation,) = [citation for citation in message.citations if citation["text"] == sentences[place]]
    assert message.text[citation["start"] : citation["end"]] == sentences[place]
    assert citation["sources"][0]["id"] == f"d{place}"


def test_no_delta_splits_a_grapheme() -> None:
    family = "👨‍👩‍👧‍👦"
    reply = answer(body("topic?", documents=[f"The topic is {family}{family} and 🇳🇴🇩🇰 e\u0301 and 각."]))
    deltas = [data_of(frame) for frame in reply.frames[:-1]]
    pieces = [event["delta"]["message"]["content"]["text"] for event in deltas if event["type"] == "content-delta"]
    whole = "".join(pieces)
    assert family * 2 in whole
    for piece in pieces:
        assert piece[0] not in "\u200d\u0301\ufe0f"
        assert not piece.endswith("\u200d")
        assert sum("\U0001f1e6" <= character <= "\U0001f1ff" for character in piece) % 2 == 0
        assert len(piece) <= 16 or family in piece


def test_fast_citations_follow_their_words_and_accurate_ones_the_text() -> None:
    fast = ask("Can a loan be renewed, and what do late items cost?", documents=LIBRARY)
    accurate = ask(
        "Can a loan be renewed, and what do late items cost?",
        documents=LIBRARY,
        citation_options={"mode": "Accurate"},
    )
    assert fast.citations == accurate.citations and len(fast.citations) == 2
    last_text = len(fast.order) - 1 - fast.order[::-1].index("content-delta")
    assert fast.order.index("citation-start") < last_text
    assert accurate.order.index("citation-start") == accurate.order.index("content-end") - 4
    assert "content-delta" not in accurate.order[accurate.order.index("citation-start") :]
    for mode in ("OFF", "disabled"):
        assert ask("When does the library open?", documents=LIBRARY, citation_options={"mode": mode}).citations == []


def test_hundreds_of_long_passages_are_ranked_and_the_rare_word_decides() -> None:
    filler = " ".join(f"Sentence {number} speaks of opening and closing the usual doors." for number in range(30))
    documents: list[Any] = [{"id": f"p{number}", "data": {"text": f"{filler} Room {number}."}} for number in range(300)]
    documents[222]["data"]["text"] += " The planetarium opens at noon."
    message = ask("When does the planetarium open?", documents=documents)
    assert message.cited[0] == "The planetarium opens at noon."
    assert message.source_ids == {"p222"}


@pytest.mark.parametrize(
    "hostile", ["|-" * 5000 + "x", "`" * 9000, "„" * 9000, "1 " * 9000, "what " * 9000, "[" * 9000]
)
def test_hostile_text_is_read_in_reasonable_work(hostile: str) -> None:
    assert ask(hostile + " library", documents=[f"a | b\n{hostile}\n", "The library is open."]).finish == "COMPLETE"


def test_lone_surrogates_of_a_document_survive_as_json_escapes() -> None:
    message = ask("topic?", documents=["The topic is \ud83d broken."])
    assert message.cited == ["The topic is \ud83d broken."]
    assert json.dumps(message.citations[0]["sources"][0]["document"]["content"]) == '"The topic is \\ud83d broken."'


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("hi", "greeting"),
        ("Hello there!", "greeting"),
        ("hallo zusammen", "greeting"),
        ("Grüß Gott", "greeting"),
        ("¡Buenos días!", "greeting"),
        ("こんにちは。", "greeting"),
        ("नमस्ते", "greeting"),
        ("Здравствуйте!", "greeting"),
        ("Hi, who are you?", "greeting"),
        ("thanks", "thanks"),
        ("Great, thank you very much!", "thanks"),
        ("Merci beaucoup !", "thanks"),
        ("vielen Dank", "thanks"),
        ("谢谢", "thanks"),
        ("Ok, bye", "asking"),
        ("Tschüss", "parting"),
        ("WHO ARE YOU??", "asking"),
        ("Wer bist du?", "asking"),
        ("Qui êtes-vous ?", "asking"),
        ("¿Quién eres?", "asking"),
        ("are you a language model", "asking"),
        ("hello, when does it open?", None),
        ("Hallo, wann öffnet die Bibliothek?", None),
        ("Good", None),
        ("", None),
        ("?!", None),
        ("hi " * 200, None),
    ],
)
def test_small_talk_is_told_from_a_question(said: str, kind: str | None) -> None:
    assert talk_of(said) == kind


@pytest.mark.parametrize(
    ("said", "begins"), [("hi", "Hello. "), ("Merci !", "You are welcome. "), ("bye", "Goodbye. ")]
)
def test_small_talk_is_answered_in_short_with_what_there_is(said: str, begins: str) -> None:
    held = Holdings("guide (9 passages)", "When does the *library* open?")
    message = parsed(answer(body(said, documents=LIBRARY), lambda: held))
    assert message.text.startswith(begins)
    assert "offline engine, not a language model" in message.text
    assert message.text.endswith(
        "It has guide (9 passages); ask it something about them, for example: When does the \\*library\\* open?"
    )
    assert message.text.count(". ") <= 3
    assert message.citations == []
    again = parsed(answer(body(said, documents=LIBRARY), lambda: held))
    assert again == message


def test_small_talk_behind_a_question_is_not_that_question_again() -> None:
    earlier = [
        {"role": "user", "content": "When does the library open?"},
        {"role": "assistant", "content": "At nine."},
        {"role": "user", "content": "thanks"},
    ]
    message = ask(earlier, documents=LIBRARY)
    assert message.citations == []
    assert message.text.startswith("You are welcome. ")


@pytest.mark.parametrize("greeting", ["Hello, ", "hi there! ", "Hallo "])
def test_a_question_that_begins_with_a_greeting_gets_its_passages(greeting: str) -> None:
    question = "When does the library open?"
    assert ask(greeting + question, documents=LIBRARY).cited == ask(question, documents=LIBRARY).cited != []
