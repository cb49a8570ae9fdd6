"""JSON's own grammar, driven into the tree builder: owns telling JSON from YAML's flow style.

Refuses nothing itself: text that is not JSON raises NotJsonGrammar, and the caller reads it as YAML.
"""

from __future__ import annotations

import json
import re

from workbench import surrogates
from workbench.config.nodes import TreeBuilder
from workbench.config.scalars import TooLarge, resolve

_TOKEN = re.compile(
    r"""[ \t\n]*(?:
        (?P<mark>[\[\]{},:])
      | (?P<text>"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")
      | (?P<bare>-?[0-9][0-9.eE+-]*|true|false|null)
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_CLOSING = {"[": "]", "{": "}"}


class NotJsonGrammar(Exception):
    """The text does not follow JSON's grammar."""


def looks_like_json(text: str) -> bool:
    """Whether the text begins as a JSON list or object does."""
    return text.lstrip(" \t\n")[:1] in {"[", "{"}


def read_json(text: str, builder: TreeBuilder) -> None:
    """Builds the tree of a JSON text, without recursion. Raises NotJsonGrammar, or Unreadable from the builder."""
    closers: list[str] = []
    # What the grammar allows next: a value, a key, a colon, a comma, or the closing of what is open.
    allowed = {"value"}
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotJsonGrammar
        position = match.end()
        kind = match.lastgroup or ""
        token, index = match.group(kind), match.start(kind)
        if kind == "end":
            if closers or "end" not in allowed:
                raise NotJsonGrammar
            return
        if kind == "mark":
            allowed = _mark(token, index, allowed, closers, builder)
        else:
            allowed = _scalar(kind, token, index, allowed, closers, builder)


def _mark(token: str, index: int, allowed: set[str], closers: list[str], builder: TreeBuilder) -> set[str]:
    """Takes one punctuation mark; what may come after it."""
    if token in _CLOSING and "value" in allowed:
        builder.open(index, is_map=token == "{")
        closers.append(_CLOSING[token])
        return {"key", "close"} if token == "{" else {"value", "close"}
    if closers and token == closers[-1] and "close" in allowed:
        builder.close()
        closers.pop()
        return _after_value(closers)
    if token == "," and "comma" in allowed:
        return {"key"} if closers[-1] == "}" else {"value"}
    if token == ":" and "colon" in allowed:
        return {"value"}
    raise NotJsonGrammar


def _scalar(kind: str, token: str, index: int, allowed: set[str], closers: list[str], builder: TreeBuilder) -> set[str]:
    """Takes one text, number or word; what may come after it."""
    if "key" in allowed and kind == "text":
        builder.key(_string(token, index, builder), index)
        return {"colon"}
    if "value" not in allowed:
        raise NotJsonGrammar
    if kind == "text":
        builder.scalar(_string(token, index, builder), index)
    else:
        builder.scalar(_bare(token, index, builder), index, written=token)
    return _after_value(closers)


def _after_value(closers: list[str]) -> set[str]:
    return {"comma", "close"} if closers else {"end"}


def _string(token: str, index: int, builder: TreeBuilder) -> str:
    try:
        value: str = json.loads(token)
    except ValueError as error:
        raise NotJsonGrammar from error
    sendable = surrogates.sendable(value)
    if sendable != value:
        builder.problem(index, "half of a surrogate pair is no character", "write both \\u halves, or the character")
    return sendable


def _bare(token: str, index: int, builder: TreeBuilder) -> str | int | float | bool | None:
    try:
        value = resolve(token)
    except TooLarge:
        return builder.too_large(token, index)
    if isinstance(value, str):
        raise NotJsonGrammar
    return value
