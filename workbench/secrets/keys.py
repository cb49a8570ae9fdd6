"""The API key: where it is read from, and a holder that never shows it.

Owns the order of the environment variables and the checks of the key's form. Refuses keys that no HTTP header
can carry, and every text that would hold the key: errors name the variable, never its value.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NoReturn
from urllib.parse import quote

from workbench.errors import ConfigurationError, Problem

KEY_VARIABLES: Final = ("CO_API_KEY", "COHERE_API_KEY")
MASK: Final = "***"
# Servers of one's own take any word for a key, such as `secret`: looked for, it would blank out what is no secret.
SHORTEST_SECRET: Final = 8
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

    def spellings(self) -> tuple[str, ...]:
        """The key as it may come back: as it is, and as JSON, Python, HTML, URLs, base64 and hex write it, in lower
        case, as hosts are, in upper case, and backwards.

        For the redactor alone. None for a key of less than `SHORTEST_SECRET` characters.
        """
        key = self.__value
        if len(key) < SHORTEST_SECRET:
            return ()
        data = key.encode("utf-8", "surrogateescape")
        turns = [each for turned in (key, key[::-1]) for each in (turned, turned.lower(), turned.upper())]
        found = {*turns, data.hex(), data.hex().upper(), *_in_base64(data), *_by_number(key)}
        if not key.isalnum():
            found |= set(_escaped(key, data))
        return tuple(found)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not copied or pickled")


def known_keys(environ: Mapping[str, str], variable: str | None = None) -> tuple[ApiKey, ...]:
    """All that may be a key in `environ`, whether it can be used or not: for what must keep them out of texts.

    Of `KEY_VARIABLES`, and of `variable` when one is named. Of a value with white space in it, each part is one.
    """
    names = dict.fromkeys((*KEY_VARIABLES, *((variable,) if variable else ())))
    return tuple(ApiKey(part, name) for name in names for part in environ.get(name, "").split())


def holding(environ: Mapping[str, str], names: Collection[str]) -> set[str]:
    """The variables of `environ` that hold what one of `names` does, in any of its spellings, and these themselves."""
    keys = [ApiKey(part, name) for name in names for part in environ.get(name, "").split()]
    spellings = {each for key in keys for each in key.spellings()}
    return {
        name for name, value in environ.items() if name in names or any(spelling in value for spelling in spellings)
    }


def find_key(environ: Mapping[str, str], variable: str | None = None) -> ApiKey | None:
    """The key from `environ`: of `variable` when one is named, else of the first set one of `KEY_VARIABLES`.

    Spaces around a key are taken away, and a value of nothing but white space counts as not set. Raises
    ConfigurationError when the named variable is not set, or when a key cannot be sent in a header.
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


def _in_base64(data: bytes) -> Iterator[str]:
    """`data` within the base64 of something longer: as it comes out behind 0, 1 or 2 bytes, and any number of threes.

    The characters at its ends that depend on what stands beside it are left out.
    """
    for before, first in ((0, 0), (1, 2), (2, 3)):
        written = base64.b64encode(bytes(before) + data).decode()
        inner = written[first : (before + len(data)) * 8 // 6]
        yield inner
        yield inner.translate({ord("+"): "-", ord("/"): "_"})


def _by_number(key: str) -> Iterator[str]:
    """Each character by its number: in JSON, in JSON that is a text in JSON, in Python, in a URL and in HTML."""
    for digits in ("x", "X"):
        codes = [format(ord(character), f"02{digits}") for character in key]
        for before in ("\\u00", "\\\\u00", "\\x", "\\\\x", "%"):
            yield "".join(f"{before}{code}" for code in codes)
        yield "".join(f"&#x{code};" for code in codes)
    yield "".join(f"&#{ord(character)};" for character in key)


def _escaped(key: str, data: bytes) -> Iterator[str]:
    """A key with characters that need escaping somewhere."""
    yield repr(key)[1:-1]
    as_json = json.dumps(key)[1:-1]
    for text in (as_json, as_json.replace("/", "\\/"), json.dumps(key, ensure_ascii=False)[1:-1]):
        yield text
        yield json.dumps(text)[1:-1]  # JSON in JSON, as the arguments of a call are
    yield key.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for before, digits, after in (
        ("\\u", "04x", ""),
        ("\\u", "04X", ""),
        ("&#x", "x", ";"),
        ("&#x", "X", ";"),
        ("&#", "d", ";"),
    ):
        yield "".join(each if each.isalnum() else f"{before}{ord(each):{digits}}{after}" for each in key)
    for turned in (data, data.lower(), data.upper(), data[::-1]):
        for safe in ("", "/"):
            in_url = quote(turned, safe=safe)
            yield in_url
            yield re.sub("%..", lambda match: match[0].lower(), in_url)
            yield quote(in_url, safe=safe)


def _shown(variable: str) -> str:
    """The variable's name, unless it may be a key that was given in the place of a name."""
    return variable if _VARIABLE_NAME.fullmatch(variable) else "that it names"


def _refusal(place: str, message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Problem(place, 0, 0, message, hint)])
