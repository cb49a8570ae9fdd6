"""Contrast, as WCAG 2.2 computes it, and a colour moved until it has enough."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

RGB: TypeAlias = tuple[int, int, int]

READABLE: Final = 4.5
"""What WCAG's level AA asks for between letters and what is behind them."""

_STEPS: Final = 50
_AIMED_AT: Final = 4.6  # a little more than needed, for colours are told apart by their last bit


def rgb(written: str) -> RGB:
    """The parts of "#rrggbb"."""
    number = int(written[1:], 16)
    return number >> 16, number >> 8 & 255, number & 255


def hexadecimal(colour: RGB) -> str:
    """The other way round."""
    red, green, blue = colour
    return f"#{red:02x}{green:02x}{blue:02x}"


@lru_cache(4096)
def luminance(colour: RGB) -> float:
    """How bright a colour is to the eye, from 0 to 1."""
    red, green, blue = (linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """From 1, no difference, to 21, black and white."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def mixed(one: RGB, other: RGB, share: float) -> RGB:
    """`one` with a share of `other`, from 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def readable(colour: RGB, *grounds: RGB) -> RGB:
    """The colour nearest to `colour`, towards white or black, that can be read on every one of the grounds.

    Where none can, it is white or black, whichever stands out more.
    """
    ends: tuple[RGB, RGB] = ((255, 255, 255), (0, 0, 0))
    end = max(ends, key=lambda end: min(contrast(end, ground) for ground in grounds))
    for step in range(_STEPS + 1):
        moved = mixed(colour, end, step / _STEPS)
        if all(contrast(moved, ground) >= _AIMED_AT for ground in grounds):
            return moved
    return end


def linear(part: float) -> float:
    """The light of one part of a colour, both from 0 to 1 (sRGB)."""
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
