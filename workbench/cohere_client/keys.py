"""The API key: where it is read from, and a holder that never shows it.

Owns the order of the environment variables and the checks of the key's form. Refuses keys that no HTTP header
can carry, and every text that would hold the key: errors name the variable, never its value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from workbench.errors import ConfigurationError, Problem

KEY_VARIABLES: Final = ("CO_API_KEY", "COHERE_API_KEY")
MASK: Final = "***"
_SHORTEST_SECRET: Final = 6
_VARIABLE_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


class ApiKey:
    """A key that prints as `***` everywhere; only `reveal()` gives it, to whoever builds the request.

    `source` is the environment variable that it was read from.
    """

    __slots__ = ("__value", "source")

    def __init__(self, value: str, source: str) -> None:
        self.__value = value
        self.source = source

    def reveal(self) -> str:
        """The key itself."""
        return self.__value

    def mask(self, value: Any) -> Any:
        """A copy of a JSON value (or text) in which every occurrence of the key is `***`."""
        if isinstance(value, str):
            return value.replace(self.__value, MASK) if self._is_secret() else value
        if isinstance(value, list):
            return [self.mask(item) for item in value]
        if isinstance(value, dict):
            return {self.mask(name): self.mask(item) for name, item in value.items()}
        return value

    def mask_bytes(self, data: bytes) -> bytes:
        """`data` with every occurrence of the key replaced by `***`."""
        return data.replace(self.__value.encode(), MASK.encode()) if self._is_secret() else data

    def _is_secret(self) -> bool:
        # A "key" as short as the `x` that local servers take would blank out ordinary words.
        return len(self.__value) >= _SHORTEST_SECRET

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not copied or pickled")


def find_key(environ: Mapping[str, str], variable: str | None = None) -> ApiKey | None:
    """The key from `environ`: of `variable` when one is named, else of the first set one of `KEY_VARIABLES`.

    A value of nothing but white space counts as not set. Raises ConfigurationError when the named variable is
    not set, or when a key cannot be sent in a header.
    """
    if variable is not None:
        value = environ.get(variable, "")
        if not value.strip():
            raise _refusal(
                "--api-key-env",
                f"the environment variable {_shown(variable)} is not set, or empty",
                "give the name of the variable that holds the key, not the key",
            )
        return _checked(value, variable)
    for name in KEY_VARIABLES:
        value = environ.get(name, "")
        if value.strip():
            return _checked(value, name)
    return None


def _checked(value: str, variable: str) -> ApiKey:
    if "\n" in value or "\r" in value:
        raise _refusal(variable, "the API key holds a line break", "set it again, as one line")
    key = value.strip()
    if not key.isascii():
        raise _refusal(variable, "the API key holds a character that is not ASCII", "copy it again")
    if any(character.isspace() for character in key):
        raise _refusal(variable, "the API key holds a space", "copy it again, without the text around it")
    if not key.isprintable():
        raise _refusal(variable, "the API key holds a control character", "copy it again")
    return ApiKey(key, variable)


def _shown(variable: str) -> str:
    """The variable's name, unless it may be a key that was given in the place of a name."""
    return variable if _VARIABLE_NAME.fullmatch(variable) else "that it names"


def _refusal(place: str, message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Problem(place, 0, 0, message, hint)])
