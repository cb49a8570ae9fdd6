"""Texts and JSON values of a tool's configuration in which `{argument}` stands for what a call gives.

Owns what a template is: `{name}`, and `{{` and `}}` for the braces themselves. Refuses any other brace, so that a
mistyped name is found when the file is read, and to look into a value that was filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

_PART: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_NAME: Final = re.compile(r"[^\s{}]+")
_LEFT_OUT: Final = object()


def spelled(value: Any) -> str:
    """An argument as text: a text as it is, null as nothing, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Template:
    """A text with places for arguments. `parts` are (text, ""), as it is, and ("", name), to be filled in."""

    parts: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """The template that `text` is. Raises ValueError, whose text is for people, where a brace is none of one."""
        parts: list[tuple[str, str]] = []
        for match in _PART.finditer(text):
            whole, name = match[0], match[1]
            if name is not None:
                if not _NAME.fullmatch(name):
                    raise ValueError(f"`{whole}` names no argument; a brace itself is written twice")
                parts.append(("", name))
            elif whole in ("{", "}"):
                raise ValueError(f"there is a single `{whole}`; a brace itself is written twice, `{whole * 2}`")
            else:
                parts.append((whole[:1] if whole in ("{{", "}}") else whole, ""))
        return cls(tuple(parts))

    @property
    def names(self) -> frozenset[str]:
        """The arguments that it has places for."""
        return frozenset(name for _, name in self.parts if name)

    @property
    def only(self) -> str | None:
        """The argument that it is all of, None when there is anything else."""
        return self.parts[0][1] or None if len(self.parts) == 1 else None

    def filled(self, arguments: Mapping[str, Any], spell: Callable[[str], str] = str) -> str:
        """The text with `arguments`, each as `spelled` and then by `spell`; one that is not given is nothing."""
        return "".join(spell(spelled(arguments.get(name))) if name else text for text, name in self.parts)


def value_of(data: Any, arguments: Mapping[str, Any]) -> Any:
    """A JSON value with its texts filled in. A text that is an argument and nothing else becomes that very value.

    What would become one that is not given is left out of its map or list, and is null where it is all there is.
    Raises ValueError as `Template.read`.
    """
    filled = _filled(data, arguments)
    return None if filled is _LEFT_OUT else filled


def names_in(data: Any) -> frozenset[str]:
    """The arguments that the texts of a JSON value have places for. Raises ValueError as `Template.read`."""
    return frozenset(name for text in _texts(data) for name in Template.read(text).names)


def _filled(data: Any, arguments: Mapping[str, Any]) -> Any:
    if isinstance(data, str):
        template = Template.read(data)
        if template.only is not None:
            return arguments.get(template.only, _LEFT_OUT)
        return template.filled(arguments)
    if isinstance(data, Mapping):
        items = {key: _filled(value, arguments) for key, value in data.items()}
        return {key: value for key, value in items.items() if value is not _LEFT_OUT}
    if isinstance(data, list):
        return [value for item in data if (value := _filled(item, arguments)) is not _LEFT_OUT]
    return data


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for item in data:
            yield from _texts(item)
