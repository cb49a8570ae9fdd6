"""One set in memory, in the SQLite index, and in a Lance store in a folder and on S3: whatever it is asked, all four
give the same passages with the same scores, also after files came, changed and went."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.core.test_index import TONGUES, generated, written
from tests.core.test_search_modes import SPEC, Topics
from tests.stores import Place, s3_server
from workbench.documents.choices import Choices
from workbench.documents.chosen import ChosenDocuments
from workbench.documents.conditions import Condition
from workbench.documents.embedding import BATCH, SearchModels, Stop
from workbench.documents.lance.place import is_installed
from workbench.documents.load import load_sets
from workbench.documents.opening import open_sets
from workbench.documents.passages import Passage, RerankSpec, RetrievalMode, RetrievalSpec, SetSpec
from workbench.documents.queries import Query
from workbench.documents.retrieval import Found, Library
from workbench.documents.search_options import SearchOptions
from workbench.documents.search_tool import search
from workbench.errors import HttpError

Opens = Callable[[SetSpec], Library]
"""Brings a set up to date, and opens it."""

needs_lance = pytest.mark.skipif(not is_installed(), reason="needs pip install 'cohere-workbench[lance]'")

RECORDS = [
    {"id": "pier", "title": "Pier", "text": "The ferry waits at the pier.", "year": 2024, "meta": {"by": "Ann"}},
    {"id": "swarm", "title": "Bees", "text": "In May the swarm leaves the hive.", "year": "2025", "tags": ["a", "b"]},
    {"id": "rest", "title": "Leave", "text": "Thirty days of vacation, and rest.", "year": 2026, "tags": ["b"]},
    {"id": "same", "title": "Pier", "text": "The ferry waits at the pier.", "year": 2023, "draft": True},
    {
        "id": "part",
        "summary": "The kiln is hot.",
        "text": "The kiln is hot.",
        "year": 2026.0,
        "größe": 3,
        "名前": ["窯"],
    },
]

QUESTIONS = (
    *("When does the ferry leave the pier?", "valve of the report", "kiln", "part 3", "zeppelin", "And why?", ""),
    *("図書館は何時に開館しますか", "星期一", "เก้าโมง", "박물관", "Wann oeffnet die BUCHEREI?", "max_tokens", "c++"),
    *(
        '"at the pier"',
        '"the pier" -waits',
        "valve -x",
        'report -"part 3"',
        '-"the pier" ferry',
        '"no such phrase here"',
    ),
    *(
        "year:2026",
        "year:2024..2025 swarm",
        "ferry year:2023",
        "tags:b",
        "meta.by:ann",
        "draft:true pier",
        "Year:2026",
        "title:pier",
    ),
    *("year:2026 -kiln", 'year:2024 "the pier"', "kind:b valve", "kind:a", 'kind:c "part 3" valve', "nokind:3 valve"),
    *("größe:3", "Größe:2..4 kiln", "größe:4", "名:窯"),
)


@pytest.fixture(scope="module")
def s3() -> Iterator[Place]:
    with s3_server() as place:
        yield place


@pytest.fixture(
    params=["index", pytest.param("folder", marks=needs_lance), pytest.param("s3", marks=needs_lance)],
)
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Opens:
    def index(spec: SetSpec) -> Library:
        return Library(open_sets([spec], tmp_path / "cache", lambda *_: None, index_all=True).shelves)

    def store(spec: SetSpec) -> Library:
        stored = replace(spec, store=place.store("alike"))
        found = open_sets([stored], None, lambda *_: None, index_all=True, environ=place.environ)
        assert [str(each) for each in found.loaded.fatal] == []
        return Library(found.shelves)

    if request.param == "index":
        return index
    place = Place(str(tmp_path / "shared"), {})
    if request.param == "s3":
        there = cast(Place, request.getfixturevalue("s3"))
        place = replace(there, root=f"{there.root}/{tmp_path.name}")
    return store


@pytest.fixture
def spec(tmp_path: Path) -> SetSpec:
    pages = generated(6, 8)
    for number, name in enumerate(pages):
        pages[name] = f"---\nyear: {2020 + number % 3}\nkind: {'abc'[number % 3]}\n---\n{pages[name]}"
    tongues = {f"{name}.txt": text for name, text in TONGUES.items()}
    records = "".join(f"{json.dumps(each)}\n" for each in RECORDS)
    plain = {"plain.md": "# Pier\n\nThe pier is long.\n\n# Plain\n\nThe kiln is cold."}
    found = written(tmp_path / "docs", {**pages, **plain, **tongues, "records.jsonl": records})
    return replace(found, retrieval=RetrievalSpec("keyword", 5, embed=SPEC))


def told(found: Found) -> list[tuple[Passage, float | None, tuple[object, ...]]]:
    return [(each.passage, each.score and round(each.score, 9), each.spans) for each in found.items]


def in_memory(spec: SetSpec) -> Library:
    return Library(load_sets([spec]).sets)


def compared(one: Library, other: Library) -> int:
    """Whether both find the same for every question, strictly or not; how much that is."""
    assert [list(each) for each in one.passages] == [list(each) for each in other.passages]
    count = 0
    for question in QUESTIONS:
        for strictly in (True, False):
            options = SearchOptions(strictly=strictly)
            found = told(one.found(question, ["valve"], options))
            assert found == told(other.found(question, ["valve"], options)), question
            count += len(found)
    return count


def test_words_and_what_narrows_them(opens: Opens, spec: SetSpec) -> None:
    assert compared(opens(spec), in_memory(spec)) > 150


def test_files_that_changed_came_and_went(opens: Opens, spec: SetSpec, tmp_path: Path) -> None:
    before = opens(spec)
    assert before.retrieve("zanzibar") == []
    folder, later = tmp_path / "docs", generated(2, 6, seed=3)
    (folder / "r001.md").write_text(f"{later['r000.md']}\nThe zanzibar lamp is lit, and the ferry sees it.\n")
    (folder / "r003.md").unlink()
    (folder / "aaa.md").write_text(f"---\nyear: 2026\nkind: b\n---\n{later['r001.md']}")
    records = "".join(f"{json.dumps(each)}\n" for each in RECORDS[1:])
    (folder / "records.jsonl").write_text(records.replace("vacation", "holidays"))
    after = opens(spec)
    assert compared(after, in_memory(spec)) > 150
    assert [each.passage.path for each in before.retrieve("zanzibar lamp")] == ["r001.md"], "an open set sees it"


def test_ids_are_free_again_with_the_file_that_had_them(opens: Opens, spec: SetSpec, tmp_path: Path) -> None:
    opens(spec)
    folder = tmp_path / "docs"
    (folder / "records.jsonl").rename(folder / "zebra.jsonl")
    after = opens(spec)
    assert {"pier", "swarm"} <= {each.id for each in after.passages[0]}
    assert compared(after, in_memory(spec)) > 150


def test_whoever_goes_over_all_passages_gets_those_that_are_left(
    opens: Opens, spec: SetSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.documents.lance.stored_set._OF_NOW", 0.0)
    [passages] = opens(spec).passages
    before = list(passages)
    for number in range(1, 6):
        (tmp_path / "docs" / f"r00{number}.md").unlink()
    [after] = opens(spec).passages  # another program
    assert len(after) < len(before) - 30
    assert list(passages) == list(after)
    with pytest.raises(IndexError):
        passages[len(after)]


@pytest.mark.parametrize(
    "where",
    [
        (Condition("title", ("pier", "Bees")),),
        (Condition("text", ("The ferry waits at the pier.",)),),
        (Condition("summary", ("the kiln is hot.",)),),
        (Condition("year", least=2024, most=2025),),
        (Condition("year", (2026,)), Condition("tags", ("b",))),
        (Condition("meta.by", ("Ann",)),),
        (Condition("kind", ("a", "b")),),
        (Condition("größe", least=3),),
        (Condition("none", (1,)),),
    ],
    ids=lambda where: where[0].field,
)
def test_a_set_that_is_narrowed_by_its_file(opens: Opens, spec: SetSpec, where: tuple[Condition, ...]) -> None:
    narrowed = replace(spec, retrieval=replace(spec.retrieval, where=where))
    compared(opens(narrowed), in_memory(narrowed))
    whole = replace(spec, retrieval=RetrievalSpec(None, budget_words=60, where=where))
    assert [each.sends_all for each in opens(whole).shelves] == [each.sends_all for each in in_memory(whole).shelves]
    assert told(opens(whole).found("pier")) == told(in_memory(whole).found("pier"))


@pytest.mark.parametrize("mode", ["vector", "hybrid", "rerank"])
def test_modes_that_compare_meanings(opens: Opens, spec: SetSpec, mode: RetrievalMode, tmp_path: Path) -> None:
    topics = Topics()
    changed = replace(spec, retrieval=replace(spec.retrieval, mode=mode, rerank=RerankSpec("rerank-x", 12, "hybrid")))
    one = opens(changed).with_models(SearchModels(topics, topics, tmp_path / "one"))
    other = in_memory(changed).with_models(SearchModels(topics, topics, tmp_path / "other"))
    assert compared(one, other) > 150
    texts = {f"{each.title}\n\n{each.text}" for each in other.passages[0]}
    assert len(topics.embedded) == 2 * len(texts), "each text once for either"


def test_documents_that_are_off_and_passages_that_are_pinned(opens: Opens, spec: SetSpec) -> None:
    one, other = opens(spec), in_memory(spec)
    [(first, *_, last)] = other.passages
    best = other.retrieve("valve report")[0].passage
    for choices in (
        Choices(documents_off=frozenset({(spec.name, "r000.md"), (spec.name, "records.jsonl")})),
        Choices(passages_off=frozenset({best.id, "pier"}), pinned=(first, last)),
        Choices(sets_off=frozenset({spec.name}), pinned=(last,)),
    ):
        for question in QUESTIONS:
            found = told(ChosenDocuments(one, choices).found(question))
            assert found == told(ChosenDocuments(other, choices).found(question)), question


def test_a_search_by_the_model(opens: Opens, spec: SetSpec) -> None:
    by_tool = replace(spec, retrieval=RetrievalSpec("tool", 5))
    one, other = opens(by_tool).of_tool(), in_memory(by_tool).of_tool()
    assert one is not None and other is not None
    for arguments in (
        {"query": "ferry at the pier", "top_k": 3},
        {"query": "report", "where": {"year": {"from": 2021}}},
        {"query": "", "where": {"tags": ["a", "b"]}},
        {"query": '"the pier"', "where": {"title": "Pier"}},
    ):
        assert search(one, arguments) == search(other, arguments), arguments


def test_embedding_that_was_cut_off_goes_on_behind_what_is_kept(opens: Opens, spec: SetSpec, tmp_path: Path) -> None:
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path / "vectors")
    more = "\n\n".join(f"# Boat {number}\n\nBoat number {number} is at sea." for number in range(9 * BATCH))
    (tmp_path / "docs" / "boats.md").write_text(f"{more}\n\n# Boat 1\n\nBoat number 1 is at sea.\n")
    [shelf] = opens(spec).shelves
    size, topics.after = shelf.size, 6
    with pytest.raises(HttpError):
        shelf.nearby(models, SPEC).fill(lambda *_: None, Stop())
    assert len(topics.embedded) == 6 * BATCH
    [again] = opens(spec).shelves  # another program
    nearby, told = again.nearby(models, SPEC), list[tuple[int, int]]()
    texts = {(each.title, each.text) for each in again.passages}
    assert nearby.lacking().passages == nearby.lacking().size - 6 * BATCH - 1, "one text is in two passages"
    assert nearby.lacking().size == size
    topics.after = 10**9
    nearby.fill(lambda done, of: told.append((done, of)), Stop())
    assert len(topics.embedded) == len(set(topics.embedded)) == len(texts)
    assert told[0] == (0, size - 6 * BATCH - 1) and told[-1][0] == told[-1][1] == told[0][1]
    assert nearby.lacking().passages == nearby.lacking().characters == 0


def test_passages_that_are_taken_out_while_vectors_are_compared_are_no_damage(
    opens: Opens, spec: SetSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.documents.lance.stored_set._OF_NOW", 0.0)
    topics = Topics()
    library = opens(replace(spec, retrieval=replace(spec.retrieval, mode="vector", top_k=2)))
    library = library.with_models(SearchModels(topics, topics, tmp_path / "vectors"))
    [shelf] = library.shelves
    shelf.nearby(SearchModels(topics, topics, tmp_path / "vectors"), SPEC).fill(lambda *_: None, Stop())
    accepts = Query.accepts

    def accepted(query: Query, passage: Passage) -> bool:
        for each in (tmp_path / "docs").glob("r00*.md"):
            each.unlink()
            opens(spec)  # another program
        return accepts(query, passage) and False

    monkeypatch.setattr(Query, "accepts", accepted)
    found = library.found("valve of the report")
    monkeypatch.undo()
    assert [look.used for look in found.looks] in (["vector"], ["keyword"])
    assert library.found("ferry").looks[0].used == "vector"


def test_whoever_draws_how_many_passages_there_are_waits_for_no_search(
    opens: Opens, spec: SetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = opens(spec)
    accepts, sizes = Query.accepts_itself, list[str]()

    def accepted(query: Query, passage: Passage) -> bool:
        drawing = threading.Thread(target=lambda: sizes.append(library.in_short()), daemon=True)
        drawing.start()
        drawing.join(10)
        assert sizes, "it waits"
        return accepts(query, passage)

    before = library.in_short()
    monkeypatch.setattr(Query, "accepts_itself", accepted)
    assert library.retrieve('"the pier"')
    assert {*sizes} == {before}


def test_two_that_embed_at_once_pay_for_a_text_once(opens: Opens, spec: SetSpec, tmp_path: Path) -> None:
    """The second one looks when the first has not begun, and embeds once that one is done."""
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path / "vectors")
    [one], [other] = opens(spec).shelves, opens(spec).shelves
    first, second = one.nearby(models, SPEC), other.nearby(models, SPEC)
    assert first.lacking() == second.lacking() and first.lacking().passages > 0
    first.fill(lambda *_: None, Stop())
    paid = len(topics.embedded)

    second.fill(lambda *_: None, Stop())
    assert len(topics.embedded) == paid
