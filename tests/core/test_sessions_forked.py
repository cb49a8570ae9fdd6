"""Sessions that begin with a copy of another one: what they hold, and that a program may be killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.core.keeping import came_back, kept, session, state
from tests.loopback import message, stream
from workbench.errors import RecordingError
from workbench.recordings.recording import Recording, RecordingWriter
from workbench.sessions.folder import session_paths, sessions_folder
from workbench.sessions.forking import fork
from workbench.sessions.removal import REMOVED

MOVING = """
import itertools, sys
from pathlib import Path
from workbench.sessions.forking import fork
from workbench.sessions.removal import remove, undo

folder = Path(sys.argv[1])
first = folder / "20260101-101010-aaaaaa.jsonl"
print("ready", flush=True)
for number in itertools.count():
    made = fork(first, folder, 1 + number % 3)
    remove(folder, [made, first] if number % 2 else [made])
    undo(folder, (), "test")
    print(made.stem, flush=True)
"""


def folder() -> Path:
    found = sessions_folder(os.environ)
    assert found is not None
    found.mkdir(parents=True, exist_ok=True)
    return found


def made(*prompts: str, name: str = "20260101-101010-aaaaaa") -> Path:
    writer = RecordingWriter.create(folder() / f"{name}.jsonl", {"began": 1_700_000_000.0, "docs": ["/a.yaml"]})
    for number, prompt in enumerate(prompts, 1):
        writer.append("turn-start", {"turn": number, "prompt": prompt})
        writer.append("turn-end", {"turn": number, "status": "complete", "error": None, "seconds": 1})
    writer.close()
    return writer.path


def prompts(path: Path) -> list[str]:
    return [each.turn.prompt for each in came_back(path)]


async def test_a_copy_goes_on_by_itself_as_the_conversation_was_at_that_turn() -> None:
    script = [stream(message(text)) for text in ("One.", "Two.", "Three.")]
    async with kept(script) as (conversation, _):
        for prompt in ("1?", "2?", "3?"):
            await conversation.run(prompt)
    path = session()
    before = path.read_bytes()
    copy = fork(path, folder(), 2)
    assert [state(each.turn) for each in came_back(copy)] == [state(each.turn) for each in came_back(path)][:2]
    async with kept([stream(message("Other."))], resume=copy) as (conversation, _):
        assert [each["content"] for each in conversation.history()] == ["1?", "One.", "2?", "Two."]
        assert (await conversation.run("4?")).text == "Other."
    assert prompts(copy) == ["1?", "2?", "4?"]
    assert path.read_bytes() == before
    header = Recording.read(copy).lines[0].fields
    assert header["forked"] == {"session": path.stem, "turn": 2}
    assert copy.stat().st_mode & 0o777 == 0o600


def test_turns_that_the_conversation_went_on_without_are_copied_as_such() -> None:
    path = made("one", "two")
    _, writer = RecordingWriter.resume(path, list)
    writer.append("forget", {"turn": 2})
    writer.append("turn-start", {"turn": 3, "prompt": "two again"})
    writer.append("clear", {})
    writer.append("turn-start", {"turn": 4, "prompt": "anew"})
    writer.close()
    assert prompts(fork(path, folder(), 2)) == ["one", "two"]
    assert prompts(fork(path, folder(), 3)) == ["one", "two again"]
    assert prompts(fork(path, folder())) == ["anew"]


def test_what_another_program_writes_is_copied_up_to_its_last_whole_line() -> None:
    path = made("one")
    _, writer = RecordingWriter.resume(path, list)
    writer.append("turn-start", {"turn": 2, "prompt": "two"})
    with path.open("ab") as file:
        file.write(b'{"seq":4,"t":0')
    copy = fork(path, folder())
    writer.close()
    assert prompts(copy) == ["one", "two"]
    assert not Recording.read(copy).torn


@pytest.mark.parametrize(
    ("spoiled", "turn", "says"),
    [
        (lambda data: data.replace(b"two", b"too"), None, ": line 4 was changed or damaged"),
        (lambda data: data, 7, ": has no turn 7"),
        (lambda _: b"", None, ": is empty"),
        (lambda _: b"words", None, ": is no recording"),
        (lambda _: b"words\n", None, ": line 1 was changed or damaged"),
    ],
)
def test_what_cannot_be_copied_leaves_nothing_behind(spoiled, turn, says) -> None:  # type: ignore[no-untyped-def]
    path = made("one", "two")
    path.write_bytes(spoiled(path.read_bytes()))
    with pytest.raises(RecordingError) as raised:
        fork(path, folder(), turn)
    assert str(raised.value).startswith(f"{path}{says}")
    assert list(folder().iterdir()) == [path]


def test_a_disk_that_is_full_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    path = made("one")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.sessions.forking.os.fsync", full)
    with pytest.raises(RecordingError, match="no copy can be written: No space left on device"):
        fork(path, folder())
    assert list(folder().iterdir()) == [path]


@pytest.mark.parametrize("seed", range(6))
def test_a_program_that_is_killed_while_it_forks_and_removes_loses_nothing(seed: int) -> None:
    first = made("one", "two", "three" * 20_000)
    whole = first.read_bytes()
    process = subprocess.Popen([sys.executable, "-c", MOVING, str(folder())], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 0.08))  # which moment it is does not matter
    process.send_signal(signal.SIGKILL)
    told = process.stdout.read().split()
    process.wait()
    there = {path.stem: path for path in session_paths(folder())}
    removed = {path.stem: path for path in (folder() / REMOVED).glob("*/*.jsonl")}
    assert not there.keys() & removed.keys()
    everything = {**there, **removed}
    assert everything[first.stem].read_bytes() == whole
    assert set(told) <= everything.keys()
    for path in everything.values():
        assert prompts(path)[0] == "one"
        assert not Recording.read(path).torn
    fork(everything[first.stem], folder())
    assert not list(folder().glob(".*.part"))
