"""A tool's result as the content of a `tool` message, in the shape that lets the model cite it.

Owns the ids of those documents: `<call id>:<n>`, the ids that the API would give them itself, so that sources
look the same whoever answers. Refuses text that cannot be sent: lone surrogates become U+FFFD. Refuses more of a result
than a model is given (`result_sizes.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import surrogates
from workbench.tools.result_sizes import MOST_FOR_MODEL, for_model, shortened

if TYPE_CHECKING:
    from workbench.events import ToolResult


def result_documents(result: ToolResult) -> list[dict[str, Any]]:
    """Document blocks, never none: `data` is always a non-empty object.

    An object is one document, a list of objects one document each; any other value is `{"result": value}`,
    and a failure `{"error": text}`.
    """
    return [_block(result.id, number, data) for number, data in enumerate(_objects(result))]


def _objects(result: ToolResult) -> list[dict[str, Any]]:
    if result.error is not None:
        return [{"error": shortened(result.error, MOST_FOR_MODEL)}]
    value = for_model(result.result)
    if _is_object(value):
        return [value]
    if isinstance(value, list) and value and all(_is_object(item) for item in value):
        return value
    return [{"result": value}]


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _block(call_id: str, number: int, data: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {"data": _sendable(data)}
    if call_id:
        document["id"] = _sendable(f"{call_id}:{number}")
    return {"type": "document", "document": document}


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        return surrogates.sendable(value)
    if isinstance(value, dict):
        return {_sendable(key): _sendable(item) for key, item in value.items()}
    return [_sendable(item) for item in value] if isinstance(value, list) else value
