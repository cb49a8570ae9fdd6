"""MCP servers in a tools file: owns their shapes, Workbench's and those of other clients, as they are pasted.

    mcp: {name: {command: [...]} | {url: ...}}      beside `tools:`, or alone
    mcpServers: {...}                               what most clients have
    servers: {...}                                  what an editor has, with `type:` in each

Refuses a server that nobody could reach, and fills in no `${VAR}`: that is for when the server is started.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from workbench.config.findings import Findings, Located
from workbench.config.foreign_tools import without
from workbench.config.mcp_shapes import ALSO, SECTIONS, sections_in
from workbench.config.nodes import List, Map, Node, Tree
from workbench.config.typed_reading import Fields, Reader
from workbench.documents.passages import FilePlace
from workbench.errors import Problem, quoted
from workbench.tools.mcp.servers import NOT_INSTALLED, Endpoint, Program, ServerSpec, ToolOptions
from workbench.tools.mcp.variables import wrong_reference
from workbench.tools.specs import Approval

APPROVALS: Final = ("ask", "always", "never")
MAX_TIMEOUT: Final = 86_400.0
PROGRAM_KEYS: Final = ("command", "args", "env", "cwd")
ENDPOINT_KEYS: Final = ("url", "headers")
COMMON_KEYS: Final = (
    *("approve", "timeout", "startup_timeout", "include", "exclude", "tools", "disabled", "enabled", "type"),
)
TOOL_KEYS: Final = ("approve", "timeout")
IGNORED: Final = (
    *("alwaysAllow", "autoApprove", "trust", "description", "displayName", "icon", "gallery", "version", "dev"),
    *("metadata", "tags", "note", "notes", "_comment"),
)
"""What other clients say besides. What they allow is not allowed here: `approve:` says that."""

TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("stdio", "local"), "stdio"),
    **dict.fromkeys(("http", "streamable-http", "streamableHttp", "streamable_http", "remote"), "http"),
    "sse": "sse",
}
MOST_SERVERS: Final = 100
_LONGEST_NAME: Final = 64
_WAYS: Final = "a server has `command: [program, argument, ...]`, or `url: https://...`"


@dataclass(frozen=True, slots=True)
class LocatedServer:
    """A server with its place, for problems that show only later."""

    spec: ServerSpec
    place: FilePlace


def servers_of(
    tree: Tree, environ: Mapping[str, str], secrets: Set[str] = frozenset()
) -> tuple[tuple[LocatedServer, ...], tuple[Problem, ...]]:
    """The servers of a tools file that was read, in its order, and every problem of them.

    A server that is switched off is read, and left out. `environ` and `secrets` are as for `Reader`.
    """
    findings = Findings(str(tree.path))
    if not isinstance(tree.root, Map):
        return (), ()
    found = _Servers(tree, Reader(findings, environ, secrets)).all(tree.root)
    return found, findings.problems()


def server_doubt(server: ServerSpec, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """A message and a hint when the server could not be started here, found without starting anything."""
    if find_spec("mcp") is None:
        return f"the server {quoted(server.name)} is not started here", NOT_INSTALLED
    if isinstance(server.reach, Program):
        path = server.reach.env.get("PATH", environ.get("PATH"))
        return server.reach.doubt(path)
    return None


class _Servers:
    """One pass over the servers of a file."""

    def __init__(self, tree: Tree, reader: Reader) -> None:
        self._tree = tree
        self._reader = reader
        self._findings = reader.findings
        self._names: dict[str, Located] = {}

    def all(self, root: Map) -> tuple[LocatedServer, ...]:
        found: list[LocatedServer] = []
        for key in SECTIONS:
            entry = root.entries.get(key)
            if entry is not None and not isinstance(entry.value, Map):
                self._reader.wrong_type(entry.value, f"a map of servers, as `{key}: {{time: {{command: [...]}}}}`")
        for section in sections_in(root):
            for entry in list(section.entries.values())[:MOST_SERVERS]:
                server = self._server(entry.key, entry, entry.value)
                found += [server] if server is not None else []
            if len(section.entries) > MOST_SERVERS:
                self._findings.add(section, f"more than {MOST_SERVERS} servers", "give some a file of their own")
        return tuple(found)

    def _server(self, name: str, where: Located, node: Node) -> LocatedServer | None:
        if not self._is_good_name(name, where):
            return None
        if not isinstance(node, Map):
            self._reader.wrong_type(node, "a server (a map with `command` or `url`)")
            return None
        known = (*PROGRAM_KEYS, *ENDPOINT_KEYS, *COMMON_KEYS, *ALSO)
        fields = Fields(without(node, IGNORED), self._reader, known, f"the server {quoted(name)}")
        is_on = self._is_on(fields)
        reach = self._reach(node, fields)
        options = self._options(fields)
        if reach is None or not is_on:
            return None
        origin = self._tree.origin
        file, digest = (origin.path, origin.digest) if origin else (None, None)
        spec = ServerSpec(name, reach, file=file, digest=digest, **options)
        return LocatedServer(spec, FilePlace(str(self._tree.path), where.line, where.column))

    def _is_good_name(self, name: str, where: Located) -> bool:
        if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
            hint = f"up to {_LONGEST_NAME} characters on one line, such as `files`"
            self._findings.add(where, f"{quoted(name)} cannot be a server's name", hint)
            return False
        if first := self._names.get(name):
            hint = f"it is first defined at {first.line}:{first.column}; rename one of the two"
            self._findings.add(where, f"duplicate server {quoted(name)}", hint)
            return False
        self._names[name] = where
        return True

    def _is_on(self, fields: Fields) -> bool:
        off, on = fields.get("disabled"), fields.get("enabled")
        is_off = self._reader.flag(off) if off else False
        return not is_off and not (on and self._reader.flag(on) is False)

    # -- how it is reached -----------------------------------------------------------------------------

    def _reach(self, node: Map, fields: Fields) -> Program | Endpoint | None:
        kind = fields.get("type") or fields.get("transport")
        named = self._reader.choice(kind, tuple(TYPES)) if kind else None
        command = fields.get("command")
        urls = [found for key in ("url", "httpUrl", "serverUrl") if (found := fields.get(key))]
        if command and urls:
            self._findings.add(urls[0], "the server has both `command` and a URL", "keep one: " + _WAYS)
            return None
        if not command and not urls:
            self._findings.add(node, "the server has no `command` and no `url`", _WAYS)
            return None
        if kind and named and (TYPES[named] == "stdio") != bool(command):
            has = "a `command`" if command else "a `url`"
            self._findings.add(kind, f"`{named}` does not go with {has}", "leave it out, or write the other")
            return None
        if command:
            return self._program(command, fields)
        legacy = named is not None and TYPES[named] == "sse"
        return self._endpoint(urls[0], fields, legacy=legacy)

    def _program(self, command: Node, fields: Fields) -> Program | None:
        for key in ENDPOINT_KEYS[1:]:
            if other := fields.get(key):
                self._findings.add(other, f"`{key}` is for a server with a `url`", "a program has `env:`")
        argv = self._texts(command)
        arguments = self._texts(args, blank=True) if (args := fields.get("args")) else ()
        env = self._map_of_texts(found) if (found := fields.get("env")) else {}
        folder = self._folder(fields)
        if not argv or argv[0] is None or arguments is None or env is None or folder is None:
            return None
        return Program((*argv, *arguments), folder, env)

    def _endpoint(self, node: Node, fields: Fields, *, legacy: bool) -> Endpoint | None:
        for key in PROGRAM_KEYS[1:]:
            if other := fields.get(key):
                self._findings.add(other, f"`{key}` is for a server with a `command`", "a URL has `headers:`")
        url = self._text(node)
        headers = self._map_of_texts(found) if (found := fields.get("headers")) else {}
        if url is None or headers is None:
            return None
        if not url.startswith("${") and not _is_url(url):
            self._findings.add(node, f"{quoted(url)} is no URL of a server", "write http://... or https://...")
            return None
        return Endpoint(url, headers, legacy)

    def _folder(self, fields: Fields) -> Path | None:
        node = fields.get("cwd")
        if node is None:
            return self._tree.folder
        text = self._reader.text(node)
        return None if text is None else (self._tree.folder / Path(text).expanduser())

    # -- what holds for its tools ------------------------------------------------------------------------

    def _options(self, fields: Fields) -> dict[str, Any]:
        read: dict[str, Any] = dict(self._of_tool(fields))
        if node := fields.get("startup_timeout"):
            read["startup_timeout"] = self._reader.number(node, 0, MAX_TIMEOUT, above=True)
        for key, other in (("include", "includeTools"), ("exclude", "excludeTools")):
            if node := fields.get(key) or fields.get(other):
                read[key] = tuple(text for text, _ in self._reader.texts(node))
        if node := fields.get("tools"):
            read["tools"] = self._tools(node)
        return {key: value for key, value in read.items() if value is not None}

    def _tools(self, node: Node) -> dict[str, ToolOptions]:
        if not isinstance(node, Map):
            self._reader.wrong_type(node, "a map of names of tools, as `tools: {delete: {approve: never}}`")
            return {}
        found = {}
        for entry in node.entries.values():
            if not isinstance(entry.value, Map):
                self._reader.wrong_type(entry.value, "a map with `approve` or `timeout`")
                continue
            fields = Fields(entry.value, self._reader, TOOL_KEYS, f"the tool {quoted(entry.key)}")
            found[entry.key] = ToolOptions(**self._of_tool(fields))
        return found

    def _of_tool(self, fields: Fields) -> dict[str, Any]:
        approve, timeout = fields.get("approve"), fields.get("timeout")
        read = {
            "approve": cast(Approval | None, self._reader.choice(approve, APPROVALS)) if approve else None,
            "timeout": self._reader.number(timeout, 0, MAX_TIMEOUT, above=True) if timeout else None,
        }
        return {key: value for key, value in read.items() if value is not None}

    # -- texts, as they are written ------------------------------------------------------------------------

    def _text(self, node: Node) -> str | None:
        text = self._reader.written_text(node)
        if text is not None and (wrong := wrong_reference(text)):
            self._findings.add(node, *wrong)
            return None
        return text

    def _texts(self, node: Node, *, blank: bool = False) -> tuple[str, ...] | None:
        """A text or a list of texts; None once a problem is told. An argument may be blank."""
        nodes = node.items if isinstance(node, List) else (node,)
        if not nodes:
            self._findings.add(node, "the list is empty", _WAYS) if not blank else None
            return () if blank else None
        found = [self._argument(each) if blank else self._text(each) for each in nodes]
        return None if None in found else tuple(text for text in found if text is not None)

    def _argument(self, node: Node) -> str | None:
        data = getattr(node, "value", None)
        if isinstance(data, str) and not data.strip():
            return data
        if isinstance(data, int | float) and not isinstance(data, bool):
            return str(data)  # a port, which people do not quote
        return self._text(node)

    def _map_of_texts(self, node: Node) -> dict[str, str] | None:
        if not isinstance(node, Map):
            self._reader.wrong_type(node, "a map of texts")
            return None
        found = {entry.key: self._argument(entry.value) for entry in node.entries.values()}
        return None if None in found.values() else {key: text for key, text in found.items() if text is not None}


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
