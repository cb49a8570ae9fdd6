"""The dialects of JSON Schema, and the regular expressions in it: schemas are written for other programs than this one.

Owns which draft a schema is of, what is wrong with it, and what of it can be checked here. A pattern is one of
ECMAScript: Python reads most of them, and what it does not read is left out of the checking, not refused.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

_DRAFT: Final = re.compile(
    r"https?://json-schema\.org/(?:draft-0?([3467])|draft/(2019-09|2020-12))/(?:hyper-)?schema#?"
)
_GUESSED: Final = ("2020-12", "7", "4")  # where a schema does not say, it is of the first of these that it is valid in
_OF_SCHEMAS: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")
_OF_VALUES: Final = ("enum", "const", "default", "examples")
_REST: Final = (
    "additionalProperties",
    "unevaluatedProperties",
)  # what they are for depends on the patterns beside them
# What Python says of a pattern that no other dialect has either.
_NOWHERE: Final = ("nothing to repeat", "multiple repeat", "min repeat greater")


def draft_of(schema: Mapping[str, Any]) -> str | None:
    """The draft that `$schema` names: "3", "4", "6", "7", "2019-09" or "2020-12"; None for another, or for none."""
    name = schema.get("$schema")
    found = _DRAFT.fullmatch(name.strip()) if isinstance(name, str) else None
    return (found[1] or found[2]) if found else None


def judged(schema: Mapping[str, Any], most: int = 1) -> tuple[type[Validator], list[ValidationError]]:
    """The class that validates by the draft of `schema`, and what is wrong with that itself, at most so many faults.

    May raise RecursionError.
    """
    classes = _classes()
    draft = draft_of(schema)
    found = None
    for each in (draft,) if draft else _GUESSED:
        faults = list(islice(_faults(classes[each], schema), most))
        if not faults:
            return classes[each], []
        found = found or (classes[each], faults)
    assert found is not None
    return found


def checkable(schema: Any) -> Any:
    """The schema without what Python cannot check: patterns that it does not read, and what depends on these."""
    if not isinstance(schema, Mapping):
        return schema
    unread = [key for key in _names(schema.get("patternProperties")) if not is_read(key)]
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if (key == "pattern" and isinstance(value, str) and not is_read(value)) or (unread and key in _REST):
            continue
        if key in _OF_SCHEMAS and isinstance(value, Mapping):
            skipped = unread if key == "patternProperties" else ()
            kept[key] = {name: checkable(each) for name, each in value.items() if name not in skipped}
        elif key in _OF_VALUES:
            kept[key] = value
        else:
            kept[key] = [checkable(each) for each in value] if isinstance(value, list) else checkable(value)
    return kept


def patterns_in(schema: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every pattern in a schema, with the path to it: its keyword's, or the key's that it is."""
    if not isinstance(schema, Mapping):
        return
    for key, value in schema.items():
        at = (*path, key)
        if key == "pattern" and isinstance(value, str):
            yield at, value
        elif key in _OF_SCHEMAS and isinstance(value, Mapping):
            for name, each in value.items():
                if key == "patternProperties":
                    yield (*at, name), name
                yield from patterns_in(each, (*at, name))
        elif isinstance(value, list) and key not in _OF_VALUES:
            for number, each in enumerate(value):
                yield from patterns_in(each, (*at, number))
        elif key not in _OF_VALUES:
            yield from patterns_in(value, at)


def is_read(pattern: str) -> bool:
    """Whether Python reads the pattern, though perhaps not all of it as ECMAScript does."""
    return _fault(pattern) is None


def is_pattern(pattern: str) -> bool:
    """Whether the pattern may be one of some program: not so where its brackets do not close, say."""
    fault = _fault(pattern)
    return fault is None or not (fault.startswith(_NOWHERE) or _is_open(pattern))


def _fault(pattern: str) -> str | None:
    try:
        with warnings.catch_warnings():  # of what another Python may read otherwise: they would go to the screen
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        return str(error)
    return None


def _is_open(pattern: str) -> bool:
    """Whether a class or a group is not closed, or closed and not open, or nothing stands behind a last backslash."""
    depth = at = 0
    while at < len(pattern) and depth >= 0:
        if pattern[at] == "[":
            at = _end_of_class(pattern, at + 1)
        depth += {"(": 1, ")": -1}.get(pattern[at : at + 1], 0)
        at += 2 if pattern[at : at + 1] == "\\" else 1
    return depth != 0 or at > len(pattern)


def _end_of_class(pattern: str, at: int) -> int:
    """Where the `]` is that ends the class whose inside begins at `at`; beyond the end when there is none."""
    while at < len(pattern) and pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at if at < len(pattern) else len(pattern) + 1


def _names(value: Any) -> Sequence[str]:
    return tuple(value) if isinstance(value, Mapping) else ()


def _classes() -> Mapping[str, type[Validator]]:
    import jsonschema as js

    return {
        "3": js.Draft3Validator,
        "4": js.Draft4Validator,
        "6": js.Draft6Validator,
        "7": js.Draft7Validator,
        "2019-09": js.Draft201909Validator,
        "2020-12": js.Draft202012Validator,
    }


def _faults(kind: type[Validator], schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """The faults but for an empty `required`, which drafts 3 and 4 forbid and many generators write."""
    faults = kind(kind.META_SCHEMA, format_checker=_formats(kind)).iter_errors(schema)
    return (fault for fault in faults if not (fault.validator == "minItems" and _is_required(fault)))


def _is_required(fault: ValidationError) -> bool:
    return bool(fault.absolute_path) and fault.absolute_path[-1] == "required"


def _formats(kind: type[Validator]) -> FormatChecker:
    """The formats of the draft, with a `regex` that is not Python's."""
    from jsonschema import FormatChecker

    def is_regex(value: object) -> bool:
        return not isinstance(value, str) or is_pattern(value)

    checker = FormatChecker(formats=())
    regex: tuple[Callable[[object], bool], tuple[()]] = (is_regex, ())
    checker.checkers = {**kind.FORMAT_CHECKER.checkers, "regex": regex}
    return checker
