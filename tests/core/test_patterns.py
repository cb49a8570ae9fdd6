"""Regular expressions say the same in every Python that the project allows."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # what a pattern is made of is told nowhere else
from typing import Any

import pytest

import workbench
from workbench.documents.formats import records

KEEPING = (_constants.POSSESSIVE_REPEAT, _constants.ATOMIC_GROUP)
TRYING = (_constants.BRANCH, _constants.MAX_REPEAT, _constants.MIN_REPEAT)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every pattern that stands in a module, with its name."""
    for found in pkgutil.walk_packages(workbench.__path__, "workbench."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield f"{found.name}.{name}", value


def parts(parsed: Any) -> Iterator[tuple[Any, Any]]:
    """Every part of a parsed pattern, with what belongs to it; the parts of parts too."""
    if isinstance(parsed, _parser.SubPattern):
        for operation, argument in parsed:
            yield operation, argument
            yield from parts(argument)
    elif isinstance(parsed, tuple | list):
        for each in parsed:
            yield from parts(each)


def keeps_what_is_tried(pattern: re.Pattern[Any]) -> bool:
    """Whether something possessive holds what may be matched in several ways."""
    parsed = _parser.parse(pattern.pattern, pattern.flags & ~re.LOCALE & ~re.UNICODE)
    return any(
        operation in KEEPING and any(inner in TRYING for inner, _ in parts(argument))
        for operation, argument in parts(parsed)
    )


@pytest.mark.parametrize(("text", "wrong"), [(r"(?:a++|b)*+", True), (r"(?>a|bc)", True), (r"a++(?:\.b*+)*+", False)])
def test_the_check_itself(text: str, wrong: bool) -> None:
    assert keeps_what_is_tried(re.compile(text)) is wrong


def test_nothing_possessive_holds_what_has_several_ways() -> None:
    """Python 3.11.0 to 3.11.4 lose a character there: https://github.com/python/cpython/issues/106052."""
    found = list(patterns())
    assert len(found) > 50
    assert [name for name, pattern in found if keeps_what_is_tried(pattern)] == []


def test_brackets_of_records_with_escapes_in_their_texts() -> None:
    text = r'{"a\"[": ["\\", "]\\\""], "open [\"'
    assert [match[0] for match in records._BRACKETS.finditer(text)] == [
        "{", r'"a\"["', "[", r'"\\"', r'"]\\\""', "]", r'"open [\"',
    ]  # fmt: skip
