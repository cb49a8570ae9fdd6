"""One program, run to its end, and nothing left of it afterwards. Knows nothing of tools.

Owns the order of things: the program has a keeper, which kills all that descends from it when it is over, however it
ends. Output is read while it runs and only as much kept as whoever reads it keeps, so that it can neither block on a
full pipe nor fill the memory.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.tools.runners import kept_program as kept
from workbench.tools.runners.pipes import Head, Tail, pipe_from, pipe_to, read_what_is_there

# How long a program may take to leave after its work is done, or after SIGTERM, before it is killed.
LEAVE_SECONDS = 0.5
# How long to wait for the end of the pipes once nothing of the program is left that could hold them.
DRAIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: `status` is the exit status, negative for a signal, None if it is not known."""

    timed_out: bool
    status: int | None


async def run_program(
    argv: Sequence[str],
    stdin: bytes,
    *,
    stdout: Head,
    stderr: Tail,
    environ: Mapping[str, str],
    timeout: float,
    cwd: Path | None = None,
) -> Ended:
    """Starts `argv` in `cwd`, writes `stdin`, reads both streams, and waits for its end or `timeout` seconds.

    Raises OSError when the program cannot be started. On cancellation nothing of it is left when CancelledError goes
    on.
    """
    with contextlib.ExitStack() as ours:
        with contextlib.ExitStack() as theirs:
            read, send = await pipe_to(ours, theirs)
            out, from_out = await pipe_from(stdout, ours, theirs)
            err, from_err = await pipe_from(stderr, ours, theirs)
            program = await kept.start(
                argv, stdin=read, stdout=out, stderr=err, environ=environ, ours=ours, cwd=cwd
            )  # fmt: skip
        timed_out = True
        try:
            send.write(stdin)
            send.close()
            timed_out = not await within(timeout, program.over)
        finally:
            await program.end(LEAVE_SECONDS, ask=timed_out)
        await asyncio.wait({stdout.closed, stderr.closed}, timeout=DRAIN_SECONDS)
        read_what_is_there(from_out, stdout)
        read_what_is_there(from_err, stderr)
        program.check_started()
    return Ended(timed_out, program.status)


async def within(seconds: float, *events: asyncio.Event) -> bool:
    """Whether one of the events comes in time."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for task in waiting:
            task.cancel()
