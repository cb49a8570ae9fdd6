"""The app in a real terminal with bad values of the environment: it starts all the same, or says which one is bad."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, Terminal


def opened(project: Path, *arguments: str, **environ: str) -> Terminal:
    return Terminal(
        [COMMAND, "--offline", *arguments], columns=100, rows=30, environ={**os.environ, **environ}, folder=project
    )


@pytest.mark.parametrize(
    "environ",
    [
        {"COLUMNS": "²", "LINES": "9" * 400},
        {"COLUMNS": "99999999", "LINES": "99999999"},
        {"COLUMNS": "9" * 5000},
        {"TEXTUAL_DRIVER": "nonsense", "TEXTUAL_SCREENSHOT": "0", "TEXTUAL_LOG": "/dev/full", "TEXTUAL_PRESS": "x"},
        {"TEXTUAL_COLOR_SYSTEM": "", "TEXTUAL_THEME": "nonsense", "TEXTUAL_FILTERS": "x", "ESCDELAY": "x"},
        {"XDG_STATE_HOME": "/" + "n" * 5000, "TMPDIR": "/nope"},
        {"LC_ALL": "nonsense"},
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_the_app_starts_all_the_same(environ: dict[str, str], project: Path) -> None:
    with opened(project, **environ) as terminal:
        terminal.wait_for("ask about your documents")
        assert terminal.screen.columns == 100
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TEXTUAL_COLOR_SYSTEM", "nonsense"),
        ("TEXTUAL_FPS", "9" * 400),
        ("ESCDELAY", "9" * 400),
        ("XDG_CONFIG_HOME", "/" + "n" * 300),
        ("HOME", "/" + "n" * 5000),
    ],
    ids=lambda value: value[:30],
)
def test_the_app_says_which_variable_is_bad(variable: str, value: str, project: Path) -> None:
    environ = {name: kept for name, kept in os.environ.items() if name != "XDG_CONFIG_HOME" or variable != "HOME"}
    terminal = Terminal(
        [COMMAND, "--offline"], columns=100, rows=30, environ={**environ, variable: value}, folder=project
    )
    with terminal:
        assert terminal.wait_for_exit() == 2
        assert terminal.written.startswith(variable.encode() + b": ")
        assert terminal.written.count(b"\n") == 1
