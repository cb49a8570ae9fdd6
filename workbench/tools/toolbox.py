"""The tools of a session and the one way to call them: `run`, whose every outcome is a ToolResult.

Owns the order of things (known, parsed, checked, approved, opened, run), the clock, and what was opened. Refuses to
raise: whatever goes wrong in a call is told to the model and the user as its result, cancellation of the turn alone
goes through. Knows no kind of tool.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import time
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.errors import ConfigurationError, Problem, ToolError
from workbench.tools.approval import Approvals
from workbench.tools.call_arguments import ArgumentChecker, parse_arguments
from workbench.tools.granted import Granted
from workbench.tools.people import People
from workbench.tools.runner import ApprovedCall, Report, Runner, Surroundings, untold
from workbench.tools.runners.child_environment import scrubbed
from workbench.tools.specs import ToolSpec
from workbench.tools.telling import Telling
from workbench.tools.trust import TrustStore

if TYPE_CHECKING:
    from workbench.events import ToolResult

_LONGEST_NAME = 100


class Toolbox:
    """Runs calls of `tools`, several at once if asked to.

    `secrets` names environment variables that children must not see, beside Cohere's own; `clock` counts seconds.
    `granted` is what the person has allowed until the program ends: an earlier toolbox hands it on.
    Raises ConfigurationError when two tools have the same name. Close it at the end, with `aclose`.
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
        granted: Granted | None = None,
    ) -> None:
        _refuse_duplicates(tools)
        environ = scrubbed(environ, secrets)
        self._surroundings = Surroundings(people, environ)
        self._clock = clock
        self._tools = {spec.name: spec for spec in tools}
        self._checkers = {spec.name: ArgumentChecker(spec, environ=environ) for spec in tools}
        self.granted = Granted() if granted is None else granted
        self._approvals = Approvals(people, trust, tools, self.granted)
        self._opened: dict[str, Runner] = {}
        self._opening = {spec.name: asyncio.Lock() for spec in tools}
        self._closing = contextlib.AsyncExitStack()

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`, in the order given."""
        return [spec.as_tool() for spec in self._tools.values()]

    async def allow(self, name: str) -> None:
        """Returns once calls of a tool may run, for which a person is asked as for a call. Raises ToolError."""
        await self._approvals.require(self._find(name), "", {})

    async def aclose(self) -> None:
        """Closes what calls have opened; no call may run any more."""
        self._opened.clear()
        await self._closing.aclose()

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report = untold) -> ToolResult:
        """Carries out one call; `arguments` is the model's JSON text, "" for none, and `report` hears how it goes on.

        Raises nothing but CancelledError, after whatever was running has been killed. `seconds` leaves out
        the checks and what a person was asked: it is 0 where a person gives the result.
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
        telling = Telling(report, asyncio.get_running_loop().call_later, self._clock)
        approved = ApprovedCall(call_id, name, spec.description, parsed, spec.timeout, code, telling.report)
        async with self._approvals.lock if spec.run.asks_person else contextlib.nullcontext():
            try:
                return await self._timed(spec, approved, call)
            finally:
                telling.end()

    def _find(self, name: str) -> ToolSpec:
        if name in self._tools:
            return self._tools[name]
        raise ToolError("unknown-tool", _unknown(name, list(self._tools)))

    async def _timed(self, spec: ToolSpec, approved: ApprovedCall, call: ToolResult) -> ToolResult:
        began = self._clock()
        try:
            runner = await self._runner(spec)
            outcome = await runner(approved)
            call = replace(call, output=outcome.printed())
            ended = _failed(call, outcome.error) if outcome.error else replace(call, result=outcome.value)
        except Exception as error:  # noqa: BLE001 - see `require` above
            ended = _failed(call, error)
        return replace(ended, seconds=0.0 if spec.run.asks_person else self._clock() - began)

    async def _runner(self, spec: ToolSpec) -> Runner:
        """What carries out the calls of the tool, opened by the first of them that is approved."""
        async with self._opening[spec.name]:
            if spec.name not in self._opened:
                opening = spec.run.open(self._surroundings)
                self._opened[spec.name] = await self._closing.enter_async_context(opening)
        return self._opened[spec.name]


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
