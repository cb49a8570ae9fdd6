"""What was asked before, walked by Up and Down; what one changes on the way stays until something is sent.

Knows no widget.
"""

from __future__ import annotations

from collections.abc import Sequence


class PromptHistory:
    """Entries, the oldest first, and behind them the draft, where one is at first."""

    def __init__(self) -> None:
        self._entries: list[str] = []
        self._changed: dict[int, str] = {}  # by place: what stands there now; the draft has the last place
        self._at = 0

    def remember(self, text: str) -> None:
        """`text` was sent or put aside: it is the newest entry, the others are as they were, the draft is empty."""
        if not self._entries or self._entries[-1] != text:
            self._entries.append(text)
        self._at = len(self._entries)
        self._changed.clear()

    def precede(self, entries: Sequence[str]) -> None:
        """There are older `entries`, the oldest first: they stand before all that are here, but for those that are."""
        both = range(min(len(entries), len(self._entries)), 0, -1)
        same = next((size for size in both if list(entries[-size:]) == self._entries[:size]), 0)
        more = list(entries[: len(entries) - same])
        self._entries[:0] = more
        self._at += len(more)
        self._changed = {at + len(more): text for at, text in self._changed.items()}

    def step(self, by: int, text: str) -> str | None:
        """Leave `text` where one is and go `by` places on; what stands there, None when there is no such place."""
        to = self._at + by
        if not 0 <= to <= len(self._entries):
            return None
        self._changed[self._at] = text
        self._at = to
        return self._changed.get(to, self._entries[to] if to < len(self._entries) else "")

    def put_aside(self) -> list[str]:
        """What stands at places that one left, as one left it."""
        return list(self._changed.values())

    def newest_first(self) -> list[str]:
        """The entries as they were sent, each once."""
        return list(dict.fromkeys(reversed(self._entries)))
