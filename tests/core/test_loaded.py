"""The program that is loaded already is the one that is started: same words, same codes, same streams, same ends."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.loaded import LoadedProgram

COMMAND = (sys.executable, "-m", "workbench")
DOCS = ("--offline", "--docs", "config/docs.yaml")
COMMANDS: dict[str, Sequence[str]] = {
    "ask": ("ask", *DOCS, "How do I define a tool?"),
    "a question from nowhere": ("ask", "--offline", "-"),
    "check": ("check", "config/docs.yaml", "no/such.yaml"),
    "replay": ("replay", "no.jsonl", "--json"),
    "sessions": ("sessions", "list"),
    "usage": ("--nonsense",),
    "the app": ("--offline",),
}


def started(project: Path, arguments: Sequence[str], **options: int | None) -> tuple[int, bytes, bytes]:
    """The command in a Python of its own, with the streams of `options`."""
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    shell = "".join(f" {number}>&-" for number, name in enumerate(given) if given[name] is None)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@"{shell}', "sh", *COMMAND, *arguments], cwd=project, timeout=60,
        **{name: value for name, value in given.items() if value is not None},
    )  # type: ignore[call-overload]  # fmt: skip
    return done.returncode, done.stdout or b"", done.stderr or b""


def both(
    loaded: LoadedProgram, project: Path, arguments: Sequence[str], **options: int | None
) -> tuple[object, object]:
    done = loaded.run(*arguments, folder=project, **options)  # type: ignore[arg-type]
    return (done.returncode, done.stdout, done.stderr), started(project, arguments, **options)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_the_same(name: str, loaded: LoadedProgram, project: Path) -> None:
    forked, real = both(loaded, project, COMMANDS[name])
    assert forked == real


@pytest.mark.parametrize(
    "streams", [{"stdin": None}, {"stdout": None}, {"stderr": None}, {"stdout": None, "stderr": None}]
)
def test_a_closed_stream_is_the_same(streams: Mapping[str, None], loaded: LoadedProgram, project: Path) -> None:
    forked, real = both(loaded, project, COMMANDS["ask"], **streams)
    assert forked == real


def test_a_full_stream_is_the_same(loaded: LoadedProgram, project: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        forked, real = both(loaded, project, COMMANDS["ask"], stdout=full)
    finally:
        os.close(full)
    assert forked == real


def test_a_terminal_is_the_same(loaded: LoadedProgram, project: Path) -> None:
    code, written = loaded.run_in_terminal(*COMMANDS["ask"], folder=project, columns=100, rows=30)
    argv = [*COMMAND, *COMMANDS["ask"]]
    with Terminal(argv, columns=100, rows=30, environ=os.environ, folder=project) as terminal:
        assert (code, written) == (terminal.wait_for_exit(), terminal.written)


def test_nothing_of_one_command_is_left_for_the_next(loaded: LoadedProgram, project: Path, tmp_path: Path) -> None:
    """Neither a variable, nor a folder, nor a limit."""
    log = tmp_path / "log"
    ask = ("ask", "--json", "--record", str(log), *COMMANDS["ask"][1:])
    limits = {resource.RLIMIT_FSIZE: 1000}
    cut = loaded.run(*ask, folder=project, environ={**os.environ, "SSL_CERT_FILE": "/nope"}, limits=limits)
    assert b"File too large" in cut.stderr
    assert log.stat().st_size <= 1000
    log.unlink()
    whole = loaded.run(*ask, folder=project)
    assert (whole.returncode, whole.stderr) == (0, b"")
    assert json.loads(whole.stdout.splitlines()[-1])["status"] == "complete"
    elsewhere = loaded.run(*COMMANDS["check"], folder=tmp_path)
    assert (elsewhere.returncode, elsewhere.stdout) == (2, b"")


def test_what_python_reads_at_its_start_is_refused(loaded: LoadedProgram) -> None:
    with pytest.raises(AssertionError, match="at its start"):
        loaded.run("--version", environ={**os.environ, "PYTHONIOENCODING": "ascii"})
