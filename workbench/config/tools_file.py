"""A tools file: owns its two shapes, Workbench's and the API's, and turns them into tool specifications.

Those of other APIs are read as these (`foreign_tools`), out of what they are wrapped in (`foreign_lists`).

Refuses a tool that could not be sent or run: bad or duplicate names, parameters that are no JSON Schema of an
object, two ways to run. Runs and imports nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, cast

from workbench.config.findings import Findings, Located
from workbench.config.foreign_lists import each_tool, listed, no_definition
from workbench.config.foreign_tools import plain_tool, without
from workbench.config.json_schema import check_parameters, unread_patterns
from workbench.config.kind import expect_kind
from workbench.config.mcp_shapes import SECTIONS, has_servers
from workbench.config.nodes import List, Map, Node, Tree, plain_data
from workbench.config.tool_run import read_run
from workbench.config.typed_reading import Fields, Reader
from workbench.documents.passages import FilePlace
from workbench.errors import Problem, did_you_mean, quoted
from workbench.tools.runner import ToolKind
from workbench.tools.specs import Approval, ToolSpec

OWN_KEYS = ("name", "description", "parameters", "run", "approve", "timeout")
API_KEYS = ("type", "function", "run", "approve", "timeout")
FUNCTION_KEYS = ("name", "description", "parameters")
AROUND = ("nextCursor", "_meta")  # what an MCP server says besides its tools
TOP_KEYS = ("tools", *SECTIONS)
INPUTS = ("inputs",)  # what an editor asks for, beside `servers`
APPROVALS = ("ask", "always", "never")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
MAX_TIMEOUT = 86_400.0


@dataclass(frozen=True, slots=True)
class LocatedTool:
    """A tool with the places of its name and of its `run`, for problems that show only later.

    `notes` are what is no problem and yet worth a word.
    """

    spec: ToolSpec
    place: FilePlace
    run_place: FilePlace
    notes: tuple[Problem, ...] = ()


def tools_of(
    tree: Tree, environ: Mapping[str, str], secrets: Set[str] = frozenset()
) -> tuple[tuple[LocatedTool, ...], tuple[Problem, ...]]:
    """The tools of a file that was read, in its order, and every problem of it, in file order.

    `environ` and `secrets` are as for `Reader`.
    """
    findings = Findings(str(tree.path), tree.problems)
    tools: tuple[LocatedTool, ...] = ()
    if tree.root is not None and expect_kind(tree, "tools", findings):
        tools = _File(tree, Reader(findings, environ, secrets)).tools(tree.root)
    return tools, findings.problems()


class _File:
    """One pass over a tools file."""

    def __init__(self, tree: Tree, reader: Reader) -> None:
        self._path = tree.path
        self._folder = tree.folder
        self._origin = tree.origin
        self._reader = reader
        self._names: dict[str, Located] = {}

    def tools(self, root: Node) -> tuple[LocatedTool, ...]:
        node: Node | None = root
        if isinstance(root, Map) and not has_servers(root) and (found := listed(root)) is not None:
            node = found
        elif isinstance(root, Map):
            fields = Fields(without(root, AROUND), self._reader, (*TOP_KEYS, *INPUTS), "a tools file")
            if has_servers(root) and fields.get("tools") is None:
                return ()  # `mcp_servers` reads these
            node = fields.require("tools", "list at least one tool")
        if node is None:
            return ()
        if not isinstance(node, List):
            self._reader.wrong_type(node, "a list of tools", "put `- ` before each tool")
            return ()
        if not node.items:
            self._reader.findings.add(node, "there is no tool", "list at least one `- name: ...`")
        return tuple(tool for item in each_tool(node) if (tool := self._tool(item)))

    def _tool(self, node: Node) -> LocatedTool | None:
        if not isinstance(node, Map):
            self._reader.wrong_type(node, "a tool (a map with name, description, parameters and run)")
            return None
        if told := no_definition(node):
            self._reader.findings.add(node, *told)
            return None
        node = plain_tool(node)
        outer, function = self._shapes(node)
        run = read_run(node, outer.get("run"), self._reader, self._folder)
        name_node = function.require("name", "a short name, such as opening_hours") if function else None
        name = self._name(name_node) if name_node else None
        text = self._reader.text(item, lines=True) if function and (item := function.get("description")) else ""
        options = self._options(outer)
        if function and (schema := function.get("parameters")):
            options |= self._parameters(schema)
        if run is not None:
            self._check_names(run, outer.get("run") or node, options.get("parameters", {}))
        if name is None or name_node is None or run is None:
            return None
        file, digest = (self._origin.path, self._origin.digest) if self._origin else (None, None)
        spec = ToolSpec(name, text or "", run, file=file, digest=digest, **options)
        return LocatedTool(spec, self._place(name_node), self._place(outer.get("run") or node), self._notes(function))

    def _shapes(self, node: Map) -> tuple[Fields, Fields | None]:
        """The map with the keys of running, and the map with those that the model sees."""
        if "function" not in node.entries:
            fields = Fields(node, self._reader, OWN_KEYS, "a tool")
            return fields, fields
        outer = Fields(node, self._reader, API_KEYS, "a tool with `function`")
        if kind := outer.get("type"):
            self._reader.choice(kind, ("function",))
        function = outer.require("function")
        if isinstance(function, Map):
            return outer, Fields(plain_tool(function), self._reader, FUNCTION_KEYS, "`function`")
        if function is not None:
            self._reader.wrong_type(function, "a map with name, description and parameters")
        return outer, None

    def _name(self, node: Node) -> str | None:
        name = self._reader.text(node)
        if name is None:
            return None
        if not NAME.fullmatch(name):
            message = f"{quoted(name)} cannot be a tool's name"
            hint = "a letter or _, then letters, digits, _ or -, at most 64 in all"
            self._reader.findings.add(node, message, hint)
            return None
        if first := self._names.get(name):
            hint = f"it is first defined at {first.line}:{first.column}; rename one of the two"
            self._reader.findings.add(node, f"duplicate tool {quoted(name)}", hint)
            return None
        self._names[name] = node
        return name

    def _parameters(self, node: Node) -> dict[str, Any]:
        """The JSON Schema as it stands, under the name of its field; nothing when it is no map."""
        if not isinstance(node, Map):
            self._reader.wrong_type(node, "a JSON Schema (a map with `type: object` and `properties`)")
            return {}
        check_parameters(node, self._reader.findings)
        # An empty schema would allow anything: who writes it means that there are no arguments.
        return {"parameters": plain_data(node)} if node.entries else {}

    def _check_names(self, run: ToolKind, where: Located, parameters: Mapping[str, Any]) -> None:
        """A problem for each argument that the tool's templates name and its parameters do not."""
        known = parameters.get("properties") or {}
        if parameters.get("additionalProperties", False) is not False or not isinstance(known, Mapping):
            return
        for name in sorted(run.names() - known.keys()):
            message = f"`{{{name}}}` stands for an argument that the tool does not have"
            hint = did_you_mean(name, known) or f"add {quoted(name)} to the `properties` of its `parameters`"
            self._reader.findings.add(where, message, hint)

    def _notes(self, function: Fields | None) -> tuple[Problem, ...]:
        """A note on each pattern that is sent to the model and does not check its arguments here."""
        schema = function.get("parameters") if function else None
        if not isinstance(schema, Map) or self._reader.findings.problems():
            return ()
        hint = "it is sent as it is; arguments are checked here against the rest of the schema"
        return tuple(
            Problem(str(self._path), at.line, at.column, f"the pattern {quoted(text)} is not one of Python's", hint)
            for at, text in unread_patterns(schema)
        )

    def _options(self, fields: Fields) -> dict[str, Any]:
        approve = fields.get("approve")
        timeout = fields.get("timeout")
        read = {
            "approve": cast(Approval | None, self._reader.choice(approve, APPROVALS)) if approve else None,
            "timeout": self._reader.number(timeout, 0, MAX_TIMEOUT, above=True) if timeout else None,
        }
        return {key: value for key, value in read.items() if value is not None}

    def _place(self, where: Located) -> FilePlace:
        return FilePlace(str(self._path), where.line, where.column)
