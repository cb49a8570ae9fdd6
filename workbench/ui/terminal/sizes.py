"""The sizes that the screen is laid out for, whatever the terminal says that it is.

Owns the two bounds. Below the smallest, widgets of Textual and of ours would have no column left for their text,
and each would have to live with that; beyond the largest, one frame would take a second. A terminal that is smaller
shows what fits of the screen, one that is larger has it at its upper left.
"""

from __future__ import annotations

from textual.geometry import Size, clamp

SMALLEST = Size(20, 3)
LARGEST = Size(1000, 500)


def laid_out(terminal: Size) -> Size:
    """The size to lay the screen out for in a terminal of this size."""
    return Size(
        clamp(terminal.width, SMALLEST.width, LARGEST.width), clamp(terminal.height, SMALLEST.height, LARGEST.height)
    )


def shown(screen: Size, terminal: Size) -> Size:
    """How much of a screen that is laid out for `screen` a terminal shows."""
    return Size(min(screen.width, max(terminal.width, 1)), min(screen.height, max(terminal.height, 1)))
