"""The types a setting can have: how each is read from YAML and from a flag, and what it is in a request.

Owns the ranges and the words that tell them. A type with a rule of its own stands in a module of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.config.nodes import Node
    from workbench.config.typed_reading import Reader


class SettingType:
    """What every type does. A value is never None: None is a setting that says nothing."""

    def read(self, node: Node, reader: Reader, folder: Path) -> Any:
        """The value of a node that is not null, or None after adding a problem; paths start from `folder`."""
        raise NotImplementedError

    def of_flag(self, text: str) -> Any:
        """The value that a flag's text means. Raises ValueError with what was expected."""
        return text

    def wire(self, value: Any) -> Any:
        """The value as the JSON that a request carries."""
        return value

    def paths(self, value: Any) -> tuple[Path, ...]:
        """The files that the value names."""
        return ()

    def expanded(self, node: Node) -> Iterator[str]:
        """The texts below `node` whose variables, expanded, are part of the value."""
        from workbench.config.nodes import texts_in

        return texts_in(node)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what may stand in a settings file; that null may, too, is not said here."""
        raise NotImplementedError

    def words(self) -> str:
        """What is expected, for a sentence."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False)
class Text(SettingType):
    """Text that is not blank; `lines` allows several, `name` refuses a flag without a word."""

    lines: bool = False
    name: bool = False

    def read(self, node: Node, reader: Reader, folder: Path) -> str | None:
        """The text, `${VAR}` expanded, or None after adding a problem."""
        return reader.text(node, lines=self.lines)

    def of_flag(self, text: str) -> str:
        """The text as it is. Raises ValueError for a name that is blank."""
        if self.name and not text.strip():
            raise ValueError("expected a name, got nothing")
        return text

    def schema(self) -> dict[str, Any]:
        """Text of at least one character."""
        return {"type": "string", "minLength": 1}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "text"


@dataclass(frozen=True, slots=True, eq=False)
class Switch(SettingType):
    """true or false; `wired` is what a request has for false and for true."""

    wired: tuple[Any, Any] = (False, True)

    def read(self, node: Node, reader: Reader, folder: Path) -> bool | None:
        """Whether it is on, or None after adding a problem."""
        return reader.flag(node)

    def wire(self, value: bool) -> Any:
        """What `wired` has for it."""
        return self.wired[value]

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "true or false"


@dataclass(frozen=True, slots=True, eq=False)
class Whole(SettingType):
    """A whole number from `low` to `high`; None is no bound."""

    low: int
    high: int | None = None

    def read(self, node: Node, reader: Reader, folder: Path) -> int | None:
        """The number, or None after adding a problem, as for one out of bounds."""
        return reader.integer(node, self.low, self.high)

    def of_flag(self, text: str) -> int:
        """The number that the flag's text is. Raises ValueError with the bounds when it is none, or beyond them."""
        try:
            value = int(text)
        except ValueError:
            value = self.low - 1
        if value < self.low or (self.high is not None and value > self.high):
            raise ValueError(f"expected {self.words()}, got {text!r}")
        return value

    def schema(self) -> dict[str, Any]:
        """An integer within the bounds."""
        return {"type": "integer", "minimum": self.low} | ({} if self.high is None else {"maximum": self.high})

    def words(self) -> str:
        """What is expected, with the bounds, for a sentence."""
        return f"a whole number from {self.low}" + ("" if self.high is None else f" to {self.high}")


@dataclass(frozen=True, slots=True, eq=False)
class Number(SettingType):
    """A number from `low`, or above it, to `high`; `unit` is what it counts."""

    low: float
    high: float
    above: bool = False
    unit: str = "a number"

    def read(self, node: Node, reader: Reader, folder: Path) -> float | None:
        """The number, or None after adding a problem, as for one out of bounds."""
        return reader.number(node, self.low, self.high, above=self.above)

    def of_flag(self, text: str) -> float:
        """The number that the flag's text is. Raises ValueError with the bounds when it is none, or beyond them."""
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (self.low <= value <= self.high) or (self.above and value == self.low):
            raise ValueError(f"expected {self.words()}, got {text!r}")
        return value

    def schema(self) -> dict[str, Any]:
        """A number within the bounds."""
        return {"type": "number", "exclusiveMinimum" if self.above else "minimum": self.low, "maximum": self.high}

    def words(self) -> str:
        """What is expected, with unit and bounds, for a sentence."""
        low = f"above {self.low:g}, up to" if self.above else f"from {self.low:g} to"
        return f"{self.unit} {low} {self.high:g}"


@dataclass(frozen=True, slots=True, eq=False)
class Choice(SettingType):
    """One of some words, in upper or lower case; a request has it in upper case."""

    choices: tuple[str, ...]

    def read(self, node: Node, reader: Reader, folder: Path) -> str | None:
        """The word in lower case, or None after adding a problem."""
        return reader.choice(node, self.choices, any_case=True)

    def wire(self, value: str) -> str:
        """The word in upper case."""
        return value.upper()

    def schema(self) -> dict[str, Any]:
        """One of the words, all in lower or all in upper case."""
        return {"enum": [*self.choices, *(choice.upper() for choice in self.choices)]}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return f"one of {', '.join(f'`{choice}`' for choice in self.choices)}"


@dataclass(frozen=True, slots=True, eq=False)
class Texts(SettingType):
    """One text or a list of up to `most` texts, which may hold nothing but blanks and line breaks."""

    most: int

    def read(self, node: Node, reader: Reader, folder: Path) -> tuple[str, ...] | None:
        """The texts in their order, or None after adding a problem at the first one beyond `most`."""
        found = reader.texts(node, lines=True, blank=True)
        if len(found) <= self.most:
            return tuple(text for text, _ in found)
        reader.findings.add(found[self.most][1], f"more than {self.most} texts", f"up to {self.most} may stand here")
        return None

    def wire(self, value: tuple[str, ...]) -> list[str]:
        """The texts as a list."""
        return list(value)

    def schema(self) -> dict[str, Any]:
        """A text, or a list of up to `most`."""
        text = {"type": "string", "minLength": 1}
        return {"anyOf": [text, {"type": "array", "items": text, "maxItems": self.most}]}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return f"a text or a list of up to {self.most}"


class FilePath(SettingType):
    """One file, relative to the folder of the settings file."""

    def read(self, node: Node, reader: Reader, folder: Path) -> Path | None:
        """The path, from `folder` when it is relative, or None after adding a problem."""
        text = reader.text(node)
        return None if text is None else folder / user_path(text)

    def of_flag(self, text: str) -> Path:
        """The path as given: a relative one starts from the current folder."""
        return Path(text)

    def paths(self, value: Path) -> tuple[Path, ...]:
        """The path itself."""
        return (value,)

    def schema(self) -> dict[str, Any]:
        """Text of at least one character."""
        return {"type": "string", "minLength": 1}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "a path"


class FilePaths(SettingType):
    """One file or a list of files, relative to the folder of the settings file. A flag gives one, again and again."""

    def read(self, node: Node, reader: Reader, folder: Path) -> tuple[Path, ...]:
        """The paths, those that are relative from `folder`; what has a problem is left out."""
        return tuple(folder / user_path(text) for text, _ in reader.texts(node))

    def of_flag(self, text: str) -> Path:
        """One of the paths, as given: a relative one starts from the current folder."""
        return Path(text)

    def paths(self, value: tuple[Path, ...]) -> tuple[Path, ...]:
        """The paths themselves."""
        return value

    def schema(self) -> dict[str, Any]:
        """Text of at least one character, or a list of such texts."""
        path = {"type": "string", "minLength": 1}
        return {"anyOf": [path, {"type": "array", "items": path}]}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "a path or a list of paths"


@dataclass(frozen=True, slots=True, eq=False)
class MoreFields(SettingType):
    """A map of fields with whatever values, none of them called as one of the `refused`."""

    refused: tuple[str, ...] = ()

    def read(self, node: Node, reader: Reader, folder: Path) -> dict[str, Any] | None:
        """The fields with their JSON values, `${VAR}` in texts expanded, or None after adding a problem."""
        from workbench.config.nodes import Map

        if not isinstance(node, Map):
            reader.wrong_type(node, "a map of fields and their values")
            return None
        wrong = [entry for entry in node.entries.values() if entry.key in self.refused]
        for entry in wrong:
            hint = "set `model`, `system`, `docs` and `tools` for that"
            reader.findings.add(entry, f"`{entry.key}` is written by Workbench itself", hint)
        return None if wrong else dict(reader.data(node))

    def schema(self) -> dict[str, Any]:
        """An object without the `refused` fields."""
        return {"type": "object", "propertyNames": {"not": {"enum": list(self.refused)}}}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return f"a map without {', '.join(f'`{name}`' for name in self.refused)}"


def user_path(text: str) -> Path:
    """`text` as a path, with `~` as the home folder where one is known."""
    path = Path(text)
    try:
        return path.expanduser()
    except (RuntimeError, ValueError):  # no home folder is known, or nobody can be called so: a name like any other
        return path
