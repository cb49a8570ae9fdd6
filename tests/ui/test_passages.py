"""A passage as it is read, its snippet, and the head of its row: at any width, and from any text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from workbench.documents.evidence import Evidence, find_evidence
from workbench.documents.ledger import LedgerEntry
from workbench.documents.quotes import Quote, list_items, quote
from workbench.events import Cited
from workbench.ui.lines.data import data_flows
from workbench.ui.lines.passage import SHOWN, Form, Shown, form_of, passage_lines, snippet
from workbench.ui.panes.source_row import SourceRow
from workbench.ui.panes.source_rows import AskedSource, SourceRows

GUIDE = """# Visitor guide

## Hours

The **library** opens at
[09:00](http://town.example/hours) on weekdays and
closes at *18:00*. On Saturdays the
doors open at **10:00**.

| Day | Opens |
|---|---|
| Monday | **9** |
"""
RESULT = json.dumps(
    {"opens": "09:00", "on": ["Mon", "Fri"], "halls": [{"name": 'the "blue"', "seats": 80}, {"name": "red", "at": {}}],
     "none": [], "deep": [[1, 2], [{"x": "two\nlines"}]]}, indent=2,
)  # fmt: skip


def text_of(shown: Shown) -> str:
    return "\n".join(line.text.rstrip() for line in shown.lines)


def marked(shown: Shown) -> str:
    return "|".join(run.text for line in shown.lines for run in line.runs if run.marks)


@pytest.mark.parametrize(
    ("text", "path", "form"),
    [
        ("It opens.", "a.md", "markdown"),
        ("x: 1\ny: 2", "a.MD", "markdown"),
        ("It opens.", "a.txt", "plain"),
        ("# not a heading", "a.py", "plain"),
        ("event: Jazz\nplace: hall", "a.csv", "fields"),
        ("One field alone", "a.csv", "plain"),
        ("note: one field", "a.csv", "fields"),
        ("name: x\nsize: 2", None, "fields"),
        ("Note: this is prose that begins with a word and a colon.", None, "plain"),
        ("the 9:12 is on time", None, "plain"),
        ("# Title\n\nText", None, "markdown"),
        ("It is **bold** here", None, "markdown"),
        ("- one\n- two", None, "markdown"),
        ('{"a": 1}', None, "data"),
        ("[1, 2]", None, "data"),
        ("[1] a footnote", None, "plain"),
        ("{curly} words}", None, "plain"),
        ("[" * 100_000 + "]" * 100_000, None, "data"),
        ("", None, "plain"),
    ],
)
def test_what_a_text_is(text: str, path: str | None, form: Form) -> None:
    assert form_of(text, path) == form


def test_markdown_flows_to_the_width_without_its_marks() -> None:
    spans = find_evidence("the doors open at 10:00", GUIDE).spans
    shown = passage_lines(GUIDE, spans, "markdown", 70)
    assert "closes at 18:00. On Saturdays the doors open at 10:00." in text_of(shown)
    assert "**" not in text_of(shown) and "##" not in text_of(shown)
    assert marked(shown) == "the doors open at| |10:00"


def test_json_has_light_structure() -> None:
    spans = find_evidence("the blue, 80", RESULT).spans
    shown = passage_lines(RESULT, spans, "data", 60)
    assert text_of(shown) == (
        'opens: 09:00\non: Mon, Fri\nhalls:\n  - name: the "blue"\n    seats: 80\n  - name: red\n    at: {}\n'
        "none: []\ndeep:\n  - 1, 2\n  - - x: two\n        lines"
    )
    assert "80" in marked(shown) and "blue" in marked(shown)


def test_every_value_of_json_is_shown() -> None:
    text = "".join(flow.flow.text + "\n" for flow in data_flows(RESULT))
    for value in ("09:00", "Mon", "Fri", 'the "blue"', "80", "red", "two", "lines", "1", "2", "{}", "[]"):
        assert value in text


def test_fields_stand_in_lines_of_their_own_and_wrapped_prose_does_not() -> None:
    row = "event: Jazz evening\nnote: bring a friend along, and another one too\nplace: hall"
    assert text_of(passage_lines(row, (), "fields", 30)) == (
        "event: Jazz evening\nnote: bring a friend along,\n  and another one too\nplace: hall"
    )
    prose = (
        "The harbour tide turns twice a day, and the boats leave\nwith the ebb. Then:\n- one\n- two\n\n    code\n  x"
    )
    assert text_of(passage_lines(prose, (), "plain", 90)) == (
        "The harbour tide turns twice a day, and the boats leave with the ebb. Then:\n- one\n- two\n\n    code\n  x"
    )


def test_a_snippet_begins_at_the_sentence_of_the_cited_words() -> None:
    spans = find_evidence("doors open at 10:00", GUIDE).spans
    shown = snippet(GUIDE, spans, "markdown", 60, 2)
    assert text_of(shown) == "On Saturdays the doors open at 10:00."
    spans = find_evidence("Monday: 9", GUIDE).spans
    assert text_of(snippet(GUIDE, spans, "markdown", 60, 2)) == "Monday │ 9"
    spans = find_evidence("opens at 09:00", GUIDE).spans
    shown = snippet(GUIDE, spans, "markdown", 40, 1)
    assert text_of(shown) == "The library opens at 09:00 on weekdays"
    assert marked(shown) == "opens at| |09:00" and shown.behind


def test_of_a_long_passage_the_part_around_the_words_is_shown_and_the_rest_counted() -> None:
    text = "The tide turns twice.\n" * 5_000 + "The doors open late.\n" + "Boats leave.\n" * 5_000
    spans = find_evidence("doors open late", text).spans
    shown = passage_lines(text, spans, "plain", 50)
    assert marked(shown) == "doors open late"
    assert shown.before > 100_000 and shown.behind > 50_000
    assert shown.before + shown.behind + SHOWN >= len(text)
    assert shown.before == text.rindex("\n", 0, shown.before) + 1


PIECES = st.sampled_from(['{"', '":', "[", "]", "}", ",", '"', "\\n", "\\u00e9", "\\ud83d", "a", "\n", "日", ": ", "- ",
                          "```", "**", "|", "\t", " ", "\x1b", "\u202e", "1", "{", "\\", "e\u0301"])  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(["data", "fields", "plain", "markdown"]),
       st.integers(1, 30))  # fmt: skip
def test_any_text_is_shown_within_the_width(text: str, form: Form, width: int) -> None:
    spans = [(at, at + 1) for at in range(0, len(text), 3)]
    for shown in (passage_lines(text, spans, form, width), snippet(text, spans[:2], form, width, 2)):
        for line in shown.lines:
            assert Content(line.text).cell_length <= max(width, 2)
            assert "\x1b" not in line.text and "\u202e" not in line.text


LONG, WHERE = "A title of quite some length indeed", "troubleshooting.md:43-46"


def row(**fields: object) -> SourceRow:
    known: dict[str, object] = {"head": Content("t"), "title": "Visitor guide › Hours", "passage": "It opens."}
    known |= {"place": "docs/town/guide.md:12", "form": "plain", "number": 1, "count": 2}
    known |= {"evidence": Evidence(((0, 2),), True)}
    return SourceRow(**{**known, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("width", "fields", "head"),
    [
        (60, {}, " [1] Visitor guide › Hours        docs/town/guide.md:12 ×2 "),
        (60, {"set": "town"}, " [1] Visitor guide › Hours town · docs/town/guide.md:12 ×2 "),
        (46, {}, " [1] Visitor guide › Hours   …/guide.md:12 ×2 "),
        (44, {}, " [1] Visitor guide › Hours  guide.md:12 ×2 "),
        (36, {}, " [1] … › Hours guide.md:12 ×2 "),
        (52, {"title": LONG}, " [1] A title of quite some length indeed  …:12 ×2 "),
        (58, {"title": LONG}, " [1] A title of quite some length indeed guide.md:12 ×2 "),
        (62, {"title": LONG, "place": WHERE}, " [1] A title of quite some length indeed …ooting.md:43-46 ×2 "),
        (56, {"title": LONG, "place": WHERE}, " [1] A title of quite some length indeed …:43-46 ×2 "),
        (30, {"title": LONG}, " [1] A title of…      …:12 ×2 "),
        (30, {"title": "A_title_of_quite_some_length_indeed"}, " [1] A_title_of_qui…  …:12 ×2 "),
        (36, {"title": LONG, "place": "tool"}, " [1] A title of quite some… ×2 "),
        (60, {"number": None, "evidence": None}, "     Visitor guide › Hours           docs/town/guide.md:12 "),
        (60, {"number": 12}, " [12] Visitor guide › Hours       docs/town/guide.md:12 ×2 "),
        (12, {}, None),
    ],
)
def test_the_head_gives_title_and_place_the_room(width: int, fields: dict[str, object], head: str | None) -> None:
    first = row(**fields).lines(width, is_open=False)[0]
    assert first.cell_length <= width
    assert head is None or first.plain.split() == head.split()


def test_what_is_cut_in_the_head_is_told_when_the_row_is_open() -> None:
    lines = [line.plain for line in row(title="Visitor guide › Opening hours").lines(40, is_open=True)]
    assert "     Visitor guide › Opening hours" in lines
    assert "     docs/town/guide.md:12" in lines
    assert not any("docs/town" in line.plain for line in row(place="guide.md:12").lines(60, is_open=True)[1:])


def test_a_row_says_when_the_words_are_not_there() -> None:
    none = [line.plain for line in row(evidence=Evidence()).lines(60, is_open=False)]
    assert none[1].split(maxsplit=1) == ["!", "none of the cited words stand here"]
    assert len(none) == 3
    some = [line.plain for line in row(evidence=Evidence(((0, 2),), False)).lines(60, is_open=True)]
    assert "     in part: the answer has other words for the rest" in some


@pytest.mark.parametrize(
    ("lines", "text", "cited", "place"),
    [
        ((3, 5), "one\ntwo\nthree", "three", "a.md:5"),
        ((3, 5), "one\ntwo\nthree", "nothing", "a.md:3-5"),
        ((3, 9), "one\ntwo\nthree", "three", "a.md:3-9"),  # blank lines are missing in the passage
        ((4, 4), "one two", "two", "a.md:4"),
        (None, "one two", "two", "a.md"),
    ],
)
def test_the_place_is_the_line_of_the_cited_words_where_that_is_known(
    lines: tuple[int, int] | None, text: str, cited: str, place: str
) -> None:
    entry = LedgerEntry("k", 1, "document", "a#1", "A", text, path="a.md", lines=lines, cited=1, set="town")
    asked = AskedSource(entry, (Quote(cited),), "", names_set=False)
    assert SourceRows().rows([asked])[0]["k"].place == place
    assert asked.row(None).set == ""
    assert replace(asked, names_set=True).row(None).set == "town"


def test_several_cited_texts_of_one_source_are_marked_together() -> None:
    entry = LedgerEntry("k", 1, "tool", "c", "look_up", "one two three four five", cited=2)
    asked = AskedSource(entry, tuple(map(Quote, ("one two", "two three", "five"))), "", False)
    made = SourceRows()

    def evidence(each: AskedSource) -> Evidence | None:
        rows, waits = made.rows([each])
        assert not waits
        return rows["k"].evidence

    assert evidence(asked) == Evidence(((0, 13), (19, 23)), whole=True)
    assert evidence(replace(asked, quotes=(Quote("one"), Quote("nothing")))) == Evidence(((0, 3),), whole=False)
    assert evidence(replace(asked, entry=replace(entry, text="now one two"))) == Evidence(((4, 11),), whole=False)
    assert evidence(replace(asked, entry=replace(entry, text=" "))) is None


def test_the_item_of_a_list_that_is_cited_is_the_one_in_which_words_are_marked() -> None:
    result = [{"hall": "blue", "seats": 40}, {"hall": "red", "seats": 40}, {"hall": "green", "seats": 80}]
    for indent in (None, 2):
        text = json.dumps(result, indent=indent)
        entry = LedgerEntry("k", 1, "tool", "c1", "look_up", text, cited=1)
        for item, seats in ((0, "40"), (1, "40"), (2, "80"), (9, "40")):
            cited = Cited(ordinal=0, text=f"{seats}", sources=({"type": "tool", "id": f"c1:{item}"},))
            (row,) = SourceRows().rows([AskedSource(entry, (quote(cited, entry),), "", False)])[0].values()
            assert row.evidence is not None
            ((start, end),) = row.evidence.spans
            assert text[start:end] == seats
            assert text.count("{", 0, start) == (item + 1 if item < 3 else 1)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ('[{"a": 1}, {"b": [2]}]', ['{"a": 1}', '{"b": [2]}']),
        (" [\n {}\n]", ["{}"]),
        ("[1, 2]", []),
        ('[{"a": 1}, 2]', ['{"a": 1}']),
        ('[{"a": 1}', ['{"a": 1}']),
        ('[{"a": 1', []),
        ("[{" * 50_000, []),
        ("", []),
        ("no list", []),
    ],
)
def test_the_items_of_a_list(text: str, items: list[str]) -> None:
    assert [text[start:end] for start, end in list_items(text)] == items


def test_what_there_is_no_time_to_find_waits_with_its_head_and_is_found_later() -> None:
    entries = [LedgerEntry(str(n), n, "tool", "c", f"tool {n}", f"The answer is {n}00.", cited=1) for n in range(1, 6)]
    asked = [AskedSource(entry, (Quote(f"{entry.number}00"),), "", False) for entry in entries]
    made = SourceRows()
    for known in range(1, 6):
        left = iter([False, True, True, True, True])
        rows, waits = made.rows(asked, lambda left=left: next(left))  # type: ignore[misc]
        assert list(rows) == ["1", "2", "3", "4", "5"]
        assert [row.evidence is not None for row in rows.values()] == [number < known for number in range(5)]
        assert waits == (known < 5)
        assert all(row.lines(40, is_open=False)[0].plain.startswith(f" [{row.number}] tool") for row in rows.values())
        assert [len(row.lines(40, is_open=False)) for row in rows.values()] == [2] * known + [1] * (5 - known)


def test_hostile_names_stay_in_their_line() -> None:
    lines = row(title="a\nb\x1b[31m", place="x\u202ey/\x1b]0;z\x07", set="[bold]").lines(50, is_open=True)
    assert all("\n" not in line.plain and "\x1b" not in line.plain and "\u202e" not in line.plain for line in lines)
