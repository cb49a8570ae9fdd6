"""A small list over the prompt: what may be typed there, the chosen one marked. The prompt has the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from workbench.safe_text import safe_line

if TYPE_CHECKING:
    from workbench.ui.widgets.choices import Choice

MOST_ROWS: Final = 6
ROOMY_ROWS: Final = 14
BEFORE_HIT: Final = 12  # characters that are shown before a hit that would stand beyond the end of its row
GAP: Final = 2


class ChoiceList(Widget):
    """`title` says what the choices are; it is not there while there are neither."""

    DEFAULT_CSS = """
    ChoiceList { height: auto; padding: 0 1; display: none; border-top: solid $wb-rule; color: $wb-text; }
    ChoiceList.-short { border-top: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = ""
        self._choices: Sequence[Choice] = ()
        self._at = 0
        self._widest = 0  # cells of a label beside which a note stands
        self.is_walked = False
        """Whether somebody moved in it."""

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose."""
        return bool(self._choices)

    @property
    def chosen(self) -> Choice | None:
        """The one that would be taken."""
        return self._choices[self._at] if self._choices else None

    def put(self, choices: Sequence[Choice], title: str) -> None:
        """Offer these, the first one chosen; the same as before stay as they are."""
        if list(choices) == list(self._choices) and title == self._title:
            return
        self._choices, self._title, self._at, self.is_walked = choices, title, 0, False
        self._widest = max((Content(each.shown).cell_length for each in choices if each.note), default=0)
        self.set_class(self._is_short, "-short")
        self.display = bool(choices) or bool(title)
        self.refresh(layout=True)

    def clear(self) -> None:
        """Offer nothing any more."""
        self.put((), "")

    def move(self, by: int) -> None:
        """Choose the one so many places on, round from the last to the first."""
        if self._choices:
            self._at, self.is_walked = (self._at + by) % len(self._choices), True
            self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The title, and a row for each choice, of more than there is room for those around the chosen one."""
        return self._has_title + min(len(self._choices), self._most)

    @property
    def _is_short(self) -> bool:
        """Whether the screen has room for what is chosen and nothing around it."""
        return self.is_attached and self.screen.size.height < ROOMY_ROWS

    @property
    def _has_title(self) -> bool:
        return bool(self._title) and not (self._is_short and self._choices)

    @property
    def _most(self) -> int:
        return max(1, min(MOST_ROWS, self.screen.size.height // 4))

    def render(self) -> RenderResult:
        """The choices below their title."""
        width = max(1, self.content_size.width)
        first = max(0, min(self._at - self._most // 2, len(self._choices) - self._most))
        rows = [self._row(place, width) for place in range(first, min(first + self._most, len(self._choices)))]
        count = f" · {self._at + 1} of {len(self._choices)}" if len(self._choices) > self._most else ""
        title = [Content.styled(f"{self._title}{count}", "$wb-dim").truncate(width, ellipsis=True)]
        return Content("\n").join([*(title if self._has_title else ()), *rows])

    def _row(self, place: int, width: int) -> Content:
        choice = self._choices[place]
        note = Content.styled(safe_line(choice.note), "$wb-dim").truncate(width // 2, ellipsis=True)
        room = max(1, width - GAP - (note.cell_length + GAP if note else 0))
        label = Content(safe_line(choice.shown))
        for start, end in choice.hits:
            label = label.stylize("bold underline $wb-cite", start, end)
        if choice.hits and choice.hits[0][1] > room - 1:
            label = Content.assemble("…", label[max(0, choice.hits[0][0] - BEFORE_HIT) :])
        label = label.truncate(room, ellipsis=True)
        label = label.pad_right(max(0, min(self._widest, room) - label.cell_length)) if note else label
        if place != self._at:
            return Content.assemble("  ", label, " " * GAP, note) if note else Content.assemble("  ", label)
        mark = Content.styled("▸ ", "bold $wb-here")
        label = label.stylize("bold")
        return Content.assemble(mark, label, " " * GAP, note) if note else Content.assemble(mark, label)
