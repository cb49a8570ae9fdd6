"""The setting `keys`: other keys for actions of the screen, by the action's id.

Owns their shape and their places. Which ids and keys there are, and which keys are in each other's way, is for the
screen to say: `Rebindings.problem` is how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config.setting_types import SettingType
from workbench.errors import Problem

if TYPE_CHECKING:
    from workbench.config.nodes import MapEntry, Node
    from workbench.config.typed_reading import Reader

Place = tuple[str, int, int]  # file, line and column, as of a Problem


@dataclass(frozen=True, slots=True, eq=False)
class Rebindings(Mapping[str, tuple[str, ...]]):
    """The keys of each action that is rebound, by its id; none where it is unbound. Equal to a dict of the same."""

    bound: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict)

    def __getitem__(self, action: str) -> tuple[str, ...]:
        return self.bound[action]

    def __iter__(self) -> Iterator[str]:
        return iter(self.bound)

    def __len__(self) -> int:
        return len(self.bound)

    def problem(self, message: str, hint: str = "", *, action: str, key: str = "") -> Problem:
        """A problem at the id of `action`, or at one `key` of it, in the file that has them."""
        file, line, column = self.places.get((action, key)) or self.places.get((action, "")) or ("keys", 0, 0)
        return Problem(file, line, column, message, hint)


class KeysOfActions(SettingType):
    """A map from an action's id to a key, a list of keys, or null."""

    def read(self, node: Node, reader: Reader, folder: Path) -> Rebindings | None:
        """The keys of each action with their places, none for null; None after adding a problem when it is no map."""
        from workbench.config.nodes import Map

        if not isinstance(node, Map):
            reader.wrong_type(node, "a map of actions and their keys", "write one such as `keys: {quit: ctrl+q}`")
            return None
        bound: dict[str, tuple[str, ...]] = {}
        places: dict[tuple[str, str], Place] = {}
        for action, entry in node.entries.items():
            places[action, ""] = (reader.findings.file, entry.line, entry.column)
            keys = _keys(entry, reader)
            bound[action] = tuple(keys)
            places |= {(action, key): place for key, place in keys.items()}
        return Rebindings(bound, places)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what may stand in a settings file."""
        key = {"type": "string", "minLength": 1}
        keys = {"anyOf": [key, {"type": "array", "items": key}, {"type": "null"}]}
        return {"type": "object", "additionalProperties": keys}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "a map from an action to a key, a list of keys, or null"


def _keys(entry: MapEntry, reader: Reader) -> dict[str, Place]:
    from workbench.config.typed_reading import is_null

    if is_null(entry.value):
        return {}
    return {text: (reader.findings.file, at.line, at.column) for text, at in reader.texts(entry.value)}
