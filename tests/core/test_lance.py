"""A set in a Lance store, in a folder and on an S3 server of this machine: what it finds, and what goes wrong."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.core.test_index import TONGUES, asked, generated, with_eight, written
from tests.loopback import error
from tests.serving import serving
from tests.stores import KEYS, Place, s3_server
from workbench.cli import run
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation
from workbench.documents.index.building import Built
from workbench.documents.lance import filling, table
from workbench.documents.lance.faults import StoreUnusable
from workbench.documents.lance.place import connected, is_installed, table_of
from workbench.documents.lance.ranking import Only, Ranking, Row
from workbench.documents.load import load_sets
from workbench.documents.opening import Opened, open_sets
from workbench.documents.passages import InlineDocument, Passage, SetSpec, StoreSpec
from workbench.documents.retrieval import Library
from workbench.language.words import terms

pytestmark = pytest.mark.skipif(not is_installed(), reason="needs pip install 'cohere-workbench[lance]'")


@pytest.fixture(scope="module")
def s3() -> Iterator[Place]:
    with s3_server() as place:
        yield place


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Place(str(tmp_path / "shared"), {})
    found = cast(Place, request.getfixturevalue("s3"))
    return replace(found, root=f"{found.root}/{tmp_path.name}")


def opened(spec: SetSpec, place: Place, *, fill: bool = True) -> Opened:
    found = open_sets([spec], None, lambda *_: None, index_all=fill, environ=place.environ)
    assert [str(each) for each in found.loaded.fatal] == []
    return found


def library(spec: SetSpec, place: Place) -> Library:
    return Library(opened(spec, place, fill=False).shelves)


def built(spec: SetSpec, place: Place) -> Built:
    [(_, found, _)] = opened(spec, place).built
    return found


def passages(spec: SetSpec, place: Place) -> list[Passage]:
    [shelf] = opened(spec, place, fill=False).shelves
    return list(shelf.passages)


def same_as_in_memory(spec: SetSpec, place: Place, questions: list[str]) -> int:
    """Whether the store finds what scoring every passage finds; how much that is."""
    whole = load_sets([spec]).sets
    assert passages(spec, place) == list(whole[0].passages)
    stored, in_memory, found = library(spec, place), Library(whole), 0
    for question in questions:
        assert asked(stored, question) == asked(in_memory, question), question
        found += len(asked(stored, question))
    return found


def asked_of(pages: Mapping[str, str], count: int) -> list[str]:
    chance, vocabulary = random.Random(1), sorted({word for page in pages.values() for word in terms(page)})
    said = [page.split() for page in pages.values()]
    questions = []
    for number in range(count):
        words = chance.choices(chance.choice(said), k=chance.randint(1, 6)) + chance.choices(vocabulary, k=number % 3)
        questions.append(" ".join([*words, *["the valve of the report", words[0][:-1], "part"][: number % 4]]))
    return questions


IN_TONGUES = (
    *("図書館は何時に開館しますか", "九", "星期一", "เก้าโมง", "박물관", "Wann oeffnet die BUCHEREI?", "max_tokens"),
    *("--max-steps", "run:", "c++", "node.js", "1000", "a.b.c", "quoted 'words'", "zeppelin", "what is it?"),
)


def test_it_finds_what_scoring_every_passage_finds_and_reads_only_what_changed(tmp_path: Path, place: Place) -> None:
    pages = generated(8, 20)
    docs = written(tmp_path / "docs", {**pages, **{f"{name}.txt": text for name, text in TONGUES.items()}})
    inline = (InlineDocument("ferry", {"text": "It leaves at 06:40.", "pier": 3}), InlineDocument(None, {"text": "A"}))
    spec = replace(with_eight(docs), documents=inline, store=place.store("notes"))
    assert built(spec, place) == Built(16, 168, 0)
    assert same_as_in_memory(spec, place, [*asked_of(pages, 60), *IN_TONGUES]) > 300
    reader = library(spec, place)
    folder, later = tmp_path / "docs", generated(2, 3, seed=9)
    (folder / "r003.md").write_text(f"{later['r000.md']}\nThe zanzibar lamp is lit at dusk.\n")
    (folder / "new.md").write_text(later["r001.md"])
    (folder / "r005.md").unlink()
    os.utime(folder / "r001.md", (1, 1))
    assert built(spec, place) == Built(16, 134, 14)
    assert same_as_in_memory(spec, place, [*asked_of(pages, 20), "zanzibar lamp"]) > 100
    assert reader.retrieve("zanzibar lamp")[0].passage.path == "r003.md", "an open set sees the new version"
    assert built(spec, place).reused == 16
    elsewhere = replace(spec, documents=(), files=())
    assert passages(elsewhere, place) == list(load_sets([spec]).sets[0].passages), "files are not needed to read"
    split = replace(spec, split=replace(spec.split, max_words=20))
    assert built(split, place).reused == 0
    assert same_as_in_memory(split, place, asked_of(pages, 5)) > 0


def test_what_is_beside_the_index_of_words_is_found_as_in_memory(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index is left as it was while files change, come and go, until that has piled up."""
    monkeypatch.setattr(table, "_PART_BESIDE", 0.01)
    ratios = scores_compared(monkeypatch)
    pages = generated(12, 20)
    spec = replace(with_eight(written(tmp_path / "docs", pages)), store=place.store("beside"))
    opened(spec, place)
    assert beside(spec, place) == 0
    folder, later = tmp_path / "docs", generated(12, 20, seed=5)
    questions = [*asked_of(pages, 9), *asked_of(later, 9), "zanzibar lamp", "valve report"]
    for number in range(3):
        for each in range(number, 12, 4):
            (folder / f"r{each:03}.md").write_text(f"{later[f'r{each:03}.md']}\nThe zanzibar lamp {number} is lit.\n")
        (folder / f"r{11 - number:03}.md").unlink(missing_ok=True)
        (folder / f"new{number}.md").write_text(f"# New\n\nThe valve of round {number}.\n")
        opened(spec, place)
        assert beside(spec, place) > 0, "it is put off"
        assert same_as_in_memory(spec, place, questions) > 100
    assert max(ratios) > 1.01, "what went is counted"
    monkeypatch.undo()
    (folder / "last.md").write_text("# Last\n\nThe zanzibar valve.\n")
    opened(spec, place)
    assert beside(spec, place) == 0, "it has piled up"
    assert same_as_in_memory(spec, place, questions) > 100


def scores_compared(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many times each score is what the library said of it, which is no more than is reckoned with."""
    best, ratios = Ranking._best, list[float]()

    def compared(self: Ranking, rows: list[Row], worth: Mapping[str, float], top_k: int, only: Only) -> object:
        most = 1.0001 * self.stale.excess({term: self.words.found(term) for term in worth}, worth, self.size)
        found = [self._score(row, worth, frozenset()) / row["_score"] for row in rows]
        assert all(each <= most for each in found), (max(found), most)
        ratios.extend(found)
        return best(self, rows, worth, top_k, only)

    monkeypatch.setattr(Ranking, "_best", compared)
    return ratios


def beside(spec: SetSpec, place: Place) -> int:
    """How many rows of its table the index of words does not have."""
    assert spec.store is not None
    database = connected(spec.store, place.environ, make=False)
    [index] = database.open_table(table_of(spec.name)).list_indices()
    return int(index.num_unindexed_rows)


def test_what_narrows_a_question_narrows_it_as_in_memory(tmp_path: Path) -> None:
    pages = generated(6, 10)
    for number, name in enumerate(pages):
        pages[name] = f"---\nyear: {2020 + number % 3}\nkind: {'abc'[number % 3]}\n---\n{pages[name]}"
    place = Place(str(tmp_path / "shared"), {})
    spec = replace(with_eight(written(tmp_path / "docs", pages)), store=place.store("notes"))
    opened(spec, place)
    rare = pages["r002.md"].split()[-2]
    questions = [
        *("valve year:2021", "part year:2020..2021", "report -valve", '"part 3"', 'valve -"part 3"', "year:2021"),
        *(
            "kind:b valve",
            '"report 2"',
            "valve part -ka",
            '"Part 3" valve year:2022',
            "nokind:3 valve",
            "zzz year:2021",
        ),
        *("zzz year:2021", f'"{rare}"', f"valve -{rare}", f"{rare} year:2020"),
    ]
    assert same_as_in_memory(spec, place, questions) > 60


def test_a_field_is_read_once_for_a_version_however_many_questions_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, read = Place(str(tmp_path / "shared"), {}), list[tuple[str, ...]]()
    whole = table.StoreTable.passages

    def counted(self: table.StoreTable, columns: Sequence[str]) -> object:
        read.append(tuple(columns))
        return whole(self, columns)

    monkeypatch.setattr(table.StoreTable, "passages", counted)
    texts = {f"d{each}.md": f"---\nkind: {'ab'[each % 2]}\n---\n# D{each}\n\nThe kettle boils." for each in range(6)}
    spec = replace(with_eight(written(tmp_path / "docs", texts)), store=place.store("fields"))
    opened(spec, place)
    shelf = library(spec, place)
    read.clear()
    assert [len(shelf.retrieve(each)) for each in ("kettle kind:a", "kettle kind:b", "kind:b", "kettle")] == [
        3,
        3,
        3,
        6,
    ]
    assert read == [("doc", "place", "data")]


@pytest.mark.parametrize("mode", ["vector", "hybrid", "rerank"])
def test_modes_find_what_they_find_without_a_store(
    tmp_path: Path, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    written(tmp_path / "docs", {**generated(2, 20), "well.md": "# Well\n\nThe well is 83 metres deep."})
    (tmp_path / "plain.yaml").write_text("sets:\n  notes:\n    files: docs\n")
    (tmp_path / "docs.yaml").write_text("sets:\n  notes:\n    files: docs\n    store: {lance: shared}\n")
    (tmp_path / "reader.yaml").write_text("sets:\n  notes:\n    store: {lance: shared}\n")
    flags = ("--offline", "--json", "--mode", mode)
    found = []
    assert run(["index", "--docs", str(tmp_path / "docs.yaml"), *flags], environ) == 0
    row = json.loads(capsys.readouterr().out)
    assert row.get("embedded") == (None if mode == "rerank" else 41)
    assert run(["index", "--docs", str(tmp_path / "docs.yaml"), *flags], environ) == 0
    assert json.loads(capsys.readouterr().out).get("embedded", 0) == 0, "no text is embedded twice"
    for file in ("plain.yaml", "reader.yaml"):
        assert run(["search", "How deep is the well?", "--docs", str(tmp_path / file), *flags], environ) == 0
        out, err = capsys.readouterr()
        assert "in place of" not in err
        found.append([{**json.loads(line), "seconds": 0} for line in out.splitlines()])
    assert found[0] == found[1] and found[0][0]["id"] == "docs/well.md#1"


def test_readers_see_whole_versions_while_one_writes(tmp_path: Path, place: Place) -> None:
    """Each round writes every file anew, in several commits; what a question finds is of one round."""

    def round_of(number: int) -> SetSpec:
        texts = {f"d{each}.md": f"# D{each}\n\nThe kettle boils in round r{number}." for each in range(6)}
        return replace(with_eight(written(tmp_path / "docs", texts)), store=place.store("rounds"))

    spec = round_of(0)
    opened(spec, place)
    stop, seen, failed = threading.Event(), [set[str](), set[str]()], list[BaseException]()

    def read(rounds: set[str]) -> None:
        try:
            shelf = library(replace(spec, documents=(), files=()), place)
            while not stop.is_set():
                found = [each.passage.text.rpartition(" ")[2] for each in shelf.retrieve("kettle round")]
                assert len(found) == 6 and len(set(found)) == 1, found
                rounds.add(found[0])
        except BaseException as error:  # noqa: BLE001 - it is raised below, where the test sees it
            failed.append(error)

    readers = [threading.Thread(target=read, args=(each,)) for each in seen]
    for each in readers:
        each.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(filling, "BATCH", 100)
            for number in range(1, 4):
                assert built(round_of(number), place) == Built(6, 6, 0)
    finally:
        stop.set()
        for each in readers:
            each.join()
    assert failed == []
    assert all(seen), "each of them has read"
    assert {each.passage.text[-3:] for each in library(spec, place).retrieve("kettle")} == {"r3."}


def test_a_killed_build_goes_on_where_it_was_and_nobody_reads_half_of_it(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "shared"), {})
    spec = replace(with_eight(written(tmp_path / "docs", generated(20, 5))), store=place.store("notes"))
    script = (
        "import os, signal, sys; from dataclasses import replace; from pathlib import Path\n"
        "from workbench.config.given_documents import documents_at\n"
        "from workbench.documents.lance import filling; from workbench.documents.opening import open_sets\n"
        "from workbench.documents.passages import StoreSpec\n"
        "filling.BATCH = 5_000\n"
        "def tell(_, so_far):\n    so_far.read == 15 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "spec = replace(documents_at(Path(sys.argv[1]), None), store=StoreSpec(sys.argv[2]))\n"
        "open_sets([spec], None, tell, index_all=True)\n"
    )
    argv = [sys.executable, "-c", script, str(tmp_path / "docs"), str(tmp_path / "shared" / "notes")]
    assert subprocess.run(argv, check=False).returncode == -signal.SIGKILL
    found = open_sets([spec], None, lambda *_: None)
    assert "holds a set `docs` that is not filled to its end yet" in str(found.loaded.fatal[0])
    assert 0 < built(spec, place).reused < 20
    assert same_as_in_memory(spec, place, ["valve report part 3"]) == 8


def test_two_that_write_at_once_make_one_set(tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "QUIET", 0.1)
    spec = replace(with_eight(written(tmp_path / "docs", generated(4, 5))), store=place.store("notes"))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: built(spec, place), range(2)))
    assert [(each.documents, each.passages) for each in both] == [(4, 20), (4, 20)]
    assert built(spec, place) == Built(4, 20, 4)
    assert same_as_in_memory(spec, place, ["valve report part 3"]) == 8


def test_what_is_wrong_with_a_file_is_said_each_time_and_names_no_path_in_the_store(tmp_path: Path) -> None:
    lines = '{"id": "ferry", "text": "The ferry leaves at 06:40."}\n{"text": "cut\n{"id": "ferry", "text": "Again."}\n'
    docs = written(tmp_path / "docs", {"a.jsonl": lines, "b.md": "# B\n\nThe kiln is hot.", "c.bin2": "\0\1" * 50})
    place = Place(str(tmp_path / "shared"), {})
    spec = replace(docs, store=place.store("notes"))
    strict = [str(each) for each in load_sets([spec]).forgiven]
    for _ in range(2):
        found = opened(spec, place)
        assert [str(each).replace(" (in a.jsonl)", "") for each in found.loaded.forgiven] == [
            each.replace(f" (in {tmp_path}/docs/a.jsonl)", "") for each in strict
        ]
        assert any("c.bin2" in str(each) for each in found.loaded.left_out)
    [shelf] = found.shelves
    assert [each.id for each in shelf.passages] == ["ferry", "ferry~2", "b.md#1"]
    import lancedb

    everything = str(lancedb.connect(str(tmp_path / "shared" / "notes")).open_table("docs").to_arrow().to_pylist())
    assert str(tmp_path) not in everything


def test_ids_of_two_sets_are_not_the_same(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "shared"), {})
    one = written(tmp_path / "one", {"a.md": "# A\n\nThe well is deep."})
    two = written(tmp_path / "two", {"a.md": "# A\n\nThe well is dry."})
    specs = [with_eight(one), replace(with_eight(two), store=place.store("notes"))]
    found = open_sets(specs, None, lambda *_: None, index_all=True)
    assert [each.passage.id for each in Library(found.shelves).retrieve("well")] == ["a.md#1", "two/a.md#1"]


# -- at the command line ------------------------------------------------------------------------------------


def test_check_warns_of_a_store_that_is_not_filled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    written(tmp_path / "docs", {"well.md": "# Well\n\nThe well is 83 metres deep."})
    configured = tmp_path / "docs.yaml"
    configured.write_text("sets:\n  notes:\n    files: docs\n    store: {lance: shared}\n")
    filled = "(fill it with `workbench index`, where the documents are)"
    assert run(["check", str(configured)], environ) == 0
    assert f"4:20: warning: the store {tmp_path}/shared is not there {filled}" in capsys.readouterr().err
    assert run(["index", "--docs", str(configured)], environ) == 0
    assert capsys.readouterr().out.startswith("notes: 1 document (0 unchanged), 1 passage, ")
    assert run(["check", str(configured)], environ) == 0
    assert capsys.readouterr().err == ""
    configured.write_text(configured.read_text().replace("notes:", "harbour:"))
    assert run(["check", str(configured)], environ) == 0
    assert f"4:20: warning: the store {tmp_path}/shared holds no set `harbour` yet {filled}" in capsys.readouterr().err


def test_index_search_and_ask_with_a_store_on_s3(
    tmp_path: Path, s3: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that names a server is trusted first; a reader needs the store alone; no secret is shown or written."""
    environ = {**KEYS, "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    written(tmp_path / "docs", {"well.md": "# Well\n\nThe well is 83 metres deep.", "kiln.md": "# Kiln\n\nIt is hot."})
    store = f"store: {{lance: '{s3.root}/cli', endpoint: '{s3.endpoint}', allow_http: true}}"
    keyword = "retrieval: {mode: keyword}"
    writer, reader = tmp_path / "writer.yaml", tmp_path / "reader.yaml"
    writer.write_text(f"sets:\n  notes:\n    files: docs\n    {keyword}\n    {store}\n")
    reader.write_text(f"sets:\n  notes:\n    {keyword}\n    {store}\n")
    assert run(["index", "--docs", str(writer)], environ) == 2
    said = capsys.readouterr().err
    assert f"{writer}:5:20: it reads and writes documents in {s3.root}/cli at {s3.endpoint}" in said
    assert run(["index", "--docs", str(writer), "--yes", "--json"], environ) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["set"], row["documents"], row["passages"], row["reused"]) == ("notes", 2, 2, 0)
    assert run(["search", "How deep is the well?", "--docs", str(reader), "--yes", "--json"], environ) == 0
    hit = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (hit["id"], hit["path"], hit["lines"], hit["title"]) == (
        *("docs/well.md#1", "docs/well.md", [1, 3], "Well"),
    )
    flags = ("--offline", "--no-session", "--yes", "--json")
    assert run(["ask", "How deep is the well?", "--docs", str(reader), *flags], environ) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "83 metres" in end["text"]
    assert end["ledger"][0]["id"] == "docs/well.md#1" and end["ledger"][0]["score"] > 0
    assert run(["check", str(reader)], environ) == 0
    out, err = capsys.readouterr()
    assert "1 set, 0 passages and what is in 1 store" in out
    assert "warning: it reads and writes documents in" in err
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in out + err


async def test_a_store_that_goes_away_fails_the_turn_and_not_the_program(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "shared"), {})
    spec = replace(with_eight(written(tmp_path / "docs", {"a.md": "# A\n\nThe well is deep."})), store=place.store("x"))
    opened(spec, place)
    client = connect(ClientOptions(offline=True), {})
    try:
        conversation = Conversation(client, library=library(spec, place))
        shutil.rmtree(tmp_path / "shared")
        turn = await conversation.run("How deep is the well?")
    finally:
        await client.aclose()
    assert turn.status == "failed"
    assert "is not there (fill it with `workbench index`" in str(turn.error)


@pytest.mark.parametrize("empties", [False, True])
def test_an_index_of_words_that_is_gone_or_damaged_is_made_anew(tmp_path: Path, empties: bool) -> None:
    place = Place(str(tmp_path / "shared"), {})
    spec = replace(with_eight(written(tmp_path / "docs", generated(20, 5))), store=place.store("notes"))
    opened(spec, place)
    parts = [each for each in (tmp_path / "shared").rglob("_indices/**/*") if each.is_file()]
    assert parts
    for each in parts:
        each.write_bytes(b"") if empties else each.unlink()
    with pytest.raises(StoreUnusable) as raised:
        library(spec, place).retrieve("valve report part 3")
    assert "workbench index" in raised.value.hint or "index it anew" in raised.value.hint
    assert built(spec, place).reused == 20
    assert same_as_in_memory(spec, place, ["valve report part 3"]) == 8


def test_what_the_package_logs_is_not_written_on_the_screen(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "shared"), {})
    spec = replace(with_eight(written(tmp_path / "docs", generated(5, 2))), store=place.store("notes"))
    opened(spec, place)
    for each in (tmp_path / "shared").rglob("_indices/**/*"):
        if each.is_file():
            each.unlink()  # which it warns of
    argv = [sys.executable, "-m", "workbench", "search", "--docs", "docs.yaml", "valve"]
    (tmp_path / "docs.yaml").write_text("sets: {docs: {store: {lance: shared/notes}, retrieval: keyword}}")
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["workbench"]


def fault(store: StoreSpec, environ: Mapping[str, str], *, fill: bool = False) -> str:
    """What is said of a set whose store cannot be used."""
    inline = (InlineDocument("a", {"text": "The well is deep."}),)
    spec = SetSpec("notes", inline if fill else (), store=store)
    found = open_sets([spec], None, lambda *_: None, index_all=fill, environ=environ)
    [problem] = found.loaded.fatal
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in str(problem)
    assert "lance-io" not in str(problem) and "Error" not in problem.message
    return f"{problem.message} | {problem.hint}".replace(store.address, "X")


def test_what_is_wrong_with_a_store_is_said_in_words(
    tmp_path: Path, s3: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = StoreSpec(str(tmp_path / "store"))
    assert fault(here, {}).startswith("the store X is not there | fill it with `workbench index`")
    other = SetSpec("other", (InlineDocument(None, {"text": "A"}),), store=here)
    open_sets([other], None, lambda *_: None, index_all=True)
    assert fault(here, {}).startswith("the store X holds no set `notes` yet | fill it with")
    there = s3.store("faults")
    assert fault(there, KEYS).startswith("the store X holds no set `notes` yet")
    assert fault(there, {}).startswith("the store X needs credentials, and the environment has none | set AWS_ACCESS")
    nowhere = replace(there, address="s3://no-such-bucket/x")
    assert "is in a bucket that does not exist | make it" in fault(nowhere, KEYS, fill=True)
    away = replace(there, endpoint="http://127.0.0.1:9")
    assert "cannot be reached: nothing answers there | look at the network" in fault(away, KEYS)
    with serving(lambda _: error(403, "<Error><Code>AccessDenied</Code><Message>No</Message></Error>")) as server:
        refused = fault(replace(there, endpoint=server.url), KEYS)
    assert "does not let you in: the server refuses these credentials | look at AWS_ACCESS_KEY_ID" in refused
    import lancedb
    import pyarrow

    for name, stamp in (("newer", {"workbench": "99"}), ("foreign", {})):
        store = StoreSpec(str(tmp_path / name))
        table = lancedb.connect(store.address).create_table(
            "notes", pyarrow.table({"x": [1]}).replace_schema_metadata(stamp)
        )
        table.tags.create("whole", 1)
        told = {"newer": "as a newer version of this program writes it", "foreign": "that another program wrote"}[name]
        assert told in fault(store, {}) and told in fault(store, {}, fill=True)
    monkeypatch.setitem(sys.modules, "lancedb", None)
    assert "needs a package that is not installed | pip install 'cohere-workbench[lance]'" in fault(here, {})
