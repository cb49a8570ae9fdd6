"""What all tests in a real terminal share."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.conftest import PROJECT
from tests.e2e.terminal import Terminal
from tests.loaded import LoadedProgram

# Where the start of the program is the matter: what it reads then, what starts it, and what README says of it.
STARTS_ANEW = {"environment", "first_keys", "renaming", "stopping", "terminal", "tour"}


@pytest.fixture(scope="session")
def loaded_screen() -> Iterator[LoadedProgram]:
    """The program with its screen, for terminals that need not wait until it has imported them."""
    with LoadedProgram(PROJECT, screen=True) as program:
        yield program


@pytest.fixture(autouse=True)
def forked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In most modules, terminals start the program from the one that is loaded."""
    if sys.platform == "linux" and request.path.stem.removeprefix("test_") not in STARTS_ANEW:
        monkeypatch.setattr(Terminal, "program", request.getfixturevalue("loaded_screen"))
