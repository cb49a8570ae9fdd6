"""The line that says where one is in a recording that is played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from workbench.ui.widgets.fitting import most_worth

LEAST_BAR: Final = 6  # cells
GAP: Final = 2  # cells around the bar


@dataclass(frozen=True, slots=True)
class Position:
    """Behind event number `event` of `count`, which is of this `kind`, in `step`, after `seconds` of `total`.

    `stops` is how many kinds of events it pauses behind.
    """

    event: int
    count: int
    kind: str
    step: int
    seconds: float
    total: float
    speed: str
    stops: int = 0
    is_playing: bool = False

    @property
    def parts(self) -> list[tuple[str, int]]:
        """What is said, each with its worth."""
        return [
            (f"event {self.event:,} of {self.count:,}", 9),
            (self.kind, 7),
            (f"step {self.step}" if self.step else "", 5),
            (f"{self.seconds:.2f} s of {self.total:.1f} s", 8),
            (self.speed, 3),
            (f"{self.stops} {'stop' if self.stops == 1 else 'stops'}" if self.stops else "", 4),
        ]


class ReplayLine(Widget):
    """One line: a sign for playing or paused, where one is in words, and a bar."""

    DEFAULT_CSS = """
    ReplayLine { height: 1; padding: 0 1; background: $wb-panel; color: $wb-text; }
    """
    position: reactive[Position | None] = reactive(None)

    def render(self) -> RenderResult:
        """The words, those that are worth least left out where there is no room, and a bar in what is left."""
        width, here = self.content_size.width, self.position
        if here is None or not width:
            return Content("")
        sign = f"{'▶' if here.is_playing else '⏸'} "
        words = most_worth(here.parts, max(1, width - cell_len(sign)))
        room = width - cell_len(sign) - cell_len(words) - GAP
        line = Content.assemble((sign, "$wb-here"), words)
        return line if room < LEAST_BAR else Content.assemble(line, " " * GAP, *_bar(here, room))


def _bar(here: Position, cells: int) -> tuple[tuple[str, str], tuple[str, str]]:
    done = cells * here.event // max(1, here.count)
    return ("━" * done, "$wb-here"), ("─" * (cells - done), "$wb-dim")
