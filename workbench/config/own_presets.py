"""The presets that a person saved while a conversation ran: a file of their own beside the settings file.

Owns that file: what it holds is `NAME: {SETTING: VALUE}`, as behind `presets:` of a settings file, but that `${VAR}` is
text. Like the settings file of a person it is their own word: one that others may write is not read. Saving changes the
lines of one preset and no other, comments included, or nothing at all. The settings file of a person is never written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from workbench.config.findings import Findings
from workbench.config.nodes import Map
from workbench.config.presets import Values, is_name
from workbench.config.reader import parse_tree
from workbench.config.settings_model import OF_NAME, configuration_folder
from workbench.config.typed_reading import Reader, is_null
from workbench.config.typed_text import as_yaml_value
from workbench.errors import ConfigurationError, Problem, quoted
from workbench.paths import reason_of
from workbench.state_files import read_own_file, replace_own_file

FILE: Final = "presets.yaml"
MOST_BYTES: Final = 1024 * 1024
_HEAD: Final = "# Presets that were saved in Workbench: --preset NAME begins with one, /preset NAME changes to one.\n"
_KEY: Final = re.compile(r"""(["']?)([^\s"':#]+)\1\s*:(\s|$)""")


@dataclass(frozen=True, slots=True)
class OwnPresets:
    """What `path` holds; no path where no configuration folder is known. `problems` say what cannot be used."""

    path: Path | None = None
    presets: Mapping[str, Values] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()


def read_own_presets(environ: Mapping[str, str]) -> OwnPresets:
    """The person's saved presets; none where there is no such file."""
    folder = configuration_folder(environ)
    if folder is None:
        return OwnPresets()
    path = folder / FILE
    try:
        return OwnPresets(path, *_read(path, read_own_file(path, MOST_BYTES)))
    except FileNotFoundError:
        return OwnPresets(path)
    except OSError as error:
        return OwnPresets(path, {}, (_unreadable(path, error),))


def save_preset(path: Path, name: str, values: Values) -> None:
    """Put a preset into the file, in place of the one of that name. Raises ConfigurationError, and then changes
    nothing."""
    if not is_name(name):
        hint = "take letters and digits, with _, - or . between them"
        raise ConfigurationError([Problem("", 0, 0, f"{quoted(name)} is no name for a preset", hint)])
    try:
        before = read_own_file(path, MOST_BYTES).decode()
    except FileNotFoundError:
        before = _HEAD
    except OSError as error:
        raise ConfigurationError([_unreadable(path, error)]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([Problem(str(path), 0, 0, "the presets cannot be read: it is not UTF-8")]) from error
    presets, problems = _read(path, before.encode())
    if problems:
        raise ConfigurationError(problems)
    after = with_preset(before, name, values)
    kept, problems = _read(path, after.encode())
    if problems or dict(kept) != {**presets, name: dict(values)}:
        hint = f"paste this into it: {as_yaml(name, values).strip()}"
        raise ConfigurationError([Problem(str(path), 0, 0, "the preset cannot be put into this file", hint)])
    try:
        replace_own_file(path, after)
    except OSError as error:
        raise ConfigurationError([Problem(str(path), 0, 0, f"the preset is not saved: {reason_of(error)}")]) from error


def as_yaml(name: str, values: Values) -> str:
    """The lines of one preset."""
    lines = [f"  {each}: {as_yaml_value(OF_NAME[each], value)}" for each, value in values.items()]
    return "\n".join([f"{name}:", *lines, ""]) if lines else f"{name}: {{}}\n"


def with_preset(text: str, name: str, values: Values) -> str:
    """The text of the file with this preset in the place of the one of that name, or at its end."""
    lines = text.splitlines(keepends=True)
    at = next((number for number, line in enumerate(lines) if (key := _KEY.match(line)) and key[2] == name), None)
    if at is None:
        between = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{between}{as_yaml(name, values)}"
    end = at + 1
    while end < len(lines) and (lines[end].startswith((" ", "\t")) and lines[end].strip()):
        end += 1
    return "".join([*lines[:at], as_yaml(name, values), *lines[end:]])


def _unreadable(path: Path, error: OSError) -> Problem:
    why = str(error) if isinstance(error, PermissionError) and error.errno is None else reason_of(error)
    return Problem(str(path), 0, 0, f"the presets cannot be read: {why}", "it must be yours alone to write")


def _read(path: Path, data: bytes) -> tuple[Mapping[str, Values], tuple[Problem, ...]]:
    tree = parse_tree(path, data)
    findings = Findings(str(path), tree.problems)
    if tree.root is None or is_null(tree.root):
        return {}, findings.problems()
    reader = Reader(findings, None)
    found: Any = OF_NAME["presets"].type.read(tree.root, reader, path.parent)
    return found if isinstance(tree.root, Map) and found is not None else {}, findings.problems()
