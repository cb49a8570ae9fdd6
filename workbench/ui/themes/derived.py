"""The palettes of Textual's own themes: the same roles, made of a theme's base colours.

Every text is moved towards white or black until it can be read on all that it stands on, in true colour and in the
nearest of the 256. Of 16 colours a theme cannot be told from another: those are our dark or light theme's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from textual.design import ColorSystem
from textual.theme import BUILTIN_THEMES, Theme

from workbench.ui.themes.contrast import READABLE, RGB, hexadecimal, linear, luminance, mixed, readable, rgb
from workbench.ui.themes.own import DARK, LIGHT
from workbench.ui.themes.palette import Palette, Shade
from workbench.ui.themes.roles import BY_NAME, ROLES, Role
from workbench.ui.themes.table import palette

_TINTS: Final[Mapping[str, tuple[str, float]]] = {
    "surface": ("foreground", 0.04),
    "panel": ("foreground", 0.08),
    "band": ("foreground", 0.07),
    "here-tint": ("accent", 0.14),
    "cited-selected": ("primary", 0.18),
    "selection": ("foreground", 0.2),
    "hit": ("warning", 0.3),
}
"""Of each ground: the base colour that is mixed into the background, and how much of it."""

_MADE_OF: Final[Mapping[str, str]] = {
    "text": "foreground",
    "here": "accent",
    "cite": "primary",
    "link": "secondary",
    "success": "success",
    "warning": "warning",
    "error": "error",
    "code-keyword": "secondary",
    "code-string": "success",
    "code-number": "warning",
    "code-name": "primary",
    "code-inserted": "success",
    "code-deleted": "error",
    "model": "primary",
    "tool": "secondary",
}
"""Of each text: the base colour that it is, as far as that can be read."""

_FAINT: Final[Mapping[str, float]] = {
    "dim": 0.35,
    "disabled": 0.45,
    "code-comment": 0.35,
    "waiting": 0.3,
    "band-bar": 0.5,
    "rule": 0.82,
    "scrollbar": 0.7,
}
"""Of each of the others: how much of the background is mixed into the text's colour."""

_STRONGER: Final = (1.0, 1.3, 1.6, 2.0, 2.5, 3.0)
_MORE_VIVID: Final = 24  # between the brightest and the darkest part of a colour

_LEVELS: Final = (0, 95, 135, 175, 215, 255)


def derived(theme: Theme) -> Palette:
    """The palette of a theme that knows nothing of our roles."""
    base = _base(theme)
    back = base["background"]
    grounds = {"background": back} | {
        role: mixed(back, base[colour], share) for role, (colour, share) in _TINTS.items()
    }
    text = readable(base["foreground"], *_under(BY_NAME["text"], grounds))
    values: dict[str, RGB] = dict(grounds)
    for role in ROLES:
        if role.kind == "ground":
            continue
        value = text if role.name == "text" else _wished(role, base, text, back)
        values[role.name] = readable(value, *_under(role, grounds)) if role.kind == "text" else value
    return palette(theme.name, dark=theme.dark, shades=_shades(values, base, dark=theme.dark))


def usual() -> dict[str, Theme]:
    """Textual's themes by name, but for those of the 16 colours, of which we have our own."""
    return {name: theme for name, theme in BUILTIN_THEMES.items() if not theme.ansi}


def _base(theme: Theme) -> dict[str, RGB]:
    names = ("primary", "secondary", "accent", "foreground", "background", "success", "warning", "error")
    colours = ColorSystem.generate(theme.to_color_system())
    return {name: rgb(colours[name][:7]) for name in names}


def _wished(role: Role, base: Mapping[str, RGB], text: RGB, back: RGB) -> RGB:
    made_of = _MADE_OF.get(role.name)
    return base[made_of] if made_of is not None else mixed(text, back, _FAINT[role.name])


def _under(role: Role, grounds: Mapping[str, RGB]) -> list[RGB]:
    return [grounds[name] for name in ("background", *role.on)]


def _shades(values: Mapping[str, RGB], base: Mapping[str, RGB], *, dark: bool) -> dict[str, Shade]:
    of_16 = (DARK if dark else LIGHT).shades
    cube = _cube()
    numbers = _numbers_of_grounds(base)
    for role in ROLES:
        if role.kind != "ground":
            under = [cube[numbers[name]] for name in ("background", *role.on)] if role.kind == "text" else []
            numbers[role.name] = _nearest(values[role.name], under)
    return {name: Shade(hexadecimal(value), numbers[name], of_16[name].of_16) for name, value in values.items()}


def _numbers_of_grounds(base: Mapping[str, RGB]) -> dict[str, int]:
    """The grounds among the 256; a tint too weak to be told from the background there is made stronger."""
    back = base["background"]
    behind = _nearest_ground(back)
    numbers = {"background": behind}
    for role, (colour, share) in _TINTS.items():
        tinted = (_nearest_ground(mixed(back, base[colour], min(1.0, share * more))) for more in _STRONGER)
        numbers[role] = next((number for number in tinted if number != behind), behind)
    return numbers


def _nearest(colour: RGB, under: Iterable[RGB] = ()) -> int:
    """The colour of the 256 that is nearest to one, among those that can be read on all that is under it."""
    lights = [luminance(ground) for ground in under]
    # As bright, or as dark, as it must be to be read on the brightest and on the darkest of them.
    bright = READABLE * (max(lights, default=-0.05) + 0.05) - 0.05
    dark = (min(lights, default=0) + 0.05) / READABLE - 0.05
    cube = _cube()
    fit = [number for number, value in cube.items() if not dark < luminance(value) < bright]
    return min(fit or cube, key=lambda number: _distance(colour, cube[number]))


def _nearest_ground(colour: RGB) -> int:
    """The same of a ground, which must not be more vivid than it was meant: what is tinted shall not be a block."""
    cube = _cube()
    calm = [number for number, value in cube.items() if _vividness(value) <= _vividness(colour) + _MORE_VIVID]
    return min(calm, key=lambda number: _distance(colour, cube[number]))


def _vividness(colour: RGB) -> int:
    return max(colour) - min(colour)


def _distance(one: RGB, other: RGB) -> float:
    """How different two colours are to the eye; what they are weighs more than how bright."""
    (bright, *hue), (other_bright, *other_hue) = _oklab(one), _oklab(other)
    return ((bright - other_bright) / 2) ** 2 + sum((a - b) ** 2 for a, b in zip(hue, other_hue, strict=True))


@cache
def _oklab(colour: RGB) -> tuple[float, float, float]:
    """Björn Ottosson's OKLab: brightness, from green to red, from blue to yellow."""
    red, green, blue = (linear(part / 255) for part in colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


@cache
def _cube() -> dict[int, RGB]:
    """The 256 colours but for the first 16, which are the person's."""
    cube = [(red, green, blue) for red in _LEVELS for green in _LEVELS for blue in _LEVELS]
    greys = [(grey, grey, grey) for grey in range(8, 239, 10)]
    return dict(enumerate([*cube, *greys], 16))
