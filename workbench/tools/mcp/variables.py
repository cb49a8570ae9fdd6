"""`${VAR}` in what a file says of a server: filled in when the server is started, and never before.

    ${VAR}            the variable's value, as is `${env:VAR}`; unset is an error
    ${VAR:-default}   the default when the variable is unset or empty
    $${               a literal ${

Owns, too, which of the values that came in so are secrets, and keeping these out of all that a server says.
Refuses any other `${`. The keys to the chat API are not in the environment that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workbench.errors import ToolError
from workbench.secrets.keys import ApiKey
from workbench.secrets.redactor import Redactor
from workbench.secrets.variables import why_secret

_REFERENCE = re.compile(r"\$\$\{|\$\{(?:env:)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}|\$\{")
_OTHERS = re.compile(r"\$\{(input|workspaceFolder|userHome|pathSeparator|config|command|file|cwd)\b")


def wrong_reference(text: str) -> tuple[str, str] | None:
    """A message and a hint when `text` has a `${` that begins no variable; None when it is well written."""
    for match in _REFERENCE.finditer(text):
        if match.group() == "${":
            others = _OTHERS.match(text, match.start())
            what = f"`${{{others[1]}…}}` is for an editor to fill in" if others else "`${` begins no variable"
            return what, "write ${NAME}, ${NAME:-default}, or $${ for the text itself"
    return None


class Filled:
    """What fills in the variables of one server, out of `environ`, and remembers which of them are secrets."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._secrets: list[ApiKey] = []

    def text(self, text: str) -> str:
        """`text` with its variables. Raises ToolError "server" when one is not set."""
        pieces: list[str] = []
        end = 0
        for match in _REFERENCE.finditer(text):
            pieces += (text[end : match.start()], self._value(match))
            end = match.end()
        return "".join((*pieces, text[end:]))

    def named(self, texts: Mapping[str, str]) -> dict[str, str]:
        """The values of a map, filled in; what has the name of a secret is one, wherever its value comes from."""
        found = {name: self.text(value) for name, value in texts.items()}
        for name, value in found.items():
            if why_secret(name.replace("-", "_"), self._environ):
                self._remember(value, name)
        return found

    def redactor(self) -> Redactor:
        """What keeps the secrets that were filled in out of texts."""
        return Redactor(self._secrets)

    def _value(self, match: re.Match[str]) -> str:
        if match.group() == "$${":
            return "${"
        name, default = match["name"], match["default"]
        if name is None:
            raise ToolError("server", "`${` begins no variable: write ${NAME}")
        value = self._environ.get(name)
        if not value and default is not None:
            return default
        if value is None:
            raise ToolError("server", f"the environment variable {name} is not set")
        if why_secret(name, self._environ):
            self._remember(value, name)
        return value

    def _remember(self, value: str, name: str) -> None:
        self._secrets += [ApiKey(part, name) for part in value.split()]


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The variables that texts refer to, each once, in their order."""
    found = (match["name"] for text in texts for match in _REFERENCE.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name))


def needed_by(texts: Iterable[str]) -> frozenset[str]:
    """The variables that texts refer to without a default."""
    found = (match for text in texts for match in _REFERENCE.finditer(text))
    return frozenset(match["name"] for match in found if match["name"] and match["default"] is None)


def with_defaults(text: str) -> str | None:
    """`text` with the default of each variable in its place; None where one has none."""
    matches = list(_REFERENCE.finditer(text))
    if any(match["name"] and match["default"] is None for match in matches):
        return None
    return _REFERENCE.sub(lambda match: match["default"] if match["name"] else "${", text)
