"""The settings file: each of its keys read as its row of the table says, and what no row may hold: an API key."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any, Final

from workbench.config.findings import Findings
from workbench.config.kind import expect_kind
from workbench.config.nodes import Map, Scalar, Tree
from workbench.config.reader import read_tree
from workbench.config.settings_model import SETTING_KEYS, SETTINGS, Settings, default_settings_path
from workbench.config.typed_reading import Fields, Reader
from workbench.errors import Problem

__all__ = ["SETTING_KEYS", "Settings", "default_settings_path", "read_settings", "settings_of"]

KEY_NAMES: Final = frozenset({"api_key", "key", "token", "co_api_key", "cohere_api_key"})
KEY_HINT: Final = "set CO_API_KEY, or name a variable with api_key_env"


def read_settings(path: Path, environ: Mapping[str, str]) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings of the file at `path`, and its problems; a setting with a problem keeps its default."""
    return settings_of(read_tree(path), environ)


def settings_of(
    tree: Tree, environ: Mapping[str, str], secrets: Set[str] = frozenset()
) -> tuple[Settings, tuple[Problem, ...]]:
    """As `read_settings`, of a file that is read already; `secrets` as for `Reader`."""
    findings = Findings(str(tree.path), tree.problems)
    values: dict[str, Any] = {}
    if expect_kind(tree, "settings", findings) and isinstance(tree.root, Map):
        reader = Reader(findings, environ, secrets | _named_variable(tree.root, environ))
        values = _values(tree.root, reader, tree.folder)
    return Settings(**values), findings.problems()


def _values(node: Map, reader: Reader, folder: Path) -> dict[str, Any]:
    """What the file sets, by field name; settings that are absent, null or wrong are left out."""
    named = {entry.key.lower(): entry for entry in node.entries.values()}
    for name in KEY_NAMES & named.keys():
        message = f"key `{named[name].key}`: a settings file never holds an API key"
        reader.findings.add(named[name], message, KEY_HINT)
    kept = {key: entry for key, entry in node.entries.items() if key.lower() not in KEY_NAMES}
    given = Fields(Map(kept, node.line, node.column), reader, SETTING_KEYS, "a settings file")
    found = {row.name: row.type.read(at, reader, folder) for row in SETTINGS if (at := given.get(row.name))}
    return {name: value for name, value in found.items() if value is not None}


def _named_variable(node: Map, environ: Mapping[str, str]) -> frozenset[str]:
    """The variable that `api_key_env` names, which holds a key: no other setting expands it."""
    entry = node.entries.get("api_key_env")
    if entry is None or not isinstance(entry.value, Scalar):
        return frozenset()
    name = Reader(Findings(""), environ).text(entry.value)  # what is wrong with it is found when it is read
    return frozenset({name} if name else ())
