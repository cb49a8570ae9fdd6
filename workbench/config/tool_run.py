"""`run:` of a tool: owns finding the kind of tool that it names, and reading what that kind asks for.

A tool without one is `ask`. Refuses an empty `run`, and two kinds at once. Which kinds there are, and what each takes,
is in the room of tools.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.config.findings import unknown_word
from workbench.config.nodes import List, Map, Node, Scalar, plain_data
from workbench.config.typed_reading import Fields, Reader
from workbench.errors import quoted
from workbench.tools.registry import KINDS
from workbench.tools.runner import SWITCH, ToolKind, WrittenValue

OTHERWISE = "ask"  # how a tool runs that does not say it


def read_run(tool: Map, node: Node | None, reader: Reader, base: Path) -> ToolKind | None:
    """How a tool runs, or None after adding a problem; `base` is the folder of the tools file.

    Without `run` a person types its results, as of a definition that was written for another program.
    """
    if node is None and (entry := tool.entries.get("run")):
        reader.findings.add(entry.value, "`run` says nothing", _ways_hint())
        return None
    if node is None:
        return _read(OTHERWISE, Scalar(True, tool.line, tool.column), reader, base)
    switches = [key for key, kind in KINDS.items() if kind.written == SWITCH]
    if isinstance(node, Scalar) and node.value in switches:
        return _read(str(node.value), Scalar(True, node.line, node.column), reader, base)
    if not isinstance(node, Map):
        reader.wrong_type(node, " or ".join((*map(quoted, switches), "a map")), _ways_hint())
        return None
    ways = [entry for entry in node.entries.values() if entry.key in KINDS]
    for entry in node.entries.values():
        if entry not in ways:
            reader.findings.add(entry, *unknown_word("unknown way to run", entry.key, KINDS, _ways_hint()))
    if not ways and not node.entries:
        reader.findings.add(node, "`run` says nothing", _ways_hint())
    for entry in ways[1:]:
        message = f"`run` has both `{ways[0].key}` and `{entry.key}`"
        reader.findings.add(entry, message, "keep one: a tool runs in one way")
    return _read(ways[0].key, ways[0].value, reader, base) if len(ways) == 1 else None


def _read(key: str, node: Node, reader: Reader, base: Path) -> ToolKind | None:
    return KINDS[key].read(_Located(key, node, reader), base)


def _ways_hint() -> str:
    return f"one of {', '.join(f'`{key}: {kind.written}`' for key, kind in KINDS.items())}"


@dataclass(frozen=True, slots=True)
class _Located:
    """A `WrittenValue`: the value of `key`, with its place."""

    key: str
    node: Node
    reader: Reader

    def data(self) -> Any:
        return plain_data(self.node)

    def text(self, *, lines: bool = False, blank: bool = False) -> str | None:
        return self.reader.text(self.node, lines=lines, blank=blank)

    def texts(self) -> tuple[str, ...]:
        return tuple(text for text, _ in self.reader.texts(self.node))

    def switched_on(self) -> bool:
        flag = self.reader.flag(self.node)
        if flag is False:
            self.problem(f"`{self.key}` can only be true", _ways_hint())
        return bool(flag)

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, WrittenValue] | None:
        if not isinstance(self.node, Map):
            self.reader.wrong_type(self.node, f"a map with {', '.join(required)}")
            return None
        of = Fields(self.node, self.reader, (*required, *optional), f"`{self.key}`")
        nodes = {**{key: of.require(key) for key in required}, **{key: of.get(key) for key in optional}}
        found = {key: _Located(key, node, self.reader) for key, node in nodes.items() if node is not None}
        return found if found.keys() >= set(required) else None

    def written_text(self, *, lines: bool = False, blank: bool = False) -> str | None:
        return self.reader.written_text(self.node, lines=lines, blank=blank)

    def items(self) -> Sequence[WrittenValue] | None:
        if isinstance(self.node, List) and self.node.items:
            return [_Located(self.key, item, self.reader) for item in self.node.items]
        self.reader.wrong_type(self.node, "a list that is not empty")
        return None

    def entries(self) -> Mapping[str, WrittenValue] | None:
        if not isinstance(self.node, Map):
            self.reader.wrong_type(self.node, "a map")
            return None
        return {key: _Located(key, entry.value, self.reader) for key, entry in self.node.entries.items()}

    def problem(self, message: str, hint: str = "") -> None:
        self.reader.findings.add(self.node, message, hint)
