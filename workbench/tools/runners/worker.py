"""A worker: one process of `child.py` that takes one call after another, in the care of a keeper.

Owns its pipes, which answer and which output belong to which call, and whether it is as it was before. Refuses to
outlive a call that did not end well, or that left something running: then nothing of it is left when the call is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.tools import jsontext
from workbench.tools.runners import kept_program as kept
from workbench.tools.runners.pipes import Answers, Tail, pipe_from, pipe_to, read_what_is_there
from workbench.tools.runners.programs import DRAIN_SECONDS, LEAVE_SECONDS, within

OUTPUT_LIMIT = 64_000
_CHILD = Path(__file__).with_name("child.py")
# The child counts UTF-8 bytes but answers in ASCII, where one byte may become six.
_ANSWER_LIMIT = 6 * jsontext.MAX_BYTES + 1_000


@dataclass(frozen=True, slots=True)
class Answered:
    """How a call of a worker ended.

    `answer` is the text of its JSON, None when there was none; `overlong` says that it went over the limit. `output` is
    the last of what was printed, behind `left_out` bytes. `status` is the exit status of a worker that ended before it
    answered, negative for a signal, None if it is not known.
    """

    answer: bytes | None
    overlong: bool
    timed_out: bool
    status: int | None
    output: str
    left_out: int


class Worker:
    """One process. Use `started`; `is_over` once it takes no more calls."""

    def __init__(self, program: kept.KeptProgram, pipes: _Pipes, ours: contextlib.ExitStack) -> None:
        """`ours` is what is held of the pipes."""
        self._program = program
        self._pipes = pipes
        self._ours = ours
        self._is_ending = False

    @classmethod
    async def started(cls, begin: Mapping[str, Any], environ: Mapping[str, str]) -> Worker:
        """A worker that was told how to `begin`; `environ` is its whole environment.

        Raises OSError when it cannot be started. When this is cancelled, nothing is left of it soon after.
        """
        answers, output = Answers(_ANSWER_LIMIT), Tail(OUTPUT_LIMIT)
        # -P: this script's own folder must not be importable, its modules would hide the user's of the same names.
        argv = [sys.executable, "-P", "-u", str(_CHILD)]
        with contextlib.ExitStack() as ours:
            with contextlib.ExitStack() as theirs:
                stdin, send = await pipe_to(ours, theirs)
                stdout, from_stdout = await pipe_from(answers, ours, theirs)
                stderr, from_stderr = await pipe_from(output, ours, theirs)
                program = await kept.start(
                    argv, stdin=stdin, stdout=stdout, stderr=stderr, environ=environ, ours=ours
                )  # fmt: skip
            send.write(_line(begin))
            return cls(program, _Pipes(send, answers, output, from_stdout, from_stderr), ours.pop_all())

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or is about to."""
        return self._is_ending or self._program.over.is_set()

    async def call(
        self,
        request: Mapping[str, Any],
        *,
        timeout: float,
        on_progress: Callable[[bytes], None],
        on_line: Callable[[str], None],
    ) -> Answered:
        """Has it answer the request, to which a nonce is added, or fail to within `timeout` seconds.

        `on_progress` is given what the function tells, as JSON, `on_line` what it prints. It may be called again unless
        it `is_over` then. Raises OSError when the worker could not be started.
        """
        # An answer begins with what only child.py knows: what a tool writes to other descriptors is none.
        nonce = os.urandom(16).hex()
        pipes, over = self._pipes, self._program.over
        pipes.answers.expect(nonce.encode("ascii"), on_progress)
        pipes.output.clear()
        pipes.output.on_line = on_line
        timed_out, is_well = True, False
        try:
            pipes.send.write(_line({"nonce": nonce, **request}))
            timed_out = not await within(timeout, pipes.answers.over, over)
            pipes.read()
            is_well = pipes.answers.line is not None and not pipes.answers.is_last and self._program.is_alone()
        finally:
            if not is_well:
                await self.end(ask=timed_out)
            pipes.output.on_line = None
        self._program.check_started()
        answers, output = pipes.answers, pipes.output
        status = self._program.status
        return Answered(answers.line, answers.overlong, timed_out, status, output.text, output.left_out)

    async def end(self, *, ask: bool = False) -> None:
        """Nothing of it is left when this returns; `ask` tells it to leave with SIGTERM, else its input ends.

        A cancellation meanwhile only hastens it.
        """
        self._is_ending = True
        try:
            self._pipes.send.close()
            await self._program.end(LEAVE_SECONDS, ask=ask)
            await asyncio.wait({self._pipes.answers.closed, self._pipes.output.closed}, timeout=DRAIN_SECONDS)
            self._pipes.read()
        finally:
            self._ours.close()


@dataclass(frozen=True, slots=True)
class _Pipes:
    """The pipes to a worker and from it, with who reads them."""

    send: asyncio.WriteTransport
    answers: Answers
    output: Tail
    from_stdout: asyncio.ReadTransport
    from_stderr: asyncio.ReadTransport

    def read(self) -> None:
        """Take in what has come by now: what was printed before an answer is there when the answer is."""
        read_what_is_there(self.from_stdout, self.answers)
        read_what_is_there(self.from_stderr, self.output)


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode("ascii") + b"\n"
