"""What is said and done about settings while the app runs: `/set`, `/reset`, `/system` and `/model`.

Owns that they are of the next turn on: a turn that runs goes on with what it began with.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from workbench.config import at_hand_text
from workbench.config.at_hand import AT_HAND, SettingsAtHand
from workbench.errors import ConfigurationError
from workbench.ui.widgets.choices import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.config.at_hand import Change
    from workbench.conversation import Changes, Conversation
    from workbench.conversation.turn import Turn
    from workbench.ui.forms.again_form import AgainForm, Sent
    from workbench.ui.stage import Stage

_HOW: Final = (
    ("/set NAME=VALUE", "changes one from the next turn on; null is its default"),
    ("/reset NAME", "gives one, or without a name all, the value of the start"),
    ("● NAME", "is another than at the start"),
)


class SettingsCommands:
    """Say and change the settings that the next turn is asked with; what cannot be is said in words."""

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        settings: SettingsAtHand | None,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_busy` tells whether a turn is running or about to."""
        self._is_busy = is_busy
        self._stage = stage
        self._conversation = conversation
        self._settings = settings

    def set(self, what: str) -> None:
        """`NAME=VALUE` changes a setting, `NAME` tells of one, and nothing opens the list of all."""
        if (settings := self._settings) is None:
            self._refuse(at_hand_text.NO_SETTINGS)
        elif not what:
            self._open(settings)
        else:
            self._assign(settings, what) if "=" in what else self._tell(settings, what)

    def panel(self, what: str) -> None:
        """Open the panel of all settings; with words behind it, as `set`."""
        if (settings := self._settings) is None:
            self._refuse(at_hand_text.NO_SETTINGS)
        elif what:
            self.set(what)
        else:
            self._open_panel(settings)

    def preset(self, name: str) -> None:
        """Change to a preset, or open the list of them."""
        if (settings := self._settings) is None:
            self._refuse(at_hand_text.NO_SETTINGS)
        elif not name:
            self._open_presets(settings)
        else:
            try:
                self._changed(settings, settings.apply(name))
            except ConfigurationError as error:
                self._refuse(at_hand_text.refusal_told(error))

    def again(self, turn: Turn, assigned: Sequence[str], ask: Callable[[Changes], object]) -> None:
        """Ask `turn` again with what is `assigned`; without that, open the dialog in which it is changed."""
        if (settings := self._settings) is None:
            self._refuse(at_hand_text.NO_SETTINGS)
            return
        from workbench.startup.settings_again import settings_again
        from workbench.ui.forms.again_form import PROMPT, AgainForm

        own = SettingsAtHand(replace(settings.now, **settings_again([turn])), self._masked)

        def asked(changes: Changes) -> bool:
            if self._is_busy():
                self._refuse("a turn is running: this one can be asked again when it is over")
                return False
            ask(changes)
            return True

        form = AgainForm(turn, own, self._sent_with(turn), asked, self._masked)
        if not assigned:
            self._open_again(form)
            return
        try:
            for text in assigned:
                name, _, value = text.partition("=")
                if name.strip() == "prompt":
                    form.change(PROMPT, value.strip())
                else:
                    own.assign(text)
        except ConfigurationError as error:
            self._refuse(at_hand_text.refusal_told(error))
        else:
            asked(form.changes())

    def _open_again(self, form: AgainForm) -> None:
        from workbench.ui.forms.again_form import ASK, PROMPT
        from workbench.ui.screens.form import FormScreen

        actions = {"form-ask": partial(form.press, ASK)}
        self._stage.open(FormScreen(form, self._stage.keymap, self.outside, actions, first=PROMPT))

    def _sent_with(self, turn: Turn) -> Sent:
        """The document sets and tools that there are, and those that the turn was asked with, where that is known."""
        from workbench.documents.retrieval import Library
        from workbench.ui.forms.again_form import Sent

        library, toolbox, made = self._conversation.library, self._conversation.toolbox, turn.made_from
        names = [str(tool["function"]["name"]) for tool in toolbox.definitions()] if toolbox is not None else []
        chosen = made.tools if made is not None else None
        return Sent(
            library.names if isinstance(library, Library) else (),
            tuple(names),
            made.sets if made is not None else None,
            frozenset(names) - turn.tools_off if chosen is None and turn.tools_off else chosen,
            self._conversation.tools_off,
        )

    def reset(self, name: str) -> None:
        """Give a setting, or all, the value that the conversation began with."""
        if (settings := self._settings) is None:
            self._refuse(at_hand_text.NO_SETTINGS)
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
        if name:
            if self._settings is not None:
                self._settings.put("model", name, "/model")
                self._conversation.options = self._settings.options()
            else:
                self._conversation.options = replace(self._conversation.options, model=name)
            self._stage.say_about()
        self._stage.say(f"model: {self._conversation.options.model}")

    def system(self, _: str) -> None:
        """Edit the system message in the person's own editor, which has the terminal meanwhile."""
        from workbench.ui.editor import editor_of  # not for the first paint

        if (settings := self._settings) is None:
            self._refuse(at_hand_text.NO_SETTINGS)
            return
        before = self._conversation.options.system
        if not editor_of(os.environ)[1]:
            row = settings.row("system")
            shown = self._masked(at_hand_text.in_short(row, before or None))
            self._stage.say(f"system: {shown}; /set system=TEXT changes it, and $EDITOR edits a long one")
            return
        text = self.outside(before, "; /set system=TEXT changes the system message")
        if text is None:
            return
        if (after := text.strip()) == before.strip():
            self._stage.say("the system message is as it was")
        else:
            self._assign(settings, f"system={json.dumps(after) if after else 'null'}")

    def outside(self, text: str, otherwise: str = "") -> str | None:
        """`text` as the person's own editor left it, which has the terminal meanwhile; None, and why is said, when it
        did not: `otherwise` is what to do then."""
        from workbench.ui.editor import EditorFailed, edited, editor_of  # not for the first paint

        variable, editor = editor_of(os.environ)
        if not editor:
            self._refuse(f"no editor: set $EDITOR{otherwise}")
            return None
        if self._is_busy():  # of which nothing would be read while the editor is open
            self._refuse("a turn is running: an editor can have the terminal when it is over")
            return None
        try:
            with self._stage.lent():
                return edited(editor, text)
        except SuspendNotSupported:
            self._refuse(f"this terminal cannot be lent to an editor{otherwise}")
        except EditorFailed as error:
            self._stage.say(f"${variable}: {error}", severity="error")
        return None

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

    def preset_choices(self, typed: str) -> Sequence[Choice]:
        """The presets whose names begin with what has been typed behind `/preset `."""
        if (settings := self._settings) is None:
            return ()
        try:
            presets = settings.presets().values()
        except ConfigurationError:  # which is said when one is asked for
            return ()
        return [
            Choice(each.name, each.name, at_hand_text.preset_told(each).partition(": ")[2], ((0, len(typed)),))
            for each in presets
            if each.name.startswith(typed) and each.name != typed
        ]

    def _open_panel(self, settings: SettingsAtHand) -> None:
        from workbench.ui.forms.settings_form import SettingsForm
        from workbench.ui.screens.form import FormScreen

        form = SettingsForm(settings, partial(self._changed, settings), self._masked, self._sent)
        actions = {
            "form-presets": lambda: self._open_presets(settings),
            "form-save": lambda: self._open_presets(settings, saving=True),
        }
        first = next(iter(settings.changed() or AT_HAND)).name
        self._stage.open(FormScreen(form, self._stage.keymap, self.outside, actions, first=first))

    def _open_presets(self, settings: SettingsAtHand, *, saving: bool = False) -> None:
        from workbench.ui.forms.presets_form import SAVE, PresetsForm
        from workbench.ui.screens.form import FormScreen

        def saved(name: str, path: str) -> None:
            self._stage.say(f"preset {name} is in {path}: /preset {name}, or --preset {name} at the next start")

        form = PresetsForm(settings, partial(self._changed, settings), saved, self._masked)
        self._stage.open(FormScreen(form, self._stage.keymap, self.outside, first=SAVE if saving else ""))

    def _sent(self) -> tuple[bool, bool]:
        """Whether documents and tools go along with a question."""
        tools, search = self._conversation.tools_on, self._conversation.search_tool
        searches = search is not None and search.name not in self._conversation.tools_off
        return self._conversation.library is not None, searches or (tools is not None and bool(tools.definitions()))

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
            self._warn(settings, change)

    def _warn(self, settings: SettingsAtHand, change: Change) -> None:
        """Say what a server may refuse of a setting that was changed; it is sent all the same."""
        from workbench.config.lint import lint

        documents, tools = self._sent()
        for each in lint(settings.now, documents=documents, tools=tools):
            if each.name == change.row.name:
                self._refuse(f"{each.name} may be refused: {each.message}")

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
