"""Whether a call may run: the rules of `approve`, the trust in files, and one question at a time.

    approve   canned or typed result   code
    never     denied                   denied
    ask       asks each time           asks each time
    always    runs                     asks once for its tools file, then runs
    (unset)   runs                     asks once for its tools file, then runs

Code that belongs to no tools file has nothing that could be trusted, so it is asked for each time.
Refuses by raising ToolError "denied"; never runs anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never

from workbench.errors import ToolError
from workbench.tools.model import Ask, Python, Reply, Run, ToolSpec
from workbench.tools.people import ApprovalRequest, People, put
from workbench.tools.trust import TrustStore


class Approvals:
    """`lock` is held while a person is asked something; whoever else asks that person holds it too."""

    def __init__(self, people: People, trust: TrustStore) -> None:
        self._people = people
        self._trust = trust
        self.lock = asyncio.Lock()

    async def require(self, spec: ToolSpec, call_id: str, arguments: Mapping[str, Any]) -> None:
        """Returns once the call may run; raises ToolError "denied" (or what the person's side raised)."""
        if spec.approve == "never":
            raise ToolError("denied", f'the tool "{spec.name}" is set to `approve: never`')
        is_code = isinstance(spec.run, Python)
        if spec.approve == "ask" or (is_code and spec.file is None):
            async with self.lock:
                await self._ask(ApprovalRequest(call_id, spec.name, what(spec.run), "call", spec.file, arguments))
        elif is_code and spec.file is not None:
            request = ApprovalRequest(call_id, spec.name, what(spec.run), "file", spec.file, arguments)
            await self._require_trust(spec.file, request)

    async def _require_trust(self, file: Path, request: ApprovalRequest) -> None:
        if await asyncio.to_thread(self._trust.trusted, file):
            return
        async with self.lock:
            # Another call may have had its yes for the same file while this one waited its turn.
            if await asyncio.to_thread(self._trust.trusted, file):
                return
            seen = await asyncio.to_thread(self._trust.fingerprint, file)
            await self._ask(request)
            if seen is not None:
                await asyncio.to_thread(self._trust.trust, file, seen)

    async def _ask(self, request: ApprovalRequest) -> None:
        if not await put(self._people.approve(request)):
            raise ToolError("denied", f'the user did not allow the tool "{request.tool}" to run')


def what(run: Run) -> str:
    """In words, what a call of the tool does on this machine."""
    match run:
        case Reply():
            return "gives its canned reply"
        case Ask():
            return "asks you to type the result"
        case Python(target=target, base=base):
            return f"runs the Python function {target} from {base}"
        case _:
            assert_never(run)
