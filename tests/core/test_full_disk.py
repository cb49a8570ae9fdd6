"""A disk that fills up, or takes a file away, while an answer streams: one line about it, and nothing else is lost."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.core.keeping import came_back, kept, session
from tests.loaded import LoadedProgram
from tests.loopback import message, stream
from workbench.recordings.recording import Reading, Recording
from workbench.sessions.folder import session_paths, sessions_folder

COMMAND = ("ask", "--offline", "--docs", "config/docs.yaml")
QUESTION = "How do I define a tool?"


def ask(
    loaded: LoadedProgram, project: Path, *arguments: str, largest_file: int | None = None
) -> subprocess.CompletedProcess[str]:
    """The command, for which no file may become larger than so many bytes: as if the disk were full then."""
    limits = {} if largest_file is None else {resource.RLIMIT_FSIZE: largest_file}
    return loaded.run_text(*COMMAND, *arguments, folder=project, limits=limits)


def middle(path: Path) -> int:
    """The size of a recording up to the middle of its frames."""
    sizes, kinds = [0], []
    for raw in path.read_bytes().splitlines(keepends=True):
        sizes.append(sizes[-1] + len(raw))
        kinds.append(json.loads(raw)["kind"])
    frames = [number for number, kind in enumerate(kinds) if kind == "frames"]
    return sizes[frames[len(frames) // 2]] + 10


@pytest.mark.parametrize("json_lines", [(), ("--json",)])
def test_ask_says_once_that_it_is_no_longer_kept_and_exits_by_its_answer(
    json_lines: Sequence[str], project: Path, loaded: LoadedProgram
) -> None:
    whole = ask(loaded, project, "--session", QUESTION)
    assert whole.returncode == 0
    full = ask(loaded, project, "--session", QUESTION, *json_lines, largest_file=middle(session()))
    assert full.returncode == 0
    told = [line for line in full.stderr.splitlines() if "no longer kept" in line]
    assert len(told) == 1
    assert told[0].endswith("File too large")
    if json_lines:
        assert json.loads(full.stdout.splitlines()[-1])["text"] == whole.stdout.rstrip("\n")
    else:
        assert full.stdout == whole.stdout
        assert [line for line in full.stderr.splitlines() if line not in told] == whole.stderr.splitlines()
    cut = max(session_paths(sessions_folder(os.environ)), key=lambda path: path.stat().st_mtime)
    assert not Recording.read(cut).torn
    [back] = came_back(cut)
    assert back.turn.prompt == QUESTION
    assert back.turn.status == "incomplete"
    assert whole.stdout.startswith(back.turn.text)
    assert ask(loaded, project, "And how does it time out?", "--resume", str(cut)).returncode == 0
    assert [each.turn.status for each in came_back(cut)] == ["incomplete", "complete"]


def test_a_recording_of_ones_own_that_is_cut_is_said_once_beside_a_session_that_is_whole(
    project: Path, tmp_path: Path, loaded: LoadedProgram
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert ask(loaded, project, "--record", str(first), QUESTION).returncode == 0
    done = ask(loaded, project, "--record", str(second), QUESTION, largest_file=middle(first))
    assert done.returncode == 0
    assert done.stderr.count("the recording ends here") == 1
    assert not Recording.read(second).torn


async def test_a_session_that_was_deleted_is_said_to_be_and_the_chat_goes_on() -> None:
    problems: list[str] = []
    async with kept(lambda _: stream(message("Yes.")), problems=problems) as (conversation, _):
        await conversation.run("one")
        session().unlink()
        assert (await conversation.run("two")).status == "complete"
        assert (await conversation.run("three")).status == "complete"
    assert len(problems) == 1
    assert "no longer kept, and goes on in memory" in problems[0]
    assert problems[0].endswith("it was deleted")
    assert session_paths(sessions_folder(os.environ)) == []


def refuse(call: Callable[..., object], code: int, kind: str) -> Callable[..., object]:
    """`call`, which the system refuses for paths of sessions."""

    def refused(path: object, *arguments: object, **options: object) -> object:
        if "sessions" in str(path):
            raise OSError(code, kind)
        return call(path, *arguments, **options)

    return refused


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("open", errno.EACCES, "Permission denied"),
        ("open", errno.EROFS, "Read-only file system"),
        ("mkdir", errno.EACCES, "Permission denied"),
        ("mkdir", errno.EROFS, "Read-only file system"),
        ("open", errno.EMFILE, "Too many open files"),
    ],
)
async def test_a_home_that_may_not_be_written_to(
    name: str, code: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls are refused here: a test may be run by one who may write everywhere."""
    monkeypatch.setattr(os, name, refuse(getattr(os, name), code, text))
    problems: list[str] = []
    async with kept(lambda _: stream(message("Yes.")), problems=problems) as (conversation, _):
        assert (await conversation.run("one")).status == "complete"
        assert (await conversation.run("two")).status == "complete"
    assert len(problems) == 1
    assert problems[0].endswith(text)


async def test_room_that_comes_back_does_not_make_a_session_with_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    problems: list[str] = []
    async with kept(lambda _: stream(message("Yes.")), problems=problems) as (conversation, _):
        await conversation.run("one")
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", refuse_all(errno.ENOSPC, "No space left on device"))
            await conversation.run("two")
        await conversation.run("three")
    assert problems[0].endswith("No space left on device")
    assert len(problems) == 1
    assert [each.turn.prompt for each in came_back(session())] == ["one"]
    async with kept(lambda _: stream(message("Yes.")), resume=session()) as (conversation, resumed):
        assert resumed is not None
        await conversation.run("four")
    assert [each.turn.prompt for each in came_back(session())] == ["one", "four"]
    assert Reading(session()).torn is False


def refuse_all(code: int, text: str) -> Callable[..., int]:
    def refused(descriptor: int, data: bytes) -> int:
        raise OSError(code, text)

    return refused
