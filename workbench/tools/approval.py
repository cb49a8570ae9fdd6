"""Whether a call may run: the rules of `approve`, the trust in files, and one question at a time.

    approve   harmless         code
    never     denied           denied
    ask       asks each time   asks each time
    always    runs             asks once for its tools file, then runs
    (unset)   runs             asks once for its tools file, then runs

What does not say that it is harmless is code (`runner.runs_code`); code that belongs to no tools file has nothing that
could be trusted, so it is asked for each time. What is trusted is the content of the tools file as it was read, and the
code of all its tools as it is at the question: what a yes was given for is what `require` hands on to be run.
Refuses by raising ToolError "denied"; never runs anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ToolError
from workbench.tools.modules import ModulesBeside
from workbench.tools.people import ApprovalRequest, People, put
from workbench.tools.runner import ToolKind, runs_code
from workbench.tools.specs import ToolSpec
from workbench.tools.trust import TrustStore

_MOST_SHOWN = 10

_Code = Mapping[type[ToolKind], ModulesBeside]
"""The code of the tools of one file, by their kinds."""


class Approvals:
    """`lock` is held while a person is asked something; whoever else asks that person holds it too.

    `tools` are all there are: trust in a file is for the code of each of its tools.
    """

    def __init__(self, people: People, trust: TrustStore, tools: Sequence[ToolSpec] = ()) -> None:
        self._people = people
        self._trust = trust
        self._tools = tools
        self.lock = asyncio.Lock()

    async def require(self, spec: ToolSpec, call_id: str, arguments: Mapping[str, Any]) -> ModulesBeside | None:
        """Returns once the call may run, with the code that it may run; None when it runs none.

        Raises ToolError "denied" (or what the person's side raised).
        """
        if spec.approve == "never":
            raise ToolError("denied", f'the tool "{spec.name}" is set to `approve: never`')
        if spec.approve != "ask" and not runs_code(spec.run):
            return None
        if spec.approve != "ask" and spec.file is not None:
            code = await self._require_trust(spec, spec.file, call_id, arguments)
        else:
            async with self.lock:
                code = await asyncio.to_thread(self._code, spec)
                await self._ask(
                    ApprovalRequest(call_id, spec.name, _what(spec.run, code), "call", spec.file, arguments)
                )
        return code.get(type(spec.run))

    async def _require_trust(self, spec: ToolSpec, file: Path, call_id: str, arguments: Mapping[str, Any]) -> _Code:
        seen = await asyncio.to_thread(self._seen, spec, file)
        if seen.trusted:
            return seen.code
        async with self.lock:
            # Another call may have had its yes for the same file while this one waited its turn.
            seen = await asyncio.to_thread(self._seen, spec, file)
            if not seen.trusted:
                what = f"{_what(spec.run, seen.code)}{self._further(spec, seen.code)}"
                await self._ask(ApprovalRequest(call_id, spec.name, what, "file", file, arguments))
                if seen.fingerprint is not None:
                    await asyncio.to_thread(self._trust.trust, file, seen.fingerprint)
        return seen.code

    def _seen(self, spec: ToolSpec, file: Path) -> _Seen:
        """What would run, as it is now, and whether that is trusted."""
        code, content = self._code(spec), spec.digest or self._trust.fingerprint(file)
        if content is None:
            return _Seen(code, None, trusted=False)
        # In the same order, whichever tool of the file is called.
        kinds = sorted(code, key=lambda kind: kind.__qualname__)
        fingerprint = "+".join([content, *(code[kind].fingerprint() for kind in kinds if code[kind].modules)])
        return _Seen(code, fingerprint, trusted=self._trust.trusted(file, fingerprint))

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
        silent = [each.run for each in self._tools if each.file == spec.file and type(each.run) not in code]
        words = list(dict.fromkeys(run.what() for run in silent if runs_code(run) and run != spec.run))
        return f"; other tools of its file: {_listed(words)}" if words else ""

    async def _ask(self, request: ApprovalRequest) -> None:
        if not await put(self._people.approve(request)):
            raise ToolError("denied", f'the user did not allow the tool "{request.tool}" to run')


@dataclass(frozen=True, slots=True)
class _Seen:
    """The code of a call, and what trusting it with its tools file is remembered by; None when the file is gone."""

    code: _Code
    fingerprint: str | None
    trusted: bool


def _what(run: ToolKind, code: _Code) -> str:
    """In words, what a call of the tool does on this machine, and with which files."""
    files = [file for each in code.values() for file in each.files()]
    return f"{run.what()}, with the code in {_listed(files)}" if files else run.what()


def _listed(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _MOST_SHOWN} more" if len(texts) > _MOST_SHOWN else ""
    return f"{', '.join(texts[:_MOST_SHOWN])}{more}"
