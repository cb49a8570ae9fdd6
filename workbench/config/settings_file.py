"""A settings file as it was read: its settings, where each stands, and whose file it is.

The file in a person's home is their own word. Any other, given with `--config`, came from somewhere: what it asks for
beyond its folder is for a person to allow.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from workbench.config.expansion import names_in
from workbench.config.nodes import Map, Tree
from workbench.config.reader import read_tree
from workbench.config.settings import settings_of
from workbench.config.settings_model import SETTINGS, Settings, default_settings_path
from workbench.config.typed_reading import is_null
from workbench.documents.passages import FilePlace
from workbench.errors import ConfigurationError
from workbench.origin import Origin


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """`origin` is None when no file was read; `places` are of the keys that it has, `variables` what a key expands.

    `said` are the keys that have a value: one that is null says nothing.
    """

    settings: Settings = field(default_factory=Settings)
    origin: Origin | None = None
    places: Mapping[str, FilePlace] = field(default_factory=dict)
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    said: Set[str] = frozenset()
    is_own: bool = True


def load_settings_file(given: Path | None, environ: Mapping[str, str], secrets: Set[str] = frozenset()) -> SettingsFile:
    """The file that was `given`, else the one in the person's home, else none.

    Raises ConfigurationError with every problem.
    """
    own = default_settings_path(environ)
    path = given or own
    if path is None:
        return SettingsFile()
    tree = read_tree(path)
    settings, problems = settings_of(tree, environ, secrets)
    if problems:
        raise ConfigurationError(problems)
    return SettingsFile(settings, tree.origin, places_of(tree), variables_of(tree), said_in(tree), _is_own(path, own))


def places_of(tree: Tree) -> dict[str, FilePlace]:
    """Where each key of a settings file stands."""
    entries = tree.root.entries.values() if isinstance(tree.root, Map) else ()
    return {entry.key: FilePlace(str(tree.path), entry.line, entry.column) for entry in entries}


def said_in(tree: Tree) -> frozenset[str]:
    """The keys of a settings file that have a value."""
    entries = tree.root.entries.values() if isinstance(tree.root, Map) else ()
    return frozenset(entry.key for entry in entries if not is_null(entry.value))


def variables_of(tree: Tree) -> dict[str, tuple[str, ...]]:
    """The variables that each setting of a settings file expands, where it expands any."""
    entries = tree.root.entries if isinstance(tree.root, Map) else {}
    rows = {row.name: row.type.expanded(entries[row.name].value) for row in SETTINGS if row.name in entries}
    named = {name: tuple(each for text in texts for each in names_in(text)) for name, texts in rows.items()}
    return {name: tuple(dict.fromkeys(names)) for name, names in named.items() if names}


def _is_own(path: Path, own: Path | None) -> bool:
    """Whether it is the one in the person's home, and nobody else may have written it."""
    if own is None or os.path.realpath(path) != os.path.realpath(own):
        return False
    try:
        status = path.stat()
    except OSError:
        return False
    return status.st_uid in (os.geteuid(), 0) and not status.st_mode & stat.S_IWOTH
