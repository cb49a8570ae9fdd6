"""How the app ends with its terminal, or when it is told to; and what a terminal may send and be."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, PATIENCE, Terminal
from tests.e2e.test_terminal import LEAVES_ALTERNATE_SCREEN, MOUSE_OFF, SHOWS_CURSOR, folder
from tests.inherited import hear_signals
from tests.loaded import LoadedProgram

__all__ = ["folder"]

QUESTION = "When does the harbour tide turn, and who measures it?\r"
READY = ("ask about your documents", "· long ")
SLOW_TOOLS = """\
tools:
  - name: slow_tool
    description: Wait for a place.
    parameters: {type: object, properties: {place: {type: string}}, required: [place]}
    run: {python: "slow:slow"}
"""
SLOW = """\
import subprocess

def slow(place):
    subprocess.run(["sleep", "1000"])
"""
PASTE = b"\x1b[200~%s\x1b[201~"

End = Callable[[Terminal], object]


def opened(folder: Path, *more: str, size: tuple[int, int] = (100, 30)) -> Terminal:
    columns, rows = size
    command = [COMMAND, "--docs", "long.yaml", *more]
    return Terminal(command, columns=columns, rows=rows, environ=os.environ, folder=folder)


def told(number: signal.Signals) -> End:
    return lambda terminal: terminal.tell(number)


ENDS = [
    pytest.param(told(signal.SIGTERM), 143, id="SIGTERM"),
    pytest.param(told(signal.SIGHUP), 129, id="SIGHUP"),
    pytest.param(told(signal.SIGINT), 130, id="SIGINT"),
    pytest.param(Terminal.close, 129, id="closed"),
]


def is_given_back(terminal: Terminal) -> bool:
    return all(mark in terminal.written for mark in (LEAVES_ALTERNATE_SCREEN, SHOWS_CURSOR, MOUSE_OFF))


@pytest.mark.parametrize(("end", "code"), [each for each in ENDS if each.id != "SIGINT"])
def test_while_an_editor_is_open_it_ends_with_that_and_leaves_no_question_behind(
    folder: Path, end: End, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, editor = folder / "state", folder / "editor"
    editor.write_text("#!/bin/sh\necho an editor is open\nexec sleep 1000\n")
    editor.chmod(0o755)
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setenv("EDITOR", str(editor))
    with opened(folder) as terminal:
        terminal.wait_for(*READY)
        terminal.press("a secret question\x07")
        terminal.wait_for("an editor is open")
        [file] = (state / "workbench" / "editing").glob("*/*")
        assert file.read_text() == "a secret question"
        end(terminal)
        assert terminal.wait_for_exit() == code
    assert list((state / "workbench" / "editing").iterdir()) == []


@pytest.mark.parametrize(("end", "code"), ENDS)
def test_in_the_middle_of_an_answer_it_ends_and_the_session_goes_on(folder: Path, end: End, code: int) -> None:
    with opened(folder) as terminal:
        terminal.wait_for(*READY)
        terminal.press(QUESTION)
        terminal.wait_for("streaming")
        end(terminal)
        assert terminal.wait_for_exit() == code
        assert end is Terminal.close or is_given_back(terminal)
        assert b"Traceback" not in terminal.written
    with opened(folder, "--resume") as terminal:
        terminal.wait_for("When does the harbour tide turn", "what came is kept")


QUITS = [pytest.param(lambda terminal: terminal.press("\x11"), 0, id="a key"), *ENDS[:2]]


@pytest.mark.parametrize(("end", "code"), QUITS)
def test_the_command_that_goes_on_is_left_in_the_terminal(folder: Path, end: End, code: int) -> None:
    with opened(folder) as terminal:
        terminal.wait_for(*READY)
        terminal.press(QUESTION)
        terminal.wait_for("streaming")
        end(terminal)
        assert terminal.wait_for_exit() == code
        left = terminal.written.partition(LEAVES_ALTERNATE_SCREEN)[2].decode()
    command = re.search(r"workbench --resume \S+", left)
    assert command is not None
    argv = [COMMAND, *command[0].split()[1:]]
    with Terminal(argv, columns=100, rows=30, environ=os.environ, folder=folder) as terminal:
        terminal.wait_for("When does the harbour tide turn", "with long.yaml, as the session was", "· long ")


def test_sigquit_ends_it_at_once_and_gives_the_terminal_back(folder: Path) -> None:
    with opened(folder) as terminal:
        terminal.wait_for(*READY)
        terminal.tell(signal.SIGQUIT)
        assert terminal.wait_for_exit() == -signal.SIGQUIT
        assert is_given_back(terminal)
        assert terminal.modes()[3] & (termios.ICANON | termios.ECHO) == termios.ICANON | termios.ECHO


def test_nothing_is_left_when_nothing_was_asked_or_kept(folder: Path) -> None:
    for flags, question in (((), ""), (("--no-session",), QUESTION)):
        with opened(folder, *flags) as terminal:
            terminal.wait_for(*READY)
            terminal.press(question)
            terminal.wait_for("streaming" if question else READY[0])
            terminal.press("\x11")
            assert terminal.wait_for_exit() == 0
            assert b"--resume" not in terminal.written


@pytest.mark.parametrize(("end", "code"), ENDS)
def test_while_a_tool_runs_it_ends_and_takes_the_tool_with_it(folder: Path, end: End, code: int) -> None:
    (folder / "tools.yaml").write_text(SLOW_TOOLS)
    (folder / "slow.py").write_text(SLOW)
    with opened(folder, "--tools", "tools.yaml", "--yes") as terminal:
        terminal.wait_for(*READY)
        terminal.press('Use the slow_tool, wait for the place "harbour".\r')
        terminal.wait_for("⧗ slow_tool")
        end(terminal)
        assert terminal.wait_for_exit() == code
    limit = time.monotonic() + PATIENCE
    while (left := processes_in(folder)) and time.monotonic() < limit:
        time.sleep(0.05)  # the tool has half a second to end by itself
    assert not left


def processes_in(folder: Path) -> list[str]:
    """The programs that run in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue  # it has ended, or is not ours
    return found


def test_a_terminal_that_closes_without_a_signal_ends_it_too(folder: Path) -> None:
    """As under `nohup`, where SIGHUP is ignored."""
    shell = ["/bin/sh", "-c", f"trap '' HUP; exec {COMMAND} --docs long.yaml"]
    with Terminal(shell, columns=100, rows=30, environ=os.environ, folder=folder) as terminal:
        terminal.wait_for(*READY)
        terminal.close()
        assert terminal.wait_for_exit() == 129


def test_a_paste_presses_no_key(folder: Path) -> None:
    with opened(folder) as terminal:
        terminal.wait_for(*READY)
        terminal.press(PASTE % b"first \x1b[A\x1bOS\x03\x11\r\x1b[201 second\x04y")
        terminal.press(" third")
        screen = terminal.wait_for("first", "second", "third")
        assert "␛[A␛OS␃␑" in screen
        assert "You" not in screen  # nothing was asked
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0


def test_any_bytes_as_input_leave_it_usable(folder: Path) -> None:
    chance = random.Random(3)
    with opened(folder) as terminal:
        terminal.wait_for(*READY)
        for _ in range(20):
            noise = chance.randbytes(500).translate(None, b"\x03\x11\x1a\x1c\r")  # no key that leaves, stops or sends
            terminal.press(noise + b"\xff\xc3" + PASTE % b"\xfe\x80")
            terminal.take()
        terminal.press(b"\x1b[201~\x1b\\\x07\x1b\x1b\x1b")
        terminal.resize(110, 32)
        terminal.press("\x0b" * 3 + "\x15" * 200)
        terminal.press("\x1bOQ")
        terminal.take()
        terminal.tell(signal.SIGTERM)
        assert terminal.wait_for_exit() == 143
        assert b"Traceback" not in terminal.written


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 2), (5, 3), (10, 4), (20, 5), (0, 0)], ids=str)
def test_no_size_is_too_small(folder: Path, size: tuple[int, int]) -> None:
    with opened(folder) as terminal:
        terminal.wait_for(*READY)
        terminal.press(QUESTION)
        terminal.wait_for("streaming")
        terminal.resize(*size) if all(size) else terminal._set_size(*size)
        terminal.press("\t\x1bOR\x1bOS\x1bOQ")
        terminal.resize(100, 30)
        terminal.wait_for("Sources", "Tools", "streaming")
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0


RESIZED_MEANWHILE = """\
import fcntl, os, signal, struct, termios
from workbench.__main__ import main

read = os.get_terminal_size

def resized_meanwhile(fd):
    size = read(fd)
    if size == (1, 2):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        os.kill(os.getpid(), signal.SIGWINCH)
    return size

os.get_terminal_size = resized_meanwhile
main()
"""


def test_of_two_quick_resizes_the_last_counts(folder: Path) -> None:
    """Also when the second comes just as the size of the first has been read."""
    (folder / "meanwhile.py").write_text(RESIZED_MEANWHILE)
    command = [sys.executable, "meanwhile.py", "--docs", "long.yaml"]
    with Terminal(command, columns=100, rows=30, environ=os.environ, folder=folder) as terminal:
        terminal.wait_for(*READY)
        terminal.resize(1, 2)
        terminal.wait_until(lambda: terminal.screen.columns == 100, "it never read the size")
        terminal.wait_for("Sources", "Tools", *READY)
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (12, 5)], ids=str)
def test_it_may_begin_small(folder: Path, size: tuple[int, int]) -> None:
    with opened(folder, size=size) as terminal:
        terminal.wait_until(lambda: b"\x1b[?1049h" in terminal.written, "it never began")
        terminal.resize(100, 30)
        terminal.wait_for(*READY)
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0


SCREENS = [[], ["replay", "a.jsonl"], ["--resume"]]
OTHERS = [["--help"], ["--version"], ["check"], ["sessions", "list"], ["ask", "--docs", "docs.yaml", "When?"]]


REDIRECTED: dict[str, dict[str, str | None]] = {
    "<&-": {"stdin": None},
    "</dev/null": {"stdin": os.devnull},
    "2>&-": {"stderr": None},
    "2>/dev/null": {"stderr": os.devnull},
    ">&-": {"stdout": None},
    "<&- >&- 2>&-": dict.fromkeys(("stdin", "stdout", "stderr")),
    "| cat": {},
}


@pytest.mark.parametrize("redirected", REDIRECTED)
@pytest.mark.parametrize("arguments", SCREENS + OTHERS, ids=" ".join)
def test_streams_may_be_missing(folder: Path, arguments: list[str], redirected: str, loaded: LoadedProgram) -> None:
    """What needs the terminal says so and ends with 2; nothing draws or breaks where there is none."""
    with ExitStack() as stack:
        streams = {
            name: None if path is None else stack.enter_context(open(path, "r+b")).fileno()  # noqa: PTH123 - a device
            for name, path in REDIRECTED[redirected].items()
        }
        environ = {**os.environ, "TERM": "xterm-256color"}
        done = loaded.run(*arguments, folder=folder, environ=environ, **streams)  # type: ignore[arg-type]
    assert b"Traceback" not in done.stdout + done.stderr
    assert b"\x1b" not in done.stdout + done.stderr
    assert done.returncode in ((2,) if arguments in SCREENS else (0, 1, 2))


INTERRUPTED_EARLY = """\
import asyncio, os, signal
from workbench.commands.app import run_screen

class Opening:
    fault, return_code = None, 0

    def run(self, **options):
        asyncio.run(self.open())

    async def open(self):
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("goes on with half of what it was", flush=True)

run_screen(Opening())
"""


def test_an_interrupt_before_the_screen_opens_ends_the_program_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_EARLY], capture_output=True, text=True, timeout=60, preexec_fn=hear_signals
    )
    assert done.stdout == ""
    assert done.returncode == -signal.SIGINT


HELD_UP = """\
import signal, termios, time, tty
from workbench.ui.terminal.ending import Deadline, give_back

before = termios.tcgetattr(0)
deadline = Deadline(lambda: give_back(0, before), seconds=0.1)
signal.signal(signal.SIGTERM, deadline.begin)
tty.setraw(0)
print("\\x1b[?1049hheld up", end="", flush=True)
while True:
    time.sleep(1)
"""


def test_a_program_that_is_held_up_ends_by_force_and_gives_the_terminal_back(folder: Path) -> None:
    command = [sys.executable, "-c", HELD_UP]
    with Terminal(command, columns=80, rows=24, environ=os.environ, folder=folder) as terminal:
        terminal.wait_for("held up")
        for _ in range(2):  # told again, it is no different
            terminal.tell(signal.SIGTERM)
        assert terminal.wait_for_exit() == 143
        assert is_given_back(terminal)
        assert termios.tcgetattr(terminal._fd)[tty.LFLAG] & termios.ICANON
