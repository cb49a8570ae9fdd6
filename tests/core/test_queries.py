"""Queries: what of a question narrows a search, what stays prose, and that all kinds of sets find the same."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from workbench.config.given_documents import documents_at
from workbench.documents.conditions import Condition
from workbench.documents.load import load_sets
from workbench.documents.opening import open_sets
from workbench.documents.passages import DocumentSet, Passage, RetrievalMode, RetrievalSpec, SetSpec
from workbench.documents.queries import Query, parsed
from workbench.documents.retrieval import Found, Library, Retrieved
from workbench.documents.search_options import SearchOptions
from workbench.language.phrases import has_phrase
from workbench.language.search_terms import asked_words
from workbench.language.words import folded

FIELDS = {"year", "tag", "meta.author"}


def read(question: str) -> Query:
    return parsed(question, lambda name: name in FIELDS)


@pytest.mark.parametrize(("question", "words", "told"), [
    ('valve "was set" report', "valve was set report", 'with "was set"'),
    ("was ist “früher Vogel”?", "was ist früher Vogel", 'with "früher Vogel"'),
    ("„Hallo Welt“ jetzt", "Hallo Welt jetzt", 'with "Hallo Welt"'),
    ("jaguar -car speed", "jaguar speed", "without car"),
    ("-car jaguar", "jaguar", "without car"),
    ("What was the valve set to? -pump -well-known", "valve set", 'without pump, without "well-known"'),
    ('valve -"pump house"', "valve", 'without "pump house"'),
    ("valves year:2026", "valves", "year is 2026"),
    ('Which valves, tag:"two words"? year:2024..2026', "valves", "tag is two words, year from 2024 to 2026"),
    ("lamp year:2024,2025 meta.author:Ann", "lamp", "year is 2024 or 2025, meta.author is Ann"),
    ("lamp year:..2024", "lamp", "year to 2024"),
    ("lamp year:2024..", "lamp", "year from 2024"),
    ("year:2024.. lamp", "lamp", "year from 2024"),
    ("Which lamps, year:2024..?", "Which lamps, ?", "year from 2024"),
    ("lamp year:2024...", "lamp ...", "year is 2024"),
    ("lamp year:2023..2024.", "lamp .", "year from 2023 to 2024"),
    ("year:2026", "", "year is 2026"),
])  # fmt: skip
def test_what_narrows_a_search(question: str, words: str, told: str) -> None:
    query = read(question)
    assert (list(query.words), query.told()) == (asked_words(words), told)


@pytest.mark.parametrize("question", [
    "a well-known valve - and a pump", "- a list of things", "what is -5 plus 3?", "What does find -name do?",
    "how do I use grep -r foo -name", "git log --all -oneline", "Textilgroß- und -einzelhandel in Bonn",
    "Import und -export", "The valve -the red one- leaks", "see http://x.y note:this 10:30 std::vector re:Invent",
    'a 5" pipe and a 6" pipe', "it's 'so-called' and '90s", 'run `grep -word "x y" year:2026` now', '"the"', "-pump",
    'He wrote:\n"the valve was set"\n-pump', 'x "so-called" ' + "word " * 80, "year:", "where is -v?",
])  # fmt: skip
def test_prose_stays_prose(question: str) -> None:
    query = read(question)
    assert query.words == tuple(asked_words(question))
    assert not query.narrows
    assert query.told() == ""


@pytest.mark.parametrize(("phrase", "text", "is_there"), [
    ("valve was set", "The **Valve**\nwas  set.", True), ("valve was set", "valve was reset", False),
    ("was set", "it was sets", False), ("early bird", "Early-bird fares", True),
    ("it is hot.", "So it is hot, yes", True), ("node.js", "use Node.js now", True), ("node.js", "node js", False),
    ("c++", "in C++.", True), ("tokens", "max_tokens", False), ("valve", "an _valve_ here", True),
    ("ecole", "l'École", True), ("九時", "午前九時に", True), ("...", "...", False),
])  # fmt: skip
def test_phrases_are_words_one_after_another(phrase: str, text: str, is_there: bool) -> None:
    assert has_phrase(phrase, folded(text)) is is_there


@pytest.mark.parametrize(("condition", "values", "others"), [
    (Condition("f", (2026,)), [2026, "2026", 2026.0, [1, 2026]], ["26", True, None, {}, [], 2025]),
    (Condition("f", ("true",)), [True, "True"], [1, "yes", False]),
    (Condition("f", (True,)), [True, "true"], [1, "1"]),
    (Condition("f", ("Draft", "2")), ["draft ", 2, "DRAFT"], ["drafts", "", 20]),
    (Condition("f", least=2024, most="2026"), [2024, "2025.5", "2026-05-01"], [2023, 2027, "2027-01-01", True]),
    (Condition("f", least="2026-03"), ["2026-03-01", "2026-12"], ["2026-02-28"]),
    (Condition("f", most="2026-03"), ["2026-03-31", "2025"], ["2026-04-01"]),
])  # fmt: skip
def test_values_are_compared_as_what_they_are(condition: Condition, values: list[object], others: list[object]) -> None:
    assert [value for value in values if not condition.accepts({"F": value})] == []
    assert [value for value in others if condition.accepts({"f": value})] == []
    assert not condition.accepts({})
    assert Condition("meta.f", condition.values, condition.least, condition.most).accepts({"meta": {"f": values[0]}})


def _records(count: int) -> list[dict[str, object]]:
    chance = random.Random(3)
    words = ["valve", "pump", "lamp", "kiln", "was", "set", "to", "the", "red", "tide", "report", "node.js"]
    return [
        {
            "text": " ".join(chance.choices(words, k=chance.randint(5, 25))) + f" x{number}",
            "Year": chance.choice([2024, "2025", 2026.0]),
            **({"tags": chance.sample(["a", "b", "two words"], 2)} if number % 3 else {}),
            "info": {"draft": number % 7 == 0, 'o"dd': number % 5},
        }
        for number in range(count)
    ]


NARROWED = (
    '"valve was"', '"the red tide"', 'valve "was set to"', "lamp -valve", "valve year:2025", "report info.draft:true",
    'kiln tags:"two words" -pump', "valve year:2025..2026 info.draft:no", "year:2024", 'pump -"lamp kiln" -node.js',
    '"node.js" lamp', "valve x17 -x18", "lamp year:1999", "info.draft:true -lamp", '"to the"', "valve nofield:3",
)  # fmt: skip


@pytest.mark.parametrize("retrieval", [
    RetrievalSpec("keyword", 8), RetrievalSpec("keyword", 8, where=(Condition('info.o"dd', (1, 2, 3)),)),
    RetrievalSpec("all", where=(Condition("info.draft", (True,)),)),
])  # fmt: skip
def test_an_index_finds_what_looking_at_every_passage_finds(
    retrieval: RetrievalSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.documents.index.narrowing._DEEP", (3, 12))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "r.jsonl").write_text("\n".join(map(json.dumps, _records(400))))
    found = documents_at(tmp_path / "docs", None)
    assert found is not None
    spec = SetSpec(found.name, (), found.files, retrieval=retrieval)
    indexed = Library(open_sets([spec], tmp_path / "cache", lambda *_: None, index_all=True).shelves)
    whole = Library(load_sets([spec]).sets)
    sizes = []
    for question in NARROWED:
        wanted = whole.retrieve(question)
        assert _as_found(indexed.retrieve(question)) == _as_found(wanted), question
        assert all(parsed(question, whole.has_field).accepts(each.passage) for each in wanted)
        sizes.append(len(wanted))
    assert min(sizes) == 0
    assert sum(sizes) > 80
    assert indexed.has_field("YEAR")
    assert not indexed.has_field("text")


def _as_found(items: list[Retrieved]) -> list[tuple[Passage, float]]:
    return [(each.passage, round(each.score or 0.0, 9)) for each in items]


def library(mode: RetrievalMode, **texts: str) -> Library:
    passages = tuple(Passage(name, "s", "", text, {"text": text, "kind": name[0]}) for name, text in texts.items())
    return Library([DocumentSet("s", passages, RetrievalSpec(mode))])


def ids(found: Found) -> list[str]:
    return [each.passage.id for each in found.items]


def test_a_set_that_is_sent_whole_is_narrowed_too() -> None:
    docs = library("all", a1="The valve was set.", a2="The pump was set.", b="A lamp.")
    assert ids(docs.found("What was set? -pump")) == ["a1", "b"]
    assert ids(docs.found("kind:a")) == ["a1", "a2"]
    assert ids(docs.found('What is "pump was"?')) == ["a2"]


@pytest.mark.parametrize("mode", ["all", "keyword"])
def test_a_phrase_that_no_passage_has_finds_nothing_or_its_words(mode: RetrievalMode) -> None:
    docs = library(mode, a="The valve was set.", b="Was it the valve?")
    assert ids(docs.found('Was "the set valve" kept?')) == []
    found = docs.found('Was "the set valve" kept?', options=SearchOptions(strictly=False))
    assert ids(found)
    assert found.notes == ('no passage has "the set valve": what is sent was found by its words',)
    assert docs.found('Was "the valve" kept?', options=SearchOptions(strictly=False)).notes == ()


def test_an_earlier_question_stands_in_with_what_narrows_it() -> None:
    docs = library("keyword", a="The valve was set.", b="The valve and the pump.")
    assert ids(docs.found("And why?", ["Which valve? -pump"])) == ["a"]
