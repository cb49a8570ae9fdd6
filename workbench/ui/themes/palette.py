"""A palette: the value of every role in one theme, at every depth of colours.

Owns what Textual gets of it (a theme, whose variables name the roles), and what the terminal is told in place of the
true values. Textual's own variables are roles too, so that its widgets have no colours of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from rich.color import ColorSystem
from textual.theme import Theme

from workbench.ui.terminal.inks import Ink, Inks
from workbench.ui.themes.contrast import rgb
from workbench.ui.themes.roles import BY_NAME, PREFIX, ROLES, Role

Depth = Literal["true", "256", "16", "none"]
"""How many colours a terminal has; "none" is what NO_COLOR asks for."""


@dataclass(frozen=True, slots=True)
class Shade:
    """One colour: true ("#rrggbb"), of 256, of 16. None is the terminal's own, with what the role is without colour.

    A ground that is set in a theme of the terminal's own letters has `letters` of the 256 for all that stands on it.
    """

    true: str
    of_256: int | None
    of_16: int | None
    letters: int | None = None


@dataclass(frozen=True, slots=True)
class Palette:
    """The shades of a theme by role. `depth` is the most colours that it uses, whatever the terminal has.

    `meaning` says for the list of themes which one it is.
    """

    name: str
    dark: bool
    shades: Mapping[str, Shade]
    depth: Depth = "true"
    meaning: str = ""

    def variables(self) -> dict[str, str]:
        """What style sheets may name: our roles, and Textual's own variables in terms of them."""
        roles = {role.name: self.shades[role.name].true for role in ROLES}
        textual = {**_TEXTUAL, **_BASES, **_UNSHADED}
        return {f"{PREFIX}{name}": value for name, value in roles.items()} | {
            name: roles.get(value, value) for name, value in textual.items()
        }

    def theme(self) -> Theme:
        """The theme as Textual wants it."""
        value = {name: shade.true for name, shade in self.shades.items()}
        return Theme(
            name=self.name,
            primary=value["cite"],
            secondary=value["link"],
            accent=value["here"],
            foreground=value["text"],
            background=value["background"],
            surface=value["surface"],
            panel=value["panel"],
            boost=value["band"],
            success=value["success"],
            warning=value["warning"],
            error=value["error"],
            dark=self.dark,
            variables=self.variables(),
        )

    def inks(self, depth: Depth, known_as: Palette | None = None) -> Inks:
        """What a terminal of that depth is told; for the true values of another palette, when that stands for this."""
        least = max(depth, self.depth, key=_DEPTHS.index)
        values = {name: rgb(shade.true) for name, shade in (known_as or self).shades.items()}
        letters = {values[name]: _ink(BY_NAME[name], shade, least) for name, shade in self.shades.items()}
        grounds = {
            values[role.name]: _ink(role, self.shades[role.name], least, behind=True)
            for role in ROLES
            if role.kind != "text"
        }
        others = ColorSystem.TRUECOLOR if least == "true" and known_as is None else None
        return Inks(letters, grounds, others)


_DEPTHS: Final = ("true", "256", "16", "none")


def _ink(role: Role, shade: Shade, depth: Depth, *, behind: bool = False) -> Ink:
    if depth == "true":
        return Ink(";".join(("48" if behind else "38", "2", *map(str, rgb(shade.true)))))
    number = {"256": shade.of_256, "16": shade.of_16, "none": None}[depth]
    if number is None:
        return _colourless(role, behind=behind)
    if depth == "256":
        letters = None if shade.letters is None else Ink(f"38;5;{shade.letters}")
        return Ink(f"{48 if behind else 38};5;{number}", letters=letters if behind else None)
    return Ink(str((30 + number if number < 8 else 82 + number) + 10 * behind))


def _colourless(role: Role, *, behind: bool) -> Ink:
    if role.kind == "text":
        return Ink("", role.without)
    if behind:  # where a ground is shown by reversing, all on it is in the terminal's own colour: one bar, not patches
        return Ink("", role.without, Ink() if "reverse" in role.without else None)
    return Ink("", ("dim",) if role.kind == "line" else ())


_TEXTUAL: Final[Mapping[str, str]] = {
    "text": "text",
    "text-muted": "dim",
    "text-disabled": "disabled",
    "text-primary": "cite",
    "text-secondary": "link",
    "text-accent": "here",
    "text-success": "success",
    "text-warning": "warning",
    "text-error": "error",
    "primary-muted": "band",
    "secondary-muted": "band",
    "accent-muted": "here-tint",
    "success-muted": "band",
    "warning-muted": "band",
    "error-muted": "band",
    "foreground-muted": "dim",
    "foreground-disabled": "disabled",
    "border": "here",
    "border-blurred": "rule",
    "surface-active": "panel",
    "block-cursor-foreground": "text",
    "block-cursor-background": "here-tint",
    "block-cursor-text-style": "bold",
    "block-cursor-blurred-foreground": "text",
    "block-cursor-blurred-background": "here-tint",
    "block-hover-background": "band",
    "scrollbar": "scrollbar",
    "scrollbar-hover": "scrollbar",
    "scrollbar-active": "scrollbar",
    "scrollbar-background": "background",
    "scrollbar-background-hover": "background",
    "scrollbar-background-active": "background",
    "scrollbar-corner-color": "background",
    "link-background-hover": "band",
    "link-color": "link",
    "link-color-hover": "link",
    "footer-foreground": "text",
    "footer-background": "panel",
    "footer-key-foreground": "here",
    "footer-description-foreground": "text",
    "input-cursor-background": "background",
    "input-cursor-foreground": "text",
    "input-cursor-text-style": "reverse",
    "input-selection-background": "selection",
    "input-selection-foreground": "text",
    "button-foreground": "text",
    "button-color-foreground": "text",
    "screen-selection-background": "selection",
    "screen-selection-foreground": "text",
    "markdown-h1-color": "text",
    "markdown-h2-color": "text",
    "markdown-h3-color": "text",
    "markdown-h4-color": "text",
    "markdown-h5-color": "text",
    "markdown-h6-color": "text",
}
"""Textual's own variables, and the role that each is; what is no role is a value."""

_BASES: Final[Mapping[str, str]] = {
    "primary": "cite",
    "secondary": "link",
    "primary-background": "surface",
    "secondary-background": "surface",
    "accent": "here",
    "foreground": "text",
    "background": "background",
    "surface": "surface",
    "panel": "panel",
    "boost": "band",
    "success": "success",
    "warning": "warning",
    "error": "error",
}
"""What Textual mixes its lighter and darker shades from; these are given, too, for it rounds what it computes."""

_UNSHADED: Final = {
    f"{base}-{way}-{steps}": role
    for base, role in _BASES.items()
    for way in ("lighten", "darken")
    for steps in (1, 2, 3)
}
"""Those shades, which are all the same here."""
