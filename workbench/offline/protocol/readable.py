"""JSON values as words: `opens: 09:00, closes: 18:00`.

Owns how a value reads in an answer; keys and values stay as they are, so that they can be found again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from workbench.json_depth import is_deeper

MAX_DEPTH = 100


def loads(text: str) -> Any:
    """The value of strict JSON. Raises `ValueError` for anything else: NaN, infinities, numbers too big for a float."""
    return json.loads(text, parse_constant=_finite, parse_float=_finite)


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is no number of JSON")
    return value


def unpacked(value: Any) -> Any:
    """`value`, or what it holds when it is a string of JSON: an object or a list."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        held = loads(value)
    except (ValueError, RecursionError):
        return value
    return value if is_deeper(held, MAX_DEPTH) else held


def scalar(value: Any) -> str:
    """A string in one line, anything else as JSON."""
    if isinstance(value, str):
        return " ".join(value.split())
    return json.dumps(value, ensure_ascii=False)


def line(value: Any) -> str:
    """`value` in one line: objects as `key: value, ...`, lists by commas, inner objects in parentheses."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {text}" for key, text in fields(value))
    if isinstance(value, list):
        return ", ".join(f"({line(item)})" if isinstance(item, dict) else line(item) for item in value)
    return scalar(value)


def fields(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """The leaves of an object as (key, text), keys of inner objects joined with a full stop."""
    found: list[tuple[str, str]] = []
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, Mapping) and item:
            found.extend(fields(item, f"{name}."))
        else:
            found.append((name, line(item)))
    return found
