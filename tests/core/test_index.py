"""The index of a large set: what it finds, what it reads again, and what becomes of it when things go wrong."""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from workbench.cli import run
from workbench.config.given_documents import documents_at
from workbench.documents import opening
from workbench.documents.choices import Choices
from workbench.documents.chosen import ChosenDocuments
from workbench.documents.index import building, common, workers
from workbench.documents.index.building import Built
from workbench.documents.index.indexed_set import IndexedSet
from workbench.documents.index.store import IndexUnusable
from workbench.documents.load import load_sets
from workbench.documents.modes import BEYOND
from workbench.documents.one_file import FileToRead
from workbench.documents.opening import Opened, open_sets
from workbench.documents.passages import InlineDocument, Passage, RetrievalSpec, SetSpec, SplitSpec
from workbench.documents.retrieval import Library
from workbench.language.words import terms
from workbench.startup.index_progress import IndexProgress, words_of

TONGUES = {
    "ja": "図書館は平日の午前九時に開館します。",
    "zh": "博物馆星期一闭馆，其他日子免费参观。",
    "th": "พิพิธภัณฑ์เปิดเวลาเก้าโมงเช้า",
    "ko": "박물관은 아침 아홉 시에 문을 엽니다.",
    "de": "Die Bücherei öffnet werktags um neun Uhr; Hunde müssen draußen bleiben.",
    "code": "Set max_tokens or --max-steps, see run: and c++; it's node.js 3.14, 1,000 a.b.c 'quoted' \"words\".",
}


def written(folder: Path, files: dict[str, str]) -> SetSpec:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    spec = documents_at(folder, None)
    assert spec is not None
    return spec


def opened(spec: SetSpec, cache: Path, tell: opening.Tell = lambda *_: None) -> tuple[Library, Built]:
    found = open_sets([spec], cache, tell, index_all=True)
    [(_, built, _)] = found.built
    return Library(found.shelves), built


def generated(files: int, sections: int, seed: int = 7) -> dict[str, str]:
    """Pages of made-up words, of which few are common and many are rare, as those of a language are."""
    chance = random.Random(seed)
    syllables = ["ka", "lo", "mi", "ner", "sol", "tar", "ven", "dru", "pex", "qui", "ras", "bo"]
    words = ["".join(chance.choices(syllables, k=chance.choice((2, 3, 4)))) for _ in range(1500)]
    weights = [1 / (rank + 1) for rank in range(len(words))]

    def page(number: int) -> str:
        parts = [f"# Report {number}\n"]
        for part in range(sections):
            text = " ".join(chance.choices(words, weights, k=chance.randint(8, 60)))
            parts.append(f"## Part {part}\n\n{text} valve x{chance.randrange(10**6)}.\n")
        return "\n".join(parts)

    return {f"r{number:03}.md": page(number) for number in range(files)}


def asked(library: Library, question: str) -> list[tuple[str, float]]:
    return [(each.passage.id, round(each.score or 0.0, 9)) for each in library.retrieve(question)]


def with_eight(spec: SetSpec) -> SetSpec:
    return SetSpec(spec.name, spec.documents, spec.files, spec.split, RetrievalSpec("keyword", 8), spec.place)


@pytest.fixture
def many_common(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a large set, many words are common ones."""
    monkeypatch.setattr(common, "LEAST", 15)
    monkeypatch.setattr(common, "SHARE", 30)


@pytest.mark.usefixtures("many_common")
def test_the_best_eight_of_500_questions_are_those_of_scoring_every_passage(tmp_path: Path) -> None:
    pages = generated(15, 30)
    spec = with_eight(written(tmp_path / "docs", pages))
    library, built = opened(spec, tmp_path / "cache")
    whole = Library(load_sets([spec]).sets)
    assert built.passages == 450
    chance, vocabulary = random.Random(1), sorted({word for page in pages.values() for word in terms(page)})
    said = [page.split() for page in pages.values()]
    found = 0
    for number in range(500):
        words = chance.choices(chance.choice(said), k=chance.randint(1, 6))
        words += chance.choices(vocabulary, k=number % 3)
        words += ["the valve of the report", words[0][:-1], "part"][: number % 4]
        question = " ".join(words)
        assert asked(library, question) == asked(whole, question), question
        found += len(asked(library, question))
    assert found > 2000


@pytest.mark.usefixtures("many_common")
def test_what_changed_is_ranked_as_if_all_were_read_anew(tmp_path: Path) -> None:
    pages = generated(12, 30)
    spec = with_eight(written(tmp_path / "docs", pages))
    opened(spec, tmp_path / "cache")
    later = generated(2, 3, seed=9)
    (tmp_path / "docs" / "r003.md").write_text(later["r000.md"] + "\nThe zanzibar lamp is lit at dusk.\n")
    (tmp_path / "docs" / "new.md").write_text(later["r001.md"])
    (tmp_path / "docs" / "r005.md").unlink()
    library, built = opened(spec, tmp_path / "cache")
    assert (built.documents, built.reused) == (12, 10)
    whole = Library(load_sets([spec]).sets)
    assert library.describe() == whole.describe()
    assert library.retrieve("zanzibar lamp")[0].passage.path == "r003.md"
    for question in ("valve report part", "zanzibar valve", *pages["r005.md"].split()[5:40:3]):
        scores = [score for _, score in asked(whole, question)]
        assert [score for _, score in asked(library, question)] == scores
    assert [each.text for each in _passages(library)] == [each.text for each in _passages(whole)]


def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The keys of the passages that are read from now on."""
    read: list[int] = []
    passage = IndexedSet._passage

    def noted(self: IndexedSet, connection: sqlite3.Connection, key: int) -> Passage:
        read.append(key)
        return passage(self, connection, key)

    monkeypatch.setattr(IndexedSet, "_passage", noted)
    return read


def test_a_phrase_of_words_that_all_passages_have_reads_only_those_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = generated(10, 40)
    pages["r004.md"] += "\n## Last\n\nIt ends with Part, ... VALVE, and Größe.\n"
    spec = with_eight(written(tmp_path / "docs", pages))
    library, _ = opened(spec, tmp_path / "cache")
    whole = Library(load_sets([spec]).sets)
    read = reads(monkeypatch)
    for question, count in (
        ('"report valve"', 0),
        ('"part valve"', 1),
        ('"grosse"', 1),
        ('valve "report 7"', 8 + BEYOND),
    ):
        read.clear()
        assert asked(library, question) == asked(whole, question), question
        assert len(read) == count, question


@pytest.mark.usefixtures("many_common")
def test_documents_that_are_off_are_not_read_however_many_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {name: f"---\nyear: 2026\n---\n{page}" for name, page in generated(30, 20).items()}
    pages |= {"one.jsonl": '{"id": "a", "text": "A valve of the report."}\n{"text": "A valve."}\n'}
    spec = with_eight(written(tmp_path / "docs", pages))
    library, _ = opened(spec, tmp_path / "cache")
    whole = Library(load_sets([spec]).sets)
    off = frozenset((spec.name, name) for name in pages if name not in ("r001.md", "r007.md"))
    choices = Choices(documents_off=off)
    read = reads(monkeypatch)
    questions = ("valve report part", '"report 7" valve', "part -zanzibar", "year:2026", "year:2026 -solka")
    for question in (*questions, *pages["r007.md"].split()[9:200:9]):
        read.clear()
        found = ChosenDocuments(library, choices).found(question)
        wanted = ChosenDocuments(whole, choices).found(question)
        assert [each.passage.id for each in found.items] == [each.passage.id for each in wanted.items], question
        assert {each.passage.path for each in found.items} <= {"r001.md", "r007.md"}
        assert len(read) <= 80
    assert len(ChosenDocuments(library, choices).found("valve part").items) == 8


def _passages(library: Library) -> Sequence[Passage]:
    return [each.passage for each in library.retrieved_by(lambda _: RetrievalSpec("all")).retrieve("")]


def test_a_file_with_another_time_and_the_same_bytes_is_not_read_again(tmp_path: Path) -> None:
    spec = written(tmp_path / "docs", {"a.md": "# A\n\nThe well is deep.", "b.md": "# B\n\nThe kiln is hot."})
    opened(spec, tmp_path / "cache")
    os.utime(tmp_path / "docs" / "a.md", (1, 1))
    _, built = opened(spec, tmp_path / "cache")
    assert built == Built(2, 2, 2)


def test_a_file_that_changed_within_the_same_tick_is_read_again(tmp_path: Path) -> None:
    spec = written(tmp_path / "docs", {"a.md": "# A\n\nThe well is deep."})
    opened(spec, tmp_path / "cache")
    file = tmp_path / "docs" / "a.md"
    before = file.stat()
    with file.open("r+") as same:
        same.write("# A\n\nThe kiln is deep.")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    library, built = opened(with_eight(spec), tmp_path / "cache")
    assert built.reused == 0
    assert library.retrieve("kiln")


@pytest.mark.parametrize(("tongue", "question"), [
    ("ja", "図書館は何時に開館しますか"), ("ja", "九"), ("zh", "星期一"), ("th", "เก้าโมง"), ("ko", "박물관"),
    ("de", "Wann oeffnet die BUCHEREI?"), ("code", "max_tokens"), ("code", "--max-steps"), ("code", "run:"),
    ("code", "c++"), ("code", "node.js"), ("code", "1000"), ("code", "a.b.c"),
])  # fmt: skip
def test_words_are_what_they_are_in_memory(tmp_path: Path, tongue: str, question: str) -> None:
    spec = with_eight(written(tmp_path / "docs", {f"{name}.txt": text for name, text in TONGUES.items()}))
    library, _ = opened(spec, tmp_path / "cache")
    assert asked(library, question) == asked(Library(load_sets([spec]).sets), question)
    assert tongue in library.retrieve(question)[0].passage.id


def test_a_killed_build_goes_on_where_it_was(tmp_path: Path) -> None:
    spec = with_eight(written(tmp_path / "docs", generated(20, 10)))
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from workbench.config.given_documents import documents_at\n"
        "from workbench.documents.index import building; from workbench.documents.opening import open_sets\n"
        "building.BATCH = 10_000\n"
        "def tell(_, so_far):\n    so_far.read == 15 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "open_sets([documents_at(Path(sys.argv[1]), None)], Path(sys.argv[2]), tell, index_all=True)\n"
    )
    argv = [sys.executable, "-c", script, str(tmp_path / "docs"), str(tmp_path / "cache")]
    assert subprocess.run(argv, check=False).returncode == -signal.SIGKILL
    library, built = opened(spec, tmp_path / "cache")
    assert 0 < built.reused < 20
    assert asked(library, "valve report part 3") == asked(Library(load_sets([spec]).sets), "valve report part 3")


def test_a_process_that_reads_ends_with_its_parent(tmp_path: Path) -> None:
    argv = [sys.executable, "-P", "-m", "workbench.documents.index.worker"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        pickle.dump(SplitSpec(), worker.stdin)
        worker.stdin.close()
        assert worker.wait(60) == 0


@pytest.mark.parametrize("untaken", [1, 1_000_000])
def test_two_processes_read_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untaken: int) -> None:
    spec = with_eight(written(tmp_path / "docs", generated(6, 5)))
    monkeypatch.setattr(workers, "WORTH_IT", 1)
    monkeypatch.setattr(workers, "_cores", lambda: 2)
    monkeypatch.setattr(workers, "_UNTAKEN", untaken)
    library, built = opened(spec, tmp_path / "cache")
    assert built == Built(6, 30, 0)
    assert asked(library, "valve part 2") and library.retrieve("valve")[0].passage.path is not None
    [file] = (tmp_path / "cache").glob("*.sqlite")
    with closing(sqlite3.connect(file)) as index:
        places = [place for (place,) in index.execute("SELECT place FROM documents ORDER BY first")]
    assert places == sorted(places)


def test_a_process_that_reads_and_ends_by_itself_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WORTH_IT", 1)
    monkeypatch.setattr(workers, "_cores", lambda: 2)
    monkeypatch.setattr(workers, "sys", SimpleNamespace(executable="false"))  # a program that does nothing and fails
    written(tmp_path, generated(6, 5))
    files = [(path.name, FileToRead(path, path.name, ".md", path.stem, True), 1) for path in sorted(tmp_path.iterdir())]
    with pytest.raises(IndexUnusable, match="a process that reads documents ended before it was done"):
        list(workers.rows_of(files, SplitSpec()))


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "overwritten": lambda data: data[:4096] + os.urandom(len(data) - 4096),
    "cut": lambda data: data[: len(data) // 2],
    "another program's": lambda data: b"not a database at all" * 300,
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_made_anew(tmp_path: Path, damage: str) -> None:
    spec = with_eight(written(tmp_path / "docs", generated(5, 10)))
    library, _ = opened(spec, tmp_path / "cache")
    before = asked(library, "valve part 3")
    [file] = (tmp_path / "cache").glob("*.sqlite")
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    again, built = opened(spec, tmp_path / "cache")
    assert (built.passages, asked(again, "valve part 3")) == (50, before)


def test_an_index_that_is_damaged_while_it_is_in_use_is_made_anew(tmp_path: Path) -> None:
    spec = with_eight(written(tmp_path / "docs", generated(5, 10)))
    library, _ = opened(spec, tmp_path / "cache")
    before = asked(library, "valve part 3")
    [file] = (tmp_path / "cache").glob("*.sqlite")
    file.unlink()
    assert asked(library, "valve part 3") == before


def test_an_open_set_sees_what_another_program_has_changed(tmp_path: Path) -> None:
    spec = with_eight(written(tmp_path / "docs", {"a.md": "# A\n\nThe well is deep."}))
    library, _ = opened(spec, tmp_path / "cache")
    assert not library.retrieve("kiln")
    (tmp_path / "docs" / "b.md").write_text("# B\n\nThe kiln is hot.")
    opened(spec, tmp_path / "cache")
    assert library.retrieve("kiln")[0].passage.id == "b.md#1"


def test_two_builds_at_once_make_one_index(tmp_path: Path) -> None:
    spec = written(tmp_path / "docs", generated(8, 10))
    built: list[Built] = []
    threads = [threading.Thread(target=lambda: built.append(opened(spec, tmp_path / "cache")[1])) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(each.reused for each in built) == [0, 8]


def test_what_is_wrong_with_a_file_is_said_each_time(tmp_path: Path) -> None:
    lines = '{"id": "ferry", "text": "The ferry leaves at 06:40."}\n{"text": "cut\n{"id": "ferry", "text": "Again."}\n'
    spec = written(tmp_path / "docs", {"a.jsonl": lines, "b.md": "# B\n\nThe kiln is hot.", "c.bin2": "\0\1" * 50})
    strict = [str(each) for each in load_sets([spec]).forgiven]
    for _ in range(2):
        found: Opened = open_sets([spec], tmp_path / "cache", lambda *_: None, index_all=True)
        assert [str(each) for each in found.loaded.forgiven] == strict
        assert any("c.bin2" in str(each) for each in found.loaded.left_out)
    ids = [each.id for shelf in found.shelves if isinstance(shelf, IndexedSet) for each in shelf.passages]
    assert ids == ["ferry", "ferry~2", "b.md#1"]


def test_a_file_whose_name_is_no_text_stands_in_an_index(tmp_path: Path) -> None:
    spec = written(tmp_path / "docs", {"a.md": "# A\n\nThe well is deep."})
    try:
        Path(os.fsdecode(os.fsencode(tmp_path / "docs") + b"/b\xff.md")).write_text("# B\n\nThe kiln is hot.")
    except OSError:
        pytest.skip("this file system has no such names")
    for reused in (0, 2):
        library, built = opened(with_eight(spec), tmp_path / "cache")
        assert (built.documents, built.reused) == (2, reused)
    assert library.retrieve("kiln")[0].passage.text.endswith("The kiln is hot.")


def test_inline_documents_stand_in_an_index_too(tmp_path: Path) -> None:
    documents = (
        InlineDocument("ferry", {"text": "It leaves at 06:40.", "pier": 3}),
        InlineDocument(None, {"text": "A"}),
    )
    spec = SetSpec("town", documents)
    library, built = opened(spec, tmp_path / "cache")
    assert built == Built(2, 2, 0)
    assert _passages(library) == [each.passage for each in Library(load_sets([spec]).sets).retrieve("")]
    assert opened(spec, tmp_path / "cache")[1].reused == 2


def test_ids_of_two_sets_are_not_the_same(tmp_path: Path) -> None:
    one = written(tmp_path / "one", {"a.md": "# A\n\nThe well is deep."})
    two = written(tmp_path / "two", {"a.md": "# A\n\nThe well is dry."})
    found = open_sets([with_eight(one), with_eight(two)], tmp_path / "cache", lambda *_: None, index_all=True)
    assert [each.passage.id for each in Library(found.shelves).retrieve("well")] == ["a.md#1", "two/a.md#1"]


def test_small_sets_stay_in_memory_and_large_ones_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_IN_MEMORY", 20)
    monkeypatch.setattr(opening, "_SURELY_SMALL", 100)
    small, large = written(tmp_path / "small", generated(2, 10)), written(tmp_path / "large", generated(3, 10))
    found = open_sets([small, large], tmp_path / "cache", lambda *_: None)
    assert [isinstance(each, IndexedSet) for each in found.shelves] == [False, True]
    assert Library(found.shelves).in_short() == "small 20, large 30"


def test_without_a_place_for_an_index_documents_are_in_memory(tmp_path: Path) -> None:
    spec = written(tmp_path / "docs", {"a.md": "# A\n\nThe well is deep."})
    (tmp_path / "cache").write_text("a file")
    found = open_sets([spec], tmp_path / "cache", lambda *_: None, index_all=True)
    assert Library(found.shelves).describe() == "docs (1 passage)"
    assert any("no index can be kept" in str(each) for each in found.loaded.left_out)


def test_progress_is_told_now_and_then() -> None:
    said: list[str] = []
    times = iter([0.0, 0.5, 1.2, 1.3, 2.5])
    progress = IndexProgress(said.append, lambda: next(times))
    for read in (1, 2, 3, 4):
        progress.note("notes", building.Building(read, 2000, 50 * read))
    assert said == [words_of("notes", building.Building(read, 2000, 50 * read)) for read in (2, 4)]
    assert said[0] == "indexing notes: 2 of 2,000 documents, 100 passages"


def json_lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_index_and_search_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "docs", generated(4, 30) | {"well.md": "# Well\n\n## Depth\n\nThe well is 83 metres deep.\n"})
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    docs = ("--docs", str(tmp_path / "docs"))
    assert run(["index", *docs, "--json"], environ) == 0
    [row] = json_lines(capsys.readouterr().out)
    assert {name: row[name] for name in ("set", "documents", "passages", "reused")} == {
        "set": "docs", "documents": 5, "passages": 121, "reused": 0,
    }  # fmt: skip
    assert run(["search", "How deep is the well?", *docs, "--json", "--top-k", "2", "--mode", "keyword"], environ) == 0
    [hit, *_] = json_lines(capsys.readouterr().out)
    assert (hit["rank"], hit["set"], hit["document"], hit["path"]) == (1, "docs", "well.md", "well.md")
    assert (hit["id"], hit["title"], hit["lines"]) == ("well.md#1", "Well › Depth", [1, 5])
    assert list(hit) == [
        *("query", "rank", "score", "set", "id", "document", "title", "path", "lines", "text", "seconds"),
    ]
    assert run(["search", "anything", *docs, "--json", "--mode", "all", "--top-k", "3"], environ) == 0
    rows = json_lines(capsys.readouterr().out)
    assert [(row["rank"], row["score"]) for row in rows] == [(1, None), (2, None), (3, None)]
    assert run(["search", "zzzz", *docs, "--mode", "keyword"], environ) == 1
    assert "no passage has any of these words" in capsys.readouterr().err
    narrowed = ["search", 'well "is 83 metres" -report', *docs, "--json", "--mode", "keyword"]
    assert run(narrowed, environ) == 0
    out, err = capsys.readouterr()
    assert [row["id"] for row in json_lines(out)] == ["well.md#1"]
    assert err == 'workbench: searched with "is 83 metres", without report\n'
    assert run([*narrowed, "--where", "title=Other"], environ) == 1
    assert "no passage has any of these words and fits the rest" in capsys.readouterr().err
    assert run(["search", 'well "no such phrase"', *docs, "--mode", "keyword"], environ) == 1
    assert "no passage has any of these words and fits the rest" in capsys.readouterr().err
    assert run([*narrowed, "--where", "title"], environ) == 2
    assert "`title` is no NAME=VALUE" in capsys.readouterr().err


def test_questions_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(
        tmp_path / "docs", {"well.md": "# Well\n\nIt is deep.", "kiln.md": "# Kiln\n\nIt is hot.", "x.md": "# X\n\nA"}
    )
    questions = tmp_path / "questions.jsonl"
    rows = [("deep well", ["well.md"]), ("hot kiln", ["kiln.md"]), ("hot hot hot", ["x.md"])]
    questions.write_text("\n".join(json.dumps({"question": text, "documents": of}) for text, of in rows))
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    given = ["search", "--docs", str(tmp_path / "docs"), "--questions", str(questions)]
    assert run([*given, "--json"], environ) == 0
    printed = capsys.readouterr()
    found = {row["mode"]: row for row in json_lines(printed.out)}
    assert list(found) == ["keyword", "vector", "hybrid", "rerank"]
    assert "vector: docs: the offline engine compares words; it is no model" in printed.err
    row = found["keyword"]
    assert (row["mode"], row["questions"], row["mrr"]) == ("keyword", 3, 0.6667)
    assert row["recall"] == {"1": 0.6667, "3": 0.6667, "8": 0.6667}
    assert found["rerank"]["recall"] == row["recall"]  # of what words find
    assert found["vector"]["recall"]["3"] == 1.0  # type: ignore[index]  # of three passages
    assert run(given, environ) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["mode", *found]
    questions.write_text('{"question": "a"}\nno\n{"question": " ", "documents": ["x.md"]}\n')
    assert run(given, environ) == 2
    said = capsys.readouterr().err
    assert f"{questions}:1:1: its `documents` are no list of names" in said
    assert f"{questions}:2:1: it is not JSON" in said
    assert f"{questions}:3:1: it has no `question`" in said


def test_a_document_that_no_set_has_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(
        tmp_path / "docs",
        {"well.md": "# A\n\nIt is deep.\n\n# B\n\nIt is wet.", "kiln.jsonl": '{"id": "k", "text": "Hot."}'},
    )
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"question": "deep", "documents": ["well.md#2", "k", "kiln.jsonl", "wel.md", "gone"]}')
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    assert (
        run(["search", "--docs", str(tmp_path / "docs"), "--questions", str(questions), "--mode", "keyword"], environ)
        == 0
    )
    said = capsys.readouterr().err
    assert said == f"{questions}: warning: no set has a document `gone`, `wel.md`; it counts as not found\n"
