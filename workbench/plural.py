"""How many of something there are, in words: one place for the number, its commas and the plural."""

from __future__ import annotations


def plural(count: int, one: str, many: str = "") -> str:
    """As "1 passage" and "2,000 passages"; `many` where the plural is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
