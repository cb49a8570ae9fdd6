"""Standard streams that are closed, full, read-only or slow: what is lost is said in a line, and not exit code 0."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.loaded import LoadedProgram
from workbench.sessions.folder import sessions_folder

COMMAND = [sys.executable, "-m", "workbench"]
FULL = Path("/dev/full")
CLOSED = b"workbench: standard output is closed for writing: what was asked for can go nowhere\n"
NO_ROOM = b"workbench: the output cannot be written: No space left on device\n"
QUESTION = "How do I define a tool?"

needs_full = pytest.mark.skipif(not FULL.exists(), reason="the system has no device that is always full")


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = tmp_path_factory.mktemp("recording") / "kept.jsonl"
    subprocess.run([*COMMAND, "ask", "--offline", "--record", str(kept), QUESTION], check=True, capture_output=True)
    return kept


@pytest.fixture
def outputs(recording: Path) -> dict[str, Sequence[str]]:
    """A command line for each way of the program to write to standard output."""
    docs = ("--offline", "--docs", "config/docs.yaml")
    return {
        "ask": ("ask", *docs, QUESTION),
        "ask --json": ("ask", "--json", *docs, QUESTION),
        "check": ("check", "config/docs.yaml", "config/tools.yaml"),
        "replay --json": ("replay", str(recording), "--json", "--speed", "0"),
        "sessions list": ("sessions", "list"),
        "schema": ("schema", "tools"),
        "completion": ("completion", "bash"),
        "--help": ("--help",),
        "ask --help": ("ask", "--help"),
        "--version": ("--version",),
    }


WRITERS = (
    "ask", "ask --json", "check", "replay --json", "sessions list", "schema", "completion", "--help", "ask --help",
    "--version",
)  # fmt: skip


def in_shell(project: Path, redirection: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """The command with a redirection that subprocess has no name for; a hang fails."""
    shell = ["sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, *arguments]
    return subprocess.run(shell, cwd=project, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)


Redirected = Callable[[str, Sequence[str]], subprocess.CompletedProcess[bytes]]


@pytest.fixture
def redirected(project: Path, loaded: LoadedProgram) -> Redirected:
    """The command with a redirection as of a shell.

    What has to load the client has it loaded. How Python finds its streams at its start is seen with all the others.
    """

    def run(redirection: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        if not loads_the_client(arguments):
            return in_shell(project, redirection, arguments)
        with ExitStack() as opened:
            return loaded.run(*arguments, folder=project, **streams(redirection, opened))  # type: ignore[arg-type]

    return run


def loads_the_client(arguments: Sequence[str]) -> bool:
    return arguments[0] in ("ask", "replay") and "--help" not in arguments


def streams(redirection: str, opened: ExitStack) -> dict[str, int | None]:
    """The streams that a shell would give a command, None for one that is closed."""
    given: dict[str, int | None] = {}
    names = ("stdin", "stdout", "stderr")
    for number, way, same, target in re.findall(r"([012]?)([<>])(&?)(\S+)", redirection):
        name = names[int(number or (0 if way == "<" else 1))]
        if same:
            given[name] = None if target == "-" else given[names[int(target)]]
        else:
            given[name] = file = os.open(target.strip("'"), os.O_RDONLY if way == "<" else os.O_WRONLY)
            opened.callback(os.close, file)
    return given


@pytest.mark.parametrize("name", WRITERS)
def test_an_output_that_is_closed(name: str, outputs: dict[str, Sequence[str]], redirected: Redirected) -> None:
    done = redirected(">&-", outputs[name])
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", CLOSED)
    everything = redirected("<&- >&- 2>&-", outputs[name])
    assert (everything.returncode, everything.stdout, everything.stderr) == (1, b"", b"")


@pytest.mark.parametrize("name", WRITERS)
def test_an_output_that_is_only_open_for_reading(
    name: str, outputs: dict[str, Sequence[str]], redirected: Redirected, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    done = redirected(f"1<'{tmp_path}/file'", outputs[name])
    assert (done.returncode, done.stderr) == (1, CLOSED)
    assert (tmp_path / "file").read_text() == "mine"


@needs_full
@pytest.mark.parametrize("name", WRITERS)
def test_an_output_that_is_full(name: str, outputs: dict[str, Sequence[str]], redirected: Redirected) -> None:
    done = redirected(">/dev/full", outputs[name])
    assert (done.returncode, done.stderr) == (1, NO_ROOM)
    assert redirected(">/dev/full 2>&1", outputs[name]).returncode == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("name", WRITERS)
def test_an_output_that_may_not_grow(
    name: str,
    unbuffered: str,
    outputs: dict[str, Sequence[str]],
    project: Path,
    tmp_path: Path,
    loaded: LoadedProgram,
) -> None:
    """As on a disk with a quota: some of the first piece is taken, the rest of it is not."""

    largest = 7
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    with (tmp_path / "out").open("wb") as out:
        if loads_the_client(outputs[name]):
            limits = {resource.RLIMIT_FSIZE: largest}
            done = loaded.run(*outputs[name], folder=project, environ=environ, stdout=out.fileno(), limits=limits)
        else:
            done = subprocess.run(
                [*COMMAND, *outputs[name]],
                cwd=project,
                env=environ,
                stdout=out,
                stderr=subprocess.PIPE,
                preexec_fn=limit,
                timeout=60,
            )
    assert (done.returncode, done.stderr) == (1, b"workbench: the output cannot be written: File too large\n")
    assert (tmp_path / "out").stat().st_size == largest


@pytest.mark.parametrize("name", WRITERS)
def test_a_reader_that_left(name: str, outputs: dict[str, Sequence[str]], project: Path, loaded: LoadedProgram) -> None:
    """That is said to nobody: who pipes into `head` has seen enough."""
    read, write = os.pipe()
    os.close(read)
    try:
        if loads_the_client(outputs[name]):
            done = loaded.run(*outputs[name], folder=project, stdout=write)
        else:
            command = [*COMMAND, *outputs[name]]
            done = subprocess.run(command, cwd=project, stdout=write, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("name", ["ask --json", "check", "--help"])
def test_a_pipe_that_does_not_block_is_waited_for(name: str, outputs: dict[str, Sequence[str]], project: Path) -> None:
    """As another program may have left it; and nothing is lost, however slowly it is read."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    fill = 0
    while True:
        try:
            fill += os.write(write, b"x" * 4096)
        except BlockingIOError:
            break
    process = subprocess.Popen([*COMMAND, *outputs[name]], cwd=project, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    got = bytearray()

    def drain() -> None:
        while piece := os.read(read, 512):
            got.extend(piece)

    reader = threading.Thread(target=drain)
    reader.start()
    told = process.communicate(timeout=60)[1]
    reader.join(60)
    os.close(read)
    assert process.returncode == 0
    assert b"Traceback" not in told
    whole = subprocess.run([*COMMAND, *outputs[name]], cwd=project, capture_output=True, timeout=60).stdout
    if name == "ask --json":
        assert got[fill:].splitlines()[-1].startswith(b'{"event": "turn-end"')
        assert len(got[fill:].splitlines()) == len(whole.splitlines())
    else:
        assert bytes(got[fill:]) == whole


def test_nothing_is_asked_when_the_answer_can_go_nowhere(redirected: Redirected, tmp_path: Path) -> None:
    done = redirected(">&-", ("ask", "--base-url", "http://127.0.0.1:1", "--record", str(tmp_path / "kept.jsonl"), "q"))
    assert (done.returncode, done.stderr) == (1, CLOSED)
    assert not (tmp_path / "kept.jsonl").exists()


@needs_full
def test_what_was_kept_until_the_output_was_full_can_be_gone_on_with(redirected: Redirected) -> None:
    done = redirected(">/dev/full", ("ask", "--offline", "--docs", "config/docs.yaml", "--session", QUESTION))
    assert (done.returncode, done.stderr) == (1, NO_ROOM)
    assert len(list((sessions_folder(os.environ) or Path()).glob("*.jsonl"))) == 1
    again = redirected("", ("ask", "--offline", "--docs", "config/docs.yaml", "--resume=", "And now?"))
    assert again.returncode == 0


# -- standard error ------------------------------------------------------------------------------

USAGE_ERRORS: tuple[list[str], ...] = (
    ["--nonsense"],
    ["ask"],
    ["ask", "--timeout", "x", "q"],
    ["check", "no/such.yaml"],
    [],
)


@needs_full
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "2</dev/null", "2>/dev/full >/dev/full", "2>&- >&-"])
@pytest.mark.parametrize("arguments", USAGE_ERRORS, ids=" ".join)
def test_a_usage_error_is_one_though_it_cannot_be_said(
    redirection: str, arguments: Sequence[str], project: Path
) -> None:
    done = in_shell(project, redirection, arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


@needs_full
@pytest.mark.parametrize(("redirection", "code"), [("2>/dev/full", 1), ("2</dev/null", 1), ("2>&-", 0)])
def test_notes_that_cannot_be_written_do_not_end_the_answer(
    redirection: str, code: int, redirected: Redirected
) -> None:
    arguments = ("ask", "--offline", "--docs", "config/docs.yaml", QUESTION)
    whole = redirected("", arguments)
    assert b"Sources:" in whole.stderr
    done = redirected(redirection, arguments)
    assert (done.returncode, done.stdout, done.stderr) == (code, whole.stdout, b"")


@needs_full
def test_check_says_what_is_wrong_though_the_good_files_cannot_be_told(redirected: Redirected) -> None:
    done = redirected(">/dev/full", ("check", "config/docs.yaml", "no/such.yaml", "config/tools.yaml"))
    assert done.returncode == 2
    assert [line.partition(b":")[0] for line in done.stderr.splitlines()] == [b"no/such.yaml", b"workbench"]


# -- standard input -------------------------------------------------------------------------------


@pytest.mark.parametrize("redirection", ["</proc/self/mem", "0>/dev/null"])
def test_a_question_from_what_cannot_be_read(redirection: str, redirected: Redirected) -> None:
    done = redirected(redirection, ("ask", "-"))
    assert done.returncode == 2
    assert done.stderr.startswith(b"PROMPT: standard input cannot be read: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_question_that_comes_slowly_through_a_pipe_that_does_not_block(project: Path) -> None:
    read, write = os.pipe()
    os.set_blocking(read, False)
    process = subprocess.Popen(
        [*COMMAND, "ask", "--offline", "-"], stdin=read, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=project
    )
    os.close(read)
    os.write(write, b"How do I ")
    os.write(write, b"define a tool?")
    os.close(write)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"This is the offline engine")
