"""Full text over all sessions: what is found, whatever the words are, and an index that nobody has to look after."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import came_back, kept, session, toolbox
from tests.core.streams import CASSETTES
from tests.core.test_sessions_resume import ANSWER, CALL
from tests.loopback import Chunk, Head, Received, Reply, Wait, message, stream
from workbench.cli import run
from workbench.conversation import Changes, Options
from workbench.conversation.under_way import UnderWay
from workbench.recordings.recording import Reading, RecordingWriter
from workbench.sessions import search as searching
from workbench.sessions.asked_before import AskedBefore
from workbench.sessions.folder import sessions_folder
from workbench.sessions.index import index_path
from workbench.sessions.index_text import KINDS
from workbench.sessions.indexing import questions
from workbench.sessions.restore import restored
from workbench.sessions.said import said_in
from workbench.sessions.search import query, search
from workbench.sessions.session_keeper import SessionKeeper
from workbench.sessions.turns import TurnLines, turns_of


def folder() -> Path:
    found = sessions_folder(os.environ)
    assert found is not None
    found.mkdir(parents=True, exist_ok=True)
    return found


def made(name: str, *prompts: str) -> Path:
    path = folder() / f"{name}.jsonl"
    writer = RecordingWriter.create(path, {"began": 1_700_000_000.0})
    for number, prompt in enumerate(prompts, 1):
        writer.append("turn-start", {"turn": number, "prompt": prompt})
        writer.append("turn-end", {"turn": number, "status": "complete", "error": None, "seconds": 1})
    writer.close()
    return path


def grown(path: Path, number: int, prompt: str) -> None:
    """A turn more in a session."""
    _, writer = RecordingWriter.resume(path, list)
    writer.append("turn-start", {"turn": number, "prompt": prompt})
    writer.append("turn-end", {"turn": number, "status": "complete", "error": None, "seconds": 1})
    writer.close()


def hits(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    code = run(["sessions", "search", "--json", "--", *words])
    out = capsys.readouterr().out
    assert code == (0 if out else 1)
    return [json.loads(line) for line in out.splitlines()]


def found(capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[str, int]]:
    return [(hit["id"], hit["turn"]) for hit in hits(capsys, *words)]


async def test_everything_that_was_said_is_found_with_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    async with kept(
        [stream(CALL), stream(ANSWER)], tools=toolbox(hours={"opens": "early", "note": "marmalade"}, train="late")
    ) as (conversation, _):
        await conversation.run("When does the observatory open?")
    id = session().stem
    for word, kind in {
        "observatory": "question", "nine": "answer", "Hm": "thinking", "hours": "call", "look": "call",
        "library": "call", "marmalade": "result",
    }.items():  # fmt: skip
        [hit] = hits(capsys, word)
        assert (hit["id"], hit["turn"], hit["kind"]) == (id, 1, kind)
        assert word in hit["text"]
    assert hits(capsys, "observatory", "nine", "marmalade")  # in one turn, of whatever kind
    assert not hits(capsys, "observatory", "zzznothing")


def test_no_hit_is_a_line_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert run(["sessions", "search", "zzz\x1b[2Jnothing"]) == 1
        assert capsys.readouterr() == ("", "workbench: no session has 'zzz\\x1b[2Jnothing'\n")
        made(f"20260101-10101{_}-aaaaaa", "Hello?")


def test_the_line_of_a_hit_is_safe_and_names_its_turn(capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "One?", "The\x1b]52;c;x\x07 word\u202e\n is [bold]here")
    assert run(["sessions", "search", "word"]) == 0
    assert capsys.readouterr().out == "20260101-101010-aaaaaa:2  question  The ]52;c;x word· is [bold]here\n"


def test_the_best_come_first_and_equal_ones_newest_first(capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "tea", "about tea and many other things that are not it at all, of some length")
    made("20260102-101010-aaaaaa", "tea")
    assert found(capsys, "tea") == [
        ("20260102-101010-aaaaaa", 1), ("20260101-101010-aaaaaa", 1), ("20260101-101010-aaaaaa", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("The library's opening hours", "hour"),
        ("running", "run"),
        ("un CAFÉ déjà vu", "cafe Deja"),
        ("Über", "u\u0308ber"),
        ("call get_weather_now(x)", "get_weather_now"),
        ("see docs.cohere.com/v2", "docs.cohere.com"),
        ("図書館は何時に開きますか", "図書館"),
        ("開館時間", "時間"),
        ("marmalade", "marmal"),  # nothing has that word, so what begins so is found
        ("naïve 🌈 question", "🌈 naïve"),
    ],
)
def test_words_are_found_as_people_write_them(said: str, asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", said)
    [hit] = hits(capsys, asked)
    assert hit["text"] == said


def test_a_word_that_is_there_does_not_find_others_that_begin_so(capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "a cart", "a cartoon")
    assert found(capsys, "cart") == [("20260101-101010-aaaaaa", 1)]
    assert len(found(capsys, "carto")) == 1


HOSTILE = (
    '"', '""', "'", '"a', 'a"b', "a OR b", "NOT a", "AND", "NEAR(a b, 3)", "a*", "*", "^a", "question: a", "-a", "+",
    "a - b", "(", ")", "((((", "{a b}: c", ":", "%", "\\", ";", "'; DROP TABLE words; --", "\x00", "a\x00b",
    "\x02\x03", "\udcff", "\ud83d", "²", "---", "…", "🌈", "ü" * 5000, "a " * 5000, '" ' * 2000, "(" * 3000,
    "図" * 3000, "\n", "a\tb",
)  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_asked_is_words(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "nothing of that kind")
    assert run(["sessions", "search", "--json", "--", words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("workbench: no session has ")
    assert "\x1b" not in err
    assert err.count("\n") == 1


def test_operators_of_the_index_are_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "rain OR shine", "rain", "shine", "NOT now")
    assert found(capsys, "rain OR shine") == [("20260101-101010-aaaaaa", 1)]
    assert found(capsys, "NOT", "now") == [("20260101-101010-aaaaaa", 4)]
    assert query('a "b c" *') == '"a" "b" "c"'
    assert query("a b-c", begun=True) == '"a"* "b-c"*'


def test_long_text_is_found_to_its_end_and_shown_around_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", f"beginning {'filler words ' * 20_000} needle {'x' * 100_000} ending")
    for word in ("beginning", "needle", "ending"):
        [hit] = hits(capsys, word)
        assert word in hit["text"]
        assert len(hit["text"]) < 110_000


def test_there_is_an_end_to_hits(capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", *["tea"] * (searching.MOST_HITS + 1))
    assert run(["sessions", "search", "tea"]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == searching.MOST_HITS
    assert "further words find fewer" in err


def test_no_key_is_in_the_index_or_its_hits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-canary-0123456789"
    made("20260101-101010-aaaaaa", f"my key {key} is here")  # by a program that did not know it
    monkeypatch.setenv("CO_API_KEY", key)
    [hit] = hits(capsys, "key")
    assert "***" in hit["text"]
    assert b"0123456789" not in index_path(folder()).read_bytes()


# -- the index ---------------------------------------------------------------------------------------


def test_the_index_is_for_its_owner_alone_and_has_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "tea")
    assert found(capsys, "tea")
    path = index_path(folder())
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert sorted(each.name for each in path.parent.iterdir()) == ["sessions", "sessions.sqlite"]
    path.chmod(0o644)
    assert found(capsys, "tea")
    assert path.stat().st_mode & 0o777 == 0o600


def test_only_what_is_new_is_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = made("20260101-101010-aaaaaa", "tea", "coffee")
    made("20260102-101010-aaaaaa", "tea")
    assert len(found(capsys, "tea")) == 2
    read: list[tuple[str, int]] = []

    def noted(lines: TurnLines, path: Path, **given: Any) -> Any:
        read.append((path.stem, lines.number))
        return restored(lines, path, **given)

    monkeypatch.setattr("workbench.sessions.said.restored", noted)
    assert len(found(capsys, "tea")) == 2
    assert read == []
    grown(first, 3, "tea again")
    assert len(found(capsys, "tea")) == 3
    assert read == [(first.stem, 2), (first.stem, 3)]  # the last one might have gone on


def test_what_is_gone_or_another_file_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = made("20260101-101010-aaaaaa", "tea", "juice"), made("20260102-101010-aaaaaa", "coffee")
    assert found(capsys, "tea")
    first.unlink()
    assert not found(capsys, "tea")
    made(first.stem, *["water"] * 40)  # larger, and another one of that name
    second.unlink()
    made(second.stem, "milk")
    assert not found(capsys, "juice") + found(capsys, "coffee")
    assert len(found(capsys, "water")) == 40
    assert found(capsys, "milk") == [(second.stem, 1)]


def test_a_damaged_session_is_found_up_to_its_damage(capsys: pytest.CaptureFixture[str]) -> None:
    path = made("20260101-101010-aaaaaa", "tea", "coffee", "milk")
    path.write_bytes(path.read_bytes().replace(b"milk", b"mild"))
    made("20260102-101010-aaaaaa").write_bytes(b"\xff\x00")
    assert (found(capsys, "tea"), found(capsys, "mild")) == ([(path.stem, 1)], [])


def test_a_file_whose_name_is_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "tea")
    (folder() / "20260101-101010-aaaaaa.jsonl").rename(folder() / os.fsdecode(b"a\xff.jsonl"))
    for _ in range(2):
        assert [hit["id"] for hit in hits(capsys, "tea")] == ["a\udcff"]
        assert run(["sessions", "list", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["id"] == "a\udcff"
        assert run(["sessions", "list"]) == 0
        assert capsys.readouterr().out.startswith("a�  ")


def damaged(data: bytes, how: str) -> bytes:
    match how:
        case "empty":
            return b""
        case "garbage":
            return b"\x00\xff" * 5000
        case "cut":
            return data[: len(data) // 2]
        case "end cut":
            return data[:-1000]
        case "no header":
            return b"x" * 100 + data[100:]
        case _:
            return data[:4096] + bytes(len(data) - 4096)


@pytest.mark.parametrize("how", ["empty", "garbage", "cut", "end cut", "no header", "zeros"])
def test_a_damaged_index_is_made_anew(how: str, capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "tea")
    assert found(capsys, "tea")
    path = index_path(folder())
    path.write_bytes(damaged(path.read_bytes(), how))
    assert found(capsys, "tea") == [("20260101-101010-aaaaaa", 1)]
    assert run(["sessions", "list"]) == 0
    assert capsys.readouterr().out.endswith("tea\n")
    assert path.read_bytes()[:15] == b"SQLite format 3"


@pytest.mark.parametrize(
    "change",
    [
        "PRAGMA user_version = 0",
        "PRAGMA user_version = 99",
        "DROP TABLE words",
        "DROP TABLE listed",
        "UPDATE listed SET began = 'x', id = 'y'",
        "UPDATE searched SET stamp = NULL, turns = 'x'",
        "UPDATE searched SET id = CAST(x'ff' AS TEXT)",
        "UPDATE said SET session = 77",
    ],
)
def test_another_version_or_strange_values_are_no_hindrance(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "tea")
    assert found(capsys, "tea")
    with sqlite3.connect(index_path(folder())) as connection:
        connection.execute(change)
    connection.close()
    assert run(["sessions", "list"]) == 0
    assert capsys.readouterr().out.endswith("tea\n")
    if "said" not in change:  # which only the index itself could tell
        assert found(capsys, "tea") == [("20260101-101010-aaaaaa", 1)]


@pytest.mark.parametrize("what", ["a folder", "a pipe", "a link"])
def test_what_is_no_file_of_ours_is_left_alone(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "tea")
    path = index_path(folder())
    elsewhere = tmp_path / "elsewhere"
    match what:
        case "a folder":
            path.mkdir()
        case "a pipe":
            os.mkfifo(path)
        case _:
            path.symlink_to(elsewhere)
    assert run(["sessions", "search", "tea"]) == 0
    out, err = capsys.readouterr()
    assert out == "20260101-101010-aaaaaa:1  question  tea\n"
    assert "cannot be used, every session is read instead" in err
    assert not elsewhere.exists()
    assert run(["sessions", "list"]) == 0
    assert capsys.readouterr().out.endswith("tea\n")


def test_a_folder_that_cannot_be_written_can_be_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    made("20260101-101010-aaaaaa", "tea")

    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("workbench.sessions.index._check", refused)
    notes: list[str] = []
    assert [hit.id for hit in search(folder(), "tea", "x", notes.append).hits] == ["20260101-101010-aaaaaa"]
    assert "Permission denied" in notes[0]


def test_another_program_that_writes_for_long_is_not_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.sessions.index.PATIENCE", 0.05)
    made("20260101-101010-aaaaaa", "tea")
    assert found(capsys, "tea")
    made("20260102-101010-aaaaaa", "tea")
    other = sqlite3.connect(index_path(folder()), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert run(["sessions", "search", "tea"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("20260101")
    assert "what is newest may not be found yet" in err
    assert run(["sessions", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    other.execute("ROLLBACK")
    other.close()
    assert len(found(capsys, "tea")) == 2


SEARCH = "import sys; from workbench.cli import run; sys.exit(run(['sessions', 'search', '--json', 'tea']))"


def started(count: int) -> list[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-c", SEARCH]
    return [
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        for _ in range(count)
    ]


def many(sessions: int) -> list[str]:
    first = made("20260101-000000-000000", *["tea"] * 4)
    for number in range(1, sessions):
        shutil.copy(first, folder() / f"20260101-000000-{number:06x}.jsonl")
    return [path.stem for path in folder().glob("*.jsonl")]


def test_programs_at_once_find_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    ids = many(20)
    for each in started(3):
        out, err = each.communicate(timeout=60)
        assert each.returncode == 0
        if b"the next search has them" in err:  # on a machine that has other things to do
            continue
        assert err == b""
        assert len(out.splitlines()) == 80
    rows = hits(capsys, "tea")
    assert sorted({hit["id"] for hit in rows}) == sorted(ids)
    with sqlite3.connect(index_path(folder())) as connection:
        assert connection.execute("SELECT count(*) FROM said").fetchone() == (80,)
    connection.close()


def test_a_program_that_is_killed_leaves_an_index_that_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    many(25)
    for size in (1, 20_000, 60_000):
        [one] = started(1)
        path = index_path(folder())
        while one.poll() is None and not (path.exists() and path.stat().st_size >= size):
            time.sleep(0.001)
        one.send_signal(signal.SIGKILL)
        one.communicate()
    assert len(hits(capsys, "tea")) == searching.MOST_HITS


# -- what was said -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.sse")), ids=lambda path: path.stem)
async def test_a_turn_that_is_read_for_the_search_says_what_the_whole_one_does(path: Path) -> None:
    async with kept([stream(path.read_bytes())], tools=None) as (conversation, _):
        await conversation.run("q")
    [whole] = came_back(session())
    [lines] = turns_of(session(), Reading(session()))
    assert isinstance(lines, TurnLines)
    bare = restored(lines, session(), events=False).turn
    assert said_in(bare) == said_in(whole.turn)
    assert (bare.status, bare.seconds) == (whole.turn.status, whole.turn.seconds)


async def test_what_was_said_has_a_text_of_each_kind() -> None:
    async with kept([stream(message("Yes."))]) as (conversation, _):
        turn = await conversation.run("Sure?")
    assert tuple(said_in(turn)) == KINDS
    assert said_in(turn)["answer"] == "Yes."


def test_words_are_needed(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["sessions", "search"], ["sessions"]):
        with pytest.raises(SystemExit) as end:
            run(argv)
        assert end.value.code == 2
        assert "required" in capsys.readouterr().err


# -- what is kept up to date -------------------------------------------------------------------------


async def test_a_turn_is_in_the_index_once_it_has_ended() -> None:
    async with kept([stream(message("The harbour."))], tools=toolbox()) as (conversation, _):
        await conversation.run("Where do boats leave?")
    path = session()
    with sqlite3.connect(index_path(folder())) as connection:
        rows = connection.execute("SELECT question, answer FROM words").fetchall()
        assert rows == [("Where do boats leave?", "The harbour.")]
        [(stamp,)] = connection.execute("SELECT stamp FROM searched").fetchall()
    assert stamp.startswith(f"{path.stat().st_size}:")


def test_of_a_session_that_has_grown_the_bytes_before_its_last_turn_are_not_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = made("20260101-101010-aaaaaa", *[f"tea {number}" for number in range(50)])
    assert len(found(capsys, "tea")) == 50
    data = path.read_bytes()
    path.write_bytes(data.replace(b"tea 3", b"tee 3"))  # damage that only who reads it can know of
    with path.open("ab") as file:
        file.write(_lines_behind(data, 51, "tea again"))
    assert found(capsys, "again") == [(path.stem, 51)]
    assert len(found(capsys, "tea")) == 51


def _lines_behind(data: bytes, number: int, prompt: str) -> bytes:
    """The lines of a turn more, of a file with this content."""
    copy = folder() / "copy"
    copy.write_bytes(data)
    grown(copy, number, prompt)
    more = copy.read_bytes()[len(data) :]
    copy.unlink()
    return more


async def test_a_turn_that_goes_on_from_others_is_found_whole_when_only_its_lines_are_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = [stream(CALL), stream(ANSWER), stream(CALL), stream(ANSWER)]
    async with kept(script[:2], tools=toolbox(hours={"opens": "09:00"}, train="late")) as (conversation, _):
        await conversation.run("First?")
    whole = _words(capsys)
    async with kept(script[2:], resume=session(), tools=toolbox(hours={"opens": "09:00"}, train="late")) as (
        conversation,
        _,
    ):
        await conversation.run("Second?")
    both = _words(capsys)
    assert both[: len(whole)] == whole
    assert [row[1:] for row in both[len(whole) :]] == [row[1:] for row in whole]
    index_path(folder()).unlink()
    assert _words(capsys) == both


async def test_turns_side_by_side_are_found_whole_whenever_their_lines_are_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The index is brought up to date as each of them ends, when others go on."""
    gates = [asyncio.Event() for _ in range(3)]

    def replies(received: Received) -> Reply:
        temperature = received.body.get("temperature")
        if temperature is None:
            return stream(message("The harbour."))
        data = message(f"Before{temperature:.0f} and the rest, behind{temperature:.0f}.")
        half = data.index(b" rest")
        return [Head(), Chunk(data[:half]), Wait(gates[int(temperature)]), Chunk(data[half:])]

    async def taken(one: UnderWay) -> None:
        async for _ in one.events():
            pass

    async with kept(replies) as (conversation, _):
        await conversation.run("Where do boats leave?")
        changes = [Changes(options=Options(parameters={"temperature": float(n)})) for n in range(3)]
        under_way = conversation.again_beside(1, changes)
        tasks = [asyncio.create_task(taken(each)) for each in under_way]
        for place in (1, 0, 2):
            gates[place].set()
            await tasks[place]
            assert isinstance(conversation.keeper, SessionKeeper)
            await conversation.keeper.kept()
            assert (session().stem, place + 2) in found(capsys, f"behind{place}")
        await conversation.run("And when?")
    gradually = _words(capsys)
    assert [found(capsys, f"before{place}") for place in range(3)] == [[(session().stem, n)] for n in (2, 3, 4)]
    index_path(folder()).unlink()
    assert _words(capsys) == gradually


async def test_a_turn_that_takes_over_steps_is_found_whole_when_it_comes_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = [stream(CALL), stream(ANSWER), stream(message("The second.")), stream(message("Edited reply."))]
    async with kept(script, tools=toolbox(hours={"opens": "09:00"}, train="late")) as (conversation, _):
        await conversation.run("First?")
        await conversation.run("Second?")
        assert isinstance(conversation.keeper, SessionKeeper)
        await conversation.keeper.kept()
        assert found(capsys, "second")
        call = conversation.turns[0].steps[0].message().tool_calls[0]
        async for _ in conversation.again(1, Changes(results={call.id: "another"}, step=1)):
            pass
    assert found(capsys, "edited reply") == [(session().stem, 3)]
    gradually = _words(capsys)
    index_path(folder()).unlink()
    assert _words(capsys) == gradually


def _words(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, ...]]:
    hits(capsys, "first")
    with sqlite3.connect(index_path(folder())) as connection:
        rows = connection.execute("SELECT question, answer, thinking, call, result FROM words ORDER BY rowid")
        return rows.fetchall()


def test_no_key_is_in_the_index(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the first question either, of a session of a time when it was none."""
    key = "sesame-0123456789"
    made("20260101-101010-aaaaaa", f"what is {key} of the harbour?", f"and {key}?")
    monkeypatch.setenv("CO_API_KEY", key)
    assert run(["sessions", "list"]) == 0
    assert key not in capsys.readouterr().out
    assert found(capsys, "harbour")
    assert key.encode() not in index_path(folder()).read_bytes()
    assert all(key not in text for text in questions(folder()))


def test_where_the_words_stand_is_told() -> None:
    made("20260101-101010-aaaaaa", "Boats leave the harbour, a harbour of 図書館 boats")
    [hit] = search(folder(), "harbour boat", "test", print).hits
    assert [hit.text[start:end] for start, end in hit.places] == ["Boats", "harbour", "harbour", "boats"]
    [hit] = search(folder(), "書館", "test", print).hits
    assert "".join(hit.text[start:end] for start, end in hit.places) == "書館"
    assert "図書館" in hit.text


def test_what_was_asked_in_any_session_is_known_in_its_order() -> None:
    made("20260102-101010-aaaaaa", "b\n図書館  x", "a")
    made("20260101-101010-aaaaaa", "a", "c")
    assert questions(folder()) == []
    search(folder(), "x", "test", print)
    assert questions(folder()) == ["c", "b\n図書館  x", "a"]


def test_what_was_asked_in_a_session_is_remembered_when_that_is_removed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["ask", "--offline", "--session", "When does the ferry leave?"]) == 0
    assert run(["sessions", "rm", "--yes", "last"]) == 0
    capsys.readouterr()
    asked = AskedBefore.of_user(os.environ, str, print)
    assert asked is not None
    assert asked.recalled() == ["When does the ferry leave?"]
