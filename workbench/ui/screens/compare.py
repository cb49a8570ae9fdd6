"""Two turns side by side: what is the same is folded away, what differs is walked.

Owns which turns stand at the left and at the right. Finding what differs and laying it out are for a thread.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.safe_text import safe_line
from workbench.sessions.side_by_side import SideBySide, marked_text, side_by_side
from workbench.ui.background import in_background
from workbench.ui.bindings import bindings
from workbench.ui.hints import WHILE_SEARCHED, hints
from workbench.ui.lines.beside import FOLDED, Beside, first_line
from workbench.ui.widgets.folding_rows import FoldingRows
from workbench.ui.widgets.row import MakeRow, Row, beginning
from workbench.ui.widgets.status_line import Notice, StatusLine

if TYPE_CHECKING:
    from textual.screen import Screen

    from workbench.conversation.turn import Turn
    from workbench.ui.copies import Copies
    from workbench.ui.keymap import Keymap

LETTERS: Final = ("A", "B")
MOST_AT_ONCE: Final = 500  # rows that are put before keys get their turn


@dataclass(frozen=True, slots=True)
class ComparedTurn:
    """A turn that is over, and what it is called: `turn 3`, or `SESSION:3` of another session."""

    name: str
    turn: Turn

    @property
    def stem(self) -> str:
        """The name as a part of that of a file."""
        return self.name.removeprefix("turn ").replace(":", "-").replace("/", "-")


Choose = Callable[[str], "Screen[ComparedTurn | None]"]
"""Makes the screen on which another turn is chosen for the side of this letter."""


class ComparedRows(FoldingRows):
    """What differs, line by line, and what is the same, folded away."""

    FOLDED: ClassVar[str] = FOLDED


class CompareScreen(ModalScreen[None]):
    """Over all else. Of more than two `turns`, the first is at the left and the others one after the other at the
    right. `copies` takes text along and says what became of it, `choose` makes the list of other turns."""

    DEFAULT_CSS = """
    CompareScreen { background: $wb-background; layout: vertical; }
    CompareScreen .side { height: 1; padding: 0 1; background: $wb-panel; text-wrap: nowrap; text-overflow: ellipsis; }
    CompareScreen RowList {
        scrollbar-color: $wb-scrollbar;
        scrollbar-background: $wb-background;
        scrollbar-background-hover: $wb-background;
        scrollbar-background-active: $wb-background;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare")]

    def __init__(self, turns: Sequence[ComparedTurn], copies: Copies, keymap: Keymap, choose: Choose) -> None:
        super().__init__()
        self._a, *others = turns
        self._others = others
        self._at = 0
        self._copies = copies
        self._keymap = keymap
        self._choose = choose
        self._sides = [Static(classes="side", markup=False) for _ in LETTERS]
        self._rows = ComparedRows(id="compared-rows", empty="⧗ comparing …")
        self._last = StatusLine(id="hint")
        self._found: SideBySide | None = None
        self._laid: Beside | None = None
        self._open: frozenset[str] = frozenset()
        self.begins: list[int] = []
        """The rows at which a difference begins."""

    def compose(self) -> ComposeResult:
        """The two turns, what differs between them, and the keys that work here."""
        yield from self._sides
        yield self._rows
        yield self._last

    def on_mount(self) -> None:
        """Find what differs."""
        self._rows.focus()
        self.watch(self._rows, "cursor", self._say, init=False)
        self._compare()

    def on_resize(self) -> None:
        """Lay it out for another width."""
        self.call_after_refresh(self._lay_out)

    def on_searching_view_searched(self) -> None:
        """Say what is looked for."""
        self._last.search = self._rows.search
        self._show_keys()

    def on_folding_rows_folded(self, message: FoldingRows.Folded) -> None:
        """Show what is the same in a stretch, or fold it away again."""
        self._open ^= {message.key}
        self._work()

    @property
    def turns(self) -> tuple[ComparedTurn, ComparedTurn]:
        """The one at the left, and the one at the right."""
        return self._a, self._others[self._at]

    # -- comparing ---------------------------------------------------------------------------------

    def _compare(self) -> None:
        """Compare the two turns of now, and show it once that is done."""
        for side, letter, each in zip(self._sides, LETTERS, self.turns, strict=True):
            side.update(_headline(letter, each, self._which if letter == "B" else ""))
        self._found = self._laid = None
        self._open, self.begins = frozenset(), []
        self._rows.clear()
        self._show_keys()
        self._work()

    @property
    def _which(self) -> str:
        return f" ({self._at + 1} of {len(self._others)})" if len(self._others) > 1 else ""

    @work(group="compare", exclusive=True)
    async def _work(self) -> None:
        """Find what differs, and lay it out, as far as that is not done; all but the rows' own putting in a thread."""
        if self._found is None:
            a, b = (each.turn for each in self.turns)
            self._found = await in_background(partial(side_by_side, a, b))
        width = self._rows.scrollable_content_region.width
        if self._laid is None or self._laid.width != width:
            self._laid = await in_background(partial(Beside, self._found.sections, width))
        rows, begins = await in_background(partial(self._laid.rows, self._open))
        await self._put(rows, begins)

    def _lay_out(self) -> None:
        width = self._rows.scrollable_content_region.width
        if self._laid is not None and self._laid.width != width:
            self._work()

    async def _put(self, rows: Mapping[str, Row | MakeRow], begins: Sequence[int]) -> None:
        here = self._rows.cursor_key
        if not self._rows.keys:
            left = iter(rows.items())
            while some := dict(islice(left, MOST_AT_ONCE)):
                with self._rows.at_once():
                    for key, row in some.items():
                        self._rows.put(key, row)
                await asyncio.sleep(0)
        else:
            self._rows.put_all(rows)
        if here is not None and here not in rows and (first := first_line(here)) in rows:
            self._rows.show(first)  # its pair has fewer lines now
        self.begins = list(begins)
        self._show_keys()

    # -- what a person does ------------------------------------------------------------------------

    def _show_keys(self) -> None:
        self._last.keys = hints(self._keymap, "compare", self._can)
        self._say()

    def _say(self) -> None:
        """Say how many differences there are, and at which one is."""
        count, here = len(self.begins), bisect_right(self.begins, self._rows.cursor)
        if self._laid is None:
            self._last.left = ""
        elif here:
            self._last.left = f"difference {here} of {count}"
        else:
            self._last.left = f"{count} difference{'s' if count != 1 else ''}" if count else "nothing differs"

    def _can(self, id: str) -> bool:
        match id:
            case "next-difference" | "previous-difference":
                return bool(self.begins)
            case "next-compared" | "previous-compared":
                return len(self._others) > 1
            case "filter" | "filter-back":
                return False
            case _:
                return id not in WHILE_SEARCHED or self._rows.search is not None

    def action_next_difference(self, by: int) -> None:
        """Stand on the next stretch that differs, or on the one before for -1."""
        here = max(0, self._rows.cursor)
        at = bisect_right(self.begins, here) if by > 0 else bisect_left(self.begins, here) - 1
        if 0 <= at < len(self.begins):
            self._rows.show(self._rows.keys[self.begins[at]])
        elif self.begins:
            self._last.tell(Notice(f"no difference {'below' if by > 0 else 'above'}"))

    def action_next_compared(self, by: int) -> None:
        """Of several turns, put the next one at the right."""
        if len(self._others) > 1:
            self._at = (self._at + by) % len(self._others)
            self._compare()

    def action_swap(self) -> None:
        """Put the turn at the left to the right, and the one at the right to the left."""
        self._a, self._others[self._at] = self._others[self._at], self._a
        self._compare()

    def action_choose(self, letter: str) -> None:
        """Choose another turn for a side."""
        self.app.push_screen(self._choose(letter), partial(self._chosen, letter))

    def _chosen(self, letter: str, turn: ComparedTurn | None) -> None:
        if turn is None:
            return
        if letter == "A":
            self._a = turn
        else:
            self._others[self._at] = turn
        self._compare()

    def action_open_all(self) -> None:
        """Show all that is the same, or fold it away again."""
        folded = frozenset(key for key in self._rows.keys if key.startswith(FOLDED))
        self._open = frozenset() if folded <= self._open else folded
        self._work()

    def action_copy(self) -> None:
        """Copy what is selected, else the pair that one stands on."""
        self._copies.to_clipboard(self.get_selected_text() or self._here())

    def _here(self) -> str:
        key = self._rows.cursor_key
        if key is None or self._laid is None:
            return ""
        pair = self._laid.pair_at(key)
        return self._rows.text(key) if pair is None else marked_text(pair)

    def action_write(self) -> None:
        """Write all of the comparison into a new file in the current folder."""
        if self._found is not None:
            a, b = self.turns
            self._copies.beside(self._found.text(a.name, b.name), f"compare-{a.stem}-{b.stem}", ".txt")


def _headline(letter: str, compared: ComparedTurn, which: str) -> Content:
    """What a side is: its name, how it ended, and what was asked."""
    turn = compared.turn
    model = str(turn.steps[0].request.get("model", "")) if turn.steps else ""
    prompt, _ = beginning(" ".join(turn.prompt[:400].split()))
    parts = filter(None, (model, turn.status, f"{turn.seconds:.1f} s"))
    return Content.assemble(
        (f"{letter} ", "bold $wb-here"),
        (safe_line(f"{compared.name}{which}"), "bold"),
        (safe_line(f"  {' · '.join(parts)}  "), "$wb-dim"),
        prompt,
    )
