"""The arguments of a call: from the model's text to an object that satisfies the tool's parameters.

Owns the parsing and the texts of "arguments". Refuses more than a megabyte, anything but an object,
and to hold up the event loop: what may be costly to check is checked in a process that can be killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import workbench
from workbench.errors import ToolError
from workbench.tools import jsontext
from workbench.tools import parameters_schema as schema
from workbench.tools.runners.python import Python, call_function
from workbench.tools.specs import ToolSpec

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

CHECK_SECONDS = 5.0
_QUICK_CHARACTERS = 64_000
_REPORT = Python("workbench.tools.parameters_schema:report", Path(workbench.__file__).parent.parent)


def parse_arguments(text: str) -> dict[str, Any]:
    """The object that `text` holds; a blank text, and null, is an empty one. Raises ToolError "arguments"."""
    text = jsontext.object_text(text)
    try:
        jsontext.check_size(text)
        value = jsontext.parse(text)
    except jsontext.NotJson as error:
        raise ToolError("arguments", f"the arguments are not usable JSON: {error}") from None
    if not isinstance(value, dict):
        raise ToolError("arguments", f"the arguments must be a JSON object, not {_kind(value)}")
    return value


class ArgumentChecker:
    """Checks arguments against one tool's parameters; `environ` is for the process that may be needed."""

    def __init__(self, spec: ToolSpec, *, environ: Mapping[str, str], limit: float = CHECK_SECONDS) -> None:
        self._spec = spec
        self._environ = environ
        self._limit = limit
        self._validator: Validator | None = None

    async def check(self, arguments: dict[str, Any], *, size: int) -> None:
        """`size` is the length of the arguments' text. Raises ToolError "arguments": with each violation's reason and
        its JSON path, where it is not about the arguments themselves, and its `faults`; or why they cannot be checked,
        as the schema is broken or takes too long."""
        try:
            if size > _QUICK_CHARACTERS or schema.needs_isolation(self._spec.parameters):
                found = await self._check_in_a_process(arguments)
            else:
                found = schema.violations(await self._built(), arguments)
        except schema.BrokenSchema as error:
            raise ToolError(
                "arguments", f'the parameters of "{self._spec.name}" are not a usable JSON Schema: {error}'
            ) from None
        if found:
            texts = "; ".join(each.text.removeprefix("$: ") for each in found)
            faults = tuple(fault for each in found for fault in each.faults)
            raise ToolError("arguments", f"invalid arguments: {texts}", faults)

    async def _built(self) -> Validator:
        if self._validator is None:
            self._validator = await asyncio.to_thread(schema.build, self._spec.parameters)
        return self._validator

    async def _check_in_a_process(self, arguments: dict[str, Any]) -> list[schema.Violation]:
        try:
            request = {"schema": jsontext.plain(self._spec.parameters), "arguments": arguments}
        except jsontext.NotJson as error:
            raise schema.BrokenSchema(str(error)) from None
        outcome = await call_function(_REPORT, request, timeout=self._limit, environ=self._environ)
        if outcome.error is not None:
            raise ToolError(
                "arguments",
                f'the arguments of "{self._spec.name}" could not be checked against its parameters: {outcome.error}',
            )
        if "broken" in outcome.value:
            raise schema.BrokenSchema(outcome.value["broken"])
        return [schema.Violation(str(text), tuple(faults)) for text, faults in outcome.value["violations"]]


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "a number"
