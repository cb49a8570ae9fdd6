"""Python: a function as a tool, run in a child process by `child.py`.

Owns the request to the child and the meaning of how it ended. Refuses results over the limits of `jsontext`,
and never puts a traceback into an error: it goes with what the tool printed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

from workbench.errors import ToolError, quoted
from workbench.tools import jsontext
from workbench.tools.modules import ModulesBeside, find_code
from workbench.tools.runner import ApprovedCall, CallOutcome, Runner, Surroundings, ToolKind, WrittenValue
from workbench.tools.runners.one_line import Ended, run_child
from workbench.tools.runners.python_targets import target_doubt

_CHILD = Path(__file__).with_name("child.py")
# The child counts UTF-8 bytes but answers in ASCII, where one byte may become six.
_ANSWER_LIMIT = 6 * jsontext.MAX_BYTES + 1_000
_LAST_LINES = 3
_LINE_WIDTH = 200
_EXAMPLE = "name a module beside this file and a function in it, such as my_tools:search"


@dataclass(frozen=True, slots=True)
class Python(ToolKind):
    """`module:function`, run in a child process. `base` (the tools file's real folder) is importable there."""

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
        """What runs each call in a child process of its own, with the environment of `surroundings`."""
        yield partial(self._run, surroundings.environ)

    async def _run(self, environ: Mapping[str, str], call: ApprovedCall) -> CallOutcome:
        return await call_function(self, call.arguments, timeout=call.timeout, environ=environ, code=call.code)


async def call_function(
    tool: Python,
    arguments: Mapping[str, Any],
    *,
    timeout: float,
    environ: Mapping[str, str],
    code: ModulesBeside | None = None,
) -> CallOutcome:
    """The function's result, a JSON value. `environ` is the child's whole environment, `timeout` in seconds.

    `code` is what the function may import from its folder, as it may be; None for anything. The error is "failed",
    "timeout", or "denied" when the code is another by now. The output is what the tool printed and the traceback of a
    failure.
    """
    # An answer begins with what only child.py knows: what a tool writes to descriptors that are not its own is none.
    nonce = os.urandom(16).hex()
    request = {
        "nonce": nonce,
        "target": tool.target,
        "path": str(tool.base.absolute()),
        "modules": None if code is None else {name: (each.file, each.digest) for name, each in code.modules.items()},
        "arguments": dict(arguments),
        "max_bytes": jsontext.MAX_BYTES,
    }
    line = json.dumps(request).encode("ascii") + b"\n"
    # -P: this script's own folder must not be importable, its modules would hide the user's of the same names.
    argv = [sys.executable, "-P", "-u", str(_CHILD)]
    try:
        ended = await run_child(
            argv,
            line,
            environ=environ,
            timeout=timeout,
            answer_limit=_ANSWER_LIMIT,
            answer_prefix=f"{nonce} ".encode("ascii"),
        )
    except OSError as error:
        return CallOutcome(error=ToolError("failed", f"Python could not be started: {error.strerror or error}"))
    answer = _read(ended)
    return CallOutcome(
        value=answer.get("result"),
        error=_error(ended, answer, timeout),
        output=ended.output + str(answer.get("traceback", "")),
        left_out=ended.left_out,
    )


def _error(ended: Ended, answer: Mapping[str, Any], timeout: float) -> ToolError | None:
    if ended.timed_out:
        return ToolError("timeout", f"timed out after {timeout:g} s")
    if "error" in answer:
        return ToolError("denied" if answer.get("changed") else "failed", str(answer["error"]))
    return None


def _read(ended: Ended) -> dict[str, Any]:
    """The child's answer: an object with `result`, or with `error` and perhaps `traceback`."""
    if ended.overlong:
        return {"error": f"it returned more than the limit of {jsontext.MAX_BYTES:,} bytes"}
    if ended.answer is None:
        return {"error": f"it ended without a result: {_how(ended.status)}{_last_words(ended.output)}"}
    try:
        answer = jsontext.parse(ended.answer.decode("ascii", "replace"))
    except jsontext.NotJson as error:
        return {"error": f"it returned a value that cannot be used: {error}"}
    if isinstance(answer, dict) and ("result" in answer or "error" in answer):
        return answer
    return {"error": "it wrote to the pipe that is for its result"}


def _how(status: int | None) -> str:
    if status is None:
        return "how is not known, it may have killed the process that watches over it"
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"killed by signal {-status}"


def _last_words(output: str) -> str:
    lines = [line.strip()[:_LINE_WIDTH] for line in output.splitlines() if line.strip()]
    return f"; its last output: {' / '.join(lines[-_LAST_LINES:])}" if lines else ""
