"""Where in a tools file MCP servers stand: owns telling them from all else, and what other clients call the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workbench.config.nodes import Map, Node

SECTIONS: Final = ("mcp", "mcpServers", "servers")
"""The keys of a tools file under which servers stand."""

ALSO: Final[Mapping[str, str]] = {
    "httpUrl": "url",
    "serverUrl": "url",
    "includeTools": "include",
    "excludeTools": "exclude",
    "transport": "type",
}
"""What keys of a server are called elsewhere."""


def sections_in(root: Map) -> list[Map]:
    """The maps of servers of a tools file, by their names."""
    nodes = [root.entries[key].value for key in SECTIONS if key in root.entries]
    return [_unwrapped(node) for node in nodes if isinstance(node, Map)]


def has_servers(root: Map) -> bool:
    """Whether a file says of itself that it has servers."""
    if "mcp" in root.entries or "mcpServers" in root.entries:
        return True
    entry = root.entries.get("servers")
    return entry is not None and isinstance(entry.value, Map) and any(map(_is_server, _values(entry.value)))


def _unwrapped(node: Map) -> Map:
    """An editor's settings have `mcp: {servers: {...}}`."""
    inner = node.entries.get("servers")
    if inner is None or not isinstance(inner.value, Map) or _is_server(inner.value):
        return node
    return inner.value if node.entries.keys() <= {"servers", "inputs"} else node


def _is_server(node: Node) -> bool:
    return isinstance(node, Map) and bool(node.entries.keys() & {"command", "url", *ALSO})


def _values(node: Map) -> list[Node]:
    return [entry.value for entry in node.entries.values()]
