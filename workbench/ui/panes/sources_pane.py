"""The sources pane: what was sent, what is cited and how often, and what is not, each with its passage."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from workbench.safe_text import safe_line, safe_text
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.row import LONGEST_LINE, Row
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.documents.ledger import LedgerEntry

REFRESH_SECONDS = 0.1
CONTEXT = 40  # characters shown before the cited words of a folded passage


class SourcesPane(Pane):
    """The ledger of a turn."""

    TITLE: ClassVar[str] = "Sources"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(id="sources-rows")
        self._quotes: dict[int, str] = {}
        self._made: dict[str, tuple[LedgerEntry, str, Row]] = {}
        self._waiting = False

    def body(self) -> Widget:
        """The list of sources."""
        return self.rows

    def compose(self) -> ComposeResult:
        """The pane, with the key that walks the citations named while it is empty."""
        key = self.keymap.short("next-citation")
        walks = f"; {key} in the chat walks the citations" if key else ""
        self.rows.empty = (
            "What was sent to the model and what its answer cites appears here. Give it documents with "
            f"--docs FILE{walks}."
        )
        yield from super().compose()

    def draw(self) -> None:
        """List the sources of the turn anew."""
        citations = self.shown.citations if self.shown is not None else ()
        self._quotes = {number: cited.text for cited in reversed(citations) for number in cited.numbers}
        self._made.clear()
        self.rows.clear()
        self._show()

    def on_request_sent(self, message: messages.RequestSent) -> None:
        """Show the documents that were sent."""
        self._changed(message)

    def on_citation_arrived(self, message: messages.CitationArrived) -> None:
        """Show how often each source is cited by now."""
        self._changed(message)

    def on_citation_placed(self, message: messages.CitationPlaced) -> None:
        """Keep the cited words, by which a source's passage is shown where it supports them."""
        if not self.is_stale(message):
            for number in message.event.numbers:
                self._quotes.setdefault(number, message.event.text)
        self._changed(message)

    def on_tool_returned(self, message: messages.ToolReturned) -> None:
        """Show what the tool returned as a source."""
        self._changed(message)

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        """Show the sources as they are at the end."""
        if not self.is_stale(message):
            self._show()

    def open_source(self, turn: Turn, number: int, quote: str) -> bool:
        """Stand on a source of `turn`, its passage open at the words that support `quote`."""
        if turn is not self.shown:
            self.show(turn)
        self._quotes[number] = quote
        self._show()
        entry = next((e for e in self._entries() if e.number == number), None)
        return entry is not None and self.rows.show(entry.key, unfold=True)

    # -- showing -----------------------------------------------------------------------------------

    def _changed(self, message: messages.EventMessage[Any]) -> None:
        """Show the ledger soon: many events in one burst are one change."""
        if not self._waiting and not self.is_stale(message):
            self._waiting = True
            self.set_timer(REFRESH_SECONDS * self.patience, self._show)

    def _entries(self) -> tuple[LedgerEntry, ...]:
        return self.shown.ledger.entries() if self.shown is not None else ()

    def _show(self) -> None:
        self._waiting = False
        entries = self._entries()
        self.rows.put_all({entry.key: self._row(entry) for entry in entries})
        counts = _counts(entries, self._unplaced())
        self.summarise(self.which + counts if counts else self.which.removesuffix(" · "))

    def _unplaced(self) -> int:
        """How many citations have no place in the answer, once no more text comes in which they may be found."""
        turn = self.shown
        return len(turn.unanchored) if turn is not None and turn.status != "running" else 0

    def _row(self, entry: LedgerEntry) -> Row:
        """The row of an entry, made anew only when something about it is new."""
        quote = self._quotes.get(entry.number, "") if entry.number is not None else ""
        made = self._made.get(entry.key)
        if made is not None and made[:2] == (entry, quote):
            return made[2]
        row = self._make_row(entry, quote)
        self._made[entry.key] = (entry, quote, row)
        return row

    @staticmethod
    def _make_row(entry: LedgerEntry, quote: str) -> Row:
        cited = entry.number is not None
        mark = f"[{entry.number}]" if cited else "·"
        title = safe_line(entry.title or entry.id)
        head = Content.assemble(
            (f" {mark:>4} ", "accent" if cited else "muted"),
            (f"cited ×{entry.cited}  " if cited else "not cited  ", "success" if cited else "muted"),
            (title, "bold" if cited else ""),
            (f"  {_place(entry)}", "muted"),
        )
        text = safe_text(entry.text)
        start, end = find_quote(text, quote)
        snippet, rest = _snippet(text, start, end)
        return Row(
            head,
            brief=snippet if cited and text else None,
            brief_rest=rest,
            body=partial(_passage, text, start, end) if text else None,
            indent=6,
            look_at=start if end > start else None,
        )


def find_quote(passage: str, quote: str) -> tuple[int, int]:
    """Where `quote` stands in the passage, in code points, or (0, 0). Marks of Markdown around it do not count."""
    for wanted in (quote, quote.strip(), quote.strip(" *_`#>|-.\n")):
        if wanted and (at := passage.find(wanted)) >= 0:
            return at, at + len(wanted)
    return 0, 0


def _passage(text: str, start: int, end: int) -> Content:
    return Content(text).stylize("cited", start, end) if end > start else Content(text)


def _snippet(text: str, start: int, end: int) -> tuple[Content, int]:
    """One line of the passage, from shortly before the cited words, and how many characters of it are left out."""
    first = max(0, start - CONTEXT) if end > start else 0
    words = " ".join(text[first : first + LONGEST_LINE].split())
    lead = "      … " if first else "      "
    return Content.assemble((lead, "muted"), (safe_line(words), "muted")), max(0, len(text) - first - LONGEST_LINE)


def _place(entry: LedgerEntry) -> str:
    if entry.path is None:
        return entry.kind
    lines = f":{entry.lines[0]}-{entry.lines[1]}" if entry.lines else ""
    return safe_line(f"{entry.path}{lines}")


def _counts(entries: tuple[LedgerEntry, ...], unplaced: int) -> str:
    cited = sum(entry.number is not None for entry in entries)
    rest = len(entries) - cited
    words = (
        f"{cited} cited" if entries else "",
        f"{unplaced} not placed" if unplaced else "",
        f"{rest} sent, not cited" if rest else "",
    )
    return " · ".join(filter(None, words))
