"""The documents of the conversation over everything else: sets, their documents, their passages.

Owns the keys of the list, the line in which a path is typed, and that nothing which is read holds up a key: the
documents of a set and the passages of one are read in a thread, and what would be sent is counted there. What is done
besides is `desk`'s.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Final, Protocol

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from workbench.documents.choices import NOTHING_CHOSEN, Choices, document_name
from workbench.documents.outline import Outlined, Size, outline
from workbench.documents.passages import Passage
from workbench.errors import WorkbenchError
from workbench.safe_text import safe_line
from workbench.ui.actions import BY_ID
from workbench.ui.background import in_background
from workbench.ui.bindings import bindings
from workbench.ui.document_choosing import DocumentChoosing
from workbench.ui.keymap import Keymap
from workbench.ui.screens.document_about import chosen_told, here_told, sent_told, title
from workbench.ui.screens.document_rows import DocumentRows, Spot, Wanted, ranked
from workbench.ui.widgets.choice_list import ROOMY_ROWS, ChoiceList
from workbench.ui.widgets.choices import Choice
from workbench.ui.widgets.field_editor import FieldEditor
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.status_line import StatusLine

NAMED: Final = (
    "next-hit", "switch-document", "pin-passage", "edit-document", "add-documents", "reload-documents", "close-docs",
    "help", "only-set", "every-document", "filter", "search", "next-citations",
)  # fmt: skip
"""What the last row names behind Enter, the most wanted first."""

SHOWN: Final = {"": "", "sent": "only what would be sent", "chosen": "only what is off or pinned"}


class Desk(Protocol):
    """What the screen has done for it."""

    @property
    def question(self) -> str:
        """What stands in the prompt, "" for nothing."""

    @property
    def can_read(self) -> bool:
        """Whether documents can be read again and added."""

    @property
    def citations(self) -> str:
        """The citation mode in words."""

    def changed(self) -> None:
        """Something is chosen otherwise now."""

    def reload(self) -> None:
        """Read again what has changed; the screen is told."""

    def add(self, path: str) -> None:
        """Add the documents at a path; the screen is told."""

    def next_citations(self) -> str:
        """Take the next citation mode; why that cannot be, "" when it is done."""

    def edit(self, set: str, document: Outlined, line: int) -> None:
        """Open a document's file in the person's own editor."""

    def paths(self, typed: str) -> Sequence[Choice]:
        """What a path that is being typed may become, as far as that is known."""

    def refuse(self, words: str) -> None:
        """Say why something is not done."""


class DocumentList(RowList):
    """The rows; what is switched has its key from the screen."""

    can_filter = True

    class Switched(Message):
        """Sent when what one stands on is to go along, or not any more."""

    def action_fold(self) -> None:
        """Switch what one stands on: Enter unfolds."""
        self.post_message(self.Switched())

    def turn_over(self) -> None:
        """Unfold the row under the cursor, or fold it again."""
        super().action_fold()

    def let_out(self, key: str) -> None:
        """No row holds the text of others."""


class DocumentsScreen(ModalScreen[None]):
    """Enter opens a row, Space switches it on or off. `masked` takes the API keys out of a text."""

    DEFAULT_CSS = """
    DocumentsScreen { background: $wb-background; layout: vertical; }
    DocumentsScreen #docs-title { height: 1; padding: 0 1; background: $wb-panel; text-style: bold; }
    DocumentsScreen #docs-about {
        height: auto; min-height: 3; max-height: 6; padding: 0 1; border-top: solid $wb-rule; color: $wb-text;
    }
    DocumentsScreen.-short #docs-about { min-height: 2; max-height: 2; }
    DocumentsScreen #docs-line { height: auto; padding: 0 1; display: none; }
    DocumentsScreen #docs-name { width: auto; color: $wb-here; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("docs")]

    def __init__(
        self, choosing: DocumentChoosing, desk: Desk, keymap: Keymap, masked: Callable[[str], str] = str
    ) -> None:
        super().__init__()
        self._choosing = choosing
        self._desk = desk
        self._keymap = keymap
        self._masked = masked
        self._tree = DocumentRows(choosing, masked)
        self._spots: dict[str, Spot] = {}
        self._counted: Size | None = None
        self._problem = ""
        self._adding = False
        self.rows = DocumentList(id="docs-rows", empty="No documents.")
        self.editor = FieldEditor(keymap, id="docs-editor")
        self.choices = ChoiceList(id="docs-choices")
        self.last = StatusLine(id="hint")
        self._head = Static(id="docs-title", markup=False)
        self._about = Static(id="docs-about", markup=False)
        self._line = Horizontal(Static("add ", id="docs-name", markup=False), self.editor, id="docs-line")

    def compose(self) -> ComposeResult:
        """What goes along, the rows, what would be sent, the line for a path, and the keys."""
        yield self._head
        yield self.rows
        yield self._about
        yield self.choices
        yield self._line
        yield self.last

    def on_mount(self) -> None:
        """Show the sets, and have the rest read."""
        self._tree.open_first()
        self.rows.focus()
        self.watch(self.rows, "cursor", self._tell, init=False)
        self.read_anew()
        self.rows.action_edge(0)  # for the keys that are pressed while it opens

    def on_resize(self) -> None:
        """A low screen is for the rows."""
        self.set_class(self.size.height < ROOMY_ROWS, "-short")

    # -- reading -------------------------------------------------------------------------------------

    def read_anew(self) -> None:
        """The documents are others than before: read what they are."""
        self.draw()
        self._work(self._read, "read")
        self._recount()

    def _work(self, read: Callable[[], Awaitable[None]], group: str) -> None:
        """Have something read beside everything else, in place of what this group did. Why it cannot be read now is
        said where the count is."""

        async def run() -> None:
            try:
                await read()
            except WorkbenchError as error:
                self._problem = str(error)
                self._tell()

        self.run_worker(run(), group=group, exclusive=True)

    async def _read(self) -> None:
        shelves = list(self._choosing.shelves)
        outlines = await in_background(lambda: {shelf.name: outline(shelf) for shelf in shelves})
        self._tree.took_outlines(outlines)
        self.draw()
        await self._fill()

    async def _fill(self) -> None:
        """Read the passages that are wanted, until none are."""
        while (wanted := self._tree.wanted()) is not None:
            passages = await in_background(lambda each=wanted: _read(each))  # type: ignore[misc]
            if not self._tree.took(wanted, passages):
                self.read_anew()  # the files have changed meanwhile
                return
            self.draw()

    def _recount(self) -> None:
        """Have it counted what would be sent as things stand."""
        self._counted, self._problem = None, ""
        self._tell()
        self._work(self._sent, "count")

    async def _sent(self) -> None:
        question = self._desk.question
        found, size = await in_background(lambda: self._choosing.sent_with(question))
        self._tree.sent, self._counted = ranked(found), size
        self.draw()

    # -- showing -------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Show the rows as they are now. Who stood on one that is gone stands on what has come in its place."""
        place = self.rows.cursor
        self._spots = {spot.key: spot for spot in self._tree.spots()}
        keys = self._keymap
        adds = (
            f": {key} adds a file or a folder" if (key := keys.short("add-documents")) and self._desk.can_read else ""
        )
        self.rows.empty = f"Nothing: {SHOWN[self._tree.shows]}." if self._tree.shows else f"No documents{adds}."
        self.rows.put_all({key: self._tree.lazy(spot) for key, spot in self._spots.items()})
        if place >= 0 and self.rows.cursor_key is None:
            self.rows.cursor = min(place, len(self._spots) - 1)
        self._head.update(Content(safe_line(self._masked(title(self._choosing, SHOWN[self._tree.shows])))))
        self._tell()

    @property
    def spot(self) -> Spot | None:
        """What one stands on."""
        return self._spots.get(self.rows.cursor_key or "")

    def _tell(self) -> None:
        """Say what would be sent, what one stands on, and what is pinned."""
        lines = [
            self._problem or sent_told(self._choosing, self._desk.question, self._counted),
            "" if self.spot is None else here_told(self.spot),
            chosen_told(self._choosing, self._desk.citations),
        ]
        first, *rest = (safe_line(self._masked(line)) for line in lines if line)
        about = Content("\n").join([Content(first), *(Content.styled(line, "$wb-dim") for line in rest)])
        self._about.update(about)
        self._show_keys()

    def _show_keys(self) -> None:
        keys = self._keymap
        if self._adding:
            completes = ("Tab completes",) if self.choices.is_open else ()
            self.last.keys = ("Enter adds it", "Esc leaves it", *completes)
            return
        head = (f"{key} open",) if (key := keys.short("open-row")) else ()
        self.last.keys = (
            *head,
            *(f"{key} {BY_ID[id].hint}" for id in NAMED if (key := keys.short(id)) and self._can(id)),
        )

    def _can(self, id: str) -> bool:
        spot = self.spot
        match id:
            case "next-hit":
                return self.rows.search is not None
            case "pin-passage":
                return spot is not None and spot.passage is not None
            case "edit-document":
                return spot is not None and (spot.document is not None or spot.passage is not None)
            case "only-set":
                return len(self._choosing.shelves) > 1
            case "every-document":
                return bool(self._choosing.choices)
            case "add-documents" | "reload-documents":
                return self._desk.can_read
        return True

    def on_searching_view_searched(self) -> None:
        """Say what is looked for."""
        self.last.search = self.rows.search
        self._show_keys()

    def on_row_list_filter_asked(self, message: RowList.FilterAsked) -> None:
        """Show what would be sent, what is off or pinned, or all."""
        shown = list(SHOWN)
        self._tree.shows = shown[(shown.index(self._tree.shows) + message.by) % len(shown)]  # type: ignore[assignment]
        before = self.rows.cursor_key
        self.draw()
        if self.rows.cursor_key != before:
            self.rows.action_edge(0)

    # -- what is done --------------------------------------------------------------------------------

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        """Open what one stands on, or fold it."""
        message.stop()  # which opens rows of panes further up
        if (spot := self.spot) is None:
            return
        if spot.passage is not None:
            self.rows.turn_over()
            return
        self._tree.turn_over(spot)
        self.draw()
        self._work(self._fill, "fill")

    def on_document_list_switched(self) -> None:
        """Let what one stands on go along, or not."""
        choices, spot = self._choosing.choices, self.spot
        if spot is None:
            return
        if spot.passage is not None:
            self._tree.note(spot.passage)
            self._put(choices.passage_switched(spot.passage.id))
        elif spot.kind == "document" and spot.document is not None:
            self._put(choices.document_switched(spot.shelf.name, spot.document.name))
        elif spot.kind == "set":
            self._put(choices.set_switched(spot.shelf.name))
        elif spot.kind == "waits":
            self._desk.refuse("the documents are still being read")

    def action_switch(self) -> None:
        """Let what one stands on go along, or not."""
        self.on_document_list_switched()

    def action_pin(self) -> None:
        """Pin the passage to the next turn, or not any more."""
        if (spot := self.spot) is None or spot.passage is None:
            self._desk.refuse("stand on a passage to pin it: Enter opens a document")
            return
        self._tree.note(spot.passage)
        self._put(self._choosing.choices.pin_switched(spot.passage))

    def action_only(self) -> None:
        """Let the set that one stands on, or in, go along alone."""
        if (spot := self.spot) is not None:
            self._put(self._choosing.only(spot.shelf.name))

    def action_every(self) -> None:
        """Let everything go along, and pin nothing."""
        self._put(NOTHING_CHOSEN)

    def _put(self, choices: Choices) -> None:
        self._choosing.put(choices)
        self._desk.changed()
        self.draw()
        self._recount()

    def action_citations(self) -> None:
        """Take the next citation mode."""
        if problem := self._desk.next_citations():
            self._desk.refuse(problem)
        self._tell()

    def action_reload(self) -> None:
        """Read again what has changed."""
        self._desk.reload()

    def action_edit_outside(self) -> None:
        """Open the file in the person's own editor."""
        spot = self.spot
        document = None if spot is None else spot.document
        if spot is not None and document is None and spot.passage is not None:
            name = document_name(spot.passage)
            document = next((each for each in self._tree.outlines.get(spot.shelf.name, ()) if each.name == name), None)
        if spot is None or document is None:
            self._desk.refuse("stand on a document or a passage to open its file")
            return
        lines = spot.passage.lines if spot.passage is not None else None
        self._desk.edit(spot.shelf.name, document, lines[0] if lines else 0)

    # -- adding --------------------------------------------------------------------------------------

    def action_add(self) -> None:
        """Type the path of a file or a folder."""
        if not self._desk.can_read:
            self._desk.refuse("nothing can be added here")
            return
        self._adding = True
        self._line.display = True
        self.editor.begin("", is_long=False)
        self.editor.focus()
        self.offer()
        self._show_keys()

    def offer(self) -> None:
        """Offer what the path may become: more is known now, or something was typed."""
        if self._adding:
            choices = self._desk.paths(self.editor.typed)
            self.choices.put(choices, "files" if choices else "")
            self.editor.walks = bool(choices)
            self._show_keys()

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Offer what the path may become."""
        self.offer()

    def on_field_editor_walked(self, message: FieldEditor.Walked) -> None:
        """Choose another one in the list."""
        self.choices.move(message.by)

    def on_field_editor_completed(self) -> None:
        """Write what is chosen into the line."""
        if (chosen := self.choices.chosen) is not None:
            self.editor.begin(chosen.text, is_long=False)

    def on_field_editor_taken(self) -> None:
        """Add what the path names, or what somebody chose in the list."""
        chosen = self.choices.chosen if self.choices.is_walked else None
        path = (chosen.text if chosen is not None else self.editor.typed).strip()
        self._leave_line()
        if path:
            self._desk.add(path)

    def on_field_editor_left(self) -> None:
        """Add nothing."""
        self._leave_line()

    def on_field_editor_outside(self) -> None:
        """A path is typed here."""

    def _leave_line(self) -> None:
        self._adding = False
        self._line.display = False
        self.choices.clear()
        self.rows.focus()
        self._show_keys()

    def action_close(self) -> None:
        """Take a search away, else the list."""
        if not self.rows.forget_search():
            self.dismiss()


def _read(wanted: Wanted) -> list[Passage]:
    return list(wanted.shelf.passages[wanted.places.start : wanted.places.stop])
