"""What an answer is made of: pieces of bounded size, each laid out by itself.

Owns what a piece was parsed to and turning it into flows: a paragraph or heading (or a part of a long one), some
lines of a code block, some rows of a table, a rule. Each knows where it stands (`Enclosure`); together they are the
whole answer. A piece's text never changes, but what is around it may: `context` says what its lines depend on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.ui.markdown.containers import Enclosure
from workbench.ui.markdown.flow import Flow, FlowBuilder
from workbench.ui.markdown.highlighting import HIGHLIGHT_LIMIT, Colours, code_flow, colourable
from workbench.ui.markdown.inline import text_flow
from workbench.ui.markdown.line import PlacedMark, RenderedLine, Styles
from workbench.ui.markdown.offsets import Offsets, offsets
from workbench.ui.markdown.scan import cells
from workbench.ui.markdown.tables import fitted

TextLine = tuple[str, int]
"""A line of a block without what its containers put before it, and its offset in the answer."""


@dataclass(slots=True, eq=False)
class AnswerUnit:
    """`start` is where it begins in the answer; it ends where the next one begins.

    `shown` are its lines as last laid out, and `key` is what they were laid out for. `parsed` are its flows, which hold
    for every width. Both are dropped when it is far from view.
    """

    start: int
    frame: Enclosure
    marks: tuple[PlacedMark, ...] = ()
    shown: list[RenderedLine] | None = None
    key: object = None
    parsed: list[Flow] | None = None

    def context(self, width: int) -> object:
        """What its lines depend on besides itself, at a width."""
        return self.frame.context

    def flows(self) -> list[Flow]:
        """Its text, in the order of the source."""
        return self.parsed if self.parsed is not None else self.parse()

    def keep_flows(self) -> list[Flow]:
        """The same, kept until they are dropped: parsing takes longer than laying out."""
        self.parsed = self.flows()
        return self.parsed

    def parse(self) -> list[Flow]:
        """Its flows, made anew: one for each text that is laid out by itself, such as a cell of a table."""
        raise NotImplementedError

    def searched(self) -> tuple[str, ...]:
        """What can be found in it: its text without markup, each that is laid out by itself."""
        return tuple(flow.text for flow in self.flows())

    def drop(self) -> None:
        """Forget what can be made again."""
        self.shown = self.parsed = None

    def same(self, other: object) -> bool:
        """Whether the other is laid out just as this one."""
        return (
            isinstance(other, AnswerUnit)
            and type(self) is type(other)
            and (self.start, self.marks, self.frame) == (other.start, other.marks, other.frame)
            and self.content == other.content
        )

    @property
    def content(self) -> object:
        """What it was made of: two units of one kind with equal content have the same text."""
        return None

    def estimate(self, width: int) -> int:
        """About how many lines it takes."""
        frame = self.frame
        gap = frame.separated and (frame.tight_in is None or frame.tight_in.is_loose)
        return gap + self.rows_for(max(width - 3 * len(frame.chain), 6))

    def rows_for(self, width: int) -> int:
        """About how many lines its own text takes at `width` cells; at least 1."""
        return 1


@dataclass(slots=True, eq=False)
class TextUnit(AnswerUnit):
    """Lines of a paragraph, or of a heading when `heading` is its level from 1 to 6."""

    lines: tuple[TextLine, ...] = ()
    heading: int = 0

    @property
    def content(self) -> object:
        """The lines and the level of the heading."""
        return self.lines, self.heading

    def rows_for(self, width: int) -> int:
        """About how many lines the text takes when it is wrapped to `width` cells."""
        return -(-sum(len(text) + 1 for text, _ in self.lines) // width) or 1

    def parse(self) -> list[Flow]:
        """One flow, with the inline markup of the lines."""
        base: Styles = ("quote",) if self.frame.quoted else ()
        if self.heading:
            base = (f"heading-{min(self.heading, 3)}",)
        return [text_flow(*joined(self.lines), base)]


@dataclass(slots=True, eq=False)
class RuleUnit(AnswerUnit):
    """A thematic break. Its flow is empty, and there for the marker of a citation that nothing precedes."""

    def parse(self) -> list[Flow]:
        """One flow without text."""
        return [FlowBuilder().build()]


@dataclass(slots=True, eq=False)
class NoteUnit(AnswerUnit):
    """A line of ours about the text above it. Its flow is as a rule's."""

    text: str = ""

    @property
    def content(self) -> object:
        """The words of the note."""
        return self.text

    def parse(self) -> list[Flow]:
        """One flow without text."""
        return [FlowBuilder().build()]


@dataclass(frozen=True, slots=True)
class CodeText:
    """The text of a code block, without what its containers put before it, and the language that it says it has."""

    text: str
    language: str


@dataclass(slots=True, eq=False)
class CodeBlock:
    """What the units of one code block share. `text` is kept while it may still be coloured as a whole.

    While the block is open only its first unit is coloured, by itself. `number` counts the blocks of an answer from 1;
    it is 0 where none is shown.
    """

    info: str
    first_unit: int
    text: list[str] = field(default_factory=list)
    size: int = 0
    closed: bool = False
    colours: Colours | None = None
    number: int = 0

    def context(self, width: int) -> object:
        """What the lines of its units depend on: whether it is coloured, or still may be."""
        return self.colours is not None, self.colourable

    @property
    def colourable(self) -> bool:
        """Whether its language is known and it is not too long to be coloured."""
        return colourable(self.info, self.size)

    def save(self) -> tuple[int, int, bool]:
        """What `restore` needs to take back the lines that are read from here on."""
        return len(self.text), self.size, self.closed

    def restore(self, state: tuple[int, int, bool]) -> None:
        """Be as it was at the `save` that gave `state`."""
        kept, self.size, self.closed = state
        del self.text[kept:]

    def add(self, text: str) -> None:
        """Take in one more line of code, without its line end."""
        self.size += len(text) + 1
        if self.size <= HIGHLIGHT_LIMIT:
            self.text.append(text)


@dataclass(slots=True, eq=False)
class CodeUnit(AnswerUnit):
    """Some lines of `block`; `offset` characters of its code stand before them."""

    block: CodeBlock = field(default_factory=lambda: CodeBlock("", 0))
    lines: tuple[TextLine, ...] = ()
    offset: int = 0

    def context(self, width: int) -> object:
        """What its lines depend on besides itself: where the block stands, its colours, and the number at its start."""
        return self.frame.context, self.block.context(width), 0 if self.offset else self.block.number

    @property
    def content(self) -> object:
        """The lines, and how many characters of code stand before them."""
        return self.lines, self.offset

    def rows_for(self, width: int) -> int:
        """How many lines it has: code that is too wide is counted as if it was not wrapped."""
        return len(self.lines) or 1

    def keep_flows(self) -> list[Flow]:
        """Its text, parsed each time: its colours may change, and are not looked for again."""
        return self.parse()

    def parse(self) -> list[Flow]:
        """One flow: coloured as part of the whole block when that is known, by itself when it is the first."""
        text, where = joined(self.lines)
        if self.block.colours is not None:
            return [code_flow(text, where, self.block.colours, self.offset)]
        coloured = not self.offset and self.block.colourable
        return [code_flow(text, where, Colours.of(text, self.block.info if coloured else ""))]


@dataclass(slots=True, eq=False)
class TableBlock:
    """What the units of one table share: how wide its cells would like to be.

    `settled` are the units that will stay; `live` is what the unit that still grows adds.
    """

    aligns: tuple[str, ...]
    head: TextLine
    first_unit: int
    settled: list[TableUnit] = field(default_factory=list)
    natural: tuple[int, ...] = ()
    live: tuple[int, ...] = ()

    @property
    def widths(self) -> tuple[int, ...]:
        """Cells per column."""
        return widest((self.natural, self.live))

    def context(self, width: int) -> object:
        """How wide the columns are when the table has `width` cells; None when it does not fit."""
        fit = fitted(self.widths, width)
        return None if fit is None else tuple(fit)


@dataclass(slots=True, eq=False)
class TableUnit(AnswerUnit):
    """Some rows of `table`. The first has the head; `number` counts the rows below the head from 0."""

    table: TableBlock = field(default_factory=lambda: TableBlock((), ("", 0), 0))
    rows: tuple[TextLine, ...] = ()
    number: int = 0
    has_head: bool = False
    natural: tuple[int, ...] | None = None

    def context(self, width: int) -> object:
        """What its lines depend on besides itself: where the table stands, and how wide its columns are."""
        return self.frame.context, self.table.widths if self.frame.chain else self.table.context(width)

    @property
    def content(self) -> object:
        """The rows, the number of the first, and whether the head is above them."""
        return self.rows, self.number, self.has_head

    def rows_for(self, width: int) -> int:
        """How many lines it has when no cell is wrapped; the head has a rule below it."""
        return len(self.rows) + 2 * self.has_head

    def parse(self) -> list[Flow]:
        """A flow for each cell, row by row; a row that has too few cells is filled with empty ones."""
        base: Styles = ("quote",) if self.frame.quoted else ()
        head = self.head_flows() if self.has_head else []
        return head + [flow for row in self.rows for flow in self._row(row, base)]

    def head_flows(self) -> list[Flow]:
        """A flow for each cell of the head."""
        return self._row(self.table.head, ("table-head",))

    def _row(self, row: TextLine, base: Styles) -> list[Flow]:
        count = len(self.table.aligns)
        found = cells(*row)[:count]
        flows = [text_flow(text, offsets(where), base) for text, where in found]
        return flows + [FlowBuilder(base).build()] * (count - len(found))


def joined(lines: Sequence[TextLine]) -> tuple[str, Offsets]:
    """The lines as one text, and the offset of each character of it."""
    where = offsets()
    for text, start in lines:
        first = max(start, where[-1]) if where else start  # what is left of a tab has no place of its own
        where.extend([first] * (first - start))
        where.extend(range(first, start + len(text) + 1))  # with the newline
    if where:
        where.pop()
    return "\n".join(text for text, _ in lines), where


def widest(rows: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The greatest of each column; a row without columns counts for none."""
    return tuple(max(column) for column in zip(*(row for row in rows if row), strict=True))
