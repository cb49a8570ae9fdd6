"""Documents that are switched off or pinned: the request has what is left, and a session goes on with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.keeping import kept, session
from tests.core.test_branches import echo, request_of, taken
from workbench.config.given_documents import documents_at
from workbench.conversation import Changes
from workbench.conversation.turn import Turn
from workbench.documents.choices import NOTHING_CHOSEN, Choices, choices_of
from workbench.documents.chosen import ChosenDocuments
from workbench.documents.opening import open_sets
from workbench.documents.outline import outline, sizes
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library


def passage(set: str, name: str, number: int, text: str) -> Passage:
    return Passage(f"{name}#{number}", set, name, text, {"text": text, "title": name}, name, (number, number))


def town() -> Library:
    """A set that is sent whole, and one of which the two best are."""
    notes = [passage("notes", "a.md", 1, "The library opens at nine."), passage("notes", "b.md", 1, "Boats leave.")]
    found = [
        passage("guide", f"{'xyz'[at % 3]}.md", at, f"{'tea ' * (20 - at)}is served in room {at}.") for at in range(20)
    ]
    found.sort(key=lambda each: str(each.path))
    return Library(
        [
            DocumentSet("notes", tuple(notes), RetrievalSpec("all")),
            DocumentSet("guide", tuple(found), RetrievalSpec("keyword", top_k=2)),
        ]
    )


def ids(turn: Turn) -> list[str]:
    return [each["id"] for each in request_of(turn).get("documents", [])]


def found(library: Library, choices: Choices) -> list[str]:
    return [each.passage.id for each in ChosenDocuments(library, choices).retrieve("tea?")]


def test_what_is_off_gives_its_place_to_the_next_best() -> None:
    library, none = town(), NOTHING_CHOSEN
    assert found(library, none) == ["a.md#1", "b.md#1", "x.md#0", "y.md#1"]
    assert found(library, none.set_switched("notes")) == ["x.md#0", "y.md#1"]
    assert found(library, none.passage_switched("x.md#0").passage_switched("b.md#1")) == ["a.md#1", "y.md#1", "z.md#2"]
    off = none.document_switched("guide", "x.md").document_switched("notes", "a.md")
    assert found(library, off) == ["b.md#1", "y.md#1", "z.md#2"]
    assert found(library, off.document_switched("guide", "y.md")) == ["b.md#1", "z.md#2", "z.md#5"]
    assert found(library, Choices(sets_off=frozenset({"notes", "guide"}))) == []
    assert choices_of(off.as_json()) == off
    assert choices_of({"sets": [1], "documents": [["a"], 3], "passages": None}) == choices_of("no") == none


def test_what_is_pinned_is_sent_whatever_is_found() -> None:
    library = town()
    first, last = library.shelves[1].passages[0], library.shelves[1].passages[-1]
    choices = NOTHING_CHOSEN.pin_switched(last).pin_switched(first).set_switched("notes").passage_switched(last.id)
    sent = ChosenDocuments(library, choices).retrieve("tea?")
    assert [(each.passage.id, each.pinned, each.is_found) for each in sent] == [
        (last.id, True, False), ("x.md#0", True, True), ("y.md#1", False, True),
    ]  # fmt: skip
    assert choices.pin_switched(first).pinned == (last,)


async def test_turns_get_what_is_chosen_and_say_so() -> None:
    library = town()
    pinned = library.shelves[1].passages[-1]
    async with kept(echo) as (asked, _):
        asked.library = library
        assert ids(await asked.run("tea?")) == ["a.md#1", "b.md#1", "x.md#0", "y.md#1"]
        asked.choices = NOTHING_CHOSEN.set_switched("notes").passage_switched("x.md#0").pin_switched(pinned)
        assert [each["id"] for each in (await asked.preview("tea?")).body["documents"]] == [
            pinned.id,
            "y.md#1",
            "z.md#2",
        ]
        turn = await asked.run("tea?")
        assert ids(turn) == [pinned.id, "y.md#1", "z.md#2"]
        entries = {each.id: (each.pinned, each.rank) for each in turn.ledger.entries() if each.sent}
        assert entries == {pinned.id: (True, None), "y.md#1": (False, 1), "z.md#2": (False, 2)}
        assert asked.choices is not None and asked.choices.pinned == (), "to the next turn, and no further"
        assert ids(await asked.run("tea?")) == ["y.md#1", "z.md#2"]
        await taken(asked.again(2))
        assert ids(asked.turns[-1]) == [pinned.id, "y.md#1", "z.md#2"], "what was pinned to it goes along again"
        await taken(asked.again(2, Changes(sets=frozenset({"notes"}))))
        assert ids(asked.turns[-1]) == [pinned.id, "a.md#1", "b.md#1"], "sets that are chosen for it are on"
    async with kept(echo, resume=session()) as (asked, _):
        asked.library = library
        assert asked.choices == NOTHING_CHOSEN.set_switched("notes").passage_switched("x.md#0")
        assert ids(await asked.run("tea?")) == ["y.md#1", "z.md#2"]
        assert [entry.pinned for entry in asked.tree.turn(2).ledger.entries() if entry.sent] == [True, False, False]
        await taken(asked.again(2))
        assert ids(asked.turns[-1]) == [pinned.id, "y.md#1", "z.md#2"]
        asked.clear()
        assert ids(await asked.run("tea?")) == ["a.md#1", "b.md#1", "x.md#0", "y.md#1"], "another conversation"


@pytest.mark.parametrize("index_all", [False, True])
def test_the_outline_of_a_set_says_what_its_documents_are(tmp_path: Path, index_all: bool) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("# One\n\nFirst.\n\n# Two\n\nSecond, 東京.\n", "utf-8")
    (folder / "b.jsonl").write_text('{"id": "p", "text": "Tea."}\n{"id": "q", "text": "Ham."}\n')
    spec = documents_at(folder, None)
    assert spec is not None

    def opened() -> Library:
        return Library(open_sets([spec], tmp_path / "cache", lambda *_: None, index_all=index_all).shelves)

    [shelf] = opened().shelves
    before = outline(shelf)
    assert [(each.name.rpartition("/")[2], each.first, each.count) for each in before] == [
        ("a.md", 0, 2),
        ("b.jsonl", 2, 2),
    ]
    assert [each.size > 0 for each in before] == [True, True]
    assert [passage.id for passage in shelf.passages[2:4]] == ["p", "q"]
    assert sizes(shelf.passages[:2]).words == 9
    (folder / "a.md").write_text("# One\n\nFirst.\n\n# Two\n\nThird, 東京.\n", "utf-8")
    [again] = opened().shelves
    after = outline(again)
    assert [one.stamp == other.stamp for one, other in zip(before, after, strict=True)] == [False, True]
