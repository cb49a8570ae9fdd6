"""The sources pane: what is cited and how often, then what is not, each with its passage and the cited words in it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget

from workbench.ui import messages
from workbench.ui.bindings import bindings
from workbench.ui.panes.filters import ALL, Filter, beside, counted, with_word
from workbench.ui.panes.pane import Pane
from workbench.ui.terminal.textual_inside import set_once
from workbench.ui.widgets.folding_rows import FoldingRows
from workbench.ui.widgets.row import Row
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.documents.chain import State
    from workbench.documents.ledger import LedgerEntry
    from workbench.documents.quotes import Quote
    from workbench.events import Cited
    from workbench.ui.panes.source_row import SourceRow
    from workbench.ui.panes.source_rows import SourceRows

REFRESH_SECONDS = 0.1
SLICE_SECONDS = 0.008  # in which words are looked for before keys get their turn
NEXT_SECONDS = 0.02
UNSENT: Final = "not sent"
"""The key of the row that counts what was found and not sent, and holds it."""

EMPTY: Final = "What is sent and what is cited appears here."
SIGNS: Final[Mapping[State, str]] = MappingProxyType({"cited": "●", "not cited": "○", "not sent": "◌", "unused": "·"})
MOST_QUOTES = 20  # citations of one source whose words are marked while none of them is chosen


class SourceList(FoldingRows):
    """Rows of sources, from which keys lead back to the answer and to the question."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("sources")]
    FOLDED: ClassVar[str] = UNSENT


class SourcesPane(Pane):
    """The ledger of a turn."""

    TITLE: ClassVar[str] = "Sources"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = SourceList(id="sources-rows", empty=EMPTY)
        self.rows.can_filter = True
        self._filter: Filter[LedgerEntry] = ALL
        self._cited: dict[int, list[Cited]] = {}
        self._chosen: dict[int, Cited] = {}
        self._made: SourceRows | None = None
        self._waiting = False
        self._shows_unsent = False

    def body(self) -> Widget:
        """The list of sources."""
        return self.rows

    @property
    def keeps_room(self) -> bool:
        """While the turn runs, that leads from this pane to the other one."""
        return self.is_running

    def draw(self) -> None:
        """List the sources of the turn anew."""
        self._take_citations()
        self._shows_unsent = False
        self.rows.clear()
        self._show()

    def rewind(self, turn: Turn) -> None:
        """Show the sources of the turn as they were; rows that are open stay so."""
        self.latest = self.shown = turn
        self._take_citations()
        self._show()

    def _take_citations(self) -> None:
        citations = self.shown.citations if self.shown is not None else ()
        self._cited, self._chosen = {}, {}
        for cited in citations:
            self._keep(cited)
        self._made = None

    def on_request_sent(self, message: messages.RequestSent) -> None:
        """Show the documents that were sent."""
        self._changed(message)

    def on_citation_arrived(self, message: messages.CitationArrived) -> None:
        """Show how often each source is cited by now."""
        self._changed(message)

    def on_citation_placed(self, message: messages.CitationPlaced) -> None:
        """Keep the cited words, by which a source's passage is shown where it supports them."""
        if not self.is_stale(message):
            self._keep(message.event)
        self._changed(message)

    def _keep(self, cited: Cited) -> None:
        for number in cited.numbers:
            known = self._cited.setdefault(number, [])
            if len(known) < MOST_QUOTES and all(
                (each.text, each.sources) != (cited.text, cited.sources) for each in known
            ):
                known.append(cited)

    def on_tool_returned(self, message: messages.ToolReturned) -> None:
        """Show what the tool returned as a source."""
        self._changed(message)

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        """Show the sources as they are at the end."""
        if not self.is_stale(message):
            self._show()

    def open_source(self, turn: Turn, number: int, cited: Cited) -> bool:
        """Stand on a source of `turn`, its passage open at the words that support a citation."""
        if turn is not self.shown:
            self.show(turn)
        self._chosen = {number: cited}
        entry = next((e for e in self._entries() if e.number == number), None)
        if entry is not None and not self._filter.passes(entry):
            self._take(ALL)  # what one walks to is not hidden
        self._show()
        return entry is not None and self.rows.show(entry.key, unfold=True)

    def on_folding_rows_folded(self, message: FoldingRows.Folded) -> None:
        """Show what was found and not sent behind the row that counts it, or fold it away again."""
        self._shows_unsent = not self._shows_unsent
        self._show()
        if self._shows_unsent and message.key in self.rows.keys:
            self.rows.see(message.key, self.rows.keys[-1])

    def on_row_list_filter_asked(self, message: RowList.FilterAsked) -> None:
        """Show those of one state, as those that are cited, those with the word that is looked for, or all."""
        filters: list[Filter[LedgerEntry]] = [ALL, *self._of_states(), *with_word(self.rows, self._plain_row)]
        self._take(beside(self._filter.name, filters, message.by))
        self._show()

    def _of_states(self) -> Iterator[Filter[LedgerEntry]]:
        """A filter for each state that a source is in, and one for those that are cited."""
        from workbench.documents.chain import STATES, by_state, state_of

        there = by_state(self._entries())
        for state in STATES:
            if state in there or state == "cited":
                yield Filter(state, lambda entry, state=state: state_of(entry) == state)  # type: ignore[misc]

    def _take(self, which: Filter[LedgerEntry]) -> None:
        self._filter = which
        shows = self.keymap.short("filter")
        others = f": {shows} shows others" if shows else ""
        self.rows.empty = f"No source is {which.name}{others}." if which.name else EMPTY

    @staticmethod
    def _plain_row(entry: LedgerEntry) -> SourceRow:
        from workbench.ui.panes.source_rows import AskedSource

        return AskedSource(entry, (), "", names_set=True).row(None)

    # -- showing -----------------------------------------------------------------------------------

    def _changed(self, message: messages.EventMessage[Any]) -> None:
        """Show the ledger soon: many events in one burst are one change."""
        if not self._waiting and not self.is_stale(message):
            self._waiting = True
            set_once(self, REFRESH_SECONDS * self.patience, self._show)

    def _entries(self) -> tuple[LedgerEntry, ...]:
        return self.shown.ledger.entries() if self.shown is not None else ()

    def _show(self) -> None:
        self._waiting = False
        entries = self._entries()
        shown = entries if self._filter is ALL else tuple(filter(self._filter.passes, entries))
        rows, waits = self._all_rows(shown)
        self.rows.put_all(rows)
        if waits and not self._waiting:
            self._waiting = True
            set_once(self, NEXT_SECONDS, self._show)
        if not waits:
            self.all_is_shown()
        hidden = counted(len(shown), len(entries), self._filter.name) if self._filter is not ALL else ""
        counts = hidden or _counts(entries, self._unplaced())
        self.summarise(self.which + counts if counts else self.which.removesuffix(" · "))

    def _all_rows(self, shown: Sequence[LedgerEntry]) -> tuple[dict[str, Row], bool]:
        """The rows, and whether some wait, as of `_rows`. What was not sent is counted, and stands behind that once it
        is asked for: all that the answer may rest on comes before it."""
        unsent = [each for each in shown if each.number is None and not each.sent] if self._filter is ALL else []
        if not unsent:
            return self._rows(shown)
        rows, waits = self._rows(shown[: -len(unsent)])
        rows[UNSENT] = self._counting(unsent)
        if not self._shows_unsent:
            return rows, waits
        below, some_wait = self._rows(unsent, headed=False)
        return rows | below, waits or some_wait

    def _counting(self, unsent: Sequence[LedgerEntry]) -> Row:
        """The row that stands for what was found and not sent."""
        from workbench.documents.chain import STATES

        key = self.keymap.short("fold-row")
        offered = f"  {key} shows {'it' if len(unsent) == 1 else 'them'}" if key and not self._shows_unsent else ""
        counted = f" {SIGNS['not sent']} {STATES['not sent']} · {len(unsent)}"
        held = "" if self._shows_unsent else "\n".join(f"{entry.title}\n{entry.text}" for entry in unsent)
        head = Content.styled(counted + offered, "muted")
        copied, found = partial(str, held or counted), partial(str, held)
        return Row(head, holds=not self._shows_unsent, copied=copied, said=counted, found=found)

    def _rows(self, entries: Sequence[LedgerEntry], *, headed: bool = True) -> tuple[dict[str, Row], bool]:
        """The rows of the entries, and whether some of them wait for what there is to find in them. With `headed` it
        stands over the first of a state which that is."""
        if not entries:
            return {}, False
        from workbench.ui.panes.source_rows import AskedSource, SourceRows  # what finds words is for when there are any

        if self._made is None:
            self._made = SourceRows()
        names_set = len({entry.set for entry in entries if entry.set}) > 1
        asked = [
            AskedSource(entry, self._quotes_of(entry), above if headed else "", names_set, self._every_quote(entry))
            for above, entry in self._grouped(entries)
        ]
        end = time.monotonic() + SLICE_SECONDS
        chosen = [each for each in asked if each.entry.number in self._chosen]
        self._made.rows(chosen)  # what one walks to is not waited for
        rows, waits = self._made.rows(asked, lambda: time.monotonic() > end)
        return dict(rows), waits

    def _grouped(self, entries: Sequence[LedgerEntry]) -> Iterator[tuple[str, LedgerEntry]]:
        """The entries state by state, each with what stands over it: over the first of a state, which that is.

        Those that are cited come first and have numbers: nothing more needs to be said of them.
        """
        from workbench.documents.chain import STATES, by_state

        for state, its in by_state(entries).items():
            so_far = " so far" if self.is_running and state == "not cited" else ""
            above = f"{SIGNS[state]} {STATES[state]}{so_far} · {len(its)}" if state != "cited" else ""
            for place, entry in enumerate(its):
                yield "" if place else above, entry

    def _quotes_of(self, entry: LedgerEntry) -> tuple[Quote, ...]:
        """What is marked of a source: the words of the chosen citation, else those of all that there are."""
        chosen = self._chosen.get(entry.number or 0)
        return self._quotes(entry) if chosen is None else self._quotes(entry, [chosen])

    def _every_quote(self, entry: LedgerEntry) -> tuple[Quote, ...] | None:
        """All that cites a source, once nothing more may, where something of it is known to be relevant."""
        could_be = entry.sent or entry.number is not None
        return self._quotes(entry) if entry.spans and could_be and not self.is_running else None

    def _quotes(self, entry: LedgerEntry, cited: Sequence[Cited] | None = None) -> tuple[Quote, ...]:
        from workbench.documents.quotes import quote

        if entry.number is None:
            return ()
        return tuple(quote(each, entry) for each in (self._cited.get(entry.number, []) if cited is None else cited))

    # -- back to the answer --------------------------------------------------------------------------

    @property
    def entry_here(self) -> LedgerEntry | None:
        """The source that one stands on."""
        key = self.rows.cursor_key
        return next((entry for entry in self._entries() if entry.key == key), None)

    def citing_here(self, by: int) -> tuple[Cited, int, int] | None:
        """The citation of the source that one stands on, `by` places behind the one that its passage is open at; else
        the first, or the last. With it its place among them, from 1, and how many there are; None where none is.

        Of a source that is cited they are those in the answer, then those in what was thought, around the ends.
        """
        turn, entry = self.shown, self.entry_here
        if turn is None or entry is None or entry.number is None:
            return None
        cited = [
            each for each in turn.citations if entry.number in each.numbers and each.place in ("answer", "thinking")
        ]
        cited.sort(key=lambda each: (each.place != "answer", each.start or 0, each.within or 0, each.ordinal))
        if not cited:
            return None
        chosen = self._chosen.get(entry.number)
        here = next(
            (at for at, each in enumerate(cited) if chosen is not None and each.ordinal == chosen.ordinal), None
        )
        at = ((0 if by >= 0 else -1) if here is None else here + by) % len(cited)
        return cited[at], at + 1, len(cited)

    def _unplaced(self) -> int:
        """How many citations have no place in the answer, once no more text comes in which they may be found."""
        turn = self.shown
        return len(turn.unanchored) if turn is not None and turn.status != "running" else 0


def _counts(entries: tuple[LedgerEntry, ...], unplaced: int) -> str:
    cited = sum(entry.number is not None for entry in entries)
    sent = sum(entry.sent or entry.number is not None for entry in entries)
    words = (
        f"{cited} cited of {sent}" if cited else f"{sent} sent" if sent else "",
        f"{unplaced} not placed" if unplaced else "",
    )
    return " · ".join(filter(None, words))
