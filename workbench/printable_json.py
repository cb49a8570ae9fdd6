"""JSON that can be read as it is: text as text, and an escape for each character that is not plainly visible."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_NOT_ASCII: Final = re.compile(r"[^\n\x20-\x7e]+")


def printable_json(value: Any, *, indent: int | None = None) -> str:
    """A JSON value as text that is the same value to any parser, and that no terminal obeys."""
    return _NOT_ASCII.sub(_shown, json.dumps(value, ensure_ascii=False, indent=indent))


def _shown(found: re.Match[str]) -> str:
    text = found.group()
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1].replace("\x7f", "\\u007f")
