"""One turn as lines: the question, what was thought, the answer, and notices.

Owns the order of the parts and which line is where. It knows nothing of other turns, of scrolling or of colours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.ui.markdown.column import Column, LinesChange, RecentPieces, TimeIsUp, never
from workbench.ui.markdown.document import Document
from workbench.ui.markdown.line import SPOT, Mark, NoticeKind, RenderedLine
from workbench.ui.markdown.thinking import Thinking
from workbench.ui.markdown.verbatim import PlainPiece, RulePiece, plain_column, plain_pieces

_QUESTION: Final = PlainPiece("", ("prompt",), "▌ ", ("prompt-bar",), "prompt")


@dataclass(frozen=True, slots=True)
class PlaceInTurn:
    """A line apart from any width: a piece of a part of the turn, and the characters of the piece above the line."""

    part: Column[Any]
    piece: int
    above: int


class TurnView:
    """Change it, then `update` it. Lines are counted from 0 in the turn; `height` is as of the last update."""

    def __init__(
        self, turn: int, prompt: str, width: int, *, place: int | None = None, kept: RecentPieces | None = None
    ) -> None:
        """`place` is what the rule below calls the turn, where that is not its number."""
        kept = kept or RecentPieces()
        self.turn = turn
        self._place = turn if place is None else place
        self.answer = Document(width, kept, numbers_code=True)
        self.thinking = Thinking(width, kept)
        self._thought = 0  # characters
        self._notices: list[tuple[NoticeKind, str]] = []
        self._noticed = 0  # of them that are in the foot,
        self._foot_size = 0  # in so many pieces
        self._apart = self._ruled = False  # whether a blank is above the notices, and the rule below them
        self._rule: list[PlainPiece] = []  # what stands below everything else, once the turn is over
        self._head = plain_column(width, kept)
        self._foot = plain_column(width, kept)
        for piece in _heading(prompt):
            self._head.append(piece)

    @property
    def height(self) -> int:
        """How many lines there are, as of the last `update`; some may be estimated."""
        return sum(part.height for part in self._parts)

    @property
    def pending(self) -> bool:
        """Whether there is work left for an update."""
        return self.answer.pending or any(part.pending for part in self._parts)

    @property
    def _parts(self) -> tuple[Column[Any], ...]:
        return (self._head, *self.thinking.columns, self.answer.column, self._foot)

    @property
    def searched(self) -> tuple[tuple[Column[Any], int], ...]:
        """The parts in which words are found, with how many of their pieces will stay as they are."""
        head, thinking, answer = self._head, self.thinking, self.answer
        return (
            (head, len(head.pieces)),
            (thinking.body, thinking.settled),
            (answer.column, answer.settled),
            (self._foot, 0),
        )

    def part_searched(self, part: Column[Any]) -> int:
        """Which of `searched` a part is, or the next one below it."""
        if part in self.thinking.columns:
            return 1
        return next(at for at, (column, _) in enumerate(self.searched) if column is part)

    def lay_out_piece(self, part: Column[Any], piece: int, changes: list[LinesChange]) -> int:
        """The first line of a piece of a part that is shown. What had to be laid out adds to `changes`."""
        top = self._top(part)
        if (change := part.lay_out(piece)) is not None:
            changes.append(change.below(top))
        return top + part.top(piece)

    def piece_at(self, index: int) -> tuple[Column[Any], int, int]:
        """The part of a line, its piece, and which of the piece's lines it is; IndexError beyond the last."""
        part, top = self._part_at(index)
        piece = part.find(index - top)
        return part, piece, index - top - part.top(piece)

    def append_thinking(self, text: str) -> None:
        """A piece of what the model thinks came."""
        self._thought += len(text)
        self.thinking.append(text)

    def take_back(self, thinking: int, text: str, marks: Collection[int]) -> bool:
        """Have the answer be `text`, and no notices or end; of the citations only those of these indexes, which are to
        be marked again. Return whether that was possible without reading all anew.

        It is not where `thinking`, how many characters were thought, is less than what was.
        """
        source = self.answer.source
        if thinking != self._thought or not text or self.thinking.marks:
            return False
        if source.startswith(text):
            if len(text) < len(source) and not self.answer.cut(len(text)):
                return False
            self.answer.go_on()
        elif text.startswith(source):
            self.answer.go_on()
            self.answer.append(text[len(source) :])
        else:
            return False
        self.answer.only_marks(marks)
        self.thinking.end()
        self.thinking.go_on()
        self._notices.clear()
        self._foot.cut(0)
        self._noticed = self._foot_size = 0
        self._apart = self._ruled = False
        self._rule = []
        return True

    def append_text(self, text: str) -> None:
        """A piece of the answer came, so the model thinks no longer."""
        self.thinking.end()
        self.answer.append(text)

    def mark(self, mark: Mark) -> None:
        """Add a citation, or replace the one of the same index."""
        self.answer.mark(mark)

    def mark_thinking(self, mark: Mark) -> None:
        """As `mark`, of what was thought."""
        self.thinking.mark(mark)

    def spot(self, start: int, end: int, *, in_thinking: bool) -> None:
        """Mark a span that one is led to, in place of the one before; an empty one marks nothing any more."""
        for part, is_meant in ((self.thinking, in_thinking), (self.answer, not in_thinking)):
            if is_meant or any(mark.index == SPOT for mark in part.marks):
                part.mark(Mark(SPOT, start, end) if is_meant else Mark(SPOT, 0, 0))

    def spot_question(self, spans: Sequence[tuple[int, int]]) -> None:
        """Mark the words of the question that one is led to, in place of those before; none marks nothing any more."""
        marks = [Mark(SPOT, start, end) for start, end in spans]
        for number, piece in enumerate(self._head.pieces):
            touching = tuple(mark for mark in marks if piece.touched_by(mark))
            if touching != piece.marks:
                piece.marks, piece.key = touching, None
                self._head.doubt(number, number + 1)

    @property
    def marks(self) -> list[Mark]:
        """The citations, in the order in which they stand: those of what was thought, then those of the answer."""
        return [mark for mark in (*self.thinking.marks, *self.answer.marks) if mark.index != SPOT]

    def answer_offset(self, line: int) -> int:
        """Where in the answer the piece of text on a line of the turn begins; 0 above the answer."""
        return self.answer.offset_at(line - self._top(self.answer.column))

    def marks_above(self, index: int) -> int:
        """How many citations begin above the piece of text that is on line `index`."""
        top = self._top(self.answer.column)
        if index < top:
            return 0
        offset = self.answer.offset_at(index - top)
        cited = [mark for mark in self.answer.marks if mark.index != SPOT]
        thought = sum(mark.index != SPOT for mark in self.thinking.marks)
        return thought + bisect_left(cited, offset, key=lambda mark: mark.start)

    def notice(self, kind: NoticeKind, text: str) -> None:
        """Add a line of ours below the answer; `kind` tells how it looks."""
        self._notices.append((kind, text))

    def finish(self, thinking_seconds: float | None, seconds: float | None = None, among: str = "") -> None:
        """No more text will come. How long the model thought, and how long the turn took, where that is known; `among`
        says which of the turns it is that were asked in the same place."""
        self.thinking.end(thinking_seconds)
        self.answer.finish()
        took = "" if seconds is None else f"{seconds:.1f} s"
        self._rule = [RulePiece(" · ".join(filter(None, (str(self._place), took, among))), ("turn-number",))]

    def resize(self, width: int) -> None:
        """Take another width; nothing is laid out yet."""
        self._head.resize(width)
        self.thinking.resize(width)
        self.answer.resize(width)
        self._foot.resize(width)

    def update(self, time_is_up: TimeIsUp = never) -> list[LinesChange]:
        """Bring the lines up to date as far as there is time. Each change counts lines as after those before it."""
        changes = []
        if (thought := self.thinking.update()) is not None:
            changes.append(thought.below(self._head.height))
        changes += [change.below(self._top(self.answer.column)) for change in self.answer.update(time_is_up)]
        if (foot := self._grow_foot()) is not None:
            changes.append(foot.below(self._top(self._foot)))
        for part in self._parts:
            changes += [change.below(self._top(part)) for change in part.work(time_is_up)]
        return changes

    def reach(self, first: int, end: int) -> Iterator[LinesChange]:
        """Make sure of what is on lines [first, end)."""
        for part in self._parts:
            top = self._top(part)
            for change in part.reach(max(first - top, 0), end - top):
                end += change.growth
                yield change.below(top)

    def line(self, index: int) -> RenderedLine:
        """Line `index` of the turn; IndexError beyond the last."""
        part, top = self._part_at(index)
        return part.line(index - top)

    def place(self, index: int) -> PlaceInTurn:
        """Where line `index` is, apart from any width; IndexError beyond the last."""
        part, top = self._part_at(index)
        return PlaceInTurn(part, *part.place(index - top))

    def find(self, place: PlaceInTurn) -> int:
        """The line of a place at the width of now."""
        line = place.part.find_place(place.piece, place.above)
        return self._top(place.part) + line

    def citation_lines(self, index: int, changes: list[LinesChange]) -> tuple[int, int] | None:
        """The first and the last line that show a citation. What had to be laid out adds to `changes`."""
        own: list[LinesChange] = []
        if index == SPOT and (lines := self._question_lines(changes)) is not None:
            return lines
        top = self._head.height
        found = self.thinking.citation_lines(index, own)
        if found is None:
            top = self._top(self.answer.column)
            found = self.answer.citation_lines(index, own)
        changes += [change.below(top) for change in own]
        return None if found is None else (top + found[0], top + found[1])

    def _question_lines(self, changes: list[LinesChange]) -> tuple[int, int] | None:
        """The first and the last line with words of the question that one was led to."""
        found: list[int] = []
        for number, piece in enumerate(self._head.pieces):
            if piece.marks:
                if (change := self._head.lay_out(number)) is not None:
                    changes.append(change)
                top = self._head.top(number)
                found += (top + at for at, line in enumerate(self._head.piece_lines(number)) if line.marks)
        return (found[0], found[-1]) if found else None

    @property
    def thinking_line(self) -> int:
        """The line where thinking's heading stands, or would."""
        return self._head.height

    def _top(self, part: Column[Any]) -> int:
        top = 0
        for above in self._parts:
            if above is part:
                break
            top += above.height
        return top

    def _part_at(self, index: int) -> tuple[Column[Any], int]:
        top = 0
        for part in self._parts:
            if index < top + part.height:
                return part, top
            top += part.height
        raise IndexError(index)

    def _grow_foot(self) -> LinesChange | None:
        """Put the notices that are new, and the rule, below what is there; notices stand apart from an answer."""
        apart = bool(self._notices) and self.answer.column.height > 0
        state = apart, len(self._notices), bool(self._rule)
        if state == (self._apart, self._noticed, self._ruled):
            return None
        at, noticed = (self._foot_size, self._noticed) if apart == self._apart else (0, 0)
        new = [PlainPiece("")] if apart and not at else []
        for kind, text in self._notices[noticed:]:
            new += plain_pieces(text, PlainPiece("", (f"notice-{kind}",)))
        self._apart, self._noticed, self._ruled = state
        self._foot_size = at + len(new)
        return self._foot.replace(at, [*new, *self._rule])


def _heading(prompt: str) -> list[PlainPiece]:
    return [*plain_pieces(prompt, _QUESTION), PlainPiece("")]
