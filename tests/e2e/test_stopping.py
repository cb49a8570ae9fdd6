"""Ctrl+Z, and whatever else stops the program: the shell has the terminal meanwhile, and afterwards nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, Terminal
from tests.e2e.test_display import Emulated, Session
from tests.e2e.test_ending import QUESTION, READY
from tests.e2e.test_terminal import CTRL_Q, folder

__all__ = ["folder"]

CTRL_Z = "\x1a"
COOKED = termios.ICANON | termios.ECHO | termios.ISIG
GIVEN_BACK = (
    b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l", b"\x1b[?2004l", b"\x1b[<u",
    b"\x1b[?7h", b"\x1b[?1004l",
)  # fmt: skip
BEGINS = b"\x1b[?1049h"

# A shell as far as job control goes: what it runs is a group of its own and has the terminal; when that stops it
# says so, and goes on with it when it is told to by a line.
SHELL = """\
import os, signal, subprocess, sys, termios

signal.signal(signal.SIGTTOU, signal.SIG_IGN)
os.tcsetpgrp(0, os.getpgrp())
before = termios.tcgetattr(0)
job = subprocess.Popen(sys.argv[1:], process_group=0, preexec_fn=lambda: signal.signal(signal.SIGTTOU, signal.SIG_DFL))
os.tcsetpgrp(0, job.pid)
while True:
    _, status = os.waitpid(job.pid, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        print("ended with", os.waitstatus_to_exitcode(status), flush=True)
        break
    shown = termios.tcgetattr(0)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
    print(f"stopped by {signal.Signals(os.WSTOPSIG(status)).name}, modes {shown}", flush=True)
    while (told := input()) == "look":
        print("looked", flush=True)
    termios.tcsetattr(0, termios.TCSANOW, before)
    if told == "fg":
        os.tcsetpgrp(0, job.pid)
    os.killpg(job.pid, signal.SIGCONT)
"""


@contextmanager
def shell(folder: Path, *job: str, environ: dict[str, str] | None = None) -> Iterator[Terminal]:
    (folder / "shell.py").write_text(SHELL)
    command = [sys.executable, "shell.py", *job]
    with Terminal(command, columns=120, rows=40, environ=environ or dict(os.environ), folder=folder) as terminal:
        yield terminal


def is_written(terminal: Terminal, what: bytes, at: int) -> bool:
    """Whether it is among what was written from `at` on."""
    return what in terminal.written[at:]


def stopped(terminal: Terminal, by: str = "SIGTSTP", at: int = 0) -> None:
    """The shell has the terminal, which is as it was before the program."""
    said = f"stopped by {by}, modes {COOKED}"
    terminal.wait_until(lambda: said.encode() in terminal.written[at:], "it never stopped")
    since = terminal.written[at:].rsplit(BEGINS, 1)[-1]
    assert by != "SIGTSTP" or all(mark in since for mark in GIVEN_BACK)


def back(terminal: Terminal, at: int, word: bytes = b"Workbench") -> None:
    """It has the terminal again, and has painted the whole screen: what is typed now is read by it."""

    def painted() -> bool:
        _, begins, since = terminal.written[at:].rpartition(BEGINS)
        is_read = not terminal.modes()[3] & termios.ICANON  # until then Ctrl+Q would be the terminal's own
        return bool(begins) and word in since and is_read

    terminal.wait_until(painted, "it never came back")


def nothing_is_written(terminal: Terminal) -> None:
    """While the shell reads, and says that it does."""
    before = len(terminal.written)
    terminal.press("look\n")
    terminal.wait_until(lambda: b"looked" in terminal.written[before:], "the shell never answered")
    assert terminal.written[before:].split() == [b"look", b"looked"]


def test_a_stopped_answer_goes_on_with_the_screen_whole_and_the_next_question_is_asked(folder: Path) -> None:
    with shell(folder, COMMAND, "--docs", "long.yaml") as terminal:
        terminal.wait_for(*READY)
        terminal.press(QUESTION)
        terminal.wait_for("streaming")
        at = len(terminal.written)
        terminal.press(CTRL_Z)
        stopped(terminal, at=at)
        nothing_is_written(terminal)
        at = len(terminal.written)
        terminal.press("fg\n")
        back(terminal, at)
        terminal.wait_for("Sources", "When does the harbour tide turn", "✓ complete", *READY)
        terminal.press("Who walks at noon?\r")
        terminal.wait_for("Who walks at noon?", "✓ complete")
        terminal.press(CTRL_Q)
        terminal.wait_for("ended with 0")


SLOW = """\
import asyncio, sys
from tests.loopback import Chunk, Head, LoopbackServer, Wait, message
from workbench.recordings.exchanges import split_frames

async def main():
    gate = asyncio.Event()
    frames = split_frames(message(" ".join(f"word{n}" for n in range(40))))
    actions = [Head(), *map(Chunk, frames[:20]), Wait(gate), *map(Chunk, frames[20:])]
    async with LoopbackServer([actions]) as server:
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        gate.set()
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


def test_a_stop_that_is_longer_than_the_timeout_loses_nothing_of_an_answer(project: Path, folder: Path) -> None:
    """The program waits for nothing while it is stopped, and what the server sent meanwhile is read."""
    environ = {**os.environ, "PYTHONPATH": str(project), "CO_API_KEY": "a-key"}
    command = [sys.executable, "-c", SLOW]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        options = ["--base-url", url, "--model", "command-test", "--timeout", "5"]
        with shell(folder, COMMAND, *options, environ=environ) as terminal:
            terminal.wait_for("ask about your documents", url.removeprefix("http://"))
            terminal.press("hello\r")
            terminal.wait_for("word5")
            at = len(terminal.written)
            terminal.press(CTRL_Z)
            stopped(terminal, at=at)
            server.stdin.write("go on\n")
            server.stdin.flush()
            terminal.watch(6)
            at = len(terminal.written)
            terminal.press("fg\n")
            back(terminal, at)
            terminal.wait_for("word39", "✓ complete")
        server.stdin.write("end\n")


@pytest.mark.parametrize("inner", [f"{COMMAND} --docs long.yaml; true", f"sh -c '{COMMAND} --docs long.yaml; true'"])
def test_a_script_that_started_it_stops_with_it(folder: Path, inner: str) -> None:
    """A shell waits for what it has started: it would not know otherwise."""
    with shell(folder, "/bin/sh", "-c", inner) as terminal:
        terminal.wait_for(*READY)
        terminal.press(CTRL_Z)
        stopped(terminal)
        at = len(terminal.written)
        terminal.press("fg\n")
        back(terminal, at)
        terminal.press(CTRL_Q)
        terminal.wait_for("ended with 0")


def test_in_the_background_it_leaves_the_terminal_alone(folder: Path) -> None:
    with shell(folder, COMMAND, "--docs", "long.yaml") as terminal:
        terminal.wait_for(*READY)
        for number in (signal.SIGSTOP, signal.SIGTSTP):
            at = len(terminal.written)
            terminal.tell_job(number)
            terminal.wait_until(partial(is_written, terminal, b"stopped by SIGSTOP", at), "it never stopped")
            at = len(terminal.written)
            terminal.press("bg\n")
            terminal.wait_until(partial(is_written, terminal, b"stopped by SIGTTOU", at), "it never stopped")
            assert b"\x1b" not in terminal.written[at:]
            terminal.press("fg\n")
            back(terminal, at)
        terminal.wait_for("Sources", *READY)
        terminal.press(CTRL_Q)
        terminal.wait_for("ended with 0")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("stop", [signal.SIGTSTP, signal.SIGSTOP])
def test_one_that_is_stopped_ends_in_the_background_when_it_is_told_to(
    folder: Path, stop: signal.Signals, number: signal.Signals
) -> None:
    """As `kill %1` does it: the signal, and one to go on."""
    with shell(folder, COMMAND, "--docs", "long.yaml") as terminal:
        terminal.wait_for(*READY)
        job = terminal.job()
        if stop is signal.SIGTSTP:
            terminal.press(CTRL_Z)
        else:
            terminal.tell_job(stop)
        terminal.wait_until(partial(is_written, terminal, f"stopped by {stop.name}".encode(), 0), "it never stopped")
        at = len(terminal.written)
        os.kill(job, number)
        terminal.press("bg\n")
        terminal.wait_until(partial(is_written, terminal, f"ended with {128 + number}".encode(), at), "it never ended")
        if stop is signal.SIGTSTP:
            assert b"\x1b[?1049h" not in terminal.written[at:]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not say how a program stands")
def test_one_that_goes_on_in_the_background_ends_when_it_is_told_to_just_then(folder: Path) -> None:
    with shell(folder, COMMAND, "--docs", "long.yaml") as terminal:
        terminal.wait_for(*READY)
        job = terminal.job()
        terminal.tell_job(signal.SIGSTOP)
        terminal.wait_until(partial(is_written, terminal, b"stopped by SIGSTOP", 0), "it never stopped")
        at = len(terminal.written)
        os.kill(job, signal.SIGCONT)
        time.sleep(0.005)  # it goes on now, and is told the other before it has stopped again
        os.kill(job, signal.SIGTERM)
        terminal.wait_until(lambda: " Z " in Path(f"/proc/{job}/stat").read_text(), "it never ended")
        terminal.press("bg\n")  # the shell looks only now
        terminal.wait_until(partial(is_written, terminal, b"ended with 143", at), "it never ended")


def test_where_nobody_would_go_on_with_it_ctrl_z_says_so(folder: Path) -> None:
    command = [COMMAND, "--docs", "long.yaml"]
    with Terminal(command, columns=100, rows=30, environ=os.environ, folder=folder) as terminal:
        terminal.wait_for(*READY)
        terminal.press(CTRL_Z)
        terminal.wait_for("Ctrl+Z stops nothing")
        terminal.press(CTRL_Q)
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize("state", ["main", "palette", "help", "raw", "question", "streaming"])
def test_every_screen_is_whole_after_a_stop(state: str, project: Path, folder: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(project), "TEXTUAL_ANIMATIONS": "none"}
    path = folder / "orders"
    with shell(folder, sys.executable, "-m", "tests.e2e.scripted_app", str(path), environ=environ) as terminal:
        session = Session(Emulated(terminal), path)
        session.do("ask")
        session.do("step", times=9)
        if state == "question":
            session.do("question")
        session.keys(*{"palette": ["ctrl+p"], "help": ["f1"], "raw": ["f7"]}.get(state, ["f2"]))
        session.do("steady")
        for size in ((120, 40), (90, 30)):
            at = len(terminal.written)
            terminal.press(CTRL_Z)
            stopped(terminal, at=at)
            nothing_is_written(terminal)
            terminal.resize(*size)
            terminal.press("fg\n")
            back(terminal, at, b"\x1b[?7l")
            session.do("resized", width=size[0], height=size[1])
            session.do("step")
        session.close()
