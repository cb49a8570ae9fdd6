"""At which keys of a call's arguments a fault is: the places, as JSON pointers, of what a validator found.

Owns what a fault is about where the validator names only the object around it: keys that are missing, or too many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Fault = Mapping[str, str]
"""`pointer` (RFC 6901) is the place in the arguments, maybe of a key that is not there; `reason` says what is wrong."""

MISSING: Final = "is required, and missing"
EXTRA: Final = "is no parameter of this tool"
_MOST: Final = 20  # keys of one object
_LONGEST: Final = 300  # characters of a reason


def faults_of(error: ValidationError) -> Iterator[Fault]:
    """The places that an error of a validator is about, each with what is wrong there."""
    at = list(error.absolute_path)
    if keys := _missing(error):
        yield from (_fault([*at, key], MISSING) for key in keys[:_MOST])
    elif keys := _extra(error):
        yield from (_fault([*at, key], EXTRA) for key in keys[:_MOST])
    else:
        yield _fault(at, error.message)


def pointer(path: Sequence[str | int]) -> str:
    """A path into a value as a JSON pointer; "" is the value itself."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)


def _fault(path: Sequence[str | int], reason: str) -> Fault:
    return {"pointer": pointer(path), "reason": reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}…"}


def _missing(error: ValidationError) -> list[str]:
    """The key that an error of `required` is about: of several that are missing, each has an error of its own."""
    if error.validator != "required" or not isinstance(error.instance, Mapping):
        return []
    wanted = error.validator_value if isinstance(error.validator_value, list) else []
    missing = [key for key in wanted if isinstance(key, str) and key not in error.instance]
    return [key for key in missing if error.message.startswith(f"{key!r} ")][:1] or missing


def _extra(error: ValidationError) -> list[str]:
    """The keys that an error of `additionalProperties: false` is about, all of them at once."""
    schema = error.schema
    if error.validator != "additionalProperties" or error.validator_value is not False:
        return []
    if not isinstance(error.instance, Mapping) or not isinstance(schema, Mapping):
        return []
    known, patterns = schema.get("properties") or {}, schema.get("patternProperties") or {}
    return [
        key
        for key in error.instance
        if isinstance(key, str) and key not in known and not any(re.search(each, key) for each in patterns)
    ]
