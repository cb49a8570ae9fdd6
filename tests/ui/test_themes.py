"""Themes: every text of every theme can be read at every depth of colours, as the terminal is told to write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.style import Style

import workbench.ui
from tests.ui.terminal_colours import DARK_TERMINALS, LIGHT_TERMINALS, REVERSE, Terminal
from workbench.ui.terminal.looks import Look, Looks
from workbench.ui.themes.contrast import READABLE, contrast
from workbench.ui.themes.derived import derived, usual
from workbench.ui.themes.named_styles import HIT_STYLES
from workbench.ui.themes.own import ANSI_DARK, ANSI_LIGHT, AUTO, OWN
from workbench.ui.themes.palette import Depth, Palette
from workbench.ui.themes.roles import PREFIX, ROLES

DEPTHS: tuple[Depth, ...] = ("true", "256", "16", "none")
PALETTES = {palette.name: palette for palette in (*OWN, *map(derived, usual().values()))}
of_every_theme = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
of_every_depth = pytest.mark.parametrize("depth", DEPTHS)


def terminals(palette: Palette) -> tuple[Terminal, ...]:
    """Those that a theme is for: the terminal that nothing is known of may be dark or light."""
    if palette is AUTO:
        return (*DARK_TERMINALS[:3], *LIGHT_TERMINALS[:3])
    return DARK_TERMINALS if palette.dark else LIGHT_TERMINALS


def look_of(looks: Looks, palette: Palette, letters: str, ground: str) -> Look:
    return looks.of(Style(color=palette.shades[letters].true, bgcolor=palette.shades[ground].true))


def look_of_hit(looks: Looks, palette: Palette, name: str) -> Look:
    style = HIT_STYLES[name]
    assert style.letters is not None
    assert style.ground is not None
    letters, ground = palette.shades[style.letters].true, palette.shades[style.ground].true
    return looks.of(Style.parse(style.attributes) + Style(color=letters, bgcolor=ground))


def looks_of(palette: Palette, depth: Depth) -> Iterator[tuple[str, Look]]:
    """Every text on every ground that it stands on."""
    looks = Looks(palette.inks(depth))
    for role in ROLES:
        for ground in ("background", *role.on) if role.kind == "text" else ():
            yield f"{role.name} on {ground}", look_of(looks, palette, role.name, ground)


@of_every_theme
@of_every_depth
def test_every_text_can_be_read(palette: Palette, depth: Depth) -> None:
    too_faint = []
    for terminal in terminals(palette):
        # A person whose own letters stand out less than that has chosen so.
        least = min(READABLE, contrast(terminal.letters, terminal.ground))
        for what, look in looks_of(palette, depth):
            has = contrast(*terminal.shown(look))
            if has < least:
                too_faint.append(f"{what} on {terminal.name}: {has:.2f} ({look.foreground!r} on {look.background!r})")
    assert not too_faint


@of_every_theme
@of_every_depth
def test_no_rule_or_bar_is_brighter_than_the_text(palette: Palette, depth: Depth) -> None:
    looks = Looks(palette.inks(depth))
    for terminal in terminals(palette):
        text = contrast(*terminal.shown(look_of(looks, palette, "text", "background")))
        for role in ROLES:
            if role.kind == "line":
                line = contrast(*terminal.shown(look_of(looks, palette, role.name, "background")))
                assert line <= text, (role.name, terminal.name)


@pytest.mark.parametrize("palette", [ANSI_DARK, ANSI_LIGHT], ids=lambda palette: palette.name)
@of_every_depth
def test_letters_or_their_ground_are_the_terminals_own(palette: Palette, depth: Depth) -> None:
    looks = Looks(palette.inks(depth))
    for letters in palette.shades:
        for ground in (role.name for role in ROLES if role.kind == "ground"):
            look = look_of(looks, palette, letters, ground)
            assert not (look.foreground and look.background), (letters, ground)


@of_every_theme
def test_without_colour_there_are_attributes_alone(palette: Palette) -> None:
    for what, look in looks_of(palette, "none"):
        assert not (look.foreground or look.background), what


@of_every_theme
@of_every_depth
@pytest.mark.parametrize("ground", ["here-tint", "cited-selected", "selection"])
def test_what_is_chosen_differs_from_the_screen(palette: Palette, depth: Depth, ground: str) -> None:
    looks = Looks(palette.inks(depth))
    chosen, other = (look_of(looks, palette, "text", each) for each in (ground, "background"))
    for terminal in terminals(palette):
        assert terminal.shown(chosen) != terminal.shown(other), terminal.name
    if chosen.background.startswith("48;5;"):  # no block of colour, where a tint is meant
        assert not chosen.attributes & REVERSE
        red, green, blue = terminals(palette)[0].shown(chosen)[1]
        assert max(red, green, blue) - min(red, green, blue) <= 80


@of_every_theme
@of_every_depth
def test_words_that_are_found_stand_out_and_the_one_that_one_stands_on_does_among_them(
    palette: Palette, depth: Depth
) -> None:
    looks = Looks(palette.inks(depth))
    found, here = (look_of_hit(looks, palette, name) for name in ("hit", "hit-here"))
    other = look_of(looks, palette, "text", "background")
    assert len({found, here, other}) == 3
    for terminal in terminals(palette):
        least = min(READABLE, contrast(terminal.letters, terminal.ground))
        assert contrast(*terminal.shown(found)) >= least, terminal.name
        assert contrast(*terminal.shown(here)) >= least, terminal.name
        assert terminal.shown(found) != terminal.shown(other), terminal.name
        assert terminal.shown(here) != terminal.shown(other), terminal.name
        if depth != "none":
            assert terminal.shown(here) != terminal.shown(found) or here.attributes != found.attributes, terminal.name


@of_every_theme
def test_a_theme_has_a_variable_for_every_role(palette: Palette) -> None:
    variables = palette.theme().variables
    assert {name for name in variables if name.startswith(PREFIX)} == {f"{PREFIX}{role.name}" for role in ROLES}


def test_no_colour_is_named_outside_the_table() -> None:
    """Neither a literal nor a name of Textual's: what a colour is for is said in one place."""
    names = "primary|secondary|accent|foreground|background|surface|panel|boost|success|warning|error|text|border"
    colour = re.compile(
        rf"""\$(?:{names})\b|["' ]\#[0-9a-fA-F]{{3,8}}\b|\bColor\(|\bColor\.(?:parse|from)|rgba?\([0-9]|\bansi_[a-z]+"""
    )
    rooms = Path(workbench.ui.__file__).parent
    for path in (*rooms.rglob("*.py"), *rooms.rglob("*.tcss")):
        if path.parent != rooms / "themes":
            found = colour.findall(path.read_text(encoding="utf-8"))
            assert not found, (path, found)
