"""A JSON value in words: on one line with what tells most first, and as text of which no more is made than is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workbench.safe_text import safe_line, safe_text

LONGEST_VALUE: Final = 200  # characters of a value on a line
SHORT: Final = 80  # characters of a text that tells something at a glance
MOST_ON_A_LINE: Final = 20  # values
MOST_LINES: Final = 200  # of a text that is shown at once: wrapping more is felt
MOST_CHARACTERS: Final = 20_000
MOST_COUNTED: Final = 20_000  # values that are counted to say how many lines are hidden
MOST_READ: Final = 200_000  # characters of a text of JSON that are read as one to show its beginning
TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
SCALAR: Final = re.compile(r"true|false|null|-?\d[\d.eE+-]*")


def in_a_line(value: Any, between: str = " ") -> str:
    """The value as one line that is safe to show; `between` stands between a name and its value."""
    if isinstance(value, Mapping):
        named = list(telling(value))[:MOST_ON_A_LINE]
        return ", ".join(f"{safe_line(str(name))}{between}{_brief(each)}" for name, each in named)
    if isinstance(value, list):
        return _listed(value, between)
    return _brief(value)


def telling(value: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """The entries of an object, those first that tell most: short texts, numbers, long texts, and then the rest."""
    return sorted(value.items(), key=lambda entry: _rank(entry[1]))


def _rank(value: Any) -> int:
    if isinstance(value, str) and value:
        return 0 if len(value) <= SHORT else 2
    if isinstance(value, bool) or value is None or value == "":
        return 4
    return 1 if isinstance(value, int | float) else 3


def _listed(values: Sequence[Any], between: str) -> str:
    if any(isinstance(each, Mapping | list) for each in values[:MOST_ON_A_LINE]):
        count = f"{len(values)} items: " if len(values) > 1 else ""
        return count + in_a_line(values[0], between)
    return ", ".join(_brief(each) for each in values[:MOST_ON_A_LINE]) + (" …" if len(values) > MOST_ON_A_LINE else "")


def _brief(value: Any) -> str:
    if isinstance(value, str):
        text = " ".join(value[: 2 * LONGEST_VALUE].split())
        shown = safe_line(text[:LONGEST_VALUE])
        return f"{shown}…" if len(text) > LONGEST_VALUE or len(value) > 2 * LONGEST_VALUE else shown
    text = ""
    for piece in _pieces(value, indent=None):
        text += piece
        if len(text) > LONGEST_VALUE:
            return f"{safe_line(text[:LONGEST_VALUE])}…"
    return safe_line(text)


def whole(value: Any) -> str:
    """As `exact`, and safe to show."""
    return safe_text(exact(value))


def exact(value: Any) -> str:
    """A text as it is, any other value as indented JSON; to be taken along, not to be shown."""
    return value if isinstance(value, str) else "".join(_pieces(value, indent=2))


def beginning_of(value: Any) -> tuple[str, str]:
    """As `whole`, but no more than one looks at, and in words how much more there is; "" when that is all."""
    return _beginning_of_text(value) if isinstance(value, str) else _beginning_of_json(value)


def _beginning_of_text(text: str) -> tuple[str, str]:
    lines = text[:MOST_CHARACTERS].split("\n", MOST_LINES)
    shown = "\n".join(lines[:MOST_LINES])
    hidden = text.count("\n", len(shown))
    if len(shown) == len(text):
        return safe_text(shown), ""
    return safe_text(shown), f"{hidden:,} more lines" if hidden else f"{len(text) - len(shown):,} more characters"


def _beginning_of_json(value: Any) -> tuple[str, str]:
    pieces, lines, length = [], 1, 0
    for piece in _pieces(value, indent=2):
        pieces.append(piece)
        lines += piece.count("\n")
        length += len(piece)
        if lines > MOST_LINES or length > MOST_CHARACTERS:
            break
    else:
        return safe_text("".join(pieces)), ""
    shown, left = _beginning_of_text("".join(pieces))
    hidden = max(1, lines_of(value) - shown.count("\n") - 1)
    more = "more than " if hidden >= MOST_COUNTED else ""
    return shown, "more" if left.endswith("characters") else f"{more}{hidden:,} more lines"


def beginning_of_json_text(text: str) -> tuple[str, str] | None:
    """As `beginning_of` the value that a text of JSON is, which may be megabytes: it is read as far as it is shown.

    None when what is read of it is no JSON.
    """
    pieces, lines, length = [], 1, 0
    for piece in _indented(text):
        if piece is None:
            return None
        pieces.append(piece)
        lines += piece.count("\n")
        length += len(piece)
        if lines > MOST_LINES or length > MOST_CHARACTERS:
            return _beginning_of_text("".join(pieces))[0], "more"
    return safe_text("".join(pieces)), ""


def _indented(text: str) -> Iterator[str | None]:
    """The tokens of a text of JSON, with the blanks that indent them; None, the last, for what is no JSON."""
    depth = 0
    is_first = False  # in its bracket
    for number, match in enumerate(TOKEN.finditer(text)):
        token = match[0]
        if number and not depth:  # something behind the value
            yield None
            return
        if token in ("}", "]"):
            depth -= 1
            yield token if is_first else f"\n{' ' * 2 * depth}{token}"
            is_first = False
            continue
        if is_first:
            yield f"\n{' ' * 2 * depth}"
            is_first = False
        if token in ("{", "["):
            depth += 1
            is_first = True
            yield token
        elif token == ",":
            yield f",\n{' ' * 2 * depth}"
        elif token == ":":
            yield ": "
        elif token.startswith('"'):
            yield token if "\\" not in token else _unescaped(token[:MOST_CHARACTERS])
        elif SCALAR.fullmatch(token):
            yield token
        else:
            yield None
            return


def _unescaped(string: str) -> str:
    """A string of JSON with the characters that its escapes stand for, where these need none."""
    try:
        return json.dumps(json.loads(string), ensure_ascii=False)
    except ValueError:
        return string


def _pieces(value: Any, *, indent: int | None) -> Iterator[str]:
    """The JSON of a value, made as it is asked for; of one that is nested too deeply, as far as it can be made."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=indent, default=str)
    try:
        yield from encoder.iterencode(value)
    except (RecursionError, ValueError):
        yield " … (nested too deeply to be shown)"


def lines_of(value: Any, most: int = MOST_COUNTED) -> int:
    """How many lines the indented JSON of a value has, as far as it is worth counting: up to `most` values."""
    lines, left, counted = 0, [value], 0
    while left and counted < most:
        each = left.pop()
        counted += 1
        items = list(each.values()) if isinstance(each, Mapping) else each if isinstance(each, list) else ()
        lines += 2 if items else 1
        left.extend(items)
    return lines + len(left)
