"""What a server writes beside the protocol: its standard error, and what on its standard output is no message.

Owns how much of it is kept. All is read, so that no server ever blocks on a full pipe.
"""

from __future__ import annotations

import asyncio
from typing import Final

MOST_KEPT: Final = 64_000  # bytes
_LAST_LINES: Final = 3
_LINE_WIDTH: Final = 200
_LEAST_GAP: Final = 4_096  # bytes that are let pass before the beginning is cut off


class ServerLog(asyncio.Protocol):
    """The last `MOST_KEPT` bytes of the log of a server; `length` counts all that came."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self.length = 0
        self.rubbish = ""  # the first line of its standard output that was no message

    def data_received(self, data: bytes) -> None:
        """Take in what came, and drop what is beyond the limit at the beginning."""
        self._kept += data
        self.length += len(data)
        if len(self._kept) > MOST_KEPT + _LEAST_GAP:
            del self._kept[:-MOST_KEPT]

    def not_a_message(self, line: bytes) -> None:
        """Note a line of the standard output that is no message."""
        if not self.rubbish:
            self.rubbish = line[:_LINE_WIDTH].decode("utf-8", "replace").strip()
        self.data_received(line[: MOST_KEPT // 4] + b"\n")

    def since(self, mark: int) -> tuple[str, int]:
        """What came after `mark`, a `length` of before, and how many bytes of that are no longer kept."""
        new = self.length - mark
        kept = bytes(self._kept[max(0, len(self._kept) - min(new, MOST_KEPT)) :]) if new else b""
        return kept.decode("utf-8", "replace"), new - len(kept)

    def last_words(self) -> str:
        """Its last lines, on one line; "" when it said nothing."""
        text = bytes(self._kept[-4 * _LINE_WIDTH * _LAST_LINES :]).decode("utf-8", "replace")
        lines = [line.strip()[:_LINE_WIDTH] for line in text.splitlines() if line.strip()]
        return " / ".join(lines[-_LAST_LINES:])
