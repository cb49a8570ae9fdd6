"""Make the pictures from the installed command in a real terminal: `python -m tests.screenshots`.

Dark and light, in true colour, where the terminal says what its ground is, and in the 256 colours of tmux over SSH,
where it says nothing and the theme goes by its own letters and ground. What things took is what they took.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.e2e.terminal import COMMAND, TRUE_COLOUR, Terminal
from tests.pictures import DARK, LIGHT, Ground, picture
from tests.tour import OVER_SSH, ROOT, press

FOLDER: Final = ROOT / "screenshots"
WIDE, NARROW = (120, 36), (80, 24)
HANDBOOK: Final = ("--docs", "config/docs.yaml")
LIBRARY: Final = ("--docs", "config/library.yaml", "--tools", "config/tools.yaml", "--yes")
ONLY_LIBRARY: Final = ("--docs", "config/library.yaml")
QUESTION: Final = "What does a library card cost, and can I borrow games?"
TOOLS_QUESTION: Final = "What are the opening hours of the library, and how much is 12 km in mi?"
GAMES: Final = "Can I borrow games?"
SETTLED: Final = 0.6  # seconds in which what a key changed has been painted
ASKS_GROUND: Final = b"\x1b]11;?\x1b\\"


@dataclass(frozen=True, slots=True)
class Looks:
    """A terminal: its ground, how many colours it has, its size."""

    ground: Ground
    colours: str
    size: tuple[int, int]

    @property
    def kind(self) -> Mapping[str, str]:
        """What the environment says of it."""
        return TRUE_COLOUR if self.colours == "truecolor" else OVER_SSH

    def path(self, name: str) -> Path:
        """Where its picture of that name is."""
        narrow = "-80x24" if self.size == NARROW else ""
        return FOLDER / f"{name}-{self.colours}-{self.ground.name}{narrow}.svg"


ALL_LOOKS: Final = tuple(
    Looks(ground, colours, size)
    for size in (WIDE, NARROW)
    for colours in ("truecolor", "256")
    for ground in (DARK, LIGHT)
)


def opened(looks: Looks, arguments: Sequence[str], home: Path) -> Terminal:
    """A terminal with the program, which has been told the ground when this one tells it, and is ready."""
    environ = {name: value for name, value in os.environ.items() if name not in ("COLORFGBG", "NO_COLOR", "TMUX")}
    places = {f"XDG_{name}_HOME": str(home / name) for name in ("STATE", "CONFIG", "CACHE", "DATA")}
    columns, rows = looks.size
    terminal = Terminal(
        [COMMAND, *arguments],
        columns=columns,
        rows=rows,
        environ={**environ, **places, "HOME": str(home)},
        folder=ROOT,
        kind=looks.kind,
    )
    if looks.colours == "truecolor":
        terminal.wait_until(lambda: ASKS_GROUND in terminal.written, "the ground was not asked for")
        red, green, blue = (looks.ground.ground[at : at + 2] for at in (1, 3, 5))
        terminal.press(f"\x1b]11;rgb:{red}/{green}/{blue}\x1b\\")
    terminal.wait_for("Alt+1", "F1 help")
    return terminal


def ask(terminal: Terminal, question: str, *sees: str) -> None:
    """Ask, and wait for what comes, the end of the turn at last."""
    for each in (question, "Enter"):
        press(terminal, each)
    for words in (*sees, "streaming", "✓ complete"):
        terminal.wait_for(words)


def handbook(terminal: Terminal) -> Iterator[str]:
    """The start, an answer on its way, a citation with its passage, the events; yields the name of each."""
    yield "start"
    press(terminal, "Alt+1")
    terminal.wait_for("streaming", "[1]")
    terminal.watch(SETTLED)
    yield "streaming"
    terminal.wait_for("✓ complete")
    press(terminal, "]")
    terminal.wait_for("Enter source")
    yield "cited"
    for key in ("F5", "Home", "Down", "Down", "Space"):
        press(terminal, key)
    terminal.wait_for('{"id"')
    yield "events"


def library(terminal: Terminal) -> Iterator[str]:
    """A turn with two tools, and the first of what it cites."""
    ask(terminal, QUESTION)
    ask(terminal, TOOLS_QUESTION, "opening_hours")
    if terminal.screen.columns > NARROW[0]:
        press(terminal, "]")
        terminal.wait_for("Enter source")
    else:
        press(terminal, "F3")
        terminal.wait_for("✓ convert_units", "Space open")
    yield "tools"


def bench(terminal: Terminal) -> Iterator[str]:
    """Two turns compared, one asked under several settings, the tree of them all, the settings, the sessions."""
    ask(terminal, QUESTION)
    ask(terminal, GAMES)
    press(terminal, "F2")
    press(terminal, "c")
    terminal.wait_for("turn 1", "turn 2", "differences")
    yield "compare"
    press(terminal, "Esc")
    ask_grid(terminal)
    yield "grid"
    press(terminal, "q")
    press(terminal, "F2")
    press(terminal, "t")
    terminal.wait_for("Tree", "temperature")
    yield "tree"
    press(terminal, "Esc")
    terminal.watch(SETTLED)
    press(terminal, "F9")
    terminal.wait_for("Settings", "temperature")
    yield "settings"
    press(terminal, "Esc")
    terminal.watch(SETTLED)
    press(terminal, "F10")
    terminal.wait_for("Sessions", "8 turns")
    yield "sessions"


def ask_grid(terminal: Terminal) -> None:
    """Ask the last turn under two models and three temperatures, and wait for all of them."""
    terminal.watch(SETTLED)
    for each in ("Esc", "/grid model=command-a-03-2025,command-r7b-12-2024 temperature=0,0.5,1", "Enter"):
        press(terminal, each)
        terminal.watch(SETTLED)  # an Escape is not to be the Alt of what follows
    terminal.wait_for("6 requests")
    press(terminal, "Enter")
    terminal.wait_for("6 complete")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for looks in ALL_LOOKS:
        for arguments, play in ((HANDBOOK, handbook), (LIBRARY, library), (ONLY_LIBRARY, bench)):
            with tempfile.TemporaryDirectory() as home, opened(looks, arguments, Path(home)) as terminal:
                for name in play(terminal):
                    terminal.watch(SETTLED)
                    path = looks.path(name)
                    path.write_text(picture(terminal.screen, looks.ground), "utf-8")
                    print(path.relative_to(ROOT), f"{path.stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
