"""A cell of a grid on the screen: its settings, how far it is, and as much of its answer as there is room for."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from workbench.printing.closing import ending
from workbench.safe_text import safe_line, safe_text
from workbench.ui.grid_run import Cell
from workbench.ui.markdown.wrap import wrap_spans
from workbench.ui.widgets.fitting import beginning_of

GLYPHS: Final = {"complete": "✓", "cancelled": "■"}
STATES: Final = {"planned": "not sent yet", "waiting": "⧗ waits", "running": "⧗ running", "asked": "⏸ asks you"}
GAP: Final = 2
DOT: Final = " · "
STYLES: Final = {"complete": "$wb-success", "cancelled": "$wb-warning"}


class CellView(Widget, can_focus=True):
    """Paints `cell` as it is; whoever changes the cell says when."""

    DEFAULT_CSS = """
    CellView { border: solid $wb-rule; padding: 0 1; height: 100%; color: $wb-text; }
    CellView:focus { border: heavy $wb-here; }
    """

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell
        self.is_marked = False
        """Whether it is to be compared with another one."""

    def render(self) -> RenderResult:
        """The settings, the state with its figures, and the answer: its end while it grows, its beginning then."""
        width, height = self.content_size
        here = "▸ " if self.has_focus else ""
        marked = "● " if self.is_marked else ""
        name = Content.styled(safe_line(f"{here}{marked}{self.cell.varied.name or 'as it is'}"), "bold")
        lines = [name.truncate(width, ellipsis=True), *self._state(width)]
        return Content("\n").join([*lines[:height], *self._answer(width, height - len(lines))])

    def _state(self, width: int) -> list[Content]:
        """How it is, and its figures: behind that, or in a line below where there is no room for them."""
        cell, turn = self.cell, self.cell.turn
        if cell.failed:
            return [Content.styled(safe_line(cell.failed), "$wb-error").truncate(width, ellipsis=True)]
        if turn is None or not cell.is_over:
            ended = "■ not sent" if cell.is_over else ""
            state = Content.styled(ended or STATES.get(cell.state, ""), "$wb-dim")
        else:
            glyph = GLYPHS.get(turn.status, "✗")
            state = Content.styled(f"{glyph} {ending(turn)}", STYLES.get(turn.status, "$wb-error"))
        times, counts = self._times(), self._counts()
        room = width - state.cell_length - GAP
        if cell_len(DOT.join([*times, *counts])) <= room:
            times, counts = [*times, *counts], []
        figures = beginning_of(DOT.join(times), max(0, room))
        lines = [Content.assemble(state, " " * GAP, (figures, "$wb-dim")), Content.styled(DOT.join(counts), "$wb-dim")]
        return [line.truncate(width) for line in lines if line.plain.strip()]

    def _times(self) -> list[str]:
        """When the first token came, and how long it takes so far."""
        cell, turn = self.cell, self.cell.turn
        if turn is None:
            return []
        first = [f"first {turn.first_token:.2f} s"] if turn.first_token is not None else []
        return [*first, f"{turn.seconds if cell.is_over else cell.seconds:.1f} s"]

    def _counts(self) -> list[str]:
        """Tokens, citations, calls."""
        cell, turn = self.cell, self.cell.turn
        tokens, cited = cell.tokens, len(turn.citations) if turn is not None else 0
        return [
            *([f"{tokens[0]:,} → {tokens[1]:,} tok"] if tokens else []),
            *([f"{cited} cited"] if cited else []),
            *([f"{cell.calls} call{'s' if cell.calls > 1 else ''}"] if cell.calls else []),
        ]

    def _answer(self, width: int, room: int) -> list[Content]:
        if room <= 0 or width <= 0:
            return []
        most = 2 * width * room  # characters, which is more than there is room for
        if not self.cell.is_over:
            return _lines(self.cell.tail[-most:], width)[-room:]
        turn, error = self.cell.turn, ""
        if turn is not None and turn.error is not None:
            error = str(turn.error)
        lines = _lines(self.cell.head[:most], width)[:room]
        told = Content(safe_text(error[:most])).stylize("$wb-error").wrap(width) if error else []
        return [*lines, *told][:room]


def _lines(text: str, width: int) -> list[Content]:
    shown = safe_text(text).replace("\t", " ").strip("\n")
    return [Content(shown[start:end]) for start, end in wrap_spans(shown, width)] if shown else []
