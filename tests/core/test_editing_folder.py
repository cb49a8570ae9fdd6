"""The file that an editor has a question in: for its owner alone, and gone however the editing ends."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.ui.editing_folder import NAME, editing_folder
from workbench.ui.editor import EditorFailed, edited

PATIENCE = 20.0
EDITS = "import sys; from workbench.ui.editor import edited; edited(sys.argv[1], 'a secret question')"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of these tests, and what a loose umask would make of files in it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "workbench"


@pytest.fixture(autouse=True)
def _loose() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def left(state: Path) -> list[Path]:
    return sorted((state / NAME).glob("*"))


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def editor(tmp_path: Path, words: str) -> str:
    """An editor that leaves a swap file and a backup beside its file, says that it is there, and goes on as `words`."""
    script = tmp_path / "editor"
    beside = 'folder=$(dirname "$1"); cp "$1" "$folder/.question.md.swp"; cp "$1" "$folder/question.md~"'
    said = f'echo $$ > "{tmp_path}/there.new"; mv "{tmp_path}/there.new" "{tmp_path}/there"'
    script.write_text(f"#!/bin/sh\n{beside}\n{said}\n{words}\n")
    script.chmod(0o755)
    return str(script)


def editing(tmp_path: Path, words: str) -> tuple[subprocess.Popen[bytes], int]:
    """A program that has an editor open, and the process of that."""
    command = [sys.executable, "-c", EDITS, editor(tmp_path, words)]
    program = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    until((tmp_path / "there").exists)
    return program, int((tmp_path / "there").read_text())


def test_the_folder_and_the_file_are_for_the_owner_alone(state: Path) -> None:
    with editing_folder("text", os.environ) as own:
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (state / NAME, own.file.parent, own.file)]
        assert modes == [0o700, 0o700, 0o600]
        assert own.file.read_text() == "text"
        assert own.file.parent.parent == state / NAME
    assert left(state) == []


def test_a_folder_that_others_may_see_is_closed_and_one_that_is_none_is_not_used(state: Path, tmp_path: Path) -> None:
    (state / NAME).mkdir(parents=True, mode=0o777)
    with editing_folder("text", os.environ):
        assert stat.S_IMODE((state / NAME).stat().st_mode) == 0o700
    (state / NAME).rmdir()
    (tmp_path / "elsewhere").mkdir()
    (state / NAME).symlink_to(tmp_path / "elsewhere")
    with editing_folder("text", os.environ) as own:
        assert not own.file.resolve().is_relative_to(tmp_path / "elsewhere")
        assert stat.S_IMODE(own.file.parent.stat().st_mode) == 0o700
    assert not own.file.parent.exists()


def test_without_a_home_it_is_among_temporary_files() -> None:
    with editing_folder("text", {}) as own:
        assert stat.S_IMODE(own.file.parent.stat().st_mode) == 0o700
    assert not own.file.parent.exists()


@pytest.mark.parametrize("words", ["exit 0", "exit 3", "kill -9 $$"])
def test_what_an_editor_leaves_beside_its_file_goes_with_it(words: str, state: Path, tmp_path: Path) -> None:
    if words == "exit 0":
        assert edited(editor(tmp_path, words), "text") == "text"
    else:
        with pytest.raises(EditorFailed):
            edited(editor(tmp_path, words), "text")
    assert (tmp_path / "there").exists()
    assert left(state) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("words", ["exec sleep 60", "trap '' TERM HUP; while :; do sleep 0.1; done"])
def test_being_told_to_end_leaves_nothing(number: signal.Signals, words: str, state: Path, tmp_path: Path) -> None:
    """Also when the editor does not end for that."""
    program, process = editing(tmp_path, words)
    assert len(left(state)) == 1
    program.send_signal(number)
    program.wait(PATIENCE)
    assert left(state) == []
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_key_that_interrupts_or_quits_is_for_the_editor(state: Path, tmp_path: Path) -> None:
    program, process = editing(tmp_path, "exec sleep 60")
    for number in (signal.SIGINT, signal.SIGQUIT):
        program.send_signal(number)
    os.kill(process, signal.SIGKILL)
    assert program.wait(PATIENCE) == 1, "it ended by the signal of a key, and not with its editor"
    assert left(state) == []


def test_what_a_killed_program_left_is_removed_by_the_next_editing(state: Path, tmp_path: Path) -> None:
    program, process = editing(tmp_path, "exec sleep 60")
    program.kill()
    program.wait(PATIENCE)
    [leftover] = left(state)
    assert len(list(leftover.iterdir())) == 3
    with editing_folder("text", os.environ):  # its editor is open still, and may be written in
        assert leftover in left(state)
    os.kill(process, signal.SIGKILL)
    until(lambda: only_the_own(state))
    assert left(state) == []


def only_the_own(state: Path) -> bool:
    with editing_folder("text", os.environ) as own:
        return left(state) == [own.file.parent]


def test_another_editing_that_goes_on_is_left_alone(state: Path) -> None:
    with editing_folder("one", os.environ) as one, editing_folder("two", os.environ) as two:
        assert left(state) == sorted([one.file.parent, two.file.parent])
        assert one.file.read_text() == "one"
    assert left(state) == []
