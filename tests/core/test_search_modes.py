"""Sets searched by vectors, by both, and reranked: what is found, embedded and kept, and what is done without."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.core.test_index import opened, written
from workbench.documents.embedding import (
    BATCH,
    Purpose,
    Reranked,
    SearchModels,
    Stop,
    Stopped,
    Vector,
    VectorsUnusable,
)
from workbench.documents.passages import DocumentSet, EmbedSpec, Passage, RerankSpec, RetrievalMode, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.documents.search_options import SearchOptions
from workbench.documents.vectors.bank import Bank, bank_file, hash_of
from workbench.documents.vectors.database import is_extended
from workbench.documents.vectors.nearest import all_bits
from workbench.errors import ChatError, HttpError

TOPICS = ("bee hive honey swarm", "ferry boat pier harbour", "holiday vacation leave rest", "kiln oven heat glaze")
SPEC = EmbedSpec(dimensions=256)


class Topics:
    """Knows a few topics: a text is near those whose words it has. Counts what it was asked, and fails when told to."""

    notice = ""

    def __init__(self, *, space: str = "topics", is_free: bool = True) -> None:
        self.space = space
        self.is_free = is_free
        self.embedded: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.failure: ChatError | None = None
        self.after = 10**9  # calls until it fails

    def embed(self, texts: Sequence[str], *, model: str, dimensions: int, purpose: Purpose, stop: Stop) -> list[Vector]:
        stop.check()
        assert 0 < len(texts) <= BATCH
        self.after -= 1
        if self.failure is not None or self.after < 0:
            raise self.failure or HttpError("the embedder is busy", status=503)
        self.asked.append((model, purpose))
        if purpose == "search_document":
            self.embedded += texts
        return [vector(text, dimensions) for text in texts]

    def rerank(self, question: str, texts: Sequence[str], *, model: str, stop: Stop) -> list[Reranked]:
        if self.failure is not None:
            raise self.failure
        self.asked.append((model, "rerank"))
        scores = [len(set(question.lower().split()) & set(text.lower().split())) for text in texts]
        order = sorted(range(len(texts)), key=lambda at: -scores[at])
        return [Reranked(at, float(scores[at]), ((0, len(texts[at]), 0.5),)) for at in order]


def vector(text: str, dimensions: int) -> Vector:
    words = set(text.lower().replace(".", " ").split())
    wide = dimensions // len(TOPICS)
    held = [bool(words & set(topic.split())) for topic in TOPICS]
    numbers = bytes(100 if each else 156 for each in held for _ in range(wide))  # 156 is -100
    bits = int("".join("1" if each else "0" for each in held for _ in range(wide)), 2)
    return Vector(numbers, bits.to_bytes(dimensions // 8, "big"))


TEXTS = {
    "swarm": "In May the swarm leaves.",
    "pier": "The boat waits at the pier.",
    "rest": "Everybody gets thirty days of vacation.",
    "glaze": "The glaze melts at 1240 degrees.",
}


def library(mode: RetrievalMode, models: SearchModels | None, texts: dict[str, str] = TEXTS, **more: object) -> Library:
    passages = tuple(Passage(id, "s", "", text, {"text": text, "year": len(id)}) for id, text in texts.items())
    spec = RetrievalSpec(mode, top_k=2, embed=SPEC, **more)  # type: ignore[arg-type]
    return Library([DocumentSet("s", passages, spec)], models)


def ids(library: Library, question: str) -> list[str]:
    return [each.passage.id for each in library.retrieve(question)]


def test_a_question_finds_what_is_near_it_though_no_word_is_the_same(tmp_path: Path) -> None:
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path)
    assert ids(library("keyword", models), "honey") == []
    found = library("vector", models).found("honey")
    assert found.items[0].passage.id == "swarm"
    assert found.items[0].score == pytest.approx(1.0)
    [look] = found.looks
    assert (look.mode, look.used, look.found, look.candidates) == ("vector", "vector", 2, 4)
    assert topics.asked == [("embed-v5.0-pro", "search_document"), ("embed-v5.0-fast", "search_query")]
    assert ids(library("hybrid", models), "honey at the pier")[0] in ("swarm", "pier")
    assert set(ids(library("hybrid", models), "honey pier")) == {"swarm", "pier"}


def test_what_narrows_a_question_narrows_what_is_near(tmp_path: Path) -> None:
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path)
    assert ids(library("vector", models), "honey -swarm")[0] != "swarm"
    assert ids(library("vector", models), "honey year:4") == ["pier", "rest"]  # the fields' lengths of names


def test_a_text_is_embedded_once_whatever_set_it_is_in(tmp_path: Path) -> None:
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path)
    ids(library("vector", models), "honey")
    assert len(topics.embedded) == 4
    again = Topics()
    more = {**TEXTS, "new": "A kiln is an oven.", "copy": TEXTS["pier"]}
    assert ids(library("vector", SearchModels(again, again, tmp_path), more), "kiln")[:2] == ["glaze", "new"]
    assert again.embedded == ["A kiln is an oven."]
    other = Topics(space="elsewhere")
    ids(library("vector", SearchModels(other, other, tmp_path)), "honey")
    assert len(other.embedded) == 4  # the vectors of another one are not compared with these


def test_embedding_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    texts = {f"t{number}": f"boat number {number}" for number in range(3 * BATCH)}
    topics = Topics()
    topics.after = 2
    [shelf] = library("vector", None, texts).shelves
    nearby = shelf.nearby(SearchModels(topics, topics, tmp_path), SPEC)
    assert nearby.lacking().passages == 3 * BATCH
    with pytest.raises(HttpError):
        nearby.fill(lambda *_: None, Stop())
    assert (nearby.lacking().passages, len(topics.embedded)) == (BATCH, 2 * BATCH)
    topics.after = 10
    told: list[tuple[int, int]] = []
    nearby.fill(lambda done, of: told.append((done, of)), Stop())
    assert len(topics.embedded) == 3 * BATCH
    assert told == [(0, BATCH), (BATCH, BATCH)]


def test_an_index_finds_what_memory_finds_and_a_changed_file_costs_its_passages(tmp_path: Path) -> None:
    spec = written(tmp_path / "d", {f"{name}.md": text for name, text in TEXTS.items()})
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path / "v")
    by_vectors = lambda _: RetrievalSpec("vector", top_k=2, embed=SPEC)  # noqa: E731
    found, _ = opened(spec, tmp_path / "c")
    assert ids(found.with_models(models).retrieved_by(by_vectors), "honey")[0] == "swarm.md#1"
    assert len(topics.embedded) == 4
    (tmp_path / "d" / "rest.md").write_text("# New\n\nThe harbour is closed.\n")
    found, _ = opened(spec, tmp_path / "c")
    searched = found.with_models(models).retrieved_by(by_vectors)
    assert set(ids(searched, "ferry")) == {"pier.md#1", "rest.md#1"}
    assert topics.embedded[4:] == ["New\n\n# New\n\nThe harbour is closed."]
    found, _ = opened(spec, tmp_path / "other")  # an index that is made anew
    assert set(ids(found.with_models(models).retrieved_by(by_vectors), "ferry")) == {"pier.md#1", "rest.md#1"}
    assert len(topics.embedded) == 5


def test_a_reranker_has_the_last_word_and_tells_what_is_relevant(tmp_path: Path) -> None:
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path)
    texts = {"a": "boat boat boat boat", "b": "the boat waits at the pier", "c": "no such thing"}
    over = RerankSpec("rerank-x", 2, "keyword")
    found = library("rerank", models, texts, rerank=over).found("the boat at the pier")
    assert [(each.passage.id, each.score) for each in found.items] == [("b", 4.0), ("a", 1.0)]
    assert found.items[0].spans == ((0, len(texts["b"]), 0.5),)
    assert topics.asked == [("rerank-x", "rerank")] and not topics.embedded
    assert found.looks[0].candidates == 2
    hybrid = RerankSpec("rerank-x", 3, "hybrid")
    assert len(library("rerank", models, texts, rerank=hybrid).retrieve("the boat at the pier")) == 2
    assert topics.embedded


def test_spans_are_places_in_the_text_and_not_in_its_title(tmp_path: Path) -> None:
    topics = Topics()
    passage = Passage("p", "s", "Harbour", "The boat waits.", {})
    shelf = DocumentSet("s", (passage,), RetrievalSpec("rerank"))
    [found] = Library([shelf], SearchModels(topics, topics, tmp_path)).retrieve("boat")
    assert found.spans == ((0, len("The boat waits."), 0.5),)


@pytest.mark.parametrize("mode", ["vector", "hybrid", "rerank"])
def test_words_are_searched_for_where_a_model_fails_and_it_is_said(mode: RetrievalMode, tmp_path: Path) -> None:
    topics = Topics()
    topics.failure = HttpError("the server is overloaded", status=503)
    for models, why in (
        (SearchModels(topics, topics, tmp_path), "the server is overloaded"),
        (None, "no model is at hand"),
    ):
        found = library(mode, models).found("the boat")
        assert [each.passage.id for each in found.items] == ["pier"]
        [look] = found.looks
        assert (look.mode, look.used) == (mode, "keyword")
        assert why in look.notice


def test_what_costs_is_not_embedded_for_a_question_but_for_a_batch(tmp_path: Path) -> None:
    texts = {f"t{number}": f"boat number {number}" for number in range(BATCH + 1)}
    topics = Topics(is_free=False)
    models = SearchModels(topics, topics, tmp_path)
    [look] = library("vector", models, texts).found("ferry boat").looks
    assert look.used == "keyword" and f"{BATCH + 1} of {BATCH + 1} passages have no vector" in look.notice
    assert "workbench index" in look.notice and not topics.embedded
    del texts["t0"]
    [look] = library("vector", models, texts).found("ferry boat").looks
    assert look.used == "vector" and len(topics.embedded) == BATCH
    [look] = library("vector", models).found("honey", options=SearchOptions(local=True)).looks
    assert look.used == "keyword" and "nothing is sent" in look.notice


def test_vectors_that_cannot_be_read_are_left_alone(tmp_path: Path) -> None:
    topics = Topics()
    file = bank_file(tmp_path, "topics", SPEC)
    file.write_bytes(b"no database at all" * 100)
    [look] = library("vector", SearchModels(topics, topics, tmp_path)).found("boat").looks
    assert look.used == "keyword" and file.name in look.notice
    assert file.read_bytes().startswith(b"no database")
    [look] = library("vector", SearchModels(topics, topics, None)).found("boat").looks
    assert "no cache folder" in look.notice


def test_a_search_that_is_stopped_ends(tmp_path: Path) -> None:
    stop = Stop()

    class Waiting(Topics):
        def embed(self, texts: Sequence[str], **more: object) -> list[Vector]:
            ended = threading.Event()
            with stop.telling(ended.set):
                begun.set()
                ended.wait(10)
            stop.check()
            return []

    begun = threading.Event()
    models = SearchModels(Waiting(), Waiting(), tmp_path)
    caught: list[BaseException] = []

    def search() -> None:
        try:
            library("vector", models).found("honey", options=SearchOptions(stop=stop))
        except Stopped as error:
            caught.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    assert begun.wait(10)
    stop.stop()
    thread.join(10)
    assert len(caught) == 1


@pytest.mark.parametrize(
    "extended", [False, pytest.param(True, marks=pytest.mark.skipif(not is_extended(), reason="no extra"))]
)
def test_bits_are_compared_in_memory_as_in_the_file(extended: bool, tmp_path: Path) -> None:
    bank = Bank(tmp_path / "b.vectors", extended=extended)
    vectors = {hash_of(str(number)): Vector(bytes(256), (number * 7919).to_bytes(32, "big")) for number in range(300)}
    bank.add(vectors)
    keys = bank.keys(list(vectors))
    assert 0 not in keys and bank.keys([hash_of("other")])[0] == 0
    asked = (5 * 7919).to_bytes(32, "big")
    near = all_bits(bank, keys, 1000).nearest(asked, 5)
    assert near[0] == 5
    if extended:
        in_file = all_bits(bank, keys, 10)
        assert in_file.nearest(asked, 5) == near
    bank.close()


@pytest.mark.skipif(not is_extended(), reason="no extra")
def test_bits_in_the_file_are_looked_for_among_the_passages_of_now(tmp_path: Path) -> None:
    bank = Bank(tmp_path / "b.vectors", extended=True)
    bank.add({bytes([number]) * 16: Vector(b"\1" * 8, bytes([number])) for number in range(8)})
    keys = bank.keys([bytes([number]) * 16 for number in range(8)])
    for count in range(1, 9):  # each in the place of the one before, as the passages of a set become others
        assert all_bits(bank, keys[:count], most_held=0).nearest(bytes([count - 1]), 1) == [count - 1]
    bank.close()


def test_more_vectors_than_can_be_searched_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.documents.vectors.nearest.MOST_WITHOUT", 10)
    bank = Bank(tmp_path / "b.vectors", extended=False)
    bank.add({hash_of(str(number)): Vector(bytes(256), bytes(32)) for number in range(20)})
    with pytest.raises(VectorsUnusable, match=r"cohere-workbench\[vector\]"):
        all_bits(bank, bank.keys([hash_of(str(number)) for number in range(20)]), 5)
    bank.close()
