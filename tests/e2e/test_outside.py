"""The title, the progress, the bell and the mouse of a real terminal: asked for, given back, and left alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pytest

from tests.e2e.terminal import COMMAND, PATIENCE, TRUE_COLOUR, Terminal
from tests.hostile import foreign
from tests.loopback import Hang, Received, Reply, message, stream
from tests.serving import serving

READY = "ask about your documents"
CTRL_Q, ESCAPE, CTRL_Z = "\x11", "\x1b", "\x1a"
PUSH, POP = b"\x1b[22;0t", b"\x1b[23;0t"
BEGUN, OVER = b"\x1b]9;4;3;0\x1b\\", b"\x1b]9;4;0;0\x1b\\"
GHOSTTY = {"TERM": "xterm-ghostty", "COLORTERM": "truecolor"}
TITLE = b"\x1b]2;When? - Workbench\x1b\\"


def opened(folder: Path, *flags: str, kind: Mapping[str, str] = TRUE_COLOUR) -> Terminal:
    environ = {**os.environ, "CO_API_KEY": "the-key-0123456789"}
    for name in ("TMUX", "STY", "TERM_PROGRAM", "VTE_VERSION", "WT_SESSION", "LC_TERMINAL"):
        environ.pop(name, None)
    return Terminal([COMMAND, *flags], columns=100, rows=30, environ=environ, folder=folder, kind=kind)


FAULT = """
from workbench.__main__ import main
from workbench.conversation.loop import TurnLoop
from workbench.ui.app import WorkbenchApp

def fail(*_):
    raise RuntimeError("a fault")

steps = TurnLoop._steps
TurnLoop._steps = lambda self, said: fail() if self._turn.prompt == "Fail" else steps(self, said)
WorkbenchApp.action_perform = fail
main()
"""


def bells(term: Terminal) -> int:
    return term.written.replace(b"\x1b]22;default\x07", b"").count(b"\x07")


def hangs(_: Received) -> Reply:
    return [*stream(message("The tide turns", done=False).partition(b"event: content-end")[0]), Hang()]


def test_the_title_and_the_progress_are_given_back(tmp_path: Path) -> None:
    with serving(lambda _: stream(message("The tide turns at noon."))) as server:
        with opened(tmp_path, "--base-url", server.url, kind=GHOSTTY) as term:
            term.wait_for(READY)
            term.press("When?\r")
            term.wait_for("✓ complete")
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
            written = term.written
            assert bells(term) == 0  # a short turn calls nobody
    assert written.index(PUSH) < written.index(TITLE) < written.index(BEGUN) < written.index(OVER) < written.index(POP)
    assert (written.count(PUSH), written.count(POP), written.count(OVER)) == (1, 1, 1)
    assert b"\x1b[?1004h" in written and b"\x1b[?1004l" in written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_in_the_middle_of_a_turn_gives_them_back(tmp_path: Path, number: signal.Signals) -> None:
    with serving(hangs) as server:
        with opened(tmp_path, "--base-url", server.url, kind=GHOSTTY) as term:
            term.wait_for(READY)
            term.press("When?\r")
            term.wait_for("The tide turns")
            term.tell(number)
            assert term.wait_for_exit() == 128 + number
            assert term.written.rindex(BEGUN) < term.written.rindex(OVER) and term.written.count(POP) == 1


def test_a_fault_of_the_program_gives_them_back(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(FAULT)
    with serving(hangs) as server:
        environ = {**os.environ, "CO_API_KEY": "the-key-0123456789", "PYTHONPATH": str(Path(__file__).parents[2])}
        argv = [sys.executable, "program.py", "--base-url", server.url]
        with Terminal(argv, columns=100, rows=30, environ=environ, folder=tmp_path, kind=GHOSTTY) as term:
            term.wait_for(READY)
            term.press("Fail\r")
            term.wait_until(lambda: OVER in term.written, "the progress of a turn stays that a fault has ended")
            term.press("When?\r")
            term.wait_for("The tide turns")
            term.press("\x1bOP")  # F1
            assert term.wait_for_exit() == 1
            assert term.written.rindex(BEGUN) < term.written.rindex(OVER) < term.written.rindex(POP)
            assert term.written.count(POP) == 1


def test_a_stop_gives_them_back_and_going_on_takes_them_again(tmp_path: Path) -> None:
    with serving(hangs) as server:
        with opened(tmp_path, "--base-url", server.url, kind=GHOSTTY) as term:
            term.wait_for(READY)
            term.press("When?\r")
            term.wait_for("The tide turns")
            term.stop_and_continue()
            term.wait_until(lambda: term.written.count(PUSH) == 2, "the terminal is not taken again")
            term.wait_until(lambda: term.written.count(BEGUN) == 2, "there is no progress")
            assert (term.written.count(POP), term.written.count(OVER)) == (1, 1)
            assert term.written.count(TITLE) == 2
            term.press(ESCAPE)
            term.wait_for("■ cancelled")
            assert term.written.count(OVER) == 2


def test_settings_turn_all_of_it_off(tmp_path: Path) -> None:
    flags = ["--set", "window_title=false", "--set", "progress=false", "--set", "notify=off", "--no-mouse"]
    with serving(lambda _: stream(message("The tide turns at noon."))) as server:
        with opened(tmp_path, "--base-url", server.url, *flags, kind=GHOSTTY) as term:
            term.wait_for(READY)
            term.press("When?\r")
            term.wait_for("✓ complete")
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
            for sequence in (b"\x1b]2;", PUSH, POP, b"\x1b]9;", b"\x1b[?1004$p", b"\x1b[?100", b"\x1b[?1003", b"1006h"):
                assert sequence not in term.written.replace(b"\x1b[?1004h", b"").replace(b"\x1b[?1004l", b""), sequence


def test_a_long_turn_calls_whoever_looks_elsewhere(tmp_path: Path) -> None:
    with serving(lambda _: stream(message("The tide turns at noon."))) as server:
        with opened(tmp_path, "--base-url", server.url, "--set", "notify_after=0") as term:
            term.wait_for(READY)
            term.press("\x1b[?1004;1$y")  # the terminal tells its focus, and has it
            term.press("When?\r")
            term.wait_for("✓ complete")
            term.press("\x1b[O")
            term.press("Now?\r")
            term.wait_until(lambda: bells(term) == 1, "nobody is called")
            term.press("\x1b[I")
            term.press("And now?\r")
            term.wait_for("turn 3 of 3", "✓ complete")
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
            assert bells(term) == 1


def test_the_question_in_the_title_is_no_command(tmp_path: Path) -> None:
    with serving(lambda _: stream(message("The tide turns at noon."))) as server:
        with opened(tmp_path, "--base-url", server.url) as term:
            term.wait_for(READY)
            term.press("\x1b[200~a\x1b]0;evil\x07\x9b2Jb\x1b[201~\r")
            term.wait_for("✓ complete")
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
            assert list(foreign(term.written)) == []
            assert b"\x1b]2;a" in term.written


def test_a_terminal_behind_a_connection_says_what_it_is(tmp_path: Path) -> None:
    with serving(hangs) as server:
        with opened(tmp_path, "--base-url", server.url) as term:
            term.wait_for(READY)
            assert b"\x1b[>q" in term.written
            term.press("When?\r")
            term.wait_for("The tide turns")
            assert BEGUN not in term.written
            term.press("\x1bP>|ghostty 1.2.3\x1b\\")
            term.wait_until(lambda: BEGUN in term.written, "there is no progress")
            term.press(ESCAPE)
            term.wait_until(lambda: OVER in term.written, "the progress stays")


# -- tmux ---------------------------------------------------------------------------------------------------


class Tmux:
    """A tmux with two windows: `app` has the program, and `other` is looked at."""

    def __init__(self, folder: Path, command: str, *settings: str) -> None:
        self._socket = folder / "tmux"
        self._folder = folder
        (folder / "tmux.conf").write_text("\n".join(["set -g default-terminal screen-256color", *settings, ""]))
        self.run("-f", str(folder / "tmux.conf"), "new-session", "-d", "-x", "100", "-y", "30", "-n", "other", "cat")
        # The title is set as a shell would have, and is what comes back.
        self.run("new-window", "-d", "-n", "app", f"printf '\\033]2;before\\033\\\\'; {command}; exec cat")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.run("kill-server")

    def run(self, *arguments: str) -> str:
        environ = {name: value for name, value in os.environ.items() if name not in ("TMUX", "COLORTERM")}
        environ |= {"TERM": "xterm-256color", "CO_API_KEY": "the-key-0123456789"}
        argv = ["tmux", "-S", str(self._socket), *arguments]
        done = subprocess.run(argv, env=environ, cwd=self._folder, capture_output=True, text=True, check=True)
        return done.stdout

    def wait_until(self, what: str, wanted: str) -> None:
        """Until a format of tmux says this of the program's window."""
        limit = time.monotonic() + PATIENCE
        while (found := self.run("display-message", "-p", "-t", ":app", what).strip()) != wanted:
            assert time.monotonic() < limit, f"{what} stays {found!r}; the screen:\n{self.screen()}"
            time.sleep(0.02)

    def wait_for(self, text: str) -> None:
        limit = time.monotonic() + PATIENCE
        while text not in self.screen():
            assert time.monotonic() < limit, f"{text!r} never came; the screen:\n{self.screen()}"
            time.sleep(0.02)

    def screen(self) -> str:
        return self.run("capture-pane", "-p", "-t", ":app")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_tmux_shows_the_title_and_the_bell_and_gets_its_title_back(tmp_path: Path) -> None:
    with serving(lambda _: stream(message("The tide turns at noon."))) as server:
        with Tmux(tmp_path, f"{COMMAND} --base-url {server.url} --set notify_after=0") as tmux:
            tmux.wait_for(READY)
            tmux.wait_until("#{pane_title}", "Workbench")
            tmux.run("send-keys", "-t", ":app", "When?", "Enter")
            tmux.wait_until("#{window_bell_flag}", "1")
            tmux.wait_until("#{pane_title}", "When? - Workbench")
            tmux.run("send-keys", "-t", ":app", "C-q")
            tmux.wait_until("#{pane_title}", "before")
            assert "9;4" not in tmux.screen() and ">q" not in tmux.screen()


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_tmux_tells_who_looks(tmp_path: Path) -> None:
    """Nobody is attached, and so nobody looks; with the option off, that is not told."""
    with serving(lambda _: stream(message("The tide turns at noon."))) as server:
        command = f"{COMMAND} --base-url {server.url} --set notify_after=0"
        with Tmux(tmp_path, command, "set -g focus-events on") as tmux:
            tmux.wait_for(READY)
            tmux.run("send-keys", "-t", ":app", "When?", "Enter")
            tmux.wait_until("#{window_bell_flag}", "1")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_plain_lines_in_tmux_move_nothing(tmp_path: Path) -> None:
    with serving(lambda _: stream(message("The tide turns at noon."))) as server:
        with Tmux(tmp_path, f"TERM=dumb {COMMAND} --base-url {server.url}") as tmux:
            tmux.wait_for("/help lists the commands")
            tmux.run("send-keys", "-t", ":app", "When?", "Enter")
            tmux.wait_for("state: complete")
            tmux.wait_until("#{alternate_on} #{mouse_any_flag} #{pane_title}", "0 0 before")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_tmux_tells_of_shift_and_enter_when_it_may(tmp_path: Path) -> None:
    with serving(lambda _: stream(message("The tide turns at noon."))) as server:
        with Tmux(tmp_path, f"{COMMAND} --base-url {server.url}", "set -s extended-keys on") as tmux:
            tmux.wait_for(READY)
            tmux.run("send-keys", "-t", ":app", "When?", "S-Enter", "And why?", "C-j", "Really?", "Enter")
            tmux.wait_for("complete")
            assert server.received[0].body["messages"][-1]["content"] == "When?\nAnd why?\nReally?"
            tmux.run("send-keys", "-t", ":app", "C-q")
            tmux.wait_until("#{pane_title}", "before")
            tmux.wait_until("#{pane_current_command}", "cat")  # what comes before is the app's, and dropped
            tmux.run("send-keys", "-t", ":app", "x", "S-Enter", "y")  # cat has an ordinary keyboard again
            tmux.wait_for("y")
            assert "[27;2;13~" not in tmux.screen() and "[13;2u" not in tmux.screen()
