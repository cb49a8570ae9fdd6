"""What stands in an empty chat: what answers, questions to begin with, the last conversations, the keys that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.selection import Selection
from textual.widget import Widget

from workbench.safe_text import safe_line
from workbench.ui.markdown.line import RenderedLine, Run, taken_along
from workbench.ui.widgets.row import joints

Pair = tuple[str, str]
"""What stands at the left, such as a key, and what it stands for."""

INDENT = "  "
GAP = 2  # cells between the columns


@dataclass(frozen=True, slots=True)
class StartWords:
    """What an empty chat says; each part may be empty."""

    notes: Sequence[str] = ()
    questions: Sequence[Pair] = field(default=())
    sessions: Sequence[Pair] = field(default=())
    keys: Sequence[Pair] = field(default=())


class StartPage(Widget):
    """Draws its `words`: groups of lines, each cut to the width, with titles where there is something below them."""

    DEFAULT_CSS = """
    StartPage { height: auto; padding: 1 1 0 1; }
    """
    words: reactive[StartWords] = reactive(StartWords(), layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """How many lines all groups take at `width` cells."""
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """The groups, one below the other."""
        return Content("\n").join(self._lines(self.content_size.width))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse selected, each note as the one line that it is."""
        lines = [line.plain for line in self._lines(self.content_size.width)]
        taken = [RenderedLine((Run(line),), lead=len(line) - len(line.lstrip())) for line in lines]
        at = 0
        for note in self.words.notes:
            shown = [line.plain for line in self._wrapped(note, self.content_size.width)]
            for glue in joints(shown, safe_line(note)):
                taken[at] = RenderedLine(taken[at].runs, glue=glue)
                at += 1
        spans = ((line, span) for y, line in enumerate(taken) if (span := selection.get_span(y)) is not None)
        return taken_along(spans), "\n"

    @staticmethod
    def _wrapped(note: str, width: int) -> list[Content]:
        return Content(safe_line(note)).wrap(max(2, width))

    def _lines(self, width: int) -> list[Content]:
        words, lines = self.words, []
        for note in words.notes:
            lines += self._wrapped(note, width)
        for title, pairs in (("Ask", words.questions), ("Go on with", words.sessions)):
            if pairs:
                lines += [Content(""), Content.styled(title, "bold"), *_columns(pairs, width)]
        if words.keys:
            named = [Content.assemble((safe_line(key), "$wb-here"), f" {safe_line(does)}") for key, does in words.keys]
            lines += [Content(""), Content.assemble(("Keys", "bold"), INDENT, Content(INDENT).join(named))]
        return lines


def _columns(pairs: Sequence[Pair], width: int) -> list[Content]:
    """A line for each pair, the left column as wide as its widest word."""
    shown = [(Content(safe_line(left)), Content(safe_line(right))) for left, right in pairs]
    widest = max(left.cell_length for left, _ in shown)
    return [
        Content.assemble(INDENT, (left.plain, "$wb-here"), " " * (widest - left.cell_length + GAP), right).truncate(
            max(2, width), ellipsis=True
        )
        for left, right in shown
    ]
