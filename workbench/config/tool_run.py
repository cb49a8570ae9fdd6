"""`run:` of a tool: owns the ways a tool can run in this version and how each is written.

Refuses a missing `run`, two of them, and the ways of later versions.
"""

from __future__ import annotations

from pathlib import Path

from workbench.config.nodes import Map, Node, Scalar, plain_data
from workbench.config.typed_reading import Reader
from workbench.errors import did_you_mean, quoted
from workbench.tools.specs import Ask, CannedReply, Python, Run

_WAYS = ("reply", "python", "ask")
_LATER = ("command", "http")
_WAYS_HINT = "one of `reply: any value`, `python: module:function`, `ask: true`"


def read_run(tool: Map, node: Node | None, reader: Reader, base: Path) -> Run | None:
    """How a tool runs, or None after adding a problem; `base` is the folder of the tools file."""
    if node is None:
        place = entry.value if (entry := tool.entries.get("run")) else tool
        reader.findings.add(place, "the tool has no `run`", _WAYS_HINT)
        return None
    if isinstance(node, Scalar) and node.value == "ask":
        return Ask()
    if not isinstance(node, Map):
        reader.wrong_type(node, "`ask` or a map", _WAYS_HINT)
        return None
    ways = [entry for entry in node.entries.values() if entry.key in (*_WAYS, *_LATER)]
    for entry in node.entries.values():
        if entry not in ways:
            hint = did_you_mean(entry.key, _WAYS, _WAYS_HINT)
            reader.findings.add(entry, f"unknown way to run {quoted(entry.key)}", hint)
    if not ways and not node.entries:
        reader.findings.add(node, "`run` says nothing", _WAYS_HINT)
    for entry in ways[1:]:
        message = f"`run` has both `{ways[0].key}` and `{entry.key}`"
        reader.findings.add(entry, message, "keep one: a tool runs in one way")
    return _way(ways[0].key, ways[0].value, reader, base) if len(ways) == 1 else None


def _way(way: str, node: Node, reader: Reader, base: Path) -> Run | None:
    if way == "reply":
        return CannedReply(plain_data(node))
    if way == "python":
        return _python(node, reader, base)
    if way == "ask":
        asks = reader.flag(node)
        if asks is False:
            reader.findings.add(node, "`ask` can only be true", _WAYS_HINT)
        return Ask() if asks else None
    reader.findings.add(node, f"`run: {way}` is not in this version yet", f"available: {_WAYS_HINT}")
    return None


def _python(node: Node, reader: Reader, base: Path) -> Python | None:
    target = reader.text(node)
    if target is None:
        return None
    module, _, function = target.partition(":")
    if all(part.isidentifier() for part in (*module.split("."), *function.split("."))):
        return Python(target, base)
    message = f"{quoted(target)} is not `module:function`"
    reader.findings.add(node, message, "name a module beside this file and a function in it, such as my_tools:search")
    return None
