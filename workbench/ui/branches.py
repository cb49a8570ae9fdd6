"""Branches of the conversation: editing what was asked or called, stepping between branches, and their tree.

Owns which turn's question stands in the prompt to be edited, and what is done when it is sent. Refuses to draw, and to
run a turn: `asking` does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.conversation.changes import Changes
    from workbench.conversation.turn import Turn
    from workbench.ui.asking import Asking
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage


class Branches:
    """Does what the actions of branches are for; what cannot be done is said in words."""

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        navigation: Navigation,
        asking: Asking,
        outside: Callable[[str], str | None],
    ) -> None:
        """`outside` gives a text as the person's own editor left it, None where it did not."""
        self._outside = outside
        self._stage = stage
        self._conversation = conversation
        self._navigation = navigation
        self._asking = asking
        self._edited: Turn | None = None  # whose question stands in the prompt
        self._draft = ""  # what stood there before

    @property
    def has_turns(self) -> bool:
        """Whether there are turns, of whatever branch."""
        return len(self._conversation.tree) > 0

    # -- editing a question ----------------------------------------------------------------------

    def edit(self, number: str = "") -> None:
        """Put the question of a turn into the prompt: of this number, or of the turn that is read."""
        if self._asking.refusal:
            self._refuse(self._asking.refusal)
            return
        turn = self._navigation.turn_of(self._number(number)) if number else self._navigation.turn_in_view()
        turn = turn or (None if number else next(iter(self._conversation.turns[-1:]), None))
        if turn is None:
            self._refuse(f"there is no turn {number} in this conversation" if number else "nothing to edit yet")
            return
        prompt = self._stage.prompt
        prompt.leave_search()
        self._draft = prompt.whole if self._edited is None else self._draft
        self._edited = turn
        prompt.put(turn.prompt)
        keys = self._stage.keymap
        sends, leaves = keys.label("send"), keys.label("cancel")
        told = (
            f"{sends} asks it beside the turn as it was" if sends else "",
            f"{leaves} leaves that" if leaves else "",
        )
        self._stage.show_editing(
            ": ".join(filter(None, (f"turn {turn.place} is edited", ", ".join(filter(None, told)))))
        )
        self._stage.focus(prompt)

    def leave(self) -> bool:
        """Edit no question any more; what stood in the prompt before stands there again. Whether one was edited."""
        if (edited := self._edited) is None:
            return False
        self._end()
        prompt = self._stage.prompt
        if prompt.whole != edited.prompt:
            prompt.leave_search()
            prompt.set_aside()  # Up brings back what somebody may have written for long
        prompt.put(self._draft)
        return True

    def asks(self, text: str) -> bool:
        """Ask `text` as the question that is edited; whether one is."""
        if (edited := self._edited) is None:
            return False
        self._end()
        tree = self._conversation.tree
        if edited.number in tree and tree.turn(edited.number) is edited:  # else the conversation is another one by now
            self._asking.again(edited.number, _prompt(text))
            if self._draft:
                self._stage.prompt.put(self._draft)
            return True
        return False

    def _end(self) -> None:
        self._edited = None
        self._stage.show_editing("")

    def _number(self, typed: str) -> int:
        """The number in the file of the turn that the screen calls so."""
        tree = self._conversation.tree
        return next((turn.number for turn in tree if turn.place == int(typed)), 0)

    # -- editing a call --------------------------------------------------------------------------

    def edit_call(self) -> None:
        """Open the editor for the call that one stands on: its result, or else its arguments."""
        turn, place = self._stage.tools.shown, self._stage.tools.rows.call_here
        if turn is None or place is None:
            self._refuse("stand on a call of a tool to edit it or its result")
        elif turn.status == "running":
            self._refuse("the turn is still running: its calls can be edited once it has ended")
        elif turn.number not in self._conversation.tree:
            self._refuse("the turn is no part of this conversation any more")
        else:
            from workbench.ui.screens.call_editor import CallEditor  # not for the first paint

            step, ordinal = place
            send = partial(self._again, turn.number)
            self._stage.open(CallEditor(turn, step, ordinal, send, self._stage.keymap, self._outside))

    def _again(self, number: int, changes: Changes) -> None:
        self._asking.again(number, changes)

    # -- going to a branch -----------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Go to the branch `by` places behind, of those that part at the turn that is read; round the ends."""
        turn, tree = self._navigation.turn_in_view(), self._conversation.tree
        siblings = [] if turn is None or turn.number not in tree else tree.siblings(turn.number)
        if turn is None or len(siblings) < 2:
            self._refuse("the turn that is read was asked once: no branch parts here")
            return
        other = siblings[(siblings.index(turn) + by) % len(siblings)]
        self.go_to(tree.last_of(other.number), at=other)

    def visit(self, number: int, goes_on: bool) -> None:
        """Go to a turn: with `goes_on` the conversation goes on right behind it, else at the end of a branch through
        it, the one where it is if that is one."""
        tree = self._conversation.tree
        turn = tree.turn(number)
        if goes_on:
            self.go_to(number)
        elif turn in self._conversation.turns:
            self._navigation.go_to_turn(turn)
        else:
            self.go_to(tree.last_of(number), at=turn)

    def go_to(self, number: int, at: Turn | None = None) -> None:
        """Make the conversation that of the branch which ends in this turn, and show it, at its end or `at` a turn."""
        if self._is_busy():
            return
        self._conversation.go_to(number)
        self._show(at)

    def _show(self, at: Turn | None = None) -> None:
        self._asking.path.show_soon(self._conversation.turns, at)

    def _is_busy(self) -> bool:
        if not self._asking.ready.is_set():
            self._refuse("documents and session are still being read")
            return True
        if self._asking.busy:
            stops = self._stage.keymap.label("cancel") or self._stage.keymap.label("interrupt")
            self._refuse(f"a turn is running: {stops} stops it")
        return self._asking.busy

    # -- the tree --------------------------------------------------------------------------------

    def show_tree(self) -> None:
        """Open the tree of all turns."""
        if not self.has_turns:
            self._refuse("nothing was asked yet")
            return
        from workbench.ui.screens.tree import TreeScreen  # not for the first paint

        self._stage.open(TreeScreen(self._conversation, self.visit, self._pruned, self._is_busy, self._stage.keymap))

    def _pruned(self) -> None:
        """Turns were pruned that the conversation had gone on from: show where it is now."""
        self._show()

    def _refuse(self, words: str) -> None:
        self._stage.say(words, severity="warning")


def _prompt(text: str) -> Changes:
    from workbench.conversation.changes import Changes

    return Changes(prompt=text)
