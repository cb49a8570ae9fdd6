"""A turn that is asked again, as a form: its question, what it was asked with, and which documents and tools go along.

Owns that it begins as the turn was, and that nothing of it is the conversation's own: what is changed here is of one
turn alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workbench.config import at_hand_text
from workbench.config.at_hand import Change, SettingsAtHand
from workbench.config.settings_model import OF_NAME
from workbench.conversation.changes import Changes
from workbench.conversation.turn import Turn
from workbench.ui.forms.fields import Field
from workbench.ui.forms.settings_form import START, SettingsForm

ASK, PROMPT, SET, TOOL = "+ask", "+prompt", "+set ", "+tool "  # no setting is called so
QUESTION, DOCUMENTS, TOOLS = "Question", "Document sets", "Tools"
AS_IT_WAS: Final = "as it was"
SHORT: Final = 30  # characters of a value in the summary,
LONGER: Final = 200  # and of the question as it was


@dataclass(frozen=True, slots=True)
class Sent:
    """The names of the document sets and tools that there are, and of those that the turn was asked with; None for all.

    `tools_off` are those that the conversation leaves out now.
    """

    sets: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    sets_then: frozenset[str] | None = None
    tools_then: frozenset[str] | None = None
    tools_off: frozenset[str] = frozenset()


class AgainForm:
    """`settings` are those of the turn, apart from the conversation's; `ask` runs what comes of the form."""

    def __init__(
        self,
        turn: Turn,
        settings: SettingsAtHand,
        sent: Sent,
        ask: Callable[[Changes], bool],
        masked: Callable[[str], str] = str,
    ) -> None:
        self._turn = turn
        self._settings = settings
        self._sent = sent
        self._ask = ask
        self._masked = masked
        self._prompt = turn.prompt
        self._sets = self._then(sent.sets, sent.sets_then)
        self._tools = self._then(sent.tools, sent.tools_then)
        self._form = SettingsForm(settings, self._noted, masked, self._goes_along, when="in the turn")

    @staticmethod
    def _then(names: Sequence[str], then: frozenset[str] | None) -> set[str]:
        return {name for name in names if then is None or name in then}

    @staticmethod
    def _noted(_: Sequence[Change]) -> None:
        """Nobody has to be told: the form is drawn anew."""

    def _goes_along(self) -> tuple[bool, bool]:
        return bool(self._sets), bool(self._tools)

    @property
    def title(self) -> str:
        """Which turn it is."""
        return f"Turn {self._turn.place} again"

    @property
    def about(self) -> str:
        """What becomes of the turn."""
        return "the turn itself stays"

    def changes(self) -> Changes:
        """What is otherwise than in the turn, and what it was asked with."""
        return Changes(
            prompt=None if self._prompt == self._turn.prompt else self._prompt,
            options=self._settings.options(),
            sets=None if self._sets == set(self._sent.sets) else frozenset(self._sets),
            tools=None if self._tools == set(self._sent.tools) - self._sent.tools_off else frozenset(self._tools),
        )

    def fields(self) -> list[Field]:
        """What asks it, its question, every setting of a turn, then the sets and the tools."""
        own = [self._as_of_turn(field) for field in self._form.fields() if field.group != START]
        sets = [
            self._switch(SET, name, DOCUMENTS, is_on=name in self._sets, was_on=name in self._was_on(SET))
            for name in self._sent.sets
        ]
        tools = [
            self._switch(TOOL, name, TOOLS, is_on=name in self._tools, was_on=name in self._was_on(TOOL))
            for name in self._sent.tools
        ]
        fields = [self._prompt_field(), *own, *sets, *tools]
        return [self._ask_field(fields), *fields]

    def check(self, key: str, typed: str) -> str:
        """What is wrong with a value, or may be."""
        if key == PROMPT:
            return "" if typed.strip() else "the question is empty"
        return self._form.check(key, typed)

    def change(self, key: str, typed: str) -> str:
        """Give the turn another question, or a setting another value."""
        if key != PROMPT:
            return self._form.change(key, typed)
        if problem := self.check(key, typed):
            return problem
        self._prompt = self._masked(typed)
        return ""

    def toggle(self, key: str) -> str:
        """Let a set or a tool go along or not, or give a setting its next value."""
        if key.startswith(SET):
            self._sets ^= {key.removeprefix(SET)}
        elif key.startswith(TOOL):
            self._tools ^= {key.removeprefix(TOOL)}
        else:
            return self._form.toggle(key)
        return ""

    def reset(self, key: str) -> str:
        """Let a field be as it was in the turn."""
        if key == PROMPT:
            self._prompt = self._turn.prompt
        elif key.startswith((SET, TOOL)):
            chosen = self._sets if key.startswith(SET) else self._tools
            name = key.removeprefix(SET).removeprefix(TOOL)
            (chosen.add if name in self._was_on(SET if key.startswith(SET) else TOOL) else chosen.discard)(name)
        else:
            return self._form.reset(key)
        return ""

    def press(self, key: str) -> bool:
        """Ask the turn again."""
        return key == ASK and self._ask(self.changes())

    def _was_on(self, kind: str) -> set[str]:
        if kind == SET:
            return self._then(self._sent.sets, self._sent.sets_then)
        return self._then(self._sent.tools, self._sent.tools_then)

    def _ask_field(self, fields: Sequence[Field]) -> Field:
        changed = [f"{field.name} {_short(field.value)}" for field in fields if field.differs]
        what = " · ".join(changed) or AS_IT_WAS
        told = (
            f"Asks the question of turn {self._turn.place}: {what}.",
            "It becomes a turn beside that one, from which the conversation goes on; nothing is overwritten.",
        )
        return Field(ASK, "ask", what, how="press", told=told)

    def _prompt_field(self) -> Field:
        differs = self._prompt != self._turn.prompt
        told = (
            "The question. A file that it names behind an @ goes along, as it is now.",
            f"it was: {_short(self._turn.prompt, LONGER)}" if differs else AS_IT_WAS,
        )
        return Field(
            PROMPT, "prompt", self._prompt, QUESTION, typed=self._prompt, long=True, differs=differs,
            mark="changed" if differs else "", told=told,
        )  # fmt: skip

    def _switch(self, kind: str, name: str, group: str, *, is_on: bool, was_on: bool) -> Field:
        what = "The documents of this set are" if kind == SET else "The model is"
        does = "searched for the question" if kind == SET else "given this tool"
        told = (f"{what} {does}, or not.", f"in the turn {'on' if was_on else 'off'}")
        differs = is_on != was_on
        mark = "changed" if differs else ""
        value = "on" if is_on else "off"
        return Field(kind + name, name, value, group, "toggle", differs=differs, mark=mark, told=told)

    def _as_of_turn(self, field: Field) -> Field:
        """A setting differs here where it is otherwise than in the turn."""
        row = OF_NAME[field.key]
        was = self._settings.at_start(row)
        differs = self._settings.value(row) != was
        mark = f"was {at_hand_text.in_short(row, was)}" if differs else ""
        return replace(field, differs=differs, mark=mark)


def _short(text: str, most: int = SHORT) -> str:
    line = " ".join(text[: 2 * most].split())
    return line if len(line) <= most and len(text) <= 2 * most else f"{line[: most - 1]}…"
