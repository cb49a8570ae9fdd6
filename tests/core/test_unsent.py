"""What was found for a turn and not sent: how much of it there is, what is told of it, and what a session keeps."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.core.keeping import kept, session
from tests.core.test_branches import echo, request_of, taken
from tests.core.test_documents_chosen import town
from tests.core.test_replay import played
from tests.core.test_search_modes import SPEC, Topics
from workbench.conversation import retrieving
from workbench.conversation.turn import Turn
from workbench.documents.chain import ledger_json, state_of
from workbench.documents.choices import NOTHING_CHOSEN
from workbench.documents.chosen import ChosenDocuments
from workbench.documents.embedding import SearchModels
from workbench.documents.ledger import Ledger, LedgerEntry
from workbench.documents.modes import BEYOND
from workbench.documents.passages import DocumentSet, Passage, RerankSpec, RetrievalMode, RetrievalSpec
from workbench.documents.retrieval import Found, Library
from workbench.plain.turn_lines import sources_of
from workbench.sessions.export.told import unsent_line


def boats(count: int, spec: RetrievalSpec, name: str = "boats") -> DocumentSet:
    passages = (
        Passage(f"{name}{at:02}", name, f"Pier {at}", f"A boat waits. {'Bread. ' * at}".strip(), {}, f"{name}{at}.md")
        for at in range(count)
    )
    return DocumentSet(name, tuple(passages), spec)


def ids(found: Found) -> tuple[list[str], list[str]]:
    return [each.passage.id for each in found.items], [each.passage.id for each in found.beyond]


@pytest.mark.parametrize("mode", ["keyword", "vector", "hybrid", "rerank"])
def test_behind_what_is_sent_stands_what_was_found_too_in_every_mode(mode: RetrievalMode, tmp_path: Path) -> None:
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path)
    few, all_of_them = (
        Library([boats(40, RetrievalSpec(mode, top_k=top_k, embed=SPEC))], models).found("Where does the boat wait?")
        for top_k in (3, 3 + BEYOND)
    )
    sent, beyond = ids(few)
    assert (len(sent), len(beyond), few.looks[0].found) == (3, BEYOND, 3)
    assert sent + beyond == ids(all_of_them)[0], "they are those that would be sent next"
    scores = [each.score for each in (*few.items, *few.beyond)]
    assert scores == sorted(scores, key=lambda score: -(score or 0.0))


def test_a_reranker_is_asked_about_no_more_than_its_candidates(tmp_path: Path) -> None:
    topics = Topics()
    spec = RetrievalSpec("rerank", top_k=2, rerank=RerankSpec("rerank-x", 5, "keyword"))
    found = Library([boats(40, spec)], SearchModels(topics, topics, tmp_path)).found("boat")
    assert (len(found.items), len(found.beyond), found.looks[0].candidates) == (2, 3, 5)
    assert all(each.spans for each in (*found.items, *found.beyond))


def test_sets_share_what_is_told_and_one_that_is_sent_whole_has_nothing_beyond() -> None:
    spec = RetrievalSpec("keyword", top_k=2)
    library = Library([boats(40, spec, "a"), boats(40, spec, "b"), boats(3, RetrievalSpec("all"), "whole")])
    sent, beyond = ids(library.found("boat"))
    assert [id[0] for id in sent] == ["a", "a", "b", "b", "w", "w", "w"]
    assert [id[0] for id in beyond] == ["a"] * (BEYOND // 2) + ["b"] * (BEYOND // 2)
    assert ids(Library([boats(2, spec)]).found("boat"))[1] == []
    assert ids(library.found("nothing of it"))[1] == []


def test_what_is_off_is_not_beyond_either_and_what_is_pinned_is_sent() -> None:
    library = town()
    whole = ids(library.found("tea?"))[1]
    assert whole[:2] == ["z.md#2", "x.md#3"] and len(whole) == 18
    choices = NOTHING_CHOSEN.passage_switched("x.md#0").passage_switched("x.md#3")
    found = ChosenDocuments(library, choices).found("tea?")
    assert ids(found) == (["a.md#1", "b.md#1", "y.md#1", "z.md#2"], whole[2:])
    assert [look.found for look in found.looks] == [2]
    last = library.shelves[1].passages[-1]
    pinned = ids(ChosenDocuments(library, choices.pin_switched(last)).found("tea?"))
    assert pinned[0][0] == last.id and last.id not in pinned[1]


def entries(ledger: Ledger) -> list[tuple[str, bool, int | None, int | None]]:
    return [(each.id, each.sent, each.rank, each.number) for each in ledger.entries()]


def test_the_ledger_has_it_last_until_it_is_sent_or_cited() -> None:
    ledger = Ledger()
    first, second, third = (Passage(name, "s", name, f"Text of {name}.", {}, f"{name}.md") for name in "abc")
    ledger.sent(first, 3.0, 1)
    ledger.found(second, 2.0, 2, spans=((0, 99, 0.5),), matched=("text",))
    ledger.found(third, 1.0, 3)
    ledger.found(first, 0.5, 4)
    ledger.tool_result("call", "hours", {}, "nine")
    assert entries(ledger) == [
        ("a", True, 1, None), ("call", True, None, None), ("b", False, 2, None), ("c", False, 3, None),
    ]  # fmt: skip
    told = ledger_json(ledger.entries(), ())[2]
    assert (told["state"], told["sent"], told["rank"], told["score"], told["matched"]) == (
        "not sent", False, 2, 2.0, ["text"],
    )  # fmt: skip
    assert told["spans"] == [{"start": 0, "end": len("Text of b."), "score": 0.5}]
    assert told["relevance"] is None, "that it is not cited is no wonder"
    again = Ledger()
    again.sent_with(ledger)
    assert entries(again) == entries(ledger.as_sent()) == [entries(ledger)[at] for at in (0, 2, 3)]

    ledger.cite([{"type": "document", "document": {"text": "Text of b."}}])
    assert entries(ledger)[0][0] != "b", "a source without an id is not what was never sent"
    ledger.cite([{"type": "document", "id": "c", "document": {"id": "c", "text": "Other words."}}])
    ledger.found_by_call("call", [(second, 9.0, 1)])
    by_id = {each.id: each for each in ledger.entries()}
    assert (by_id["c"].number, by_id["c"].sent, by_id["c"].text) == (2, False, "Text of c.")
    assert (by_id["b"].sent, by_id["b"].score, by_id["b"].rank) == (True, 9.0, 1)


def unsent(turn: Turn) -> Sequence[LedgerEntry]:
    return [each for each in turn.ledger.entries() if state_of(each) == "not sent"]


async def test_a_turn_tells_it_and_a_session_keeps_all_but_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    library = town()
    async with kept(echo) as (asked, _):
        asked.library = library
        turn = await asked.run("tea?")
        beyond = unsent(turn)
        assert len(beyond) == 18
        assert [each.rank for each in beyond] == list(range(5, 23)), "two sent whole, two found, then these"
        assert (beyond[0].id, beyond[0].matched, beyond[0].path) == ("z.md#2", ("tea",), "z.md")
        assert beyond[0].text.startswith("tea tea") and beyond[0].score
        sent = [each["id"] for each in request_of(turn)["documents"]]
        assert [each.id for each in turn.ledger.entries() if each.sent] == sent
        assert sources_of(turn) == ["sources: none is cited of 4 that were sent"]
        assert unsent_line(beyond[0]).startswith("#5 ") and "z.md:2" in unsent_line(beyond[0])
        await taken(asked.again(1))
        assert [each.id for each in unsent(asked.turns[-1])] == [each.id for each in beyond]
        monkeypatch.setattr(retrieving, "MOST_UNSENT", 100)
        texts = [each.text for each in unsent(await asked.run("tea?"))]
        assert texts[0] and not any(texts[2:]), "so much of it is held, and no more"
    lines = [json.loads(line) for line in session().read_text().splitlines()]
    (kept_then, *_) = (line for line in lines if line["kind"] == "sources")
    assert len(kept_then["beyond"]) == 18 and not any("text" in each for each in kept_then["beyond"])

    async with kept(echo, resume=session()) as (asked, _):
        again = unsent(asked.tree.turn(1))
        assert [(each.id, each.rank, each.score, each.matched, each.path, each.lines, each.text) for each in again] == [
            (each.id, each.rank, each.score, each.matched, each.path, each.lines, "") for each in beyond
        ]
    turns, _ = await played(session())
    assert [(each.id, each.rank) for each in unsent(turns[0])] == [(each.id, each.rank) for each in beyond]


async def test_a_file_of_an_earlier_version_has_none() -> None:
    async with kept(echo) as (asked, _):
        asked.library = town()
        await asked.run("tea?")
    path = session()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert any(line.pop("beyond", None) for line in lines)
    texts = [json.dumps({name: value for name, value in line.items() if name != "sum"}) for line in lines]
    older = path.with_name("older.jsonl")
    older.write_text("".join(f'{text[:-1]},"sum":"{zlib.crc32(text.encode()):08x}"}}\n' for text in texts))
    turns, _ = await played(older)
    assert len(turns) == 1 and len(turns[0].ledger.entries()) == 4
