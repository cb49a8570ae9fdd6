"""A word of a command: text with `{argument}` and `${VARIABLE}` in it, each filled in when the command runs.

Owns that what is filled in is never looked into again: not for braces, not by a shell, and not to part it into words.
Refuses what no program can be given, as an argument of its own: a NUL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from workbench import surrogates
from workbench.errors import ToolError
from workbench.tools.templates import Template, spelled

# As the configuration expands them; `$${NAME}` is the text ${NAME}.
_REFERENCE: Final = re.compile(
    r"\$\$\{(?P<text>[^{}]*\}?)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment, with what stands for one that is unset or empty, if anything does."""

    name: str
    default: str | None

    def value(self, environ: Mapping[str, str]) -> str:
        """Its value. Raises ToolError when there is none."""
        value = environ.get(self.name)
        if self.default is not None:
            return value or self.default
        if value is None:
            raise ToolError("exit", f"the environment of the command has no variable {self.name}")
        return value


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it is `written`.

    `expanded` is what it was with the environment in which it was read, where it is the same in every call.
    """

    written: str
    parts: tuple[Template | Variable, ...]
    expanded: str | None = field(default=None, compare=False, repr=False)

    @classmethod
    def read(cls, text: str, expanded: str | None = None) -> Self:
        """The word that `text` is, and `expanded` with its variables filled in.

        Raises ValueError, whose text is for people, where a brace is no place.
        """
        parts: list[Template | Variable] = []
        end = 0
        for match in _REFERENCE.finditer(text):
            parts.append(Template.read(text[end : match.start()]))
            if match["text"] is None:
                parts.append(Variable(match["name"], match["default"]))
            else:
                parts.append(Template((("${" + match["text"], ""),)))
            end = match.end()
        word = cls(text, (*parts, Template.read(text[end:])))
        is_as_it_is = not word.names and "{{" not in text and "}}" not in text
        return replace(word, expanded=expanded if is_as_it_is else word.fixed)

    @property
    def names(self) -> frozenset[str]:
        """The arguments that it has places for."""
        return frozenset(name for part in self.parts if isinstance(part, Template) for name in part.names)

    @property
    def fixed(self) -> str | None:
        """Its text when that is the same in every call, whatever the environment; None when it is not."""
        if self.names or any(isinstance(part, Variable) for part in self.parts):
            return None
        return self._text({}, {})

    def filled(self, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> list[str]:
        """What the program is given: one text; where the word is an argument alone, none or several.

        None for an argument that is not given, or null; one for each item of a list. Raises ToolError for what no
        program can be given.
        """
        only = next((part.only for part in self.parts if isinstance(part, Template) and part.only), None)
        if only is None or self.written != f"{{{only}}}":
            return [_possible(self._text(arguments, environ))]
        value = arguments.get(only)
        if value is None:
            return []
        return [_possible(spelled(item)) for item in (value if isinstance(value, list) else [value])]

    def shown(self, arguments: Mapping[str, Any]) -> list[str]:
        """As `filled`, for people: what the environment holds may be a secret, and stands as it is written."""
        named = {part.name: f"${{{part.name}}}" for part in self.parts if isinstance(part, Variable)}
        return self.filled(arguments, named)

    def _text(self, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> str:
        filled = (part.filled(arguments) if isinstance(part, Template) else part.value(environ) for part in self.parts)
        return "".join(filled)


def _possible(text: str) -> str:
    if "\0" in text:
        raise ToolError("arguments", "a command cannot be given the character NUL (U+0000)")
    return surrogates.sendable(text)
