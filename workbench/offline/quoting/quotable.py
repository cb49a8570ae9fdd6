"""A text as the units that can be quoted: sentences, list items, table rows and short code blocks.

Owns what a unit says on its own and what stands around it: headings, the line that introduces a list, the
question that it answers. Refuses to score.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from workbench.language import block_marks
from workbench.language.words import sentences
from workbench.offline.protocol.pieces import graphemes
from workbench.offline.quoting.flattening import flattened
from workbench.offline.quoting.quotation import in_backticks

Kind = Literal["prose", "item", "row", "code"]
_FENCE_LINES = 15
_LONGEST = 400  # code points; what is longer has no sentences, and is quoted in parts
_COLUMNS = 8
_MARKS = 40  # code points at the beginning of a line in which its marks stand

_FENCE = re.compile(r"[ \t]{0,3}" + block_marks.FENCE)
_HEADING = re.compile(r"[ \t>]*" + block_marks.HEADING)
_ITEM = re.compile(r"[ \t>]*" + block_marks.ANY_ITEM)
_ONLY_MARK = re.compile(block_marks.ANY_ITEM + r"\Z")
_ROW = re.compile(block_marks.ROW)
_UNDERLINE = re.compile(r"\n[ \t]*(?:=+|-{2,})[ \t]*(?:\n|\Z)")
_BOLD_LINE = re.compile(r"(\*\*|__)[^*_\n]{1,80}\1:?\Z")
_RULER = re.compile(r"\n(?=[^\n]*-)[ \t:|-]+(?:\n|\Z)")
_GAP = re.compile(r"\n[ \t]*\n")
_LEANS = re.compile(
    r"(?:and |but |so |also |in addition,? |however,? )?(?:it|its|they|them|their|he|his|she|her|this|these|those|both"
    r"|each|such|otherwise|afterwards|er|sie|es|ihr|dies\w*|il|elle|ils|elles|on y|ce|cela|ésta?|éstos)\b",
    re.IGNORECASE,
)
_CELLS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class QuotableUnit:
    """`text` is quotable as it is. `introduces` marks a line that only leads to the units after it.

    `heading` and `lead` are the words around it: titles of its sections, and the introducing line or question.
    `follows` is the position of the unit that introduces it, -1 for none; `after` is that of the sentence before it in
    its paragraph. `leans` says that it speaks of something which that sentence names: "It closes at six."
    """

    text: str
    kind: Kind = "prose"
    heading: str = ""
    lead: str = ""
    follows: int = -1
    after: int = -1
    leans: bool = False
    introduces: bool = False
    is_question: bool = False


def units(text: str) -> list[QuotableUnit]:
    """The units of a Markdown or plain `text`, in order. Headings are not units, but context of what follows."""
    text = flattened(text)
    reader = _Reader(text)
    for start, end in sentences(text):
        reader.read(start, end)
    return reader.units


def _fences(text: str) -> list[tuple[int, int]]:
    """The code blocks as (start, end), marks included; an open one reaches to the end."""
    found: list[tuple[int, int]] = []
    start, mark, place = -1, "", 0
    for row in text.splitlines(keepends=True):
        match = _FENCE.match(row)
        if match and not mark:
            start, mark = place, match[1]
        elif match and match[1].startswith(mark) and not row[match.end() :].strip():
            found.append((start, place + len(row)))
            mark = ""
        place += len(row)
    return [*found, (start, place)] if mark else found


class _Reader:
    """Reads the sentences of one text in order, keeping the headings and the lead they stand under."""

    def __init__(self, text: str) -> None:
        self.units: list[QuotableUnit] = []
        self._text = text
        self._fences = _fences(text)
        self._headings: list[tuple[int, str]] = []
        self._lead = -1
        self._columns: list[str] = []
        self._last_row_end = -1
        self._read_until = 0
        self._words_end = -1
        self._line = 0
        self._searched = 0

    def read(self, start: int, end: int) -> None:
        """Takes in the next sentence of the text."""
        if start < self._read_until:
            return
        while self._fences and self._fences[0][1] <= start:
            self._fences.pop(0)
        if self._fences and self._fences[0][0] <= start:
            self._read_code(start, end)
            return
        line = self._line_start(start)
        prefix = self._text[line : min(start, line + _MARKS)]
        heading = _HEADING.match(prefix)
        words = " ".join(self._text[start:end].split())
        if heading:
            self._enter(len(heading[1]), words)
        elif _UNDERLINE.match(self._text, end) and "|" not in words:
            self._enter(2, words)
        elif _BOLD_LINE.match(words) and not prefix.strip():
            self._enter(7, words.strip("*_:"))
        elif _ONLY_MARK.match(words):
            return  # of an item within an item
        elif _ROW.match(words):
            self._read_row(words, start, end)
        else:
            kind: Kind = "item" if _ITEM.match(prefix) else "prose"
            self._read_words(words, kind, self._before(start, kind))
            self._words_end = end

    def _line_start(self, place: int) -> int:
        """Where the line of `place` begins; places come in order, so only what is new is searched."""
        newline = self._text.rfind("\n", self._searched, place)
        self._line = newline + 1 if newline >= 0 else self._line
        self._searched = place
        return self._line

    def _enter(self, level: int, title: str) -> None:
        self._headings = [*(kept for kept in self._headings if kept[0] < level), (level, title.strip("# "))]
        self._lead = -1

    def _before(self, start: int, kind: Kind) -> int:
        """The position of the sentence before `start` in the same paragraph or list item, -1 for none."""
        gap = self._text[self._words_end : start] if self._words_end >= 0 else "\n\n"
        starts_item = kind == "item" and "\n" in gap
        return -1 if _GAP.search(gap) or starts_item or gap.strip() else len(self.units) - 1

    def _read_words(self, words: str, kind: Kind, before: int) -> None:
        question = words.endswith(("?", "？")) and kind == "prose"
        introduces = words.endswith((":", "：")) and kind == "prose"
        if introduces or question or (kind == "prose" and not self._under_question()):
            self._lead = -1
        leans = _LEANS.match(words) is not None
        for place, part in enumerate(parts(words)):
            after = before if place == 0 else len(self.units) - 1
            self._append(
                QuotableUnit(
                    part, kind, after=after, leans=leans and not place, introduces=introduces, is_question=question
                )
            )
        if introduces or question:
            self._lead = len(self.units) - 1

    def _under_question(self) -> bool:
        return self._lead >= 0 and self.units[self._lead].is_question

    def _read_row(self, words: str, start: int, end: int) -> None:
        cells = [cell.strip().replace("\\|", "|") for cell in _CELLS.split(words.strip("|"))]
        continues = not self._text[max(self._last_row_end, 0) : start].strip(" \t\n|:-")
        self._last_row_end = end
        if _RULER.match(self._text, end):
            self._columns = cells
            return
        if not continues:
            self._columns = []
        named = len(self._columns) == len(cells) <= _COLUMNS
        pairs = zip(self._columns, cells, strict=True) if named else [("", cell) for cell in cells]
        self._append(
            QuotableUnit(", ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell), "row")
        )

    def _read_code(self, start: int, end: int) -> None:
        block = self._text[slice(*self._fences[0])].rstrip("\n")
        if block.count("\n") + 1 > _FENCE_LINES + 2:
            code = self._text[start:end].strip()
            self._append(QuotableUnit(in_backticks(code), "code"))
            return
        self._append(QuotableUnit(block, "code"))
        self._read_until = self._fences[0][1]

    def _append(self, unit: QuotableUnit) -> None:
        heading = " ".join(title for _, title in self._headings)
        lead = self.units[self._lead].text if self._lead >= 0 else ""
        self.units.append(replace(unit, heading=heading, lead=lead, follows=self._lead))


def parts(words: str) -> list[str]:
    """`words`, cut at white space where it is too long to be a sentence."""
    if len(words) <= _LONGEST:
        return [words]
    found: list[str] = []
    current = ""
    for grapheme in graphemes(words):
        full = len(current) >= _LONGEST
        if full and (grapheme.isspace() or len(current) >= 2 * _LONGEST):
            found.append(current.strip())
            current = ""
        current += grapheme
    return [part for part in [*found, current.strip()] if part]
