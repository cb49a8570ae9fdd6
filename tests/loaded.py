"""The program in processes that begin with its modules loaded: each is forked from one that has imported them.

For what the program writes, leaves and ends with, each time in a process of its own, with its own arguments,
environment, folder and standard streams, and ended as Python ends one. Importing is most of what a short command
costs. Where the start of a process is the matter, what Python itself reads then, or another program that starts this
one, it is `python -m workbench` that has to be started; tests/core/test_loaded.py compares the two.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import pty
import resource
import selectors
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TextIO

from tests.inherited import hear_signals

PATIENCE = 60.0  # seconds until a program counts as one that hangs
STREAMS = ("<stdin>", "<stdout>", "<stderr>")
HEAD = struct.Struct("!I")  # the length of an order; of its answers: the number of the process, then its exit code
# What a command imports when it needs it, beside the modules of the program.
ON_DEMAND = (
    "cohere.client", "cohere.v2.client", "cohere.types.detokenize_response", "httpx", "jsonschema.validators",
    "encodings.idna", "markdown_it", "yaml",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What a process is to run. `streams` says which of its standard streams are open; one more file is given for each.

    `limits` are pairs of a resource and its soft limit, `user` whom to become first, `terminal` whether the first
    stream is the terminal of a session of its own, `adopted` whether it is to be a child of whoever ordered it.
    """

    arguments: Sequence[str]
    environ: Mapping[str, str]
    folder: str
    streams: Sequence[bool]
    limits: Sequence[tuple[int, int]] = ()
    user: int | None = None
    terminal: bool = False
    adopted: bool = False


class LoadedProgram:
    """Runs the program, one command at a time; with its `screen` loaded as well, or without."""

    def __init__(self, project: Path, *, screen: bool = False) -> None:
        self._screen = screen
        self._socket, theirs = socket.socketpair()
        self._start = {name: value for name, value in os.environ.items() if self._is_read_at_the_start(name)}
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.loaded", str(theirs.fileno()), *(["screen"] if screen else [])],
                cwd=project,
                env={"PATH": os.environ.get("PATH", os.defpath), **self._start},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._server.wait(PATIENCE)

    def run(
        self,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stdin: int | None = subprocess.DEVNULL,
        stdout: int | None = subprocess.PIPE,
        stderr: int | None = subprocess.PIPE,
        limits: Mapping[int, int] | None = None,
        user: int | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """As `subprocess.run`, where None is a stream that is closed."""
        with contextlib.ExitStack() as stack:

            def null() -> int:
                opened = os.open(os.devnull, os.O_RDONLY)
                stack.callback(os.close, opened)
                return opened

            read: dict[int, int] = {}
            files: list[int | None] = [null() if stdin == subprocess.DEVNULL else stdin]
            written = []
            for number, wanted in ((1, stdout), (2, stderr)):
                if wanted == subprocess.PIPE:
                    read[number], wanted = os.pipe()
                    stack.callback(os.close, read[number])
                    written.append(wanted)
                files.append(wanted)
            self._begin(
                Order(
                    arguments,
                    self._fit(environ),
                    str(folder or Path.cwd()),
                    [each is not None for each in files],
                    tuple((limits or {}).items()),
                    user,
                ),
                [each for each in files if each is not None],
            )
            for each in written:
                os.close(each)
            pieces = self._collect(read, arguments)
            return subprocess.CompletedProcess(
                ["workbench", *arguments], self._end(arguments), pieces.get(1, b""), pieces.get(2, b"")
            )

    def run_text(
        self,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        limits: Mapping[int, int] | None = None,
        user: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """As `run`, with what was written as text."""
        done = self.run(*arguments, environ=environ, folder=folder, limits=limits, user=user)
        out, err = (each.decode("utf-8", "surrogateescape") for each in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def run_in_terminal(self, *arguments: str, folder: Path, columns: int, rows: int) -> tuple[int, bytes]:
        """The exit code, and every byte that was written to the terminal."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        try:
            try:
                order = Order(arguments, self._fit(environ), str(folder), [True] * 3, terminal=True)
                self._begin(order, [theirs] * 3)
            finally:
                os.close(theirs)
            written = self._collect({0: ours}, arguments)[0]
            return self._end(arguments), written
        finally:
            os.close(ours)

    def adopt(self, arguments: Sequence[str], *, environ: Mapping[str, str], folder: Path, terminal: int) -> int:
        """Start the program at a terminal, as a child of this process. Returns its number."""
        order = Order(arguments, self._fit(environ), str(folder), [True] * 3, terminal=True, adopted=True)
        with _adopting():
            return self._begin(order, [terminal] * 3)

    def fits(self, environ: Mapping[str, str]) -> bool:
        """Whether a program that starts with these variables may be forked: what reads them first has yet to do so."""
        changed = {name for name in {*environ, *self._start} if self._is_read_at_the_start(name)}
        return all(environ.get(name) == self._start.get(name) for name in changed)

    def _fit(self, environ: Mapping[str, str] | None) -> Mapping[str, str]:
        chosen = dict(os.environ if environ is None else environ)
        assert self.fits(chosen), "Python reads that at its start, or Textual when it is imported"
        return chosen

    def _is_read_at_the_start(self, name: str) -> bool:
        """Whether Python itself goes by this variable, or the screen, and a process that is forked is too late."""
        of_python = name.startswith("PYTHON") and name != "PYTHONUNBUFFERED"
        return of_python or name.startswith("LC_") or name == "LANG" or (self._screen and name.startswith("TEXTUAL"))

    def _begin(self, order: Order, files: Sequence[int]) -> int:
        data = json.dumps(asdict(order)).encode()
        socket.send_fds(self._socket, [HEAD.pack(len(data))], files)
        self._socket.sendall(data)
        self._pid = int(HEAD.unpack(_exactly(self._socket, HEAD.size))[0])
        return self._pid

    def _collect(self, files: Mapping[int, int], arguments: Sequence[str]) -> dict[int, bytes]:
        """What is written to each of the files until nobody has it open any more."""
        pieces = {number: bytearray() for number in files}
        limit = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            for number, file in files.items():
                selector.register(file, selectors.EVENT_READ, number)
            while selector.get_map():
                ready = selector.select(limit - time.monotonic())
                if not ready:
                    self._give_up(arguments)
                for key, _ in ready:
                    try:
                        piece = os.read(key.fd, 65536)
                    except OSError:  # a terminal that nobody has open
                        piece = b""
                    pieces[key.data] += piece
                    if not piece:
                        selector.unregister(key.fd)
        return {number: bytes(piece) for number, piece in pieces.items()}

    def _end(self, arguments: Sequence[str]) -> int:
        self._socket.settimeout(PATIENCE)
        try:
            (status,) = HEAD.unpack(_exactly(self._socket, HEAD.size))
        except TimeoutError:
            self._give_up(arguments)
            raise
        finally:
            self._socket.settimeout(None)
        return os.waitstatus_to_exitcode(status)

    def _give_up(self, arguments: Sequence[str]) -> None:
        os.kill(self._pid, signal.SIGKILL)
        _exactly(self._socket, HEAD.size)
        raise subprocess.TimeoutExpired(["workbench", *arguments], PATIENCE)


@contextlib.contextmanager
def _adopting() -> Iterator[None]:
    """Within, a process whose parent ends becomes a child of this one (prctl(2))."""
    prctl, of_this = ctypes.CDLL(None, use_errno=True).prctl, 36  # PR_SET_CHILD_SUBREAPER
    assert prctl(of_this, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        prctl(of_this, 0, 0, 0, 0)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError("the other side has gone")
        data += piece
    return bytes(data)


# -- the process that has loaded the modules ----------------------------------------------------------


def _load(*, screen: bool) -> None:
    import workbench

    for module in pkgutil.walk_packages(workbench.__path__, "workbench."):
        if module.name != "workbench.__main__" and (screen or not module.name.startswith("workbench.ui")):
            importlib.import_module(module.name)
    for name in ON_DEMAND:
        importlib.import_module(name)
    assert screen or "textual" not in sys.modules, "it reads the environment when it is imported"
    gc.collect()
    gc.freeze()


def _serve(connection: socket.socket) -> Order | None:
    """Start a process for every order. Returns its order in each of those, and None when there are no more."""
    while True:
        head, files, _, _ = socket.recv_fds(connection, HEAD.size, 3)
        if not head:
            return None
        (size,) = HEAD.unpack(head)
        order = Order(**json.loads(_exactly(connection, size)))
        pid = _fork_orphan() if order.adopted else os.fork()
        if pid == 0:
            connection.close()
            _become(order, files)
            return order
        for file in files:
            os.close(file)
        connection.sendall(HEAD.pack(pid))
        if not order.adopted:
            connection.sendall(HEAD.pack(os.waitpid(pid, 0)[1]))


def _fork_orphan() -> int:
    """As `os.fork`, but the parent of the new process has ended when this returns."""
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:
        if pid := os.fork():
            os.write(write, HEAD.pack(pid))
            os._exit(0)
        os.close(read)
        os.close(write)
        return 0
    os.close(write)
    (pid,) = HEAD.unpack(os.read(read, HEAD.size))
    os.close(read)
    os.waitpid(parent, 0)
    return int(pid)


def _become(order: Order, files: Sequence[int]) -> None:
    """Be what a process is that was just started so."""
    hear_signals()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    if order.terminal:
        fcntl.ioctl(files[0], termios.TIOCSCTTY, 0)
    given = iter(files)
    for number, is_open in enumerate(order.streams):
        if is_open:
            os.dup2(next(given), number)
        else:
            os.close(number)
    for file in files:
        os.close(file)
    os.environ.clear()
    os.environ.update(order.environ)
    time.tzset()
    os.chdir(order.folder)
    for kind, soft in order.limits:
        resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1]))
    if order.user is not None:
        os.setgroups([])
        os.setresgid(order.user, order.user, order.user)
        os.setresuid(order.user, order.user, order.user)
    sys.stdin, sys.stdout, sys.stderr = (_stream(number) for number in range(3))
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc, assignment]
    sys.argv = ["workbench", *order.arguments]
    sys.path[0] = order.folder


def _stream(number: int) -> TextIO | None:
    """A standard stream as Python makes it at its start: None for one that is closed."""
    try:
        os.fstat(number)
    except OSError:
        return None
    unbuffered = bool(number and os.environ.get("PYTHONUNBUFFERED"))
    file = open(number, "wb" if number else "rb", buffering=0 if unbuffered else -1, closefd=False)  # noqa: SIM115
    raw: Any = file if unbuffered else file.raw  # type: ignore[attr-defined]
    raw.name = STREAMS[number]
    return io.TextIOWrapper(
        file,
        encoding="utf-8",
        errors="backslashreplace" if number == 2 else "strict",
        newline="\n" if number else None,
        line_buffering=not unbuffered and (number == 2 or os.isatty(number)),
        write_through=unbuffered,
    )


def _leave(code: int) -> NoReturn:
    """End as Python does, but for taking apart all that was loaded, which would copy it first.

    Threads are waited for, functions for the exit are called; text that nobody could write is reported, and 120.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except (OSError, ValueError) as error:
            code = 120
            if stream is sys.stdout and sys.stderr is not None:
                sys.stderr.write(f"Exception ignored in: {stream!r}\n{error!r}\n")
    os._exit(code)


if __name__ == "__main__":
    _load(screen="screen" in sys.argv[2:])
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        ordered = _serve(orders)
    if ordered is not None:
        from workbench.__main__ import main

        try:
            main()
        except SystemExit as end:
            assert isinstance(end.code, int)
            _leave(end.code)
