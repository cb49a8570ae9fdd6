"""What the actions do that are about a grid of answers: which question, under which settings, and what is done then."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from workbench.config.at_hand_text import refusal_told
from workbench.config.varied import varied
from workbench.conversation.changes import Changes
from workbench.errors import ConfigurationError, TreeError
from workbench.ui.grid_run import GridRun, tokens_about
from workbench.ui.screens.compare import CompareScreen
from workbench.ui.screens.grid import GridScreen
from workbench.ui.slash import parted
from workbench.ui.turn_commands import compared

if TYPE_CHECKING:
    from workbench.config.at_hand import SettingsAtHand
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.ui.asking import Asking
    from workbench.ui.copies import Copies
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage
    from workbench.ui.turn_commands import TurnCommands

USUAL: Final = "temperature=0,0.5,1"


class GridCommands:
    """Begins a grid and shows it again; what cannot be done is said in words. It is the desk of the grid's screen."""

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        navigation: Navigation,
        asking: Asking,
        copies: Copies,
        turns: TurnCommands,
        settings: SettingsAtHand | None,
    ) -> None:
        self._stage = stage
        self._conversation = conversation
        self._navigation = navigation
        self._asking = asking
        self._copies = copies
        self._turns = turns
        self._settings = settings
        self._grid: GridRun | None = None

    @property
    def runs(self) -> bool:
        """Whether a cell of a grid runs, or waits for that."""
        return self._grid is not None and self._grid.runs

    def cancel(self) -> bool:
        """Stop all cells that run, or wait for that, and keep what came; return whether there were some."""
        stopped = self._grid is not None and self._grid.cancel_all()
        if stopped:
            self._stage.say("the grid is cancelled: what came of it is kept")
        return stopped

    def grid(self, what: str) -> None:
        """Show the grid that runs; else plan one as `what` says, or write that into the prompt, to be changed."""
        if self._grid is not None and not self._grid.runs and not self._is_of_here(self._grid.base):
            self._grid = None  # it is over, and of another conversation
        if self._grid is not None:
            if what:
                self._stage.say("there is a grid already: here it is", severity="warning")
            self._show(self._grid)
            return
        if self._settings is None:
            self._refuse("there are no settings to choose among: what answers has none")
        elif self._asking.refusal:
            self._refuse(self._asking.refusal)
        elif (base := self._base(words := parted(self._conversation.redactor.text(what)))) is not None:
            texts = [word for word in words if not word.isdecimal()]
            if texts:
                self._plan(self._settings, base, texts)
            else:
                self._write_out(base)

    def _is_of_here(self, turn: Turn) -> bool:
        """Whether the conversation has this turn: another conversation has other ones of the same numbers."""
        tree = self._conversation.tree
        return turn.number in tree and tree.turn(turn.number) is turn

    def _base(self, words: list[str]) -> Turn | None:
        """The turn that is asked again: the one that is named, or that is read."""
        known = {turn.place: turn for turn in self._navigation.known_turns()}
        if words and words[0].isdecimal():
            if (turn := known.get(int(words[0]))) is None:
                numbers = ", ".join(map(str, sorted(known))) or "none yet"
                self._refuse(f"there is no turn {words[0]}: there is {numbers}")
            return turn
        turn = self._navigation.turn_in_view()
        if turn is None or turn.place not in known:
            turn = next(reversed(known.values()), None)
        if turn is None:
            self._refuse("nothing was asked yet: a grid asks a question again")
        return turn

    def _write_out(self, base: Turn) -> None:
        """Put a grid into the prompt, which a person changes and sends."""
        prompt = self._stage.prompt
        if prompt.text:
            prompt.set_aside()
        prompt.put(f"/grid {base.place} model={self._conversation.options.model} {USUAL}")
        self._stage.focus(prompt)
        self._stage.say("values stand between commas: change them, and send the line to see what it asks for")

    def _plan(self, settings: SettingsAtHand, base: Turn, texts: list[str]) -> None:
        try:
            choices = varied(settings, texts)
        except ConfigurationError as error:
            self._refuse(f"no grid: {refusal_told(error)}")
            return
        self._grid = GridRun(base, choices)
        self._show(self._grid)

    def _show(self, grid: GridRun) -> None:
        patience = self._stage.chat.patience
        self._stage.open(GridScreen(grid, cost_of(grid), self, self._stage.keymap, patience))

    def _refuse(self, why: str) -> None:
        self._stage.say(self._conversation.redactor.text(why), severity="warning")

    # -- what the screen has done ------------------------------------------------------------------

    def send(self, grid: GridRun) -> None:
        """Run the cells beside the conversation, each a turn of its own."""
        grid.begin()
        self._stage.work(partial(self._run, grid), "grid")

    async def _run(self, grid: GridRun) -> None:
        try:
            attached = await self._asking.attached(grid.base.prompt)
        except BaseException:
            grid.cancel_all()  # none waits for what does not come any more
            raise
        if not self._is_of_here(grid.base):
            grid.cancel_all()  # nothing was sent, and its question is of another conversation than this one by now
            return
        changes = [Changes(options=cell.varied.options) for cell in grid.waiting]
        try:
            under_way = self._conversation.again_beside(grid.base.number, changes, attached)
        except TreeError as error:
            self._refuse(f"no grid: {error}")
            grid.cancel_all()
            return
        await grid.run(under_way)

    def compare(self, a: Turn, b: Turn) -> None:
        """Show two cells side by side."""
        turns = [compared(a), compared(b)]
        self._stage.open(CompareScreen(turns, self._copies, self._stage.keymap, self._turns.choose))

    def read(self, turn: Turn) -> None:
        """Show the answer of a cell, large, and live while it comes."""
        from workbench.ui.screens.raw import RawScreen

        self._stage.open(RawScreen(turn, self._copies, self._stage.keymap))

    def keep(self, turn: Turn) -> bool:
        """Let the conversation be the branch that ends in a cell."""
        if self._asking.busy:
            self._refuse("a turn is running: the conversation goes on from a cell once it is over")
            return False
        if not self._is_of_here(turn):
            self._refuse("the cell is no part of this conversation any more")
            return False
        try:
            self._conversation.go_to(turn.number)
        except (TreeError, RuntimeError) as error:
            self._refuse(str(error))
            return False
        self._asking.path.show_soon(self._conversation.turns)
        self._stage.say(f"the conversation goes on from turn {turn.place}")
        return True

    def left(self, grid: GridRun) -> None:
        """A grid that still runs can be looked at again; one that is over is in the tree of turns."""
        if grid is self._grid and not grid.runs:
            self._grid = None

    def copy(self, text: str) -> None:
        """Take the answer of a cell along."""
        self._copies.to_clipboard(text)


def cost_of(grid: GridRun) -> str:
    """How much a grid asks for: requests, and about how many tokens the models read for it."""
    count, steps = len(grid.cells), max(1, sum(not step.given for step in grid.base.steps))
    requests = f"{count} request{'s' if count != 1 else ''}"
    if steps > 1:
        requests = f"about {count * steps} requests, {steps} for each of {count} cells"
    return f"{requests}, about {count * tokens_about(grid.base):,} tokens to read"
