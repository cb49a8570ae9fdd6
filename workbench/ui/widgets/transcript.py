"""The conversation on the screen: turns as lines, scrolled, with citations that can be walked.

Owns scrolling, following the end, the selected citation and folding. What comes in is shown at once, or with what
comes soon after it, as `pace` allows; nothing ticks while nothing is to do. What is in view is laid out at once, the
rest in slices while there is time. Only lines that changed are painted again. How a turn becomes lines is the affair
of `workbench.ui.markdown`; what a citation rests on is the app's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from workbench.ui.bindings import bindings
from workbench.ui.markdown.column import Column, LinesChange
from workbench.ui.markdown.line import HERE, SPOT, Mark, NoticeKind, RenderedLine
from workbench.ui.markdown.needle import Needle
from workbench.ui.markdown.turn_list import Citation, PlaceInList, TurnList, combined, moved
from workbench.ui.terminal.textual_inside import OpenApp
from workbench.ui.widgets.caret import Place
from workbench.ui.widgets.citation_walk import citation_beside
from workbench.ui.widgets.line_painter import WIDEST, LinePainter, selected
from workbench.ui.widgets.pace import Pace
from workbench.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from workbench.ui.markdown.blocks import CodeText
    from workbench.ui.markdown.found import FoundInTurns, FoundPlace
    from workbench.ui.markdown.turn_view import TurnView

LOW_BANDWIDTH_SECONDS = 0.25  # what comes within this time is shown together, over a slow line
LOW_BANDWIDTH_JUMP = 2 / 3  # of a page

_UNKNOWN_WIDTH = 80  # until the first layout
_MOST_ROUNDS = 8  # of laying out, when what is in view turns out to be something else


@dataclass(frozen=True, slots=True)
class ChatPlace:
    """Where one is in the chat: the line at the top of the view, None for one that `follows` the end."""

    top: PlaceInList | None
    follows: bool


class Transcript(TextView[ChatPlace], can_focus=True):
    """Implements `ChatView`. `[` and `]` walk the citations, Enter opens one, Space folds what was thought."""

    DEFAULT_CSS = """
    Transcript {
        overflow-x: hidden;
        overflow-y: auto;
        padding-left: 1;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chat", "view", "text")]
    FOCUS_ON_CLICK: ClassVar[bool] = False  # who clicks reads on, and types into the prompt

    class Clicked(Message):
        """Somebody clicked here, or selected text with the mouse."""

    class CitationSelected(Message):
        """The user walked to citation `index` of `turn`."""

        def __init__(self, turn: int, index: int) -> None:
            self.turn = turn
            self.index = index
            super().__init__()

    class CitationOpened(Message):
        """The user asks for what citation `index` of `turn` rests on."""

        def __init__(self, turn: int, index: int) -> None:
            self.turn = turn
            self.index = index
            super().__init__()

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painter = LinePainter(self)
        self._turns = TurnList(_UNKNOWN_WIDTH)
        self._changed: set[int] = set()
        self._flush_due: asyncio.TimerHandle | None = None
        self._pace = Pace()
        self._previews = True  # of what a model thinks, while it does
        self._batched = False
        self._ended = False  # a turn did, and the view may come to rest when all of it is there
        self._reader_at: PlaceInList | None = None  # since another width, where the line is that is meant to be on top
        self._selected: Citation | None = None
        self._walks = False  # a citation was selected since the newest turn began
        self._went_to: int | None = None  # the turn that was asked for since then, and since a citation was selected
        self._looks = False  # at the citation that is selected: nobody has scrolled since;
        self._at_hit = False  # or at the hit that one stands on
        self._found: FoundInTurns | None = None
        self._spot: int | None = None  # the turn in which a span stands out that one was led to,
        self._spot_at: tuple[int, int] | None = None  # and where in the answer, if it is there

    # -- ChatView --------------------------------------------------------------------------

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within, turns are added and nothing is shown; all of them are, as at a resize, at the end."""
        self._batched = True
        try:
            yield
        finally:
            self._batched = False
            self._flush()

    @contextmanager
    def taken_back(self, turn: int, thinking: int, text: str, marks: Collection[int]) -> Iterator[bool]:
        """Within, `turn` is shown anew, in place of what it was and of all below it; nothing is shown until the end.

        The answer is `text`, behind so many characters of `thinking`, and has the citations of these indexes. Gives
        whether both are there, so that only citations and notices are to be added; else the turn is to begin anew.
        Where one reads stays in view, as far as it is there, and what was thought is as folded as it was.
        """
        self.forget_search()
        self.leave()
        view = self._turns.view(turn)
        is_open = view is not None and view.thinking.unfolded
        follows, top = self._follows, self.scroll_offset.y
        is_there = view is not None and view.take_back(thinking, text, marks)
        if view is not None:
            self._turns.cut(turn, below=is_there)
        if is_there:
            self._turns.remeasure(turn)
        self._changed = {each for each in self._changed if self._turns.view(each) is not None}
        if self._selected is not None and self._turns.view(self._selected[0]) is None:
            self._selected = None
        with self.at_once():
            yield is_there
            view = self._changing(turn)
            if is_open and view is not None and not view.thinking.unfolded:
                view.thinking.toggle()
        self._follows = follows
        self._lay_out_view(top, [])
        self._jump(self._settled_top if follows else min(top, self._last_top))
        self.come_to_rest()

    def come_to_rest(self) -> None:
        """Once all that came is shown, let a view that follows the end be where it would be had all come at once."""
        self._ended = True
        self._schedule(joining=True)

    def begin_turn(self, turn: int, prompt: str, place: int | None = None) -> None:
        """Show `prompt` word for word at the end, and follow the end from now on.

        `place` is what a person calls the turn, where that is not its number.
        """
        self._flush()
        first = self._turns.height
        self._turns.begin(turn, prompt, place, previews=self._previews)
        self._follows = not self.selects
        self._walks = self._looks = self._at_hit = False
        self._went_to = None
        self._forget_span()
        if self._batched:
            self._changed.add(turn)
            return
        self._settle([LinesChange(first, first, self._turns.height - first)])

    def append_thinking(self, turn: int, text: str) -> None:
        """Show a piece of what the model thinks, at once or with what comes soon after it."""
        if view := self._changing(turn):
            view.append_thinking(text)
            self._show_soon()

    def append_text(self, turn: int, text: str) -> None:
        """Show a piece of the answer, at once or with what comes soon after it."""
        if view := self._changing(turn):
            view.append_text(text)
            self._show_soon()

    def mark_citation(self, turn: int, mark: Mark) -> None:
        """Mark a cited span of the answer, soon; offsets are code points of its text as appended."""
        if view := self._changing(turn):
            view.mark(mark)
            self._schedule(joining=True)

    def mark_thinking(self, turn: int, mark: Mark) -> None:
        """Mark a cited span of what was thought, soon; offsets are code points of it as appended."""
        if view := self._changing(turn):
            view.mark_thinking(mark)

    def notice(self, turn: int, kind: NoticeKind, text: str) -> None:
        """Show a line of ours at the turn's end, soon."""
        if view := self._changing(turn):
            view.notice(kind, text)
            self._schedule(joining=True)

    def finish(
        self, turn: int, *, thinking_seconds: float | None = None, seconds: float | None = None, among: str = ""
    ) -> None:
        """No more text will come: show all that there is of the turn, how long it took, and `among` which it is."""
        if view := self._changing(turn):
            view.finish(thinking_seconds, seconds, among)
            self._ended = True
            self._flush()

    def show_turn(self, turn: int) -> None:
        """Bring the beginning of a turn into view; of the last one the end, which is followed from now on."""
        self._flush()
        if (top := self._turns.top_of(turn)) is None:
            return
        self._follows = self._turns.is_last(turn)
        if not self._follows:
            self._stay()
            self._show_all(self._turns.reach(top, top + self._page))
            top = self._turns.top_of(turn) or 0
        self._went_to = None if self._follows else turn
        self._jump(self._settled_top if self._follows else min(top, self._last_top))
        self._settle([])

    def clear(self) -> None:
        """Remove all turns; the end is followed again."""
        self.forget_search()
        self.leave()
        self._turns.clear()
        self._spot = None
        self._changed.clear()
        self._selected = self._went_to = None
        self._walks = False
        self._follows = True
        self._jump(0)

    @property
    def flush_seconds(self) -> float:
        """What comes within this time is shown together; raise it where painting is slow."""
        return self._pace.flush_seconds

    @flush_seconds.setter
    def flush_seconds(self, seconds: float) -> None:
        self._pace.flush_seconds = seconds

    def write_little(self) -> None:
        """From now on fewer and larger changes: for a slow line."""
        self.flush_seconds = LOW_BANDWIDTH_SECONDS
        self.jump = LOW_BANDWIDTH_JUMP
        self._previews = False

    @property
    def is_working(self) -> bool:
        """Whether some of what came is not shown yet, or not laid out."""
        return bool(self._changed) or self._turns.pending

    @property
    def turn_in_view(self) -> int | None:
        """The turn that is read: that of the citation one walked to, or the one that one went to, while it is in view;
        the last one when the end is followed; else the one in the middle of the view."""
        top, middle = self.scroll_offset.y, self.scroll_offset.y + self._page // 2
        meant = self._went_to
        if meant is None and self._walks and self._selected is not None:
            meant = self._selected[0]
        if meant is not None and not self._follows:
            seen = range(top, min(top + self._page, self._turns.height))
            if seen and meant in {self._turns.turn_at(line) for line in seen}:
                return meant
        return self._turns.turn_at(self._turns.height - 1 if self._follows else middle)

    def answer_text(self, turn: int) -> str:
        """The answer of `turn` as it came; "" for an unknown turn."""
        view = self._turns.view(turn)
        return "" if view is None else view.answer.source

    def code_blocks(self, turn: int) -> list[CodeText]:
        """The code in the answer of `turn`; [] for an unknown turn."""
        view = self._turns.view(turn)
        return [] if view is None else view.answer.code_blocks()

    # -- citations -------------------------------------------------------------------------

    @property
    def citation_in_view(self) -> Citation | None:
        """The citation that one walked to, while some of it is in view and one has not gone to the end since."""
        walks = self._walks and not self._follows
        lines = self._turns.lines_of(self._selected, []) if walks and self._selected is not None else None
        top = self.scroll_offset.y
        return self._selected if lines and lines[0] < top + self._page and lines[1] >= top else None

    @property
    def selected_citation(self) -> Citation | None:
        """(turn, index) of the citation that stands out."""
        return self._selected

    @property
    def walks(self) -> bool:
        """Whether one walks the citations: a question that is asked ends that, though one still stands out."""
        return self._walks

    def select_citation(self, turn: int, index: int) -> None:
        """Let a citation stand out and scroll to it, unfolding what was thought for one that rests there.

        An unknown one is ignored; no message is sent.
        """
        if (view := self._turns.view(turn)) is not None and view.thinking.reveal(index):
            self._stay()
            self._changed.add(turn)
        self._flush()
        lines = self._lines_of((turn, index))
        if lines is None:
            return
        self._forget_span()
        self._selected = (turn, index)
        self._walks = self._looks = True
        self._went_to = None
        self._at_hit = False
        self._stay()
        self._show_all(self._turns.reach(lines[0] - self._page, lines[0] + self._page))
        self._bring_into_view(*(self._lines_of((turn, index)) or lines))
        self._settle([])
        self.refresh()

    def show_span(self, turn: int, start: int, end: int, *, in_thinking: bool = False) -> bool:
        """Let code points [start, end) of an answer, or of what was thought, stand out, and scroll there.

        What was thought is unfolded for it. Returns whether any of them is seen; no message is sent.
        """
        view = self._turns.view(turn)
        if view is None:
            return False
        self._forget_span()
        view.spot(start, end, in_thinking=in_thinking)
        view.thinking.reveal(SPOT) if in_thinking else None
        return self._show_spot(turn, None if in_thinking else (start, end))

    def show_in_question(self, turn: int, spans: Sequence[tuple[int, int]]) -> bool:
        """Let code points of the question of a turn stand out, and scroll there; as `show_span`."""
        view = self._turns.view(turn)
        if view is None:
            return False
        self._forget_span()
        view.spot_question(spans)
        return self._show_spot(turn, None)

    def _show_spot(self, turn: int, span: tuple[int, int] | None) -> bool:
        """Scroll to what stands out in a turn, `span` of its answer if it is that; whether it is seen."""
        self._spot, self._spot_at = turn, span
        self._stay()
        self._changed.add(turn)
        self._flush()
        lines = self._lines_of((turn, SPOT))
        if lines is None:
            self._forget_span()
            return False
        self._walks = self._looks = self._at_hit = False
        self._went_to = turn
        self._show_all(self._turns.reach(lines[0] - self._page, lines[0] + self._page))
        self._bring_into_view(*(self._lines_of((turn, SPOT)) or lines))
        self._settle([])
        self.refresh()
        return True

    @property
    def span_shown(self) -> tuple[int, tuple[int, int]] | None:
        """The turn, and the code points of its answer, that stand out since one was led to them."""
        return None if self._spot is None or self._spot_at is None else (self._spot, self._spot_at)

    def read_from(self, turn: int) -> int:
        """From which code point of the answer of a turn on one reads it, by the line at the top of the view: 0 where
        its beginning is in view or below."""
        top = self._turns.top_of(turn)
        view = self._turns.view(turn)
        return 0 if top is None or view is None else view.answer_offset(self.scroll_offset.y - top)

    @property
    def led_to(self) -> int | None:
        """The turn in which a span stands out that one was led to."""
        return self._spot

    @property
    def span_in_view(self) -> tuple[int, int] | None:
        """The lines of the span that one was led to, while some of it is in view."""
        lines = None if self._spot is None else self._lines_of((self._spot, SPOT))
        top = self.scroll_offset.y
        return lines if lines and lines[0] < top + self._page and lines[1] >= top else None

    def _forget_span(self) -> None:
        """Nothing stands out any more that one was led to."""
        turn, self._spot, self._spot_at = self._spot, None, None
        if turn is not None and (view := self._turns.view(turn)) is not None:
            view.spot(0, 0, in_thinking=False)
            view.spot_question(())
            self._changed.add(turn)
            self._show_soon()
            self.refresh()

    def next_citation(self, *, newest: bool = False) -> None:
        """Select the citation after the selected one; without one, the first in view or below, or with `newest` the
        first of the last answer, while that is followed."""
        self._walk(1, newest=newest)

    def previous_citation(self, *, newest: bool = False) -> None:
        """Select the citation before the selected one; without one, the last in view or above, or with `newest` the
        last of the last answer, while that is followed."""
        self._walk(-1, newest=newest)

    def action_next_citation(self) -> None:
        """Select the citation after the selected one, and scroll to it."""
        self.next_citation()

    def action_previous_citation(self) -> None:
        """Select the citation before the selected one, and scroll to it."""
        self.previous_citation()

    def action_open_citation(self) -> None:
        """Send `CitationOpened` with the selected citation; nothing happens without one."""
        if self._selected is not None:
            self.post_message(self.CitationOpened(*self._selected))

    def on_click(self, event: events.Click) -> None:
        """Select the citation whose words were clicked, as if one had walked to it."""
        self.post_message(self.Clicked())
        at = event.get_content_offset(self)
        if at is None or self.text_selection is not None or at.y + self.scroll_offset.y >= self._turns.height:
            return
        if (citation := self._turns.citation_at(at.y + self.scroll_offset.y, at.x)) is not None:
            self.select_citation(*citation)
            self.post_message(self.CitationSelected(*citation))

    def _walk(self, step: int, *, newest: bool) -> None:
        self._flush()
        view = range(self.scroll_offset.y, self.scroll_offset.y + self._page)
        selected = self._selected if self._walks else None
        newest = newest and self._follows
        target = citation_beside(selected, step, self._turns, view, self._lines_of, newest=newest)
        if target is None or target == selected:
            return
        self.select_citation(*target)
        if self._selected == target:
            self.post_message(self.CitationSelected(*target))

    def _lines_of(self, citation: Citation) -> tuple[int, int] | None:
        """The first and the last line that show a citation."""
        changes: list[LinesChange] = []
        lines = self._turns.lines_of(citation, changes)
        if changes:
            self._show_all(changes)
            lines = self._turns.lines_of(citation, [])
        return lines

    # -- looking for words -------------------------------------------------------------------

    def _look_for(self, needle: Needle | None) -> None:
        if needle is None:
            self._found = None
        else:
            from workbench.ui.markdown.found import FoundInTurns  # an empty screen needs no parser

            self._found = self._found or FoundInTurns(self._turns)
            self._found.begin(needle, self._turns.number_at(self.scroll_offset.y))
        self._paint_rows(range(self._page))

    def _look_on(self, time_is_up: Callable[[], bool]) -> bool:
        return self._found is None or self._found.look(time_is_up)

    @property
    def _hit_count(self) -> int:
        return 0 if self._found is None else self._found.total

    @property
    def _hit_here(self) -> int | None:
        return None if self._found is None else self._found.number_here()

    def _hit_from(self, place: ChatPlace) -> int | None:
        return None if self._found is None or place.top is None else self._found.first_from(place.top)

    def _where(self) -> ChatPlace:
        self._flush()
        return ChatPlace(self._turns.place(self.scroll_offset.y), self._follows)

    def _go_back(self, place: ChatPlace) -> None:
        if self._found is not None:
            self._found.here = None
        self._follows, self._reader_at = place.follows, None
        self._looks = self._at_hit = False
        top = 0 if place.top is None or self._follows else self._turns.find(place.top)
        self._jump(self._settled_top if self._follows else min(top, self._last_top))
        self._settle([])

    def _show_hit(self, number: int) -> None:
        assert self._found is not None
        place = self._found.at(number)
        view = self._turns.views[place.number]
        if self._found.column(place) is view.thinking.body and not view.thinking.unfolded:
            view.thinking.toggle()
            self._changed.add(view.turn)
        self._stay()
        self._flush()
        self._found.here, self._looks, self._at_hit = place, False, True
        first, _ = self._lines_of_hit(self._found, place)
        self._show_all(self._turns.reach(first - self._page, first + self._page))
        self._bring_into_view(*self._lines_of_hit(self._found, place))
        self._settle([])
        self._paint_rows(range(self._page))

    def _lines_of_hit(self, found: FoundInTurns, place: FoundPlace) -> tuple[int, int]:
        """The first and the last line that show the hit that one stands on."""
        column = found.column(place)
        top = self._top_of_piece(place.number, column, place.piece)
        lines = [at for at, line in enumerate(found.lines(place.number, column, place.piece)) if _is_here(line)]
        return (top + lines[0], top + lines[-1]) if lines else (top, top)

    def _top_of_piece(self, number: int, column: Column[Any], piece: int) -> int:
        """The first line of a piece, and that line is sure."""
        changes: list[LinesChange] = []
        top = self._turns.lay_out_piece(number, column, piece, changes)
        if changes:
            self._show_all(changes)
            top = self._turns.lay_out_piece(number, column, piece, [])
        return top

    # -- thinking --------------------------------------------------------------------------

    def toggle_thinking(self) -> bool:
        """Fold or unfold what was thought in the turn in view: the last one that begins or goes on there. Whether there
        was anything."""
        self._flush()
        top = self.scroll_offset.y
        view = self._turns.thinking_between(top, top + self._page)
        if view is not None:
            view.thinking.toggle()
            self._stay()
            self._changed.add(view.turn)
            self._flush()
        return view is not None

    def action_toggle_thinking(self) -> None:
        """Fold or unfold what was thought in the turn in view; where nothing was, go on by a page."""
        if not self.toggle_thinking():
            self.action_page_down()

    # -- what changed ------------------------------------------------------------------------

    def _changing(self, turn: int) -> TurnView | None:
        """The view of `turn`, which is about to change; whoever changes it has it shown."""
        view = self._turns.view(turn)
        if view is not None:
            self._changed.add(turn)
        return view

    def _show_soon(self) -> None:
        """Show what has just come: at once after a pause, else with what comes meanwhile."""
        if self.is_mounted and self._pace.wait(joining=True) == 0:
            self._flush()
        else:
            self._schedule(joining=True)

    def _schedule(self, *, joining: bool) -> None:
        """Let a flush follow; `joining` says that what just came may be shown with what comes soon."""
        if self._flush_due is None and self.is_mounted:  # a timer of Textual's is a task, which costs as much again
            loop, wait = asyncio.get_running_loop(), self._pace.wait(joining=joining)
            self._flush_due = loop.call_later(wait, self._flush_in_time)

    def _flush_in_time(self) -> None:
        """Flush from a timer of the event loop: a message to this view would cost as much again."""
        try:
            if self.is_attached:
                self._flush()
        except Exception as error:
            if not isinstance(self.app, OpenApp):
                raise
            self.app.fail(error)

    def _flush(self) -> None:
        """Render and show what came since the last time, as far as a slice of time allows; a next one follows."""
        if self._batched:
            return
        if self._flush_due is not None:
            self._flush_due.cancel()
            self._flush_due = None
        self._pace.begin()
        self._note_changes()
        changes = []
        for turn in sorted(self._changed, reverse=True):
            changes += self._turns.refresh(turn, self._pace.is_over)
            self._changed.discard(turn)
            if self._pace.is_over():
                break
        changes += self._turns.work(self._pace.is_over)
        self._settle(changes)
        self._pace.end()
        if self._turns.pending or self._changed:
            self._schedule(joining=False)
        elif self._ended:
            self._ended = False
            if self._follows and self._settled_top != self.scroll_offset.y:
                self._jump(self._settled_top)

    def _note_changes(self) -> None:
        """What is about to change is looked through again, if anything is looked for."""
        if self._found is not None:
            for number in self._turns.working | {self._turns.number(turn) for turn in self._changed}:
                self._found.changed(number)
            self._news()

    def _settle(self, changes: list[LinesChange]) -> None:
        """Lay out what is in view after `changes`, then show all that changed."""
        self._lay_out_view(moved(changes, self.scroll_offset.y), changes)
        self._show_all(changes)

    def _lay_out_view(self, top: int, changes: list[LinesChange]) -> int:
        """Lay out what is in view with line `top` at its top, or the end when that is followed; `changes` get more.

        So is the page above it: a page up is then where it was expected. Returns the number that the line has then.
        """
        for _ in range(_MOST_ROUNDS if self._turns.pending else 0):
            top = self._last_top if self._follows else top
            more = self._turns.reach(top, top + self._page) or self._turns.reach(top - self._page, top)
            if not more:
                break
            changes += more
            top = moved(more, top)
        return top

    def _show_all(self, changes: Sequence[LinesChange]) -> None:
        self._lines_moved(changes)
        for change in combined(changes, 0 if self._follows else self.scroll_offset.y):
            self._show(change)

    def _show(self, change: LinesChange) -> None:
        """Take the new height, keep what is being read in its place or follow the end, paint what differs."""
        top = self.scroll_offset.y
        if change.growth:  # else the view, and the height of all, stay as they were
            moved = top + change.growth if change.end <= top else top
            target = self._followed(top) if self._follows else max(moved, 0)
            if target != top:
                meant = self._top + target - top
                self._jump(target)
                self._top = target if self._follows else meant
                return
            self._take_height(target)
        first = max(change.first, top)
        last = min(max(self._turns.height, self._turns.height - change.growth), top + self._page)
        if first < last:
            self._paint_rows(range(first - top, last - top))

    # -- the view ----------------------------------------------------------------------------

    def _stay(self) -> None:
        """What is in view is what one means to see from now on, whatever comes at the end."""
        self._follows = False
        self._top, self._reader_at = self.scroll_offset.y, None

    @property
    def line_count(self) -> int:
        """How many lines there are, as of the last updates; some may be estimated."""
        return self._turns.height

    @property
    def line_width(self) -> int:
        """How many cells the lines are wrapped to."""
        return self._turns.width

    def _bring_into_view(self, first: int, last: int) -> None:
        top = self.scroll_offset.y
        if first < top or last >= top + self._page:
            self._jump(max(0, min(first - self._page // 3, self._last_top)))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The view was scrolled: lay out what came into it."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_placed:
            self._reader_at = None
            self._looks = self._at_hit = False
            self._settle([])

    def action_scroll_end(self) -> None:
        """Show the end, laid out, and follow it from now on."""
        self._follows = True
        self._lay_out_view(0, [])
        super().action_scroll_end()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap anew for a new width. The line at the top of the view stays there, or the end at the bottom."""
        width = min(self.scrollable_content_region.width, WIDEST)
        if self._follows:
            self._reader_at = None
        if width >= 1 and width != self._turns.width:
            self.leave()
            if self._reader_at is None and not self._follows:
                self._reader_at = self._turns.place(min(self._top, max(0, self._turns.height - 1)))
            self._turns.resize(width)
            self._top = self._turns.find(self._reader_at) if self._reader_at is not None else 0
        self._top = self._lay_out_view(self._top, [])
        self._place(self._settled_top if self._follows else self._with_looked_at(min(self._top, self._last_top)))
        if self._turns.pending:
            self._schedule(joining=False)

    def _with_looked_at(self, top: int) -> int:
        """The line at the top of the view that is nearest to `top` and keeps in view what one looks at."""
        lines = self._looked_at()
        if lines is None or not self._page:
            return top
        first, last = lines
        return min(max(top, last - self._page + 1), max(first, 0)) if last >= top + self._page else top

    def _looked_at(self) -> tuple[int, int] | None:
        """The lines of the hit or the citation that one went to, while nobody has scrolled since."""
        if self._at_hit and (found := self._found) is not None and (here := found.here) is not None:
            is_there = here.piece < len(found.column(here).pieces)  # an answer that streams may have other ones
            return self._lines_of_hit(found, here) if is_there else None
        return self._lines_of(self._selected) if self._looks and self._selected is not None else None

    # -- painting ------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show what came before the view was on the screen."""
        self._flush()

    def notify_style_update(self) -> None:
        """The theme changed: every line is painted anew."""
        self._painter.forget()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Row `y` of the view, with the places that the mouse selects by."""
        return self.row(y).apply_offsets(0, y + self.scroll_offset.y)

    def row(self, y: int) -> Strip:
        """Row `y` of the view."""
        y += self.scroll_offset.y
        width = self.size.width
        if y >= self._turns.height:
            return self._painter.blank(width)
        view, line = self._turns.at(y)
        if self._found is not None:
            line = self._found.line(*self._turns.piece_at(y), line)
        citation = self._selected[1] if self._selected is not None and self._selected[0] == view.turn else None
        citation = SPOT if self._spot == view.turn else citation
        strip = self._painter.paint(line, width, citation)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(y)) is not None:
            strip = selected(strip, line.text, span, self.selection_style)
        return self._with_caret(strip, y)

    # -- selecting -----------------------------------------------------------------------------

    def line_at(self, y: int) -> RenderedLine:
        """Line `y`, laid out now if need be."""
        if changes := self._turns.reach(y, y + 1):
            self._show_all(changes)
        return self._turns.at(min(y, self._turns.height - 1))[1]

    def _first_place(self) -> Place:
        """The citation that one walked to, else as in any view."""
        citation = self.citation_in_view
        lines = None if citation is None else self._lines_of(citation)
        if citation is None or lines is None:
            return super()._first_place()
        return Place(lines[0], self.line_at(lines[0]).begins(citation[1]))


def _is_here(line: RenderedLine) -> bool:
    """Whether the hit that one stands on is on a line."""
    return any(HERE in run.styles for run in line.runs)
