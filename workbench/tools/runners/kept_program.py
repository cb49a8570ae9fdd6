"""A program in the care of a keeper (`keeper.py`): whatever it starts ends with it, and with us.

Owns the pipes to the keeper and the end of the program. That only this process holds their writing ends is what
makes its death, of whatever kind, the end of the program: they are never inherited.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from io import FileIO
from pathlib import Path

from workbench.tools.runners.keeper import descendants
from workbench.tools.runners.pipes import pipe_from

_KEEPER = Path(__file__).with_name("keeper.py")
# How long to wait for the keeper to end what is left; it goes on without us when that takes longer.
_END_SECONDS = 1.0
_REPORT_LIMIT = 1_000
_INNER_KEEPER_AND_PROGRAM = 2


class KeptProgram:
    """A program that runs. `over` is set when it has ended, or cannot be started."""

    def __init__(self, process: asyncio.subprocess.Process, report: _Report, ask: FileIO, end: FileIO) -> None:
        """Use `start`. `ask` and `end` are the writing ends of the keeper's pipes."""
        self._process = process
        self._report = report
        self._ask = ask
        self._end = end
        self.over = report.over
        # A keeper may be killed, too: its death is the end of what it kept.
        self._exited = asyncio.ensure_future(process.wait())
        self._exited.add_done_callback(lambda _: self.over.set())

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None if it is not known, or not yet."""
        return self._report.told.get("ended")

    def is_alone(self) -> bool:
        """Whether the program is seen to run, and to have nothing else that descends from it.

        Two keepers are between it and us. False where the system does not show what descends from a process.
        """
        found = descendants(self._process.pid)
        return len(found) == _INNER_KEEPER_AND_PROGRAM and self._report.told.get("started") in found

    def check_started(self) -> None:
        """Raises OSError when the program could not be started."""
        number = self._report.told.get("refused")
        if number is not None:
            raise OSError(number, os.strerror(number))

    async def end(self, patience: float, *, ask: bool) -> None:
        """Nothing of the program is left when this returns; a cancellation meanwhile only hastens it.

        It may take `patience` seconds to leave by itself; `ask` tells it to, with SIGTERM.
        """
        try:
            if ask:
                self._ask.close()
            if not self._exited.done():
                await asyncio.wait({self._report.closed}, timeout=patience)
        finally:
            self._let_go()
        await asyncio.wait({self._report.closed}, timeout=_END_SECONDS)
        self._end_without_keeper()
        await asyncio.wait({self._exited}, timeout=_END_SECONDS)

    def _let_go(self) -> None:
        for pipe in (self._ask, self._end):
            pipe.close()
        if not self._report.closed.done():
            with contextlib.suppress(ProcessLookupError):
                # The program may have stopped its keeper. Not by the process object: that would reap it by the way.
                os.kill(self._process.pid, signal.SIGCONT)

    def _end_without_keeper(self) -> None:
        """End what can be found of a program that has killed its keepers."""
        leader = self._report.told.get("started")
        if leader is not None and "gone" not in self._report.told:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(leader, signal.SIGKILL)


async def start(
    argv: Sequence[str],
    *,
    stdin: int,
    stdout: int,
    stderr: int,
    environ: Mapping[str, str],
    ours: contextlib.ExitStack,
    cwd: Path | None = None,
) -> KeptProgram:
    """Starts `argv` with these descriptors, in `cwd`; what it holds of ours is let go with `ours`.

    Raises OSError when not even the keeper can be started.
    """
    report = _Report()
    with contextlib.ExitStack() as theirs:
        told, _ = await pipe_from(report, ours, theirs)
        ask, asks = _pipe_to_close(ours, theirs)
        end, ends = _pipe_to_close(ours, theirs)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(_KEEPER), *map(str, (ask, end, told)), *argv,
            stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=(ask, end, told),
            env=dict(environ), cwd=cwd, start_new_session=True,
        )  # fmt: skip
    return KeptProgram(process, report, asks, ends)


class _Report(asyncio.Protocol):
    """What the keeper tells: the number after each word. `over` is set when there is nothing to wait for."""

    def __init__(self) -> None:
        self._received = b""
        self.told: dict[str, int] = {}
        self.over = asyncio.Event()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        *lines, self._received = (self._received + data)[-_REPORT_LIMIT:].split(b"\n")
        for line in lines:
            word, _, number = line.decode("ascii", "replace").partition(" ")
            with contextlib.suppress(ValueError):
                self.told.setdefault(word, int(number))
        if "ended" in self.told or "refused" in self.told:
            self.over.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set()
        if not self.closed.done():
            self.closed.set_result(None)


def _pipe_to_close(ours: contextlib.ExitStack, theirs: contextlib.ExitStack) -> tuple[int, FileIO]:
    """A pipe that says one thing, by being closed: the keeper's end and ours."""
    read, write = os.pipe()
    theirs.callback(os.close, read)
    return read, ours.enter_context(os.fdopen(write, "wb", buffering=0))
