"""A text area whose editing keys do what they do at a shell's prompt: by words and lines, with what was deleted kept.

Owns these edits. Which key does what is said in the table of actions. Lines are those of the text, not of the screen.
"""

from __future__ import annotations

from textual.geometry import Offset
from textual.widgets import TextArea

from workbench.ui.widgets.words import Killed, argument_start, word_end, word_start


class LineEditor(TextArea):
    """Each action leaves the cursor where a person goes on, and can be undone."""

    KILLS = frozenset({"kill_word_left", "kill_argument_left", "kill_word_right", "kill_line_left", "kill_line_right"})
    """The actions whose deletions are one text when they come in a row."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # as Textual's
        self._killed = Killed()

    def ends_kills(self, action: str) -> None:
        """`action`, or a character for "", comes next: unless it kills, the next one that does joins nothing."""
        if action not in self.KILLS:
            self._killed.end()

    @property
    def killed(self) -> str:
        """What was deleted last, and is put back by `yank`."""
        return self._killed.text

    @property
    def offset_in_text(self) -> int:
        """Where the cursor stands, in code points of the text."""
        row, column = self.cursor_location
        return sum(len(self.document[above]) + 1 for above in range(row)) + column

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Show the cursor, where it stands in the text."""
        # The scroll bar that goes with the lines which undo takes asks for it before the cursor has left them.
        if self.cursor_location[0] >= self.document.line_count:
            return Offset()
        return super().scroll_cursor_visible(center, animate)

    def whole_range(self, start: int, end: int) -> tuple[int, int]:
        """A range that is to be deleted, widened to what cannot be cut. Here everything can."""
        return start, end

    def move_to(self, offset: int) -> None:
        """Put the cursor there."""
        self.move_cursor(self._location(offset))

    def action_word_left(self) -> None:
        """To the beginning of the word."""
        self.move_to(word_start(self.text, self.offset_in_text))

    def action_word_right(self) -> None:
        """To the end of the word."""
        self.move_to(word_end(self.text, self.offset_in_text))

    def action_line_start(self) -> None:
        """To the beginning of the line."""
        self.move_cursor((self.cursor_location[0], 0))

    def action_line_end(self) -> None:
        """To the end of the line."""
        row = self.cursor_location[0]
        self.move_cursor((row, len(self.document[row])))

    def action_kill_word_left(self) -> None:
        """Delete to the beginning of the word."""
        self._kill_from(word_start(self.text, self.offset_in_text))

    def action_kill_argument_left(self) -> None:
        """Delete what stands before the cursor, up to a blank."""
        self._kill_from(argument_start(self.text, self.offset_in_text))

    def action_kill_word_right(self) -> None:
        """Delete to the end of the word."""
        self._kill_to(word_end(self.text, self.offset_in_text))

    def action_kill_line_left(self) -> None:
        """Delete to the beginning of the line; there, the end of the line above."""
        at, column = self.offset_in_text, self.cursor_location[1]
        self._kill_from(max(0, at - (column or 1)))

    def action_kill_line_right(self) -> None:
        """Delete to the end of the line; there, that end."""
        row, column = self.cursor_location
        self._kill_to(self.offset_in_text + (len(self.document[row]) - column or 1))

    def action_yank(self) -> None:
        """Put back what was deleted last."""
        if self._killed.text:
            self.replace(self._killed.text, *self.selection, maintain_selection_offset=False)

    def action_transpose(self) -> None:
        """Change the characters before and behind the cursor; at the end of a line, the last two."""
        row, column = self.cursor_location
        line = self.document[row]
        second = min(column, len(line) - 1)
        if column and second:
            changed = line[second] + line[second - 1]
            self.replace(changed, (row, second - 1), (row, second + 1), maintain_selection_offset=False)

    def _kill_from(self, start: int) -> None:
        self._kill(start, self.offset_in_text, forward=False)

    def _kill_to(self, end: int) -> None:
        self._kill(self.offset_in_text, min(end, len(self.text)), forward=True)

    def _kill(self, start: int, end: int, *, forward: bool) -> None:
        """Delete that, or what is selected in its place, and keep it."""
        selection, (start, end) = self.selection, self.whole_range(start, end)
        between = (self._location(start), self._location(end)) if selection.is_empty else tuple(selection)
        deleted = self.delete(*between, maintain_selection_offset=False)
        self._killed.take(deleted.replaced_text, forward=forward)

    def _location(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        return before.count("\n"), offset - (before.rfind("\n") + 1)
