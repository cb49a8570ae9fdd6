"""The installed command in a real pseudo-terminal, at both sizes: ask, watch, stop, resize, leave."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, Terminal

TAB, ESCAPE, CTRL_Q, F3, F4 = "\t", "\x1b", "\x11", "\x1bOR", "\x1bOS"
SIZES = [pytest.param((120, 40), id="120x40"), pytest.param((80, 24), id="80x24")]
LEAVES_ALTERNATE_SCREEN, SHOWS_CURSOR, MOUSE_OFF = b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"

DOCS = """\
sets:
  harbour:
    documents:
      - {id: tides, title: Tides, text: "The tide turns twice a day in the harbour. It is highest at full moon."}
      - {id: permits, title: Permits, text: "A permit for the harbour costs 12 euros a year."}
"""
BERTH = "past the long wall, the green book, the old crane, the ice house and the lamp, "
LONG_DOCS = f"""\
- id: tides
  title: Tides
  text: >-
    The harbour tide turns {BERTH * 5} in the morning. The harbour tide turns again {BERTH * 5} in the evening.
    The harbour master, who measures the harbour tide himself, walks {BERTH * 5} at noon.
"""
TOOLS = """\
tools:
  - name: opening_hours
    description: Opening hours of a place.
    parameters: {type: object, properties: {place: {type: string}}, required: [place]}
    run: {reply: {opens: "09:00", closes: "18:00"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs.yaml").write_text(DOCS)
    (tmp_path / "long.yaml").write_text(LONG_DOCS)
    (tmp_path / "tools.yaml").write_text(TOOLS)
    return tmp_path


def terminal(folder: Path, size: tuple[int, int], *arguments: str) -> Terminal:
    columns, rows = size
    return Terminal([COMMAND, *arguments], columns=columns, rows=rows, environ=os.environ, folder=folder)


@pytest.mark.parametrize("size", SIZES)
def test_ask_see_the_answer_the_call_and_the_source_and_leave(folder: Path, size: tuple[int, int]) -> None:
    with terminal(folder, size, "--docs", "docs.yaml", "--tools", "tools.yaml") as term:
        term.wait_for("ask about your documents", "· harbour 2")
        term.press("When does the tide turn?\r")
        term.wait_for("The tide turns twice a day in the harbour.[1]", "✓ complete")
        term.press(F4)
        term.wait_for("[1] Tides")
        term.press(TAB * 3)
        term.press('What are the opening hours of the place "museum"?\r')
        term.wait_for("09:00", "✓ complete")
        term.press(f"{F3}z")
        term.wait_for("✓ opening_hours", "step 2")
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0
        for ending in (LEAVES_ALTERNATE_SCREEN, SHOWS_CURSOR, MOUSE_OFF):
            assert ending in term.written.rsplit(b"\x1b[?1049h", 1)[-1]


@pytest.mark.parametrize("size", SIZES)
def test_an_answer_grows_is_stopped_and_survives_resizing(folder: Path, size: tuple[int, int]) -> None:
    with terminal(folder, size, "--docs", "long.yaml") as term:
        term.wait_for("ask about your documents", "· long ")
        term.press("When does the harbour tide turn, and who measures it?\r")
        term.wait_for("streaming")
        term.wait_for("The harbour tide turns")
        term.resize(60, 20)
        term.resize(*size)
        term.wait_for("The harbour tide turns", "streaming", "F1 help")
        term.resize(100, 30)
        term.wait_for("The harbour tide turns", "streaming")
        term.press(ESCAPE)
        term.wait_for("The harbour tide turns", "■ cancelled")
        term.press("What does the book lie on?\r")
        term.wait_for("✓ complete")
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0


def test_leaving_by_a_command_leaves_a_clean_terminal(folder: Path) -> None:
    with terminal(folder, (80, 24), "--docs", "docs.yaml") as term:
        term.wait_for("ask about your documents", "· harbour 2")
        term.press("/exit\r")
        assert term.wait_for_exit() == 0
        assert b"Warning" not in term.written
        assert b"\x1b[>29u" in term.written, "keys are told with those of a Latin keyboard, where the terminal can"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_leaves_a_clean_terminal(folder: Path, number: signal.Signals) -> None:
    with terminal(folder, (80, 24), "--docs", "long.yaml") as term:
        term.wait_for("ask about your documents", "· long ")
        term.press("When does the harbour tide turn, and who measures it?\r")
        term.wait_for("streaming")
        term.tell(number)
        assert term.wait_for_exit() == 128 + number
        for ending in (LEAVES_ALTERNATE_SCREEN, SHOWS_CURSOR, MOUSE_OFF):
            assert ending in term.written.rsplit(b"\x1b[?1049h", 1)[-1]


def run(*arguments: str, folder: Path, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def test_without_a_terminal_one_clear_line_and_no_escape_sequence(folder: Path) -> None:
    done = run("--docs", "docs.yaml", folder=folder)
    assert done.returncode == 2
    assert "terminal" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stdout + done.stderr


def test_a_broken_documents_file_ends_the_app_and_leaves_nothing_behind(folder: Path) -> None:
    (folder / "bad.yaml").write_text("sets:\n  a:\n    documentz: []\n")
    with terminal(folder, (80, 24), "--docs", "bad.yaml") as term:
        assert term.wait_for_exit() == 2
        after = term.written.rpartition(b"\x1b[?1049l")[2]
        assert b"bad.yaml:3:5" in after
        assert b"documents" in after
    assert not list(Path(os.environ["XDG_STATE_HOME"]).rglob("*.jsonl"))


@pytest.mark.parametrize(
    "flags", [["--docs", "missing.yaml"], ["--docs", "bad.yaml", "--record", "a.jsonl"], ["--tools", "bad.yaml"]]
)
def test_a_file_that_is_missing_or_needed_at_once_is_said_before_the_screen_opens(
    folder: Path, flags: list[str]
) -> None:
    (folder / "bad.yaml").write_text("sets:\n  a:\n    documentz: []\n")
    with terminal(folder, (80, 24), *flags) as term:
        assert term.wait_for_exit() == 2
        assert flags[1].encode() in term.written
        assert b"\x1b[?1049h" not in term.written
    assert not (folder / "a.jsonl").exists()


def test_help_and_version_need_no_terminal(folder: Path) -> None:
    assert "--docs" in run("--help", folder=folder).stdout
    assert run("--version", folder=folder).stdout.startswith("workbench ")
