"""The making of a palette: every role has a shade, and roles with different shades differ in true colour too.

Textual hands a colour on by its true value alone; what a terminal is told in its place is found by that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from workbench.ui.themes.contrast import hexadecimal, rgb
from workbench.ui.themes.palette import Depth, Palette, Shade
from workbench.ui.themes.roles import BY_NAME


def palette(name: str, *, dark: bool, shades: Mapping[str, Shade], depth: Depth = "true", meaning: str = "") -> Palette:
    """A palette of these shades; two that would be taken for each other are told apart by the last bits of blue."""
    if shades.keys() != BY_NAME.keys():
        raise ValueError(f"{name}: not the roles that there are: {sorted(shades.keys() ^ BY_NAME.keys())}")
    taken: set[str] = set()
    told_apart = {}
    for role, shade in shades.items():
        value = next(value for value in _near(shade.true) if value not in taken)
        taken.add(value)
        told_apart[role] = replace(shade, true=value)
    return Palette(name, dark, MappingProxyType(told_apart), depth, meaning)


def _near(value: str) -> Iterator[str]:
    """The value, and those that differ from it in blue alone, the nearest first."""
    red, green, blue = rgb(value)
    yield value.lower()
    for by in range(1, 256):
        yield from (hexadecimal((red, green, other)) for other in (blue - by, blue + by) if 0 <= other <= 255)
