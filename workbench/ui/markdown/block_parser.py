"""Markdown to units, line by line.

Owns which blocks are open. Each line is read once and changes only what is open, so text costs what is new of it;
what a last, incomplete line would mean can be asked for and taken back. The dialect is CommonMark with tables;
HTML and link definitions are text. Long blocks leave in parts: paragraphs and lines of code in parts of bounded
length, tables in parts of some rows. What is nested deeper than `DEEPEST` is text. Where a bound changes what is seen,
a note below it says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.ui.markdown import scan
from workbench.ui.markdown.blocks import AnswerUnit, CodeBlock, NoteUnit, RuleUnit, TableBlock, TextUnit
from workbench.ui.markdown.containers import Container, Enclosure, Item, ListBlock, Prefixed, Quote, prefixed
from workbench.ui.markdown.feed import SourceLine
from workbench.ui.markdown.leaves import CODE_INDENT, LONGEST_ROW, CodeLeaf, Leaf, Paragraph, Table
from workbench.ui.markdown.scan import Cursor

DEEPEST = 32
"""Quotes and list items within each other that are parsed."""

_RAW = "/raw shows the raw text"
LONG_LINE = f"… a line this long is shown in parts; Markdown across their ends is text · {_RAW}"
LONG_ROW = f"… a row this long is no table, but text · {_RAW}"
DEEP = f"… what is nested deeper than {DEEPEST} levels is text · {_RAW}"

Saved = tuple[list[tuple[Container, tuple[object, ...]]], tuple[Leaf, tuple[object, ...]] | None, bool, int, str]


@dataclass(frozen=True, slots=True)
class Pause:
    """What a parser knows where no block is open: how many units there are above, whether the line above was blank, and
    what was said last of the text."""

    count: int
    blank: bool
    noted: str


class BlockParser:
    """`feed` it lines; `take` the units that came of them. `ending` shows what the end of the text would add."""

    def __init__(self) -> None:
        self.stack: list[Container] = []
        self.leaf: Leaf | None = None
        self.count = 0  # units so far
        self._out: list[AnswerUnit] = []
        self._blank = False  # the line above was blank, and divides blocks of the innermost container
        self._start = 0  # where the line begins, or the text ends
        self._end = 0  # where the line ends
        self._note = ""  # what there is to say of the text that the line holds
        self._noted = ""  # what was said last; it is not said again below each of many blocks

    @property
    def pause(self) -> Pause | None:
        """Where one may go on from with another text behind it, since nothing is open; None where something is."""
        return Pause(self.count, self._blank, self._noted) if not self.stack and self.leaf is None else None

    @classmethod
    def behind(cls, pause: Pause) -> BlockParser:
        """A parser of what stands behind a pause."""
        parser = cls()
        parser.count, parser._blank, parser._noted = pause.count, pause.blank, pause.noted
        return parser

    @property
    def open_lists(self) -> list[ListBlock]:
        """The lists that are open, outermost first."""
        return [container for container in self.stack if isinstance(container, ListBlock)]

    @property
    def open_block(self) -> CodeBlock | TableBlock | None:
        """What the parts of the open code or table share; None when neither is open."""
        return self.leaf.block if isinstance(self.leaf, CodeLeaf | Table) else None

    def undecided_fence(self, text: str) -> int | None:
        """Where in an incomplete line `text` what may yet become the fence of a code stands; None when nothing may."""
        if isinstance(self.leaf, CodeLeaf):
            return self.leaf.undecided_fence(text)
        found = scan.UNDECIDED_FENCE.match(text)
        return None if found is None else found.start(1)

    def feed(self, line: SourceLine) -> None:
        """Take in the next line of the text, or the next part of a line that was cut."""
        self._start, self._end = line.start, line.start + len(line.text)
        self._note = ""
        if line.continues:
            self._continue(line)
            return
        cursor = Cursor(line.text)
        matched = self._match(cursor)
        whole = matched == len(self.stack)
        if whole and self.leaf is not None and self.leaf.accept(cursor, line.start):
            self._take_in(self.leaf)
            return
        if whole and isinstance(self.leaf, Table) and len(line.text) > LONGEST_ROW:
            self._note = LONG_ROW
        self._begin_blocks(cursor, matched)

    def finish(self) -> None:
        """The text is over: everything open is closed."""
        self._start = self._end
        self._close_leaf()
        self._close(0)

    def take(self) -> list[AnswerUnit]:
        """Hand out the units that are complete, in the order of the text, each once."""
        units, self._out = self._out, []
        return units

    def ending(self, line: SourceLine | None) -> list[AnswerUnit]:
        """The units there would be in addition if the text ended with `line`."""
        saved = self._save()
        if line is not None:
            self.feed(line)
        self.finish()
        units = self.take()
        self._restore(saved)
        return units

    # -- reading a line ------------------------------------------------------------------------

    def _match(self, cursor: Cursor) -> int:
        """Pass the prefixes of the containers that go on; how many do."""
        for number, container in enumerate(self.stack):
            blanks, at = cursor.look()
            match container:
                case Quote():
                    if blanks >= CODE_INDENT or not cursor.text.startswith(">", at):
                        return number
                    self._pass_quote(cursor, at)
                case Item():
                    if at == len(cursor.text):
                        if not (container.used or self.leaf is not None or number + 1 < len(self.stack)):
                            return number
                    elif blanks < container.indent:
                        return number
                    cursor.skip(container.indent)
                case ListBlock():
                    pass
        return len(self.stack)

    def _begin_blocks(self, cursor: Cursor, matched: int) -> None:
        """Close what does not go on, open what begins, and keep the line's text."""
        whole = matched == len(self.stack)
        open_paragraph = isinstance(self.leaf, Paragraph)
        while True:
            blanks, at = cursor.look()
            if at == len(cursor.text):
                break
            if blanks >= CODE_INDENT:
                if open_paragraph:
                    break
                self._divide(matched)
                self.leaf = CodeLeaf(self.count, self._start)
                self.leaf.accept(cursor, self._start)
                return
            opened = self._begin(cursor, at, matched, interrupts=open_paragraph and whole)
            if opened is None:
                break
            if not opened:
                return
            matched, open_paragraph = len(self.stack), False
        self._add_text(cursor, matched, open_paragraph, blank=at == len(cursor.text))

    def _begin(self, cursor: Cursor, at: int, matched: int, *, interrupts: bool) -> bool | None:
        """Open the block that begins at `at`: True for a container, False for a whole line, None for none."""
        text = cursor.text[at:]
        if interrupts and self._turn_paragraph(text):
            return False
        first = text[0]
        deepest = self._depth(matched) >= DEEPEST
        if deepest and (first == ">" or scan.MARKER.match(text)):
            self._note = DEEP
        if first == ">" and not deepest:
            self._divide(matched)
            self.stack.append(Quote(self._start))
            self._pass_quote(cursor, at)
            return True
        if first == "#" and (found := scan.HEADING.match(text)):
            self._divide(matched)
            content = scan.heading_text(text[found.end() :])
            line = (content, self._start + at + found.end())
            self._emit(TextUnit(self._start, self._frame(), lines=(line,), heading=len(found[1])))
            return False
        if first in "`~" and (found := scan.FENCE.match(text)):
            self._divide(matched)
            info, indent = text[found.end() :].strip(), cursor.look()[0]
            self.leaf = CodeLeaf(self.count, self._start, fence=found.group(), info=info, indent=indent)
            return False
        if first in "-_*" and scan.RULE.match(text):
            self._divide(matched)
            self._emit(RuleUnit(self._start, self._frame()))
            return False
        if not deepest and (found := scan.MARKER.match(text)):
            empty = not text[found.end() :].strip(" \t")
            if not (interrupts and (empty or (found[2] and int(found[2]) != 1))):
                self._begin_item(cursor, at, matched, found[1] or found[3], found[2], found.end(), empty)
                return True
        return None

    def _turn_paragraph(self, text: str) -> bool:
        """Whether the line makes a heading or a table of the paragraph above; then it has."""
        paragraph = self.leaf
        if not isinstance(paragraph, Paragraph) or not paragraph.held:
            return False
        header = paragraph.held[-1]
        aligns = scan.delimiters(text) if "|" in header[0] else None
        if aligns is not None and max(len(text), len(header[0])) > LONGEST_ROW:
            paragraph.note = LONG_ROW
        elif aligns is not None and len(aligns) == len(scan.cells(*header)):
            paragraph.held.pop()
            self._close_leaf()
            self.leaf = Table(self.count, header[1], aligns, header)
            return True
        if found := scan.UNDERLINE.match(text):
            level = 1 if found[1][0] == "=" else 2
            self.leaf = None
            self._emit(paragraph.unit(self._frame(joined=paragraph.joined), heading=level))
            return True
        return False

    def _begin_item(
        self, cursor: Cursor, at: int, matched: int, marker: str, number: str | None, size: int, empty: bool
    ) -> None:
        offset = cursor.look()[0]
        cursor.move(at + size)
        blanks, _ = cursor.look()
        padding = 1 if empty or blanks > CODE_INDENT else blanks
        cursor.skip(padding)
        blank = self._blank
        self._close(matched)
        top = self.stack[-1] if self.stack else None
        if not (isinstance(top, ListBlock) and top.marker == marker and top.ordered == (number is not None)):
            self._divide(matched)
            bullets = sum(isinstance(c, ListBlock) and not c.ordered for c in self.stack)
            top = ListBlock(marker, number is not None, int(number or 0), bullets, self.count)
            self.stack.append(top)
        elif blank:
            top.loose = True
        self._blank = False
        label = top.next_number(number) if number is not None else ""
        self.stack.append(Item(top, top.count, offset + size + padding, self._start, label))
        top.count += 1

    def _add_text(self, cursor: Cursor, matched: int, open_paragraph: bool, *, blank: bool) -> None:
        if blank:
            self._close(matched)
            self._close_leaf()
            top = self.stack[-1] if self.stack else None
            fresh = isinstance(top, Item) and not top.used
            self._blank = not isinstance(top, Quote) and not fresh
            return
        if not (open_paragraph and isinstance(self.leaf, Paragraph)):
            self._divide(matched)
            self.leaf = Paragraph(self._start)
        self.leaf.note = self._note or self.leaf.note
        self.leaf.add(cursor, self._start)
        self._hand_out(self.leaf)

    def _continue(self, line: SourceLine) -> None:
        """The rest of a line that was cut: text that goes on with whatever the line was part of."""
        cursor = Cursor(line.text)
        if isinstance(self.leaf, CodeLeaf):
            self.leaf.take(cursor, line.start)
            self._take_in(self.leaf)
            return
        note = (self.leaf.note if self.leaf is not None else "") or LONG_LINE
        self._close_leaf(goes_on=True)
        self._blank = False
        self.leaf = Paragraph(line.start, joined=True, note=note)
        if line.text.strip():
            self.leaf.add(cursor, line.start)

    def _pass_quote(self, cursor: Cursor, at: int) -> None:
        cursor.move(at + 1)
        cursor.skip(1)

    def _depth(self, matched: int) -> int:
        return sum(not isinstance(container, ListBlock) for container in self.stack[:matched])

    # -- what is open --------------------------------------------------------------------------

    def _divide(self, matched: int) -> None:
        """A block other than an item of an open list begins in the first `matched` containers."""
        self._close(matched)
        self._close_leaf()
        top = self.stack[-1] if self.stack else None
        if isinstance(top, ListBlock):
            top.show()
            self.stack.pop()
            top = self.stack[-1] if self.stack else None
        if self._blank and isinstance(top, Item):
            top.parent.loose = True
        self._blank = False

    def _close(self, matched: int) -> None:
        """Close the containers beyond the first `matched`, and the block that is open in them."""
        if matched < len(self.stack):
            self._close_leaf()
        while len(self.stack) > matched:
            container = self.stack[-1]
            if isinstance(container, ListBlock):
                container.show()
            elif not container.used:
                self._emit(TextUnit(container.start, self._frame()))
            self.stack.pop()

    def _close_leaf(self, *, goes_on: bool = False) -> None:
        """Close the open block; when it `goes_on` in another, what there is to say of it comes below that."""
        leaf, self.leaf = self.leaf, None
        if leaf is None:
            return
        leaf.closed = True
        self._hand_out(leaf)
        if not goes_on:
            if leaf.note not in ("", self._noted):
                self._emit(NoteUnit(self._start, Enclosure(), text=leaf.note))
            self._noted = leaf.note

    def _take_in(self, leaf: Leaf) -> None:
        """The line went to `leaf`, whatever of it that completes."""
        self._hand_out(leaf)
        self._blank = isinstance(leaf, CodeLeaf) and bool(leaf.blanks)
        if leaf.closed:
            self.leaf = None

    def _hand_out(self, leaf: Leaf) -> None:
        """Emit those parts of an open block that are complete."""
        for make in leaf.parts():
            self._emit(make(self._frame(joined=leaf.joined)))
            leaf.joined = True

    def _emit(self, unit: AnswerUnit) -> None:
        self._out.append(unit)
        self.count += 1
        for container in self.stack:
            if not isinstance(container, ListBlock):
                container.used = True

    def _frame(self, *, joined: bool = False) -> Enclosure:
        """Where a block that is emitted now stands; `joined` says that it goes on with the one above."""
        chain = prefixed(self.stack)
        fresh = next((at for at, container in enumerate(chain) if not container.used), len(chain))
        if joined or not self.count:
            return Enclosure(chain, fresh)
        return _divided(chain, fresh)

    # -- taking back ---------------------------------------------------------------------------

    def _save(self) -> Saved:
        leaf = None if self.leaf is None else (self.leaf, self.leaf.save())
        return [(container, container.save()) for container in self.stack], leaf, self._blank, self.count, self._noted

    def _restore(self, saved: Saved) -> None:
        stack, leaf, self._blank, self.count, self._noted = saved
        for container, state in stack:
            container.restore(state)
        self.stack = [container for container, _ in stack]
        self.leaf = None
        if leaf is not None:
            self.leaf, held = leaf
            self.leaf.restore(held)


def _divided(chain: tuple[Prefixed, ...], fresh: int) -> Enclosure:
    first = chain[fresh] if fresh < len(chain) else None
    if isinstance(first, Item) and first.number:
        return Enclosure(chain, fresh, separated=True, tight_in=first.parent)
    parent = chain[fresh - 1] if fresh else None
    return Enclosure(chain, fresh, separated=True, tight_in=parent.parent if isinstance(parent, Item) else None)
