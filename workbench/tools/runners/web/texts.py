"""Texts of an HTTP tool, in which `{argument}` is what a call gives and `${NAME}` a variable of the environment.

Owns keeping the two apart: what an argument says is never looked through for variables, nor a variable's value for
arguments. Refuses to hold a value: a text is as it was written until a call fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from workbench.tools.templates import Template

_REFERENCE: Final = re.compile(
    r"\$\$\{(?P<literal>[^{}]*)\}|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}|\$\{"
)
LEFT_OUT: Final = object()
"""What takes the place of an argument that is not given, where a value may be left out."""


class Missing(Exception):
    """A variable that a text needs is not set. `name` is it."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


@dataclass(frozen=True, slots=True)
class Variable:
    """`${name}`, or `${name:-default}`."""

    name: str
    default: str | None = None

    def value(self, environ: Mapping[str, str]) -> str:
        """What it holds, without blanks around it, or the default where that is nothing. Raises Missing."""
        held = environ.get(self.name, "").strip()
        if self.default is not None:
            return held or self.default
        if self.name not in environ:
            raise Missing(self.name)
        return held


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its `parts`. `written` is what stands in the file."""

    written: str
    parts: tuple[Template | Variable, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """The text that was written so. Raises ValueError, whose text is for people."""
        parts: list[Template | Variable] = []
        end = 0
        for match in _REFERENCE.finditer(text):
            parts.append(Template.read(text[end : match.start()]))
            end = match.end()
            if match["name"]:
                parts.append(Variable(match["name"], match["default"]))
            elif match["literal"] is not None:
                parts.append(Template(((f"${{{match['literal']}}}", ""),)))
            else:
                raise ValueError("`${` begins no variable; write ${NAME}, ${NAME:-default}, or $${...} for the text")
        parts.append(Template.read(text[end:]))
        return cls(text, tuple(part for part in parts if isinstance(part, Variable) or part.parts))

    @property
    def names(self) -> frozenset[str]:
        """The arguments that it has places for."""
        return frozenset(name for part in self.parts if isinstance(part, Template) for name in part.names)

    @property
    def variables(self) -> frozenset[Variable]:
        """The variables that it has places for."""
        return frozenset(part for part in self.parts if isinstance(part, Variable))

    @property
    def only(self) -> str | None:
        """The argument that it is all of, None when there is anything else."""
        (*_, part) = self.parts or (None,)
        return part.only if len(self.parts) == 1 and isinstance(part, Template) else None

    def filled(
        self, arguments: Mapping[str, Any], environ: Mapping[str, str], spell: Callable[[str], str] = str
    ) -> str:
        """The text with its arguments, each by `spell`, and variables. Raises Missing."""
        return "".join(
            part.value(environ) if isinstance(part, Variable) else part.filled(arguments, spell) for part in self.parts
        )

    def shown(self, arguments: Mapping[str, Any], spell: Callable[[str], str] = str) -> str:
        """The text with its arguments, and each variable as it is written: for people."""
        return "".join(
            f"${{{part.name}}}" if isinstance(part, Variable) else part.filled(arguments, spell) for part in self.parts
        )


def read_data(data: Any) -> Any:
    """A JSON value with each text in it read. Raises ValueError as `Text.read`."""
    if isinstance(data, str):
        return Text.read(data)
    if isinstance(data, Mapping):
        return {key: read_data(value) for key, value in data.items()}
    return [read_data(item) for item in data] if isinstance(data, list) else data


def texts_in(data: Any) -> Iterator[Text]:
    """Every text of what `read_data` gave."""
    if isinstance(data, Text):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, list):
        for item in data:
            yield from texts_in(item)


def filled_data(data: Any, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    """What `read_data` gave as a JSON value again, filled in. A text that is an argument and no more is its value.

    One that is not given is left out of its map or list; LEFT_OUT is what remains where it is all there is. Raises
    Missing.
    """
    if isinstance(data, Text):
        if data.only is not None:
            return arguments.get(data.only, LEFT_OUT)
        return data.filled(arguments, environ)
    if isinstance(data, Mapping):
        items = {key: filled_data(value, arguments, environ) for key, value in data.items()}
        return {key: value for key, value in items.items() if value is not LEFT_OUT}
    if isinstance(data, list):
        values = (filled_data(item, arguments, environ) for item in data)
        return [value for value in values if value is not LEFT_OUT]
    return data
