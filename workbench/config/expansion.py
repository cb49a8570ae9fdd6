"""`${VAR}` in a file's own words: owns its grammar and its bounds.

    ${VAR}            the variable's value; unset is an error
    ${VAR:-default}   the default when the variable is unset or empty
    $${               a literal ${

Refuses any other `${`, variables that hold a secret, and text that would grow beyond `MAX_CHARACTERS`: what a file
says is sent, shown and written, and a secret is for the header of a request alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from workbench.secrets.variables import why_secret

MAX_CHARACTERS = 100_000

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}|\$\{")


class ExpansionError(ValueError):
    """A reference that cannot be expanded; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


def has_reference(text: str) -> bool:
    """Whether `text` may hold a `${VAR}`, or an escaped one; whether it is well written is not looked at."""
    return "${" in text


def names_in(text: str) -> tuple[str, ...]:
    """The variables that `text` refers to, in their order."""
    return tuple(match["name"] for match in _REFERENCE.finditer(text) if match["name"])


def expand(text: str, environ: Mapping[str, str], secrets: Set[str] = frozenset()) -> str:
    """`text` with its references replaced by values of `environ`, those in `secrets` and the like excepted.

    Raises ExpansionError for the first bad one.
    """
    if not has_reference(text):
        return text
    pieces: list[str] = []
    length = end = 0
    for match in _REFERENCE.finditer(text):
        pieces += (text[end : match.start()], _value(match, environ, secrets))
        length += len(pieces[-1]) + len(pieces[-2])
        if length > MAX_CHARACTERS:
            raise ExpansionError(f"expands to more than {MAX_CHARACTERS:,} characters", "use fewer variables")
        end = match.end()
    return "".join((*pieces, text[end:]))


def _value(match: re.Match[str], environ: Mapping[str, str], secrets: Set[str]) -> str:
    if match.group() == "$${":
        return "${"
    name, default = match.group("name"), match.group("default")
    if name is None:
        raise ExpansionError("`${` begins no variable", "write ${NAME}, ${NAME:-default}, or $${ for the text itself")
    if why := why_secret(name, environ, secrets):
        hint = "the key is sent by itself; give what is no secret a variable with a plain name"
        raise ExpansionError(f"`${{{name}}}` is not expanded: {why}", hint)
    value = environ.get(name)
    if default is not None:
        return value or default
    if value is None:
        raise ExpansionError(f"environment variable `{name}` is not set", f"set it, or write ${{{name}:-default}}")
    return value
