"""What a configuration file is for, told by its top level: owns that rule and nothing of the content.

Refuses to guess: a file that mixes kinds, or shows none, is a problem.
"""

from __future__ import annotations

from typing import Literal

from workbench.config.findings import Findings
from workbench.config.foreign_lists import is_list, listed, not_a_file_of_tools
from workbench.config.mcp_shapes import SECTIONS, has_servers
from workbench.config.nodes import List, Map, MapEntry, Node, Scalar, Tree, plain_data
from workbench.config.settings_model import SETTING_KEYS
from workbench.documents.tool_shapes import TELLING, shape_of
from workbench.errors import quoted

Kind = Literal["documents", "tools", "settings"]

FLAGS: dict[Kind, str] = {"documents": "--docs", "tools": "--tools", "settings": "--config"}
DOCUMENT_KEYS = frozenset({"sets", "documents", "files", "split", "retrieval", "store"})
_HINT = "a documents file has `sets:`, a tools file `tools:`, a settings file keys such as `model:`"


def kind_of(tree: Tree, findings: Findings) -> Kind | None:
    """The kind of a tree; None, after adding a problem, when its top level shows none or two."""
    root = tree.root
    if root is None:
        return None
    if isinstance(root, List):
        return "tools" if _lists_tools(root) else "documents"
    if _is_empty(root):
        findings.file_problem("the file is empty", _HINT)
        return None
    if not isinstance(root, Map):
        findings.add(root, "a configuration file is a map or a list", _HINT)
        return None
    if is_list(root):
        return "tools"
    shown: dict[Kind, MapEntry] = {}
    for entry in root.entries.values():
        if kind := _kind_of_key(entry):
            shown.setdefault(kind, entry)
    if not shown:
        return _kind_of_others(root, findings)
    if len(shown) == 1:
        return next(iter(shown))
    (_, first), (second_kind, second) = list(shown.items())[:2]
    message = f"key {quoted(second.key)} belongs to a {second_kind} file, {quoted(first.key)} does not"
    findings.add(second, message, "give each kind a file of its own")
    return None


def _kind_of_others(root: Map, findings: Findings) -> Kind | None:
    """The kind of a map none of whose keys tells it."""
    if "tools" in root.entries:
        return "tools"
    if told := not_a_file_of_tools(root):
        findings.add(root, *told)
        return None
    if listed(root) is not None:
        return "tools"  # whose reader says what it lacks
    _report_unknown(root, findings)
    return None


def expect_kind(tree: Tree, expected: Kind, findings: Findings) -> bool:
    """Whether the tree can be read as the `expected` kind; a problem is added when it cannot.

    Settings may be empty, as when every line is commented out, and a bare list is what it is expected to be.
    """
    root = tree.root
    if expected == "settings" and root is not None and _is_empty(root):
        return True
    if expected == "tools" and (isinstance(root, List) or (isinstance(root, Map) and listed(root) is not None)):
        return True
    kind = kind_of(tree, findings)
    if kind == "tools" and expected == "documents" and isinstance(root, List):
        findings.add(
            root.items[0], *tools_for_documents("this is a list of tools", shape_of(plain_data(root.items[0])))
        )
    elif kind is not None and kind != expected:
        message, hint = f"this is a {kind} file, not a {expected} file", f"pass it with {FLAGS[kind]}"
        tools_shown = isinstance(root, Map) and ("tools" in root.entries or has_servers(root))
        if kind == "tools" and isinstance(root, Map) and expected == "documents" and not tools_shown:
            findings.add(root, *tools_for_documents("this is a tool, or holds some", shape_of(plain_data(root))))
        elif kind == "tools" and isinstance(root, Map):
            shown = next((root.entries[key] for key in ("tools", *SECTIONS) if key in root.entries), root)
            findings.add(shown, message, hint)
        else:
            findings.file_problem(message, hint)
    return kind == expected


def tools_for_documents(what: str, whose: str | None) -> tuple[str, str]:
    """The message and the hint where tools stand in the place of documents; `whose` shape they have, if it is known."""
    shape = f", in {whose} shape" if whose else ""
    return f"{what}{shape}, not of documents", "pass it with --tools; a tool without `run:` asks you for its results"


def _is_empty(node: Node) -> bool:
    return node.value is None if isinstance(node, Scalar) else isinstance(node, Map) and not node.entries


def _kind_of_key(entry: MapEntry) -> Kind | None:
    if entry.key in DOCUMENT_KEYS:
        return "documents"
    if entry.key == "tools":
        return _kind_of_tools(entry.value)
    if entry.key in SECTIONS and has_servers(Map({entry.key: entry}, entry.line, entry.column)):
        return "tools"
    return "settings" if entry.key in SETTING_KEYS else None


def _lists_tools(node: List) -> bool:
    """A bare list is of tools when its first item has the keys of one; all else in a list is documents."""
    first = node.items[0] if node.items else None
    if not isinstance(first, Map):
        return False
    keys = first.entries
    named = "name" in keys and ("run" in keys or "parameters" in keys)
    if "function" in keys or named or {"title", "properties", "run"} <= keys.keys():
        return True
    return bool(keys.keys() & TELLING) and shape_of(plain_data(first)) is not None


def _kind_of_tools(node: Node) -> Kind | None:
    """`tools:` names files in a settings file and holds maps in a tools file; empty, it may stand in either."""
    first = node
    if isinstance(node, List):
        if not node.items:
            return None
        first = node.items[0]
    if isinstance(first, Scalar):
        return None if first.value is None else "settings"
    return "tools"


def _report_unknown(root: Map, findings: Findings) -> None:
    known = sorted({*DOCUMENT_KEYS, "tools", *SECTIONS[:2], *SETTING_KEYS})
    findings.unknown_keys(list(root.entries.values()), known, _HINT)
