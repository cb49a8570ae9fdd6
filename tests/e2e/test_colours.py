"""The colours of the installed command in a real pseudo-terminal: what it asks, and what it makes of the answer."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, Terminal
from workbench.ui.themes.own import DARK, LIGHT

QUESTION = b"\x1b]11;?\x1b\\"
ANSWERS = {"dark": b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", "light": b"\x1b]11;rgb:fdfd/f6f6/e3e3\x07"}
OVER_SSH = {"TERM": "screen-256color"}
CTRL_Q = "\x11"
COLOUR = re.compile(rb"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|[34]8;[25][0-9;]*|9[0-7]|10[0-7])m")


def opened(tmp_path: Path, kind: Mapping[str, str]) -> Terminal:
    environ = {name: value for name, value in os.environ.items() if name not in ("COLORFGBG", "NO_COLOR")}
    return Terminal([COMMAND, "--offline"], columns=80, rows=24, environ=environ, folder=tmp_path, kind=kind)


def grounds(term: Terminal) -> set[str]:
    return {cell.bg for y in range(24) for cell in term.screen.cells(y)}


def hexadecimal(number: int | None) -> str:
    """One of the greys among the 256 colours, as the emulator says it."""
    assert number is not None and number >= 231
    return "ffffff" if number == 231 else f"{8 + 10 * (number - 232):02x}" * 3


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_terminal_that_says_what_it_is_gets_the_theme_for_it(tmp_path: Path, answer: str) -> None:
    palette = LIGHT if answer == "light" else DARK
    with opened(tmp_path, OVER_SSH) as term:
        term.wait_until(lambda: QUESTION in term.written, "nothing was asked")
        term.press(ANSWERS[answer])
        term.wait_for("ask about your documents")
        ground = hexadecimal(palette.shades["background"].of_256)
        term.wait_until(lambda: ground in grounds(term), "the ground stayed as it was")
        assert "default" not in grounds(term)
        term.press("hello" + CTRL_Q)
        assert term.wait_for_exit() == 0
        assert "rgb" not in term.text()


def test_a_terminal_that_does_not_answer_keeps_its_own_letters_and_ground(tmp_path: Path) -> None:
    with opened(tmp_path, OVER_SSH) as term:
        term.wait_for("ask about your documents")
        assert grounds(term) == {"default"}
        letters = {cell.fg for y in range(24) for cell in term.screen.cells(y) if cell.data.strip()}
        assert "default" in letters


def test_an_answer_in_pieces_between_keys_types_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path, OVER_SSH) as term:
        term.wait_for("ask about your documents")
        answer = ANSWERS["light"]
        term.press(b"ab" + answer[:9])
        term.watch(0.3)
        term.press(answer[9:] + b"cd")
        term.wait_for("> abcd")
        assert "rgb" not in term.text()


def test_the_console_is_asked_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, {"TERM": "linux"}) as term:
        term.wait_for("ask about your documents")
        assert b"\x1b]11" not in term.written


def test_no_color_means_none(tmp_path: Path) -> None:
    with opened(tmp_path, {**OVER_SSH, "NO_COLOR": "1"}) as term:
        term.wait_for("ask about your documents")
        term.press("hello\r")
        term.wait_for("✓ complete")
        assert COLOUR.search(term.written) is None
        assert b"\x1b[1m" in term.written  # what stands for it
