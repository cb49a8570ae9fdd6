"""Sessions on the command line: finding one, listing them, and conversations of `ask`."""

from __future__ import annotations

import json
import os
import time
import zlib
from pathlib import Path

import pytest

from tests.core.keeping import came_back, session
from workbench.cli import run
from workbench.errors import ConfigurationError
from workbench.recordings.recording import RecordingWriter
from workbench.safe_text import safe_line
from workbench.sessions.folder import find_session, new_session, session_paths, sessions_folder


def made(folder: Path, name: str, *prompts: str, written: float = 0.0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    writer = RecordingWriter.create(path, {"began": 1_700_000_000.0})
    for number, prompt in enumerate(prompts, 1):
        writer.append("turn-start", {"turn": number, "prompt": prompt})
        writer.append("turn-end", {"turn": number, "status": "complete", "error": None, "seconds": 1})
    writer.close()
    os.utime(path, (written, written))
    return path


def refusal(folder: Path | None, wanted: str | None) -> str:
    with pytest.raises(ConfigurationError) as refused:
        find_session(folder, wanted)
    return str(refused.value)


def test_a_session_is_found_by_the_beginning_of_its_id_or_a_path(tmp_path: Path) -> None:
    first = made(tmp_path, "20260101-101010-aaaaaa", written=9.0)
    second = made(tmp_path, "20260102-101010-bbbbbb", written=5.0)
    assert find_session(tmp_path, None) == first  # the one that was written to last
    assert find_session(tmp_path, "20260102") == second
    assert find_session(tmp_path, second.stem) == second
    assert find_session(None, str(second)) == second


def test_what_is_not_found_is_said_with_the_near_ones(tmp_path: Path) -> None:
    assert refusal(tmp_path, None).startswith("--resume: there is no session yet")
    assert "no home folder" in refusal(None, None)
    assert "there is no such file" in refusal(tmp_path, "./missing.jsonl")
    made(tmp_path, "20260101-101010-aaaaaa")
    made(tmp_path, "20260102-101010-bbbbbb")
    assert "did you mean 20260102-101010-bbbbbb" in refusal(tmp_path, "20260103-101010-bbbbbb")
    assert "2 sessions begin with '2026'" in refusal(tmp_path, "2026")


def test_names_sort_by_time_and_never_meet(tmp_path: Path) -> None:
    for _ in range(20):
        new_session(tmp_path, {}, 0.0).close()
    paths = session_paths(tmp_path)
    assert len(paths) == 20
    for path in paths:
        began = float(json.loads(path.read_text().splitlines()[0])["began"])
        assert path.stem.startswith(time.strftime("%Y%m%d-%H%M%S-", time.gmtime(began)))


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    folder = sessions_folder(os.environ)
    assert folder is not None
    assert run(["sessions", "list"]) == 0
    assert capsys.readouterr().out == f"no sessions in {folder}\n"
    made(folder, "20260101-101010-aaaaaa", "Hello\n\x1b[2J there?", "And?")
    made(folder, "20260102-101010-bbbbbb", "x" * 100)
    (folder / "20260103-101010-cccccc.jsonl").write_bytes(b'{"seq":0,\n{"seq":1,"t":0.0,"kind":"turn-start",\xff\n')
    assert run(["sessions", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(1_700_000_000))
    assert lines[0].startswith("20260103-101010-cccccc")
    assert lines[1] == f"20260102-101010-bbbbbb  {at}     1 turn  {'x' * 59}…"
    assert lines[2] == f"20260101-101010-aaaaaa  {at}    2 turns  Hello ␛[2J there?"


def test_each_command_names_itself_in_its_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "")
    for argv, asker in (
        (["sessions", "list"], "sessions list"),
        (["sessions", "search", "tea"], "sessions search"),
        (["sessions", "rm", "--undo"], "sessions rm"),
        (["sessions", "rename", "1", "x"], "sessions rename"),
        (["sessions", "show", "last"], "sessions show"),
        (["compare", "1", "2"], "compare"),
        (["ask", "--resume", "1", "Hello?"], "--resume"),
    ):
        assert run(argv) == 2
        assert capsys.readouterr().err.startswith(f"{asker}: no home folder is known")


@pytest.mark.parametrize("began", ["1e400", "NaN", "-1e30", "1e17", "9" * 400, '"x"', "null", "[]", "true"])
def test_a_list_with_a_time_of_no_calendar(began: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sessions_folder(os.environ)
    assert folder is not None
    path = made(folder, "20260101-101010-aaaaaa", "Hello?")
    header, rest = path.read_text().replace("1700000000.0", began).split("\n", 1)
    line = header[: -len(',"sum":"00000000"}')] + "}"
    path.write_text(f'{line[:-1]},"sum":"{zlib.crc32(line.encode()):08x}"}}\n{rest}')
    assert run(["sessions", "list"]) == 0
    assert capsys.readouterr().out.endswith("  1 turn  Hello?\n")


@pytest.mark.parametrize("turns", [1, 7, 300])
@pytest.mark.parametrize("between", [0, 40_000])
def test_turns_are_counted_right_however_long_the_session(
    turns: int, between: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sessions_folder(os.environ)
    assert folder is not None
    folder.mkdir(parents=True)
    writer = RecordingWriter.create(folder / "20260101-101010-aaaaaa.jsonl", {"began": 1_700_000_000.0})
    for number in range(1, turns + 1):
        writer.append("turn-start", {"turn": number, "prompt": f"Question {number}?"})
        writer.append("step", {"turn": number, "step": 1})
        frames = ['data: {"kind":"turn-start","turn":77}\n\n', "x" * between]
        writer.append("request", {"request": number, "body": {"kind": "turn-start", "turn": 99}})
        writer.append("frames", {"request": number, "at": 0.1, "frames": frames})
    for number in range(between // 4):  # an answer that is under way, with no mark behind it
        writer.append("frames", {"request": turns, "at": 0.1, "frames": [f"data: {number}\n\n"] * 5})
    writer.close()
    assert run(["sessions", "list"]) == 0
    assert f"  {turns} turn{'s' if turns > 1 else ''}  Question 1?" in capsys.readouterr().out


@pytest.mark.parametrize(
    "prompt", ["é" * 40_000, "\U0001f600" * 40_000, 'a"\\' * 40_000, "\ud83d" * 90_000, "\n" * 3 + "a"]
)
def test_a_long_first_question_is_shown_from_its_beginning(prompt: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sessions_folder(os.environ)
    assert folder is not None
    made(folder, "20260101-101010-aaaaaa", prompt, *["x" * 600_000] * 2)
    assert run(["sessions", "list"]) == 0
    shown = capsys.readouterr().out.split(" turns  ")[1]
    assert shown.startswith(safe_line(prompt.strip()[:20])[:20])


def test_a_conversation_of_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "--offline", "Hello?"]) == 0
    assert session_paths(sessions_folder(os.environ)) == []  # a script may ask thousands of questions
    assert run(["ask", "--offline", "--session", "First?"]) == 0
    capsys.readouterr()
    assert run(["ask", "--offline", "--json", "Second?", "--resume"]) == 0
    request = json.loads(capsys.readouterr().out.splitlines()[0])
    assert [message["role"] for message in request["body"]["messages"]] == ["user", "assistant", "user"]
    assert run(["ask", "--offline", "--model", "other", "--resume", session().stem[:8], "Third?"]) == 0
    assert "it goes on with other" in capsys.readouterr().err
    assert [each.turn.prompt for each in came_back(session())] == ["First?", "Second?", "Third?"]
    assert run(["ask", "--offline", "Fourth?", "--resume", "nothing"]) == 2
    assert f"did you mean {session().stem}?" in capsys.readouterr().err


def test_a_question_behind_resume_is_told_where_to_go(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["ask", "--resume", "When?"])
    assert "a question behind --resume" in " ".join(capsys.readouterr().err.split())


def test_a_recording_beside_a_session_holds_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = tmp_path / "a.jsonl"
    assert run(["ask", "--offline", "--session", "--record", str(record), "Hello?"]) == 0
    kinds = [[json.loads(line)["kind"] for line in path.read_text().splitlines()] for path in (record, session())]
    assert kinds[0] == kinds[1]
    assert run(["ask", "--offline", "--record", str(record), "Hello?"]) == 2
    assert capsys.readouterr().err == f"--record: {record}: exists already; give the recording another name\n"
