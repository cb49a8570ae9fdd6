"""The life of a tool's process: calls overlap, and nothing of a call is left when it is over."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.events import ToolResult
from workbench.tools.people import AlwaysApprove, NoPeople
from workbench.tools.runners.python import Python
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

PATIENCE = 20.0

TOOLS = r"""
import os, signal, subprocess, time

def echo(**arguments):
    print("called")
    return arguments

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def fork():
    if os.fork() == 0:
        return "from the fork"
    os.wait()
    return "from the tool"

def leave():
    return subprocess.Popen(["sleep", "600"]).pid

def escape():
    return subprocess.Popen(["sleep", "600"], start_new_session=True).pid

def linger(note):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pids = [os.getpid(), subprocess.Popen(["sleep", "600"]).pid]
    fork = os.fork()
    if fork == 0:
        time.sleep(600)
    pids.append(fork)
    with open(note + ".part", "w") as file:
        file.write(" ".join(map(str, pids)))
    os.rename(note + ".part", note)
    time.sleep(600)

def meet(mine, theirs):
    open(mine, "w").close()
    deadline = time.monotonic() + 20
    while not os.path.exists(theirs):
        if time.monotonic() > deadline:
            raise TimeoutError("nobody came")
        time.sleep(0.005)
    return "met"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mine.py").write_text(TOOLS)
    return tools


async def run(
    folder: Path, function: str, arguments: str = "", *, timeout: float = PATIENCE, **options: Any
) -> ToolResult:
    spec = ToolSpec(function, "", Python(f"mine:{function}", folder), timeout=timeout)
    box = Toolbox(
        [spec],
        people=AlwaysApprove(NoPeople()),
        trust=TrustStore(),
        **{"environ": dict(os.environ), **options},
    )
    try:
        return await box.run(call_id="call", name=function, arguments=arguments)
    finally:
        await box.aclose()


async def test_two_calls_overlap(folder: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    results = await asyncio.gather(
        run(folder, "meet", f'{{"mine": "{one}", "theirs": "{two}"}}'),
        run(folder, "meet", f'{{"mine": "{two}", "theirs": "{one}"}}'),
    )
    assert [result.result for result in results] == ["met", "met"]


def ended(pid: int) -> bool:
    """Whether the process is gone; an orphan that init has not reaped yet does nothing any more."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat")
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):  # it may end between any two of these lines
        return True


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def noted(note: Path) -> list[int]:
    return [int(pid) for pid in note.read_text().split()]


async def assert_gone(note: Path) -> None:
    """The tool is reaped when its call is over; its children end at once, whoever reaps them."""
    tool, *children = noted(note)
    assert len(children) == 2
    with pytest.raises(ProcessLookupError):
        os.kill(tool, 0)
    await until(lambda: all(ended(pid) for pid in children))


def open_descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


async def test_nothing_is_left_after_a_timeout(folder: Path, tmp_path: Path) -> None:
    note = tmp_path / "pids"
    for timeout in (0.5, 2.0, 8.0):  # however slow this machine is to start a process
        result = await run(folder, "linger", f'{{"note": "{note}"}}', timeout=timeout)
        assert (result.error, result.error_kind) == (f"timed out after {timeout:g} s", "timeout")
        if note.exists():
            break
    await assert_gone(note)


@pytest.mark.parametrize("times", [1, 2])
async def test_nothing_is_left_after_a_cancellation(folder: Path, tmp_path: Path, times: int) -> None:
    note = tmp_path / "pids"
    before = open_descriptors()
    call = asyncio.ensure_future(run(folder, "linger", f'{{"note": "{note}"}}'))
    await until(note.exists)
    for _ in range(times):
        call.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await call
    if times == 1:
        await assert_gone(note)
    await until(lambda: all(ended(pid) for pid in noted(note)))
    await until(lambda: open_descriptors() <= before)


async def test_what_a_tool_leaves_running_ends_with_its_call(folder: Path) -> None:
    pid = (await run(folder, "leave")).result
    await until(lambda: ended(pid))


async def test_a_grandchild_in_a_session_of_its_own_ends_with_its_call(folder: Path) -> None:
    before = open_descriptors()
    pid = (await run(folder, "escape")).result
    await until(lambda: ended(pid))
    await until(lambda: open_descriptors() <= before)


async def test_a_fork_that_comes_back_does_not_answer(folder: Path) -> None:
    assert (await run(folder, "fork")).result == "from the tool"


async def test_no_pipe_stays_open(folder: Path) -> None:
    await run(folder, "echo")
    before = open_descriptors()
    for function in ("echo", "die", "fork", "no_such_function"):
        await run(folder, function)
    await until(lambda: open_descriptors() <= before)


async def test_a_megabyte_for_a_tool_that_dies_before_it_reads(folder: Path) -> None:
    # Python finds no library of its own there, and ends before it has read its request.
    # Its arguments are too long to be checked but in a process, which ends as well.
    broken = {"PATH": os.environ["PATH"], "PYTHONHOME": str(folder)}
    before = open_descriptors()
    result = await run(folder, "echo", f'{{"text": "{"x" * 900_000}"}}', environ=broken)
    assert result.error_kind == "arguments"
    await until(lambda: open_descriptors() <= before)
