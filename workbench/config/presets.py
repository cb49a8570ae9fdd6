"""The setting `presets`: names for some settings together, such as `strict: {temperature: 0}`.

Owns their shape, and which settings may stand there: those that can be changed while a conversation runs, each read as
its own row of the table says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.config.schema_parts import optional_value
from workbench.config.setting_types import SettingType
from workbench.errors import quoted

if TYPE_CHECKING:
    from workbench.config.nodes import Map, MapEntry, Node
    from workbench.config.setting import Setting
    from workbench.config.typed_reading import Reader

Values = Mapping[str, Any]
"""The settings of one preset, by their names; None is a setting that says nothing."""

NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]*")
_HINT: Final = "write one such as `presets: {strict: {temperature: 0}}`"


@dataclass(frozen=True, slots=True, eq=False)
class PresetsOf(SettingType):
    """A map from a name to a map of settings; `rows` gives the rows that these may be of, once there is a table.

    `all_names` are those of the whole table: a setting that is none of `rows` is told from one that does not exist.
    """

    rows: Callable[[], tuple[Setting, ...]]
    all_names: Callable[[], tuple[str, ...]]

    def read(self, node: Node, reader: Reader, folder: Path) -> dict[str, Values] | None:
        """The settings of each preset by its name, null being the default of a setting; None where it is no map."""
        from workbench.config.nodes import Map

        if not isinstance(node, Map):
            reader.wrong_type(node, "a map of presets", _HINT)
            return None
        named = {entry.key: entry for entry in node.entries.values() if _is_named(entry, reader)}
        found = {name: self._read_one(entry, reader, folder) for name, entry in named.items()}
        return {name: values for name, values in found.items() if values is not None}

    def _read_one(self, entry: MapEntry, reader: Reader, folder: Path) -> Values | None:
        from workbench.config.nodes import Map
        from workbench.config.typed_reading import Fields, is_null

        if not isinstance(entry.value, Map):
            reader.wrong_type(entry.value, "a map of settings", _HINT)
            return None
        rows = {row.name: row for row in self.rows()}
        readable = Fields(self._at_hand(entry.value, rows, reader), reader, tuple(rows), "a preset")
        values: dict[str, Any] = {}
        for name, row in rows.items():
            if (node := readable.get(name)) is not None:
                value = row.type.read(node, reader, folder)
                if value is not None:
                    values[name] = value
            elif name in entry.value.entries and is_null(entry.value.entries[name].value):
                values[name] = row.default
        return values

    def _at_hand(self, node: Map, rows: Mapping[str, Setting], reader: Reader) -> Map:
        """Without the settings that are read at the start, each of which is a problem."""
        from workbench.config.nodes import Map

        late = {key: each for key, each in node.entries.items() if key not in rows and key in self.all_names()}
        for each in late.values():
            hint = "a preset has settings that can be changed while a conversation runs"
            reader.findings.add(each, f"`{each.key}` is read at the start, and cannot be in a preset", hint)
        return Map({key: each for key, each in node.entries.items() if key not in late}, node.line, node.column)

    def wire(self, value: Mapping[str, Values]) -> dict[str, Any]:
        """The presets as JSON, each setting as a request has it."""
        rows = {row.name: row for row in self.rows()}
        return {
            name: {each: None if of is None else rows[each].type.wire(of) for each, of in values.items()}
            for name, values in value.items()
        }

    def paths(self, value: Mapping[str, Values]) -> tuple[Path, ...]:
        """The files that the settings of all presets name."""
        rows = {row.name: row for row in self.rows()}
        pairs = [(rows[name], of) for values in value.values() for name, of in values.items() if of is not None]
        return tuple(path for row, of in pairs for path in row.type.paths(of))

    def expanded(self, node: Node) -> Iterator[str]:
        """The texts of all presets whose variables are part of a value."""
        from workbench.config.nodes import Map

        rows = {row.name: row for row in self.rows()}
        for preset in node.entries.values() if isinstance(node, Map) else ():
            for each in preset.value.entries.values() if isinstance(preset.value, Map) else ():
                if each.key in rows:
                    yield from rows[each.key].type.expanded(each.value)

    def schema(self) -> dict[str, Any]:
        """A map of maps of settings."""
        settings = {row.name: optional_value(row.type.schema(), row.meaning) for row in self.rows()}
        one = {"type": "object", "additionalProperties": False, "properties": settings}
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^{NAME.pattern}$"},
            "additionalProperties": one,
        }

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "a map from a name to the settings that it stands for"


def is_name(text: str) -> bool:
    """Whether a preset can be called so: one word, as it is typed behind `/preset`."""
    return NAME.fullmatch(text) is not None


def _is_named(entry: MapEntry, reader: Reader) -> bool:
    if is_name(entry.key):
        return True
    hint = "take letters and digits, with _, - or . between them"
    reader.findings.add(entry, f"{quoted(entry.key)} is no name for a preset", hint)
    return False
