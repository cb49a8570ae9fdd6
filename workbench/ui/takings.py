"""What a person takes along from where they are: a text exactly as it came, and what a file of it is called.

Owns what `y` means where the focus is, and which code block was picked for it by its number. Refuses to know where
the text goes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.ui.keymap import Keymap
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.ui.markdown.blocks import CodeText
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage

MOST_PARSED = 2_000_000  # characters that are parsed to know that they are JSON


@dataclass(frozen=True, slots=True)
class Taken:
    """A text, and the name of a file for it: `stem` with `suffix`, such as `.md`, behind it."""

    text: str
    stem: str = "text"
    suffix: str = ".txt"


NOTHING = Taken("")


class Takings:
    """Reads the stage and the conversation as they are at the moment of taking."""

    def __init__(self, stage: Stage, conversation: Conversation, navigation: Navigation) -> None:
        self._stage = stage
        self._conversation = conversation
        self._navigation = navigation
        self._picked: tuple[Taken, int] | None = None  # and how many keys had come by then

    def here(self) -> Taken:
        """What is selected; the code block whose number was the key before; the row under the cursor; the citation
        that one walked to, with its sources; else the answer that is read."""
        picked, self._picked = self._picked, None
        if selected := self._stage.selected_text:
            return Taken(selected, "selection")
        if picked is not None and self._stage.keys_handled == picked[1] + 1:
            return picked[0]
        focused, turn = self._stage.focused, self._navigation.turn_in_view()
        if isinstance(focused, RowList) and focused.cursor_key is not None:
            return self._row(focused, focused.cursor_key)
        if turn is None:
            return NOTHING
        return self._citation(turn) or Taken(turn.text, f"answer-{turn.place}", ".md")

    def last_answer(self) -> str:
        """The text of the latest turn's answer so far; "" before the first turn."""
        turns = self._conversation.turns
        return turns[-1].text if turns else ""

    def turn(self) -> Taken:
        """The turn that is read, as Markdown: the question, the answer, its tool calls and its sources."""
        from workbench.ui.turn_markdown import turn_as_markdown

        turn = self._navigation.turn_in_view()
        return NOTHING if turn is None else Taken(turn_as_markdown(turn), f"turn-{turn.place}", ".md")

    # -- code ------------------------------------------------------------------------------------------

    def code(self, number: int) -> Taken | str:
        """Code block `number`, from 1, of the answer that is read; or in words why there is none."""
        turn = self._navigation.turn_in_view()
        blocks = [] if turn is None else self._stage.chat.view.code_blocks(turn.number)
        if turn is None or not 0 < number <= len(blocks):
            return f"there is no code block {number}: {_how_many(blocks)}"
        from workbench.ui.markdown.highlighting import suffix_of

        block = blocks[number - 1]
        return Taken(block.text, f"code-{turn.place}-{number}", suffix_of(block.language))

    def has_code(self, number: int) -> bool:
        """Whether the answer that is read has a code block of that number."""
        turn = self._navigation.turn_in_view()
        return turn is not None and number <= len(self._stage.chat.view.code_blocks(turn.number))

    def pick(self, number: int, keymap: Keymap) -> str | None:
        """Let the next key that takes along mean code block `number`; in words why not, None when that is so."""
        found = self.code(number)
        if isinstance(found, str):
            return found
        self._picked = (found, self._stage.keys_handled)
        does = [
            f"{key} {verb} it" for id, verb in (("copy", "copies"), ("write", "writes")) if (key := keymap.short(id))
        ]
        lines = found.text.count("\n") + 1
        self._stage.say(f"code block {number}, {lines} line{'s' if lines > 1 else ''}: {', '.join(does)}")
        return None

    # -- what is looked at -----------------------------------------------------------------------------

    def _row(self, rows: RowList, key: str) -> Taken:
        text = rows.text(key)
        shown = self._stage.tools.shown  # the panes beside the chat show one turn
        name = (rows.id or "row").removesuffix("-rows")
        stem = name if shown is None else f"{name}-{shown.place}"
        return Taken(text, stem, ".json" if _is_json(text) else ".txt")

    def _citation(self, turn: Turn) -> Taken | None:
        at = self._stage.chat.view.citation_in_view
        if at is None or at[0] != turn.number or at[1] >= len(turn.citations):
            return None
        from workbench.ui.panes.source_rows import place_of_citation

        cited = turn.citations[at[1]]
        entries = [entry for entry in turn.ledger.entries() if entry.number in cited.numbers]
        sources = [
            ", ".join(filter(None, (entry.title or entry.id, place_of_citation(cited, entry)))) for entry in entries
        ]
        words = f'"{cited.text}"'
        return Taken(f"{words} — {'; '.join(sources)}" if sources else words, f"citation-{turn.place}", ".md")


def _how_many(blocks: list[CodeText]) -> str:
    if not blocks:
        return "this answer has none"
    return f"this answer has {len(blocks)}" if len(blocks) > 1 else "this answer has one"


def _is_json(text: str) -> bool:
    if text[:1] not in ("{", "[") or len(text) > MOST_PARSED:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
