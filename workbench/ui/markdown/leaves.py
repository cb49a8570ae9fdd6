"""Blocks that hold text while they are open: paragraphs, code and tables.

Owns which further lines they take, and the parts in which long ones are handed out. Where a part ends depends only
on what stands before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from workbench.language.inline_markdown.maths import opened_maths
from workbench.ui.markdown import scan
from workbench.ui.markdown.blocks import AnswerUnit, CodeBlock, CodeUnit, TableBlock, TableUnit, TextLine, TextUnit
from workbench.ui.markdown.containers import Enclosure
from workbench.ui.markdown.feed import LONGEST_LINE
from workbench.ui.markdown.scan import Cursor

LONGEST_ROW = LONGEST_LINE // 2
"""Characters of a line that may still be a row of a table."""

CODE_INDENT = 4
"""Columns from which on a line is code."""

_CODE_LINES = 40  # lines, and characters, of a part
_CODE_SIZE = 2_000
_TABLE_ROWS = 20  # rows, and cells, of a part
_TABLE_CELLS = 120

Make = Callable[[Enclosure], AnswerUnit]


class Leaf:
    """An open block. Its held lines are those not handed out; `joined` says that some were, `closed` that it ended.

    `note` is what there is to say below it, when not all of it can be shown as what it is.
    """

    def __init__(self, start: int, *, joined: bool = False, note: str = "") -> None:
        self.start = start
        self.joined = joined
        self.note = note
        self.closed = False
        self.held: list[TextLine] = []
        self.size = 0  # characters held

    def accept(self, cursor: Cursor, start: int) -> bool:
        """Take the line that begins at offset `start`, if it goes on; the cursor has passed the prefixes."""
        return False

    def parts(self) -> Iterator[Make]:
        """The parts that are complete, each once."""
        raise NotImplementedError

    def hold(self, text: str, at: int, start: int) -> None:
        """Keep `text`, which begins at offset `at`; its line begins at `start`."""
        if self.joined and not self.held:
            self.start = start
        self.held.append((text, at))
        self.size += len(text) + 1

    def drop(self) -> tuple[TextLine, ...]:
        """Hand out what is held."""
        lines = tuple(self.held)
        self.held.clear()
        self.size = 0
        return lines

    def save(self) -> tuple[object, ...]:
        """What `restore` needs to take back what is read from here on."""
        return self.start, self.joined, self.note, self.closed, self.held.copy(), self.size

    def restore(self, state: tuple[object, ...]) -> None:
        """Be as it was at the `save` that gave `state`."""
        self.start, self.joined, self.note, self.closed, self.held, self.size = state  # type: ignore[assignment]


class Paragraph(Leaf):
    """Text that is wrapped. Its lines come by `add`: whether one goes on with it, the blocks around it decide.

    Not so in maths of several lines: in that nothing begins another block but a blank line.
    """

    def __init__(self, start: int, *, joined: bool = False, note: str = "") -> None:
        super().__init__(start, joined=joined, note=note)
        self._maths = ""  # what closes the maths that is open

    def accept(self, cursor: Cursor, start: int) -> bool:
        """Take the line if it is one of maths that began above."""
        _, at = cursor.look()
        if not self._maths or at == len(cursor.text):
            return False
        self.add(cursor, start)
        return True

    def add(self, cursor: Cursor, start: int) -> None:
        """Take in the line that begins at offset `start`, without the blanks before its text."""
        _, at = cursor.look()
        text = cursor.text[at:]
        if not self._maths:
            self._maths = opened_maths(text)
        elif self._maths in text:
            self._maths = ""
        self.hold(text, start + at, start)

    def save(self) -> tuple[object, ...]:
        """What `restore` needs to take back what is read from here on."""
        return super().save(), self._maths

    def restore(self, state: tuple[object, ...]) -> None:
        """Be as it was at the `save` that gave `state`."""
        held, self._maths = state  # type: ignore[assignment]
        super().restore(held)  # type: ignore[arg-type]

    def parts(self) -> Iterator[Make]:
        """What is held, when the paragraph is closed or has become too long for one part."""
        if self.held and (self.closed or self.size >= LONGEST_LINE):
            yield self.unit

    def unit(self, frame: Enclosure, heading: int = 0) -> AnswerUnit:
        """Hand out what is held as a paragraph, or as a heading of this level."""
        start = self.start
        *lines, (text, at) = self.drop()
        return TextUnit(start, frame, lines=(*lines, (text.rstrip(), at)), heading=heading)


class CodeLeaf(Leaf):
    """`fence` is what opened it, "" for code that is only indented; up to `indent` columns before a line are not its.

    Blank lines of indented code wait until code follows.
    """

    def __init__(self, number: int, start: int, *, fence: str = "", info: str = "", indent: int = CODE_INDENT) -> None:
        super().__init__(start)
        self.block = CodeBlock(info, number)
        self._indent = indent
        self._closer = re.compile(f"{fence[0]}{{{len(fence)},}}[ \t]*$") if fence else None
        self._fence = fence
        self._offset = 0
        self.blanks: list[TextLine] = []

    def accept(self, cursor: Cursor, start: int) -> bool:
        """Take the line unless it ends the code; the fence that closes it is taken, and is no code."""
        blanks, at = cursor.look()
        if self._closer is not None:
            if blanks < CODE_INDENT and self._closer.match(cursor.text, at):
                self.closed = True
            else:
                self.take(cursor, start)
            return True
        empty = at == len(cursor.text)
        if blanks < CODE_INDENT and not empty:
            return False
        if empty:
            cursor.skip(self._indent)
            text, at = cursor.rest()
            self.blanks.append((text, start + at))
        else:
            self.take(cursor, start)
        return True

    def undecided_fence(self, text: str) -> int | None:
        """Where in an incomplete line what may yet become the fence that closes the code stands; None for nothing."""
        at = len(text.rstrip(self._fence[0])) if self._fence else len(text)
        return at if 0 < len(text) - at < len(self._fence) and not text[:at].strip(" \t>") else None

    def take(self, cursor: Cursor, start: int) -> None:
        """Take a line as it is."""
        for text, at in self.blanks:
            self.hold(text, at, at)
        self.blanks.clear()
        cursor.skip(self._indent)
        text, at = cursor.rest()
        self.hold(text, start + at, start)

    def hold(self, text: str, at: int, start: int) -> None:
        """Keep the line, and add it to what the parts of the block share."""
        super().hold(text, at, start)
        self.block.add(text)

    def parts(self) -> Iterator[Make]:
        """What is held, when there is enough of it for a part or the code is closed; an empty block is one part."""
        self.block.closed = self.closed
        if len(self.held) >= _CODE_LINES or self.size >= _CODE_SIZE or (self.closed and (self.held or not self.joined)):
            yield self._unit

    def _unit(self, frame: Enclosure) -> AnswerUnit:
        start, offset = self.start, self._offset
        self._offset += self.size
        return CodeUnit(start, frame, block=self.block, lines=self.drop(), offset=offset)

    def save(self) -> tuple[object, ...]:
        """What `restore` needs to take back what is read from here on."""
        return super().save(), self._offset, self.blanks.copy(), self.block.save()

    def restore(self, state: tuple[object, ...]) -> None:
        """Be as it was at the `save` that gave `state`."""
        held, self._offset, self.blanks, block = state  # type: ignore[assignment]
        super().restore(held)  # type: ignore[arg-type]
        self.block.restore(block)  # type: ignore[arg-type]


class Table(Leaf):
    """Begun by its first two lines. Whatever may begin another block ends it."""

    def __init__(self, number: int, start: int, aligns: tuple[str, ...], head: TextLine) -> None:
        super().__init__(start)
        self.block = TableBlock(aligns, head, number)
        self._rows = max(1, min(_TABLE_ROWS, _TABLE_CELLS // len(aligns)))
        self._number = 0

    def accept(self, cursor: Cursor, start: int) -> bool:
        """Take the line as a row, unless it is blank, indented as code, too long, or begins another block."""
        blanks, at = cursor.look()
        text = cursor.text[at:].rstrip()
        if not text or blanks >= CODE_INDENT or len(text) > LONGEST_ROW or scan.begins_block(text):
            return False
        self.hold(text, start + at, start)
        return True

    def parts(self) -> Iterator[Make]:
        """What is held, when there are enough rows for a part or the table is closed."""
        if len(self.held) >= self._rows or (self.closed and (self.held or not self.joined)):
            yield self._unit

    def _unit(self, frame: Enclosure) -> AnswerUnit:
        start, number = self.start, self._number
        rows = self.drop()
        self._number += len(rows)
        return TableUnit(start, frame, table=self.block, rows=rows, number=number, has_head=not number)

    def save(self) -> tuple[object, ...]:
        """What `restore` needs to take back what is read from here on."""
        return super().save(), self._number

    def restore(self, state: tuple[object, ...]) -> None:
        """Be as it was at the `save` that gave `state`."""
        held, self._number = state  # type: ignore[assignment]
        super().restore(held)  # type: ignore[arg-type]
