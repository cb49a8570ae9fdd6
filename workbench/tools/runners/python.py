"""A Python function as a tool, run in a child process by `child.py`.

Owns the request to the child and the meaning of how it ended. Refuses results over the limits of `jsontext`,
and never puts a traceback into an error: it goes to `keep`, with what the tool printed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import ToolError
from workbench.tools import jsontext
from workbench.tools.modules import ModulesBeside
from workbench.tools.runners.one_line import Ended, run_child
from workbench.tools.specs import Python

_CHILD = Path(__file__).with_name("child.py")
# The child counts UTF-8 bytes but answers in ASCII, where one byte may become six.
_ANSWER_LIMIT = 6 * jsontext.MAX_BYTES + 1_000
_LAST_LINES = 3
_LINE_WIDTH = 200


def _forget(_: str) -> None:
    """For callers that have no use for what the tool printed."""


async def run(
    tool: Python,
    arguments: Mapping[str, Any],
    *,
    timeout: float,
    environ: Mapping[str, str],
    code: ModulesBeside | None = None,
    keep: Callable[[str], None] = _forget,
) -> Any:
    """The function's result, a JSON value. `environ` is the child's whole environment, `timeout` in seconds.

    `code` is what the function may import from its folder, as it may be; None for anything.
    Raises ToolError "failed", "timeout", or "denied" when the code is another by now. `keep` gets what the tool printed
    (the last 64 KB) and the traceback of a failure, whether the call succeeds or not.
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
        raise ToolError("failed", f"Python could not be started: {error.strerror or error}") from None
    answer = _read(ended)
    keep(ended.output + str(answer.get("traceback", "")))
    if ended.timed_out:
        raise ToolError("timeout", f"timed out after {timeout:g} s")
    if answer.get("changed"):
        raise ToolError("denied", str(answer["error"]))
    if "error" in answer:
        raise ToolError("failed", str(answer["error"]))
    return answer["result"]


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
