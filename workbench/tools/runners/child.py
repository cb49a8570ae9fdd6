"""The far side of Python tools: a worker, which imports functions and calls them, one call at a time.

Runs as a script in a process of its own and imports nothing of ours but its parts beside it (`child_code.py`,
`child_calls.py`, `child_state.py`), so that it needs nothing installed. On stdin comes a line `{"path", "modules"}`,
then one `{"nonce", "target", "arguments", "max_bytes"}` a call; at its end this process ends. On what was stdout goes,
in lines that begin with the call's nonce, what a call tells on its way (`~`), then its answer: `{"result"}` or
`{"error", "kind", "traceback"}`, behind `=` when another call may follow, behind `!` when none may.

The tool's own output goes to stderr, its stdin is empty, and no program that it starts inherits the descriptors of
requests and answers. What is written there without the nonce is no answer.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import sys
from importlib.util import module_from_spec, spec_from_file_location

_FOLDER = os.path.dirname(__file__)  # noqa: PTH120 - pathlib takes long to import
TYPE_CHECKING = False
if TYPE_CHECKING:  # the first call of a tool waits for what is imported here
    from typing import Any

    from workbench.tools.runners.child_calls import Calls, describe, encode, trace
    from workbench.tools.runners.child_code import Changed, Code, Refused
    from workbench.tools.runners.child_state import State
else:

    def _part(name: str):
        """A module beside this script, under a name that no module of a tool has; the folder is not importable."""
        spec = spec_from_file_location(f"_workbench_{name}", f"{_FOLDER}/{name}.py")
        sys.modules[spec.name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    _code = _part("child_code")
    Changed, Code, Refused = _code.Changed, _code.Code, _code.Refused
    _calls = _part("child_calls")
    Calls, describe, encode, trace = _calls.Calls, _calls.describe, _calls.encode, _calls.trace
    State = _part("child_state").State


def main() -> None:
    """Answer requests until there are none, or this process may take no more; exit in a fork of the tool's."""
    requests, answers = _out_of_the_way(0), _out_of_the_way(1)
    os.dup2(2, 1)
    _make_streams_harmless()
    owner = os.getpid()
    with os.fdopen(requests, "rb") as lines:
        begun = json.loads(lines.readline())
        worker = Worker(Code(begun["path"], begun["modules"]), requests, answers)
        while line := lines.readline():
            request = json.loads(line)
            text, may_go_on = worker.answer(request)
            if os.getpid() != owner:
                # The tool forked and its child came back through here: the answer is the parent's to give.
                os._exit(0)
            worker.say(request["nonce"], "=" if may_go_on else "!", text)
            if not may_go_on:
                return


class Worker:
    """Calls functions of `code`; `requests` and `answers` are the descriptors of its pipes."""

    def __init__(self, code: Code, requests: int, answers: int) -> None:
        self._code = code
        self._calls = Calls()
        self._requests = requests
        self._answers = answers

    def answer(self, request: dict[str, Any]) -> tuple[str, bool]:
        """The answer to a request, an object of JSON, and whether this process may take another."""
        try:
            function = self._code.find(request["target"])
        except BaseException as error:  # noqa: BLE001 - whatever an import raises, sys.exit() too, is its answer
            return _failure(error), False
        state = State((self._requests, self._answers))
        may_go_on = True
        try:
            told = lambda text: self.say(request["nonce"], "~", json.dumps(text))  # noqa: E731
            result = self._calls.result(function, request["arguments"], told)
            text = f'{{"result": {encode(result, request["max_bytes"])}}}'
            del result
        except BaseException as error:  # noqa: BLE001 - see above
            may_go_on = not isinstance(error, Changed)
            text = _failure(error)
        return text, state.restored() and may_go_on

    def say(self, nonce: str, mark: str, text: str) -> None:
        """Write a line to the answers, on a line of its own whatever has been written there before."""
        data = memoryview(f"\n{nonce}{mark}{text}\n".encode("ascii"))
        while data:
            data = data[os.write(self._answers, data) :]


def _failure(error: BaseException) -> str:
    if isinstance(error, Refused):
        return json.dumps({"error": str(error), "kind": error.kind})
    if isinstance(error, Changed):
        return json.dumps({"error": str(error), "kind": "untrusted"})
    return json.dumps({"error": describe(error), "kind": "raised", "traceback": trace(error)})


def _out_of_the_way(descriptor: int) -> int:
    """A copy with a number that no tool hits by counting from 3, and that no program inherits."""
    highest = min(os.sysconf("SC_OPEN_MAX"), 1024)
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(3, highest - 2 - os.urandom(1)[0]))


def _make_streams_harmless() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    main()
