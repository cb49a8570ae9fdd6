"""The tools of a session and the one way to call them: `run`, whose every outcome is a ToolResult.

Owns the order of things (known, parsed, checked, approved, run) and the clock. Refuses to raise: whatever goes wrong
in a call is told to the model and the user as its result, cancellation of the turn alone goes through.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from workbench.errors import ConfigurationError, Problem, ToolError
from workbench.tools.approval import Approvals
from workbench.tools.call_arguments import ArgumentChecker, parse_arguments
from workbench.tools.modules import ModulesBeside
from workbench.tools.people import AnswerRequest, People
from workbench.tools.result_documents import result_documents
from workbench.tools.runners import person as ask
from workbench.tools.runners import python, reply
from workbench.tools.runners.child_environment import scrubbed
from workbench.tools.specs import Ask, CannedReply, Python, ToolSpec
from workbench.tools.trust import TrustStore

if TYPE_CHECKING:
    from workbench.events import ToolResult

__all__ = ["Toolbox", "result_documents"]

_OUTPUTS_KEPT = 100
_LONGEST_NAME = 100


class Toolbox:
    """Runs calls of `tools`, several at once if asked to.

    `secrets` names environment variables that children must not see, beside Cohere's own; `clock` counts seconds.
    `masked` takes keys out of what a call printed.
    Raises ConfigurationError when two tools have the same name.
    """

    def __init__(
        self,
        tools: Sequence[ToolSpec],
        *,
        people: People,
        trust: TrustStore,
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
        secrets: Set[str] = frozenset(),
        masked: Callable[[str], str] = str,
    ) -> None:
        _refuse_duplicates(tools)
        self._people = people
        self._environ = scrubbed(environ, secrets)
        self._clock = clock
        self._masked = masked
        self._tools = {spec.name: spec for spec in tools}
        self._checkers = {spec.name: ArgumentChecker(spec, environ=self._environ) for spec in tools}
        self._approvals = Approvals(people, trust, tools)
        self._outputs: OrderedDict[str, str] = OrderedDict()

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`, in the order given."""
        return [spec.as_tool() for spec in self._tools.values()]

    def output(self, call_id: str) -> str:
        """What a call printed, and the traceback if it raised; "" when there is none or it is long ago."""
        return self._outputs.get(call_id, "")

    async def run(self, *, call_id: str, name: str, arguments: str) -> ToolResult:
        """Carries out one call; `arguments` is the model's JSON text, "" for none.

        Raises nothing but CancelledError, after whatever was running has been killed. `seconds` leaves out
        the checks and the wait for approval; for an `ask` tool it is how long the person took.
        """
        from workbench.events import ToolResult  # there by then: whoever runs a tool runs a turn

        blank = ToolResult(id=call_id, name=name, arguments=arguments)
        try:
            spec = self._find(name)
            parsed = parse_arguments(arguments)
        except ToolError as error:
            return _failed(blank, error)
        call = replace(blank, arguments=parsed)
        try:
            await self._checkers[name].check(parsed, size=len(arguments))
            code = await self._approvals.require(spec, call_id, parsed)
        except Exception as error:  # noqa: BLE001 - the person's side is a screen, which may fail in its own ways
            return _failed(call, error)
        async with self._approvals.lock if isinstance(spec.run, Ask) else contextlib.nullcontext():
            return await self._timed(spec, call, code)

    def _find(self, name: str) -> ToolSpec:
        if name in self._tools:
            return self._tools[name]
        raise ToolError("unknown-tool", _unknown(name, list(self._tools)))

    async def _timed(self, spec: ToolSpec, call: ToolResult, code: ModulesBeside | None) -> ToolResult:
        began = self._clock()
        try:
            ended = replace(call, result=await self._execute(spec, call, code))
        except Exception as error:  # noqa: BLE001 - see `require` above
            ended = _failed(call, error)
        return replace(ended, seconds=self._clock() - began)

    async def _execute(self, spec: ToolSpec, call: ToolResult, code: ModulesBeside | None) -> Any:
        match spec.run:
            case CannedReply():
                return reply.run(spec.run)
            case Ask():
                request = AnswerRequest(call.id, spec.name, spec.description, call.arguments)
                return await ask.run(self._people, request)
            case Python():
                return await python.run(
                    spec.run,
                    call.arguments,
                    timeout=spec.timeout,
                    environ=self._environ,
                    code=code,
                    keep=lambda text: self._keep(call.id, text),
                )
            case _:
                assert_never(spec.run)

    def _keep(self, call_id: str, text: str) -> None:
        if not text:
            return
        self._outputs[call_id] = self._masked(text)
        self._outputs.move_to_end(call_id)
        while len(self._outputs) > _OUTPUTS_KEPT:
            self._outputs.popitem(last=False)


def _failed(call: ToolResult, error: Exception) -> ToolResult:
    if isinstance(error, ToolError):
        return replace(call, error=str(error), error_kind=error.kind)
    return replace(call, error=f"{type(error).__name__}: {error}", error_kind="failed")


def _unknown(name: str, known: Sequence[str]) -> str:
    # The name is the model's: quoted, so that control characters show, and cut.
    shown = name[:_LONGEST_NAME]
    close = difflib.get_close_matches(shown, known, 1)
    hint = f'did you mean "{close[0]}"? ' if close else ""
    names = f"the tools are: {', '.join(known)}" if known else "there are no tools"
    return f"there is no tool {json.dumps(shown)} ({hint}{names})"


def _refuse_duplicates(tools: Sequence[ToolSpec]) -> None:
    seen: set[str] = set()
    problems: list[Problem] = []
    for spec in tools:
        if spec.name in seen:
            problems.append(Problem(str(spec.file or ""), 0, 0, f'a second tool named "{spec.name}"'))
        seen.add(spec.name)
    if problems:
        raise ConfigurationError(problems)
