"""A terminal's screen as a picture: every cell of the emulator, with its colours, in SVG.

Letters are the font's, in runs of one style that are as wide as their cells. Lines and blocks are drawn, so that they
meet whatever the font.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from tests.emulator import Cell, Screen

WIDE, HIGH, SIZE = 8.43, 18, 14  # a cell, and the letters in it
MARGIN: Final = 10
BASE: Final = 13.5  # from the top of a cell to the line that letters stand on
FONTS: Final = "'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',ui-monospace,monospace"

NO_BREAK: Final = "\u00a0"  # a space that no reader of SVG makes one with its neighbours

_NAMES: Final = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a terminal is set to: its own letters and ground, and its 16 colours, each as "#rrggbb"."""

    name: str
    letters: str
    ground: str
    colours: Mapping[str, str]

    def value(self, colour: str, own: str) -> str:
        """A colour as the emulator says it; `own` when it is the terminal's."""
        return own if colour == "default" else self.colours.get(colour) or f"#{colour}"

    def of(self, cell: Cell) -> tuple[str, str]:
        """Letters and ground of a cell, as they are seen."""
        letters, ground = self.value(cell.fg, self.letters), self.value(cell.bg, self.ground)
        return (ground, letters) if cell.reverse else (letters, ground)


def _ground(name: str, letters: str, ground: str, colours: str) -> Ground:
    """`colours` are the 16 in their order."""
    names = (*_NAMES, *(f"bright{name}" for name in _NAMES))
    return Ground(name, letters, ground, MappingProxyType(dict(zip(names, colours.split(), strict=True))))


DARK: Final = _ground(
    "dark",
    "#d3d7cf",
    "#14171a",
    "#2e3436 #cc0000 #4e9a06 #c4a000 #3465a4 #75507b #06989a #d3d7cf "
    "#555753 #ef2929 #8ae234 #fce94f #729fcf #ad7fa8 #34e2e2 #eeeeec",
)
LIGHT: Final = _ground(
    "light",
    "#1f2328",
    "#ffffff",
    "#2e3436 #cc0000 #4e9a06 #8f7500 #3465a4 #75507b #06787a #d3d7cf "
    "#555753 #ef2929 #5a9c1a #a08a00 #729fcf #ad7fa8 #1a9c9c #eeeeec",
)


def picture(screen: Screen, ground: Ground) -> str:
    """The whole screen as SVG."""
    width, height = screen.columns * WIDE + 2 * MARGIN, screen.lines * HIGH + 2 * MARGIN
    all_cells = [cell for row in screen.rows() for cell in row]
    ((common, _),) = Counter(ground.of(cell)[1] for cell in all_cells).most_common(1)
    behind: list[str] = []
    letters: list[str] = []
    styles: dict[str, str] = {}  # CSS by class, the class by its CSS
    for y, cells in enumerate(screen.rows()):
        for x, run in _runs(cells, ground):
            if (colour := ground.of(run[0])[1]) != common:
                behind.append(_box(x * WIDE, y * HIGH, len(run) * WIDE, HIGH, colour))
            letters += _letters(x, y, run, ground, styles)
    rules = "".join(f".{name}{{{css}}}" for css, name in styles.items())
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}">',
            f"<style>text{{font:{SIZE}px {FONTS};white-space:pre}}{rules}</style>",
            f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{common}"/>',
            f'<g transform="translate({MARGIN} {MARGIN})">',
            *behind,
            *letters,
            "</g></svg>\n",
        )
    )


def _runs(cells: Sequence[Cell], ground: Ground) -> Iterator[tuple[int, list[Cell]]]:
    """Cells that look the same, from left to right, with the column of the first."""

    def look(at: tuple[int, Cell]) -> object:
        return at[1]._replace(data="", fg=ground.of(at[1])[0], bg=ground.of(at[1])[1], reverse=False)

    for _, run in groupby(enumerate(cells), look):
        placed = list(run)
        yield placed[0][0], [cell for _, cell in placed]


def _letters(x: int, y: int, run: Sequence[Cell], ground: Ground, styles: dict[str, str]) -> Iterator[str]:
    """The text of a run, in pieces that are one cell wide a character; what is drawn is drawn."""
    colour, _ = ground.of(run[0])
    if run[0].underscore:
        yield _box(x * WIDE, y * HIGH + BASE + 2, len(run) * WIDE, 1, colour)
    at = x
    for kind, group in groupby(run, lambda cell: _kind(cell.data)):
        cells = list(group)
        for start, text, count in _pieces(kind, cells):
            if kind == "drawn":
                yield from _drawn(text, (at + start) * WIDE, y * HIGH, count, colour)
            elif text:
                name = styles.setdefault(_css(run[0], colour), f"s{len(styles)}")
                yield (
                    f'<text class="{name}" x="{(at + start) * WIDE:g}" y="{y * HIGH + BASE:g}" '
                    f"textLength={quoteattr(f'{count * WIDE:g}')}>{escape(text).replace(' ', NO_BREAK)}</text>"
                )
        at += len(cells)


def _css(cell: Cell, colour: str) -> str:
    bold, slanted = "font-weight:bold;" if cell.bold else "", "font-style:italic;" if cell.italics else ""
    through = "text-decoration:line-through;" if cell.strikethrough else ""
    return f"fill:{colour};{bold}{slanted}{through}{'opacity:.65;' if cell.dim else ''}"


def _kind(data: str) -> str:
    """Whether a cell is drawn, is text of the font, or is a character of its own that may be of another font."""
    if data in _BOXES or data in _LINES:
        return "drawn"
    return "text" if data.isascii() or data.isalpha() else "alone"


def _pieces(kind: str, cells: Sequence[Cell]) -> Iterator[tuple[int, str, int]]:
    """(column, text, cells) of each piece."""
    if kind == "text" and all(cell.data for cell in cells):
        text = "".join(cell.data for cell in cells)
        start = len(text) - len(text.lstrip(" "))
        if stripped := text.strip(" "):
            yield start, stripped, len(stripped)
    elif kind == "drawn":
        at = 0
        for data, group in groupby(cell.data for cell in cells):
            count = len(list(group))
            yield at, data, count
            at += count
    else:
        for at, cell in enumerate(cells):
            behind = cells[at + 1 : at + 2]
            if cell.data.strip():
                yield at, cell.data, 2 if behind and not behind[0].data else 1


_BOXES: Final[Mapping[str, tuple[float, float, float, float]]] = MappingProxyType(
    {
        **{chr(0x2580 + n): (0, 1 - n / 8, 1, n / 8) for n in range(1, 9)},
        **{chr(0x2590 - n): (0, 0, n / 8, 1) for n in range(1, 8)},
        "▀": (0, 0, 1, 1 / 2),
        "▐": (1 / 2, 0, 1 / 2, 1),
        "▔": (0, 0, 1, 1 / 8),
        "▕": (7 / 8, 0, 1 / 8, 1),
    }
)
"""Blocks: left, top, width and height in cells."""

_LINES: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {
        characters[at]: (sides, thick)
        for characters, each, thick in (
            ("─│┌┐└┘├┤┬┴┼", "lr tb rb lb rt lt rtb ltb lrb lrt lrtb", 1.0),
            ("╭╮╰╯╶╴╵╷", "rb lb rt lt r l t b", 1.0),
            ("━┃╸╺╹╻", "lr tb l r t b", 2.2),
        )
        for at, sides in enumerate(each.split())
    }
)
"""Lines: the sides of the cell to which they go from its middle, and how thick they are."""


def _drawn(data: str, x: float, y: float, count: int, colour: str) -> Iterator[str]:
    """`count` cells of a block or of a line."""
    if data in _BOXES:
        left, top, width, height = _BOXES[data]
        if width == 1:
            yield _box(x, y + top * HIGH, count * WIDE, height * HIGH, colour)
        else:
            for at in range(count):
                yield _box(x + (at + left) * WIDE, y + top * HIGH, width * WIDE, height * HIGH, colour)
        return
    sides, thick = _LINES[data]
    if sides == "lr":
        yield _box(x, y + (HIGH - thick) / 2, count * WIDE, thick, colour)
        return
    for at in range(count):
        yield from (_arm(side, x + at * WIDE, y, thick, colour) for side in sides)


def _arm(side: str, x: float, y: float, thick: float, colour: str) -> str:
    """A line from the middle of a cell to one of its sides."""
    middle_x, middle_y = x + (WIDE - thick) / 2, y + (HIGH - thick) / 2
    if side in "lr":
        left = x if side == "l" else middle_x
        return _box(left, middle_y, (WIDE + thick) / 2, thick, colour)
    top = y if side == "t" else middle_y
    return _box(middle_x, top, thick, (HIGH + thick) / 2, colour)


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    """A rectangle whose edges are sharp."""
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {place} fill="{colour}" shape-rendering="crispEdges"/>'
