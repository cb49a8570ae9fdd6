"""A question asked again under several settings at once: a cell for each, run side by side, and what came of it so far.

Owns running and cancelling the cells. It draws nothing, and keeps of a growing answer only what a cell shows of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from workbench.events import ContentDelta, Event, PersonAnswered, PersonAsked, ToolStarted, TurnEnd

if TYPE_CHECKING:
    from workbench.config.varied import Varied
    from workbench.conversation.turn import Turn
    from workbench.conversation.under_way import UnderWay

State = Literal["planned", "waiting", "running", "asked", "over"]
"""Not sent, waits until others are over, runs, waits for what a person is asked, or is over."""

TAIL: Final = 4000  # characters of an answer's beginning, and of its end, that are kept apart
_LOGGER: Final = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Cell:
    """One choice of settings, and the turn that is asked with it once it is sent."""

    varied: Varied
    under_way: UnderWay | None = None
    state: State = "planned"
    seconds: float = 0.0
    calls: int = 0
    failed: str = ""
    head: str = ""
    """The beginning of the answer so far."""
    _tail: list[str] = field(default_factory=list)
    _kept: int = 0

    @property
    def turn(self) -> Turn | None:
        """The turn, of which there is something once the cell runs."""
        return None if self.under_way is None or self.state in ("planned", "waiting") else self.under_way.turn

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.state == "over"

    @property
    def tail(self) -> str:
        """The end of the answer so far."""
        if len(self._tail) > 1:
            self._tail = ["".join(self._tail)[-TAIL:]]
            self._kept = len(self._tail[0])
        return self._tail[0] if self._tail else ""

    @property
    def tokens(self) -> tuple[int, int] | None:
        """The tokens that were read and written, once the server has told them."""
        return None if self.turn is None or not self.is_over else tokens_of(self.turn.usage())

    def take(self, event: Event) -> None:
        """Note what an event means for what is shown."""
        self.seconds = max(self.seconds, event.t)
        match event:
            case ContentDelta(text=text) if text:
                self._tail.append(text)
                self._kept += len(text)
                if len(self.head) < TAIL:
                    self.head += text
                if self._kept > 4 * TAIL:  # so that nobody has to look for it to stay small
                    _ = self.tail
            case ToolStarted():
                self.calls += 1
            case PersonAsked():
                self.state = "asked"
            case TurnEnd():
                self.state = "over"
        if self.state == "waiting" or (self.state == "asked" and isinstance(event, PersonAnswered)):
            self.state = "running"


class GridRun:
    """The cells of one grid over the turn `base`. `changed` is told of each cell of which something is new."""

    def __init__(self, base: Turn, choices: Sequence[Varied]) -> None:
        self.base = base
        self.cells = [Cell(each) for each in choices]
        self.changed: Callable[[Cell], object] = lambda _: None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_planned(self) -> bool:
        """Whether nothing was sent."""
        return all(cell.state == "planned" for cell in self.cells)

    @property
    def runs(self) -> bool:
        """Whether a cell runs, or waits for that."""
        return any(cell.state not in ("planned", "over") for cell in self.cells)

    @property
    def waiting(self) -> list[Cell]:
        """The cells that are to be run."""
        return [cell for cell in self.cells if cell.state == "waiting"]

    def begin(self) -> None:
        """All cells are to be run from now on."""
        for cell in self.cells:
            cell.state = "waiting"

    async def run(self, under_way: Sequence[UnderWay]) -> None:
        """Run the cells that wait, each as its turn in `under_way`; returns when all are over."""
        cells = self.waiting
        for cell, each in zip(cells, under_way, strict=True):
            cell.under_way = each
        self._tasks = {
            asyncio.create_task(self._follow(cell, each)) for cell, each in zip(cells, under_way, strict=True)
        }
        if not self._tasks:
            return
        try:
            await asyncio.wait(self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    def cancel(self, cell: Cell) -> bool:
        """Stop a cell; what came of it stays. Returns whether there was anything to stop."""
        if cell.state in ("planned", "over"):
            return False
        if cell.under_way is not None:
            return cell.under_way.cancel()
        cell.state = "over"
        self.changed(cell)
        return True

    def cancel_all(self) -> bool:
        """Stop every cell that runs or waits. Returns whether there was one."""
        stopped = [self.cancel(cell) for cell in self.cells]
        return any(stopped)

    async def _follow(self, cell: Cell, under_way: UnderWay) -> None:
        try:
            async with aclosing(under_way.events()) as events:
                async for event in events:
                    cell.take(event)
                    self.changed(cell)
        except Exception as error:
            _LOGGER.error("a cell of a grid failed by a fault of this program", exc_info=error)
            cell.failed = f"a fault of this program: {type(error).__name__}"
        finally:
            cell.state = "over"
            self.changed(cell)


def tokens_of(usage: Mapping[str, Any]) -> tuple[int, int] | None:
    """The tokens that were read and written, of a turn's usage; None where it does not say."""
    counted = usage.get("tokens") or usage.get("billed_units")
    if not isinstance(counted, Mapping):
        return None
    read, written = (counted.get(name) for name in ("input_tokens", "output_tokens"))
    numbers = [int(each) if isinstance(each, int | float) else 0 for each in (read, written)]
    return (numbers[0], numbers[1]) if any(numbers) else None


def tokens_about(turn: Turn) -> int:
    """About how many tokens the model reads to answer the question of `turn` once more: as many as it read then, or a
    guess by the characters of what was sent."""
    counted = tokens_of(turn.usage())
    if counted is not None and counted[0]:
        return counted[0]
    import json

    sent = sum(len(json.dumps(step.request, default=str, ensure_ascii=False)) for step in turn.steps)
    return (sent or len(turn.prompt)) // CHARACTERS_A_TOKEN


CHARACTERS_A_TOKEN: Final = 4
