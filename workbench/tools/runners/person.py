"""A result that a person types: JSON when it parses as JSON, else the text itself. Refuses over a megabyte."""

from __future__ import annotations

from typing import Any

from workbench.errors import ToolError
from workbench.tools import jsontext
from workbench.tools.people import AnswerRequest, People, put


async def run(people: People, request: AnswerRequest) -> Any:
    """The typed value, however long typing takes. Raises ToolError, the person's side's own included."""
    text = await put(people.answer(request))
    try:
        jsontext.check_size(text)
    except jsontext.NotJson as error:
        raise ToolError("failed", f"the typed result is too long: {error}") from None
    try:
        return jsontext.parse(text)
    except jsontext.NotJson:
        return text
