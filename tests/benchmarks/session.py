"""A program under measurement: started, asked, typed into, and its cost between two moments."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import processes
from tests.benchmarks.programs import Program, environ
from tests.benchmarks.recorder import Read, Recorder
from tests.benchmarks.screen import Painted, Screen
from tests.benchmarks.server import Server
from tests.benchmarks.text import Order

START_LIMIT = 30.0  # seconds until a program that is not ready never will be
BEHIND_LIMIT = 60.0  # seconds that a program may go on working after an answer was sent
QUIET = 0.3  # seconds in which a program that has nothing to do uses at most
QUIET_CPU = 0.02  # seconds of CPU
FIRST_TOKENS = 600
ENTER, BACKSPACE = b"\r", b"\x7f"
WIDE, SMALL = (120, 40), (80, 24)
_ESCAPE = re.compile(rb"\x1b\[[^@-~]*[@-~]")


class Failed(Exception):
    """A program did not do what is measured; the text says what, and shows its screen."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes written to the terminal, and seconds of CPU and of time."""

    written: int
    cpu: float
    seconds: float


class Session:
    """One program in a terminal, with a server to ask. Made by `session`."""

    def __init__(self, program: Program, server: Server, recorder: Recorder, size: tuple[int, int]) -> None:
        self.program = program
        self.server = server
        self.recorder = recorder
        self._screen = Screen(size)
        self._fed = 0

    # -- waiting ------------------------------------------------------------------------------------

    def wait_until_ready(self) -> None:
        """Until the words that say so were written; they are looked for without a screen, which takes time."""
        ready = self.program.ready.encode()
        if not self.recorder.read_until(lambda: ready in self._written_text(), START_LIMIT):
            raise self.failed("was never ready")

    def settle(self, limit: float = BEHIND_LIMIT) -> bool:
        """Until the program has nothing left to do; False when it still has after `limit` seconds."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            before = processes.cpu_seconds(self.recorder.pid)
            self.recorder.read_for(QUIET)
            if self.recorder.ended:
                raise self.failed("ended")
            if processes.cpu_seconds(self.recorder.pid) - before <= QUIET_CPU:
                return True
        return False

    # -- asking -------------------------------------------------------------------------------------

    def ask(self, order: Order) -> None:
        """Type the order and send it; what was typed is on its way to the screen."""
        self.server.forget()
        self.recorder.send(str(order).encode())
        self.recorder.read_for(QUIET)
        self.recorder.send(ENTER)

    def wait_until_sent(self, order: Order) -> dict[str, float]:
        """Until the server has sent the answer; returns when it sent each of its markers."""
        markers = order.answer().markers
        limit = BEHIND_LIMIT + (order.size / order.rate if order.rate else 0)
        if not self.recorder.read_until(lambda: markers[-1] in self.server.sent(), limit):
            raise self.failed(f"has not read the answer to {str(order)!r}")
        return dict(self.server.sent())

    def answer(self, order: Order) -> None:
        """Ask, and let the answer come whole."""
        self.ask(order)
        self.wait_until_sent(order)
        self.settle()

    # -- measuring ----------------------------------------------------------------------------------

    @contextmanager
    def cost(self) -> Iterator[list[Cost]]:
        """Adds to the list what was spent within the block."""
        costs: list[Cost] = []
        began, first = time.monotonic(), len(self.recorder.reads)
        cpu = processes.cpu_seconds(self.recorder.pid)
        yield costs
        used = processes.cpu_seconds(self.recorder.pid) - cpu
        costs.append(Cost(size_of(self.recorder.reads[first:]), used, time.monotonic() - began))

    def idle(self, seconds: float) -> Cost:
        with self.cost() as costs:
            self.recorder.read_for(seconds)
        return costs[0]

    def painted(self) -> list[Painted]:
        """What came onto the screen since this was last called. Takes long: never while something is measured."""
        new = self.recorder.reads[self._fed :]
        self._fed += len(new)
        return self._screen.feed(new)

    def rows(self) -> list[str]:
        """The screen now."""
        self.painted()
        return self._screen.rows()

    def failed(self, what: str) -> Failed:
        self.painted()
        return Failed(f"{self.program.name} {what}; its screen:\n{self._screen.text()}")

    def _written_text(self) -> bytes:
        return _ESCAPE.sub(b"", b"".join(read.data for read in self.recorder.reads))


@contextmanager
def session(program: Program, size: tuple[int, int] = WIDE) -> Iterator[Session]:
    """The program, started with an empty home; it and the server end with the block."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        home = Path(folder)
        with Server() as server, Recorder(program.argv(server.url), size, environ(home), home) as recorder:
            yield Session(program, server, recorder, size)


@contextmanager
def warm_session(program: Program, size: tuple[int, int] = WIDE) -> Iterator[Session]:
    """The same after a first answer: nothing is imported or connected any more, and the next words scroll."""
    with session(program, size) as running:
        running.wait_until_ready()
        running.settle()
        running.answer(Order("prose", FIRST_TOKENS, 0))
        yield running


def size_of(reads: Sequence[Read]) -> int:
    return sum(len(read.data) for read in reads)
