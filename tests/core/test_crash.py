"""A fault of a command without a screen, and what its report holds."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

from workbench.cli import run
from workbench.secrets.keys import ApiKey
from workbench.secrets.redactor import Redactor
from workbench.startup.crash import KEPT, LONGEST_REPORT, crashed

Raised = TypeVar("Raised", bound=BaseException)

KEY = "canary-0123456789-abcdef"
REDACTOR = Redactor([ApiKey(KEY, "CO_API_KEY")])

# A module of each command's, whose function is made to fail once the command runs.
COMMANDS = {
    "ask": (["ask", "--offline", "why?"], "workbench.commands.ask.open_conversation"),
    "ask --json": (["ask", "--offline", "--json", "why?"], "workbench.commands.ask.JsonLines"),
    "check": (["check", "a.yaml"], "workbench.commands.check.read_tree"),
    "replay": (["replay", "--json", "a.jsonl"], "workbench.commands.replay.played_turns"),
    "sessions": (["sessions", "list"], "workbench.sessions.listing.listed_sessions"),
}


def fail(*_: object, **__: object) -> NoReturn:
    value = f"held by {KEY}"
    raise LookupError(f"no {value}\nin two lines \x1b[31m")


def folder() -> Path:
    return Path(os.environ["XDG_STATE_HOME"]) / "workbench" / "crashes"


def raised(error: Raised) -> Raised:
    """The same, with its traceback."""
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 - whatever it is
        assert caught is error
    return error


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_fails_says_so_in_one_line(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    argv, target = COMMANDS[command]
    monkeypatch.setenv("CO_API_KEY", KEY)
    monkeypatch.setattr(target, fail)
    assert run(argv) == 1
    out, err = capsys.readouterr()
    (report,) = folder().iterdir()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("workbench: a fault of this program: LookupError: no held by *** in two lines")
    assert str(report) in err
    assert "\x1b" not in err
    text = report.read_text("utf-8")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700
    assert "LookupError: no held by ***" in text
    assert "in fail" in text
    assert KEY not in text + err
    assert "\x1b" not in text


def test_the_key_of_a_variable_that_the_settings_name_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text("api_key_env: MINE\nnosuch: 1\n", encoding="utf-8")
    monkeypatch.setenv("MINE", KEY)
    monkeypatch.setattr("workbench.commands.ask.read_plan", fail)
    assert run(["ask", "--config", str(settings), "why?"]) == 1
    assert KEY not in capsys.readouterr().err + next(folder().iterdir()).read_text("utf-8")


def test_causes_and_groups_are_in_the_report() -> None:
    inner = raised(ValueError("the cause"))
    try:
        raise ExceptionGroup("the group", [inner, TypeError(KEY)]) from inner
    except ExceptionGroup as group:
        group.add_note(f"a note with {KEY}")
        crashed(group, REDACTOR, os.environ)
    text = next(folder().iterdir()).read_text("utf-8")
    for part in ("ValueError: the cause", "ExceptionGroup: the group", "TypeError: ***", "a note with ***"):
        assert part in text
    assert KEY not in text


@pytest.mark.parametrize("broken", ["a file in its place", "no home"])
def test_without_a_folder_the_line_says_where(broken: str) -> None:
    environ = {"XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]}
    if broken == "no home":
        environ = {}
    else:
        folder().parent.parent.mkdir(parents=True)
        folder().parent.write_text("")
    try:
        fail()
    except LookupError as error:
        line = crashed(error, REDACTOR, environ)
    assert "no report could be written" in line
    assert "test_crash.py:" in line
    assert "in fail" in line
    assert KEY not in line
    assert "\n" not in line


def test_only_a_handful_is_kept() -> None:
    for number in range(KEPT + 3):
        crashed(raised(ValueError(f"fault {number}")), REDACTOR, os.environ)
    texts = [path.read_text("utf-8") for path in sorted(folder().iterdir())]
    assert [f"fault {number}" in text for number, text in enumerate(texts, 3)] == [True] * KEPT


def test_an_error_that_cannot_be_shown_is_reported_all_the_same() -> None:
    class Evil(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert "Evil" in crashed(raised(Evil()), REDACTOR, os.environ)
    long = crashed(raised(ValueError("x" * 1_000_000)), REDACTOR, os.environ)
    assert len(long) < 2_000
    assert len(sorted(folder().iterdir())[-1].read_text("utf-8")) < LONGEST_REPORT + 2_000
