"""The screen is what Textual itself would have drawn, cell for cell, at every settled moment of a session."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, Self

import pytest

from tests.e2e.terminal import PATIENCE, TRUE_COLOUR, Terminal
from tests.emulator import screen_without_wrap

APP = [sys.executable, "-m", "tests.e2e.scripted_app"]
ESCAPE = "escape"
TOO_NEW = "❤\ufe0f, 1\ufe0f\u20e3, "
"""Characters that a selector makes wide, for Rich and not for every tmux."""

MISCOUNTED = "👩\u200d💻"  # takes two cells; tmux counts more


class Shown(Protocol):
    """A terminal with the app in it."""

    def resize(self, columns: int, rows: int) -> None: ...

    def take(self) -> None:
        """Read what the app has written so far."""

    def check(self, number: int, stock: Mapping[str, Any], step: str) -> None:
        """Fails when what is shown, once order `number` was carried out, is not what `stock` shows."""


class Session:
    """Gives orders to the app, and has what is shown compared after each of them."""

    def __init__(self, shown: Shown, path: Path) -> None:
        self._shown = shown
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        limit = time.monotonic() + PATIENCE
        while self._socket.connect_ex(str(path)) and time.monotonic() < limit:
            time.sleep(0.02)  # until the app listens
        self._number = 0

    def close(self) -> None:
        self._socket.close()

    def do(self, order: str, **options: Any) -> None:
        stock = self._order(order, options, settle=True)
        self._shown.check(self._number, stock, f"{order} {options}")

    def do_unread(self, order: str, **options: Any) -> int:
        """Without reading what the app writes; returns how many bytes wait for that."""
        waiting: int = self._order(order, options, settle=False)["waiting"]
        return waiting

    def _order(self, order: str, options: Mapping[str, Any], *, settle: bool) -> dict[str, Any]:
        self._number += 1
        words = {"number": self._number, "do": order, "with": options, "settle": settle}
        self._socket.sendall(json.dumps(words).encode() + b"\n")
        stock: dict[str, Any] = json.loads(self._reply(read=settle))
        assert "fault" not in stock, stock["fault"]
        assert stock["changed_cells"], "the app draws the stock way: there is nothing to compare"
        return stock

    def _reply(self, *, read: bool) -> bytes:
        reply, limit = b"", time.monotonic() + PATIENCE
        while not reply.endswith(b"\n"):
            assert time.monotonic() < limit, "the app never settled"
            if read:
                self._shown.take()
            if select.select([self._socket], [], [], 0.005)[0]:
                reply += self._socket.recv(2**16)
        return reply

    def keys(self, *keys: str) -> None:
        self.do("keys", keys=list(keys))

    def resize(self, columns: int, rows: int) -> None:
        self._shown.resize(columns, rows)
        self.do("resized", width=columns, height=rows)


class Emulated:
    """pyte, compared buffer by buffer."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def resize(self, columns: int, rows: int) -> None:
        self._terminal.resize(columns, rows)

    def take(self) -> None:
        self._terminal.take()

    def check(self, number: int, stock: Mapping[str, Any], step: str) -> None:
        screen = self._terminal.screen
        self._terminal.wait_until(lambda: screen.title == str(number), f"order {number} never ended: {step}")
        columns, rows = stock["size"]
        assert (screen.columns, screen.lines) == (columns, rows)
        wanted, stream = screen_without_wrap(columns, rows)
        stream.feed(stock["written"])
        for y, (cells, others) in enumerate(zip(screen.rows(), wanted.rows(), strict=True)):
            wrong = [x for x in range(columns) if cells[x] != others[x]]
            assert not wrong, (
                f"after {step}, row {y} differs at {wrong}:\n{screen.display[y]}\n{wanted.display[y]}\n"
                f"{cells[wrong[0]]}\n{others[wrong[0]]}"
            )
        assert [screen.cursor.x, screen.cursor.y] == stock["cursor"], step


class Tmux:
    """A tmux, in whose second window what Textual would draw is written."""

    def __init__(self, folder: Path, command: list[str], environ: Mapping[str, str], columns: int, rows: int) -> None:
        self._socket = folder / "tmux"
        self._environ = {**environ, "TERM": "xterm-256color"}
        self._environ.pop("TMUX", None)
        settings = folder / "tmux.conf"
        settings.write_text(
            "set -g status off\nset -g default-terminal tmux-256color\n"
            f"set -g default-size {columns}x{rows}\nset -g remain-on-exit on\n"
        )
        start = ["new-session", "-d", "-x", str(columns), "-y", str(rows), "-n", "app"]
        self._run("-f", str(settings), *start, "env", "COLORTERM=truecolor", *command)
        self._run("new-window", "-d", "-n", "stock", "sh", "-c", "stty raw -echo; exec cat >/dev/null")
        self._tty = self._run("display-message", "-p", "-t", ":stock", "#{pane_tty}").strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._run("kill-server")

    def resize(self, columns: int, rows: int) -> None:
        for window in (":app", ":stock"):
            self._run("resize-window", "-t", window, "-x", str(columns), "-y", str(rows))

    def take(self) -> None:
        """tmux does."""

    def check(self, number: int, stock: Mapping[str, Any], step: str) -> None:
        with open(self._tty, "w", encoding="utf-8", newline="") as tty:  # noqa: PTH123 - a device
            written = stock["written"].replace("\n", "\r\n")
            x, y = stock["cursor"]
            tty.write(f"\x1b[m\x1b[?7l\x1b[H\x1b[2J{written}\x1b[{y + 1};{x + 1}H\x1b]2;{number}\x1b\\")
        self._until_title(":app", number, step)
        self._until_title(":stock", number, step)
        shown, wanted = self._capture(":app"), self._capture(":stock")
        for row, (one, other) in enumerate(zip(shown, wanted, strict=True)):
            if MISCOUNTED in one or MISCOUNTED in other:
                # What Textual writes behind it is misplaced by tmux, and cut at the right; and the joiner in it is lost
                # where tmux reads it apart from what it joins.
                one, other = one.partition(MISCOUNTED[0])[0], other.partition(MISCOUNTED[0])[0]
            assert one == other, f"after {step}, row {row} differs"

    def _until_title(self, window: str, number: int, step: str) -> None:
        limit = time.monotonic() + PATIENCE
        while self._run("display-message", "-p", "-t", window, "#{pane_title}").strip() != str(number):
            assert time.monotonic() < limit, f"order {number} never ended: {step}"

    def _capture(self, window: str) -> list[str]:
        cursor = self._run("display-message", "-p", "-t", window, "#{cursor_x} #{cursor_y} #{pane_width}")
        return [*self._run("capture-pane", "-e", "-N", "-p", "-t", window).split("\n"), cursor]

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *arguments],
            env=self._environ, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout


@pytest.fixture
def environ(project: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(project), "TEXTUAL_ANIMATIONS": "none"}


@pytest.fixture(params=["emulator", "tmux"])
def session(request: pytest.FixtureRequest, environ: dict[str, str], tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "orders"
    command = [*APP, str(path)]
    if request.param == "tmux":
        if shutil.which("tmux") is None:
            pytest.skip("there is no tmux")
        with Tmux(tmp_path, [*command, TOO_NEW], environ, 120, 40) as tmux:
            made = Session(tmux, path)
            yield made
            made.close()
        return
    with emulated(tmp_path, environ) as (made, _):
        yield made


@contextmanager
def emulated(folder: Path, environ: Mapping[str, str], **kind: str) -> Iterator[tuple[Session, Terminal]]:
    path = folder / "orders"
    with Terminal(
        [*APP, str(path)], columns=120, rows=40, environ=environ, folder=folder, kind=kind or TRUE_COLOUR
    ) as terminal:
        session = Session(Emulated(terminal), path)
        yield session, terminal
        session.close()


def test_a_session_shows_what_textual_would_draw(session: Session) -> None:
    session.do("nothing")
    session.do("type", text="a long question that wraps 質問 " * 9)
    session.keys("ctrl+j", "x", "backspace", "left", "left", "é", "up", "up", "home", "delete", "ctrl+c")
    session.do("ask")
    for _ in range(6):
        session.do("step")
    session.do("say", text="a toast 通知 over the chat")
    session.do("step", times=2)
    session.do("say", text="and another, longer one that takes two lines of words and some more")
    session.do("step", times=2)
    session.do("unsay")
    session.do("step", times=3)
    session.keys("f1")
    session.do("step", times=2)
    session.keys("down", "down", "pagedown")
    session.do("say", text="a toast over the dialog")
    session.keys(ESCAPE)
    session.do("unsay")
    session.do("step", times=2)
    session.keys("f2", "pageup")
    session.do("step", times=2)
    session.do("wheel", up=True, times=3)
    session.do("wheel", up=False, times=30)
    session.do("step", times=2)
    session.keys("home")
    session.do("step")
    session.keys("end", "pagedown", "pagedown")
    session.do("step", times=2)
    session.resize(80, 24)
    session.do("step", times=3)
    session.resize(60, 15)
    session.do("step", times=2)
    session.keys("f2", "z")
    session.do("step", times=3)
    session.resize(120, 40)
    session.do("step", times=3)
    session.keys("z")
    session.keys("ctrl+l")
    session.do("step")
    session.do("end")
    session.keys("f2", "left_square_bracket")
    session.keys("left_square_bracket")
    session.keys("right_square_bracket", "enter")
    session.keys("space")
    for key in ("f3", "f4", "f5", "f6", "f2"):
        session.keys(key)
        session.keys("down", "down", "space")
    session.keys("f5", "z", "end")
    session.resize(80, 24)
    session.keys("z", "f3", "z", "z", "f4")
    session.do("theme", name="textual-light")
    session.keys("ctrl+p")
    session.do("type", text="the")
    session.keys("down", ESCAPE)
    session.resize(120, 40)
    session.do("theme", name="nord")
    session.keys("tab", "tab", "tab", "tab")


def test_a_stopped_answer_and_a_new_conversation(session: Session) -> None:
    session.do("ask")
    session.do("step", times=12)
    session.keys(ESCAPE)
    session.do("stopped")
    session.keys("f2", "space", "home", "pagedown", "up", "f2")
    session.keys("tab", "tab", "tab", "tab", "tab")
    session.do("type", text="/clear")
    session.keys("enter")
    session.resize(80, 24)
    session.do("ask")
    session.do("step", times=20)
    session.keys("f2", "z")
    session.do("step", times=6)
    session.do("end")


def test_resizing_while_the_answer_streams(session: Session) -> None:
    session.do("ask")
    for size in ((80, 24), (60, 15), (20, 6), (120, 40), (100, 30), (60, 40), (120, 12), (120, 40)):
        session.do("step", times=2)
        session.resize(*size)
        session.keys("f2", "pageup")
        session.do("step")
        session.keys("end")
        session.do("step")


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param({"TERM": "xterm-256color"}, id="256-colours"),
        pytest.param({"TERM": "linux"}, id="16-colours"),
        pytest.param({"TERM": "screen"}, id="screen"),
        pytest.param({"TERM": "xterm-256color", "NO_COLOR": "1"}, id="no-colours"),
    ],
)
def test_terminals_with_fewer_colours(kind: dict[str, str], environ: dict[str, str], tmp_path: Path) -> None:
    with emulated(tmp_path, environ, **kind) as (session, _):
        session.do("ask")
        session.do("step", times=8)
        session.do("say", text="a toast")
        session.keys("f1")
        session.do("step", times=8)
        session.keys(ESCAPE)
        session.do("theme", name="textual-light")


def test_after_an_editor_the_screen_is_whole_and_still_never_waits(environ: dict[str, str], tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf '\\033[41m\\033[2Jan editor\\n' >&2\nprintf 'edited 編集' > \"$1\"\n")
    editor.chmod(0o755)
    with emulated(tmp_path, {**environ, "EDITOR": str(editor)}) as (session, terminal):
        session.do("ask")
        session.do("step", times=9)
        session.do("end")
        session.keys("f2", "tab", "tab", "tab", "tab", "tab", "x", "ctrl+g")
        assert b"an editor" in terminal.written
        assert "edited 編集" in terminal.text()
        session.do("type", text=" and more")
        session.resize(80, 24)


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_after_a_stop_the_screen_is_whole(number: signal.Signals, environ: dict[str, str], tmp_path: Path) -> None:
    with emulated(tmp_path, environ) as (session, terminal):
        session.do("ask")
        session.do("step", times=9)
        terminal.stop_and_continue(number)
        terminal.wait_until(lambda: terminal.written.count(b"\x1b[?1049h") == 2, "it never came back")
        session.do("step")
        session.do("type", text="more")
        terminal.stop_and_continue(number)
        terminal.wait_until(lambda: terminal.written.count(b"\x1b[?1049h") == 3, "it never came back")
        session.do("nothing")
        terminal.press("typed\x11")  # the last is Ctrl+Q
        assert terminal.wait_for_exit() == 0


def test_a_terminal_that_is_not_read_stops_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    with emulated(tmp_path, environ) as (session, terminal):
        session.do("ask")
        themes, waiting, behind = ("textual-light", "nord"), 0, 0
        while not behind:  # whole frames, until the terminal takes no more
            behind = session.do_unread("theme", name=themes[waiting % 2])
            waiting += 1
            assert waiting < 200
        for number in range(20):  # each waits until the app has shown the words to itself
            session.do_unread("step")
            session.do_unread("type", text="abc")
            now = session.do_unread("theme", name=themes[number % 2])
        assert now < behind + 1_000  # the orders' numbers, and no frame
        session.do("nothing")
        assert "abc" * 20 in terminal.text()
