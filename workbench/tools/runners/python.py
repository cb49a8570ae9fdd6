"""Python: a function as a tool, called in a worker (`workers.py`, `child.py`).

Owns the request to the worker, the meaning of how it ended, and what is told while it runs. Refuses results over the
limits of `jsontext`, and never puts a traceback into an error: it goes with what the tool printed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

from workbench.errors import ToolError, quoted
from workbench.tools import jsontext
from workbench.tools.modules import ModulesBeside, find_code
from workbench.tools.runner import (
    ApprovedCall,
    CallOutcome,
    Progress,
    Runner,
    Surroundings,
    ToolKind,
    WrittenValue,
)
from workbench.tools.runners.endings import PRINTED, how_it_ended, last_words
from workbench.tools.runners.python_targets import target_doubt
from workbench.tools.runners.worker import Answered
from workbench.tools.runners.workers import Workers

_KINDS = ("raised", "arguments", "too-large", "untrusted", "exit")  # what a worker says of a call that failed
_EXAMPLE = "name a module beside this file and a function in it, such as my_tools:search"


@dataclass(frozen=True, slots=True)
class Python(ToolKind):
    """`module:function`, run in a worker. `base` (the tools file's real folder) is importable there."""

    target: str
    base: Path

    written: ClassVar[str] = "module:function"
    meaning: ClassVar[str] = "A Python function, of a module beside this file or of an installed one."
    runs_code: ClassVar[bool] = True

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """The function that the text `module:function` names; None once a problem is told. Nothing is imported."""
        target = value.text()
        if target is None:
            return None
        module, _, function = target.partition(":")
        if all(part.isidentifier() for part in (*module.split("."), *function.split("."))):
            return cls(target, folder)
        value.problem(f"{quoted(target)} is not `{cls.written}`", _EXAMPLE)
        return None

    @classmethod
    def schema(cls) -> Mapping[str, Any]:
        """A module, a colon, and a function in it, or what a variable makes one of."""
        return {"type": "string", "pattern": r"^[^\s:]+:[^\s:]+$|\$\{"}

    def what(self) -> str:
        """Say which function a call runs, and from which folder."""
        return f"runs the Python function {self.target} from {self.base}"

    @classmethod
    def code(cls, tools: Sequence[Self]) -> ModulesBeside | None:
        """The modules beside the tools file that these functions may import, as they are now. Raises ToolError."""
        base = tools[0].base
        return find_code(base, sorted({tool.target for tool in tools if tool.base == base}))

    def doubt(self) -> tuple[str, str] | None:
        """A message and a hint when the module or the function is not there, found without importing it."""
        return target_doubt(self.target, self.base)

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """What has workers carry out the calls: those of `surroundings`, which all Python tools of a toolbox share."""
        async with surroundings.shared.of(Workers, lambda: Workers(surroundings.environ)) as workers:
            yield partial(self._run, workers)

    async def _run(self, workers: Workers, call: ApprovedCall) -> CallOutcome:
        return await _called(self, workers, call.arguments, call.timeout, call.code, call.report)


async def call_function(
    tool: Python, arguments: Mapping[str, Any], *, timeout: float, environ: Mapping[str, str]
) -> CallOutcome:
    """The function's result, a JSON value, from a process of its own, which may import anything.

    `environ` is its whole environment, `timeout` in seconds.
    """
    async with Workers(environ) as workers:
        return await _called(tool, workers, arguments, timeout, None, lambda progress: None)


async def _called(
    tool: Python,
    workers: Workers,
    arguments: Mapping[str, Any],
    timeout: float,
    code: ModulesBeside | None,
    report: Callable[[Progress], None],
) -> CallOutcome:
    folder = str(tool.base.absolute())
    request = {"target": tool.target, "arguments": dict(arguments), "max_bytes": jsontext.MAX_BYTES}
    try:
        worker = await workers.take(folder, code)
        answered = await worker.call(
            request,
            timeout=timeout,
            on_progress=partial(_report, report),
            on_line=lambda line: report(Progress(line, level=PRINTED)),
        )
    except OSError as error:
        return CallOutcome(error=ToolError("exit", f"Python could not be started: {error.strerror or error}"))
    workers.give_back(worker, folder, code)
    answer = _read(answered)
    return CallOutcome(
        value=answer.get("result"),
        error=_error(answered, answer, timeout),
        output=answered.output + str(answer.get("traceback", "")),
        left_out=answered.left_out,
    )


def _report(report: Callable[[Progress], None], line: bytes) -> None:
    try:
        told = json.loads(line)
        progress = Progress(str(told.get("text", "")), told.get("done"), told.get("total"))
    except (ValueError, AttributeError):  # it is the tool's own: no answer, and nothing to show
        return
    report(progress)


def _error(answered: Answered, answer: Mapping[str, Any], timeout: float) -> ToolError | None:
    if answered.timed_out:
        return ToolError("timeout", f"timed out after {timeout:g} s")
    if "error" in answer:
        kind = answer.get("kind")
        return ToolError(kind if kind in _KINDS else "exit", str(answer["error"]))
    return None


def _read(answered: Answered) -> dict[str, Any]:
    """The worker's answer: an object with `result`, or with `error`, `kind` and perhaps `traceback`."""
    if answered.overlong:
        return {"error": f"it returned more than the limit of {jsontext.MAX_BYTES:,} bytes", "kind": "too-large"}
    if answered.answer is None:
        how = f"{how_it_ended(answered.status)}{last_words(answered.output)}"
        return {"error": f"it ended without a result: {how}", "kind": "exit"}
    try:
        answer = jsontext.parse(answered.answer.decode("ascii", "replace"))
    except jsontext.NotJson as error:
        return {"error": f"it returned a value that cannot be used: {error}", "kind": "too-large"}
    if isinstance(answer, dict) and ("result" in answer or "error" in answer):
        return answer
    return {"error": "it wrote to the pipe that is for its result", "kind": "exit"}
