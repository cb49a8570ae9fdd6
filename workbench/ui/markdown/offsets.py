"""Offsets: where in the source each character of a text stands."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TypeAlias

Offsets: TypeAlias = "array[int]"


def offsets(values: Iterable[int] = ()) -> Offsets:
    """An array of these offsets, four bytes each: no answer has two thousand million characters."""
    return array("i", values)
