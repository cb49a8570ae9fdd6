"""Whether a call may run: the rules of `approve`, the trust in files, and one question at a time.

    approve   harmless         code
    never     denied           denied
    ask       asks each time   asks each time
    always    runs             asks once for its tools file, then runs
    (unset)   runs             asks once for its tools file, then runs

So nothing that an untrusted file says of itself lets its code run: `always` asks as if it were not there, and `never`
can only refuse. What does not say that it is harmless is code (`runner.runs_code`); code that belongs to no tools file
has nothing that could be trusted, so it is asked for each time. What is trusted is the content of the tools file as it
was read, and the code of all its tools as it is at the question: what a yes was given for is what `require` hands on to
be run. A yes may go further than the call without being trust (`granted`). Refuses by raising ToolError "denied", or
"untrusted" where nobody is there; never runs anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.errors import ToolError
from workbench.tools.decisions import Decision
from workbench.tools.granted import Asked, Granted
from workbench.tools.modules import ModulesBeside
from workbench.tools.people import ApprovalRequest, People, put
from workbench.tools.runner import ToolKind, runs_code
from workbench.tools.specs import ToolSpec
from workbench.tools.trust import TrustStore

_MOST_SHOWN: Final = 10

_Code = Mapping[type[ToolKind], ModulesBeside]
"""The code of the tools of one file, by their kinds."""


class Approvals:
    """`lock` is held while a person is asked something; whoever else asks that person holds it too.

    `tools` are all there are: trust in a file is for the code of each of its tools. `granted` is what was allowed
    before, until the program ends.
    """

    def __init__(
        self, people: People, trust: TrustStore, tools: Sequence[ToolSpec] = (), granted: Granted | None = None
    ) -> None:
        self._people = people
        self._trust = trust
        self._tools = tools
        self._granted = Granted() if granted is None else granted
        self.lock = asyncio.Lock()

    async def require(self, spec: ToolSpec, call_id: str, arguments: Mapping[str, Any]) -> ModulesBeside | None:
        """Returns once the call may run, with the code that it may run; None when it runs none.

        Raises ToolError "denied" or "untrusted" (or what the person's side raised).
        """
        if spec.approve == "never":
            raise ToolError("denied", f'the tool "{spec.name}" is set to `approve: never`')
        if spec.approve != "ask" and not runs_code(spec.run):
            return None
        seen = await asyncio.to_thread(self._seen, spec)
        if not self._is_allowed(spec, seen):
            async with self.lock:
                # Another call may have had its yes meanwhile, for this one too.
                seen = await asyncio.to_thread(self._seen, spec)
                if not self._is_allowed(spec, seen):
                    await self._ask(spec, seen, call_id, arguments)
        return seen.code.get(type(spec.run))

    async def is_given(self, spec: ToolSpec) -> bool:
        """Whether a call of the tool, or the start of the server that it stands for, asks nobody."""
        if spec.approve == "never":
            return False
        if spec.approve != "ask" and not runs_code(spec.run):
            return True
        return self._is_allowed(spec, await asyncio.to_thread(self._seen, spec))

    def _is_allowed(self, spec: ToolSpec, seen: _Seen) -> bool:
        by_trust = seen.trusted and spec.approve != "ask"
        return by_trust or self._granted.covers(_asked(spec, seen))

    async def _ask(self, spec: ToolSpec, seen: _Seen, call_id: str, arguments: Mapping[str, Any]) -> None:
        """Returns when a person allows it, and keeps in mind how far."""
        for_file = spec.approve != "ask" and spec.file is not None
        what, *lines = spec.run.what_of(arguments)
        what += _with(seen.code) + (self._further(spec, seen.code) if for_file else "")
        request = ApprovalRequest(
            call_id,
            spec.name,
            what,
            "file" if for_file else "call",
            spec.file,
            arguments,
            lines=tuple(lines),
            code=runs_code(spec.run),
        )
        decision = await put(self._people.approve(request))
        if decision.scope is None:
            raise ToolError("denied", _why(decision, spec))
        if decision.scope == "file" and for_file:
            if spec.file is not None and seen.fingerprint is not None:
                await asyncio.to_thread(self._trust.trust, spec.file, seen.fingerprint)
        else:
            self._granted.grant(decision.scope, _asked(spec, seen))

    def _seen(self, spec: ToolSpec) -> _Seen:
        """What would run, as it is now, and whether that is trusted."""
        code = self._code(spec)
        content = "" if spec.file is None else spec.digest or self._trust.fingerprint(spec.file)
        if content is None:
            return _Seen(code, None, trusted=False)
        # In the same order, whichever tool of the file is called.
        kinds = sorted(code, key=lambda kind: kind.__qualname__)
        fingerprint = "+".join([content, *(code[kind].fingerprint() for kind in kinds if code[kind].modules)])
        trusted = spec.file is not None and self._trust.trusted(spec.file, fingerprint)
        return _Seen(code, fingerprint, trusted=trusted)

    def _code(self, spec: ToolSpec) -> _Code:
        """The code of all tools of the same file; none for a tool that runs none."""
        if not runs_code(spec.run):
            return {}
        same = [spec.run]
        if spec.file is not None:
            same += [each.run for each in self._tools if each.file == spec.file and runs_code(each.run)]
        kinds: Sequence[type[ToolKind]] = list(dict.fromkeys(map(type, same)))
        found = {kind: kind.code([run for run in same if type(run) is kind]) for kind in kinds}
        return {kind: code for kind, code in found.items() if code is not None}

    def _further(self, spec: ToolSpec, code: _Code) -> str:
        """In words, what trust in the file lets its other tools do, where no file of code shows that."""
        same = [each.run for each in self._tools if each.file == spec.file]
        silent = [run for run in same if type(run) not in code or not run.shown_by_code]
        words = list(dict.fromkeys(run.what() for run in silent if runs_code(run) and run != spec.run))
        return f"; other tools of its file: {_listed(words)}" if words else ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The code of a call, and what trusting it with its tools file is remembered by; None when the file is gone."""

    code: _Code
    fingerprint: str | None
    trusted: bool


def _asked(spec: ToolSpec, seen: _Seen) -> Asked:
    return Asked(spec.file, (spec.name, spec.run.what()), seen.fingerprint, runs_code(spec.run))


def _with(code: _Code) -> str:
    """In words, which files what runs is made of."""
    files = list(dict.fromkeys(file for each in code.values() for file in each.files()))
    return f", with the code in {_listed(files)}" if files else ""


def _why(decision: Decision, spec: ToolSpec) -> str:
    if decision.reason.strip():
        return f"the user denied it: {decision.reason.strip()}"
    return f'the user did not allow the {spec.run.called} "{spec.name}" to run'


def _listed(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _MOST_SHOWN} more" if len(texts) > _MOST_SHOWN else ""
    return f"{', '.join(texts[:_MOST_SHOWN])}{more}"
