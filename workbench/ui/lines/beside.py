"""Pairs as lines: side by side where there is room, else one below the other, each with a sign before it.

Owns what is folded away because it is the same. A sign and a line below the words say what differs, not their colour
alone. It is laid out off the event loop, for one width; the rows are made of it as they are seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len
from textual.content import Content

from workbench.safe_text import safe_text
from workbench.sessions.pairs import Pair, Side
from workbench.sessions.side_by_side import Section
from workbench.ui.markdown.wrap import wrap_spans
from workbench.ui.widgets.row import MARGIN, MakeRow, Row

BESIDE: Final = 96
"""Cells from which on two columns stand side by side."""

FOLDED: Final = "item "
"""What the keys of rows begin with that hold others."""

SHORT: Final = 200
"""Characters of what is the same and not folded away where it is alone."""

SIGNS: Final = ("- ", "+ ")
MARKED: Final = ("error cited bold", "success cited bold")
BETWEEN: Final = " │ "

Piece = tuple[tuple[str, str], ...]
"""A line of one side: texts, each with its style."""


@dataclass(frozen=True, slots=True)
class _Laid:
    """A pair with its lines, each of which has what stands at the left and at the right; or only one, below others."""

    pair: Pair
    lines: tuple[tuple[Piece, ...], ...]


class Beside:
    """Sections at a width. Making one takes as long as all that is in them: for a thread."""

    def __init__(self, sections: Sequence[Section], width: int) -> None:
        self.width = width
        self.is_beside = width >= BESIDE
        self._column = max(4, (width - MARGIN - len(BETWEEN)) // 2 if self.is_beside else width - MARGIN)
        self._sections = sections
        self._laid = [[_Laid(pair, tuple(self._lines(pair))) for pair in section.pairs] for section in sections]

    def rows(self, opened: frozenset[str]) -> tuple[dict[str, Row | MakeRow], list[int]]:
        """The rows by their keys, those that are `opened` with what they hold, and which of them begin a difference."""
        rows: dict[str, Row | MakeRow] = {}
        begins: list[int] = []
        for section, laid in zip(self._sections, self._laid, strict=True):
            name = section.name
            style = "bold warning" if section.differs else "bold"
            if rows:
                rows[f"{name} above"] = Row(Content(""))
            rows[f"{name} head"] = Row(
                Content.assemble((f" {name.capitalize()}", style), (f"  {section.said}", "muted"))
            )
            was_same = True
            for first, end, is_folded in _stretches(section):
                if is_folded:
                    key = f"{FOLDED}{name} {first}"
                    is_open = key in opened
                    rows[key] = self._fold(laid[first:end], is_open=is_open)
                    if not is_open:
                        was_same = True
                        continue
                for number in range(first, end):
                    keys = [f"{name} {number} {line}" for line in range(len(laid[number].lines))]
                    differs = laid[number].pair.differs
                    if differs and was_same:
                        begins.append(len(rows))
                    was_same = not differs
                    for key, line in zip(keys, laid[number].lines, strict=True):
                        rows[key] = partial(self._row, line)
        return rows, begins

    def pair_at(self, key: str) -> Pair | None:
        """The pair that a row is a line of; None for one that is no such line."""
        name, _, place = key.partition(" ")
        for section, laid in zip(self._sections, self._laid, strict=True):
            number = place.partition(" ")[0]
            if section.name == name and number.isdigit():
                return laid[int(number)].pair
        return None

    # -- lines -------------------------------------------------------------------------------------

    def _lines(self, pair: Pair) -> Iterator[tuple[Piece, ...]]:
        if not pair.differs and not self.is_beside:
            yield from ((line,) for line in self._side(pair.a, "  ", ""))
            return
        a, b = (
            list(self._side(side, sign if pair.differs else "  ", marked))
            for side, sign, marked in zip((pair.a, pair.b), SIGNS, MARKED, strict=True)
        )
        if self.is_beside:
            yield from zip_longest(a, b, fillvalue=())
        else:
            yield from ((line,) for line in (*a, *b))

    def _side(self, side: Side | None, sign: str, marked: str) -> Iterator[Piece]:
        if side is None:
            return
        shown = safe_text(side.text).replace("\t", " ")
        for number, (start, end) in enumerate(wrap_spans(shown, self._column - len(sign))):
            lead = sign if not number else " " * len(sign)
            plain = "muted" if not sign.strip() else ""
            yield ((lead, marked.split()[0] if sign.strip() else ""), *_cut(shown, start, end, side, plain, marked))

    def _row(self, line: tuple[Piece, ...]) -> Row:
        if len(line) == 1:
            return Row(Content.assemble(" " * MARGIN, *line[0]))
        left, right = line
        room = self._column - sum(cell_len(text) for text, _ in left)
        return Row(Content.assemble(" " * MARGIN, *left, " " * max(0, room), (BETWEEN, "rule"), *right))

    def _fold(self, laid: Sequence[_Laid], *, is_open: bool) -> Row:
        count = len(laid)
        head = Content.styled(f" {'▾' if is_open else '▸'} {count:,} the same", "muted")
        return Row(head, copied=partial(_all_text, laid) if not is_open else None, holds=not is_open)


def first_line(key: str) -> str:
    """The key of the first line of the pair that a row is a line of."""
    pair, _, _ = key.rpartition(" ")
    return f"{pair} 0"


def _cut(text: str, start: int, end: int, side: Side, plain: str, marked: str) -> Iterator[tuple[str, str]]:
    at = start
    for begin, stop in side.marks:
        if stop <= start or begin >= end:
            continue
        begin, stop = max(begin, start), min(stop, end)
        if begin > at:
            yield text[at:begin], plain
        yield text[begin:stop], marked
        at = stop
    if at < end:
        yield text[at:end], plain


def _all_text(laid: Sequence[_Laid]) -> str:
    return "\n".join(each.pair.a.text for each in laid if each.pair.a is not None)


def _stretches(section: Section) -> Iterator[tuple[int, int, bool]]:
    """The pairs in stretches, from where to where, and whether one is folded away."""
    pairs, first = section.pairs, 0
    while first < len(pairs):
        end = first
        while end < len(pairs) and pairs[end].differs == pairs[first].differs:
            end += 1
        if pairs[first].differs:
            yield first, end, False
        else:
            begin = first + (section.context if first else 0)
            stop = end - (section.context if end < len(pairs) else 0)
            if stop - begin < 2 and all(len(pair.a.text) <= SHORT for pair in pairs[begin:stop] if pair.a is not None):
                yield first, end, False
            else:
                yield from ((first, begin, False),) if begin > first else ()
                yield begin, stop, True
                yield from ((stop, end, False),) if stop < end else ()
        first = end
