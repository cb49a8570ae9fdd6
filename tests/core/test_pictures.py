"""Pictures of a terminal's screen: what stands in a cell stands there in the picture, in its colours."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.emulator import Screen, Stream
from tests.pictures import DARK, HIGH, LIGHT, NO_BREAK, WIDE, Ground, picture

SVG = "{http://www.w3.org/2000/svg}"


def drawn(written: str, ground: Ground = DARK) -> ElementTree.Element:
    screen = Screen(20, 3)
    Stream(screen).feed(written)
    return ElementTree.fromstring(picture(screen, ground))


def texts(svg: ElementTree.Element) -> list[tuple[str, int, int]]:
    """Each text with its column and its row."""
    return [
        (
            (text.text or "").replace(NO_BREAK, " "),
            round(float(text.get("x", "")) / WIDE),
            int(float(text.get("y", "")) // HIGH),
        )
        for text in svg.iter(f"{SVG}text")
    ]


def boxes(svg: ElementTree.Element) -> list[tuple[float, float, str]]:
    """Column, width in cells and colour of what is drawn, but for the ground of all."""
    (group,) = svg.iter(f"{SVG}g")
    return [
        (
            round(float(box.get("x", "")) / WIDE, 2),
            round(float(box.get("width", "")) / WIDE, 2),
            box.get("fill", ""),
        )
        for box in group.iter(f"{SVG}rect")
    ]


def test_texts_stand_where_their_cells_are() -> None:
    svg = drawn("a <b> & c\r\n  two  words\r\n日本 x✓y")
    assert texts(svg) == [
        ("a <b> & c", 0, 0),
        ("two  words", 2, 1),
        ("日", 0, 2),
        ("本", 2, 2),
        ("x", 5, 2),
        ("✓", 6, 2),
        ("y", 7, 2),
    ]
    widths = [round(float(text.get("textLength", "")) / WIDE) for text in svg.iter(f"{SVG}text")]
    assert widths == [9, 10, 2, 2, 1, 1, 1]


@pytest.mark.parametrize("ground", [DARK, LIGHT])
def test_colours_are_the_terminals_own_or_those_that_were_asked_for(ground: Ground) -> None:
    svg = drawn("a\x1b[31mb\x1b[38;5;240mc\x1b[38;2;1;2;3md\x1b[0;7me", ground)
    rules = svg.findtext(f"{SVG}style", "")
    for colour in (ground.letters, ground.colours["red"], "#585858", "#010203", ground.ground):
        assert f"fill:{colour};" in rules
    assert boxes(svg) == [(4, 1, ground.letters)]


def test_lines_and_blocks_are_drawn_and_underlines_are_boxes() -> None:
    svg = drawn("\x1b[4mab\x1b[0m▌──├\x1b[48;5;240m  ")
    assert texts(svg) == [("ab", 0, 0)]
    across = [(left, width) for left, width, _ in boxes(svg) if width > 0.2]
    assert across == [(6, 2), (0, 2), (2, 0.5), (3, 2), (5.44, 0.56)]


def test_bold_and_slanted_letters_are_so() -> None:
    rules = drawn("\x1b[1mbold\x1b[0;3mslanted").findtext(f"{SVG}style", "")
    assert "font-weight:bold" in rules and "font-style:italic" in rules
