"""Strict JSON for what crosses the border of a tool: arguments coming in, results going out.

Owns the limits on such values: one megabyte, a hundred levels, finite numbers. Refuses what other programs
could not read back (NaN, Infinity, 1e999) and what would exhaust the stack of whoever walks it next.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from workbench.json_depth import is_deeper

MAX_BYTES = 1_000_000
MAX_DEPTH = 100
_NO_ARGUMENTS = ("", "null", '""')
_TWO_OBJECTS = re.compile(r"\}\s*\{")


class NotJson(ValueError):
    """A text or a value that is no acceptable JSON; the message says why, and where in a text."""


class TooLarge(NotJson):
    """A text or a value of more than MAX_BYTES."""


def parse(text: str) -> Any:
    """The value of a JSON text; of duplicate keys the last one counts. Raises NotJson."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise NotJson(f"nested deeper than {MAX_DEPTH} levels") from None
    except NotJson:
        raise
    except ValueError as error:
        raise NotJson(str(error)) from None
    if is_deeper(value, MAX_DEPTH):
        raise NotJson(f"nested deeper than {MAX_DEPTH} levels")
    return value


def object_text(text: str) -> str:
    """`text`, a call's arguments, or `{}` where it says that there are none: blank, `null` or an empty string.

    Some servers send the whole with the start of a call, and then its text once more: that is the one object.
    """
    if text.strip() in _NO_ARGUMENTS:
        return "{}"
    if len(text) > 2 * MAX_BYTES or not _TWO_OBJECTS.search(text):
        return text
    return _said_twice(text.strip()) or text


def _said_twice(text: str) -> str | None:
    """The object that `text` is twice; None when it is not the same one."""
    try:
        first, end = json.JSONDecoder().raw_decode(text)
        is_same = json.dumps(first) == json.dumps(json.loads(text[end:]))
    except (ValueError, RecursionError):
        return None
    return text[:end] if is_same else None


def plain(value: Any) -> Any:
    """A copy of `value` made of dict, list, str, int, float, bool and None only. Raises NotJson."""
    try:
        text = json.dumps(value, allow_nan=False, default=_as_dict)
    except RecursionError:
        raise NotJson(f"nested deeper than {MAX_DEPTH} levels") from None
    except (TypeError, ValueError) as error:
        raise NotJson(str(error)) from None
    check_size(text)
    return parse(text)


def check_size(text: str) -> None:
    """Raises TooLarge when `text` is over MAX_BYTES in UTF-8."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise TooLarge(f"{size:,} bytes are over the limit of {MAX_BYTES:,}")


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isfinite(number):
        return number
    raise NotJson(f"the number {text[:40]} is too large")


def _as_dict(value: Any) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON type")
