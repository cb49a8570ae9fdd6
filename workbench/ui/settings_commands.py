"""What is said and done about settings while the app runs: `/set`, `/reset`, `/system` and `/model`.

Owns that they are of the next turn on: a turn that runs goes on with what it began with.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from workbench.config import at_hand_text
from workbench.config.at_hand import AT_HAND
from workbench.errors import ConfigurationError
from workbench.ui.widgets.choices import Choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.config.at_hand import Change, SettingsAtHand
    from workbench.conversation import Conversation
    from workbench.ui.stage import Stage

_NONE: Final = "what answers here has no settings: it is a recording"
_HOW: Final = (
    ("/set NAME=VALUE", "changes one from the next turn on; null is its default"),
    ("/reset NAME", "gives one, or without a name all, the value of the start"),
    ("● NAME", "is another than at the start"),
)


class SettingsCommands:
    """Say and change the settings that the next turn is asked with; what cannot be is said in words."""

    def __init__(self, stage: Stage, conversation: Conversation, settings: SettingsAtHand | None) -> None:
        self._stage = stage
        self._conversation = conversation
        self._settings = settings

    def set(self, what: str) -> None:
        """`NAME=VALUE` changes a setting, `NAME` tells of one, and nothing opens the list of all."""
        if (settings := self._settings) is None:
            self._refuse(_NONE)
        elif not what:
            self._open(settings)
        else:
            self._assign(settings, what) if "=" in what else self._tell(settings, what)

    def reset(self, name: str) -> None:
        """Give a setting, or all, the value that the conversation began with."""
        if (settings := self._settings) is None:
            self._refuse(_NONE)
            return
        try:
            changes = settings.reset(name)
        except ConfigurationError as error:
            self._refuse(at_hand_text.refusal_told(error))
            return
        if changes:
            self._changed(settings, changes)
        else:
            self._stage.say(f"{name} is as it was at the start" if name else at_hand_text.UNCHANGED)

    def model(self, name: str) -> None:
        """Say the model, or ask another one from the next turn on."""
        if name and self._settings is not None:
            self._settings.put("model", name)
        if name:
            self._conversation.options = replace(self._conversation.options, model=name)
            self._stage.say_about()
        self._stage.say(f"model: {self._conversation.options.model}")

    def system(self, _: str) -> None:
        """Edit the system message in the person's own editor, which has the terminal meanwhile."""
        from workbench.ui.editor import EditorFailed, edited, editor_of  # not for the first paint

        if (settings := self._settings) is None:
            self._refuse(_NONE)
            return
        variable, editor = editor_of(os.environ)
        before = self._conversation.options.system
        if not editor:
            row = settings.row("system")
            shown = self._masked(at_hand_text.in_short(row, before or None))
            self._stage.say(f"system: {shown}; /set system=TEXT changes it, and $EDITOR edits a long one")
            return
        try:
            with self._stage.lent():
                after = edited(editor, before).strip()
        except SuspendNotSupported:
            self._refuse("this terminal cannot be lent to an editor; /set system=TEXT changes the system message")
        except EditorFailed as error:
            self._stage.say(f"${variable}: {error}", severity="error")
        else:
            if after == before.strip():
                self._stage.say("the system message is as it was")
            else:
                self._assign(settings, f"system={json.dumps(after) if after else 'null'}")

    def choices(self, typed: str) -> Sequence[Choice]:
        """What may stand behind `/set ` or `/reset `, of what has been typed there."""
        if (settings := self._settings) is None:
            return ()
        name, assigns, begun = typed.partition("=")
        if not assigns:
            return [
                Choice(f"{row.name}=", row.name, at_hand_text.in_short(row, settings.value(row)), ((0, len(typed)),))
                for row in AT_HAND
                if row.name.startswith(typed) and row.name != typed
            ]
        row = next((row for row in AT_HAND if row.name == name), None)
        values = at_hand_text.usual_values(row) if row is not None else ()
        return [
            Choice(f"{name}={value}", value, "", ((0, len(begun)),))
            for value in values
            if value.startswith(begun) and value != begun
        ]

    def _tell(self, settings: SettingsAtHand, name: str) -> None:
        try:
            self._stage.say(self._masked(at_hand_text.told(settings, settings.row(name))))
        except ConfigurationError as error:
            self._refuse(at_hand_text.refusal_told(error))

    def _assign(self, settings: SettingsAtHand, text: str) -> None:
        try:
            change = settings.assign(text)
        except ConfigurationError as error:
            self._refuse(at_hand_text.refusal_told(error))
        else:
            self._changed(settings, (change,))

    def _changed(self, settings: SettingsAtHand, changes: Sequence[Change]) -> None:
        self._conversation.options = settings.options()
        self._stage.say_about()
        self._stage.say(self._masked(at_hand_text.changes_told(changes)))

    def _open(self, settings: SettingsAtHand) -> None:
        from workbench.ui.screens.reading_screen import ReadingScreen

        shown = [
            (title, [(self._masked(left), right) for left, right in pairs])
            for title, pairs in at_hand_text.tables(settings)
        ]
        self._stage.open(ReadingScreen(*shown, ("How", _HOW)))

    def _refuse(self, why: str) -> None:
        self._stage.say(self._masked(why), severity="warning")

    def _masked(self, text: str) -> str:
        return self._conversation.redactor.text(text)
