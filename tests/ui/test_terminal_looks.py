"""Looks: from any style to any other, the terminal ends up as if it had been told the second one afresh."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.strip import Strip

from tests.emulator import screen_without_wrap
from workbench.ui.terminal.inks import Inks
from workbench.ui.terminal.looks import Looks

ATTRIBUTES = (
    "bold", "dim", "italic", "underline", "blink", "blink2", "reverse", "conceal", "strike", "underline2", "frame",
    "encircle", "overline",
)  # fmt: skip
LINK = re.compile(r"\x1b\]8;[^;\x1b]*;([^\x1b]*)\x1b\\")
SYSTEMS = (ColorSystem.STANDARD, ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR)

bytes_ = st.integers(0, 255)
colours = st.one_of(
    st.none(),
    st.just(Color.default()),
    st.integers(0, 15).map(Color.from_ansi),
    bytes_.map(Color.from_ansi),
    st.tuples(bytes_, bytes_, bytes_).map(lambda rgb: Color.from_rgb(*rgb)),
)
attributes = st.dictionaries(st.sampled_from(ATTRIBUTES), st.booleans())
links = st.sampled_from((None, None, "https://example.org/a", "https://example.org/b"))
metas = st.sampled_from((None, {"offset": (1, 2)}))


@st.composite
def styles(draw: st.DrawFn) -> Style:
    return Style(color=draw(colours), bgcolor=draw(colours), link=draw(links), meta=draw(metas), **draw(attributes))


def shown(*sequences: str) -> tuple[object, str]:
    """What a character looks like that is written after all these, and the link that it belongs to."""
    screen, stream = screen_without_wrap(2, 1)
    stream.feed("".join(sequences) + "x")
    opened = LINK.findall("".join(sequences))
    return screen.cells(0)[0], opened[-1] if opened else ""


def stock(style: Style, system: ColorSystem) -> tuple[object, str]:
    """The same, as Textual writes it; it closes everything behind the text."""
    screen, stream = screen_without_wrap(2, 1)
    rendered = Strip.render_style(style, "x", system)
    stream.feed(rendered)
    opened = LINK.findall(rendered)
    return screen.cells(0)[0], opened[0] if opened else ""


@given(styles(), styles(), st.sampled_from(SYSTEMS))
def test_a_change_shows_what_the_style_itself_shows(before: Style, after: Style, system: ColorSystem) -> None:
    looks = Looks(Inks(colours=system))
    first, second = looks.of(before), looks.of(after)
    set_first = looks.change(None, first)
    assert shown(set_first) == stock(before, system)
    assert shown(set_first, looks.change(first, second)) == stock(after, system)
    assert shown("\x1b[1;2;7;53;41m", looks.change(None, second)) == stock(after, system)


@given(styles(), st.sampled_from(SYSTEMS))
def test_no_style_is_the_terminals_own(style: Style, system: ColorSystem) -> None:
    looks = Looks(Inks(colours=system))
    plain = looks.of(None)
    assert plain is looks.plain
    assert shown(looks.change(None, looks.of(style)), looks.change(looks.of(style), plain)) == shown()
    assert looks.change(plain, plain) == ""


def test_what_a_terminal_never_sees_makes_no_other_look() -> None:
    looks = Looks(Inks(colours=ColorSystem.TRUECOLOR))
    red = Style(color="#ff0000")
    assert looks.of(red) is looks.of(red + Style.from_meta({"offset": (3, 4)}))
    assert looks.of(red) is not looks.of(red + Style(bold=True))


def test_a_small_change_is_short() -> None:
    looks = Looks(Inks(colours=ColorSystem.TRUECOLOR))
    one = looks.of(Style(color="#102030", bgcolor="#405060", bold=True))
    other = looks.of(Style(color="#102030", bgcolor="#405060"))
    assert looks.change(one, other) == "\x1b[22m"
    assert looks.change(other, one) == "\x1b[1m"
    assert looks.change(one, looks.plain) == "\x1b[m"
