"""The title, the progress, the bell and the mouse of a real terminal: asked for, given back, and left alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, TRUE_COLOUR, Terminal
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
