"""A fault of the program itself, in a real terminal: one line, a report without values, and the terminal restored."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from workbench.recordings.exchanges import whole_requests
from workbench.recordings.recording import Recording

KEY = "canary-0123456789-abcdef"
CTRL_Q = "\x11"
LEAVES_ALTERNATE_SCREEN, SHOWS_CURSOR, MOUSE_OFF = b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"

PROGRAM = """
import os
from workbench.__main__ import main
from workbench.ui.app import WorkbenchApp

KEY = os.environ["CO_API_KEY"]  # the program takes it out

def fail(*_, **__):
    secret_in_a_local = KEY
    raise RuntimeError("the fault with " + secret_in_a_local + " \\x1b[31m in it")

async def fail_later(*_, **__):
    fail()

def cause(*_, **__):
    try:
        fail()
    except RuntimeError as error:
        raise ExceptionGroup("several", [error, ValueError(KEY)]) from error

{patch}
main()
"""

# What fails, and the keys that bring it about behind the first paint.
PLACES = {
    "compose": ("WorkbenchApp.compose = fail", ""),
    "mount": ("WorkbenchApp.on_mount = fail", ""),
    "an action": ("WorkbenchApp.action_perform = fail", "\x1bOP"),
    "an action with causes": ("WorkbenchApp.action_perform = cause", "\x1bOP"),
    "a callback": ("WorkbenchApp.action_perform = lambda self, _: self.call_later(fail)", "\x1bOP"),
    "a timer": ("WorkbenchApp.action_perform = lambda self, _: self.set_timer(0.01, fail)", "\x1bOP"),
    "a worker": ("WorkbenchApp.action_perform = lambda self, _: self.run_worker(fail_later()) and None", "\x1bOP"),
    "a thread worker": (
        "WorkbenchApp.action_perform = lambda self, _: self.run_worker(fail, thread=True) and None",
        "\x1bOP",
    ),
    "a handler of a widget": (
        "from workbench.ui.widgets.prompt import Prompt; Prompt.on_key = fail_later",
        "x",
    ),
    "drawing": ("from workbench.ui.widgets.title_bar import TitleBar; TitleBar.render = fail", ""),
    "the end": ("WorkbenchApp.on_unmount = fail_later", CTRL_Q),
    "before the screen": ("import workbench.commands.app as app; app.screen = fail", ""),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs.yaml").write_text("- {id: tides, text: The tide turns twice a day.}\n")
    return tmp_path


def crashing(folder: Path, patch: str, *flags: str) -> Terminal:
    (folder / "program.py").write_text(PROGRAM.replace("{patch}", patch))
    environ = {**os.environ, "CO_API_KEY": KEY, "PYTHONPATH": str(Path(__file__).parents[2])}
    argv = [sys.executable, "program.py", "--offline", "--docs", "docs.yaml", *flags]
    return Terminal(argv, columns=100, rows=30, environ=environ, folder=folder)


def reports() -> list[Path]:
    return sorted((Path(os.environ["XDG_STATE_HOME"]) / "workbench" / "crashes").glob("*"))


def after_the_screen(term: Terminal) -> str:
    """What was written behind the last change to the ordinary screen."""
    return term.written.rsplit(LEAVES_ALTERNATE_SCREEN, 1)[-1].decode()


@pytest.mark.parametrize("place", PLACES)
def test_a_fault_ends_with_one_line_and_a_report(folder: Path, place: str) -> None:
    patch, keys = PLACES[place]
    with crashing(folder, patch) as term:
        if keys:
            term.wait_for("· docs 1")
            term.press(keys)
        assert term.wait_for_exit() == 1
    assert KEY.encode() not in term.written
    assert b"Traceback" not in term.written
    assert b"secret_in_a_local" not in term.written
    said = [line for line in after_the_screen(term).splitlines() if "workbench:" in line]
    assert len(said) == 1
    assert "a fault of this program" in said[0]
    assert "\x1b[31m" not in said[0]
    if b"\x1b[?1049h" in term.written:
        for ending in (LEAVES_ALTERNATE_SCREEN, SHOWS_CURSOR, MOUSE_OFF):
            assert ending in term.written.rsplit(b"\x1b[?1049h", 1)[-1]
    (report,) = reports()
    assert str(report) in said[0]
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text("utf-8")
    assert KEY not in text
    assert "the fault with ***" in text
    assert "program.py" in text
    for fact in ("workbench ", "Python ", "textual ", "cohere "):
        assert fact in text


def test_a_turn_that_fails_is_reported_and_the_next_is_asked(folder: Path) -> None:
    patch = (
        "from workbench.conversation.loop import TurnLoop; steps = TurnLoop._steps; "
        "TurnLoop._steps = lambda self, said: fail() if 'tide' not in self._turn.prompt else steps(self, said)"
    )
    with crashing(folder, patch) as term:
        term.wait_for("· docs 1")
        term.press("When is it?\r")
        term.wait_until(lambda: "the report is in" in " ".join(term.text().split()), "nothing was said of a report")
        (report,) = reports()
        assert "the fault with ***" in report.read_text("utf-8")
        term.press("When does the tide turn?\r")
        term.wait_for("The tide turns twice a day.[1]", " 2 · ")
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0
    assert KEY.encode() not in term.written
    assert b"Traceback" not in term.written


def test_a_thread_that_fails_ends_nothing_and_shows_nothing(folder: Path) -> None:
    patch = "import threading; WorkbenchApp.action_perform = lambda self, _: threading.Thread(target=fail).start()"
    with crashing(folder, patch) as term:
        term.wait_for("· docs 1")
        term.press("\x1bOP")
        term.press("When does the tide turn?\r")
        term.wait_for("The tide turns twice a day.[1]", "✓ complete")
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0
    assert KEY.encode() not in term.written
    assert b"Traceback" not in term.written
    assert reports() == []


NOISE = """
import asyncio, gc, logging, sys, threading, warnings

class Unraisable:
    def __del__(self):
        fail()

def noise(self, _):
    logging.warning("a root warning")
    logging.getLogger("httpx").error("an httpx error")
    warnings.warn("a plain warning")
    print("a print", file=sys.stderr)
    threading.Thread(target=fail, name="doomed").start()
    Unraisable()
    self.lost = asyncio.ensure_future(fail_later())
    self.set_timer(0.05, lambda: (delattr(self, "lost"), gc.collect(), self.say("all was said")))

WorkbenchApp.action_perform = noise
"""


@pytest.mark.parametrize("flags", [(), ("--log", "turn.log")], ids=["no log", "--log"])
def test_what_libraries_say_goes_to_the_log_or_to_nothing(folder: Path, flags: tuple[str, ...]) -> None:
    with crashing(folder, NOISE, *flags) as term:
        term.wait_for("· docs 1")
        term.press("\x1bOP")
        term.wait_for("all was said")
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0
    for said in (KEY, "a root warning", "an httpx error", "a plain warning", "a print", "Traceback", "doomed"):
        assert said.encode() not in term.written
    assert reports() == []
    if flags:
        text = (folder / "turn.log").read_text("utf-8")
        for said in (
            "a root warning",
            "an httpx error",
            "a plain warning",
            "doomed",
            "could not be raised",
            "never retrieved",
        ):
            assert said in text
        assert KEY not in text


def test_a_log_that_cannot_be_written_is_said_before_the_screen_opens(folder: Path) -> None:
    with crashing(folder, "", "--log", "nosuch/turn.log") as term:
        assert term.wait_for_exit() == 2
    assert term.written.startswith(b"--log: nosuch/turn.log cannot be written: No such file or directory")
    assert b"\x1b" not in term.written


def test_the_session_is_kept(folder: Path) -> None:
    with crashing(folder, "WorkbenchApp.action_perform = fail") as term:
        term.wait_for("· docs 1")
        term.press("When does the tide turn?\r")
        term.wait_for("The tide turns twice a day.[1]", "✓ complete")
        term.press("\x1bOP")
        assert term.wait_for_exit() == 1
    (session,) = (Path(os.environ["XDG_STATE_HOME"]) / "workbench" / "sessions").glob("*.jsonl")
    recording = Recording.read(session)
    assert not recording.torn
    kinds = [line.kind for line in whole_requests(session, recording.lines)]
    assert kinds[-1] == "turn-end"
