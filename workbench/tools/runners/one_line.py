"""One child process for one line in and one line out, and nothing left of it afterwards.

Owns the limits on what is read, and the order of things: the child has a keeper, which kills all that descends from
it when the call is over, however it ends. Output is read while the child runs and only as much kept as the
limits say, so a child can neither block on a full pipe nor fill the memory.
Knows nothing of tools.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.tools.runners import kept_program as kept
from workbench.tools.runners.pipes import FirstLine, Tail, pipe_from, pipe_to

OUTPUT_LIMIT = 64_000
# How long a child may take to leave after its answer, or after SIGTERM, before it is killed.
LEAVE_SECONDS = 0.5
# How long to wait for the end of the pipes once nothing of the child is left that could hold them.
DRAIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended.

    `answer` is its line on stdout without the prefix and the newline, None when it gave no whole line; `overlong` says
    that the line went over the limit. `output` is the last of its stderr, behind `left_out` bytes. `status` is the exit
    status, negative for a signal, None if it is not known.
    """

    answer: bytes | None
    overlong: bool
    timed_out: bool
    status: int | None
    output: str
    left_out: int = 0


async def run_child(
    argv: Sequence[str],
    request: bytes,
    *,
    environ: Mapping[str, str],
    timeout: float,
    answer_limit: int,
    answer_prefix: bytes = b"",
) -> Ended:
    """Starts `argv`, writes `request` to its stdin, and waits for a line, its end, or `timeout` seconds.

    A line counts when it begins with `answer_prefix`. Raises OSError when the child cannot be started. On
    cancellation nothing of it is left when CancelledError goes on.
    """
    answer, output = FirstLine(answer_limit, answer_prefix), Tail(OUTPUT_LIMIT)
    with contextlib.ExitStack() as ours:
        with contextlib.ExitStack() as theirs:
            stdin, send = await pipe_to(ours, theirs)
            stdout, stderr = [await pipe_from(protocol, ours, theirs) for protocol in (answer, output)]
            child = await kept.start(argv, stdin=stdin, stdout=stdout, stderr=stderr, environ=environ, ours=ours)
        timed_out = True
        try:
            send.write(request)
            send.close()
            timed_out = not await _within(timeout, answer.over, child.over)
        finally:
            await child.end(LEAVE_SECONDS, ask=timed_out)
        await asyncio.wait({answer.closed, output.closed}, timeout=DRAIN_SECONDS)
        child.check_started()
    return Ended(answer.line, answer.overlong, timed_out, child.status, output.text, output.left_out)


async def _within(seconds: float, *events: asyncio.Event) -> bool:
    """Whether one of the events comes in time."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for task in waiting:
            task.cancel()
