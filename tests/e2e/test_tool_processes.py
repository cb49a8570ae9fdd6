"""The installed command ends, of whatever kind its end is, and nothing that its tools started goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import escapes
from tests.e2e.terminal import COMMAND, PATIENCE, Terminal
from tests.inherited import hear_signals
from tests.processes import MARK, marked, wait_until_none

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no way to adopt orphans")

TOOLS = f"""\
tools:
  - name: escape_tool
    description: Escape in some way.
    parameters:
      type: object
      properties: {{how: {{type: string, enum: {json.dumps(sorted(escapes.WAYS))}}}}}
      required: [how]
    run: {{python: "escapes:stay"}}
"""
WAYS = ["forks", "sessions", "daemons in daemons", "closed", "program without environment", "comet", "keeper stopped"]
ENDS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@dataclass(frozen=True)
class Escape:
    """A folder with the tool; `note` is there when the tool has done its worst."""

    folder: Path
    mark: str

    @property
    def note(self) -> Path:
        return self.folder / "note"

    @property
    def environ(self) -> Mapping[str, str]:
        return {**os.environ, MARK: self.mark, "TEST_NOTE": str(self.note)}

    def wait_for_note(self) -> None:
        limit = time.monotonic() + PATIENCE
        while not self.note.exists():
            assert time.monotonic() < limit, "the tool never began"
            time.sleep(0.01)


@pytest.fixture
def escape(tmp_path: Path) -> Iterator[Escape]:
    shutil.copy(escapes.__file__, tmp_path)
    (tmp_path / "tools.yaml").write_text(TOOLS)
    (tmp_path / "docs.yaml").write_text("- {id: one, text: The tide turns twice a day.}\n")
    escape = Escape(tmp_path, f"mark-{uuid.uuid4().hex}")
    yield escape
    wait_until_none(escape.mark)


def prompt(how: str) -> str:
    return f'Use the escape_tool, escape by "{how}".'


def asked(escape: Escape, how: str) -> subprocess.Popen[bytes]:
    command = [COMMAND, "ask", "--offline", "--tools", "tools.yaml", "--yes", "--json", prompt(how)]
    return subprocess.Popen(
        command, cwd=escape.folder, env=escape.environ, stdout=subprocess.DEVNULL, preexec_fn=hear_signals
    )


@pytest.mark.parametrize("how", WAYS)
def test_ask_is_killed(escape: Escape, how: str) -> None:
    with asked(escape, how) as process:
        escape.wait_for_note()
        process.kill()
    wait_until_none(escape.mark)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.name)
def test_ask_is_told_to_end(escape: Escape, end: signal.Signals) -> None:
    with asked(escape, "sessions") as process:
        escape.wait_for_note()
        process.send_signal(end)
        assert process.wait(PATIENCE) == 130
    assert not marked(escape.mark)


def test_ask_goes_on_after_a_tool_that_timed_out(escape: Escape) -> None:
    (escape.folder / "tools.yaml").write_text(f"{TOOLS}    timeout: 1\n")
    with asked(escape, "sessions") as process:
        assert process.wait(PATIENCE) == 0
    assert not marked(escape.mark)


def in_the_app(escape: Escape) -> Terminal:
    command = [COMMAND, "--offline", "--docs", "docs.yaml", "--tools", "tools.yaml", "--yes"]
    return Terminal(command, columns=100, rows=30, environ=escape.environ, folder=escape.folder)


def start_escape(terminal: Terminal, escape: Escape, how: str) -> None:
    terminal.wait_for("ask about your documents", "docs 1")
    terminal.press(f"{prompt(how)}\r")
    terminal.wait_until(escape.note.exists, "the tool never began")


@pytest.mark.parametrize("how", WAYS)
def test_the_app_is_killed(escape: Escape, how: str) -> None:
    with in_the_app(escape) as terminal:
        start_escape(terminal, escape, how)
        terminal.tell(signal.SIGKILL)
        assert terminal.wait_for_exit() == -signal.SIGKILL
    wait_until_none(escape.mark)


@pytest.mark.parametrize("end", [*ENDS, None], ids=lambda end: end.name if end else "closed")
def test_the_app_is_told_to_end(escape: Escape, end: signal.Signals | None) -> None:
    with in_the_app(escape) as terminal:
        start_escape(terminal, escape, "sessions")
        terminal.tell(end) if end else terminal.close()
        assert terminal.wait_for_exit() == 128 + (end or signal.SIGHUP)
    wait_until_none(escape.mark)


def test_the_app_goes_on_after_a_cancelled_turn(escape: Escape) -> None:
    with in_the_app(escape) as terminal:
        start_escape(terminal, escape, "daemons in daemons")
        terminal.press("\x1b")
        terminal.wait_for("cancelled")
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0
    assert not marked(escape.mark)
