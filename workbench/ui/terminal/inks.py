"""Inks: what a terminal is told for each colour of a theme, at one depth of colours.

A theme's colours are known by their true value; what is written in place of it was chosen by hand, or computed, for
the depth that the terminal has. It knows nothing of themes or roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rich.color import Color, ColorSystem

Value = tuple[int, int, int]
"""Red, green and blue, from 0 to 255."""


@dataclass(frozen=True, slots=True)
class Ink:
    """SGR parameters, "" for the terminal's own colour; and names of Rich's attributes to be switched on besides.

    A ground may have `letters`: all that stands on it is written so, whatever colour it was to have, for nothing is
    known of how that would look there.
    """

    code: str = ""
    attributes: tuple[str, ...] = ()
    letters: Ink | None = None


@dataclass(frozen=True, slots=True)
class Inks:
    """The inks of letters and of grounds, by true value.

    A colour that is not among them is downgraded as Rich does it, in `colours`; when that is None it gets the ink of
    the nearest one that is: a theme made for what a terminal has itself must not meet a colour of anybody else.
    """

    letters: Mapping[Value, Ink] = field(default_factory=lambda: MappingProxyType({}))
    grounds: Mapping[Value, Ink] = field(default_factory=lambda: MappingProxyType({}))
    colours: ColorSystem | None = ColorSystem.TRUECOLOR

    def letter(self, colour: Color | None) -> Ink:
        """What writes letters in `colour`."""
        return self._ink(colour, self.letters, foreground=True)

    def ground(self, colour: Color | None) -> Ink:
        """What puts `colour` behind letters."""
        return self._ink(colour, self.grounds, foreground=False)

    def _ink(self, colour: Color | None, known: Mapping[Value, Ink], *, foreground: bool) -> Ink:
        if colour is None or colour.is_default:
            return Ink()
        value = colour.get_truecolor()
        ink = known.get(value)
        if ink is not None:
            return ink
        if self.colours is not None:
            return Ink(";".join(colour.downgrade(self.colours).get_ansi_codes(foreground)))
        return known[min(known, key=lambda other: _distance(value, other))] if known else Ink()


def _distance(one: Value, other: Value) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
