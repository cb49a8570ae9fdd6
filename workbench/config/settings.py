"""The settings file: owns its shape and its checks.

Refuses API keys, base URLs that the client would misread, and anything out of range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench.config.findings import Findings
from workbench.config.kind import expect_kind
from workbench.config.nodes import Map, Node, Scalar, Tree
from workbench.config.reader import read_tree
from workbench.config.settings_model import (
    DEFAULT_MODEL,
    MOST_RETRIES,
    SETTING_KEYS,
    CitationMode,
    SettingDescription,
    Settings,
    default_settings_path,
    describe_settings,
)
from workbench.config.typed_reading import Fields, Reader
from workbench.errors import Problem

__all__ = [
    "DEFAULT_MODEL",
    "SETTING_KEYS",
    "CitationMode",
    "SettingDescription",
    "Settings",
    "default_settings_path",
    "describe_settings",
    "read_settings",
    "settings_of",
]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_NAMES = frozenset({"api_key", "key", "token", "co_api_key", "cohere_api_key"})
_MAX_SECONDS = 86_400.0
_MAX_MEGABYTES = 1024.0


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
        values = _Settings(tree.root, reader, tree.folder).values()
    return Settings(**values), findings.problems()


class _Settings:
    """One pass over the map of a settings file."""

    def __init__(self, node: Map, reader: Reader, folder: Path) -> None:
        keys = {entry.key.lower(): entry for entry in node.entries.values()}
        for name in _KEY_NAMES & keys.keys():
            message = f"key `{keys[name].key}`: a settings file never holds an API key"
            reader.findings.add(keys[name], message, "set CO_API_KEY, or name a variable with api_key_env")
        kept = {key: entry for key, entry in node.entries.items() if key.lower() not in _KEY_NAMES}
        self._fields = Fields(Map(kept, node.line, node.column), reader, SETTING_KEYS, "a settings file")
        self._reader = reader
        self._folder = folder

    def values(self) -> dict[str, Any]:
        """What the file sets, by field name; settings that are absent, null or wrong are left out."""
        read = self._reader
        readers = {
            "model": read.text,
            "system": lambda node: read.text(node, lines=True),
            "base_url": self._base_url,
            "api_key_env": self._variable,
            "offline": read.flag,
            "theme": read.text,
            "low_bandwidth": read.flag,
            "connect_timeout": self._seconds,
            "first_byte_timeout": self._seconds,
            "timeout": self._seconds,
            "max_time": self._seconds,
            "max_steps": lambda node: read.integer(node, 1, 1000),
            "retries": lambda node: read.integer(node, 0, MOST_RETRIES),
            "max_text_mb": self._megabytes,
            "max_arguments_mb": self._megabytes,
            "max_line_mb": self._megabytes,
            "max_other_mb": self._megabytes,
            "temperature": lambda node: read.number(node, 0, 2),
            "max_tokens": lambda node: read.integer(node, 1, 1_000_000),
            "citations": lambda node: read.choice(node, ("fast", "accurate", "off")),
            "thinking": read.flag,
            "session": read.flag,
            "log": self._path,
            "docs": self._paths,
            "tools": self._paths,
        }
        found = {key: readers[key](node) for key in SETTING_KEYS if (node := self._fields.get(key))}
        return {key: value for key, value in found.items() if value is not None}

    def _seconds(self, node: Node) -> float | None:
        return self._reader.number(node, 0, _MAX_SECONDS, above=True)

    def _megabytes(self, node: Node) -> float | None:
        return self._reader.number(node, 0, _MAX_MEGABYTES, above=True)

    def _path(self, node: Node) -> Path | None:
        text = self._reader.text(node)
        return None if text is None else self._folder / _user_path(text)

    def _paths(self, node: Node) -> tuple[Path, ...]:
        return tuple(self._folder / _user_path(text) for text, _ in self._reader.texts(node))

    def _variable(self, node: Node) -> str | None:
        """The name of an environment variable; the text is never repeated, for it may be a key by mistake."""
        name = self._reader.text(node)
        if name is None or _VARIABLE.fullmatch(name):
            return name
        message = "api_key_env is the name of an environment variable, which this is not"
        self._reader.findings.add(node, message, "put the key into a variable and name that, such as CO_API_KEY")
        return None

    def _base_url(self, node: Node) -> str | None:
        url = self._reader.text(node)
        if url is None:
            return None
        fault = _url_fault(url)
        if fault:
            self._reader.findings.add(node, *fault)
            return None
        return url.rstrip("/")


def _named_variable(node: Map, environ: Mapping[str, str]) -> frozenset[str]:
    """The variable that `api_key_env` names, which holds a key: no other setting expands it."""
    entry = node.entries.get("api_key_env")
    if entry is None or not isinstance(entry.value, Scalar):
        return frozenset()
    name = Reader(Findings(""), environ).text(entry.value)  # what is wrong with it is found when it is read
    return frozenset({name} if name else ())


def _user_path(text: str) -> Path:
    path = Path(text)
    try:
        return path.expanduser()
    except (RuntimeError, ValueError):  # no home folder is known, or nobody can be called so: a name like any other
        return path


def _url_fault(url: str) -> tuple[str, str] | None:
    """What is wrong with a base URL and what to do; None when it can be used."""
    example = "write one such as https://api.cohere.com or http://localhost:8000/cohere"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"base_url is no URL: {error}", example
    if parts.scheme not in {"http", "https"} or not host or any(character.isspace() for character in url):
        return "base_url must be an http or https URL", example
    if parts.username or parts.password:
        return "base_url must not hold a user name or password", "the API key is sent as a header"
    if parts.query or parts.fragment:
        return "base_url must not have a query or fragment", example
    if re.search(r"/v[12](/chat)?/?$", parts.path):
        return "base_url must stop before the API's version", "leave out /v2: the client adds /v2/chat itself"
    return None
