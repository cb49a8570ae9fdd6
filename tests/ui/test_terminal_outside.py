"""What is said outside of the screen: what is written for it, when, and to which terminals."""

from __future__ import annotations

import pytest

from tests.hostile import PAYLOADS, foreign
from workbench.ui.terminal.keyboard import Keyboard
from workbench.ui.terminal.outside import (
    ASK_NAME,
    BEGUN,
    BELL,
    OVER,
    POP_TITLE,
    PUSH_TITLE,
    FocusTold,
    NameTold,
    Outside,
    Wishes,
)
from workbench.ui.terminal.outside import knows_progress as knows

XTERM = {"TERM": "xterm-256color"}
GHOSTTY = {"TERM": "xterm-ghostty"}
TMUX = {"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}
SCREEN = {"TERM": "screen.xterm-256color", "STY": "1.pts-0.host"}
ALL = Wishes(title=True, progress=None, notify="bell", notify_after=10.0)


class Shown:
    """The terminal: what was written to it."""

    def __init__(self, wishes: Wishes = ALL, environ: dict[str, str] = XTERM) -> None:
        self.text = ""
        self.outside = Outside(wishes, environ)
        self.outside.taken(self.write)

    def write(self, text: str) -> None:
        self.text += text

    def take(self) -> str:
        text, self.text = self.text, ""
        return text


def title(text: str) -> str:
    return f"\x1b]2;{text}\x1b\\"


def test_the_title_says_what_is_asked_and_the_one_before_comes_back() -> None:
    shown = Shown(Wishes(title=True))
    assert shown.take() == PUSH_TITLE + title("Workbench")
    shown.outside.turn_began("When does the tide turn?")
    assert shown.take() == title("When does the tide turn? - Workbench")
    shown.outside.turn_ended("complete", 60)
    assert shown.take() == ""
    assert shown.outside.given_back() == POP_TITLE
    assert shown.outside.given_back() == ""  # it is taken once from the stack
    shown.outside.turn_began("never shown")
    assert shown.take() == ""
    shown.outside.taken(shown.write)
    assert shown.take() == PUSH_TITLE + title("never shown - Workbench")
    shown.outside.began_anew()
    assert shown.take() == title("Workbench")


@pytest.mark.parametrize("said", PAYLOADS.values(), ids=PAYLOADS)
def test_no_title_and_no_notification_is_obeyed(said: str) -> None:
    shown = Shown(Wishes(title=True, notify="notification", notify_after=0))
    shown.take()
    shown.outside.turn_began(said)
    assert list(foreign(shown.take().encode("utf-8", "surrogatepass"))) == []
    shown.outside.person_asked(said, 1)
    written = shown.take()
    assert written.startswith("\x1b]9;Workbench asks you: ") and written.endswith("\x1b\\")
    assert list(foreign(written[4:-2].encode("utf-8", "surrogatepass"))) == []


def test_a_long_question_is_cut() -> None:
    shown = Shown(Wishes(title=True))
    shown.take()
    shown.outside.turn_began("word " * 1000)
    assert len(shown.take()) < 90


def test_progress_is_shown_while_a_turn_runs() -> None:
    shown = Shown(environ=GHOSTTY)
    shown.take()
    shown.outside.turn_began("x")
    assert shown.take() == title("x - Workbench") + BEGUN
    shown.outside.step_began()
    assert shown.take() == BEGUN
    shown.outside.turn_ended("complete", 1)
    assert shown.take() == OVER
    assert OVER not in shown.outside.given_back()


def test_progress_is_taken_away_with_the_terminal_and_comes_again_with_it() -> None:
    shown = Shown(environ=GHOSTTY)
    shown.outside.turn_began("x")
    assert shown.outside.given_back() == OVER + POP_TITLE
    shown.take()
    shown.outside.taken(shown.write)
    assert shown.take().endswith(BEGUN)


@pytest.mark.parametrize(
    ("environ", "known"),
    [
        (GHOSTTY, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "mintty"}, True),
        ({"TERM": "xterm-256color", "WT_SESSION": "0"}, True),
        ({"TERM": "xterm-256color", "ConEmuANSI": "ON"}, True),
        ({"TERM": "xterm-256color", "ConEmuANSI": "OFF"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "8002"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7006"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "nonsense"}, False),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "250401"}, True),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230800"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.6"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.14"}, False),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2", "LC_TERMINAL_VERSION": "3.6.10"}, True),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2", "LC_TERMINAL_VERSION": ""}, False),
        ({"TERM": "xterm-kitty"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({**TMUX, "TERM_PROGRAM": "ghostty"}, False),
        ({**SCREEN, "WT_SESSION": "0"}, False),
        (XTERM, False),
        ({}, False),
    ],
)
def test_which_terminals_know_progress(environ: dict[str, str], known: bool) -> None:
    assert knows(environ) is known
    shown = Shown(Wishes(progress=None), environ)
    shown.take()
    shown.outside.turn_began("x")
    assert (shown.text == BEGUN) is known
    never = Shown(Wishes(progress=False), environ)
    never.outside.turn_began("x")
    assert never.text == ""


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("ghostty 1.2.3", True),
        ("WezTerm 20240203-110809-5046fc22", True),
        ("kitty(0.42.1)", True),
        ("kitty(0.26.5)", False),
        ("iTerm2 3.6.6", True),
        ("iTerm2 3.5.0", False),
        ("VTE(8002)", True),
        ("VTE(7006)", False),
        ("Konsole 25.04.2", True),
        ("Konsole 23.08.5", False),
        ("mintty 3.7.8", True),
        ("XTerm(390)", False),
        ("foot(1.16.2)", False),
        ("tmux 3.3a", False),
        ("", False),
        ("ghostty", False),
    ],
)
def test_a_terminal_that_says_its_name_is_known_by_it(name: str, known: bool) -> None:
    shown = Shown(Wishes(progress=None))
    assert shown.take() == ASK_NAME
    shown.outside.turn_began("x")
    assert shown.take() == ""
    shown.outside.name_told(name)
    assert (shown.take() == BEGUN) is known
    shown.outside.turn_ended("complete", 1)
    assert (shown.take() == OVER) is known
    for wish in (True, False):
        settled = Shown(Wishes(progress=wish), XTERM)
        assert ASK_NAME not in settled.take()


def test_tmux_behind_a_connection_is_known_by_its_name() -> None:
    shown = Shown(Wishes(notify="notification"), {"TERM": "screen-256color"})
    shown.outside.name_told("tmux 3.3a")
    assert called(shown, 60).startswith("\x1bPtmux;")


def test_the_keyboard_hears_the_name_also_in_pieces_and_keeps_it_out_of_the_keys() -> None:
    keyboard = Keyboard()
    keyboard.expects_name = True
    messages = [*keyboard.feed(b"a\x1bP>|kit"), *keyboard.feed(b"ty(0.42.1)\x1b\\b\x1bP>|"), *keyboard.feed(b"\x1b\\c")]
    assert [each.name for each in messages if isinstance(each, NameTold)] == ["kitty(0.42.1)"]
    assert [getattr(each, "key", "") for each in messages if not isinstance(each, NameTold)][:2] == ["a", "b"]


def test_what_is_wished_reaches_the_terminal_around_tmux_and_screen() -> None:
    tmux = Shown(Wishes(progress=True), TMUX)
    tmux.outside.turn_began("x")
    assert tmux.text == "\x1bPtmux;\x1b\x1b]9;4;3;0\x1b\x1b\\\x1b\\"
    screen = Shown(Wishes(progress=True), SCREEN)
    screen.outside.turn_began("x")
    assert screen.text == "\x1bP\x1b]9;4;3;0\x07\x1b\\"


@pytest.mark.parametrize("term", ["linux", "dumb", "vt100", ""])
def test_a_terminal_that_takes_no_commands_gets_none(term: str) -> None:
    shown = Shown(Wishes(title=True, progress=True, notify="notification", notify_after=0), {"TERM": term})
    shown.outside.turn_began("x")
    assert shown.text == ""
    shown.outside.turn_ended("complete", 1)
    assert shown.take() == BELL
    assert shown.outside.given_back() == ""


# -- calling a person -------------------------------------------------------------------------------------


def called(shown: Shown, seconds: float) -> str:
    shown.outside.turn_began("x")
    shown.take()
    shown.outside.turn_ended("complete", seconds)
    return shown.take()


def test_a_person_is_called_for_a_long_turn_when_the_terminal_does_not_tell_its_focus() -> None:
    shown = Shown()
    assert (called(shown, 9.9), called(shown, 10.0)) == ("", BELL)


def test_a_person_who_looks_is_not_called() -> None:
    shown = Shown()
    shown.outside.focus_told(is_told=True)
    assert called(shown, 60) == ""
    shown.outside.focus_changed(is_away=True)
    assert called(shown, 60) == BELL
    shown.outside.focus_changed(is_away=False)
    assert called(shown, 60) == ""


def test_an_event_of_the_focus_tells_that_there_are_some() -> None:
    shown = Shown()
    shown.outside.focus_changed(is_away=False)
    assert called(shown, 60) == ""


def test_a_question_calls_as_an_end_does() -> None:
    shown = Shown()
    shown.outside.turn_began("x")
    shown.take()
    shown.outside.person_asked("count", 3)
    assert shown.take() == ""
    shown.outside.person_asked("count", 30)
    assert shown.take() == BELL


def test_a_notification_says_how_it_ended_and_tmux_gets_the_bell_too() -> None:
    shown = Shown(Wishes(notify="notification"))
    assert called(shown, 60) == "\x1b]9;Workbench: complete\x1b\\"
    tmux = called(Shown(Wishes(notify="notification"), TMUX), 60)
    assert tmux == "\x1bPtmux;\x1b\x1b]9;Workbench: complete\x1b\x1b\\\x1b\\" + BELL


def test_nobody_is_called_who_does_not_want_that() -> None:
    shown = Shown(Wishes(notify="off", notify_after=0))
    assert shown.take() == ""
    assert called(shown, 1000) == ""


@pytest.mark.parametrize(("answer", "is_told"), [("1", True), ("2", True), ("3", True), ("0", False), ("4", False)])
def test_the_keyboard_hears_whether_the_focus_is_told(answer: str, is_told: bool) -> None:
    messages = list(Keyboard().feed(f"a\x1b[?1004;{answer}$yb".encode()))
    assert [each.is_told for each in messages if isinstance(each, FocusTold)] == [is_told]
    assert [getattr(each, "key", "") for each in messages if not isinstance(each, FocusTold)] == ["a", "b"]
