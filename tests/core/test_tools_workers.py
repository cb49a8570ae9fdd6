"""Python tools in workers that stay: what is used again, what is not, and that no call finds what another left."""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.processes import MARK, marked, wait_until_none
from workbench.events import ToolResult
from workbench.tools.modules import find_code
from workbench.tools.people import AlwaysApprove, NoPeople
from workbench.tools.runner import Progress
from workbench.tools.runners.endings import PRINTED
from workbench.tools.runners.python import Python
from workbench.tools.runners.workers import Workers
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="without /proc each call has its own")

PATIENCE = 20.0
UNFIT = ["thread", "elsewhere", "program", "ended child", "limit", "death", "answers"]

TOOLS = r"""
import asyncio, atexit, builtins, contextvars, decimal, json, os, signal, subprocess, sys, tempfile, threading, time

imported = time.monotonic()
kept = asyncio.Lock()
WORD = contextvars.ContextVar("word", default="unset")

def who():
    return os.getpid()

def seen():
    return {
        "pid": os.getpid(), "imported": imported, "folder": os.getcwd(), "mask": os.umask(0o022),
        "TOOL": os.environ.get("TOOL"), "HOME": os.environ.get("HOME"), "word": WORD.get(),
        "prec": decimal.getcontext().prec, "term": str(signal.getsignal(signal.SIGTERM)),
        "streams": [sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno()],
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())), "recursion": sys.getrecursionlimit(),
    }

def mess(how):
    MESS[how]()
    return os.getpid()

def environment():
    os.environ["TOOL"] = "left"
    del os.environ["HOME"]

def streams():
    sys.stdout = sys.stderr = sys.stdin = open(os.devnull, "w")

def signals():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, lambda *_: os._exit(9))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})

def interrupted():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a program in the background does not have
    signal.raise_signal(signal.SIGINT)

def variables():
    WORD.set("left")
    decimal.getcontext().prec = 3
    sys.setrecursionlimit(500)

MESS = {
    "folder": lambda: (os.chdir("/"), os.umask(0o077)),
    "environment": environment,
    "streams": streams,
    "signals": signals,
    "variables": variables,
    "exit": lambda: sys.exit(3),
    "error": lambda: 1 / 0,
    "interrupt": interrupted,
    "thread": lambda: threading.Thread(target=time.sleep, args=(600,), daemon=True).start(),
    "closed": lambda: sys.stdout.close(),
    "elsewhere": lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2),
    "program": lambda: subprocess.Popen(["sleep", "600"]),
    "daemon": lambda: subprocess.Popen(["sh", "-c", "setsid sleep 600 &"]).wait(),
    "ended child": lambda: os.posix_spawnp("true", ["true"], os.environ),  # nobody waits for it
    "gone": lambda: (os.chdir(tempfile.mkdtemp()), os.rmdir(os.getcwd())),
    "limit": lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_CPU, (1, 1)),
    "death": lambda: os._exit(1),
    "builtin": lambda: setattr(builtins, "sum", lambda *_: 99),
    "answers": lambda: setattr(json, "dumps", lambda *_, **__: '"left"'),
}

async def wait(seconds, word=""):
    print("begun", word, flush=True)
    async with kept:
        asyncio.get_running_loop().create_task(asyncio.sleep(600))
        await asyncio.sleep(seconds)
        await asyncio.to_thread(int)
    return os.getpid()

async def fail():
    async with kept:
        raise ValueError("async")

def meet(folder, mine, number):
    open(os.path.join(folder, mine), "w").close()
    deadline = time.monotonic() + 20
    while len(os.listdir(folder)) < number:
        if time.monotonic() > deadline:
            raise TimeoutError("nobody came")
        time.sleep(0.005)
    return os.getpid()

def hang():
    subprocess.Popen(["setsid", "sleep", "600"])
    time.sleep(600)

def steps(values, result=None):
    yield from values
    return result

async def async_steps(values):
    for value in values:
        await asyncio.sleep(0)
        yield value

async def a_generator(values):
    return steps(values)

def broken():
    yield "one"
    raise ValueError("no two")

def odd():
    yield {1, 2}
    yield "end"

def prints():
    print("one")
    os.write(2, b"two\nthr")
    print("ee", end="")
    return 1

def last_words():
    atexit.register(lambda: open("note", "w").close())
    os.chdir(os.path.dirname(__file__))
    atexit.register(os.chdir, os.path.dirname(__file__))
"""


class Bench:
    """A toolbox over every function of one module."""

    def __init__(self, folder: Path, mark: str, timeout: float) -> None:
        self.mark = mark
        names = ["who", "seen", "mess", "wait", "fail", "meet", "hang", "steps", "async_steps", "a_generator"]
        names += ["broken", "odd", "prints", "last_words", "helped"]
        tools = [ToolSpec(name, "", Python(f"mine:{name}", folder), timeout=timeout) for name in names]
        people, environ = AlwaysApprove(NoPeople()), {**os.environ, MARK: mark}
        self.box = Toolbox(tools, people=people, trust=TrustStore(), environ=environ)
        self.told: list[Progress] = []

    async def result(self, name: str, **arguments: Any) -> ToolResult:
        text = json.dumps(arguments)
        return await self.box.run(call_id=name, name=name, arguments=text, report=self.told.append)

    async def run(self, name: str, **arguments: Any) -> Any:
        result = await self.result(name, **arguments)
        assert result.error is None, result
        return result.result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mine.py").write_text(TOOLS)
    return tools


@asynccontextmanager
async def opened(folder: Path, *, timeout: float = PATIENCE) -> AsyncIterator[Bench]:
    bench = Bench(folder, f"mark-{uuid.uuid4().hex}", timeout)
    try:
        yield bench
    finally:
        await bench.box.aclose()
    assert not marked(bench.mark)


@pytest.fixture
async def bench(folder: Path) -> AsyncIterator[Bench]:
    async with opened(folder) as bench:
        yield bench


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def workers(bench: Bench) -> list[str]:
    return [process for process in marked(bench.mark) if "keeper.py" not in process]


# -- used again --------------------------------------------------------------------------


async def test_calls_one_after_another_share_a_worker_that_imports_once(bench: Bench) -> None:
    first, second = await bench.run("seen"), await bench.run("seen")
    assert (first["pid"], first["imported"]) == (second["pid"], second["imported"])
    assert await bench.run("who") == first["pid"], "another function of the folder"
    assert len(workers(bench)) == 1


async def test_ten_calls_at_once_overlap(bench: Bench, tmp_path: Path) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    calls = (bench.run("meet", folder=str(meeting), mine=str(number), number=10) for number in range(10))
    assert len(set(await asyncio.gather(*calls))) == 10
    assert len(workers(bench)) <= 10


async def test_so_many_stay_idle_and_for_so_long(folder: Path) -> None:
    code = find_code(folder, ["mine:who"])
    async with Workers(dict(os.environ), most_idle=2, idle=0.0) as workers:
        three = [await workers.take(str(folder), code) for _ in range(3)]
        for worker in three:
            workers.give_back(worker, str(folder), code)
        await asyncio.sleep(0)
        assert three[0].is_over
        await until(lambda: all(worker.is_over for worker in three))


async def test_changed_code_gets_a_new_worker_and_the_old_one_ends(bench: Bench, folder: Path) -> None:
    first = await bench.run("who")
    text = (folder / "mine.py").read_text()
    (folder / "mine.py").write_text(f"{text}\ndef helped(): return 'new'\n")
    assert await bench.run("helped") == "new"
    (folder / "mine.py").write_text(f"{text}\ndef helped(): return 'newer'\n")
    assert await bench.run("helped") == "newer"
    assert await bench.run("who") != first


async def test_what_an_async_function_keeps_is_of_the_loop_of_the_next(bench: Bench) -> None:
    first = await bench.run("wait", seconds=0)
    failed = await bench.result("fail")
    assert (failed.error, failed.error_kind) == ("ValueError: async", "raised")
    assert await bench.run("wait", seconds=0) == first, "after one that failed, in the same worker"


# -- what a call leaves ------------------------------------------------------------------


async def test_what_can_be_put_back_is(bench: Bench) -> None:
    before = await bench.run("seen")
    for how in ("folder", "gone", "environment", "streams", "signals", "variables", "exit", "error"):
        await bench.result("mess", how=how)
        assert await bench.run("seen") == before, how


@pytest.mark.parametrize("hows", [["daemon", "closed", "builtin"], pytest.param(UNFIT, marks=pytest.mark.thorough)])
async def test_what_cannot_be_put_back_is_the_end_of_the_worker(bench: Bench, hows: list[str]) -> None:
    for how in hows:
        first = await bench.run("who")
        await bench.result("mess", how=how)
        assert not marked(bench.mark), f"{how}, before the call is over"
        assert await bench.run("who") != first


async def test_an_interrupt_of_its_own_is_an_error_like_others(bench: Bench) -> None:
    result = await bench.result("mess", how="interrupt")
    assert (result.error, result.error_kind) == ("KeyboardInterrupt", "raised")


async def test_the_end_of_a_worker_is_an_end_of_python(folder: Path) -> None:
    async with opened(folder) as bench:
        await bench.run("last_words")
    assert (folder / "note").exists()


async def test_each_call_has_its_own_output(bench: Bench) -> None:
    outputs = [(await bench.result("prints")).output for _ in range(3)]
    assert outputs == ["one\ntwo\nthree"] * 3
    assert [progress.text for progress in bench.told if progress.level == PRINTED][:2] == ["one", "two"]
    assert (await bench.result("who")).output == ""


# -- the end of one, and of no other -----------------------------------------------------


async def test_the_end_of_a_call_is_the_end_of_no_other(folder: Path) -> None:
    async with opened(folder) as bench:
        other = asyncio.ensure_future(bench.run("wait", seconds=0.5, word="other"))
        hanging = asyncio.ensure_future(bench.result("hang"))
        await until(lambda: bool(bench.told))
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        assert not other.done()
        assert await other > 0


@pytest.mark.thorough
async def test_fifty_timeouts_and_cancellations_leave_nothing(folder: Path) -> None:
    children = _children()
    async with opened(folder, timeout=0.3) as bench:
        for number in range(25):
            timed_out = await bench.result("hang")
            assert timed_out.error_kind == "timeout"
            cancelled = asyncio.ensure_future(bench.result("hang"))
            await asyncio.sleep(0.01 * number)
            cancelled.cancel()
            await asyncio.wait({cancelled})
        wait_until_none(bench.mark)
    assert _children() <= children


def _children() -> set[str]:
    """The children of this process, those that have ended and were not taken leave of too."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


# -- generators --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["steps", "async_steps", "a_generator"])
async def test_what_is_yielded_is_progress_and_the_last_the_result(bench: Bench, name: str) -> None:
    assert await bench.run(name, values=["one", 0.5, {"done": 2, "total": 3, "text": "two"}, [1]]) == [1]
    assert bench.told == [Progress("one"), Progress("", 0.5, 1), Progress("two", 2, 3), Progress("[1]")]


async def test_what_a_generator_returns_is_the_result(bench: Bench) -> None:
    assert await bench.run("steps", values=[True, 7, {"done": "x"}], result={"a": 1}) == {"a": 1}
    assert [progress.text for progress in bench.told] == ["true", "7", '{"done": "x"}']
    assert await bench.run("steps", values=[]) is None


async def test_a_generator_that_raises_has_told_what_came_before(bench: Bench) -> None:
    result = await bench.result("broken")
    assert (result.error, result.error_kind, bench.told) == ("ValueError: no two", "raised", [Progress("one")])
    assert 'raise ValueError("no two")' in result.output
    assert "child_calls.py" not in result.output


async def test_progress_may_be_what_json_cannot_hold(bench: Bench) -> None:
    assert await bench.run("odd") == "end"
    assert [progress.text for progress in bench.told] == ["set", "end"]
