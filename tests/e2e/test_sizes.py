"""Sizes that follow each other quickly, in a real terminal: every cell is what Textual would draw, and as it was."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, Terminal
from tests.e2e.test_ending import READY
from tests.e2e.test_terminal import CTRL_Q, folder
from tests.resizing import in_a_terminal, sequence

__all__ = ["folder"]


@pytest.mark.parametrize("state", ["streaming", "palette"])
def test_after_bursts_of_sizes_the_screen_is_whole(state: str, project: Path, tmp_path: Path) -> None:
    chance = random.Random(state)
    environ = {**os.environ, "PYTHONPATH": str(project), "TEXTUAL_ANIMATIONS": "none"}
    sequences = [sequence(chance) for _ in range(6)]
    for _ in in_a_terminal(state, tmp_path, environ, sequences, lambda: chance.choice((0, 0, 0.02, 0.15))):
        pass


def test_a_tiny_terminal_shows_a_corner_of_the_screen(folder: Path) -> None:
    with Terminal(
        [COMMAND, "--docs", "long.yaml"], columns=100, rows=30, environ=os.environ, folder=folder
    ) as terminal:
        terminal.wait_for(*READY)
        for size in ((13, 30), (8, 24), (3, 40), (100, 30), (5, 2)):
            terminal.resize(*size)
            title = " Workbench" if size[0] > 50 else " offline"
            terminal.wait_until(lambda: terminal.text().startswith(title[: size[0]]), "nothing is drawn")  # noqa: B023
        terminal.resize(100, 30)
        terminal.wait_for("Sources", "Tools", *READY)
        terminal.press(CTRL_Q)
        assert terminal.wait_for_exit() == 0
