"""Nothing that a tool starts outlives its call, whatever it does to get away."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import escapes
from tests.processes import MARK, marked, wait_until_none
from workbench.events import ToolResult
from workbench.tools.people import AlwaysApprove, NoPeople
from workbench.tools.runners.python import Python
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no way to adopt orphans")

PATIENCE = 20.0
WAYS = sorted(escapes.WAYS)
# After these the tool itself is ended before it can return.
DEADLY = {"keeper killed", "keeper killed by a child", "outer keeper killed", "both keepers killed"}


@pytest.fixture
def mark() -> Iterator[str]:
    mark = f"mark-{uuid.uuid4().hex}"
    yield mark
    wait_until_none(mark)  # whatever the test was about


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(escapes.__file__, tmp_path)
    return tmp_path


async def call(folder: Path, mark: str, function: str, *, timeout: float = PATIENCE, **arguments: str) -> ToolResult:
    spec = ToolSpec("tool", "", Python(f"escapes:{function}", folder), timeout=timeout)
    environ = {**os.environ, MARK: mark}
    box = Toolbox([spec], people=AlwaysApprove(NoPeople()), trust=TrustStore(), environ=environ)
    try:
        return await box.run(call_id="call", name="tool", arguments=json.dumps(arguments))
    finally:
        await box.aclose()


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("how", sorted(set(WAYS) - DEADLY))
async def test_nothing_is_left_after_a_cancellation(folder: Path, mark: str, how: str) -> None:
    note = folder / "note"
    running = asyncio.ensure_future(call(folder, mark, "stay", how=how, note=str(note)))
    await until(note.exists)
    assert marked(mark)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not marked(mark)


async def test_nothing_is_left_of_a_tool_that_stops_itself(folder: Path, mark: str) -> None:
    note = folder / "note"
    running = asyncio.ensure_future(call(folder, mark, "stop", how="daemon", note=str(note)))
    await until(note.exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not marked(mark)


@pytest.mark.parametrize("how", ["daemon", "sessions", "program without environment", "comet"])
async def test_nothing_is_left_after_a_timeout(folder: Path, mark: str, how: str) -> None:
    note = folder / "note"
    for timeout in (0.5, 2.0, 8.0):  # however slow this machine is to start a process
        result = await call(folder, mark, "stay", timeout=timeout, how=how, note=str(note))
        assert (result.error, result.error_kind) == (f"timed out after {timeout:g} s", "timeout")
        assert not marked(mark)
        if note.exists():
            return
    raise AssertionError("the tool never began")


@pytest.mark.parametrize("how", sorted({*WAYS} - DEADLY - {"closed"}))
async def test_nothing_is_left_after_an_answer(folder: Path, mark: str, how: str) -> None:
    result = await call(folder, mark, "leave", how=how)
    assert (result.result, result.error) == (how, None)
    assert not marked(mark)


async def test_a_tool_that_closes_everything_gives_no_answer_and_leaves_nothing(folder: Path, mark: str) -> None:
    result = await call(folder, mark, "leave", how="closed")
    assert result.error_kind == "exit"
    assert not marked(mark)


@pytest.mark.parametrize("how", sorted(DEADLY))
async def test_a_tool_that_kills_a_keeper_is_ended_all_the_same(folder: Path, mark: str, how: str) -> None:
    result = await call(folder, mark, "stay", how=how)
    assert result.error_kind == "exit"
    assert "it ended without a result" in (result.error or "")
    wait_until_none(mark)


async def test_calls_side_by_side_end_on_their_own(folder: Path, mark: str) -> None:
    """No keeper holds the pipes of another: the end of one call does not wait for the end of the others."""
    notes = [folder / f"note {number}" for number in range(4)]
    running = [
        asyncio.ensure_future(call(folder, f"{mark}-{number}", "stay", how="daemon", note=str(note)))
        for number, note in enumerate(notes)
    ]
    await until(lambda: all(note.exists() for note in notes))
    for number, one in enumerate(running):
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one
        assert not marked(f"{mark}-{number}")
        assert all(marked(f"{mark}-{other}") for other in range(number + 1, len(notes)))


async def test_two_cancellations_end_it_all_the_same(folder: Path, mark: str) -> None:
    note = folder / "note"
    running = asyncio.ensure_future(call(folder, mark, "stay", how="sessions", note=str(note)))
    await until(note.exists)
    for _ in range(2):
        running.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await running
    wait_until_none(mark)


@pytest.mark.parametrize("moment", range(0, 60, 5))
async def test_a_cancellation_at_any_moment_of_the_start_leaves_nothing(folder: Path, mark: str, moment: int) -> None:
    running = asyncio.ensure_future(call(folder, mark, "stay", how="daemon"))
    for _ in range(moment):
        await asyncio.sleep(0.001)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    wait_until_none(mark)
