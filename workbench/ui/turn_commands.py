"""What the actions do that are about several turns: which turns are meant, read where they have to be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from workbench.errors import ConfigurationError, RecordingError
from workbench.sessions.folder import sessions_folder
from workbench.sessions.named_turns import named_turn, read_turn
from workbench.ui.background import in_background
from workbench.ui.screens.compare import ComparedTurn

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.ui.copies import Copies
    from workbench.ui.navigation import Navigation
    from workbench.ui.screens.choose_turn import ChooseTurn
    from workbench.ui.stage import Stage

ASKER: Final = "compare"


class TurnCommands:
    """Opens the screens that show several turns; what cannot be shown is said in words."""

    def __init__(self, stage: Stage, conversation: Conversation, navigation: Navigation, copies: Copies) -> None:
        self._stage = stage
        self._conversation = conversation
        self._navigation = navigation
        self._copies = copies

    def compare(self, which: str) -> None:
        """Compare the turns that are named, or the one that is read with its sibling, else with the one before."""
        if not which:
            self._open(self._nearest())
        elif len(names := which.split()) == 1:
            self._stage.work(partial(self._read, [*names, *self._beside(names[0])]), ASKER)
        else:
            self._stage.work(partial(self._read, names), ASKER)

    def _nearest(self) -> list[ComparedTurn]:
        """The turn that is read behind its siblings, or behind the one before it."""
        known = self._navigation.known_turns()
        here = self._navigation.turn_in_view()
        if here not in known:  # it was pruned meanwhile
            here = known[-1] if known else None
        if here is None:
            return []
        siblings = [turn for turn in known if turn.parent == here.parent]
        if len(siblings) == 1:
            before = [turn for turn in known if turn.number == here.parent]
            after = [turn for turn in known if turn.parent == here.number][:1]
            siblings = [*before, here] if before else [here, *after]
        at = siblings.index(here)
        if len(siblings) > 2 and at:  # all of them, the first at the left, this one at the right
            siblings = [siblings[0], *siblings[at:], *siblings[1:at]]
        return [compared(turn) for turn in siblings]

    def _beside(self, name: str) -> list[str]:
        """What the turn of one name is compared with: the one that is read."""
        here = self._navigation.turn_in_view()
        others = [turn for turn in self._navigation.known_turns() if str(turn.place) != name]
        beside = here if here is not None and here in others else (others[-1] if others else None)
        return [] if beside is None else [str(beside.place)]

    async def _read(self, names: Sequence[str]) -> None:
        """Find each turn, those of other sessions in their files, and show them."""
        found = []
        for name in names:
            try:
                found.append(await self._turn(name))
            except (ConfigurationError, RecordingError) as error:
                self._stage.say(_said(error), severity="warning")
                return
        self._open(found)

    async def _turn(self, name: str) -> ComparedTurn:
        """Raises ConfigurationError or RecordingError when there is no such turn."""
        if name.isdecimal():
            known = {turn.place: turn for turn in self._navigation.known_turns()}
            if (turn := known.get(int(name))) is not None:
                return compared(turn)
            numbers = ", ".join(map(str, sorted(known))) or "no turn yet"
            raise RecordingError(f"{ASKER}: there is no turn {name}: this conversation has {numbers}")
        redactor, folder = self._conversation.redactor, sessions_folder(os.environ)
        named = await in_background(partial(named_turn, name, folder, ASKER))
        turn = await in_background(partial(read_turn, named, redactor, ASKER))
        return ComparedTurn(f"{named.path.stem}:{turn.number}", turn)

    def _open(self, turns: Sequence[ComparedTurn]) -> None:
        from workbench.ui.screens.compare import CompareScreen

        if len(turns) < 2:
            self._stage.say(
                "there is no second turn to compare with: /compare SESSION:TURN names one elsewhere", severity="warning"
            )
        elif running := next((each for each in turns if each.turn.status == "running"), None):
            self._stage.say(f"{running.name} is still running", severity="warning")
        else:
            self._stage.open(CompareScreen(turns, self._copies, self._stage.keymap, self.choose))

    def choose(self, letter: str) -> ChooseTurn:
        """The list from which another turn is chosen for the side of this letter."""
        from workbench.ui.screens.choose_turn import ChooseTurn

        over = [compared(turn) for turn in self._navigation.known_turns() if turn.status != "running"]
        return ChooseTurn(
            f"Turn for {letter}", over, sessions_folder(os.environ), self._conversation.redactor, self._stage.keymap
        )


def compared(turn: Turn) -> ComparedTurn:
    """A turn of this conversation, by its number on the screen."""
    return ComparedTurn(f"turn {turn.place}", turn)


def _said(error: ConfigurationError | RecordingError) -> str:
    problems = error.problems if isinstance(error, ConfigurationError) else ()
    return "; ".join(map(str, problems)) or str(error)
