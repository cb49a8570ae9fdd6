"""One turn as lines: the question, what was thought, the answer, and notices.

Owns the order of the parts and which line is where. It knows nothing of other turns, of scrolling or of colours.
"""

from __future__ import annotations

from workbench.ui.markdown.document import Document
from workbench.ui.markdown.layout import plain_lines
from workbench.ui.markdown.model import BLANK, Line, Mark, NoticeKind, Run
from workbench.ui.markdown.thinking import Thinking
from workbench.ui.text import safe_text


class TurnView:
    """Change it, then `refresh` once. `lines(start, end)` and `height` are as of the last refresh."""

    def __init__(self, turn: int, prompt: str, width: int, *, first: bool) -> None:
        self.turn = turn
        self.answer = Document(width)
        self.thinking = Thinking(width)
        self._first = first
        self._prompt = prompt
        self._notices: list[tuple[NoticeKind, str]] = []
        self._width = width
        self._head = self._render_head()
        self._thought: list[Line] = []
        self._foot: list[Line] = []
        self._foot_stale = False

    @property
    def height(self) -> int:
        return len(self._head) + len(self._thought) + len(self.answer.lines) + len(self._foot)

    def append_thinking(self, text: str) -> None:
        self.thinking.append(text)

    def append_text(self, text: str) -> None:
        self.thinking.end()
        self.answer.append(text)

    def mark(self, mark: Mark) -> None:
        self.answer.mark(mark)

    def notice(self, kind: NoticeKind, text: str) -> None:
        self._notices.append((kind, text))
        self._foot_stale = True

    def finish(self, thinking_seconds: float | None) -> None:
        self.thinking.end(thinking_seconds)
        self.answer.finish()

    def resize(self, width: int) -> None:
        """Lay everything out anew at the next refresh."""
        if width == self._width:
            return
        self._width = width
        self._head = self._render_head()
        self.thinking.resize(width)
        self.answer.resize(width)
        self._foot_stale = True

    def refresh(self) -> int | None:
        """Bring the lines up to date; the index of the first that differs, None when none does."""
        thought = self._refresh_thinking()
        above = len(self._head) + len(self._thought)
        answer = self.answer.refresh()
        foot = self._refresh_foot()
        changes = (
            thought,
            None if answer is None else above + answer,
            None if foot is None else above + len(self.answer.lines) + foot,
        )
        return min((change for change in changes if change is not None), default=None)

    def line(self, index: int) -> Line:
        for part in (self._head, self._thought, self.answer.lines, self._foot):
            if index < len(part):
                return part[index]
            index -= len(part)
        raise IndexError(index)

    def citation_lines(self, index: int) -> list[int]:
        """The lines that show citation `index`, in order."""
        above = len(self._head) + len(self._thought)
        return [above + number for number, line in enumerate(self.answer.lines) if index in line.marks]

    @property
    def thinking_line(self) -> int:
        """The line where thinking's heading stands, or would."""
        return len(self._head)

    def _render_head(self) -> list[Line]:
        prompt = safe_text(self._prompt.replace("\r\n", "\n"))
        return [
            *([] if self._first else [BLANK]),
            _label("You", "label-user"),
            *plain_lines(prompt, self._width, ("prompt",)),
            BLANK,
            _label("Assistant", "label-assistant"),
        ]

    def _refresh_thinking(self) -> int | None:
        lines = self.thinking.render()
        before, self._thought = self._thought, lines
        if lines == before:
            return None
        same = next((n for n, pair in enumerate(zip(before, lines, strict=False)) if pair[0] != pair[1]), None)
        return len(self._head) + (min(len(before), len(lines)) if same is None else same)

    def _refresh_foot(self) -> int | None:
        if not self._foot_stale:
            return None
        self._foot_stale = False
        self._foot = [BLANK] if self.answer.lines and self._notices else []
        for kind, text in self._notices:
            self._foot += plain_lines(safe_text(text.replace("\r\n", "\n")), self._width, (f"notice-{kind}",))
        return 0


def _label(text: str, style: str) -> Line:
    return Line((Run(text, (style,)),))
