"""What `workbench init` writes: a documents file, a tools file, settings that name the two, and their JSON Schemas.

Owns their texts, and writing all of them or none. The schemas lie beside the files, so that editors find them without a
network, and so does whoever gets the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from workbench.config.kind import Kind
from workbench.config.schemas import schema_of
from workbench.config.settings_model import SETTINGS
from workbench.config.settings_text import as_unset_yaml
from workbench.errors import ConfigurationError, Problem
from workbench.paths import look_at, reason_of

FILES: Final[Mapping[Kind, str]] = {"documents": "docs.yaml", "tools": "tools.yaml", "settings": "workbench.yaml"}
SCHEMAS: Final = ".workbench"
_TEXTS: Final = Path(__file__).with_name("starter")
_NAMED: Final = ("docs", "tools")
_SETTINGS: Final = """\
# Settings: workbench --config workbench.yaml. Those in ~/.config/workbench/config.yaml hold without that.
# What begins with # and a name is not set, and shows what it could be: take the # away to set it.
# `workbench check workbench.yaml` says what is wrong with this file, by line and column.

docs: docs.yaml
tools: tools.yaml
"""


def starter_files(actions: Collection[str]) -> dict[str, str]:
    """The text of each file by its path in the folder; `actions` are those of the screen, as of `schema_of`."""
    files = {name: f"{_for_editors(kind)}{_text(kind)}" for kind, name in FILES.items()}
    return files | {_schema_file(kind): as_json(schema_of(kind, actions)) for kind in FILES}


def as_json(schema: Mapping[str, Any]) -> str:
    """A schema as the text of a file."""
    return f"{json.dumps(schema, indent=2)}\n"


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files into `folder`, which is made where it is missing; all of them, or none.

    Raises ConfigurationError with every file that is there already, or with what cannot be written.
    """
    _refuse_what_is_there(folder, files)
    made: list[Path] = []
    at = folder
    try:
        for name, text in files.items():
            at = folder / name
            _make_folder(at.parent, made)
            with at.open("x", encoding="utf-8") as file:
                made.append(at)
                file.write(text)
    except BaseException as error:
        _take_away(made)
        if not isinstance(error, OSError):  # such as an interrupt
            raise
        raise ConfigurationError([Problem(str(at), 0, 0, f"it cannot be written: {reason_of(error)}")]) from error


def _for_editors(kind: Kind) -> str:
    return f"# yaml-language-server: $schema={_schema_file(kind)}\n"


def _schema_file(kind: Kind) -> str:
    return f"{SCHEMAS}/{kind}.schema.json"


def _text(kind: Kind) -> str:
    if kind != "settings":
        return (_TEXTS / FILES[kind]).read_text(encoding="utf-8")
    return "\n\n".join([_SETTINGS.rstrip(), *(as_unset_yaml(row) for row in SETTINGS if row.name not in _NAMED), ""])


def _refuse_what_is_there(folder: Path, files: Mapping[str, str]) -> None:
    found = look_at(folder)
    if found.kind in ("file", "other"):
        raise ConfigurationError([Problem(str(folder), 0, 0, "this is no folder", "name one, or a new one")])
    if found.kind == "unreachable":
        raise ConfigurationError([Problem(str(folder), 0, 0, f"it cannot be reached: {found.reason}")])
    hint = "nothing was written: move it away, or name another folder"
    there = [folder / name for name in files if os.path.lexists(folder / name)]
    if there:
        raise ConfigurationError([Problem(str(path), 0, 0, "there is such a file already", hint) for path in there])


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder and those that it lies in, where they are missing; each goes to the end of `made`."""
    missing = [each for each in (folder, *folder.parents) if not os.path.lexists(each)]
    for each in reversed(missing):
        each.mkdir()
        made.append(each)


def _take_away(made: list[Path]) -> None:
    for each in reversed(made):
        with contextlib.suppress(OSError):  # the fault that led here is what is told
            each.rmdir() if each.is_dir() else each.unlink()
