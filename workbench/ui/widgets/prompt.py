"""Where a question is typed: several lines, a history, and Enter to send."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from workbench.safe_text import safe_text
from workbench.ui.actions import BY_ID
from workbench.ui.bindings import bindings, of_the_app_in_text
from workbench.ui.keymap import Keymap
from workbench.ui.terminal.display import ChangedCellsApp
from workbench.ui.terminal.textual_inside import type_key, type_paste
from workbench.ui.widgets.bracket_walk import BracketWalk
from workbench.ui.widgets.choice_list import ChoiceList
from workbench.ui.widgets.folded_pastes import FoldedPastes
from workbench.ui.widgets.line_editor import LineEditor
from workbench.ui.widgets.prompt_history import PromptHistory
from workbench.ui.widgets.prompt_keys import EDITS_HERE, WALKS, editing_keys, other_keys, told_of

if TYPE_CHECKING:
    from workbench.documents.passages import Named
    from workbench.ui.widgets.choices import Offer

_LINE_END = re.compile(r"\r\n?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

LONGEST = 200_000
"""Characters that the prompt takes from pastes: with more of them in one line, every key would be felt."""

PLACEHOLDER: Final = "ask about your documents"

PASTED_AT_ONCE = 16_384  # characters; wrapping so many takes a few milliseconds


class Prompt(LineEditor):
    """Enter sends; Ctrl+J, Shift+Enter or Alt+Enter begin a new line; Up and Down at the edges walk the history."""

    DEFAULT_CSS = """
    Prompt {
        height: auto; min-width: 3; min-height: 1; max-height: 33vh; border: none; padding: 0 1 0 0;
        background: transparent; scrollbar-size-vertical: 1;
        &:focus { border: none; background: transparent; background-tint: transparent; }
    }
    """

    # Ctrl+Z, with which Textual undoes, stops a program.
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("prompt"), *of_the_app_in_text()]

    class Sent(Message):
        """Sent with a question, or with a command that begins with a slash."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class Paged(Message):
        """Sent to page the chat up (-1) or down (1): what is written here is too short for that."""

        def __init__(self, by: int) -> None:
            self.by = by
            super().__init__()

    class Ended(Message):
        """Sent to go to the beginning of the chat (-1) or its end (1): from an empty prompt, which has neither."""

        def __init__(self, by: int) -> None:
            self.by = by
            super().__init__()

    class Filled(Message):
        """Sent when something stands here, and when nothing does any more; and when what keys do here changes."""

    class Walked(Message):
        """Sent with a bracket in an empty prompt: to the next citation (1) of the last answer, or the one before."""

        def __init__(self, by: int) -> None:
            self.by = by
            super().__init__()

    class Led(Message):
        """Sent with a key in an empty prompt that means the action `id` there."""

        def __init__(self, id: str) -> None:
            self.id = id
            super().__init__()

    class NamesChanged(Message):
        """Sent when the files that the text names behind an `@`, as far as there are such, are others than before."""

    class CitationOpened(Message):
        """Sent with Enter in an empty prompt behind such a walk: to what the citation rests on."""

    def __init__(self, keymap: Keymap | None = None, *, id: str | None = None) -> None:
        super().__init__(
            id=id, compact=True, soft_wrap=True, tab_behavior="focus", placeholder=PLACEHOLDER,
            highlight_cursor_line=False, show_line_numbers=False,
        )  # fmt: skip
        self.cursor_blink = False
        keymap = keymap or Keymap()
        others = other_keys(keymap)
        self._pressed = {key: id for key, id in keymap.pressed("prompt").items() if key not in others}
        self._edits = editing_keys(keymap)
        self.asked = PromptHistory()
        self.choices = ChoiceList(id="choices")
        """What may be taken into the prompt, over it."""
        self._draft: tuple[str, tuple[int, int]] | None = None  # while something is looked for in its place
        self.completion: Callable[[str, bool], Offer | None] = lambda before, is_all: None
        """What may be typed next, for a line up to the cursor, and whether that is all that stands here."""
        self._offer: Offer | None = None
        self.names: list[tuple[Named, ...]] = []
        """What the text names behind each `@`: what it may mean, the likeliest first."""
        self._offered_for = ""  # the word that it goes on from
        self._refused = ""  # the line for which somebody closed the list
        self._takes = keymap.short("send"), keymap.short("cancel")
        self._quits, self._edited_by, self._helps = map(keymap.label, ("quit", "edit", "help"))
        self._has_changed = False
        self._is_filled = False
        self._paints = False  # when the keys that came together are in
        self.citable: Callable[[], object] = lambda: False
        """Whether the last answer has citations."""
        self._walk_keys = {key: by for id, by in WALKS.items() for key in told_of(keymap, BY_ID[id])}
        self.led: Mapping[str, str] = {}
        """What keys mean while nothing stands here, by the ids of actions, in place of being typed."""
        self.invitation = PLACEHOLDER
        """What stands here while nothing else does."""
        self._brackets = BracketWalk()
        self._pastes = FoldedPastes()

    @property
    def whole(self) -> str:
        """What stands here, with the pasted texts that are folded."""
        return self._pastes.opened(self.text)

    def send(self) -> None:
        """Hand on what was typed, and remember it; from an empty prompt, open the citation walked to."""
        if self._goes_on():
            return
        text = self.whole
        if not text.strip():
            if not text and self.citable():
                self.post_message(self.CitationOpened())
            return
        self.asked.remember(text)
        self.clear()
        self.choices.clear()
        self.post_message(self.Sent(text))

    def _goes_on(self) -> bool:
        """Whether a backslash stands at the end, and the cursor behind it: as in a shell, a line follows then."""
        at_end = self.selection.is_empty and self.cursor_location == self.document.end
        if not at_end or not self.text.endswith("\\") or self.text.endswith("\\\\"):
            return False
        row, column = self.cursor_location
        self.replace("\n", (row, column - 1), (row, column), maintain_selection_offset=False)
        return True

    def set_aside(self) -> None:
        """Take away what was typed, as the question before: Up brings it back. A search is given up."""
        if self.leave_search():
            return
        if self.text.strip():
            self.asked.remember(self.whole)
        self.clear()

    def rewrite(self, text: str) -> None:
        """As `put`, and undo brings back what stood here."""
        self.ends_kills("")
        self.replace(_LINE_END.sub("\n", text), self.document.start, self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    def put(self, text: str) -> None:
        """Replace what stands here, the cursor at its end."""
        self._draft, self._offer = None, None
        self.choices.clear()
        self.placeholder = self.invitation
        self.text = _LINE_END.sub("\n", text)
        self.move_cursor(self.document.end)

    def takes_key(self, event: events.Key) -> bool:
        """Whether a key changes what stands here or the cursor, and nothing else."""
        id = self._pressed.get(event.key)
        if (event.key in self._walk_keys or event.key in self.led) and not self.text:
            return False
        return id in EDITS_HERE or (id is None and (event.is_printable or event.key in self._edits))

    async def on_key(self, event: events.Key) -> None:
        """Keys that edit and those of our own are handled here, in the order of the characters around them: a binding
        is looked for by the app, when the event has got there, and would come behind what was typed after it."""
        paint = self._paint_behind if self.message_queue_size else self._paint  # there may be more keys already
        if self._chooses(event):
            event.stop()
            event.prevent_default()
            paint()
            return
        if self._draft is None and not self.text and (id := self.led.get(event.key)):
            event.stop()
            event.prevent_default()
            self.post_message(self.Led(id))
            return
        if self._walks_citations(event):
            return
        edit, before = "" if event.is_printable else self._edits.get(event.key, ""), self.cursor_location
        self.ends_kills(edit)
        performed = self._perform(self._pressed.get(event.key), event.key) or self._is_for_others(event.key)
        if performed or edit:
            event.stop()
            event.prevent_default()
        if performed:
            self._look()
            return
        if edit:
            await self.run_action(edit)
        else:
            await type_key(self, event)
        self._leave_mark(before)
        self._look()
        paint()
        await self._let_others_go_on()

    def _walks_citations(self, event: events.Key) -> bool:
        """Whether a key walks to another citation. One that does not ends the walk."""
        by = self._walk_keys.get(event.key) if self._draft is None else None
        if by is None or self.text or not self.citable():
            if self._pressed.get(event.key) != "send":
                self._put_back(self._brackets.end(event.time if event.is_printable else None))
            return False
        event.stop()
        event.prevent_default()
        self._brackets.step(event.character or "", event.time)
        self.post_message(self.Walked(by))
        return True

    def _put_back(self, brackets: str) -> None:
        """Type the brackets of a walk that were none; an edit of nothing costs as much as a letter."""
        if brackets:
            self.insert(brackets)

    def action_perform(self, id: str) -> None:
        """Do what one of the prompt's own actions is for, whichever key it has."""
        self._perform(id)

    def _perform(self, id: str | None, key: str = "") -> bool:
        """Whether there was something to do for the action `id`, or a `key` of it."""
        match id:
            case "send":
                self.send()
            case "newline":
                self.insert("\n")
            case "search-history":
                self.search_history()
            case "chat-page-up":
                self.post_message(self.Paged(-1))
            case "chat-page-down":
                self.post_message(self.Paged(1))
            case "earlier-question":
                return self._walks(key) and self._walk(-1)
            case "later-question":
                return self._walks(key) and self._walk(1)
            case _:
                return False
        return True

    def _is_for_others(self, key: str) -> bool:
        """Whether a key that has nothing to do in this prompt leads elsewhere, or says which one does what is meant."""
        if self.text or self.is_choosing:
            return False
        if key in ("home", "end") and key in self._edits:
            self.post_message(self.Ended(1 if key == "end" else -1))
            return True
        if self._pressed.get(key) == "delete-right" and self._quits:
            self.notify(f"{self._quits} quits", markup=False)
            return True
        if key == "question_mark" and self._helps:  # which is typed all the same
            self.notify(f"{self._helps} shows every key", markup=False)
        return False

    def action_cut(self) -> None:
        """Cut what is selected. Without that Textual would cut the line, and in a shell the key leads to the editor."""
        if not self.selection.is_empty:
            super().action_cut()
        elif self._edited_by:
            self.notify(f"{self._edited_by} writes the question in $EDITOR", markup=False)

    def _walks(self, key: str) -> bool:
        """Whether a key is for the history: one that moves the cursor is so only where that can go no further."""
        at_edge = {"up": self.navigator.is_first_wrapped_line, "down": self.navigator.is_last_wrapped_line}
        return key not in at_edge or at_edge[key](self.cursor_location)

    # -- choosing ----------------------------------------------------------------------------------

    @property
    def is_choosing(self) -> bool:
        """Whether something may be taken from the list, or is looked for."""
        return self.choices.is_open or self.is_searching

    @property
    def is_searching(self) -> bool:
        """Whether something is looked for that was asked before."""
        return self._draft is not None

    def search_history(self) -> None:
        """Look for something that was asked before, by what is typed from now on in place of the draft."""
        if self._draft is not None:
            self.choices.move(1)
            return
        draft = self.text, self.cursor_location
        self.put("")
        self._draft = draft
        self.placeholder = "type what you look for"
        self.post_message(self.Filled())
        self._look()

    def leave_search(self) -> bool:
        """Put the draft back when something is looked for; whether it was."""
        if self._draft is None:
            return False
        text, cursor = self._draft
        self.put(text)
        self.move_cursor(cursor)
        self.post_message(self.Filled())
        return True

    def _chooses(self, event: events.Key) -> bool:
        """Whether a key is for the list."""
        if not self.is_choosing:
            return False
        match self._pressed.get(event.key, event.key):
            case "earlier-question":
                self.choices.move(-1)
            case "later-question" | "search-history":
                self.choices.move(1)
            case "send" if self._is_meant_as_typed():
                return False
            case "send" | "tab":
                self._take()
            case "escape":
                if not self.leave_search():
                    self._refused = self._before_cursor()
                    self._look()
            case _:
                return False
        return True

    def _take(self) -> None:
        """Take what is chosen into the prompt; nothing is sent."""
        chosen, offer = self.choices.chosen, self._offer
        if self.leave_search() or offer is None:
            if chosen is not None:
                self.rewrite(chosen.text)
        elif chosen is not None:
            row, column = self.cursor_location
            self.replace(chosen.text, (row, offer.start), (row, column), maintain_selection_offset=False)
            self._look()

    def _is_meant_as_typed(self) -> bool:
        """Whether Enter sends what stands here, though something is offered."""
        offer, chosen = self._offer, self.choices.chosen
        if self._draft is not None or offer is None or chosen is None:
            return False
        return chosen.text.rstrip() == self._offered_for.rstrip() or (offer.is_free and not self.choices.is_walked)

    def _before_cursor(self) -> str:
        row, column = self.cursor_location
        return self.document[row][:column]

    def _look(self) -> None:
        """What stands here may have changed: so does what is found."""
        if self._draft is None:
            self._look_ahead()
            return
        from workbench.ui.widgets.history_search import found  # not for the first paint

        choices = found(self.asked.newest_first(), self.text)
        takes, back = self._takes
        title = "asked before" if choices else "nothing of that was asked before"
        keys = (f"{takes} takes" if takes and choices else "", f"{back} back" if back else "")
        self.choices.put(choices, " · ".join(filter(None, (title, *keys))))

    def _look_ahead(self) -> None:
        """Offer what may be typed next."""
        before = self._before_cursor()
        if self._refused and before.startswith(self._refused):
            offer = None
        else:
            self._refused = ""
            row, column = self.cursor_location
            is_all = self.document.line_count == 1 and column == len(self.document[row])
            offer = self.completion(before, is_all)
        self._offered_for = before[offer.start :] if offer else ""
        if offer and [each.text.rstrip() for each in offer.choices] == [self._offered_for.rstrip()]:
            offer = None  # it is all there
        self._offer = offer
        if offer is None:
            self.choices.clear()
        else:
            self.choices.put(offer.choices, f"{offer.title} · Tab takes")

    def _tell_names(self) -> None:
        text, names = self.whole, []
        if "@" in text:
            from workbench.ui.attachments import named_in  # not for the first paint

            names = list(named_in(text))
        if names != self.names:
            self.names = names
            self.post_message(self.NamesChanged())

    def look_again(self) -> None:
        """More is known of what may be typed next."""
        if self.has_focus:
            self._look()

    def on_blur(self) -> None:
        """Somebody is elsewhere: what was looked for is not any more."""
        if not self.leave_search():
            self.choices.clear()

    async def _let_others_go_on(self) -> None:
        """Between many characters that came at once, have the loop do whatever else is due."""
        if self.message_queue_size:
            await asyncio.sleep(0)

    async def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """The text or the cursor changed, by a key that is shown already or by something else: show that at once."""
        event.stop()  # nobody above is to hear of each of a thousand characters
        self._leave_mark((0, 0))  # a click may lead anywhere
        if self.choices.is_open:
            self._look()
        if isinstance(self.app, ChangedCellsApp) and not self._paints:
            self.app.paint_rest(self)
        await self._let_others_go_on()

    async def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """The text changed: say so to those above, the first time."""
        if self._has_changed:
            event.stop()
        self._has_changed = True
        self._tell_names()
        if self._is_filled != bool(self.text):
            self._is_filled = bool(self.text)
            self.post_message(self.Filled())
        await self._let_others_go_on()

    def _paint(self) -> None:
        """Show what was typed at once: over a slow line a person feels each frame that it waits."""
        self._paints = False
        if isinstance(self.app, ChangedCellsApp):
            self.app.paint_now(self)

    def _paint_behind(self) -> None:
        """Show what was typed once, behind the keys that came together with it."""
        if not self._paints:
            self._paints = self.call_later(self._paint)

    async def on_paste(self, event: events.Paste) -> None:
        """Paste the text, with a visible stand-in for what a terminal would obey: nobody means to send that."""
        event.stop()
        event.prevent_default()  # or Textual calls the method of the base class too
        self.ends_kills("")
        if len(self.whole) + len(event.text) > LONGEST:
            self.notify(
                f"{len(event.text):,} characters are too many to paste, of {LONGEST:,}: --docs FILE takes them",
                severity="warning",
                markup=False,
            )
            return
        self._put_back(self._brackets.end(event.time))
        text = _CONTROL.sub(lambda found: safe_text(found.group()), _LINE_END.sub("\n", event.text))
        await type_paste(self, self._pastes.folded(text) if self._draft is None else text)
        self.forget_pastes()
        self._look()

    # -- folded pastes -----------------------------------------------------------------------------

    def forget_pastes(self) -> None:
        """Forget the oldest pasted texts when they are too much, but none whose mark stands here or may come back."""
        draft = self._draft[0] if self._draft else ""
        if self._pastes.forget((self.text, draft, self.killed, self.app.clipboard, *self.asked.put_aside())):
            self.history.clear()  # undo would bring back marks that stand for nothing

    async def action_open_paste(self) -> None:
        """Put the pasted text at the cursor, else the first one, in the place of its mark."""
        mark = self._pastes.beside(self.text, self.offset_in_text)
        if mark is None:
            self.notify("nothing that was pasted is folded here", markup=False)
            return
        text = self._pastes.opened(self.text[slice(*mark)])
        self.delete(self._location(mark[0]), self._location(mark[1]), maintain_selection_offset=False)
        for start in range(0, len(text), PASTED_AT_ONCE):
            await type_paste(self, text[start : start + PASTED_AT_ONCE])
            await asyncio.sleep(0)  # whatever else is shown goes on

    def whole_range(self, start: int, end: int) -> tuple[int, int]:
        """A folded paste is deleted whole."""
        return self._pastes.at(self.text, start, end)

    def action_delete_left(self) -> None:
        """Delete the character before the cursor, or the folded paste."""
        self._delete_with_mark(-1) or super().action_delete_left()

    def action_delete_right(self) -> None:
        """Delete the character behind the cursor, or the folded paste."""
        self._delete_with_mark(1) or super().action_delete_right()

    def _delete_with_mark(self, by: int) -> bool:
        """Delete the mark on that side of the cursor; whether there was one."""
        row, column = self.cursor_location
        place = (column + by, column) if by < 0 else (column, column + by)
        start, end = self._pastes.at(self.document[row], *place)
        if not self.selection.is_empty or (start, end) == place:
            return False
        self.delete((row, start), (row, end), maintain_selection_offset=False)
        return True

    def _leave_mark(self, before: tuple[int, int]) -> None:
        """Nobody writes within a mark: whoever moved into one is behind it, or before."""
        row, column = self.cursor_location
        around = self._pastes.around(self.document[row], column)
        if around is not None and self.selection.is_empty:
            self.move_cursor((row, around[0] if (row, column) < before else around[1]))

    def _walk(self, by: int) -> bool:
        """Show the entry before or after in the history, as one left it; the draft stands at its end."""
        text = self.asked.step(by, self.text)
        if text is not None:
            self.put(text)
        return text is not None
