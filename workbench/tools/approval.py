"""Whether a call may run: the rules of `approve`, the trust in files, and one question at a time.

    approve   canned or typed result   code
    never     denied                   denied
    ask       asks each time           asks each time
    always    runs                     asks once for its tools file, then runs
    (unset)   runs                     asks once for its tools file, then runs

Code that belongs to no tools file has nothing that could be trusted, so it is asked for each time.
What is trusted is the content of the tools file as it was read, and the code of all its tools as it is at the question:
what a yes was given for is what `require` hands on to be run.
Refuses by raising ToolError "denied"; never runs anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

from workbench.errors import ToolError
from workbench.tools.modules import ModulesBeside, find_code
from workbench.tools.people import ApprovalRequest, People, put
from workbench.tools.specs import Ask, CannedReply, Python, Run, ToolSpec
from workbench.tools.trust import TrustStore

_FILES_SHOWN = 10


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
        if spec.approve != "ask" and isinstance(spec.run, Python) and spec.file is not None:
            return await self._require_trust(spec, spec.run, spec.file, call_id, arguments)
        if spec.approve != "ask" and not isinstance(spec.run, Python):
            return None
        async with self.lock:
            code = await asyncio.to_thread(self._code, spec)
            await self._ask(ApprovalRequest(call_id, spec.name, what(spec.run, code), "call", spec.file, arguments))
        return code

    async def _require_trust(
        self, spec: ToolSpec, run: Python, file: Path, call_id: str, arguments: Mapping[str, Any]
    ) -> ModulesBeside | None:
        seen = await asyncio.to_thread(self._seen, spec, file)
        if seen.trusted:
            return seen.code
        async with self.lock:
            # Another call may have had its yes for the same file while this one waited its turn.
            seen = await asyncio.to_thread(self._seen, spec, file)
            if not seen.trusted:
                await self._ask(ApprovalRequest(call_id, spec.name, what(run, seen.code), "file", file, arguments))
                if seen.fingerprint is not None:
                    await asyncio.to_thread(self._trust.trust, file, seen.fingerprint)
        return seen.code

    def _seen(self, spec: ToolSpec, file: Path) -> _Seen:
        """What would run, as it is now, and whether that is trusted."""
        code, content = self._code(spec), spec.digest or self._trust.fingerprint(file)
        if content is None:
            return _Seen(code, None, trusted=False)
        fingerprint = f"{content}+{code.fingerprint()}" if code and code.modules else content
        return _Seen(code, fingerprint, trusted=self._trust.trusted(file, fingerprint))

    def _code(self, spec: ToolSpec) -> ModulesBeside | None:
        """The code of all tools of the same file."""
        if not isinstance(spec.run, Python):
            return None
        base, same = spec.run.base, [spec]
        if spec.file is not None:
            same += [each for each in self._tools if each.file == spec.file]
        runs = [each.run for each in same if isinstance(each.run, Python) and each.run.base == base]
        return find_code(base, sorted({run.target for run in runs}))

    async def _ask(self, request: ApprovalRequest) -> None:
        if not await put(self._people.approve(request)):
            raise ToolError("denied", f'the user did not allow the tool "{request.tool}" to run')


@dataclass(frozen=True, slots=True)
class _Seen:
    """The code of a call, and what trusting it with its tools file is remembered by; None when the file is gone."""

    code: ModulesBeside | None
    fingerprint: str | None
    trusted: bool


def what(run: Run, code: ModulesBeside | None = None) -> str:
    """In words, what a call of the tool does on this machine."""
    match run:
        case CannedReply():
            return "gives its canned reply"
        case Ask():
            return "asks you to type the result"
        case Python(target=target, base=base):
            return f"runs the Python function {target} from {base}{_with(code)}"
        case _:
            assert_never(run)


def _with(code: ModulesBeside | None) -> str:
    files = code.files() if code else []
    more = f" and {len(files) - _FILES_SHOWN} more" if len(files) > _FILES_SHOWN else ""
    return f", with the code in {', '.join(files[:_FILES_SHOWN])}{more}" if files else ""
