"""When the garbage collector runs: not while the program starts, and never over what then stays for good.

Owns the collector's state, for the app alone: a command without a screen is over before it would matter.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# New objects before a pass over them, how many such passes go before one over what these left, and how many of those
# before one over everything. Python's own 700 would mean a pass for every screen that is painted, and a quarter of ours
# costs three times as much, since more is in use for the moment. The second number decides how long the longest pass
# takes in which no key is read: about 20 ms with 4, and 60 with Python's 10.
THRESHOLDS: Final = (20_000, 4, 600)
_BEFORE: Final = gc.get_threshold()


@contextmanager
def paused() -> Iterator[None]:
    """Within, nothing is collected until `keep` is called: what is made are modules and classes, and they stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def keep() -> None:
    """Let the collector run, but never again over what exists now, until `release`. For when much was made that stays.

    What could be collected now stays too. It is not looked for: that walks every object, and no key is read meanwhile.
    """
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()


def release() -> None:
    """As it was before the app: what was kept may be collected."""
    gc.unfreeze()
    gc.set_threshold(*_BEFORE)
