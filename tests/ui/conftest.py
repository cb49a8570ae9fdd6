"""What all tests of the screen share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def apps_that_have_ended_are_collected() -> Iterator[None]:
    """An app keeps what exists at its start, which stays as long as it does. Here some hundred follow each other:
    what they were would only be looked for at the very end, among all that was loaded."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("freeze", "unfreeze"):
            patched.setattr(gc, name, lambda: None)
        yield
