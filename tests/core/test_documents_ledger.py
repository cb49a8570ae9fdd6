"""The ledger: numbers in the order of citing, sources matched to what was sent, nothing lost."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.documents.ledger import Ledger, coverage, uncited
from workbench.documents.passages import Passage

HOURS = Passage("guide.md#1", "guide", "Guide › Hours", "Opens at nine.", path="guide.md", lines=(3, 4))
TICKETS = Passage("guide.md#2", "guide", "Guide › Tickets", "Four euros.", path="guide.md", lines=(6, 9))


def document(id: str, **fields: Any) -> dict[str, Any]:
    return {"type": "document", "id": id, "document": {"id": id, **fields}}


def tool(id: str, **output: Any) -> dict[str, Any]:
    return {"type": "tool", "id": id, "tool_output": output}


def filled() -> Ledger:
    ledger = Ledger()
    ledger.sent(HOURS, 2.5)
    ledger.sent(TICKETS)
    ledger.tool_result("opening_hours_x1", "opening_hours", {"place": "library"}, '{"opens": "09:00"}')
    return ledger


def test_numbers_follow_the_first_citation() -> None:
    ledger = filled()
    assert ledger.cite([document("guide.md#2")]) == (1,)
    assert ledger.cite([tool("opening_hours_x1:0", opens="09:00"), document("guide.md#2")]) == (2, 1)
    assert ledger.cite([document("guide.md#2"), document("guide.md#2")]) == (1,)
    first, second, third = ledger.entries()
    assert (first.number, first.title, first.cited, first.path, first.lines) == (
        1,
        "Guide › Tickets",
        3,
        "guide.md",
        (6, 9),
    )
    assert (second.number, second.kind, second.title, second.id) == (2, "tool", "opening_hours", "opening_hours_x1")
    assert (second.text, second.arguments, second.cited) == ('{"opens": "09:00"}', {"place": "library"}, 1)
    assert (third.number, third.id, third.cited, third.score) == (None, "guide.md#1", 0, 2.5)
    assert (first.set, second.set, third.set) == ("guide", "", "guide")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (document("guide.md#1"), "guide.md#1"),
        (document("doc:1"), "guide.md#2"),
        ({"type": "document", "document": {"id": "guide.md#2"}}, "guide.md#2"),
        ({"type": "document", "document": {"text": "Opens at nine."}}, "guide.md#1"),
        (tool("opening_hours_x1:0"), "opening_hours_x1"),
        (tool("opening_hours_x1:3"), "opening_hours_x1"),
        (tool("opening_hours_x1"), "opening_hours_x1"),
        (tool("guide.md#1", text="Opens at nine."), "guide.md#1"),
        ({"type": "novel", "id": "guide.md#1"}, "guide.md#1"),
        ({"id": "doc:0"}, "guide.md#1"),
    ],
)
def test_sources_are_matched_to_what_was_sent(source: dict[str, Any], expected: str) -> None:
    ledger = filled()
    assert ledger.cite([source]) == (1,)
    assert ledger.entries()[0].id == expected
    assert len(ledger.entries()) == 3


@pytest.mark.parametrize(
    ("source", "kind", "id", "title", "text"),
    [
        (document("other", title="T", snippet="S"), "document", "other", "T", "S"),
        (document("doc:7", text="x"), "document", "doc:7", "doc:7", "x"),
        (tool("unknown_call:0", content="raw"), "tool", "unknown_call:0", "unknown_call:0", "raw"),
        (tool("mine", a=1, b=[2]), "tool", "mine", "mine", "a: 1\nb: [2]"),
        ({"type": "web", "id": "w", "document": "plain"}, "other", "w", "w", "plain"),
        ({"type": "tool", "tool_output": {"content": "no id"}}, "tool", "", "tool", "no id"),
        ({}, "other", "", "other", ""),
        ({"type": ["x"], "id": {"y": 1}, "document": 5}, "other", "", "other", ""),
    ],
)
def test_unknown_sources_get_their_own_entry(source: dict[str, Any], kind: str, id: str, title: str, text: str) -> None:
    ledger = filled()
    assert ledger.cite([source]) == (1,)
    assert ledger.cite([source]) == (1,)
    entry = ledger.entries()[0]
    assert (entry.kind, entry.id, entry.title, entry.text, entry.cited) == (kind, id, title, text, 2)
    assert [bool(each.cited) for each in ledger.entries()] == [True, False, False, False]


def test_sources_without_id_and_with_different_text_are_different() -> None:
    ledger = Ledger()
    first, second = ({"type": "tool", "tool_output": {"content": text}} for text in ("a", "b"))
    assert ledger.cite([first, second, first]) == (1, 2)
    assert len({entry.key for entry in ledger.entries()}) == 2


def test_what_is_no_source_is_passed_over() -> None:
    hostile: Any = [None, "x", 3, document("guide.md#1")]
    assert filled().cite(hostile) == (1,)
    assert filled().cite([]) == ()


def test_sending_again_keeps_place_number_and_score() -> None:
    ledger = filled()
    ledger.cite([document("guide.md#1")])
    ledger.sent(HOURS)
    ledger.sent(TICKETS, 1.0)
    assert [(e.id, e.number, e.score) for e in ledger.entries() if e.kind == "document"] == [
        ("guide.md#1", 1, 2.5),
        ("guide.md#2", None, 1.0),
    ]
    assert ledger.cite([document("doc:1")]) == (2,)


def test_a_cited_id_that_is_sent_later_is_one_entry() -> None:
    ledger = Ledger()
    ledger.cite([document("guide.md#1", text="early")])
    ledger.sent(HOURS)
    (entry,) = ledger.entries()
    assert (entry.number, entry.text, entry.path) == (1, "Opens at nine.", "guide.md")
    ledger.sent(TICKETS)
    assert ledger.cite([document("doc:0"), document("doc:1")]) == (1, 2)


def test_a_source_without_content_is_not_an_empty_result() -> None:
    ledger = Ledger()
    ledger.tool_result("call", "quiet", {}, "")
    ledger.cite([{"type": "tool"}])
    assert [bool(each.cited) for each in ledger.entries()] == [True, False]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", "doc:0", "x:1"]), max_size=4), max_size=12))
def test_numbers_are_dense_and_entries_keep_them(citations: list[list[str]]) -> None:
    ledger = filled()
    seen = [number for ids in citations for number in ledger.cite([document(id) for id in ids])]
    numbers = [entry.number for entry in ledger.entries() if entry.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert list(dict.fromkeys(seen)) == numbers
    assert sum(entry.cited for entry in ledger.entries()) == len(seen)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], (0, 3)),
        ([(0, 2)], (1, 3)),
        ([(4, 8), (0, 2)], (2, 3)),
        ([(0, 12)], (3, 3)),
        ([(8, 8), (3, 3), (9, 5)], (0, 3)),
        ([(3, 4)], (0, 3)),
        ([(11, 99), (-5, 1)], (2, 3)),
        ([(0, 1), (0, 1), (1, 2)], (1, 3)),
    ],
)
def test_coverage_counts_touched_sentences(spans: list[tuple[int, int]], expected: tuple[int, int]) -> None:
    assert coverage("Aa. Bbb. Cc.", spans) == expected


def test_coverage_of_nothing() -> None:
    assert coverage("", [(0, 5)]) == (0, 0)


def test_two_results_of_one_call_id_are_both_kept_and_a_resent_one_is_not_doubled() -> None:
    ledger = filled()
    ledger.tool_result("opening_hours_x1", "opening_hours", {}, "second")
    ledger.tool_result("opening_hours_x1", "opening_hours", {}, "second")
    assert [entry.text for entry in ledger.entries() if entry.kind == "tool"] == ['{"opens": "09:00"}\n\nsecond']


@pytest.mark.parametrize(
    "source",
    [
        tool("c1"),
        tool("c1:0"),
        tool("c1:0", error="not allowed"),
        {"type": "tool", "tool_output": {"error": "not allowed"}},
        {"type": "document", "id": "c1:0", "document": {"id": "c1:0", "error": "not allowed"}},
        {"id": "c1:0"},
    ],
)
def test_a_call_that_was_refused_is_no_source(source: dict[str, Any]) -> None:
    ledger = filled()
    ledger.refused("c1", "not allowed")
    before = ledger.entries()
    assert ledger.cite([source]) == ()
    assert ledger.entries() == before
    assert ledger.cite([source, document("guide.md#1")]) == (1,)


def test_a_call_that_ran_is_a_source_though_another_of_its_id_was_refused() -> None:
    ledger = Ledger()
    ledger.refused("c1", "not allowed")
    ledger.tool_result("c1", "opening_hours", {}, "nine")
    assert ledger.cite([tool("c1:0")]) == (1,)
    ledger.refused("c1", "not allowed")
    assert ledger.cite([tool("c1:0")]) == (1,)


def test_a_refused_call_without_an_id_hides_no_other_source() -> None:
    ledger = filled()
    ledger.refused("", "")
    assert ledger.cite([tool("c2:0", opens="09:00"), document("guide.md#2")]) == (1, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The documents say:\n\n- It opens at 9.\n- It costs 4.", ["It opens at 9.", "It costs 4."]),
        ("The documents say: it opens at 9.", ["The documents say: it opens at 9."]),
        ("**Hours**:\n\nIt opens.\n\nHere is what I found:", ["It opens."]),
        ("- Monday:\n  - it is closed\n- Friday: open", ["it is closed", "Friday: open"]),
        ("# Hours\n\n**In summer**\n\n- **Louvre**\n\n**It is open.**", ["**Louvre**", "**It is open.**"]),
        ("It opens. Do you want more? Yes.", ["It opens.", "Yes."]),
        ('They ask "Who is it?" "Who?" (Who?)', ['They ask "Who is it?"']),
        ("| Day | Hour |\n|:--|--:|\n| Mo | 9 |\n| Tu | 10 |", ["| Mo | 9 |", "| Tu | 10 |"]),
        ("Run:\n\n```sh\na\n\nb\n```\n```\nc\n```\nThen rest.", ["a\n\nb", "c", "Then rest."]),
        ("図書館は9時に開きます。何時ですか？\n\n次のとおりです：", ["図書館は9時に開きます。"]),
        ("## Only\n\nWhat is it?", []),
    ],
)
def test_lead_ins_headings_and_questions_need_no_source(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in uncited(text, [])] == expected
    assert coverage(text, []) == (0, len(expected))


@given(
    st.text(alphabet='ab.?:|-#*`>\n \t"(9。', max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)))
)
def test_what_is_uncited_is_what_coverage_does_not_count(text: str, spans: list[tuple[int, int]]) -> None:
    cited, counted = coverage(text, spans)
    rest = uncited(text, spans)
    assert len(rest) == counted - cited
    assert all(text[start:end].strip() for start, end in rest) and rest == sorted(set(rest))
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(rest))
    assert not any(start < last and first < end for start, end in rest for first, last in spans if first < last)
