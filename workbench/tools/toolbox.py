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
from workbench.tools.mcp.at_hand import Permission, Servers
from workbench.tools.mcp.kinds import as_tool
from workbench.tools.mcp.servers import ServerSpec
from workbench.tools.people import People
from workbench.tools.runner import ApprovedCall, Report, Runner, Surroundings, untold
from workbench.tools.runners.child_environment import scrubbed
from workbench.tools.specs import ToolSpec
from workbench.tools.telling import Telling
from workbench.tools.trust import TrustStore

if TYPE_CHECKING:
    from workbench.events import ToolResult

_LONGEST_NAME = 100
_MOST_NAMES = 50  # of the tools that there are, for a call of one that there is not


class Toolbox:
    """Runs calls of `tools`, several at once if asked to.

    `servers` are those whose tools stand behind these once `prepare` has found them; `notice` gets lines for people
    about them, and `changed` is called when there are other tools than before. `secrets` names environment variables
    that children must not see, beside Cohere's own; `clock` counts seconds. `granted` is what the person has allowed
    until the program ends: an earlier toolbox hands it on. Raises ConfigurationError when two tools have the same name.
    Close it at the end, with `aclose`.
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
        servers: Sequence[ServerSpec] = (),
        notice: Callable[[str], object] = lambda line: None,
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        _refuse_duplicates(tools)
        environ = scrubbed(environ, secrets)
        self._surroundings = Surroundings(people, environ)
        self._clock = clock
        self._own = tuple(tools)
        self._tools: dict[str, ToolSpec] = {}
        self._checkers: dict[str, ArgumentChecker] = {}
        self.granted = Granted() if granted is None else granted
        self._approvals = Approvals(people, trust, [*tools, *map(as_tool, servers)], self.granted)
        self._opened: dict[str, Runner] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._closing = contextlib.AsyncExitStack()
        self._changed = changed
        self._servers: Servers | None = None
        if servers:
            permission = Permission(
                lambda spec: self._approvals.require(spec, "", {}), self._approvals.is_given, self._approvals.lock
            )
            taken = {spec.name for spec in tools}
            self._servers = Servers(servers, self._surroundings, permission, notice, taken=taken)
        self._have(())

    async def prepare(self, *, ask: bool = True) -> None:
        """Have the tools of all servers that are there and may be: quick when nothing has changed.

        With `ask`, a person is asked for servers whose file is not trusted yet; without, these are left out. A server
        that does not come is told to people, and raises nothing.
        """
        if self._servers is not None:
            before = self._tools
            self._have(await self._servers.prepare(ask=ask))
            if self._tools != before:
                self._changed()

    def specs(self) -> tuple[ToolSpec, ...]:
        """All tools that there are by now, in the order of `definitions`: those given, then those of servers."""
        return tuple(self._tools.values())

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`, in the order given."""
        return [spec.as_tool() for spec in self._tools.values()]

    async def allow(self, name: str) -> None:
        """Returns once calls of a tool may run, for which a person is asked as for a call. Raises ToolError."""
        await self._approvals.require(self._find(name), "", {})

    async def aclose(self) -> None:
        """Closes what calls have opened; no call may run any more."""
        self._opened.clear()
        try:
            if self._servers is not None:
                await self._servers.aclose()
        finally:
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

    def _have(self, of_servers: Sequence[ToolSpec]) -> None:
        """The tools are those given and these; what was opened for one that is as before stays so."""
        tools = {spec.name: spec for spec in (*self._own, *of_servers)}
        for name, spec in tools.items():
            if self._tools.get(name) != spec:
                self._checkers[name] = ArgumentChecker(spec, environ=self._surroundings.environ)
                self._opened.pop(name, None)
                self._opening.setdefault(name, asyncio.Lock())
        self._tools = tools

    def _find(self, name: str) -> ToolSpec:
        if name in self._tools:
            return self._tools[name]
        if self._servers is not None and (refusal := self._servers.refusal()) is not None:
            # It may be one of theirs: nobody knows what a server has that was not started.
            raise ToolError(refusal.kind, f"there is no tool {json.dumps(name[:_LONGEST_NAME])}: {refusal}")
        raise ToolError("unknown-tool", _unknown(name, list(self._tools)))

    async def _timed(self, spec: ToolSpec, approved: ApprovedCall, call: ToolResult) -> ToolResult:
        began, asked = self._clock(), 0.0
        try:
            runner = await self._runner(spec)
            outcome = await runner(approved)
            call, asked = replace(call, output=outcome.printed()), outcome.asked
            ended = _failed(call, outcome.error) if outcome.error else replace(call, result=outcome.value)
        except Exception as error:  # noqa: BLE001 - see `require` above
            ended = _failed(call, error)
        seconds = max(0.0, self._clock() - began - asked)
        return replace(ended, seconds=0.0 if spec.run.asks_person else seconds)

    async def _runner(self, spec: ToolSpec) -> Runner:
        """What carries out the calls of the tool, opened by the first of them that is approved."""
        async with self._opening[spec.name]:
            if spec.name not in self._opened:
                opening = spec.run.open(self._surroundings)
                self._opened[spec.name] = await self._closing.enter_async_context(opening)
        return self._opened[spec.name]


def _failed(call: ToolResult, error: Exception) -> ToolResult:
    if isinstance(error, ToolError):
        return replace(call, error=str(error), error_kind=error.kind, faults=error.faults)
    return replace(call, error=f"{type(error).__name__}: {error}", error_kind="failed")


def _unknown(name: str, known: Sequence[str]) -> str:
    # The name is the model's: quoted, so that control characters show, and cut.
    shown = name[:_LONGEST_NAME]
    close = difflib.get_close_matches(shown, known, 1)
    hint = f'did you mean "{close[0]}"? ' if close else ""
    left = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
    names = f"the tools are: {', '.join(known[:_MOST_NAMES])}{left}" if known else "there are no tools"
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
