"""A request that the engine refuses, and the words for what was found in it."""

from __future__ import annotations

from typing import Any

_SHOWN = 80


class Rejected(Exception):
    """The request gets an error reply. `status` is 400 (cannot be read) or 422 (read, but impossible)."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)


def kind_of(value: Any) -> str:
    """`value`'s JSON type in words, for a message: "a string", "null"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "an object"


def shown(value: Any) -> str:
    """`value` as it can be quoted in a message: escaped, and not longer than a line."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def wrong_type(where: str, wanted: str, value: Any) -> Rejected:
    """The 422 for a value of the wrong type at `where`, a path such as `messages[2].content`."""
    return Rejected(422, f"invalid request: {where} must be {wanted}, not {kind_of(value)}")


def an_object(where: str, value: Any) -> dict[str, Any]:
    """`value` if it is a JSON object, else the rejection."""
    if not isinstance(value, dict):
        raise wrong_type(where, "an object", value)
    return value


def a_list(where: str, value: Any) -> list[Any]:
    """`value` if it is a JSON array, else the rejection."""
    if not isinstance(value, list):
        raise wrong_type(where, "a list", value)
    return value


def a_string(where: str, value: Any) -> str:
    """`value` if it is a string, else the rejection."""
    if not isinstance(value, str):
        raise wrong_type(where, "a string", value)
    return value
