"""A canned result: the configured value, as it is. Refuses values that JSON cannot hold."""

from __future__ import annotations

from typing import Any

from workbench.errors import ToolError
from workbench.tools import jsontext
from workbench.tools.specs import CannedReply


def run(tool: CannedReply) -> Any:
    """A copy of the tool's value, which the caller may change. Raises ToolError "failed"."""
    try:
        return jsontext.plain(tool.value)
    except jsontext.NotJson as error:
        raise ToolError("failed", f"its canned reply is not a JSON value: {error}") from None
