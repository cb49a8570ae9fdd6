"""What a document's fields must be for its passages to be retrieved: `year` is 2026, or one of several, or in a range.

Owns the comparing of values: numbers as numbers however they are written, text without regard to capitals and outer
blanks. A document without the field never fits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.documents.fields import TEXT_FIELDS

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Condition:
    """The field's value is one of `values`, or lies from `least` to `most`, both included, None being open.

    Of a field that holds a list, one item must. A name with dots, such as `meta.author`, leads into objects where the
    document has no field of that very name. Capitals of names do not count where no name is the very same.
    """

    field: str
    values: tuple[Value, ...] = ()
    least: Value | None = None
    most: Value | None = None

    def accepts(self, data: Mapping[str, Any]) -> bool:
        """Whether a document with these fields fits."""
        return any(self.fits(value) for value in values_of(data, self.field))

    def fits(self, value: Any) -> bool:
        """Whether one value of the field fits; of a list, whether one of its items does."""
        if isinstance(value, (list, tuple)):
            return any(self.fits(item) for item in value)
        if not isinstance(value, (str, int, float)):
            return False
        if self.values:
            return any(_same(value, each) for each in self.values)
        return (self.least is None or _at_least(value, self.least)) and (
            self.most is None or _at_most(value, self.most)
        )

    def told(self) -> str:
        """In words: "year is 2026", "year from 2024 to 2026"."""
        if self.values:
            return f"{self.field} is {' or '.join(map(_shown, self.values))}"
        least = "" if self.least is None else f" from {_shown(self.least)}"
        return f"{self.field}{least}{'' if self.most is None else f' to {_shown(self.most)}'}"


def values_of(data: Mapping[str, Any], name: str) -> Iterator[Any]:
    """The values of the field of that name, mostly one or none."""
    if name in data:
        yield data[name]
        return
    wanted = name.casefold()
    for key, value in data.items():
        if key.casefold() == wanted:
            yield value
            return
    for key, value in data.items():
        if isinstance(value, Mapping) and wanted.startswith(f"{key.casefold()}."):
            yield from values_of(value, name[len(key) + 1 :])


def leads_to(name: str, key: str) -> bool:
    """Whether the field `name` may be in the field `key` of a document, or be it; the text of one is no such field."""
    wanted, known = name.casefold(), key.casefold()
    return known not in TEXT_FIELDS and (wanted == known or wanted.startswith(f"{known}."))


def _same(value: Value, wanted: Value) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return _plain(value) == _plain(wanted)
    number, other = _number(value), _number(wanted)
    if number is not None and other is not None:
        return number == other
    return _plain(value) == _plain(wanted)


def _at_least(value: Value, least: Value) -> bool:
    number, other = _number(value), _number(least)
    if number is not None and other is not None:
        return number >= other
    return _plain(value) >= _plain(least)


def _at_most(value: Value, most: Value) -> bool:
    """Whether it is no more; what begins like `most` is not, so that days of May 2026 are up to 2026-05 and to 2026."""
    number, other = _number(value), _number(most)
    if number is not None and other is not None:
        return number <= other
    bound = _plain(most)
    return _plain(value)[: len(bound)] <= bound


def _number(value: Value) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _plain(value: Value) -> str:
    return str(value).strip().casefold()


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
