"""What of a request differs from the one before it: messages, tools and documents that came or went, parameters.

Owns what counts as the same, and how a difference is said in a row. Values come first, then their rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from itertools import takewhile
from typing import Any, Final, Literal

from textual.content import Content

from workbench import surrogates
from workbench.safe_text import safe_line
from workbench.ui.panes.values import beginning_of, exact
from workbench.ui.widgets.coloured_json import coloured
from workbench.ui.widgets.row import LONGEST_LINE, MakeRow, Row

MOST_ALIGNED: Final = 300  # items between those that are the same at both ends; more of them came and went as a whole
LISTS: Final = ("messages", "documents", "tools")

Sign = Literal["+", "-", "~", " "]
_STYLES: Final[Mapping[Sign, str]] = {"+": "bold success", "-": "bold error", "~": "bold warning", " ": "muted"}


@dataclass(frozen=True, slots=True)
class Change:
    """Something that came (`+`), went (`-`), is another than before (`~`), or `count` things that are as before (" ").

    `name` is the parameter's; `item` tells that it is one of its list. `was` is what a changed one was before.
    """

    sign: Sign
    name: str
    value: Any = None
    was: Any = None
    item: bool = False
    count: int = 1


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """What differs between two bodies: lists item by item, then each parameter."""
    for name in LISTS:
        if isinstance(now.get(name), list) or isinstance(before.get(name), list):
            yield from _of_list(name, before.get(name), now.get(name))
    names = [name for name in dict.fromkeys((*now, *before)) if not _is_list(name, before, now)]
    for name in names:
        if name not in before:
            yield Change("+", name, now[name])
        elif name not in now:
            yield Change("-", name, before[name])
        elif before[name] != now[name]:
            yield Change("~", name, now[name], before[name])


def _is_list(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return name in LISTS and (isinstance(now.get(name), list) or isinstance(before.get(name), list))


def _of_list(name: str, before: Any, now: Any) -> Iterator[Change]:
    old = before if isinstance(before, list) else []
    new = now if isinstance(now, list) else []
    head = sum(1 for _ in takewhile(_are_same, zip(old, new, strict=False)))
    tails = zip(reversed(old[head:]), reversed(new[head:]), strict=False)
    tail = sum(1 for _ in takewhile(_are_same, tails))
    if head:
        yield Change(" ", name, item=True, count=head)
    yield from _between(name, old[head : len(old) - tail], new[head : len(new) - tail])
    if tail:
        yield Change(" ", name, item=True, count=tail)


def _are_same(pair: tuple[Any, Any]) -> bool:
    return pair[0] is pair[1] or bool(pair[0] == pair[1])


def _between(name: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    if max(len(old), len(new)) > MOST_ALIGNED:
        opcodes = [("replace", 0, len(old), 0, len(new))]
    else:
        opcodes = [*SequenceMatcher(None, _written(old), _written(new), autojunk=False).get_opcodes()]
    for kind, first, end, begin, stop in opcodes:
        if kind == "equal":
            yield Change(" ", name, item=True, count=end - first)
        else:
            yield from (Change("-", name, value, item=True) for value in old[first:end])
            yield from (Change("+", name, value, item=True) for value in new[begin:stop])


def _written(values: Sequence[Any]) -> list[str]:
    return [json.dumps(value, sort_keys=True, default=str) for value in values]


# -- rows ------------------------------------------------------------------------------------------------------------


def change_rows(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[MakeRow]:
    """The rows of what differs; one that says so where nothing does."""
    found = list(changes(before, now))
    for each in found:
        yield partial(_row, each)
    told = {each.name for each in found}
    same = [name for name in now if name not in told]
    if same:
        yield partial(_same_row, same)
    if all(each.sign == " " for each in found):
        yield partial(Row, Content.styled("   nothing else differs", "muted"))


def _row(change: Change) -> Row:
    if change.sign == " ":
        many = "1 is" if change.count == 1 else f"{change.count:,} are"
        return Row(Content.styled(f"   {safe_line(change.name)}: {many} as before", "muted"))
    text = json.dumps(change.value, ensure_ascii=False, default=str)
    shown, rest = safe_line(text[:LONGEST_LINE]), max(0, len(text) - LONGEST_LINE)
    name = safe_line(f"{change.name}[]" if change.item else change.name)
    parts: list[Any] = [" ", (change.sign, _STYLES[change.sign]), " ", (f"{name}  ", "bold")]
    if change.sign == "~":
        was = json.dumps(change.was, ensure_ascii=False, default=str)
        parts += [(f"{safe_line(was[:LONGEST_LINE])}", "muted"), " → "]
    head = Content.assemble(*parts, coloured(shown))
    is_small = not isinstance(change.value, dict | list) and len(text) < 20
    body = None if is_small and change.sign != "~" else partial(_body, change)
    return Row(head, body=body, head_rest=rest, indent=5, copied=partial(_copied, change), repeats=True)


def _body(change: Change) -> Content:
    if change.sign != "~":
        return _shown(change.value)
    return Content.assemble(("before\n", "muted"), _shown(change.was), ("\nnow\n", "muted"), _shown(change.value))


def _shown(value: Any) -> Content:
    text, left = beginning_of(value)
    return coloured(text) if not left else Content.assemble(coloured(text), ("\n… " + left, "warning"))


def _copied(change: Change) -> str:
    return surrogates.sendable(exact(change.value))


def _same_row(names: Sequence[str]) -> Row:
    return Row(Content.styled(f"   as before: {safe_line(', '.join(names))}", "muted"))


def not_of_sdk(body: Mapping[str, Any]) -> str:
    """The parameters of a body that Cohere's own client does not take, in words; "" where it takes all."""
    from workbench.wire.sdk_model import PARAMETERS

    names = [name for name in body if name not in PARAMETERS and name != "stream"]
    return f"! no parameter of the SDK: {safe_line(', '.join(names))[:LONGEST_LINE]}" if names else ""
