"""A terminal's screen for tests: pyte's, with what it lacks.

pyte knows six of the thirteen attributes, puts a mark that follows a wide character onto that one's second cell,
drops what follows a joiner or a selector, and leaves half of a wide character standing when the other half is
overwritten. Widths are those of a current terminal, which agree with Rich's; `old_widths` are those of one that
gives each code point its own, spacing marks too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import pyte
from rich.cells import cell_len, get_character_cell_size

JOINER, SELECTORS = "\u200d", "\ufe0e\ufe0f"

ON = {
    1: "bold", 2: "dim", 3: "italics", 4: "underscore", 5: "blink", 6: "rapid", 7: "reverse", 8: "concealed",
    9: "strikethrough", 21: "double", 51: "framed", 52: "encircled", 53: "overlined",
}  # fmt: skip
OFF = {
    22: ("bold", "dim"), 23: ("italics",), 24: ("underscore", "double"), 25: ("blink", "rapid"), 27: ("reverse",),
    28: ("concealed",), 29: ("strikethrough",), 54: ("framed", "encircled"), 55: ("overlined",),
}  # fmt: skip


class Cell(NamedTuple):
    """What one cell shows. The second cell of a wide character has no `data`."""

    data: str = " "
    fg: str = "default"
    bg: str = "default"
    bold: bool = False
    dim: bool = False
    italics: bool = False
    underscore: bool = False
    blink: bool = False
    rapid: bool = False
    reverse: bool = False
    concealed: bool = False
    strikethrough: bool = False
    double: bool = False
    framed: bool = False
    encircled: bool = False
    overlined: bool = False


class Drawn(dict[str, Any]):
    """What each character looks like with one pen. Making its cell anew each time is most of what drawing costs."""

    def __init__(self, pen: Any) -> None:
        super().__init__()
        self._pen = pen

    def __missing__(self, data: str) -> Any:
        cell = self[data] = self._pen._replace(data=data)
        return cell


class Screen(pyte.Screen):
    """`cells(y)` is a row as it is shown, whatever it was written with."""

    def __init__(self, columns: int, lines: int, *, old_widths: bool = False) -> None:
        self._old_widths = old_widths
        self._joins = False
        self._pen: Any = None
        self._drawn = Drawn(None)  # with that pen
        self._drawn_with: dict[Any, Drawn] = {}
        self._switched: dict[Any, Any] = {}  # the pen after codes, by the one before and these
        super().__init__(columns, lines)

    @property
    def default_char(self) -> Any:
        return Cell()

    def cells(self, y: int) -> list[Cell]:
        row = cast("Mapping[int, Cell]", self.buffer[y])  # pyte makes all of its cells from `default_char`
        return [row[x] for x in range(self.columns)]

    @property
    def display(self) -> list[str]:
        return ["".join(cell.data for cell in row) for row in self.rows()]

    def rows(self) -> list[list[Cell]]:
        return [self.cells(y) for y in range(self.lines)]

    def reset(self) -> None:
        super().reset()
        self.cursor.attrs = self.default_char

    def cursor_position(self, *at: int | None) -> None:
        self._joins = False
        super().cursor_position(*at)

    def select_graphic_rendition(self, *codes: int, **_: Any) -> None:
        key = (self.cursor.attrs, codes)
        if key not in self._switched:
            self._select(codes)
            self._switched[key] = self.cursor.attrs
        self.cursor.attrs = self._switched[key]

    def _select(self, codes: Sequence[int]) -> None:
        left = list(codes) or [0]
        while left:
            code = left.pop(0)
            if code in ON:
                self._switch((ON[code],), True)
            elif code in OFF:
                self._switch(OFF[code], False)
            elif code in (38, 48):
                count = 4 if left[0] == 2 else 2
                super().select_graphic_rendition(code, *left[:count])
                del left[:count]
            elif code == 0:
                self.cursor.attrs = self.default_char
            else:
                super().select_graphic_rendition(code)

    def draw(self, data: str) -> None:
        end = self.cursor.x + len(data)
        if data.isascii() and data.isprintable() and end <= self.columns and not self._joins:
            self._put_narrow(data, end)
        else:
            self._draw_each(data)
        self.dirty.add(self.cursor.y)

    def _put_narrow(self, data: str, end: int) -> None:
        """As if each were put by itself, which is most of what is drawn."""
        x = self.cursor.x
        self._blank_halves(x, end)
        self.buffer[self.cursor.y].update(zip(range(x, end), map(self._cells().__getitem__, data), strict=True))
        self.cursor.x = end

    def _draw_each(self, data: str) -> None:
        for character in data:
            width = self._width(character)
            if width and not self._joins:
                self._put(character, width)
            else:
                self._combine(character)
            self._joins = character == JOINER and not self._old_widths

    def _width(self, character: str) -> int:
        if character in JOINER + SELECTORS:
            return 0
        if self._old_widths and unicodedata.category(character) == "Mc":
            return 1
        return get_character_cell_size(character)

    def _put(self, character: str, width: int) -> None:
        x = min(self.cursor.x, self.columns - 1)
        if x + width > self.columns:
            return
        self._blank_halves(x, x + width)
        row, drawn = self.buffer[self.cursor.y], self._cells()
        row[x] = drawn[character]
        for stub in range(x + 1, x + width):
            row[stub] = drawn[""]
        self.cursor.x = x + width

    def _cells(self) -> Drawn:
        """Those with the attributes of now."""
        if self.cursor.attrs is not self._pen:
            self._pen = self.cursor.attrs
            if self._pen not in self._drawn_with:
                self._drawn_with[self._pen] = Drawn(self._pen)
            self._drawn = self._drawn_with[self._pen]
        return self._drawn

    def _combine(self, character: str) -> None:
        row, at = self.buffer[self.cursor.y], min(self.cursor.x, self.columns) - 1
        while at > 0 and not row[at].data:
            at -= 1
        if at < 0:
            return
        before = row[at]
        row[at] = before._replace(data=before.data + character)
        if not self._old_widths and cell_len(row[at].data) > cell_len(before.data):  # a selector made it wide
            self._blank_halves(self.cursor.x, self.cursor.x + 1)
            row[self.cursor.x] = before._replace(data="")
            self.cursor.x += 1

    def _blank_halves(self, start: int, end: int) -> None:
        row = self.buffer[self.cursor.y]
        if start and not row[start].data:
            row[start - 1] = row[start - 1]._replace(data=" ")
        if end < self.columns and not row[end].data:
            row[end] = row[end]._replace(data=" ")

    def _switch(self, names: tuple[str, ...], on: bool) -> None:
        attributes: dict[str, Any] = dict.fromkeys(names, on)  # most of which pyte's own cells lack
        self.cursor.attrs = self.cursor.attrs._replace(**attributes)


class Stream(pyte.Stream):
    """Reads a whole sequence of numbers at once, where pyte's parser goes by characters: most sequences are such."""

    _numbers = re.compile("\x1b\\[([0-9;]*)([A-Za-z@`])")

    def attach(self, screen: pyte.Screen) -> None:
        super().attach(screen)
        self._does = {letter: getattr(screen, name) for letter, name in self.csi.items()}

    def feed(self, data: str) -> None:
        at, length = 0, len(data)
        while at < length:
            found = self._numbers.match(data, at) if self._taking_plain_text else None  # else one is not ended
            if found is not None and found[2] in self._does:
                self._does[found[2]](*(min(int(number or 0), 9999) for number in found[1].split(";")))
                at = found.end()
            else:
                end = data.find("\x1b", at + 1)
                end = end if end >= 0 else length
                super().feed(data[at:end])
                at = end


class ByteStream(pyte.ByteStream, Stream):  # type: ignore[misc]  # as in pyte, one feeds on bytes
    """The same for bytes."""


def screen_without_wrap(columns: int, lines: int, *, old_widths: bool = False) -> tuple[Screen, Stream]:
    """A screen as the app sets it up, and what feeds it."""
    screen = Screen(columns, lines, old_widths=old_widths)
    stream = Stream(screen)
    stream.feed("\x1b[?7l")
    return screen, stream
