"""What is written of the settings, made from their table: in words, and as YAML."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from workbench.config.setting import Setting
from workbench.config.setting_types import Choice, Switch

WIDTH: Final = 120


def as_yaml(row: Setting) -> str:
    """The setting with its default, or null without one, behind a comment that says what it is."""
    value = row.example if _names_files(row) else shown(row) or ("null" if row.default is None else "{}")
    return f"{_comment(row)}\n{row.name}: {value}"


def as_unset_yaml(row: Setting) -> str:
    """As `as_yaml`, commented out, and with an example where there is no default: whoever takes the # away sets it."""
    return f"{_comment(row)}\n#{row.name}: {row.example if row.example else shown(row)}"


def shown(row: Setting) -> str:
    """The default as YAML, "" when there is none."""
    value = row.default
    return written(row, value) if isinstance(value, bool | float | str | int) else ""


def written(row: Setting, value: Any) -> str:
    """A value of the setting as a person would write it behind its name; "unset" for None."""
    match value:
        case None:
            return "unset"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case str() | int() | Path():
            return str(value)
        case _:
            return json.dumps(row.type.wire(value), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def range_of(row: Setting) -> str:
    """What the setting may be, as a sentence behind a blank, where the meaning leaves that open; else ""."""
    tells_all = isinstance(row.type, Switch | Choice) or row.default not in (None, (), {})
    such = f", such as `{row.example}`" if row.example and not tells_all else ""
    said = f"{row.type.words()}{such}"
    return "" if said == "text" else f" {said[0].upper()}{said[1:]}."


def wrapped(text: str, indent: str) -> str:
    """`text` in lines, none of which ends within code; all but the first begin with `indent`."""
    whole = re.sub(r"`[^`]*`", lambda code: code.group().replace(" ", "\0"), text)
    lines = textwrap.wrap(whole, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")


def _comment(row: Setting) -> str:
    return wrapped(f"# {row.meaning}{range_of(row)}", "# ")


def _names_files(row: Setting) -> bool:
    return isinstance(row.default, tuple)
