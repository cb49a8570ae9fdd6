"""The last line of defence: whatever reaches the screen passes through here, as segments.

Owns only that no character which a terminal would obey, and no API key, leaves the app. Text is made safe, visibly,
where it is shown (`workbench.safe_text`); here, where widths are settled, what has no width is dropped and the rest
replaced. A key is masked before it comes here, too: what is left is what a person types, or a name holds.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from workbench.safe_text import safe_line
from workbench.secrets.redactor import Redactor


class SafeLines(LineFilter):
    """Takes control, bidi and invisible characters and keys out of every line, none of which then changes its width."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        super().__init__()
        self._redactor = redactor or Redactor()

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments of a line, as wide as before, without what must not reach a terminal."""
        if self._redactor:
            segments = self._without_keys(segments)
        if all(segment.text.isascii() and segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(_safe(text), style, control) for text, style, control in segments]

    def _without_keys(self, segments: list[Segment]) -> list[Segment]:
        line = "".join(segment.text for segment in segments)
        covered = self._redactor.covered(line)
        if covered == line:
            return segments
        start, new = 0, []
        for text, style, control in segments:
            new.append(Segment(covered[start : start + len(text)], style, control))
            start += len(text)
        return new


@lru_cache(4096)
def _safe(text: str) -> str:
    safe = safe_line(text)
    if safe == text:
        return text
    return "".join(old if old == new else new * cell_len(old) for old, new in zip(text, safe, strict=True))
