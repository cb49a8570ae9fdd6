"""Files that are no recording, or too large for one: a line and exit 2, at once and with little memory."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.core.streams import CASSETTES
from tests.loaded import LoadedProgram
from workbench.recordings.recording import RecordingWriter

MEMORY = 200 * 1024 * 1024
HUGE = 3 * 1024**3


def command(loaded: LoadedProgram, *argv: object) -> subprocess.CompletedProcess[str]:
    """The command, with so much memory for its data."""
    return loaded.run_text(*map(str, argv), limits={resource.RLIMIT_DATA: MEMORY})


def recording(path: Path) -> Path:
    writer = RecordingWriter.create(path, {"began": 1_700_000_000.0})
    writer.append("turn-start", {"turn": 1, "prompt": "Hello?"})
    writer.close()
    return path


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listening(path: Path) -> None:
    # The name of a socket may be no longer than 108 bytes; it is bound by a short one.
    folder = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


def huge_line(path: Path) -> None:
    recording(path)
    os.truncate(path, HUGE)


def long_line(path: Path) -> None:
    recording(path)
    os.truncate(path, HUGE // 6)


def zeros(path: Path) -> None:
    path.touch()
    os.truncate(path, HUGE // 6)


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pipe without a writer": (pipe, "is a pipe"),
    "a device": (device, "is a device"),
    "a terminal": (lambda path: path.symlink_to("/dev/tty"), "is a device"),
    "a folder": (lambda path: path.mkdir(), "is a folder"),
    "a socket": (listening, "is a socket"),
    "nothing": (lambda path: path.touch(), "is empty"),
    "a file of the system": (lambda path: path.symlink_to("/proc/self/environ"), "is empty"),
    "a link to nothing": (lambda path: path.symlink_to(path.parent / "nothing"), "No such file"),
    "a link to itself": (lambda path: path.symlink_to(path), "symbolic links"),
    "a line of 3 GiB": (huge_line, "is too large: 3.0 GiB, and at most 1 GiB"),
    "a line of half a GiB": (long_line, ":3: the line is longer than 64 MiB"),
    "half a GiB of zeros": (zeros, ":1: the line is longer than 64 MiB"),
}


@pytest.mark.parametrize("suffix", [".jsonl", ".sse"])
@pytest.mark.parametrize("kind", ODD)
def test_what_cannot_be_played_is_said_at_once(kind: str, suffix: str, tmp_path: Path, loaded: LoadedProgram) -> None:
    make, says = ODD[kind]
    path = tmp_path / f"odd{suffix}"
    make(path)
    done = command(loaded, "replay", path, "--json")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"{path}:")
    assert says in done.stderr
    assert done.stdout == ""


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Path]:
    """A pipe whose writer never ends."""
    path = tmp_path / "endless.jsonl"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            try:
                os.write(descriptor, b"x" * 4096)
            except BlockingIOError:
                over.wait(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    yield path
    over.set()
    writer.join()
    os.close(descriptor)


def test_a_pipe_whose_writer_never_ends(endless: Path, loaded: LoadedProgram) -> None:
    done = command(loaded, "replay", endless, "--json")
    assert (done.returncode, done.stderr) == (2, f"{endless}: is a pipe, not a file that can be read\n")


@pytest.mark.parametrize("kind", ODD)
def test_what_cannot_be_gone_on_with_is_said(kind: str, tmp_path: Path, loaded: LoadedProgram) -> None:
    make, says = ODD[kind]
    path = tmp_path / "odd.jsonl"
    make(path)
    done = command(loaded, "ask", "--offline", "--resume", path, "Hello?")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert str(path) in done.stderr
    assert says in done.stderr or done.stderr == f"--resume: there is no such file ({path})\n"


@pytest.mark.parametrize("kind", ODD)
def test_nothing_is_recorded_over(kind: str, tmp_path: Path, loaded: LoadedProgram) -> None:
    path = tmp_path / "odd.jsonl"
    ODD[kind][0](path)
    before = os.lstat(path)
    done = command(loaded, "ask", "--offline", "--record", path, "Hello?")
    assert done.returncode == 2
    assert done.stderr == f"--record: {path}: exists already; give the recording another name\n"
    assert (os.lstat(path).st_mode, os.lstat(path).st_size) == (before.st_mode, before.st_size)


def test_a_recording_that_grows_is_played_as_far_as_it_was(tmp_path: Path, loaded: LoadedProgram) -> None:
    """What is written meanwhile, as fast as anyone may, keeps nobody from coming to an end."""
    path = recording(tmp_path / "a.jsonl")
    over = threading.Event()

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not over.is_set() and file.tell() < 10**9:
                file.write(b"x" * 100_000 + b"\n")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        done = command(loaded, "replay", path, "--json")
    finally:
        over.set()
        writer.join()
    assert done.returncode in (1, 2)
    assert done.stderr == "" or done.stderr.startswith(f"{path}:3: the checksum is missing or wrong")


def test_the_list_reads_only_the_ends_of_files(tmp_path: Path, loaded: LoadedProgram) -> None:
    folder = Path(os.environ["XDG_STATE_HOME"]) / "workbench" / "sessions"
    folder.mkdir(parents=True)
    huge_line(folder / "20260103-101010-aaaaaa.jsonl")
    (folder / "20260102-101010-aaaaaa.jsonl").write_bytes((CASSETTES / "plain_text.sse").read_bytes())
    recording(folder / "20260101-101010-aaaaaa.jsonl")
    pipe(folder / "20260104-101010-aaaaaa.jsonl")
    (folder / "20260105-101010-aaaaaa.jsonl").touch()
    done = command(loaded, "sessions", "list")
    assert (done.returncode, done.stderr) == (0, "")
    said = [(line[:8], line[40:].strip()) for line in done.stdout.splitlines()]
    assert said == [
        ("20260105", "? turns  (is empty)"),
        ("20260104", "? turns  (is a pipe, not a file that can be read)"),
        ("20260103", "? turns  Hello?"),
        ("20260102", "? turns  (is no recording)"),
        ("20260101", "1 turn  Hello?"),
    ]
