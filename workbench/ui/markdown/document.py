"""An answer that grows: its Markdown source in pieces, its citations in any order, its lines so far.

Owns what is parsed and laid out, and when. Each line of source is parsed once; only what the last, incomplete one
means is made anew each time. So an update costs what is new, however long the answer is, and what is much is done
in slices. However the pieces were cut, after `finish` the lines are those of the whole text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Generator, Sequence
from dataclasses import replace
from operator import itemgetter

from workbench.safe_text import safe_text
from workbench.ui.markdown.block_parser import BlockParser, Pause
from workbench.ui.markdown.blocks import AnswerUnit, CodeBlock, CodeText, CodeUnit, TableBlock
from workbench.ui.markdown.citations import Citations
from workbench.ui.markdown.column import Column, LinesChange, RecentPieces, TimeIsUp, never
from workbench.ui.markdown.containers import ListBlock
from workbench.ui.markdown.feed import LineFeed, SourceLine
from workbench.ui.markdown.highlighting import Colours, colour
from workbench.ui.markdown.layout import unit_lines
from workbench.ui.markdown.line import Mark, RenderedLine
from workbench.ui.markdown.table_widths import TableWidths
from workbench.ui.markdown.tail import Tail, tail_of

# Of a last line that may become a list, a rule or a heading's underline, the reader is shown nothing yet.
_UNDECIDED = re.compile(r" {0,3}(?:-+|=+)[ \t]*\Z")

_PARSED_AT_ONCE = 2_000  # characters, between two looks at the clock
_SOURCE_PIECES = 256
_BETWEEN_PAUSES = 500  # characters at least

Shared = ListBlock | CodeBlock | TableBlock


class Document:
    """The rendered answer. Change it with `append`, `mark`, `resize` and `finish`, then `update` it."""

    def __init__(self, width: int, kept: RecentPieces | None = None, *, numbers_code: bool = False) -> None:
        """With `numbers_code` blocks of code show their numbers, counted from 1, where there are several."""
        self.column: Column[AnswerUnit] = Column(width, _layout, kept)
        self._source: list[str] = []
        self._new: list[str] = []
        self._feed = LineFeed()
        self._parser = BlockParser()
        self._settled = 0  # units that will stay
        self._citations = Citations(self.column.pieces)
        self._tables = TableWidths()
        self._contexts: dict[Shared, object] = {}  # of blocks that are open: what their units were laid out for
        self._numbers_code = numbers_code
        self._first_code: CodeUnit | None = None  # of those that stay,
        self._code_count = 0  # and how many these are
        self._codes: set[CodeBlock] = set()  # of several units, not yet coloured as a whole
        self._colouring: list[tuple[CodeBlock, Generator[None, None, Colours]]] = []
        self._tail: Tail | None = None
        self._finished = False
        self._unparsed = False
        self._pauses: list[tuple[int, Pause]] = []  # places, some characters apart, at which the text may be cut

    # -- what came -----------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The Markdown as it came."""
        if self._new:
            self._pass_on()
            self._tail = None
        self._source = ["".join(self._source)]
        return self._source[0]

    @property
    def marks(self) -> list[Mark]:
        """The citations, in the order of the text."""
        return self._citations.marks

    def append(self, text: str) -> None:
        """A piece of Markdown came; nothing is parsed yet."""
        if text:
            self._new.append(text)
            self._finished = False
            self._unparsed = True

    def go_on(self) -> None:
        """More text may come, though it was said that none would: what the end of all settled is open again."""
        if self._finished and not self.cut(len(self.source)):
            self._begin_anew()
        self._finished = False

    def _begin_anew(self) -> None:
        """Read all of the text again."""
        source = self.source
        for number in self._citations.keep(-1, 0):
            self._doubt(number)
        self.column.cut(0)
        self._settled = self._code_count = 0
        self._first_code = self._tail = None
        self._codes.clear()
        self._colouring.clear()
        self._contexts.clear()
        self._source, self._new = [], [source]
        self._feed, self._parser, self._tables = LineFeed(), BlockParser(), TableWidths()
        self._pauses.clear()
        self._finished, self._unparsed = False, True

    def cut(self, length: int) -> bool:
        """Take back all but the first `length` characters, of which only the last are parsed again, and some of the
        citations: those that stay are to be marked again. Return whether that was possible without reading all anew."""
        source = self.source
        known = bisect_right(self._pauses, length, key=itemgetter(0)) - 1
        if known < 0:
            return False
        del self._pauses[known + 1 :]
        position, pause = self._pauses[known]
        for number in self._citations.keep(position, pause.count):
            self._doubt(number)
        self.column.cut(pause.count)
        self._settled = pause.count
        self._source, self._new = [source[:position]], [source[position:length]]
        self._feed, self._parser = LineFeed(position), BlockParser.behind(pause)
        self._contexts.clear()
        self._colouring = [each for each in self._colouring if each[0].first_unit < pause.count]
        self._codes = {block for block in self._codes if block.first_unit < pause.count}
        if self._numbers_code:
            self._count_codes()
        self._tail, self._finished, self._unparsed = None, False, True
        return True

    def _count_codes(self) -> None:
        """Which blocks of code are there, after some went."""
        codes = _beginning(self.column.pieces)
        self._code_count, self._first_code = len(codes), next(iter(codes), None)
        if len(codes) == 1 and codes[0].block.number:
            codes[0].block.number = 0
            self.column.doubt(codes[0].block.first_unit, codes[0].block.first_unit + 1)

    def _doubt(self, number: int) -> None:
        self.column.pieces[number].key = None
        self.column.doubt(number, number + 1)

    def only_marks(self, indexes: Collection[int]) -> None:
        """Forget the citations with other indexes than these."""
        for number in self._citations.forget_others(indexes):
            self._doubt(number)

    def mark(self, mark: Mark) -> None:
        """Add a citation, or replace the one of the same index."""
        self._citations.add(mark)

    def finish(self) -> None:
        """No more text will come: everything settles."""
        self._unparsed = self._unparsed or not self._finished
        self._finished = True

    # -- what is shown -------------------------------------------------------------------------

    @property
    def lines(self) -> list[RenderedLine]:
        """All lines, as of the last update."""
        return self.column.lines()

    @property
    def pending(self) -> bool:
        """Whether there is work left: text that came, or heights that are only estimated."""
        return self._unparsed or self._citations.unplaced or self.column.pending or bool(self._colouring)

    @property
    def settled(self) -> int:
        """How many of the pieces will stay as they are."""
        return self._settled

    def resize(self, width: int) -> None:
        """Take another width; nothing is laid out yet."""
        if width != self.column.width:
            self.column.resize(width)
            self._contexts = {block: block.context(width) for block in self._contexts}

    def refresh(self) -> int | None:
        """Bring everything up to date; the index of the first line that differs, None when none does."""
        return min((change.first for change in self.update()), default=None)

    def update(self, time_is_up: TimeIsUp = never) -> list[LinesChange]:
        """Bring the lines up to date as far as there is time; `pending` tells whether more is to do.

        Each change counts lines as they are after those before it.
        """
        changes = []
        if change := self._go_on() or self._refresh(time_is_up):
            changes.append(change)
        changes += self.column.work(time_is_up)
        while self._colouring and not time_is_up():
            self._colour()
            changes += self.column.work(time_is_up)
        return changes

    def citation_lines(self, index: int, changes: list[LinesChange]) -> tuple[int, int] | None:
        """The first and the last line that show a citation, None without one. What is laid out adds to `changes`."""
        touched = self._citations.units(index)
        first = next((found for number in touched if (found := self._showing(number, index, changes))), None)
        last = next((found for number in touched[::-1] if (found := self._showing(number, index, changes))), None)
        if first is None or last is None:
            return None
        return self.column.top(first[0]) + first[1][0], self.column.top(last[0]) + last[1][-1]

    def code_blocks(self) -> list[CodeText]:
        """The code of the answer as far as it is parsed, in its order; cost grows with the answer's length."""
        blocks: dict[CodeBlock, list[str]] = {}
        source = self.source
        for unit in self.column.pieces:
            if isinstance(unit, CodeUnit):
                blocks.setdefault(unit.block, []).extend(_as_it_came(text, source, at) for text, at in unit.lines)
        return [CodeText("\n".join(lines), block.info) for block, lines in blocks.items()]

    def offset_at(self, line: int) -> int:
        """Where the unit on a line begins in the source; 0 above the first line, beyond the last its end."""
        if line < 0 or not self.column.pieces:
            return 0
        if line >= self.column.height:
            return self._feed.end
        return self.column.pieces[self.column.find(line)].start

    # -- parsing -------------------------------------------------------------------------------

    def _go_on(self) -> LinesChange | None:
        """Let the last paragraph go on with what came, if that is words and nothing else is to do."""
        tail, column = self._tail, self.column
        if tail is None or not self._unparsed or self._finished or self._citations.unplaced or column.pending:
            return None
        if not column.is_sure(len(column.pieces) - 1):
            return None
        lines = tail.add("".join(self._new), column.width)
        if lines is None:
            return None
        self._pass_on()
        self._unparsed = False
        return column.replace_last_line(lines)

    def _refresh(self, time_is_up: TimeIsUp) -> LinesChange | None:
        """Parse what is new and put the units that come of it in the place of the live ones."""
        if not self._unparsed and not self._citations.unplaced:
            return None
        column, kept = self.column, self._settled
        before, height = column.pieces[kept:], column.height
        settled, live = self._parse(time_is_up)
        column.cut(kept)
        for unit in (*settled, *live):
            column.append(unit)
        self._settled += len(settled)
        if self._numbers_code:
            self._number_codes(settled, live)
        touched = self._citations.place(kept, live[0].start if live else self._feed.position, time_is_up)
        self._tables.measure(settled, live, [column.pieces[number] for number in touched])
        for number in touched:
            column.pieces[number].key = None
            column.doubt(number, number + 1)
        self._doubt_contexts(kept)
        self._find_codes(settled)
        change = column.replaced(kept, before, height)
        self._tail = self._find_tail(live)
        return change

    def _find_tail(self, live: Sequence[AnswerUnit]) -> Tail | None:
        """The last paragraph, when all that came is in it or above."""
        rest = None if self._unparsed or self._finished or not live else self._decided(self._feed.rest())
        whole = rest is not None and self._feed.end == rest.start + len(rest.text)
        return tail_of(live[-1], rest) if rest is not None and whole else None

    def _parse(self, time_is_up: TimeIsUp) -> tuple[list[AnswerUnit], list[AnswerUnit]]:
        """(units that will stay, units that the text so far would end with)."""
        self._pass_on()
        parser, feed = self._parser, self._feed
        settled: list[AnswerUnit] = []
        size = 0
        while (line := feed.take()) is not None:
            parser.feed(line)
            size += len(line.text) + 1
            self._note_pause()
            if size >= _PARSED_AT_ONCE:
                size = 0
                settled += self._tables.measured(parser.take())
                if time_is_up():
                    break
        self._unparsed = line is not None
        if line is None and self._finished:
            if (rest := feed.take_rest()) is not None:
                parser.feed(rest)
            parser.finish()
        settled += self._tables.measured(parser.take())
        return settled, parser.ending(None if self._unparsed else self._decided(feed.rest()))

    def _note_pause(self) -> None:
        """The text may be cut here, if no block is open and it cannot be a little above."""
        position = self._feed.position
        if position - (self._pauses[-1][0] if self._pauses else 0) < _BETWEEN_PAUSES:
            return
        if (pause := self._parser.pause) is not None:
            self._pauses.append((position, pause))

    def _decided(self, rest: SourceLine | None) -> SourceLine | None:
        """What of the last line is shown while it is incomplete: nothing of what may yet be no text at all."""
        if rest is None or (rest.start and _UNDECIDED.match(rest.text)):
            return None
        at = None if rest.continues else self._parser.undecided_fence(rest.text)
        if at is None:
            return rest
        return replace(rest, text=rest.text[:at]) if rest.text[:at].strip() else None

    def _pass_on(self) -> None:
        """What came goes to the parser's feed, and stays as the source in few pieces."""
        if not self._new:
            return
        text = "".join(self._new)
        self._new.clear()
        self._feed.add(text)
        self._source.append(text)
        if len(self._source) % _SOURCE_PIECES == 0:
            self._source[-_SOURCE_PIECES:] = ["".join(self._source[-_SOURCE_PIECES:])]

    def _doubt_contexts(self, kept: int) -> None:
        """Units of open blocks that turned out otherwise must be laid out again."""
        width = self.column.width
        for block, context in self._contexts.items():
            if block.context(width) != context:
                self.column.doubt(block.first_unit, kept)
        leaf = self._parser.open_block
        blocks = [*self._parser.open_lists, *([] if leaf is None else [leaf])]
        self._contexts = {block: block.context(width) for block in blocks}

    # -- code ----------------------------------------------------------------------------------

    def _number_codes(self, settled: Sequence[AnswerUnit], live: Sequence[AnswerUnit]) -> None:
        """Number the blocks of code that begin in new units; the first one only when there is another."""
        stay, may_go = _beginning(settled), _beginning(live)
        if not (stay or may_go or self._code_count):
            return
        for number, unit in enumerate((*stay, *may_go), self._code_count + 1):
            unit.block.number = number if number > 1 else 0
        self._code_count += len(stay)
        self._first_code = self._first_code or next(iter(stay), None)
        first = self._first_code or next(iter(may_go), None)
        wanted = int(self._code_count + len(may_go) > 1)
        if first is not None and first.block.number != wanted:
            first.block.number = wanted
            self.column.doubt(first.block.first_unit, first.block.first_unit + 1)

    # -- colours -------------------------------------------------------------------------------

    def _find_codes(self, settled: Sequence[AnswerUnit]) -> None:
        """A code block of several units is coloured as a whole when it is closed."""
        self._codes.update(unit.block for unit in settled if isinstance(unit, CodeUnit) and unit.offset)
        for block in [block for block in self._codes if block.closed]:
            self._codes.discard(block)
            if block.colourable:
                self._colouring.append((block, colour("\n".join(block.text), block.info)))

    def _colour(self) -> None:
        """Go on with colouring for a moment."""
        block, colouring = self._colouring[0]
        try:
            next(colouring)
        except StopIteration as done:
            self._colouring.pop(0)
            block.colours = done.value
            block.text.clear()
            self.column.doubt(block.first_unit, self._end_of(block))

    def _end_of(self, block: CodeBlock) -> int:
        pieces, number = self.column.pieces, block.first_unit
        while number < len(pieces) and isinstance(unit := pieces[number], CodeUnit) and unit.block is block:
            number += 1
        return number

    def _showing(self, number: int, index: int, changes: list[LinesChange]) -> tuple[int, list[int]] | None:
        """(number, those of its lines that show a citation), None when none does."""
        if change := self.column.lay_out(number):
            changes.append(change)
        found = [at for at, line in enumerate(self.column.piece_lines(number)) if index in line.marks]
        return (number, found) if found else None


def render(source: str, width: int, marks: Sequence[Mark] = ()) -> list[RenderedLine]:
    """The lines of a whole answer, none wider than `width` cells (at least 2)."""
    document = Document(width)
    document.append(source)
    for mark in marks:
        document.mark(mark)
    document.finish()
    document.update()
    return document.lines


def _beginning(units: Sequence[AnswerUnit]) -> list[CodeUnit]:
    """Those that blocks of code begin with."""
    return [unit for unit in units if isinstance(unit, CodeUnit) and not unit.offset]


def _as_it_came(text: str, source: str, at: int) -> str:
    """A line of code, which is safe to show, as it stands in the source at `at`: blanks may be left of a tab there."""
    words = text.lstrip(" ")
    blanks, at = text[: len(text) - len(words)], at + len(text) - len(words)
    came = source[at : at + len(words)]
    return blanks + came if safe_text(came) == words else text


def _layout(unit: AnswerUnit, width: int, number: int) -> list[RenderedLine]:
    return unit_lines(unit, width, first=not number)
