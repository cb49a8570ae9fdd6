"""A JSON value as a literal of Python, laid out to be read."""

from __future__ import annotations

import json
from typing import Any, Final

from workbench.json_depth import is_deeper

_WIDTH: Final = 100  # characters of a line that is not broken
_INDENT: Final = 4
_DEEPEST: Final = 40  # levels; the parser of Python knows no more than 200 brackets within each other


def literal(value: Any, indent: int = 0) -> str:
    """An expression of Python that is `value`, whose further lines are indented by so many blanks.

    Characters that are not plainly visible are escaped. What is nested very deeply is a call of `json.loads`.
    """
    if is_deeper(value, _DEEPEST):
        return f'__import__("json").loads({json.dumps(value)!r})'
    return _literal(value, indent)


def _literal(value: Any, indent: int) -> str:
    if isinstance(value, str):
        return _text(value, indent)
    if not isinstance(value, dict | list) or not value:
        return repr(value)
    short = _short(value)
    if len(short) + indent <= _WIDTH:
        return short
    inner, last = " " * (indent + _INDENT), " " * indent
    if isinstance(value, dict):
        lines = [f"{inner}{name!r}: {_literal(item, indent + _INDENT)}," for name, item in value.items()]
        return "\n".join(["{", *lines, f"{last}}}"])
    return "\n".join(["[", *(f"{inner}{_literal(item, indent + _INDENT)}," for item in value), f"{last}]"])


def _short(value: Any) -> str:
    """`value` on one line; of one with lines of text in it, too much for a line."""
    text = repr(value)
    return text if "\\n" not in text else " " * (_WIDTH + 1)


def _text(text: str, indent: int) -> str:
    """A text; one of several lines is written a line each."""
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return repr(text)
    inner = " " * (indent + _INDENT)
    return "\n".join(["(", *(f"{inner}{line!r}" for line in lines), f"{' ' * indent})"])
