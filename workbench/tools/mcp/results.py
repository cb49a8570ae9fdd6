"""What a server answers a call with, as the value that the model gets.

Structured content is preferred where there is some. Resources and links to them become an object each, which the model
can cite as a document; pictures and sound are named, not sent. Refuses what is too large or too deep for a result.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from mcp import types

from workbench.errors import ToolError
from workbench.tools import jsontext

_MOST_OF_ERROR = 10_000  # characters


def value_of(result: types.CallToolResult) -> Any:
    """The JSON value that a result stands for.

    Raises ToolError: "server" when the server says that the call failed, "too-large" when it is no usable JSON.
    """
    if result.is_error:
        raise ToolError("server", _error_text(result))
    try:
        return jsontext.plain(_value(result))
    except jsontext.NotJson as error:
        raise ToolError("too-large", f"the server's result cannot be used: {error}") from None


def _value(result: types.CallToolResult) -> Any:
    structured = result.structured_content
    others = [each for each in result.content if not isinstance(each, types.TextContent)]
    if structured is not None:
        # Its text says the same once more, for clients that know no structure.
        return [structured, *map(_object, others)] if others and isinstance(structured, dict) else structured
    if others:
        return [_object(each) for each in result.content]
    return _of_texts([each.text for each in result.content if isinstance(each, types.TextContent)])


def _of_texts(texts: Sequence[str]) -> Any:
    if len(texts) == 1:
        return _parsed(texts[0])
    read = [_parsed(text) for text in texts]
    if all(isinstance(each, dict) and each for each in read):
        return read
    return [{"text": text} for text in texts] if texts else ""


def _parsed(text: str) -> Any:
    """An object or a list when the text is one, as JSON; else the text."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return jsontext.parse(text)
    except jsontext.NotJson:
        return text


def _object(block: types.ContentBlock) -> dict[str, Any]:
    match block:
        case types.TextContent():
            return {"text": block.text}
        case types.ImageContent():
            return {"image": _named(block.mime_type, block.data)}
        case types.AudioContent():
            return {"audio": _named(block.mime_type, block.data)}
        case types.ResourceLink():
            said = {
                "title": block.title or block.name,
                "description": block.description,
                "mime_type": block.mime_type,
                "size": block.size,
            }
            return {"uri": str(block.uri), **{key: value for key, value in said.items() if value is not None}}
        case types.EmbeddedResource(resource=types.TextResourceContents() as text):
            kind = {"mime_type": text.mime_type} if text.mime_type else {}
            return {"uri": str(text.uri), **kind, "text": text.text}
        case types.EmbeddedResource(resource=types.BlobResourceContents() as blob):
            return {"uri": str(blob.uri), "content": _named(blob.mime_type or "application/octet-stream", blob.blob)}
    raise AssertionError(f"content of the kind {type(block).__name__}")


def _named(mime_type: str, data: str) -> str:
    """`image/png, 12,345 bytes`."""
    try:
        size = len(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return f"{mime_type}, not readable"
    return f"{mime_type}, {size:,} bytes"


def _error_text(result: types.CallToolResult) -> str:
    texts = [each.text for each in result.content if isinstance(each, types.TextContent) and each.text.strip()]
    said = "\n".join(texts) or "the server says that the call failed, and not why"
    return said if len(said) <= _MOST_OF_ERROR else f"{said[:_MOST_OF_ERROR]}… ({len(said):,} characters)"
