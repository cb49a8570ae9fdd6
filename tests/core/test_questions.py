"""Headings as questions: what a person would ask, by rule, in the language of the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.language.asked import Kind
from workbench.language.questions import plain_heading, question_about, question_of, question_of_value
from workbench.language.tongues import language_of


def asked(heading: str, document: str = "", text: str = "", language: str = "en") -> str:
    found = question_of(heading, document=document, text=text, language=language)
    return found.text if found is not None else ""


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("How do I renew a book?", "How do I renew a book?"),
        ("Set your API key", "How do I set my API key?"),
        ("2.1 Run the migrations", "How do I run the migrations?"),
        ("Step 3: Install `tide` (optional)", "How do I install tide?"),
        ("🚀 Configure the [server](http://example.test)", "How do I configure the server?"),
        ("Keys to write and send a prompt", "How do I write and send a prompt?"),
        ("Copy and paste in tmux", "How do I copy and paste in tmux?"),
        ("Running nested shells", "How do I run nested shells?"),
        ("Writing a driver", "How do I write a driver?"),
        ("How to build and test", "How do I build and test?"),
        ("How backups work", "How do backups work?"),
        ("How the cache works at night", "How does the cache work at night?"),
        ("What tools can see of your API key", "What can tools see of my API key?"),
        ("What the engine cannot do", "What can the engine not do?"),
        ("What it does", "What does it do?"),
        ("Where sessions are kept", "Where are sessions kept?"),
        ("What is sent", "What is sent?"),
        ("When the disk is full", "What happens when the disk is full?"),
        ("The key is refused", "What can I do when the key is refused?"),
        ("Printer does not wake up", "Printer does not wake up: what can I do?"),
        ("Exit codes", "What are exit codes?"),
        ("Status line", "What is the status line?"),
        ("Format of a recording", "What is the format of a recording?"),
        ("push(job, *, delay=0)", "What does push do?"),
    ],
)
def test_an_english_heading_is_asked_as_a_person_would(heading: str, question: str) -> None:
    assert asked(heading) == question


@pytest.mark.parametrize(
    "heading", ["", "—", "Dark or light, by itself", "Table of contents", "2013-06-11", "Python: call a function"]
)
def test_what_no_rule_fits_gives_no_question(heading: str) -> None:
    assert asked(heading) == ""


def test_the_parts_of_a_readme_are_asked_of_what_it_is_about() -> None:
    assert asked("Installation", "Tidepool") == "How do I install Tidepool?"
    assert asked("Usage", "Tidepool") == "How do I use Tidepool?"
    assert asked("Installing with Homebrew", "Tidepool") == "How do I install Tidepool with Homebrew?"
    assert asked("Tidepool", "Tidepool", "Install it with `pip install tidepool`.") == "What is Tidepool?"
    assert asked("Installation", "A very long title of a document") == "How do I install it?"


def test_words_are_written_as_the_text_writes_them() -> None:
    assert asked("Hall", text="The hall seats 120 people.") == "What is the hall?"
    assert asked("Berlin office", text="We meet in Berlin on Mondays.") == "What is the Berlin office?"
    assert asked("Getting Help From Others", text="To get help from others, write.") == "How do I get help from others?"


@pytest.mark.parametrize(
    ("language", "heading", "question"),
    [
        ("de", "Bücher verlängern", "Wie kann ich Bücher verlängern?"),
        ("de", "Ihren Ausweis beantragen", "Wie kann ich meinen Ausweis beantragen?"),
        ("de", "Der Ausweis", "Was muss ich über den Ausweis wissen?"),
        ("de", "Öffnungszeiten", "Was muss ich über Öffnungszeiten wissen?"),
        ("fr", "Renouveler un prêt", "Comment renouveler un prêt ?"),
        ("fr", "S'inscrire", "Comment s'inscrire ?"),
        ("fr", "Comment réserver une salle", "Comment réserver une salle ?"),
        ("fr", "Horaires d'ouverture", "Horaires d'ouverture : que faut-il savoir ?"),
        ("es", "Renovar su carné", "¿Cómo puedo renovar mi carné?"),
        ("es", "Los horarios", "¿Qué hay que saber sobre los horarios?"),
        ("it", "Orari", "Orari?"),
        ("", "開館時間", "開館時間？"),
        ("", "カードについて", "カードについては？"),
        ("", "ساعات العمل", "ساعات العمل؟"),
        ("", "Часы работы", "Часы работы?"),
    ],
)
def test_a_heading_is_asked_in_the_language_of_its_text(language: str, heading: str, question: str) -> None:
    assert asked(heading, language=language) == question


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("en", "It is old. The lamp at Grey Point was built in 1872.", "When was the lamp at Grey Point built?"),
        ("en", "A gull is a bird of the coast.", "What is a gull?"),
        ("en", "Tickets cost five pounds.", "What is said about tickets?"),
        ("de", "Der Turm wird im Mai geöffnet.", "Was steht hier über den Turm?"),
        ("fr", "La lampe est vieille.", "Que sait-on sur la lampe ?"),
        ("es", "La lámpara es vieja.", "¿Qué se dice sobre la lámpara?"),
    ],
)  # fmt: skip
def test_a_text_without_headings_is_asked_about_what_it_speaks_of(language: str, text: str, question: str) -> None:
    found = question_about(text, language)
    assert found is not None
    assert found.text == question


def test_of_a_text_that_speaks_of_nothing_nobody_asks() -> None:
    assert question_about("It is. They are. 12 12 12", "en") is None
    assert question_about("Ship o'hoj", "") is None


def test_a_value_of_a_record_is_asked_for_by_its_field() -> None:
    assert question_of_value("Dune sofa", "stock_level") == "What is the stock level of Dune sofa?"
    assert question_of_value("Dune sofa", "openingHours") == "What are the opening hours of Dune sofa?"
    assert question_of_value("Sofa Düne", "preis", "de") == "Sofa Düne: preis?"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The library opens at nine and it is closed on Sundays.", "en"),
        ("Die Bibliothek ist montags geöffnet und sie ist nicht groß.", "de"),
        ("La médiathèque est ouverte et elle est fermée le lundi dans la ville.", "fr"),
        ("La biblioteca es grande y está cerrada los lunes por la tarde.", "es"),
        ("Berlin 12", ""),
        ("", ""),
    ],
)
def test_little_words_tell_a_language(text: str, language: str) -> None:
    assert language_of([text]) == language


def test_the_marks_of_markdown_are_no_part_of_a_heading() -> None:
    assert plain_heading("## **The `max_tokens`** parameter :") == "The max_tokens parameter"


def test_kinds_say_what_a_question_was_made_from() -> None:
    kinds: list[tuple[str, Kind]] = [("Why?", "asked"), ("Set a key", "doing"), ("When it breaks", "happening")]
    for heading, kind in kinds:
        found = question_of(heading)
        assert found is not None
        assert found.kind == kind


WORDS = (
    "Set ",
    "How ",
    "What ",
    "is ",
    "the ",
    "Running ",
    "des ",
    "de ",
    "verlängern",
    "être",
    "会",
    "Step 2: ",
    "1. ",
)
MARKS = ("(", ")", "[", "] ", "`", "*", "_", ":", "?", "🚀", "\u0301", "\x1b", "\n")
PIECES = st.sampled_from((*WORDS, *MARKS))
LANGUAGES = st.sampled_from(["en", "de", "fr", "es", "it", ""])


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    st.lists(PIECES | st.characters(), max_size=30).map("".join), st.sampled_from(["en", "de", "fr", "es", "it", ""])
)
def test_any_heading_and_any_text_gives_a_question_in_one_line_or_none(text: str, language: str) -> None:
    for found in (question_of(text, document=text, text=text, language=language), question_about(text, language)):
        assert found is None or (found.text.strip() and "\n" not in found.text)


def test_no_text_takes_long() -> None:
    began = time.process_time()
    for hostile in ("a" * 2_000, "a " * 1_000, "[" * 2_000, "The a" * 400, "`" * 2_000, "is " * 700, "How " * 500):
        for language in ("en", "de", "fr", "es"):
            question_of(hostile[:200], text=hostile, language=language)
            question_of(hostile, text=hostile, language=language)
            question_about(hostile, language)
    assert time.process_time() - began < 5.0
