"""A journal: what is on the disk when, and what a disk that fails or hangs means."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import resource
import signal
import stat
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import kept, session, toolbox
from tests.loopback import Received, Reply, message, stream
from workbench.errors import RecordingError
from workbench.recordings.journal import Journal
from workbench.recordings.recording import Recording, RecordingWriter
from workbench.sessions.folder import new_session

NEVER = 3600.0  # seconds: lines wait for a sync alone


class Disk:
    """What was asked of the system for one file, in order: the kinds of lines written together, and "sync"."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[list[str] | str] = []
        self._write, self._fsync = os.write, os.fsync
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "fsync", self.fsync)

    def write(self, descriptor: int, data: bytes) -> int:
        if data.startswith(b'{"seq":'):
            self.calls.append([line.split(b'"kind":"')[1].split(b'"')[0].decode() for line in data.splitlines()])
        return self._write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            self.calls.append("sync")
        self._fsync(descriptor)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.jsonl"


@contextlib.asynccontextmanager
async def journal_in(
    path: Path, problems: list[str] | None = None, *, batch: float = NEVER, patience: float = 60.0
) -> AsyncIterator[Journal]:
    journal = Journal(
        lambda began: RecordingWriter.create(path, began=began),
        on_problem=pytest.fail if problems is None else problems.append,
        batch=batch,
        patience=patience,
    )
    yield journal
    await journal.aclose()


def kinds(path: Path) -> list[str]:
    return [line.kind for line in Recording.read(path).lines]


# -- when --------------------------------------------------------------------------------------------


async def test_lines_are_written_together_and_synced_when_asked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    async with journal_in(path) as journal:
        for kind in ("a", "b", "c"):
            journal.append(kind, {})
        await journal.kept()
        assert disk.calls == [["header"], ["a", "b", "c"], "sync"]
        journal.append("d", {})
        journal.sync()
        journal.append("e", {})
        await journal.kept()
        assert disk.calls[3:] == [["d"], "sync", ["e"], "sync"]
        await journal.kept()
        assert len(disk.calls) == 7  # nothing is new: nothing is synced
    assert kinds(path) == ["header", "a", "b", "c", "d", "e"]


async def test_without_a_sync_lines_are_written_soon(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, written, write = asyncio.get_running_loop(), asyncio.Event(), os.write

    def watched(descriptor: int, data: bytes) -> int:
        if b'"kind":"a"' in data:
            loop.call_soon_threadsafe(written.set)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", watched)
    async with journal_in(path, batch=0.0) as journal:
        journal.append("a", {})
        await written.wait()


async def test_no_file_is_made_for_nothing(path: Path) -> None:
    async with journal_in(path) as journal:
        await journal.kept()
    assert not path.exists()


async def test_the_disk_is_never_waited_for_on_the_event_loop(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[str] = set()

    def noted(call: Callable[..., int | None]) -> Callable[..., int | None]:
        def noting(*arguments: object) -> int | None:
            threads.add(threading.current_thread().name)
            return call(*arguments)

        return noting

    for name in ("write", "fsync", "open"):
        monkeypatch.setattr(os, name, noted(getattr(os, name)))
    async with journal_in(path) as journal:
        journal.append("a", {})
        journal.sync()
        await journal.kept()
    assert threads == {"journal"}


async def test_times_are_when_lines_were_appended(path: Path) -> None:
    times = iter([5.0, 5.5, 7.0])
    journal = Journal(
        lambda began: RecordingWriter.create(path, began=began), on_problem=pytest.fail, clock=lambda: next(times)
    )
    for kind in ("a", "b", "c"):
        journal.append(kind, {})
    await journal.aclose()
    assert [line.t for line in Recording.read(path).lines] == [0.0, 0.0, 0.5, 2.0]


async def test_the_order_on_the_disk_of_a_turn_with_tools(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompt is on the disk before anything is sent, a call before it runs, and its result before it is sent."""
    disk = Disk(monkeypatch)
    seen: dict[str, list[str]] = {}
    on_disk: list[str] = []

    def at(moment: str) -> None:
        synced = max(number for number, call in enumerate(disk.calls) if call == "sync")
        on_disk[:] = [kind for call in disk.calls[:synced] if isinstance(call, list) for kind in call]
        seen[moment] = list(on_disk)

    tools = toolbox(hours=1)
    run = tools.run

    async def watched(**call: Any) -> object:
        at("tool runs")
        return await run(**call)

    monkeypatch.setattr(tools, "run", watched)
    replies = iter([("asked", message(tool_calls=[("c1", "hours", "")])), ("asked on", message("Yes."))])

    def script(_: Received) -> Reply:
        moment, body = next(replies)
        at(moment)
        return stream(body)

    async with kept(script, tools=tools) as (conversation, _):
        await conversation.run("q")
    assert seen["asked"] == ["header", "turn-start"]
    assert (seen["tool runs"].count("tool-start"), seen["tool runs"].count("tool-result")) == (1, 0)
    assert seen["asked on"].count("tool-result") == 1
    assert disk.calls[-1] == "sync"


# -- one writer --------------------------------------------------------------------------------------


def test_two_writers_never_have_one_file(path: Path) -> None:
    writer = RecordingWriter.create(path)
    with pytest.raises(RecordingError, match="is in use"):
        RecordingWriter.resume(path, tuple)
    writer.append("mark", {})
    writer.close()
    _, writer = RecordingWriter.resume(path, tuple)
    with pytest.raises(RecordingError, match="is in use"):
        RecordingWriter.resume(path, tuple)
    writer.close()
    assert kinds(path) == ["header", "mark"]


def test_a_file_system_without_locks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new file has a name that nobody knows; one that exists is not gone on with unlocked."""

    def flock(_: int, __: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    RecordingWriter.create(path).close()
    with pytest.raises(RecordingError, match="cannot be locked: No locks"):
        RecordingWriter.resume(path, tuple)


# -- a disk that fails ---------------------------------------------------------------------------------


async def test_a_file_that_cannot_be_opened_is_told_once(tmp_path: Path) -> None:
    problems: list[str] = []
    async with journal_in(tmp_path / "missing" / "a.jsonl", problems) as journal:
        for kind in ("a", "b"):
            journal.append(kind, {})
            await journal.kept()
        assert journal.failed
        journal.append("c", {})
    assert len(problems) == 1
    assert "No such file" in problems[0]


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


async def test_a_full_disk_leaves_whole_lines_and_a_chat_that_goes_on(path: Path) -> None:
    """When there is room again nothing more is written: what came in between would be missing."""
    problems: list[str] = []
    async with kept(lambda _: stream(message("Yes.")), problems=problems) as (conversation, _):
        await conversation.run("one")
        assert conversation.keeper is not None
        await conversation.keeper.kept()
        size = session().stat().st_size
        with largest_file(size + 300):
            turn = await conversation.run("two " * 100)
            await conversation.keeper.kept()
        assert turn.status == "complete"
        assert (await conversation.run("three")).status == "complete"
    assert len(problems) == 1
    assert "no longer kept, and goes on in memory" in problems[0]
    assert "File too large" in problems[0]
    recording = Recording.read(session())
    assert (recording.size, recording.torn) == (size, False)


@pytest.mark.parametrize("breaks", ["a file", "a file above", "no home", "a full disk"])
async def test_a_home_that_cannot_be_used(breaks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    if breaks == "a file":
        (state / "workbench").mkdir(parents=True)
        (state / "workbench" / "sessions").write_text("")
    elif breaks == "a file above":
        state.write_text("")
    elif breaks == "no home":
        monkeypatch.delenv("XDG_STATE_HOME")
        monkeypatch.delenv("HOME")
    problems: list[str] = []
    with largest_file(10) if breaks == "a full disk" else contextlib.nullcontext():
        async with kept([stream(message("Yes."))], problems=problems) as (conversation, _):
            assert (await conversation.run("q")).status == "complete"
    assert len(problems) == 1
    assert list(tmp_path.rglob("*.jsonl")) == []  # no empty file stays behind


async def test_a_disk_that_hangs_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop goes on meanwhile, and the file ends with its last whole line."""
    released = threading.Event()
    fsync = os.fsync

    def hang(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            released.wait(60)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", hang)
    problems: list[str] = []
    async with journal_in(path, problems, patience=0.01) as journal:
        journal.append("a", {})
        await journal.kept()
        assert len(problems) == 1
        assert "has not taken" in problems[0]
        journal.append("b", {})
        await journal.kept()
    released.set()
    await _unlocked(path)
    assert (kinds(path), len(problems)) == (["header", "a"], 1)


async def _unlocked(path: Path) -> None:
    while True:
        try:
            RecordingWriter.resume(path, tuple)[1].close()
        except RecordingError:
            await asyncio.sleep(0.001)
        else:
            return


async def test_a_line_that_is_no_json_ends_the_journal_in_words(path: Path) -> None:
    problems: list[str] = []
    async with journal_in(path, problems) as journal:
        journal.append("a", {"x": object()})
        await journal.kept()
    assert len(problems) == 1
    assert "TypeError" in problems[0]


# -- permissions -----------------------------------------------------------------------------------------


def test_folder_and_file_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        writer = new_session(tmp_path / "a" / "sessions", {}, 0.0)
    finally:
        os.umask(before)
    writer.close()
    assert stat.S_IMODE(writer.path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(writer.path.stat().st_mode) == 0o600
