"""Moving about the screen: between panes, from a citation to its source, and a pane grown to the whole screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.widget import Widget

from workbench.ui.arrangement import (
    AS_USUAL,
    PANELS,
    ROOMY_ROWS,
    SIDE_PANELS,
    Chosen,
    Layout,
    Panel,
    SizeClass,
    columns_beside,
    lay_out,
    size_class,
)
from workbench.ui.panes.pane import Pane

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.ui.stage import Stage


class Navigation:
    """Remembers which side pane is in use and which pane is grown; everything else follows from the size, and from what
    was chosen for the side panes at sizes of its class."""

    def __init__(self, stage: Stage, conversation: Conversation) -> None:
        self._stage = stage
        self._conversation = conversation
        self._side: Panel = "tools"
        self._grown: Panel | None = None
        self._grown_for_size = False
        self._size = Size(0, 0)
        self._columns: int | None = None  # of the side panes, where they are chosen
        self.chosen: dict[SizeClass, Chosen] = {}
        """What somebody chose for the side panes; `ui/arranging.py` changes it."""

    # -- layout ----------------------------------------------------------------------------------

    def begin(self, size: Size) -> None:
        """The screen will be of this `size`: what is to be on it gets its styles once, those of that size."""
        self._size = size
        self._mark(self._layout(), styled=False)

    def lay_out(self, size: Size | None = None) -> None:
        """Show what the screen has room for, or will have once it is of this `size`."""
        is_new, self._size = size is not None and size != self._size, size or self._stage.size
        if is_new:
            self._keep_focused()
        stage = self._stage
        if not stage.is_up:  # a resize before the first compose
            return
        layout = self._layout()
        for name in PANELS:
            stage.panes[name].display = name in layout.shown
        for name in SIDE_PANELS:
            pane = stage.panes[name]
            if isinstance(pane, Pane):
                pane.title.display = layout.beside or not layout.tabs
        stage.side.display = any(name in layout.shown for name in SIDE_PANELS)
        stage.tabs.display, stage.tabs.active = layout.tabs, self._side
        stage.show_tabs()
        self._size_side(layout)
        self._mark(layout, styled=True)

    def _mark(self, layout: Layout, *, styled: bool) -> None:
        """Set the classes by which the style sheet tells arrangements apart; `styled` widgets have styles already.

        They are not classes of the screen: those would have the styles of everything on it worked out twice.
        """
        stage = self._stage
        stage.body.set_class(not layout.beside, "-narrow", update=styled)
        stage.body.set_class(self._grown is not None, "-grown", update=styled)
        stage.prompt_row.set_class(self._size.height < ROOMY_ROWS, "-short", update=styled)
        stage.sources.set_class({"tools", "sources"} <= layout.shown, "-second", update=styled)

    def _size_side(self, layout: Layout) -> None:
        """Let the column of the side panes have the width or the height that was chosen, or the usual one."""
        share, side, body = self.chosen_here.share, self._stage.side, self._stage.body
        is_wide = layout.beside and self._grown is None and share is not None
        columns = columns_beside(self._size.width, share) if is_wide else None
        if columns != self._columns:
            self._columns = columns
            side.styles.width = columns
        body.share = None if layout.beside else share

    @property
    def where(self) -> SizeClass:
        """Where a screen of this size has its side panes."""
        return size_class(self._size.width, self._size.height)

    @property
    def chosen_here(self) -> Chosen:
        """What was chosen for sizes like this one."""
        return self.chosen.get(self.where, AS_USUAL)

    def rearrange(self) -> None:
        """Something was chosen: nothing is grown any more, and who is in a pane that is hidden now is in the chat."""
        here = self._focused()
        self._grown, self._grown_for_size = None, False
        self.lay_out(self._size)
        if here is not None:
            self.show(here if here in self._layout().shown else "chat")

    def _keep_focused(self) -> None:
        """A pane that one is in fills a screen that has become too small to show it, for as long as it is."""
        if self._grown_for_size:
            self._grown, self._grown_for_size = None, False
        here = self._focused()
        if self._grown is None and here is not None and here not in self._layout().shown:
            self._grown, self._grown_for_size = here, True

    def _layout(self) -> Layout:
        hidden = self.chosen_here.hidden
        return lay_out(self._size.width, self._size.height, self._side, self._grown, hidden=hidden)

    def show(self, name: Panel) -> None:
        """Bring a pane onto the screen and put the focus into it."""
        self._reveal(name)
        self._stage.focus(self._focusable(name))

    def suggest(self, name: Panel) -> None:
        """Show a side pane in which something new stands, where panes share one place and nobody is in another."""
        if self._layout().tabs and self._grown is None and self._focused() in (None, "chat"):
            self._reveal(name)

    def _reveal(self, name: Panel) -> None:
        if name != "chat":
            self._side = name
        if self._grown is not None and name != self._grown:
            self._grown, self._grown_for_size = None, False
        if name not in self._layout().shown:
            self._grown = name
        self.lay_out(self._size)

    def next_pane(self, by: int) -> None:
        """Move the focus along: the prompt, then the panes in their order. Forward, an open question comes first."""
        question = self._stage.question
        if question is not None and question.listens and by < 0:
            self._stage.focus(self._stage.prompt)
            return
        if question is not None and by > 0 and (not question.listens or question.is_meant()):
            question.listen()
            return
        stops: list[Panel | None] = [None, *PANELS]
        here = stops.index(self._focused())
        to = stops[(here + by) % len(stops)]
        if to is None:
            self.restore()
            self._stage.focus(self._stage.prompt)
        else:
            self.show(to)

    def grow(self) -> None:
        """Give the focused pane the whole screen, or give it back."""
        if not self.restore():
            self._grown = self._focused() or "chat"
            self.lay_out(self._size)

    def restore(self) -> bool:
        """Undo a grown pane; return whether there was one."""
        if self._grown is None:
            return False
        self._grown, self._grown_for_size = None, False
        self.lay_out(self._size)
        focused = self._focused()
        if focused is not None and focused not in self._layout().shown:
            self._stage.focus(self._stage.prompt)
        return True

    def means_something(self, key: str) -> bool:
        """Whether `key` does something now in the pane that one is in."""
        if self._focused() is None:
            return False
        return any(map(self._stage.can, self._stage.keymap.meant(self._stage.spot).get(key, ())))

    def leave_pane(self) -> bool:
        """Type into the prompt from now on, when one is in a pane; whether one was."""
        if self._focused() is None:
            return False
        self._stage.focus(self._stage.prompt)
        return True

    @property
    def focused_panel(self) -> Panel | None:
        """The pane that one is in, also while a dialog is over it; None for the prompt."""
        here = self._stage.in_panes
        return next((name for name in PANELS if here is not None and self._focusable(name) is here), None)

    def _focusable(self, name: Panel) -> Widget:
        pane = self._stage.panes[name]
        return pane.body() if isinstance(pane, Pane) else pane

    def _focused(self) -> Panel | None:
        """The pane that holds the focus, None for the prompt."""
        focused = self._stage.focused
        for name in PANELS:
            if focused is not None and self._focusable(name) is focused:
                return name
        return None

    # -- citations and sources -----------------------------------------------------------------------

    def show_source(self, turn_number: int, ordinal: int) -> bool:
        """Bring the source of a citation into view in the sources pane, its passage open; the focus stays."""
        turn = self.turn_of(turn_number)
        if turn is None or ordinal >= len(turn.citations):
            return False
        cited = turn.citations[ordinal]
        if not cited.numbers:
            return False
        if "sources" not in self._layout().shown and self._layout().tabs:
            self._reveal("sources")
        self.show_beside(turn)
        return self._stage.sources.open_source(turn, cited.numbers[0], cited)

    # -- turns -----------------------------------------------------------------------------------------

    def walk(self, by: int) -> None:
        """Show the turn before the one that is shown, or the one behind it."""
        turns = self._conversation.turns
        shown = self._stage.tools.shown
        number = shown.number if shown is not None else 0
        here = sum(turn.number < number for turn in turns)
        if here < len(turns) and turns[here].number != number and by > 0:
            here -= 1  # the one that is shown was replaced, and stands between the others
        at = max(0, min(here + by, len(turns) - 1))
        if turns and turns[at] is not shown:
            self.go_to_turn(turns[at])

    def show_turn(self, number: int) -> None:
        """Show the turn of this number in the chat and beside it, if there is one."""
        if (turn := self.turn_of(number)) is not None:
            self.go_to_turn(turn)

    def look_beside(self, turn: Turn) -> None:
        """Let the panes beside the chat show `turn`, where they do not yet."""
        if self._stage.tools.shown is not turn:
            self.show_beside(turn)

    def show_beside(self, turn: Turn) -> None:
        """Let the panes beside the chat show `turn`."""
        for name in SIDE_PANELS:
            pane = self._stage.panes[name]
            if isinstance(pane, Pane) and pane.shown is not turn:
                pane.show(turn)
        self._stage.show_where(turn)
        latest = self._conversation.turns[-1:]
        if latest and latest[0].status != "running":
            self._stage.status.show(turn)

    def go_to_turn(self, turn: Turn) -> None:
        """Show a turn in all panes."""
        self._stage.chat.show(turn)
        self.show_beside(turn)

    def known_turns(self) -> Sequence[Turn]:
        """The turns of all branches but those that were pruned, in the order of asking."""
        tree = self._conversation.tree
        hidden: set[int] = set()  # a turn comes behind the one that it goes on from
        for turn in tree:
            if turn.number in tree.pruned or turn.parent in hidden:
                hidden.add(turn.number)
        return [turn for turn in tree if turn.number not in hidden]

    def turn_of(self, number: int) -> Turn | None:
        """The turn of this number, one of another branch among them; None when there is none."""
        shown = next((turn for turn in self._conversation.turns if turn.number == number), None)
        tree = self._conversation.tree
        return tree.turn(number) if shown is None and number in tree else shown

    def turn_in_view(self) -> Turn | None:
        """The turn that is read in the chat."""
        number = self._stage.chat.view.turn_in_view
        return None if number is None else self.turn_of(number)

    def turn_read(self) -> Turn | None:
        """The turn that one reads: in the chat, unless one walked to an earlier one; else that of the other panes."""
        shown = self._stage.tools.shown
        latest = self._conversation.turns[-1:]
        in_chat = self._focused() in (None, "chat") and (shown is None or latest == [shown])
        return (self.turn_in_view() or shown) if in_chat else shown

    def has_citations(self) -> bool:
        """Whether the latest turn's answer has citations that can be walked."""
        turns = self._conversation.turns
        return bool(turns) and any(cited.start is not None for cited in turns[-1].citations)
