"""The words that an answer cites are found in their passage, however that writes them; what is not there is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.documents.evidence import READ_WHOLE, EvidenceIn, find_evidence
from workbench.documents.readings import READINGS, read

HOURS = '{\n  "opens": "09:00",\n  "closes": "18:00",\n  "on": ["Monday", "Friday"]\n}'
ROW = "event: Jazz evening\nplace: blue hall, 2nd floor\nbegins: 19:30"


def found(cited: str, passage: str) -> list[str]:
    """What is marked of the passage, all of the cited text being there."""
    evidence = find_evidence(cited, passage)
    assert evidence.whole
    return [passage[start:end] for start, end in evidence.spans]


def parts(cited: str, passage: str) -> list[str]:
    """What is marked of the passage, which has only some of the cited words."""
    evidence = find_evidence(cited, passage)
    assert not evidence.whole
    return [passage[start:end] for start, end in evidence.spans]


@pytest.mark.parametrize(
    ("cited", "passage", "marked"),
    [
        ("opens at nine.", "It opens at nine. Yes.", ["opens at nine."]),
        ("the doors open at ten", "On Saturdays the doors\n  open at\r\nten.", ["the doors\n  open at\r\nten"]),
        ("the doors\nopen", "the doors open", ["the doors open"]),
        ("4 euros", "costs 4\u00a0euros a day", ["4\u00a0euros"]),
        ("the information", "the in\u00adfor\u00adma\u00adtion", ["the in\u00adfor\u00adma\u00adtion"]),
        ("zero width", "ze\u200bro wi\u2060dth", ["ze\u200bro wi\u2060dth"]),
        ("the timetable of", "the time-\n  table of", ["the time-\n  table of"]),
        ("The Library Opens", "so the library opens", ["the library opens"]),
        ("the library’s hours — daily", "the library's hours - daily", ["the library's hours - daily"]),
        ('"open" it says', "“open” it says", ["“open” it says"]),
        ("café now", "the cafe\u0301 now", ["cafe\u0301 now"]),
        ("ofﬁce 1000", "the office 1,000", ["office 1,000"]),
        ("Ruby", "Rubyists like RubyLLM and Ruby.", ["Ruby"]),
        ("believ", "unbelievable", ["believ"]),
        ("信息は九時に開きます", "図書館：信息は\n九時に開きます。", ["信息は\n九時に開きます"]),
        ("открыта с 9", "Библиотека открыта\nс 9 часов", ["открыта\nс 9"]),
        ("مفتوحة من التاسعة", "المكتبة مفتوحة\nمن التاسعة", ["مفتوحة\nمن التاسعة"]),
        ("पुस्तकालय खुला है", "यह पुस्तकालय\nखुला है आज", ["पुस्तकालय\nखुला है"]),
        ("👩‍👩‍👧 are free", "all 👩‍👩‍👧\nare free", ["👩‍👩‍👧\nare free"]),
    ],
)
def test_words_that_are_wrapped_or_written_otherwise(cited: str, passage: str, marked: list[str]) -> None:
    assert found(cited, passage) == marked


@pytest.mark.parametrize(
    ("cited", "passage", "marked"),
    [
        ("The library opens at nine.", "The **library** opens at *nine*.", ["The", "library", "opens at", "nine", "."]),
        ("an unbelievable story", "an un**believ**able story", ["an un**believ**able story"]),
        ("set max_tokens now", "set `max_tokens` now", ["set", "max_tokens", "now"]),
        (
            "see the guide (pdf) first",
            "see [the guide](http://a.b/c_(d)) (pdf) first",
            ["see", "the guide", "(pdf) first"],
        ),
        ("see the guide first", "see [the guide][g] first", ["see", "the guide", "first"]),
        ("Hours: opens at nine", "## Hours\n\nIt is so: opens at nine", None),
        ("open daily, closed on Monday", "1. open daily,\n2. closed on Monday", ["open daily,", "closed on Monday"]),
        ("open daily closed on Monday", "- open daily\n- [x] closed on Monday", ["open daily", "closed on Monday"]),
        ("it opens at nine", "> it opens\n> at nine", ["it opens", "at nine"]),
        ("Monday: 9", "| Day | Opens |\n|---|---|\n| Monday | **9** |", ["Monday", "9"]),
        (
            "Ticket: Week, Price: **18 euros**",
            "| Ticket | Price |\n|---|---|\n| Day | 4 euros |\n| Week | **18 euros** |",
            ["Week", "18 euros"],
        ),
        ("Fish & chips <hot>", "Fish &amp; chips &lt;hot&gt;", ["Fish &amp; chips &lt;hot&gt;"]),
        ("hot fish", "<b>hot</b> fi<i>sh</i>", ["hot", "fi<i>sh"]),
        ("**nine** o'clock", "at nine\no'clock", ["nine\no'clock"]),
        ("a*b is", "a\\*b\nis", None),
    ],
)
def test_words_with_markup_among_them(cited: str, passage: str, marked: list[str] | None) -> None:
    evidence = find_evidence(cited, passage)
    assert evidence.spans
    if marked is not None:
        assert found(cited, passage) == marked


@pytest.mark.parametrize(
    ("cited", "passage", "marked"),
    [
        ("opens: 09:00, closes: 18:00", HOURS, ["opens", ":", "09:00", ",", "closes", ":", "18:00"]),
        ("09:00, 18:00", HOURS, ["09:00", ",", "18:00"]),
        ("Monday and Friday", HOURS, None),
        ("18:00", HOURS, ["18:00"]),
        ("Jazz evening, blue hall, 2nd floor, 19:30", ROW, ["Jazz evening", "blue hall, 2nd floor", "19:30"]),
        ("place: blue hall", ROW, ["place: blue hall"]),
        ('He said "hi"\nthere é', r'{"x": "He said \"hi\"\nthere é"}', ['He said \\"hi\\"', "there é"]),
        ("a 😀 b", r'["a 😀 b"]', [r"a 😀 b"]),
        ("bold\ntext", r'{"x": "**bold**\ntext"}', ["bold", "text"]),
        ('hall, "big"', '"Jazz","hall, ""big"""', ['hall, "', 'big"']),
    ],
)
def test_words_in_json_and_rows(cited: str, passage: str, marked: list[str] | None) -> None:
    evidence = find_evidence(cited, passage)
    assert evidence.spans
    if marked is not None:
        assert found(cited, passage) == marked


@pytest.mark.parametrize(
    ("cited", "passage", "marked"),
    [
        ("As a rule, the library opens at nine", "Today the library opens at ten", ["the library opens at"]),
        ("It closes at 18:00 on most days", "closing time is 18:00", ["18:00"]),
        ("It was made by Matsumoto", "Yukihiro Matsumoto began it", ["Matsumoto"]),
        ("first the boats leave, then the fish market opens", "When the boats leave the ebb, the fish market opens",
         ["the boats leave", "the fish market opens"]),
        ("The opening is at 09:00 and the closing at 18:00", HOURS, ["09:00", "18:00"]),
    ],
)  # fmt: skip
def test_the_longest_stretches_of_a_paraphrase(cited: str, passage: str, marked: list[str]) -> None:
    assert parts(cited, passage) == marked


@pytest.mark.parametrize(
    ("cited", "passage"),
    [
        ("", "anything"),
        (" \n", "anything"),
        ("nothing of this", ""),
        ("It is so that there were some of the", "so it is that of the some were there"),
        ("The weather is fine", "It is a guide to the market"),
        ("The guide says 7", "Market on day 8"),
        ("!!", "no marks"),
    ],
)
def test_nothing_is_marked_where_nothing_fits(cited: str, passage: str) -> None:
    assert find_evidence(cited, passage).spans == ()


def test_a_long_passage_is_read_around_the_place() -> None:
    filler = "The harbour tide turns twice a day, and boats leave with it.\n" * 20_000
    passage = f"{filler}The Saturday **opening** is\nat half past ten. {filler}"
    assert len(passage) > 2_000_000 > READ_WHOLE
    assert found("The Saturday opening is at half past ten.", passage) == [
        "The Saturday", "opening", "is\nat half past ten.",
    ]  # fmt: skip
    assert parts("On Saturday opening is rather late", passage) == ["Saturday", "opening", "is"]
    assert find_evidence("Quite other words", passage).spans == ()


def test_a_place_in_the_middle_of_one_long_line() -> None:
    passage = "ab " * 200_000 + "zebra crossing" + " ab" * 200_000
    assert found("zebra\ncrossing", passage) == ["zebra crossing"]


def test_many_texts_are_looked_for_in_one_passage() -> None:
    passage = EvidenceIn("It **opens** at nine\nand closes at six.")
    for cited in ("It opens at nine", "closes at six.", "opens at nine and closes"):
        assert passage.find(cited).whole


TEXTS = st.sampled_from([
    "a", "bc", "nine", "Library", " ", "\n", "**", "`", "_", "[", "](", ")", '"', "\\", "\\n", "<b>", "{", "}", ":",
    ",", "# ", "- ", "1. ", "> ", "&amp;", "é", "日", "😀", "\u0301", "\xad", "\x00", "\x01", "\ud83d", "\\u00e9",
    "09:00", "’", "\u202e", "~~~", "-\n", "|",
])  # fmt: skip
LONG = st.lists(TEXTS, max_size=40).map("".join)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(LONG, LONG)
def test_any_text_gives_spans_in_order_within_the_passage(cited: str, passage: str) -> None:
    last = 0
    for start, end in find_evidence(cited, passage).spans:
        assert last <= start < end <= len(passage)
        last = end
    for reading in READINGS:
        assert len(read(passage, reading).text) == len(passage)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.sampled_from(["tide", "boats", "Library", "nine", "été", "日本", "4", "09:00", "don't"]), min_size=3,
                max_size=12), st.data())  # fmt: skip
def test_what_is_taken_from_a_passage_is_found_after_any_wrapping(picked: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(picked) - 1))
    last = data.draw(st.integers(first + 1, len(picked)))
    gaps = st.sampled_from(["\n", "  ", "\u00a0", " **", "** ", " _", "_ ", "\n> ", "\n- ", " | ", " `"])
    passage = picked[0] + "".join(data.draw(gaps) + word for word in picked[1:])
    cited = " ".join(picked[first:last])
    evidence = find_evidence(cited, passage)
    assert evidence.whole
    assert "".join("".join(passage[start:end].split()) for start, end in evidence.spans) == cited.replace(" ", "")


def test_values_of_any_json_are_found() -> None:
    value = {"name": 'a "b"\n\tc', "path": "C:\\new\\table", "rows": [{"city": "Zürich", "count": 12345}], "ok": True}
    for indent in (None, 2):
        for ascii_only in (True, False):
            text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
            for cited in ('a "b" c', "C:\\new\\table", "Zürich", "12345", "true"):
                evidence = find_evidence(cited, text)
                assert evidence.whole, (cited, text)
