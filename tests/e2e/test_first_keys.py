"""What is typed while the program is still starting, and the terminal when it ends before the screen is there."""

from __future__ import annotations

import os
import signal
import sys
import termios
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, Terminal
from tests.e2e.test_stopping import COOKED, CTRL_Z, shell
from tests.e2e.test_terminal import CTRL_Q, folder

__all__ = ["folder"]

TYPED = b"When does the tide turn?\rWhat does a permit cost?\rand a draft"
OPENS = b"\x1b[?1049h"

# The program, which is for ever about to import what takes long.
STARTING = """\
import os, sys, time

AT = os.environ.get("AT", "workbench.cli")

class Starting:
    def find_spec(self, name, *_):
        if name == AT:
            print("is starting", flush=True)
            while True:
                time.sleep(0.05)

sys.meta_path.insert(0, Starting())
from workbench.__main__ import main
main()
"""


def opened(folder: Path, *arguments: str, program: tuple[str, ...] = (COMMAND,)) -> Terminal:
    return Terminal([*program, *arguments], columns=120, rows=40, environ=os.environ, folder=folder)


def starting(folder: Path, *arguments: str) -> Terminal:
    (folder / "starting.py").write_text(STARTING)
    return opened(folder, *arguments, program=(sys.executable, "starting.py"))


def is_held(term: Terminal) -> bool:
    flags = term.modes()
    return not flags[3] & (termios.ICANON | termios.ECHO) and not flags[0] & termios.ICRNL


def both_are_asked(term: Terminal) -> None:
    questions = ("When does the tide turn?", "What does a permit cost?")
    term.wait_for("turn 2 of 2", "> and a draft", "✓ complete", *questions)
    term.press(CTRL_Q)
    assert term.wait_for_exit() == 0


def test_two_questions_typed_before_the_program_has_begun_are_two(folder: Path) -> None:
    with opened(folder, "--offline", "--docs", "docs.yaml") as term:
        before = term.modes()
        term.press(TYPED)
        both_are_asked(term)
        assert term.modes() == before


def test_two_questions_typed_while_it_is_imported_are_two(folder: Path) -> None:
    with opened(folder, "--offline", "--docs", "docs.yaml") as term:
        before = term.modes()
        term.wait_until(lambda: is_held(term), "the terminal was never held")
        assert OPENS not in term.written
        for key in TYPED:
            term.press(bytes([key]))
        both_are_asked(term)
        assert term.modes() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_start_that_a_signal_ends_leaves_the_terminal_as_it_was(folder: Path, number: signal.Signals) -> None:
    with starting(folder) as term:
        before = term.modes()
        term.wait_for("is starting")
        assert is_held(term)
        term.tell(number)
        assert term.wait_for_exit() == (130 if number is signal.SIGINT else -number)
        assert term.modes() == before


def test_ctrl_c_ends_a_start(folder: Path) -> None:
    with starting(folder) as term:
        before = term.modes()
        term.wait_for("is starting")
        term.press("\x03")
        assert term.wait_for_exit() == 130
        assert term.modes() == before


def test_ctrl_c_ends_a_start_that_has_hardly_begun(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AT", "workbench.commands")
    with starting(folder) as term:
        term.wait_for("is starting")
        term.press("\x03")
        assert term.wait_for_exit() == 130
        assert b"Traceback" not in term.written


def test_ctrl_backslash_ends_a_start_and_leaves_the_terminal_as_it_was(folder: Path) -> None:
    with starting(folder) as term:
        before = term.modes()
        term.wait_for("is starting")
        term.press("\x1c")
        assert term.wait_for_exit() == -signal.SIGQUIT
        assert term.modes() == before


def test_a_start_that_is_stopped_ends_in_the_background_when_it_is_told_to(folder: Path) -> None:
    (folder / "starting.py").write_text(STARTING)
    with shell(folder, sys.executable, "starting.py") as term:
        term.wait_for("is starting")
        job = term.job()
        term.tell_job(signal.SIGSTOP)
        term.wait_for("stopped by SIGSTOP")
        os.kill(job, signal.SIGTERM)
        term.press("bg\n")
        term.wait_for(f"ended with -{signal.SIGTERM:d}")


def test_a_start_that_is_stopped_leaves_the_terminal_to_the_shell_and_goes_on(folder: Path) -> None:
    (folder / "starting.py").write_text(STARTING)
    with shell(folder, sys.executable, "starting.py") as term:
        term.wait_for("is starting")
        term.press(CTRL_Z)
        term.wait_for(f"stopped by SIGTSTP, modes {COOKED}")
        term.press("fg\n")
        term.wait_until(lambda: is_held(term), "it was never held again")
        term.press("\x03")
        term.wait_for("ended with 130")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-flag",),
        ("--theme",),
        ("--docs", "nowhere.yaml"),
        ("--set", "model=1", "--model", "x"),
        ("--resume", "no"),
    ],
)
def test_a_start_that_fails_leaves_the_terminal_as_it_was(folder: Path, arguments: tuple[str, ...]) -> None:
    with opened(folder, "--offline", *arguments) as term:
        before = term.modes()
        term.press("typed ahead\r")
        assert term.wait_for_exit() == 2
        assert term.modes() == before


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("sessions", "list"), ("ask", "--offline", "hello?")]
)
def test_what_opens_no_screen_does_not_touch_the_terminal(folder: Path, arguments: tuple[str, ...]) -> None:
    with starting(folder, *arguments) as term:
        before = term.modes()
        term.wait_for("is starting")
        assert term.modes() == before


def test_a_question_at_the_start_is_not_answered_by_what_was_typed_before(folder: Path) -> None:
    """Its answer is shown as it is typed, and comes by the line."""
    (folder / "c.yaml").write_text("base_url: https://gateway.example/\n")
    environ = {**os.environ, "CO_API_KEY": "the-key-0123456789"}
    command = [COMMAND, "--config", "c.yaml"]
    with Terminal(command, columns=120, rows=40, environ=environ, folder=folder) as term:
        before = term.modes()
        term.press("yes\r")
        term.wait_for("type yes to trust")
        assert term.modes()[3] & termios.ICANON
        assert term.modes()[3] & termios.ECHO
        assert OPENS not in term.written
        term.press("no\r")
        term.wait_for("type yes to trust: no")
        assert term.wait_for_exit() == 2
        assert term.modes() == before
