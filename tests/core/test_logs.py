"""Log records: one line each, without keys, in a file that nobody waits for; and nothing on standard error."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import re
import stat
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest

from tests.loopback import message, stream
from tests.serving import serving
from workbench.cli import run
from workbench.errors import ConfigurationError
from workbench.secrets.keys import ApiKey
from workbench.secrets.redactor import Redactor
from workbench.startup.logs import MOST_WAITING, logging_to

KEY = "canary-0123456789-abcdef"
REDACTOR = Redactor([ApiKey(KEY, "CO_API_KEY")])
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+: .*")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workbench.log"


@pytest.fixture(autouse=True)
def as_before_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK, which another test may have imported by now, gives its logger a handler for standard error."""
    monkeypatch.setattr(logging.getLogger("fern"), "handlers", [])


def make_noise() -> None:
    """Every way in which something is said that nobody asked for."""
    for name in ("cohere.core", "fern", "httpx", "httpcore.http11", "asyncio", "workbench.ui", "a_stranger"):
        logging.getLogger(name).warning("of %s with %s", name, KEY)
    logging.warning("of the root with %s", KEY)
    warnings.warn(f"a warning with {KEY}", stacklevel=1)

    def end_a_thread() -> None:
        raise ValueError(f"a thread with {KEY}")

    thread = threading.Thread(target=end_a_thread)
    thread.start()
    thread.join()

    class Unraisable:
        def __del__(self) -> None:
            raise ValueError(f"unraisable with {KEY}")

    Unraisable()

    async def leave_a_task() -> None:
        async def failing() -> None:
            raise ValueError(f"a task with {KEY}")

        task = asyncio.create_task(failing())
        await asyncio.wait({task})
        del task
        gc.collect()

    asyncio.run(leave_a_task())


def test_everything_is_a_line_without_the_key(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to(path, REDACTOR):
        make_noise()
    lines = path.read_text("utf-8").splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    text = "\n".join(lines)
    for part in (
        "of cohere.core", "of fern", "of httpx", "of httpcore.http11", "of asyncio", "of workbench.ui", "of a_stranger",
        "of the root", "UserWarning: a warning", "ValueError: a thread", "ValueError: unraisable",
        "Task exception was never retrieved", "ValueError: a task",
    ):  # fmt: skip
        assert part in text
    assert KEY not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert capfd.readouterr() == ("", "")


def test_without_a_file_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to(None, REDACTOR):
        make_noise()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("file", [False, True])
def test_in_a_fresh_interpreter_nothing_is_said_either(file: bool, path: Path) -> None:
    """Where no test runner has put handlers of its own anywhere, and the SDK is imported as in a turn."""
    code = (
        "from tests.core.test_logs import *\n"
        f"with logging_to({f'Path({str(path)!r})' if file else None}, REDACTOR):\n"
        "    import cohere\n"
        "    make_noise()\n"
        "    logging.getLogger('workbench').info('too few %d %d', 2)\n"
        "    logging.getLogger('fern').error('of the SDK')"
    )
    environ = {**os.environ, "HTTPX_LOG_LEVEL": "debug", "COHERE_LOG_LEVEL": "debug", "FERN_LOG_LEVEL": "debug"}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environ, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not file or "ERROR fern: of the SDK" in path.read_text("utf-8")


def test_all_is_as_it_was_afterwards(path: Path) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, sys.unraisablehook, threading.excepthook, warnings.showwarning)
    with logging_to(path, REDACTOR):
        assert sys.unraisablehook is not before[2]
    assert (list(root.handlers), root.level, sys.unraisablehook, threading.excepthook, warnings.showwarning) == before
    assert not any(thread.name == "log" for thread in threading.enumerate())


def test_it_is_appended(path: Path) -> None:
    path.write_text("before\n")
    path.chmod(0o644)
    with logging_to(path, REDACTOR):
        logging.getLogger("workbench").info("one")
        logging.getLogger("workbench").info("two\nlines \x1b[31m %d", 2)
    first, start, *lines = path.read_text("utf-8").splitlines()
    assert first == "before"
    assert " INFO workbench: workbench " in start
    assert [line.partition(" workbench: ")[2] for line in lines] == ["one", "two␤lines ␛[31m 2"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["a folder", "a fifo", "in a folder that is not there", "a device"])
def test_what_cannot_be_written_is_said_before_anything_is_asked(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    if what == "a folder":
        place.mkdir()
    elif what == "a fifo":
        os.mkfifo(place)
    elif what == "a device":
        place = Path("/dev/null")
    else:
        place = place / "log"
    assert run(["ask", "--offline", "--log", str(place), "why?"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"--log: {place} ")
    assert err.count("\n") == 1


def test_the_folder_of_a_name_that_no_file_can_have() -> None:
    with pytest.raises(ConfigurationError, match="--log"), logging_to(Path("a\0b"), REDACTOR):
        pass


def test_a_full_disk_loses_lines_and_says_how_many(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, full = os.write, threading.Event()

    def writing(descriptor: int, data: bytes) -> int:
        if b"lost" in data and full.is_set():
            if b"lost 2" in data:
                full.clear()
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", writing)
    full.set()
    with logging_to(path, REDACTOR):
        for text in ("kept 1", "lost 1", "lost 2", "kept 2"):
            logging.getLogger("workbench").info(text)
    lines = [line.rpartition(" workbench: ")[2] for line in path.read_text("utf-8").splitlines()[1:]]
    assert lines == ["kept 1", "2 records before this line were lost", "kept 2"]


def test_nobody_waits_for_a_disk_that_hangs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, goes_on = os.write, threading.Event()

    def writing(descriptor: int, data: bytes) -> int:
        goes_on.wait(30)
        return write(descriptor, data)

    with logging_to(path, REDACTOR):
        monkeypatch.setattr(os, "write", writing)
        for number in range(MOST_WAITING + 100):
            logging.getLogger("workbench").info("%d", number)
        goes_on.set()
    text = path.read_text("utf-8")
    assert "records before this line were lost" in text
    assert MOST_WAITING <= len(text.splitlines()) <= MOST_WAITING + 3


def test_ask_logs_what_the_client_does(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_KEY", KEY)
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"log: {path.name}\n", encoding="utf-8")
    with serving([stream(message("The sea is calm."))]) as server:
        assert run(["ask", "--config", str(settings), "--base-url", server.url, "why?"]) == 0
        assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
    text = path.read_text("utf-8")
    assert "INFO httpx: HTTP Request: POST" in text
    assert "DEBUG httpcore" in text
    assert KEY not in text
