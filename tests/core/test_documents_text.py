"""Terms and sentences: what search finds, and where an answer's sentences begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.language.words import count_words, sentences, terms, word_spans


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("library", "libraries"),
        ("open", "opening"),
        ("open", "opened"),
        ("run", "running"),
        ("make", "making"),
        ("use", "using"),
        ("class", "classes"),
        ("carry", "carried"),
        ("Café", "cafe"),
        ("STRASSE", "straße"),
        ("Łódź", "lodz"),
        ("library's", "libraries"),
        ("U.S.", "US"),
        ("1,000", "1000"),
        ("ＡＰＩ", "api"),
    ],
)
def test_forms_of_one_word_meet(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [("status", "statue"), ("string", "str"), ("need", "ne"), ("thing", "th"), ("3.5", "35"), ("news", "newt")],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert terms(one) != terms(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max_tokens", ["max_tokens", "max", "token"]),
        ("--max-steps N", ["--max-steps", "max-steps", "max", "step", "n"]),
        ("`run:` takes", ["run:", "run", "tak"]),
        ("CO_API_KEY", ["co_api_key", "co", "api", "key"]),
        ("docs.yaml", ["docs.yaml", "doc", "yaml"]),
        ("C++ or C#", ["c++", "c", "c#", "c"]),
        ("at 09:00 on 2025-03-01", ["09:00", "2025-03-01", "2025", "03", "01"]),
        ("the and of", []),
        ("図書館は", ["図書", "書館", "館は"]),
        ("猫 9時", ["猫", "9", "時"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("!!! --- ...", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It opens at nine. Dogs stay out!  Why?", ["It opens at nine.", "Dogs stay out!", "Why?"]),
        ("Dr. Smith paid 3.5 euros, e.g. for v1.2. Fine.", ["Dr. Smith paid 3.5 euros, e.g. for v1.2.", "Fine."]),
        ("The U.S. Government left. In the U.S. The rest.", ["The U.S. Government left.", "In the U.S.", "The rest."]),
        (
            "See https://a.example/b.c?d=e. Then docs.yaml. End",
            ["See https://a.example/b.c?d=e.", "Then docs.yaml.", "End"],
        ),
        ("At 9 a.m. Tickets cost 4. Ask no. 5 first.", ["At 9 a.m.", "Tickets cost 4.", "Ask no. 5 first."]),
        ("J. Smith wrote it. No. It is not.", ["J. Smith wrote it.", "No.", "It is not."]),
        ('He said "stop." Then left. "Why?" she asked.', ['He said "stop."', "Then left.", '"Why?" she asked.']),
        ("**Note.** Read `a. b` first. Wait... what?", ["**Note.**", "Read `a. b` first.", "Wait... what?"]),
        (
            "図書館は9時に開く。土曜は「はい。」と言う！本当？はい",
            ["図書館は9時に開く。", "土曜は「はい。」と言う！", "本当？", "はい"],
        ),
        ("# Hours. Now\ntext here\n", ["Hours. Now", "text here"]),
        ("Title\n=====\ntext", ["Title", "text"]),
        ("- one. Two\n  more\n1. [x] three", ["one.", "Two\n  more", "three"]),
        ("> quoted one.\n> Two", ["quoted one.", "Two"]),
        ("| a. b | c |\n|---|---|\n| d | e |", ["| a. b | c |", "| d | e |"]),
        ("```py\nx = 1. Y\n\n}\n```\nend", ["x = 1. Y", "end"]),
        ("~~~\n```\na\n~~~\nb.", ["a", "b."]),
        ("```make run``` starts it. Wait.\nThen ask.", ["```make run``` starts it.", "Wait.", "Then ask."]),
        ("one\n#\ntwo", ["one", "two"]),
        ("one\n\ntwo", ["one", "two"]),
        ("\n\n---\n***\n!!!\n", []),
        ("", []),
        ("Es öffnet z. B. um 9 Uhr. Am 3. Mai ist es zu.", ["Es öffnet z. B. um 9 Uhr.", "Am 3. Mai ist es zu."]),
        ("Es gibt u. a. Bücher, d. h. viel. So ist es.", ["Es gibt u. a. Bücher, d. h. viel.", "So ist es."]),
        ("Er wohnt im 2. Stock. Sie nicht.", ["Er wohnt im 2. Stock.", "Sie nicht."]),
        ("Vom 1. bis 14. August ist zu.", ["Vom 1. bis 14. August ist zu."]),
        ("We close at 5. The pool is warm.", ["We close at 5.", "The pool is warm."]),
        ("I am 3. The cat is 4. Dogs bark.", ["I am 3.", "The cat is 4.", "Dogs bark."]),
        ("- 1. one", ["1.", "one"]),
        ("That is plan b. It works.", ["That is plan b.", "It works."]),
        ("Il est p. ex. ouvert. Entrez.", ["Il est p. ex. ouvert.", "Entrez."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [part.removeprefix("> ") for part in cut(text)] == expected


@given(st.text())
def test_sentence_spans_are_ordered_trimmed_and_inside(text: str) -> None:
    before = 0
    for start, end in sentences(text):
        assert before <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        before = end


@given(st.text(alphabet=st.sampled_from("aB1 .!?。\n`~#>-*|=_[](){}\"'é字\u0301\u200d\ud800")))
def test_any_text_has_terms_and_sentences(text: str) -> None:
    assert all(term for term in terms(text))
    covered = {i for start, end in sentences(text) for i in range(start, end)}
    assert all(len(text[i]) == 1 for i in covered)


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), min_size=1, max_size=30))
def test_every_word_of_a_plain_text_is_in_a_sentence(words: list[str]) -> None:
    text = ". ".join(words)
    assert "".join(cut(text)).replace(".", "") == "".join(words)


@pytest.mark.parametrize(
    ("unit", "end"), [("a", ""), (".", "a"), ("`", ""), ("字", ""), ("a.", ""), ("> ", ""), ("--", "")]
)
def test_a_megabyte_in_one_line_is_bounded(unit: str, end: str) -> None:
    text = unit * (1_000_000 // len(unit)) + end
    assert all(len(term) <= 64 for term in terms(text))
    assert all(stop <= len(text) for _, stop in sentences(text))


def test_words_are_counted_in_every_script() -> None:
    assert count_words("two words") == 2
    assert count_words("図書館 ok") == 4
    assert count_words("x" * 100) == 3
    assert list(word_spans("ab 字c")) == [(0, 2), (3, 4), (4, 5)]
