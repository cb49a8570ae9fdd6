"""A caret in lines of text, and what is selected between it and its anchor. No motion ends within a character.

Owns where both are, in characters of a line as it is shown, and that they stay with their text when lines come above
them. Knows no keys and no widget.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from rich.cells import cell_len, split_graphemes
from textual.geometry import Offset
from textual.selection import Selection

from workbench.ui.markdown.column import LinesChange
from workbench.ui.markdown.line import RenderedLine
from workbench.ui.markdown.turn_list import moved

_WORD = re.compile(r"\w[\w\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\ufe00-\ufe0f]*|[^\w\s]+")  # with the marks of letters


class Lines(Protocol):
    """The lines that the caret is in, and how many of them are seen at once."""

    @property
    def line_count(self) -> int:
        """How many lines there are."""

    @property
    def page_lines(self) -> int:
        """How many are in view."""

    def line_at(self, y: int) -> RenderedLine:
        """Line `y`, which is one of them."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Character `x` of line `y`; both count from 0."""

    y: int
    x: int


class Caret:
    """In `lines`, beginning at a place. With an `anchor` there is a selection: of whole lines, if `by_lines`."""

    def __init__(self, lines: Lines, place: Place) -> None:
        self._lines = lines
        self.place = self._on_character(place)
        self.anchor: Place | None = None
        self.by_lines = False
        self._cell = self._cell_of(self.place)  # where up and down lead back to
        self._motions: Mapping[str, Callable[[], Place]] = {
            "caret-left": lambda: self._beside(-1),
            "caret-right": lambda: self._beside(1),
            "caret-home": lambda: Place(self.place.y, 0),
            "caret-end": lambda: Place(self.place.y, len(self._text(self.place.y))),
            "caret-word": lambda: self._word(1),
            "caret-word-back": lambda: self._word(-1),
            "caret-word-end": self._word_end,
        }
        self._steps: Mapping[str, Callable[[], int]] = {
            "caret-up": lambda: -1,
            "caret-down": lambda: 1,
            "caret-half-up": lambda: -max(1, lines.page_lines // 2),
            "caret-half-down": lambda: max(1, lines.page_lines // 2),
            "caret-page-up": lambda: -max(1, lines.page_lines - 1),
            "caret-page-down": lambda: max(1, lines.page_lines - 1),
            "caret-first": lambda: -self.place.y,
            "caret-last": lambda: lines.line_count,
        }

    def act(self, id: str) -> bool:
        """Do what a motion or a mark of the table of actions is for; False for any other action."""
        if id in self._motions:
            self.place = self._on_character(self._motions[id]())
            self._cell = self._cell_of(self.place)
        elif id in self._steps:
            self.place = self._at_cell(self.place.y + self._steps[id](), self._cell)
        elif id in ("mark", "mark-lines"):
            self.mark(by_lines=id == "mark-lines")
        else:
            return False
        return True

    def mark(self, *, by_lines: bool) -> None:
        """Begin a selection here, make it one of lines or of characters, or end it when it is that already."""
        self.anchor = None if self.anchor is not None and self.by_lines == by_lines else self.anchor or self.place
        self.by_lines = by_lines

    def follow(self, changes: Iterable[LinesChange]) -> None:
        """Lines have changed: stay with the text."""
        changes = list(changes)
        self.place = Place(moved(changes, self.place.y), self.place.x)
        if self.anchor is not None:
            self.anchor = Place(moved(changes, self.anchor.y), self.anchor.x)

    @property
    def selection(self) -> Selection | None:
        """What is selected, with the character under the caret; None without an anchor."""
        if self.anchor is None:
            return None
        first, last = sorted((self.anchor, self.place))
        if self.by_lines:
            return self._whole_lines(first.y, last.y)
        return Selection(Offset(first.x, first.y), Offset(self._end_of(last), last.y))

    @property
    def line(self) -> Selection:
        """The line that the caret is on, with all that it was wrapped to."""
        return self._whole_lines(self.place.y, self.place.y)

    def cells(self) -> tuple[int, int]:
        """The cells [start, end) of its line that the caret covers; one behind the text where there is none."""
        text, x = self._text(self.place.y), self.place.x
        start = cell_len(text[:x])
        return start, max(start + 1, cell_len(text[: self._end_of(self.place)]))

    # -- lines -----------------------------------------------------------------------------------------

    def _text(self, y: int) -> str:
        line = self._lines.line_at(y)
        return line.text[: len(line.text) - line.tail]

    def _whole_lines(self, first: int, last: int) -> Selection:
        while first > 0 and self._lines.line_at(first).glue is not None:
            first -= 1
        while last + 1 < self._lines.line_count and self._lines.line_at(last + 1).glue is not None:
            last += 1
        return Selection(Offset(0, first), Offset(len(self._text(last)), last))

    # -- places ----------------------------------------------------------------------------------------

    def _characters(self, y: int) -> list[int]:
        """Where each character of line `y` begins that one can stand on."""
        line, text = self._lines.line_at(y), self._text(y)
        return [start for start, _, _ in split_graphemes(text)[0] if start >= line.lead]

    def _on_character(self, place: Place) -> Place:
        """The nearest place there is: at the beginning of a character, or of a line without any."""
        y = max(0, min(place.y, self._lines.line_count - 1))
        characters = self._characters(y) if self._lines.line_count else []
        before = [start for start in characters if start <= place.x]
        return Place(y, before[-1] if before else characters[0] if characters else 0)

    def _at_cell(self, y: int, cell: int) -> Place:
        y = max(0, min(y, self._lines.line_count - 1))
        text, found = self._text(y), 0
        for start in self._characters(y):
            if cell_len(text[:start]) > cell:
                break
            found = start
        return self._on_character(Place(y, found))

    def _cell_of(self, place: Place) -> int:
        return cell_len(self._text(place.y)[: place.x]) if self._lines.line_count else 0

    def _end_of(self, place: Place) -> int:
        """Where the character at a place ends."""
        later = [start for start in self._characters(place.y) if start > place.x]
        return later[0] if later else len(self._text(place.y))

    def _beside(self, by: int) -> Place:
        """The character before or after this one, over the end of a line."""
        place, characters = self.place, self._characters(self.place.y)
        at = characters.index(place.x) + by if place.x in characters else -1
        if 0 <= at < len(characters):
            return Place(place.y, characters[at])
        if by > 0:
            return Place(place.y + 1, 0) if place.y + 1 < self._lines.line_count else place
        return Place(place.y - 1, len(self._text(place.y - 1))) if place.y > 0 else place

    # -- words -----------------------------------------------------------------------------------------

    def _words(self, y: int) -> list[tuple[int, int]]:
        characters = set(self._characters(y))
        found = [match.span() for match in _WORD.finditer(self._text(y), self._lines.line_at(y).lead)]
        return [(start, end) for start, end in found if start in characters]

    def _word(self, by: int) -> Place:
        """The beginning of the next word, or of this one or that before it."""
        y, x = self.place.y, self.place.x
        while 0 <= y < self._lines.line_count:
            starts = [start for start, _ in self._words(y)]
            found = [start for start in starts if (start > x if by > 0 else start < x)]
            if found:
                return Place(y, found[0] if by > 0 else found[-1])
            y, x = y + by, -1 if by > 0 else len(self._lines.line_at(y - 1).text) + 1 if y > 0 else 0
        return Place(y - by, len(self._text(y - by)) if by > 0 else 0)

    def _word_end(self) -> Place:
        """The last character of this word, or of the next when it is there already."""
        y, x = self.place.y, self.place.x
        while y < self._lines.line_count:
            found = [end - 1 for _, end in self._words(y) if self._on_character(Place(y, end - 1)).x > x]
            if found:
                return Place(y, found[0])
            y, x = y + 1, -1
        return Place(y - 1, len(self._text(y - 1)))
