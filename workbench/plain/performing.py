"""What the slash commands do where there is no screen, by the ids of the table of actions.

Owns which of the actions can be performed so; their names and meanings are the table's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.config import at_hand_text
from workbench.conversation.changes import Changes
from workbench.errors import ConfigurationError
from workbench.plain.lines import Lines
from workbench.ui import slash
from workbench.ui.actions import ACTIONS, Action
from workbench.ui.document_choosing import NO_DOCUMENTS, DocumentChoosing, lines_of
from workbench.ui.document_choosing import WORDS as DOCUMENT_WORDS
from workbench.ui.new_files import not_written
from workbench.ui.tool_choosing import MEANT, NO_TOOLS, ToolChoosing, tools_in_short

if TYPE_CHECKING:
    from workbench.config.at_hand import Change, SettingsAtHand
    from workbench.conversation import Conversation


class Quit(Exception):
    """The person wants to end the conversation."""


class Performing:
    """Performs an action and says in `lines` what came of it.

    `refused` tells that the last line was no command, `failed` that its file is not written. `again` is the number of
    the turn that is to be asked again now, with `changes`, if one is.
    """

    def __init__(self, conversation: Conversation, lines: Lines, settings: SettingsAtHand) -> None:
        self.refused = self.failed = False
        self.again: int | None = None
        self.changes = Changes()
        self._conversation = conversation
        self._settings = settings
        self._lines = lines
        self._last = ""  # the line with a slash that was refused, if the last one was
        self._actions: Mapping[str, Callable[[str], str | None]] = {
            "help": self._help,
            "retry": self._retry,
            "lift": self._lift,
            "new": self._new,
            "model": self._model,
            "set": self._set,
            "settings-panel": self._set,
            "preset": self._preset,
            "reset": self._reset,
            "docs": self._docs,
            "citations": self._citations,
            "tools": self._tools,
            "copy-answer": self._copy,
            "raw": self._raw,
            "quit": self._quit,
        }

    def run(self, text: str) -> str | None:
        """Carry out a line that begins with a slash; the question that is to be asked now, if one is. Raises Quit.

        What is refused is a question when it comes once more as it is.
        """
        meant = slash.read(text, "") if text != self._last else None
        self._last, self.refused, self.failed = "", False, False
        self.again, self.changes = None, Changes()
        match meant:
            case slash.Command(action, rest) if action.id in self._actions:
                return self._actions[action.id](rest)
            case slash.Command(action):
                self._refuse(text, f"/{action.command} is for the screen, so nothing was done")
            case slash.Refusal(reason):
                self._refuse(text, reason)
            case None:
                return text
        return None

    def _refuse(self, text: str, reason: str) -> None:
        self._last, self.refused = text, True
        between = " " if reason.endswith("?") else "; "
        self._lines.line(f"note: {reason}{between}the same line again is sent as a question")

    def _help(self, _: str) -> None:
        for action in self._performed():
            others = "".join(f", /{alias}" for alias in action.aliases)
            self._lines.line(f"/{action.slash}{others}: {action.meaning}")
        self._lines.line("Ctrl+C cancels the turn, and twice ends the conversation; Ctrl+D in an empty line ends it.")

    def _performed(self) -> Iterator[Action]:
        yield from (action for action in ACTIONS if action.slash and action.id in self._actions)

    def _retry(self, _: str) -> str | None:
        if not (turns := self._conversation.turns):
            self._lines.line("note: nothing to ask again yet")
            return None
        self.again = turns[-1].number
        self._lines.line(f"asked again: {turns[-1].prompt}")
        return turns[-1].prompt

    def _lift(self, _: str) -> str | None:
        from workbench.startup.lifting import NOTHING, lifted  # not for the first line

        if (lift := lifted(self._conversation, self._settings)) is None:
            self._lines.line(f"note: {NOTHING}")
            return None
        self.again, self.changes = lift.number, lift.changes
        self._lines.line(f"note: {lift.said}")
        return self._conversation.tree.turn(lift.number).prompt

    def _new(self, _: str) -> None:
        self._conversation.clear()
        self._lines.line("note: a new conversation")

    def _model(self, name: str) -> None:
        if name:
            self._settings.put("model", name)
            self._conversation.options = self._settings.options()
        self._lines.line(f"model: {name or self._conversation.options.model}")

    def _set(self, what: str) -> None:
        settings = self._settings
        try:
            if "=" in what:
                self._changed((settings.assign(what),))
            elif what:
                self._lines.line(f"setting {self._masked(at_hand_text.told(settings, settings.row(what)))}")
            else:
                for title, rows in at_hand_text.tables(settings):
                    self._lines.line(f"{title}:")
                    for named, meaning in rows:
                        self._lines.line(f"{self._masked(named)}: {meaning}")
        except ConfigurationError as error:
            self._lines.line(f"note: {self._masked(at_hand_text.refusal_told(error))}")

    def _reset(self, name: str) -> None:
        try:
            changes = self._settings.reset(name)
        except ConfigurationError as error:
            self._lines.line(f"note: {self._masked(at_hand_text.refusal_told(error))}")
            return
        if changes:
            self._changed(changes)
        else:
            self._lines.line(f"note: {name} is as it was at the start" if name else f"note: {at_hand_text.UNCHANGED}")

    def _preset(self, name: str) -> None:
        settings = self._settings
        try:
            if name:
                self._changed(settings.apply(name))
                return
            for preset in settings.presets().values():
                self._lines.line(f"preset {self._masked(at_hand_text.preset_told(preset))}")
            if not settings.presets():
                self._lines.line(f"note: {at_hand_text.NO_PRESETS}")
        except ConfigurationError as error:
            self._lines.line(f"note: {self._masked(at_hand_text.refusal_told(error))}")

    def _changed(self, changes: Sequence[Change]) -> None:
        self._conversation.options = self._settings.options()
        self._lines.line(f"setting {self._masked(at_hand_text.changes_told(changes))}")

    def _masked(self, text: str) -> str:
        return self._conversation.redactor.text(text)

    def _docs(self, words: str) -> None:
        choosing, library = DocumentChoosing(self._conversation), self._conversation.library
        if library is None:
            self._lines.line(f"note: {NO_DOCUMENTS}")
        elif not words:
            self._lines.line(f"documents: {library.describe()}")
            for line in lines_of(choosing, self._masked):
                self._lines.line(line)
        elif (found := DOCUMENT_WORDS.fullmatch(words)) is None or found[1] == "add" or found[3] == "reload":
            self._lines.line("note: documents are added and read again on the screen; here --docs FILE names them")
        else:
            choices, said = choosing.meant(found[1] or found[3], found[2] or "")
            if choices is not None:
                choosing.put(choices)
            self._lines.line(f"{'note' if choices is None else 'documents'}: {self._masked(said)}")

    def _citations(self, mode: str) -> None:
        if mode:
            self._set(f"citations={mode}")
        else:
            self._lines.line(f"citations: {self._settings.now.citations or 'as the server makes them'}")

    def _tools(self, words: str) -> None:
        choosing = ToolChoosing(self._conversation, self._settings)
        tools = choosing.tools()
        if words:
            said, is_done = choosing.perform(words)
            self._lines.line(f"{'tools' if is_done else 'note'}: {said}")
            return
        for each in tools:
            description = " ".join(each.description.split())
            self._lines.line(f"tool {each.name}{'' if each.is_on else ' (off)'}: {description}")
        if tools:
            self._lines.line(f"tools: {tools_in_short(self._conversation)}, {MEANT[choosing.choice]}")
        else:
            self._lines.line(f"note: {NO_TOOLS}")

    def _copy(self, file: str) -> None:
        answer = next((turn.text for turn in reversed(self._conversation.turns) if turn.text), "")
        if not answer:
            self._lines.line("note: nothing to copy yet")
        elif not file:
            self._lines.line("note: there is no clipboard without a screen: /copy FILE writes a file")
        else:
            problem = not_written(file, answer)
            self.failed = bool(problem)
            self._lines.line(f"note: {problem or f'{len(answer):,} characters written to {file}'}")

    def _raw(self, _: str) -> None:
        turn = next(iter(self._conversation.turns[-1:]), None)
        parts = {} if turn is None else {"thinking": turn.thinking, "plan": turn.plan, "answer": turn.text}
        for name, text in parts.items():
            if text:
                self._lines.line(f"{name}:")
                self._lines.piece(text)
                self._lines.end_text()
        if not any(parts.values()):
            self._lines.line("note: no answer yet")

    def _quit(self, _: str) -> None:
        raise Quit
