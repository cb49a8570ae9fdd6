"""A JSON value as rows: a key and its value each, objects and lists that unfold, and what is wrong at a key.

Owns how much of a value is open at first. Nothing is made of what is folded; words are found there all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final

from textual.content import Content

from workbench.plural import plural
from workbench.safe_text import safe_line
from workbench.ui.panes import values
from workbench.ui.panes.nodes import APART, Node, Slice, more_row, sliced
from workbench.ui.widgets.row import LONGEST_LINE, LazyRow, Row

INDENT: Final = 2  # cells for each level
MAY_NOT_FIT: Final = 30  # characters of a text that may have no room on its line: those can be opened
MOST_OPEN: Final = 40  # lines of a value that is all open at first
IN_SUMMARY: Final = 8  # values of an object or a list that is folded
MARK: Final = "✗ "


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the `key` of its row, its name there, what of that is found, its JSON `pointer`, and how
    far it is indented. In a list the name is a number, of which nothing is found."""

    key: str
    name: Content
    word: str
    pointer: str
    indent: int


class ValueTree:
    """The rows of a value below one of `key`, `indent` cells from the left.

    `faults` are reasons by JSON pointers; they are marked, and what they are in is open. `open_key` opens a row.
    """

    def __init__(
        self,
        value: Any,
        key: str,
        indent: int,
        *,
        faults: Mapping[str, Sequence[str]] | None = None,
        open_key: str = "",
    ) -> None:
        self._value = value
        self._key = key
        self._indent = indent
        self._faults = faults or {}
        self._open_key = open_key
        self._all_open = values.lines_of(value, MOST_OPEN) <= MOST_OPEN

    def nodes(self) -> Iterator[Node | Slice]:
        """The entries of the value, when it is an object or a list that has some; else the value itself."""
        if is_container(self._value):
            yield from self._entries(self._value, "", self._indent)
        else:
            yield self._node(Place(self._key + "/", Content(""), "", "", self._indent), self._value)

    def found(self) -> str:
        """What can be found in it."""
        return searched(self._value)

    def _entries(self, value: Any, pointer: str, indent: int) -> Iterator[Node | Slice]:
        is_list = isinstance(value, list)
        entries = list(enumerate(value)) if is_list else list(value.items())

        def node(name: Any, each: Any) -> Node:
            own = f"{pointer}/{_escaped(str(name))}"
            word = "" if is_list else safe_line(str(name)[:LONGEST_LINE])
            shown = Content.styled(str(name), "muted") if is_list else Content.styled(word, "key")
            return self._node(Place(self._key + own, shown, word, own, indent), each)

        def rows(first: int, end: int) -> Iterator[Node]:
            yield from (node(name, each) for name, each in entries[first:end])

        yield from sliced(len(entries), rows, partial(self._more, entries, is_list, indent), self._key + pointer)
        if not is_list:
            yield from self._missing(value, pointer, indent)

    def _more(
        self, entries: Sequence[tuple[Any, Any]], is_list: bool, indent: int, at: int, next_: int, _: bool
    ) -> Row:
        left = len(entries) - at
        words = f"{left:,} more {'items' if is_list else 'keys'}"

        def found() -> str:
            return APART.join(searched(each, "" if is_list else str(name)) for name, each in entries[at:])

        return more_row(indent + INDENT, words, next_, found, self._open_key)

    def _node(self, place: Place, value: Any) -> Node:
        if is_container(value):
            has_fault = any(pointer.startswith(f"{place.pointer}/") for pointer in self._faults)
            opens = bool(value) and (self._all_open or has_fault)
            held = partial(self._entries, value, place.pointer, place.indent + INDENT)
            make = partial(self._container, place, value)
        else:
            opens, held = False, None
            make = partial(self._leaf, place, value)
        if self._faults.get(place.pointer):
            return Node(place.key, make, held, opens)
        return Node(place.key, make, held, opens, lazy=partial(_LazyValue, make, value, place))

    def _missing(self, value: Mapping[Any, Any], pointer: str, indent: int) -> Iterator[Node]:
        """What is wrong with keys that are not there."""
        for fault, reasons in self._faults.items():
            above, _, name = fault.rpartition("/")
            if fault and above == pointer and _unescaped(name) not in value:
                yield Node(f"{self._key}{fault}", partial(_missing_row, _unescaped(name), reasons, indent))

    def _container(self, place: Place, value: Any, is_open: bool) -> Row:
        reasons = self._faults.get(place.pointer, ())
        head = Content.assemble(
            " " * place.indent,
            (MARK, "error") if reasons else ("▾ " if is_open else "▸ ", "muted"),
            place.name.stylize("error") if reasons else place.name,
            (f"  {counted(value)}", "muted"),
            "" if is_open else f"  {summary(value)}",
        )
        copied = partial(values.exact, value)
        found = None if is_open else partial(searched, value)
        if not reasons:
            return Row(head, copied=copied, holds=not is_open, found=found, said=place.word)
        return FaultyRow(head, copied=copied, holds=not is_open, found=found, said=place.word, reasons=tuple(reasons))

    def _leaf(self, place: Place, value: Any, _: bool) -> Row:
        reasons = self._faults.get(place.pointer, ())
        between = ": " if place.name else ""
        said = literal(value)
        head = Content.assemble(
            " " * place.indent,
            (MARK, "error") if reasons else "  ",
            place.name.stylize("error") if reasons else place.name,
            (between, "muted"),
            said,
        )
        is_long = isinstance(value, str) and (len(value) > MAY_NOT_FIT or "\n" in value)
        body = partial(_text, value) if is_long else None
        copied = partial(values.exact, value)
        below = place.indent + 2 + INDENT
        rest = max(0, len(value) - LONGEST_LINE) if isinstance(value, str) else 0
        if not reasons:
            return Row(head, body=body, indent=below, head_rest=rest, copied=copied, repeats=True)
        return FaultyRow(head, body=body, indent=below, head_rest=rest, copied=copied, reasons=tuple(reasons))


@dataclass(frozen=True, slots=True)
class FaultyRow(Row):
    """A row at which something is wrong: the reasons stand behind its head where there is room, else below."""

    reasons: tuple[str, ...] = ()

    def lines(self, width: int, *, is_open: bool) -> list[Content]:
        """The row as lines of at most `width` cells."""
        reason = Content.styled(safe_line("; ".join(self.reasons)), "error")
        beside = Content.assemble(self.head, "  ", reason)
        shown = Row.lines(self, width, is_open=is_open)
        if not is_open and not self.head_rest and beside.cell_length <= width:
            return [beside]
        at = len(self.head.plain) - len(self.head.plain.lstrip()) + len(MARK)
        return [shown[0], *(line.pad_left(at) for line in reason.wrap(max(2, width - at))), *shown[1:]]

    def folded_height(self, width: int) -> int | None:
        """How many lines it has folded."""
        return len(self.lines(width, is_open=False))


class _LazyValue(LazyRow):
    """The row of a value, made when it is seen."""

    __slots__ = ("_is_open", "_make", "_place", "_value")

    def __init__(self, make: Callable[[bool], Row], value: Any, place: Place, is_open: bool) -> None:
        self._make, self._value, self._place, self._is_open = make, value, place, is_open

    def __call__(self) -> Row:
        """The row."""
        return self._make(self._is_open)

    def searched(self) -> tuple[str, str]:
        """As of the row."""
        word = self._place.word
        if is_container(self._value):
            return word, "" if self._is_open else searched(self._value)
        return searched(self._value, word), ""


def is_container(value: Any) -> bool:
    """Whether a value is an object or a list that has entries."""
    return isinstance(value, Mapping | list) and bool(value)


def literal(value: Any) -> Content:
    """A value that holds no others, or none, as JSON writes it, in its colour, as far as a line can need."""
    if isinstance(value, str):
        text = json.dumps(value[:LONGEST_LINE], ensure_ascii=False)
        return Content.styled(safe_line(text), "string")
    return Content.styled(values.in_a_line(value) if value not in ({}, []) else json.dumps(value), "value")


def counted(value: Any) -> str:
    """How many entries there are, and of what."""
    return plural(len(value), "item" if isinstance(value, list) else "key")


def summary(value: Any) -> str:
    """The first entries of an object or a list, in a line."""
    if isinstance(value, Mapping):
        return values.in_a_line(dict(islice(value.items(), IN_SUMMARY)), ": ")
    return values.in_a_line(value[: IN_SUMMARY + 1], ": ")


def searched(value: Any, name: str = "") -> str:
    """What can be found in a value: each of its keys and values, as their rows say them."""
    return APART.join(_words(value, name))


def _words(value: Any, name: str) -> Iterator[str]:
    """What the rows of a value say. It does not call itself: a value may be nested deeper than Python's calls."""
    waiting: list[tuple[str, Any]] = [(name, value)]
    while waiting:
        name, each = waiting.pop()
        if not is_container(each):
            said = safe_line(json.dumps(each, ensure_ascii=False)) if isinstance(each, str) else literal(each).plain
            yield f"{safe_line(name)}: {said}" if name else said
            continue
        if name:
            yield safe_line(name)
        if isinstance(each, Mapping):
            waiting.extend((str(key), item) for key, item in reversed([*each.items()]))
        else:
            waiting.extend(("", item) for item in reversed(each))


def _text(value: str) -> Content:
    text, left = values.beginning_of(value)
    return Content.assemble((text, "string"), (f"\n… {left}" if left else "", "warning"))


def _missing_row(name: str, reasons: Sequence[str], indent: int, _: bool) -> Row:
    head = Content.assemble(" " * indent, (MARK, "error"), (safe_line(name[:LONGEST_LINE]), "error"))
    return FaultyRow(head, copied=partial(str, name), reasons=tuple(reasons))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _unescaped(name: str) -> str:
    return name.replace("~1", "/").replace("~0", "~")
