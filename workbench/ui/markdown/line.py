"""The values of rendered Markdown: marks that come in, lines that go out.

Owns no behaviour beyond looking at itself. Styles are names ("strong", "code", "cited", ...): which colours they
have is the widget's and its theme's affair, so a theme may change without rendering anything again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

Styles = tuple[str, ...]
NoticeKind = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A cited span of an answer: code points [start, end) of its source, and the numbers of its sources.

    `index` names the citation within its answer. The span is shown underlined, and `[n]` for each of
    `numbers` after it.
    """

    index: int
    start: int
    end: int
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark with the source offset of the character that its marker follows, -1 for none before it."""

    mark: Mark
    anchor: int


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look. `marks` are the indexes of the citations it is part of, as text or as marker."""

    text: str
    styles: Styles = ()
    marks: tuple[int, ...] = ()

    @property
    def is_marker(self) -> bool:
        """Whether it is the number of a citation, and not cited text."""
        return "marker" in self.styles


@dataclass(frozen=True, slots=True)
class RenderedLine:
    """One line of cells, never wider than it was rendered for. `fill` styles the rest of the row."""

    runs: tuple[Run, ...] = ()
    fill: str = ""

    @property
    def text(self) -> str:
        """Its characters as they are shown, markers among them."""
        return "".join(run.text for run in self.runs)

    @property
    def marks(self) -> frozenset[int]:
        """Indexes of the citations that are seen on this line."""
        return frozenset(index for run in self.runs for index in run.marks)

    def marks_at(self, cell: int) -> tuple[int, ...]:
        """Indexes of the citations that stand at a cell of this line."""
        for run in self.runs:
            cell -= cell_len(run.text)
            if cell < 0:
                return run.marks
        return ()


BLANK = RenderedLine()
