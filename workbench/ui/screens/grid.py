"""A grid of answers: one question under several models and settings, each cell live beside the others.

Owns the walk among the cells and which two are compared. Nothing is sent before a person has seen how much it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.safe_text import safe_line
from workbench.ui.bindings import bindings
from workbench.ui.grid_run import Cell, GridRun
from workbench.ui.hints import hints
from workbench.ui.widgets.cell_view import CellView
from workbench.ui.widgets.row import beginning
from workbench.ui.widgets.status_line import Notice, StatusLine

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.ui.keymap import Keymap

PAINT_SECONDS: Final = 0.1  # between two paints of all cells that changed
LEAST_WIDTH: Final = 36  # cells of a column
LEAST_HEIGHT: Final = 6  # lines of a row, with its border
MOST_COLUMNS: Final = 4
HEAD_ROWS: Final = 3  # the two lines above the cells, and the keys


class Desk(Protocol):
    """What the screen has done for it."""

    def send(self, grid: GridRun) -> None:
        """Begin to run the cells."""

    def compare(self, a: Turn, b: Turn) -> None:
        """Show two turns side by side."""

    def read(self, turn: Turn) -> None:
        """Show the answer of a turn, large."""

    def keep(self, turn: Turn) -> bool:
        """Go on from a turn; whether that can be."""

    def copy(self, text: str) -> None:
        """Take a text along."""

    def left(self, grid: GridRun) -> None:
        """Nobody looks at a grid any more."""


class GridScreen(ModalScreen[None]):
    """Over all else. `cost` says how much the grid asks for, before it is sent; `patience` is how much more rarely than
    usual it paints."""

    DEFAULT_CSS = """
    GridScreen { background: $wb-background; layout: vertical; }
    GridScreen .head { height: 1; padding: 0 1; background: $wb-panel; text-wrap: nowrap; text-overflow: ellipsis; }
    GridScreen #cells { layout: grid; height: 1fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("grid")]

    def __init__(self, grid: GridRun, cost: str, desk: Desk, keymap: Keymap, patience: float = 1.0) -> None:
        super().__init__()
        self._grid = grid
        self._cost = cost
        self._desk = desk
        self._keymap = keymap
        self._patience = patience
        self._views = {id(cell): CellView(cell) for cell in grid.cells}
        self._title = Static(classes="head", markup=False)
        self._told = Static(classes="head", markup=False)
        self._last = StatusLine(id="hint")
        self._changed: dict[int, Cell] = {}
        self._marked: CellView | None = None
        self._columns = 1
        self._said = ""

    def compose(self) -> ComposeResult:
        """What is asked, how much that is or how far it is, the cells, and the keys that work here."""
        yield self._title
        yield self._told
        with Container(id="cells"):
            yield from self._views.values()
        yield self._last

    def on_mount(self) -> None:
        """Show the cells as they are, and from now on what changes."""
        base = self._grid.base
        prompt, _ = beginning(" ".join(base.prompt[:400].split()))
        self._title.update(Content.assemble((f"Grid over turn {base.place}  ", "bold"), prompt))
        self._grid.changed = self._note
        self.set_interval(PAINT_SECONDS * self._patience, self._paint)
        self._arrange()
        self._show_state()
        next(iter(self._views.values())).focus()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        if self._grid.changed == self._note:  # else it is shown again already
            self._grid.changed = lambda _: None
        self._desk.left(self._grid)

    def on_resize(self, event: Resize) -> None:
        """Take as many columns as there is room for."""
        self._arrange()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """One is in another cell."""
        self._show_keys()

    # -- drawing -----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Columns as wide as they must be: as many as each model has cells, where these fit; rows that fill the rest,
        and scroll where they would be too low to read."""
        count, size = len(self._views), self.app.size
        most = max(1, min(size.width // LEAST_WIDTH, MOST_COLUMNS, count))
        of_one = self._cells_of_a_model()
        fitting = [columns for columns in range(most, 1, -1) if of_one % columns == 0]
        self._columns = fitting[0] if fitting else most
        rows = -(-count // self._columns)
        height = max(LEAST_HEIGHT, (size.height - HEAD_ROWS) // rows)
        cells = self.query_one("#cells", Container)
        cells.styles.grid_size_columns = self._columns
        cells.styles.grid_size_rows = rows
        cells.styles.grid_rows = str(height)

    def _cells_of_a_model(self) -> int:
        models = {dict(cell.varied.values).get("model", "") for cell in self._grid.cells}
        return len(self._views) // len(models)

    def _note(self, cell: Cell) -> None:
        self._changed[id(cell)] = cell

    def _paint(self) -> None:
        """Paint the cells that changed since the last time, all together."""
        if not self._changed:
            return
        changed, self._changed = self._changed, {}
        for key in changed:
            self._views[key].refresh()
        self._show_state()

    def _show_state(self) -> None:
        """Say how much the grid asks for, or how far it is."""
        said = self._state()
        if said != self._said:
            self._said = said
            self._told.update(Content(safe_line(said)))
            self._show_keys()

    def _state(self) -> str:
        cells = self._grid.cells
        if self._grid.is_planned:
            sends, leaves = self._keymap.label("open-cell"), self._keymap.label("cancel-grid")
            return f"{sends} sends, {leaves} does not: {self._cost}"  # what does not fit is left out at the end
        over = [cell for cell in cells if cell.is_over]
        if any(cell.state == "asked" for cell in cells):
            back = self._keymap.label("leave-grid")
            return f"a tool asks you: {back} goes back to its question, and the grid goes on"
        if len(over) < len(cells):
            return f"{len(over)} of {len(cells)} over"
        ends: dict[str, int] = {}
        for cell in cells:
            status = cell.turn.status if cell.turn is not None else "cancelled"
            ends[status] = ends.get(status, 0) + 1
        return "all over: " + ", ".join(f"{count} {status}" for status, count in ends.items())

    def _show_keys(self) -> None:
        self._last.keys = hints(self._keymap, "grid", self._can)

    def _can(self, id: str) -> bool:
        here = self._here.cell
        match id:
            case "compare-cells":
                return here.is_over and self._desk_has(here)
            case "keep-cell":
                return here.is_over and self._desk_has(here)
            case "cancel-cell":
                return here.state in ("waiting", "running", "asked")
            case "copy-cell":
                return bool(here.head)
            case "cancel-grid":
                return self._grid.runs
            case "open-cell":
                return not self._grid.is_planned  # until then it sends, as is said above
            case _:
                return True

    @staticmethod
    def _desk_has(cell: Cell) -> bool:
        return cell.turn is not None and bool(cell.turn.steps)

    # -- what a person does ------------------------------------------------------------------------

    @property
    def _here(self) -> CellView:
        """The cell that one is in."""
        focused = self.focused
        return focused if isinstance(focused, CellView) else next(iter(self._views.values()))

    def action_go(self, right: int, down: int) -> None:
        """Go to the cell beside this one."""
        views = list(self._views.values())
        at = views.index(self._here)
        column, row = at % self._columns + right, at // self._columns + down
        if 0 <= column < self._columns and 0 <= (to := row * self._columns + column) < len(views):
            views[to].focus()

    def action_open(self) -> None:
        """Send the requests, as long as they have not been; then show the answer of the cell, large."""
        if self._grid.is_planned:
            self._desk.send(self._grid)
            for view in self._views.values():
                view.refresh()
            self._show_state()
        elif (turn := self._here.cell.turn) is not None:
            self._desk.read(turn)

    def action_mark(self) -> None:
        """Mark the cell to be compared, or compare it with the one that is marked."""
        here, marked = self._here, self._marked
        if not self._can("compare-cells"):
            self._say("there is nothing to compare yet: this cell is not over")
            return
        self._mark(None if marked is not None else here)
        if marked is not None and marked is not here and marked.cell.turn is not None and here.cell.turn is not None:
            self._desk.compare(marked.cell.turn, here.cell.turn)
        elif marked is None:
            self._say(f"marked: {self._keymap.label('compare-cells')} on another cell compares the two")

    def _mark(self, view: CellView | None) -> None:
        for each in (self._marked, view):
            if each is not None:
                each.is_marked = each is view
                each.refresh()
        self._marked = view

    def action_keep(self) -> None:
        """Let the conversation go on from this cell."""
        turn = self._here.cell.turn
        if not self._can("keep-cell") or turn is None:
            self._say("this cell is not over: the conversation goes on from one that is")
        elif self._desk.keep(turn):
            self.dismiss()

    def action_cancel_cell(self) -> None:
        """Cancel this cell, and keep what came."""
        self._grid.cancel(self._here.cell)

    def action_cancel(self) -> None:
        """Cancel all that runs and keep what came; close the grid where nothing does."""
        if not self._grid.cancel_all():
            self.dismiss()

    def action_leave(self) -> None:
        """Back to the panes; what runs goes on."""
        self.dismiss()

    def action_copy(self) -> None:
        """Copy the answer of the cell."""
        turn = self._here.cell.turn
        self._desk.copy("" if turn is None else turn.text)

    def _say(self, text: str) -> None:
        self._last.tell(Notice(text))
