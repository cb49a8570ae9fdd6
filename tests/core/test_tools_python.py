"""Python tools, run for real: what they may return, how they fail, and what they see of their surroundings."""

from __future__ import annotations

import os
import re
import sys
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
import asyncio, dataclasses, json, os, signal, subprocess, sys, time

def echo(**arguments):
    return arguments

def greet(name, greeting="hello"):
    return {"text": f"{greeting} {name}"}

async def later(name):
    await asyncio.sleep(0)
    return [name]

def noisy():
    print('{"result": "forged"}')
    os.write(1, b"\xff\x00 garbage\n")
    subprocess.run(["echo", "from a child"])
    print("🌈", file=sys.stderr)
    return "true result"

def everywhere():
    own = f"/proc/{os.getpid()}/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    for name in os.listdir(own):
        if int(name) > 2:
            try:
                os.write(int(name), FORGED)
            except OSError:
                pass

FORGED = b'{"result": "forged"}\n'

def forging(how):
    if how == "by itself":
        everywhere()
    if how == "without a newline":
        globals()["FORGED"] = b'{"result": '
        everywhere()
    if how == "a lot":
        globals()["FORGED"] = b"x" * 50_000_000
        everywhere()
    if how == "in a fork":
        if os.fork() == 0:
            everywhere()
            os._exit(0)
        os.wait()
    if how == "by a thread":
        import threading
        thread = threading.Thread(target=everywhere)
        thread.start()
        thread.join()
    if how == "by a program":
        code = f"import os; [os.write(n, {FORGED!r}) for n in range(3, 4096) if os.path.exists(f'/proc/self/fd/{{n}}')]"
        subprocess.run([sys.executable, "-c", code], close_fds=False)
    if how == "through /proc":
        code = "read go; for file in /proc/$PPID/fd/*; do echo '{\"result\": \"forged\"}' > $file; done 2>/dev/null"
        shell = subprocess.Popen(["/bin/sh", "-c", code], stdin=subprocess.PIPE)
        shell.communicate(b"go\n")  # not before: Popen itself reads a pipe until the program has started
    return "true result"

def inherited():
    code = "import os; print(*os.listdir('/proc/self/fd'))"
    return subprocess.run([sys.executable, "-c", code], close_fds=False, capture_output=True, text=True).stdout

def tidy():
    os.closerange(3, 256)
    return "true result"

def flood():
    for _ in range(50):
        os.write(2, b"x" * 1_000_000)
    print("the end")
    return "done"

def environment():
    return dict(os.environ)

def typed():
    return input()

def give(what):
    @dataclasses.dataclass
    class Point:
        x: int
    loop = []
    loop.append(loop)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return {
        "nan": lambda: {"a": [1, float("nan")]}, "inf": lambda: float("inf"), "set": lambda: {"a": [{1}]},
        "bytes": lambda: b"x", "dataclass": lambda: Point(1), "loop": lambda: loop, "deep": lambda: deep,
        "key": lambda: {(1, 2): 3}, "iterator": lambda: map(str, range(3)), "tuple": lambda: (1, 2),
        "1 MB": lambda: "x" * 999_998, "over 1 MB": lambda: "x" * 999_999, "wide": lambda: "é" * 400_000,
        "long": lambda: "x" * 20_000_000, "none": lambda: None, "nested": lambda: json.loads("[" * 101 + "]" * 101),
    }[what]()

def stumble(how):
    print("some last words")
    sys.stdout.flush()
    if how == "exit": os._exit(3)
    if how == "kill": os.kill(os.getpid(), signal.SIGKILL)
    if how == "close": os.closerange(3, 70_000)
    if how == "sys.exit": sys.exit(4)
    if how == "silent": raise ValueError
    if how == "long": raise ValueError("x" * 1_000_000)
    raise ValueError("not today")

number = 5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mine.py").write_text(TOOLS)
    return tools


class Bench:
    """A toolbox over the functions of one folder."""

    def __init__(self, folder: Path, *targets: str, timeout: float = PATIENCE, **options: Any) -> None:
        tools = [ToolSpec(target, "", Python(target, folder), timeout=timeout) for target in targets]
        people, trust = AlwaysApprove(NoPeople()), TrustStore()
        self.box = Toolbox(tools, people=people, trust=trust, **{"environ": dict(os.environ), **options})

    async def run(self, target: str, arguments: str = "") -> ToolResult:
        return await self.box.run(call_id=target, name=target, arguments=arguments)


async def run(folder: Path, target: str, arguments: str = "", **options: Any) -> ToolResult:
    bench = Bench(folder, target, **options)
    try:
        return await bench.run(target, arguments)
    finally:
        await bench.box.aclose()


# -- results -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "arguments", "expected"),
    [
        ("mine:greet", '{"name": "Ada"}', {"text": "hello Ada"}),
        ("mine:later", '{"name": "Ada"}', ["Ada"]),
        (
            "mine:echo",
            '{"text": "🌈 \\u0000 \\ud83d", "my-key": [1.5, null]}',
            {"text": "🌈 \0 \ud83d", "my-key": [1.5, None]},
        ),
        ("mine:give", '{"what": "tuple"}', [1, 2]),
        ("mine:give", '{"what": "none"}', None),
    ],
)
async def test_a_function_is_called_with_keywords(folder: Path, target: str, arguments: str, expected: Any) -> None:
    result = await run(folder, target, arguments)
    assert (result.result, result.error, result.error_kind) == (expected, None, "")
    assert result.seconds > 0


@pytest.mark.parametrize(("what", "letter", "count"), [("1 MB", "x", 999_998), ("wide", "é", 400_000)])
async def test_a_result_of_a_megabyte(folder: Path, what: str, letter: str, count: int) -> None:
    result = await run(folder, "mine:give", f'{{"what": "{what}"}}')
    assert result.error is None
    assert result.result == letter * count


async def test_what_a_tool_prints_is_kept_and_is_not_its_result(folder: Path) -> None:
    result = await run(folder, "mine:noisy")
    assert result.result == "true result"
    for text in ('{"result": "forged"}', "\ufffd\0 garbage", "from a child", "🌈"):
        assert text in result.output
    assert (await run(folder, "mine:greet", '{"name": "Ada"}')).output == ""


@pytest.mark.parametrize(
    "how",
    ["by itself", "without a newline", "a lot", "in a fork", "by a thread", "by a program", "through /proc"],
)
async def test_what_is_written_to_the_descriptor_of_the_result_is_not_the_result(folder: Path, how: str) -> None:
    result = await run(folder, "mine:forging", f'{{"how": "{how}"}}')
    assert (result.result, result.error) == ("true result", None)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only /proc tells what a program holds")
async def test_a_program_that_a_tool_starts_inherits_nothing_beyond_its_streams(folder: Path) -> None:
    seen = (await run(folder, "mine:inherited")).result
    assert set(map(int, seen.split())) <= {0, 1, 2, 3}  # 3 is the folder that it lists


async def test_a_tool_that_closes_what_it_does_not_know_still_answers(folder: Path) -> None:
    assert (await run(folder, "mine:tidy")).result == "true result"


async def test_a_flood_on_stderr_neither_blocks_nor_fills_the_memory(folder: Path) -> None:
    result = await run(folder, "mine:flood")
    assert result.result == "done"
    assert result.output.startswith("… 49,936,008 bytes before …\nx")
    assert result.output.endswith("the end\n")
    assert len(result.output) < 64_100


@pytest.mark.parametrize(
    ("what", "kind", "reason"),
    [
        ("nan", "raised", "what JSON cannot hold: nan at result['a'][1]"),
        ("inf", "raised", "inf at result"),
        ("set", "raised", "set at result['a'][0] (return dict, list"),
        ("bytes", "raised", "bytes at result"),
        ("dataclass", "raised", "Point at result"),
        ("iterator", "raised", "map at result"),
        ("loop", "raised", "contains itself"),
        ("key", "raised", "keys must be str"),
        ("deep", "too-large", "nested too deeply"),
        ("nested", "too-large", "nested deeper than 100 levels"),
        ("over 1 MB", "too-large", "it returned 1,000,001 bytes of JSON; the limit is 1,000,000"),
        ("long", "too-large", "it returned 20,000,002 bytes of JSON; the limit is 1,000,000"),
    ],
)
async def test_a_result_that_cannot_be_used_says_what_and_where(
    folder: Path, what: str, kind: str, reason: str
) -> None:
    result = await run(folder, "mine:give", f'{{"what": "{what}"}}')
    assert (result.result, result.error_kind) == (None, kind)
    assert reason in (result.error or "")


# -- failures ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "kind", "error"),
    [
        ("raise", "raised", "ValueError: not today"),
        ("silent", "raised", "ValueError"),
        ("sys.exit", "raised", "SystemExit: 4"),
        ("exit", "exit", "it ended without a result: exit status 3; its last output: some last words"),
        ("kill", "exit", "it ended without a result: killed by signal 9 (SIGKILL); its last output: some last words"),
        ("long", "raised", "ValueError: " + "x" * 2000 + "…"),
    ],
)
async def test_a_tool_that_fails(folder: Path, how: str, kind: str, error: str) -> None:
    result = await run(folder, "mine:stumble", f'{{"how": "{how}"}}')
    assert (result.result, result.error, result.error_kind) == (None, error, kind)


async def test_the_traceback_is_kept_for_whoever_asks_and_shows_the_tool_alone(folder: Path) -> None:
    result = await run(folder, "mine:stumble", '{"how": "raise"}')
    assert "Traceback" not in (result.error or "")
    assert result.output.startswith("some last words\nTraceback")
    assert "mine.py" in result.output
    assert "child.py" not in result.output


async def test_a_flood_and_a_traceback_share_one_limit(folder: Path) -> None:
    (folder / "loud.py").write_text(
        "def run():\n    print('é' * 40_000)\n    raise ValueError('\\ud800' + 'x' * 20_000)\n"
    )
    result = await run(folder, "loud:run")
    before, _, printed = result.output.partition("\n")
    assert re.fullmatch("… [0-9,]+ bytes before …", before)
    assert 63_000 < len(printed.encode()) <= 64_010
    assert "\\ud800xxx" in printed


@pytest.mark.parametrize("how", ["exit", "kill"])
async def test_what_a_tool_printed_before_it_died_is_kept(folder: Path, how: str) -> None:
    result = await run(folder, "mine:stumble", f'{{"how": "{how}"}}')
    assert (result.error_kind, result.output) == ("exit", "some last words\n")


async def test_a_tool_that_closes_every_pipe(folder: Path) -> None:
    result = await run(folder, "mine:stumble", '{"how": "close"}')
    assert result.error_kind == "exit"
    assert result.error


@pytest.mark.parametrize(
    ("target", "arguments", "error"),
    [
        ("mine:gret", "", 'the module "mine" has no function "gret" (did you mean "greet"?)'),
        ("mine:number", "", '"number" of the module "mine" is not a function but int'),
        ("mime:greet", "", 'no module "mime" in {folder} (did you mean "mine"?)'),
        ("reply:run", "", 'no module "reply" in {folder}'),  # a neighbour of the script that the child runs
        ("needy:run", "", "ModuleNotFoundError: No module named 'no_such_dependency'"),
        ("wrong:run", "", "SyntaxError: '(' was never closed (wrong.py, line 1)"),
        ("json:loads", "", "the file json.py in {folder} has the name of a module of Python's own; rename it"),
        (
            "mine:greet",
            '{"nam": "Ada"}',
            "greet(name, greeting='hello') does not accept these arguments: missing a required argument: 'name'",
        ),
        ("mine:typed", "", "EOFError: EOF when reading a line"),
    ],
)
async def test_a_call_that_cannot_be_made(folder: Path, target: str, arguments: str, error: str) -> None:
    (folder / "needy.py").write_text("import no_such_dependency\n")
    (folder / "wrong.py").write_text("print(\n")
    (folder / "json.py").write_text("def loads(): return 1\n")
    result = await run(folder, target, arguments)
    kind = "arguments" if "does not accept" in error else "raised"
    assert (result.error, result.error_kind) == (error.format(folder=folder), kind)


async def test_python_that_cannot_be_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(folder / "no-python"))
    result = await run(folder, "mine:greet", '{"name": "Ada"}')
    assert (result.error, result.error_kind) == ("Python could not be started: No such file or directory", "exit")


# -- surroundings ------------------------------------------------------------------------


async def test_the_folder_of_the_tools_comes_first_and_the_working_folder_not_at_all(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "odd"
    (odd / "workbench").mkdir(parents=True)
    for trap in ("workbench/__init__.py", "json.py", "inspect.py", "helper.py"):
        (odd / trap).write_text("raise SystemExit('imported from the working folder')\n")
    # `ask` is also the name of a module beside the script that the child runs.
    (folder / "ask.py").write_text("import helper\ndef run(): return helper.WHO\n")
    (folder / "helper.py").write_text("WHO = 'a neighbour'\n")
    monkeypatch.chdir(odd)
    assert (await run(folder, "ask:run")).result == "a neighbour"


async def test_keys_are_withheld_and_the_rest_is_not(folder: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "CO_API_KEY": "first-secret-key",
        "COHERE_API_KEY": "second-secret-key",
        "MY_KEY": "third-secret-key",
        "A_COPY": "third-secret-key",
        "BACKWARDS": "yek-terces-driht",
        "BASIC_AUTH": "bWU6dGhpcmQtc2VjcmV0LWtleQ==",
        "WEATHER_API_KEY": "the tool's own",
        "DEBUG": "1",
    }
    result = await run(folder, "mine:environment", environ=environ, secrets=frozenset({"MY_KEY", "ABSENT"}))
    seen = result.result
    assert {name: seen.get(name) for name in environ} == {
        "PATH": environ["PATH"],
        "CO_API_KEY": None,
        "COHERE_API_KEY": None,
        "MY_KEY": None,
        "A_COPY": None,
        "BACKWARDS": None,
        "BASIC_AUTH": None,
        "WEATHER_API_KEY": "the tool's own",
        "DEBUG": "1",
    }
    assert seen["PYTHONUNBUFFERED"] == "1"
    assert "secret" not in str(seen)
