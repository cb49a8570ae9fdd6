"""The located tree: owns its node types and the one builder behind the YAML and the JSON reader.

The builder refuses duplicate keys (keeping the first, so that one slip gives one problem) and whatever
could exhaust memory or the stack: depth, node count, and what aliases expand to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from workbench.config.findings import Findings
from workbench.config.yaml_text import ConfigText
from workbench.errors import Problem, quoted
from workbench.origin import Origin

MAX_DEPTH = 60
MAX_NODES = 200_000
MAX_EXPANDED_CHARACTERS = 20_000_000


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. `plain` tells an unquoted YAML scalar, which may become a number once expanded.

    `written` is what stands in the file, where `value` is no text: `1.10` for 1.1, `~` for null.
    """

    value: str | int | float | bool | None
    line: int
    column: int
    plain: bool = False
    written: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class List:
    """A sequence of nodes."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MapEntry:
    """One `key: value` of a map, placed at its key."""

    key: str
    value: Node
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping with text keys, in the order of the file."""

    entries: Mapping[str, MapEntry]
    line: int
    column: int


Node = Scalar | List | Map


@dataclass(frozen=True, slots=True)
class Tree:
    """One file as read: `root` is None when it could not be, and `problems` says why; of an empty file it is null.

    `path` is its name as the user wrote it; `origin` is there when `root` is.
    """

    path: Path
    root: Node | None
    problems: tuple[Problem, ...]
    origin: Origin | None = None

    @property
    def folder(self) -> Path:
        """What relative paths in the file start from: the folder that it really lies in."""
        return self.origin.folder if self.origin else self.path.absolute().parent


def plain_data(node: Node) -> Any:
    """The node as the JSON value it stands for, without places."""
    if isinstance(node, Map):
        return {key: plain_data(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, List):
        return [plain_data(item) for item in node.items]
    return node.value


def data_as_written(node: Node) -> Any:
    """As `plain_data`, but what JSON would write otherwise than the file does is the file's text: `1.10`, `1e3`, `~`.

    Nothing at all, as in `key:`, stays null.
    """
    if isinstance(node, Map):
        return {key: data_as_written(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, List):
        return [data_as_written(item) for item in node.items]
    return node.written if node.written and json.dumps(node.value) != node.written else node.value


def texts_in(node: Node) -> Iterator[str]:
    """The texts of the node and below it, keys left out."""
    if isinstance(node, Map):
        for entry in node.entries.values():
            yield from texts_in(entry.value)
    elif isinstance(node, List):
        for item in node.items:
            yield from texts_in(item)
    elif isinstance(node.value, str):
        yield node.value


class Unreadable(Exception):
    """The file cannot be read any further; the reason is already among the findings."""


@dataclass(slots=True)
class _Frame:
    """A list or map under construction; `height` counts the levels below it."""

    index: int
    is_map: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, MapEntry] = field(default_factory=dict)
    key: tuple[str, int] | None = None
    height: int = 0


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    nodes: int
    characters: int
    height: int


class TreeBuilder:
    """Builds one tree from the calls of a reader; every `index` is an offset into the source's text."""

    def __init__(self, source: ConfigText, findings: Findings) -> None:
        self._source = source
        self._findings = findings
        self._frames: list[_Frame] = []
        self._opened_at: list[tuple[int, int]] = []
        self._anchors: dict[str, _Anchored] = {}
        self._nodes = 0
        self._characters = 0
        self._too_large: list[tuple[int, str]] = []
        self.root: Node | None = None

    @property
    def wants_key(self) -> bool:
        """Whether the next scalar is a key of the innermost map."""
        return bool(self._frames) and self._frames[-1].is_map and self._frames[-1].key is None

    def key(self, text: str, index: int) -> None:
        """The key of the next value in the innermost map. Raises Unreadable when it is one value too many."""
        self._count(index, 1, len(text))
        self._frames[-1].key = (text, index)

    def scalar(
        self,
        value: str | int | float | bool | None,
        index: int,
        *,
        plain: bool = False,
        anchor: str | None = None,
        written: str | None = None,
    ) -> None:
        """A value without others in it; `plain` when it was not quoted, `anchor` when an alias may name it.

        `written` is its text in the file, when the value is none.

        Raises Unreadable when the file has too many values, or too much text.
        """
        characters = len(value) if isinstance(value, str) else 0
        self._count(index, 1, characters)
        line, column = self._source.place(index)
        node = Scalar(value, line, column, plain, written)
        if anchor:
            self._anchors[anchor] = _Anchored(node, 1, characters, 0)
        self._put(node, 0)

    def open(self, index: int, *, is_map: bool, anchor: str | None = None) -> None:
        """A map or a list begins, up to the matching `close`; `anchor` when an alias may name it.

        Raises Unreadable when it stands as a key, too deep, or when it is one value too many.
        """
        if self.wants_key:
            self.fail(index, "a key must be text, not a list or a map", "quote the key if it begins with [ or {")
        if len(self._frames) >= MAX_DEPTH:
            self.fail(index, f"nested deeper than {MAX_DEPTH} levels", "flatten the file")
        self._opened_at.append((self._nodes, self._characters))
        self._count(index, 1, 0)
        self._frames.append(_Frame(index, is_map, anchor))

    def close(self) -> None:
        """The innermost map or list ends; the outermost one becomes the `root`."""
        frame = self._frames.pop()
        nodes, characters = self._opened_at.pop()
        line, column = self._source.place(frame.index)
        node: Node = Map(frame.entries, line, column) if frame.is_map else List(tuple(frame.items), line, column)
        if frame.anchor:
            self._anchors[frame.anchor] = _Anchored(
                node, self._nodes - nodes, self._characters - characters, frame.height
            )
        self._put(node, frame.height)

    def alias(self, name: str, index: int) -> None:
        """Puts the node anchored as `name` here once more, and counts it as if it were written out."""
        if self.wants_key:
            self.fail(index, "an alias cannot be a key", "write the key out")
        anchored = self._anchors.get(name)
        if anchored is None:
            self.fail(index, f"alias {quoted('*' + name)} names no finished anchor", f"define `&{name}` before it")
        if len(self._frames) + anchored.height > MAX_DEPTH:
            self.fail(index, f"aliases nest deeper than {MAX_DEPTH} levels", "write the values out")
        self._count(index, anchored.nodes, anchored.characters)
        self._put(anchored.node, anchored.height)

    def fail(self, index: int, message: str, hint: str = "") -> NoReturn:
        """Ends the reading with a problem at `index`. Raises Unreadable."""
        self.problem(index, message, hint)
        raise Unreadable

    def too_large(self, token: str, index: int) -> str:
        """Note a number beyond all measure; it stands in the tree as its text."""
        self._too_large.append((index, token))
        return token

    def end(self) -> None:
        """The text has ended. Where it is no list of documents, a number that is too large is a problem.

        The values of documents are kept as they are written; where a file of these has a number of ours, its reader
        refuses a text.
        """
        if isinstance(self.root, List) or (isinstance(self.root, Map) and "sets" in self.root.entries):
            return
        for index, token in self._too_large:
            self.problem(index, f"number {quoted(token)} is too large", "quote it if it is text")

    def problem(self, index: int, message: str, hint: str = "") -> None:
        """Note a problem at `index`; reading goes on."""
        self._findings.at(*self._source.place(index), message, hint)

    def _count(self, index: int, nodes: int, characters: int) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes > MAX_NODES:
            self.fail(index, f"more than {MAX_NODES:,} values, aliases expanded", "split the file or list `files:`")
        if self._characters > MAX_EXPANDED_CHARACTERS:
            self.fail(index, "aliases expand to more text than is sensible", "write the values out")

    def _put(self, node: Node, height: int) -> None:
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        frame.height = max(frame.height, height + 1)
        if not frame.is_map:
            frame.items.append(node)
            return
        if frame.key is None:
            raise AssertionError("a map's value came before its key")
        text, index = frame.key
        frame.key = None
        line, column = self._source.place(index)
        if first := frame.entries.get(text):
            place = f"{first.line}:{first.column}"
            self.problem(index, f"duplicate key {quoted(text)}", f"it is first set at {place}; keep one of the two")
        else:
            frame.entries[text] = MapEntry(text, node, line, column)
