"""What a model thought: a heading that tells its state, and plain text that is folded away unless asked for.

Owns wrapping text that grows without wrapping all of it again: only its last line is. Nothing in it is Markdown.
"""

from __future__ import annotations

from workbench.ui.markdown.layout import plain_lines
from workbench.ui.markdown.model import BLANK, Line, Run
from workbench.ui.text import safe_text

_PREVIEW = 2  # lines of the newest thinking that a folded one shows while it streams
_INDENT = Run("  ")


class Thinking:
    """Change it with `append`, `end`, `toggle` and `resize`; `render` gives its lines, none without text."""

    def __init__(self, width: int) -> None:
        self.unfolded = False
        self._width = width
        self._streaming = False
        self._seconds: float | None = None
        self._text: list[str] = []
        self._whole_lines: list[str] = []  # complete lines of text that are not yet wrapped
        self._wrapped: list[Line] = []
        self._last = ""

    def __bool__(self) -> bool:
        return bool(self._text)

    def append(self, text: str) -> None:
        if not text:
            return
        self._streaming = True
        self._text.append(text)
        *whole, self._last = (self._last + safe_text(text)).split("\n")
        self._whole_lines += whole

    def end(self, seconds: float | None = None) -> None:
        """The thinking is over; `seconds` is how long it took, when that is known."""
        self._streaming = False
        self._seconds = seconds if seconds is not None else self._seconds

    def toggle(self) -> None:
        self.unfolded = not self.unfolded

    def resize(self, width: int) -> None:
        self._width = width
        self._wrapped.clear()
        *self._whole_lines, self._last = safe_text("".join(self._text)).split("\n")

    def render(self) -> list[Line]:
        if not self:
            return []
        if self.unfolded:
            return [self._heading("▾"), *self._body(), BLANK]
        if self._streaming:
            return [self._heading("▾"), *self._preview()]
        return [self._heading("▸")]

    def _heading(self, arrow: str) -> Line:
        if self._streaming:
            state = "thinking …"
        else:
            state = "thought" if self._seconds is None else f"thought for {self._seconds:.1f} s"
        return Line((Run(f"{arrow} {state}", ("thinking-label",)),))

    def _body(self) -> list[Line]:
        for line in self._whole_lines:
            self._wrapped += self._wrap(line)
        self._whole_lines.clear()
        return [*self._wrapped, *(self._wrap(self._last) if self._last else ())]

    def _preview(self) -> list[Line]:
        """The newest lines: enough text for them is wrapped, never all of it."""
        text = self._last[-_PREVIEW * self._width :]
        return self._wrap(text.lstrip())[-_PREVIEW:] if text.strip() else []

    def _wrap(self, text: str) -> list[Line]:
        lines = plain_lines(text, self._width - len(_INDENT.text), ("thinking",))
        return [Line((_INDENT, *line.runs)) for line in lines]
