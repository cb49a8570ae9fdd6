"""The conversation on the screen: turns as lines, scrolled, with citations that can be walked.

Owns scrolling, following the end, the selected citation and folding. What comes in is joined and shown about twenty
times a second, so a delta costs nothing by itself, and nothing ticks while nothing comes. Only lines that changed
are painted again. How a turn becomes lines is the affair of `workbench.ui.markdown`; what a citation rests on is
the app's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer

from workbench.ui.markdown.model import Mark, NoticeKind
from workbench.ui.markdown.turn_list import Change, Citation, TurnList
from workbench.ui.widgets.following import FollowingView
from workbench.ui.widgets.line_painter import PREFIX, RULES, STYLE_SHEET, LinePainter

if TYPE_CHECKING:
    from workbench.ui.markdown.turn_view import TurnView

FLUSH_SECONDS = 0.05
"""What comes within this time is shown together."""

CHARACTERS_PER_SECOND = 80_000
"""A long block that still grows is rendered again so rarely that about this many characters a second are."""

LONGEST_WAIT = 1.0
"""Seconds after which even the longest block shows what came."""

_UNKNOWN_WIDTH = 80  # until the first layout


class Transcript(FollowingView, can_focus=True):
    """Implements `ChatView`. `[` and `]` walk the citations, Enter opens one, Space folds what was thought."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {PREFIX + name for name in RULES}
    DEFAULT_CSS = (
        """
    Transcript {
        overflow-x: hidden;
        overflow-y: auto;
        padding-left: 1;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """
        + STYLE_SHEET
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "previous_citation", "Previous citation", key_display="["),
        Binding("right_square_bracket", "next_citation", "Next citation", key_display="]"),
        Binding("enter", "open_citation", "Open source"),
        Binding("space", "toggle_thinking", "Fold thinking"),
    ]

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
        self._flush_timer: Timer | None = None
        self._selected: Citation | None = None

    # -- ChatView --------------------------------------------------------------------------

    def begin_turn(self, turn: int, prompt: str) -> None:
        self._flush()
        first = self._turns.height
        self._turns.begin(turn, prompt)
        self._follows = True
        self._show(Change(first, first, self._turns.height - first))

    def append_thinking(self, turn: int, text: str) -> None:
        if view := self._changing(turn):
            view.append_thinking(text)

    def append_text(self, turn: int, text: str) -> None:
        if view := self._changing(turn):
            view.append_text(text)

    def mark_citation(self, turn: int, mark: Mark) -> None:
        if view := self._changing(turn):
            view.mark(mark)

    def notice(self, turn: int, kind: NoticeKind, text: str) -> None:
        if view := self._changing(turn):
            view.notice(kind, text)

    def finish(self, turn: int, *, thinking_seconds: float | None = None) -> None:
        if view := self._changing(turn):
            view.finish(thinking_seconds)
            self._flush()
            if self._follows and self._settled_top != self.scroll_offset.y:
                self._jump(self._settled_top)

    def clear(self) -> None:
        self._turns.clear()
        self._changed.clear()
        self._selected = None
        self._follows = True
        self._jump(0)

    def answer_text(self, turn: int) -> str:
        """The answer of `turn` as it came; "" for an unknown turn."""
        view = self._turns.view(turn)
        return "" if view is None else view.answer.source

    # -- citations -------------------------------------------------------------------------

    @property
    def selected_citation(self) -> Citation | None:
        """(turn, index) of the citation that stands out."""
        return self._selected

    def select_citation(self, turn: int, index: int) -> None:
        """Let a citation stand out and scroll to it. An unknown one is ignored; no message is sent."""
        self._flush()
        lines = self._turns.lines_of((turn, index))
        if not lines:
            return
        self._selected = (turn, index)
        self._follows = False
        self._bring_into_view(lines[0], lines[-1])
        self.refresh()

    def next_citation(self) -> None:
        """Select the citation after the selected one; without one, the first in view or below."""
        self._walk(1)

    def previous_citation(self) -> None:
        """Select the citation before the selected one; without one, the last in view or above."""
        self._walk(-1)

    def action_next_citation(self) -> None:
        self.next_citation()

    def action_previous_citation(self) -> None:
        self.previous_citation()

    def action_open_citation(self) -> None:
        if self._selected is not None:
            self.post_message(self.CitationOpened(*self._selected))

    def on_click(self, event: events.Click) -> None:
        """A click on cited words is as good as walking to them."""
        at = event.get_content_offset(self)
        if at is None or self.text_selection is not None or at.y + self.scroll_offset.y >= self._turns.height:
            return
        view, line = self._turns.at(at.y + self.scroll_offset.y)
        marks = line.marks_at(at.x)
        if marks:
            self.select_citation(view.turn, marks[0])
            self.post_message(self.CitationSelected(view.turn, marks[0]))

    def _walk(self, step: int) -> None:
        self._flush()
        citations = self._turns.citations()
        target = self._beside_selected(citations, step) or self._nearest(citations, step)
        if target is None or target == self._selected:
            return
        self.select_citation(*target)
        if self._selected == target:
            self.post_message(self.CitationSelected(*target))

    def _beside_selected(self, citations: list[Citation], step: int) -> Citation | None:
        if self._selected not in citations:
            return None
        at = citations.index(self._selected) + step
        return citations[at] if 0 <= at < len(citations) else self._selected

    def _nearest(self, citations: list[Citation], step: int) -> Citation | None:
        """The first citation from the top of the view on, or the last up to its end; else the one next to it."""
        top, end = self.scroll_offset.y, self.scroll_offset.y + self._page
        order = citations if step > 0 else citations[::-1]
        for citation in order:
            lines = self._turns.lines_of(citation)
            if lines and (lines[0] >= top if step > 0 else lines[0] < end):
                return citation
        return order[-1] if order else None

    # -- thinking --------------------------------------------------------------------------

    def toggle_thinking(self) -> None:
        """Fold or unfold what was thought in the turn in view: the last one that begins or goes on there."""
        self._flush()
        top = self.scroll_offset.y
        view = self._turns.thinking_between(top, top + self._page)
        if view is not None:
            view.thinking.toggle()
            self._follows = False
            self._changed.add(view.turn)
            self._flush()

    def action_toggle_thinking(self) -> None:
        self.toggle_thinking()

    # -- what changed ------------------------------------------------------------------------

    def _changing(self, turn: int) -> TurnView | None:
        """The view of `turn`, which is about to change; a flush will follow."""
        view = self._turns.view(turn)
        if view is None:
            return None
        self._changed.add(turn)
        if self._flush_timer is None and self.is_mounted:
            wait = min(view.answer.live_size / CHARACTERS_PER_SECOND, LONGEST_WAIT)
            self._flush_timer = self.set_timer(max(wait, FLUSH_SECONDS), self._flush)
        return view

    def _flush(self) -> None:
        """Render and show what came since the last time."""
        if self._flush_timer is not None:
            self._flush_timer.stop()
            self._flush_timer = None
        changed = sorted(self._changed)
        self._changed.clear()
        for turn in changed:
            change = self._turns.refresh(turn)
            if change is not None:
                self._show(change)

    def _show(self, change: Change) -> None:
        """Take the new height, keep what is being read in its place or follow the end, paint what differs."""
        top = self.scroll_offset.y
        moved = top + change.growth if change.end <= top else top
        target = self._followed(top) if self._follows else max(moved, 0)
        self._take_height(target)
        if target != top:
            self._jump(target)
            return
        first = max(change.first, top)
        last = min(max(self._turns.height, self._turns.height - change.growth), top + self._page)
        if first < last:
            self._paint(Region(0, first - top, self.size.width, last - first))

    # -- the view ----------------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        return self._turns.height

    @property
    def line_width(self) -> int:
        return self._turns.width

    def _bring_into_view(self, first: int, last: int) -> None:
        top = self.scroll_offset.y
        if first < top or last >= top + self._page:
            self._jump(max(0, min(first - self._page // 3, self._last_top)))

    def on_resize(self, event: events.Resize) -> None:
        """Wrap anew for a new width. The line at the top of the view stays there, or the end at the bottom."""
        width, top = self.scrollable_content_region.width, self.scroll_offset.y
        if width >= 1 and width != self._turns.width:
            place = self._turns.place(top)
            self._turns.resize(width)
            self._changed.clear()
            top = self._turns.find(place) if place is not None else 0
        self._jump(self._settled_top if self._follows else min(top, self._last_top))

    # -- painting ------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._flush()

    def notify_style_update(self) -> None:
        self._painter.forget()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Row `y` of the view."""
        y += self.scroll_offset.y
        width = self.size.width
        if y >= self._turns.height:
            return self._painter.blank(width)
        view, line = self._turns.at(y)
        selected = self._selected[1] if self._selected is not None and self._selected[0] == view.turn else None
        strip = self._painter.paint(line, width, selected)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(y)) is not None:
            strip = self._painter.select(strip, line.text, span, self.selection_style)
        return strip.apply_offsets(0, y)

    @property
    def allow_select(self) -> bool:
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The rendered text that the mouse selected."""
        return "\n".join(self._selected_text(selection)), "\n"

    def _selected_text(self, selection: Selection) -> Iterator[str]:
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else self._turns.height
        for y in range(first, min(last + 1, self._turns.height)):
            text = self._turns.at(y)[1].text
            start, end = selection.get_span(y) or (0, -1)
            yield text[start:] if end < 0 else text[start:end]
