"""What went wrong with a server, in a few words for people: owns finding the cause in what the package raises."""

from __future__ import annotations

from typing import Final

import httpx2
from mcp import MCPError
from mcp.types import CONNECTION_CLOSED
from pydantic import ValidationError

from workbench.errors import ToolError

_LONGEST: Final = 500
_CLOSED: Final = "Connection closed"


def words_of(error: BaseException) -> str:
    """In a sentence's rest, what `error` is about: "cannot be reached: ..."."""
    text = _words(_cause(error))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def is_closed(error: MCPError) -> bool:
    """Whether `error` is the package's own for a connection that is closed: servers use its number for theirs, too."""
    return error.code == CONNECTION_CLOSED and error.message == _CLOSED


def is_of_connection(error: BaseException) -> bool:
    """Whether `error` is that the connection broke: how the server ended says more then."""
    cause = _cause(error)
    if isinstance(cause, MCPError):
        return is_closed(cause)
    return not isinstance(cause, (ToolError, ValidationError, RuntimeError))


def _cause(error: BaseException) -> BaseException:
    """The first error in a group, and in the groups within it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _words(error: BaseException) -> str:
    match error:
        case MCPError():
            return error.message or f"it answers with error {error.code}"
        case ToolError():
            return str(error)
        case ValidationError():
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            return f"what it answers is not as MCP has it: {where}: {first['msg']}"
        case httpx2.HTTPStatusError():
            return f"it answers with HTTP {error.response.status_code}"
        case httpx2.TimeoutException():
            return "it did not answer in time"
        case httpx2.ConnectError():
            return f"it cannot be reached: {error}"
        case httpx2.HTTPError() | httpx2.InvalidURL():
            return str(error) or type(error).__name__
        case OSError():
            return error.strerror or str(error)
    return f"{type(error).__name__}: {error}"
