"""What the actions of the app do, however they were asked for: by a key, the palette, or a slash command.

Owns their effects on conversation and screen, by the ids of the table.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from workbench.ui import slash
from workbench.ui.actions import ACTIONS
from workbench.ui.arrangement import PANELS, Panel
from workbench.ui.branches import Branches
from workbench.ui.copies import Copies
from workbench.ui.panes.pane import DetailedPane
from workbench.ui.takings import Takings
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.documents.ledger import LedgerEntry
    from workbench.ui.arranging import Arranging
    from workbench.ui.asking import Asking
    from workbench.ui.document_commands import DocumentCommands
    from workbench.ui.event_walk import EventWalk
    from workbench.ui.evidence_walk import EvidenceWalk
    from workbench.ui.exporting import Exporting
    from workbench.ui.forms.asked_form import AskedForm
    from workbench.ui.grid_commands import GridCommands
    from workbench.ui.navigation import Navigation
    from workbench.ui.screens.asked_form import AskedFormScreen
    from workbench.ui.settings_commands import SettingsCommands
    from workbench.ui.stage import Stage
    from workbench.ui.startup import Replays, Startup
    from workbench.ui.switching import Switching
    from workbench.ui.tool_commands import ToolCommands
    from workbench.ui.turn_commands import TurnCommands
    from workbench.ui.widgets.choices import Choice

TURNS_LOOKED_AT = 50  # for the models that answered
IN_A_REPLAY = tuple(action.id for action in ACTIONS if action.place == "replay")
NO_REPLAY = "this works in a replay: workbench replay FILE, or the id of a session"
TWICE_SECONDS = 2.0  # within which a second interrupt quits


class Commands:
    """Performs an action; whatever cannot be done is said in words, never raised."""

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        navigation: Navigation,
        asking: Asking,
        arranging: Arranging,
        startup: Startup,
    ) -> None:
        self._startup = startup
        self._stage = stage
        self._conversation = conversation
        self._navigation = navigation
        self._asking = asking
        self._copies = Copies(stage)
        self._of_branches = Branches(
            stage, conversation, navigation, asking, lambda text: self._of_settings.outside(text)
        )
        stage.asked_form = self._asked_form
        self._settings = startup.settings
        self.takings = Takings(stage, conversation, navigation)
        self._interrupted = self._escaped = 0.0
        self.replaying: Replays | None = None
        """What steps through a recording, where one is played."""
        self._refused = ""  # the line with a slash that was sent last, when it was refused
        self._actions: Mapping[str, Callable[[str], object]] = {
            "cancel": self._cancel,
            "interrupt": self._interrupt,
            "help": self._help,
            "model": lambda name: self._of_settings.model(name),
            "set": lambda what: self._of_settings.set(what),
            "settings-panel": lambda what: self._of_settings.panel(what),
            "preset": lambda name: self._of_settings.preset(name),
            "again": self._again,
            "lift": self._lift,
            "reset": lambda name: self._of_settings.reset(name),
            "system": self._system,
            "docs": lambda words: self._of_documents.docs(words),
            "citations": lambda mode: self._of_documents.set_citations(mode),
            "tools": lambda words: self._of_tools.tools(words),
            "run-tool": lambda words: self._of_tools.run_tool(words),
            "run-call": lambda _: self._of_tools.run_call(),
            "copy": self._copy,
            "write": self._write,
            "copy-answer": self._copy_answer,
            "copy-turn": self._copy_turn,
            "copy-as": lambda form: self._exporting.copy_as(form),
            "export": lambda rest: self._exporting.export(rest),
            "follow-event": lambda _: self._event_walk.follow(),
            "to-event": lambda _: self._event_walk.to_event(),
            "details": self._details,
            **{f"code-{number}": partial(self._pick_code, number) for number in range(1, 10)},
            "next-uncited": lambda _: self._evidence_walk.to_uncited(1),
            "previous-uncited": lambda _: self._evidence_walk.to_uncited(-1),
            "next-citing": lambda _: self._evidence_walk.to_sentence(1),
            "previous-citing": lambda _: self._evidence_walk.to_sentence(-1),
            "question-words": lambda _: self._evidence_walk.to_question(),
            "edit": self._edit,
            "pager": self._page,
            "form": self._form,
            "raw": self._raw,
            "compare": lambda which: self._of_turns.compare(which),
            "grid": lambda what: self._of_grid.grid(what),
            "retry": self._retry,
            **dict.fromkeys(("edit-turn", "edit-turn-here"), lambda number: self._of_branches.edit(number)),
            "edit-call": lambda _: self._of_branches.edit_call(),
            "tree": lambda _: self._of_branches.show_tree(),
            "earlier-branch": lambda _: self._of_branches.step(-1),
            "later-branch": lambda _: self._of_branches.step(1),
            "new": self._new,
            "theme": stage.choose_theme,
            "quit": self._quit,
            "sessions": self._sessions,
            "fork": self._fork,
            **{f"suggested-{number}": partial(self._suggested, number) for number in (1, 2, 3)},
            "next-pane": lambda _: navigation.next_pane(1),
            "previous-pane": lambda _: navigation.next_pane(-1),
            "earlier-turn": lambda _: navigation.walk(-1),
            "later-turn": lambda _: navigation.walk(1),
            "grow": lambda _: navigation.grow(),
            "larger-side": lambda _: arranging.resize(1),
            "smaller-side": lambda _: arranging.resize(-1),
            "usual-side": lambda _: arranging.as_usual(),
            "hide-side": lambda _: arranging.hide(),
            **{f"show-{name}": partial(self._show, name) for name in PANELS},
            **{id: partial(self._in_replay, id) for id in IN_A_REPLAY},
        }
        self._possible: Mapping[str, Callable[[], object]] = {
            **{f"suggested-{number}": partial(self._is_suggested, number) for number in (1, 2, 3)},
            "send": lambda: stage.prompt.text.strip() and not stage.prompt.is_searching,
            "newline": lambda: not stage.prompt.is_searching,
            "cancel": lambda: asking.busy or (self.replaying is not None and self.replaying.is_playing),
            "edit": lambda: not asking.busy,
            "new": lambda: not asking.busy,
            "retry": lambda: conversation.turns and not asking.busy and not asking.refusal,
            **dict.fromkeys(("edit-turn", "edit-turn-here"), lambda: conversation.turns and not asking.refusal),
            "edit-call": self._is_on_call,
            "pager": lambda: stage.in_panes is stage.tools.rows and stage.tools.rows.keys,
            "run-call": lambda: self._is_on_call() and conversation.has_tools,
            "tools": lambda: conversation.has_tools,
            "docs": lambda: conversation.library is not None or startup.documents is not None,
            "run-tool": lambda: conversation.has_tools and not asking.refusal,
            "tree": lambda: conversation.turns or self._of_branches.has_turns,
            **dict.fromkeys(("earlier-branch", "later-branch"), self._has_branches),
            "again": lambda: conversation.turns and not asking.busy and not asking.refusal,
            "lift": self._can_lift,
            "raw": navigation.turn_in_view,
            "compare": lambda: len(conversation.tree) > 1,
            "grid": lambda: self._settings is not None and len(conversation.tree) > 0,
            "copy-answer": self.takings.last_answer,
            **{f"code-{number}": partial(self.takings.has_code, number) for number in range(1, 10)},
            "select": lambda: stage.chat.view.line_count,
            "select-lines": lambda: stage.chat.view.line_count,
            "copy-turn": navigation.turn_in_view,
            "sessions": lambda: startup.sessions,
            "fork": lambda: startup.session and conversation.turns and not asking.busy,
            "copy-as": navigation.turn_in_view,
            "copy-as-here": navigation.turn_in_view,
            "details": self._has_details,
            "follow-event": lambda: navigation.focused_panel == "events",
            "to-event": lambda: navigation.focused_panel not in (None, "events"),
            "export": lambda: conversation.turns,
            "next-citation": self._any_citation,
            "previous-citation": self._any_citation,
            "open-citation": lambda: stage.chat.view.walks,
            **dict.fromkeys(("next-uncited", "previous-uncited"), self._any_source),
            **dict.fromkeys(("next-citing", "previous-citing"), lambda: self._has_source(lambda each: each.number)),
            "question-words": lambda: self._has_source(lambda each: each.matched),
            "earlier-turn": lambda: len(conversation.turns) > 1,
            "later-turn": lambda: len(conversation.turns) > 1,
            "next-hit": lambda: stage.searched,
            "previous-hit": lambda: stage.searched,
            "filter": self._can_filter,
            "filter-back": self._can_filter,
            "fold-thinking": lambda: any(turn.thinking for turn in conversation.turns),
            **dict.fromkeys(IN_A_REPLAY, self._can_replay),
        }

    def run(self, text: str) -> None:
        """Carry out a line that is a command, by its slash or by habit, or ask it when it is a question.

        What is refused goes back into the prompt, and is a question when it is sent once more as it is.
        """
        meant = self._meant(text) if text != self._refused else None
        self._refused = text if isinstance(meant, slash.Refusal) else ""
        match meant:
            case slash.Command(action, rest):
                self.perform(action.id, rest)
            case slash.Refusal(reason):
                again = f"{self._stage.keymap.label('send') or 'sending it'} again sends it as a question"
                between = " " if reason.endswith("?") else "; "
                self._stage.say(f"{reason}{between}{again}", severity="warning")
                typed = self._stage.prompt.whole  # since then
                self._stage.prompt.put(f"{text}\n{typed}" if typed else text)
            case None:
                if not self._of_branches.asks(text):
                    self._asking.put_by_person(text)

    def _meant(self, text: str) -> slash.Command | slash.Refusal | None:
        from workbench.ui import habits  # not for the first paint

        keymap = self._stage.keymap
        return slash.read(text, keymap.label("help")) if text.startswith("/") else habits.read(text, keymap)

    def perform(self, id: str, rest: str = "") -> None:
        """Do what the action `id` is for; `rest` is what was typed after its slash command."""
        self._actions[id](rest)

    def _has_branches(self) -> bool:
        return bool(self._conversation.turns) and self._conversation.tree.has_branches

    def _is_on_call(self) -> bool:
        rows = self._stage.tools.rows
        return self._stage.in_panes is rows and not self._asking.refusal and rows.call_here is not None

    def _can_filter(self) -> bool:
        here = self._stage.in_panes
        return isinstance(here, RowList) and here.can_filter

    def can(self, id: str) -> bool:
        """Whether there is something for the action to do now."""
        return id not in self._possible or bool(self._possible[id]())

    # -- the turn --------------------------------------------------------------------------------------

    def _cancel(self, _: str) -> None:
        if self._of_branches.leave() or self._stops():
            return
        searched, prompt = self._stage.searched, self._stage.prompt
        if (searched is not None and searched.forget_search()) or self._navigation.restore():
            return
        is_again = time.monotonic() - self._escaped < TWICE_SECONDS
        self._escaped = time.monotonic()
        if is_again and prompt.has_focus and prompt.text and (clears := self._stage.keymap.label("interrupt")):
            self._stage.say(f"{clears} clears the prompt, and Up brings it back")
        prompt.focus()

    def _stops(self) -> bool:
        """Stop the turn that runs, or let the replay that plays pause; return whether there was either."""
        return self._asking.cancel() or (self.replaying is not None and self.replaying.pause())

    def _stops_grid(self) -> bool:
        """Stop the cells of a grid that run; return whether there were some."""
        return "_of_grid" in self.__dict__ and self._of_grid.cancel()

    def _can_replay(self) -> bool:
        is_typed = self._stage.spot == "prompt" and bool(self._stage.prompt.text)
        return self.replaying is not None and not is_typed

    def _in_replay(self, id: str, rest: str) -> None:
        """Step through the recording that is played."""
        if self.replaying is None:
            self._stage.say(NO_REPLAY, severity="warning")
        else:
            self.replaying.perform(id, rest)

    def _interrupt(self, _: str) -> None:
        """Copy a selection, else cancel, else clear the prompt, else quit when asked for twice."""
        if selected := self._stage.selected_text:
            self._copies.to_clipboard(selected)
            self._stage.clear_selection()
        elif self._stops() or self._stops_grid() or self._of_branches.leave():
            return
        elif self._stage.prompt.text or self._stage.prompt.is_choosing:
            self._stage.prompt.set_aside()
        elif time.monotonic() - self._interrupted < TWICE_SECONDS:
            self._stage.end()
        else:
            self._interrupted = time.monotonic()
            self._stage.say(f"{self._stage.keymap.label('interrupt')} again quits")

    def _is_suggested(self, number: int) -> bool:
        return self._stage.chat.is_empty and number <= len(self._stage.suggestions)

    def _suggested(self, number: int, _: str) -> None:
        """Ask one of the questions that the empty chat suggests."""
        if self._is_suggested(number):
            question = self._stage.suggestions[number - 1]
            self._stage.prompt.asked.remember(question)
            self._asking.put(question)

    def _retry(self, _: str) -> None:
        if self._refused_while_busy():
            return
        if self._asking.refusal:
            self._stage.say(self._asking.refusal, severity="warning")
            return
        last = self._conversation.turns[-1:]
        if not last:
            self._stage.say("nothing to ask again yet", severity="warning")
        else:
            self._asking.again(last[0].number, stays=True)

    def _again(self, what: str) -> None:
        """Ask a turn again, with what is changed of it; without such, open the dialog for that."""
        if self._refused_while_busy():
            return
        if self._asking.refusal:
            self._stage.say(self._asking.refusal, severity="warning")
            return
        place, assigned = slash.turn_and_assignments(what)
        turns = self._conversation.tree
        turn = self._navigation.turn_read() if place is None else next((t for t in turns if t.place == place), None)
        if turn is None:
            which = "no turn yet" if place is None else f"there is no turn {place}"
            self._stage.say(f"{which}: /again [TURN] [NAME=VALUE ...] asks one again", severity="warning")
        else:
            self._of_settings.again(turn, assigned, partial(self._asking.again, turn.number))

    def goes_on(self, turn: Turn, named: str = "") -> str:
        """By what one goes on past the limit that stopped a turn, the last one; "" where that cannot be.

        It is `named` so, else by the command and the key.
        """
        from workbench.conversation.lifting import is_liftable  # not for the first paint

        if self._settings is None or self._asking.refusal or turn not in self._conversation.turns[-1:]:
            return ""
        key = self._stage.keymap.letter("lift")
        named = named or f"/lift{f', or {key} in a pane,' if key else ''}"
        return f"{named} goes on" if is_liftable(turn) else ""

    def _can_lift(self) -> bool:
        turns = self._conversation.turns
        return bool(turns) and not self._asking.busy and bool(self.goes_on(turns[-1]))

    def _lift(self, _: str) -> None:
        """Go on with the turn that a limit stopped, past that limit."""
        from workbench.startup.lifting import NOTHING, lifted  # not for the first paint

        if self._refused_while_busy():
            return
        lift = None if self._settings is None or self._asking.refusal else lifted(self._conversation, self._settings)
        if lift is None:
            self._stage.say(self._asking.refusal or NOTHING, severity="warning")
            return
        self._stage.say_about()
        self._stage.say(lift.said)
        self._asking.again(lift.number, lift.changes)

    def _new(self, _: str) -> None:
        if self.replaying is not None:
            self._stage.say(self._asking.refusal, severity="warning")
        elif not self._refused_while_busy():
            had_turns = bool(self._conversation.turns)
            self._conversation.clear()
            self._stage.say_about()
            self._of_branches.leave()
            self._asking.path.stop()
            self._stage.clear()
            if had_turns:
                self._stage.say("a new conversation: Up brings back what was asked")

    def _refused_while_busy(self) -> bool:
        if not self._asking.ready.is_set():
            self._stage.say("documents and session are still being read", severity="warning")
            return True
        return self._refused_in_turn()

    def _refused_in_turn(self) -> bool:
        if self._asking.busy:
            stops = self._stage.keymap.label("cancel") or self._stage.keymap.label("interrupt")
            self._stage.say(f"a turn is running: {stops} stops it", severity="warning")
        elif self._runs():
            self._stage.say("a grid is running: /grid shows it", severity="warning")
        return self._runs()

    def _runs(self) -> bool:
        """Whether a turn of the conversation runs or is about to, or a cell of a grid does."""
        return self._asking.busy or ("_of_grid" in self.__dict__ and self._of_grid.runs)

    @cached_property
    def _of_settings(self) -> SettingsCommands:
        from workbench.ui.settings_commands import SettingsCommands  # not for the first paint

        return SettingsCommands(self._stage, self._conversation, self._settings, self._runs)

    @cached_property
    def _of_turns(self) -> TurnCommands:
        from workbench.ui.turn_commands import TurnCommands  # not for the first paint

        return TurnCommands(self._stage, self._conversation, self._navigation, self._copies)

    def _asked_form(self, form: AskedForm) -> AskedFormScreen:
        """The screen of a form that a server asks for."""
        from workbench.ui.screens.asked_form import AskedFormScreen  # only when a server asks

        return AskedFormScreen(form, self._stage.keymap, lambda text: self._of_settings.outside(text))

    @cached_property
    def _of_tools(self) -> ToolCommands:
        from workbench.ui.tool_commands import ToolCommands  # not for the first paint

        parts = (self._stage, self._conversation, self._asking, self._copies, self._settings)
        commands = ToolCommands(*parts, lambda text: self._of_settings.outside(text))
        self._stage.on_question = lambda call_id, is_open: commands.hears(call_id, is_open=is_open)
        return commands

    @cached_property
    def _of_documents(self) -> DocumentCommands:
        from workbench.ui.document_commands import DocumentCommands  # not for the first paint

        startup = self._startup
        return DocumentCommands(self._stage, self._conversation, self._asking, startup.settings, startup.documents)

    async def watch_documents(self) -> None:
        """Read again what changes of the sets that are to be watched, as long as the app runs."""
        if self._startup.documents is not None and self._startup.documents.watched:
            await self._of_documents.watch()

    def document_choices(self, typed: str) -> Sequence[Choice]:
        """What may stand behind `/docs`, of what has been typed there."""
        return self._of_documents.words(typed)

    @cached_property
    def _of_grid(self) -> GridCommands:
        from workbench.ui.grid_commands import GridCommands  # not for the first paint

        parts = (self._stage, self._conversation, self._navigation, self._asking, self._copies)
        return GridCommands(*parts, self._of_turns, self._settings)

    def setting_choices(self, typed: str) -> Sequence[Choice]:
        """What may stand behind `/set`, of what has been typed there."""
        return self._of_settings.choices(typed)

    def preset_choices(self, typed: str) -> Sequence[Choice]:
        """What may stand behind `/preset`, of what has been typed there."""
        return self._of_settings.preset_choices(typed)

    def tools_known(self) -> Sequence[tuple[str, bool]]:
        """The tools that there are, each with whether the next turn gets it."""
        from workbench.ui.tool_choosing import ToolChoosing

        return [(tool.name, tool.is_on) for tool in ToolChoosing(self._conversation, self._settings).tools()]

    def _system(self, _: str) -> None:
        if not self._refused_in_turn():  # of which nothing would be read while the editor is open
            self._of_settings.system("")

    def models(self) -> Sequence[str]:
        """The models that answered in this conversation, the last one first, and the one that is asked now."""
        latest = reversed(self._conversation.turns[-TURNS_LOOKED_AT:])
        asked = [step.request.get("model") for turn in latest for step in turn.steps]
        return list(
            dict.fromkeys([*(name for name in asked if isinstance(name, str)), self._conversation.options.model])
        )

    def _edit(self, _: str) -> None:
        """Write the question in the person's own editor, which has the terminal meanwhile."""
        from workbench.ui.editor import EditorFailed, edited, editor_of  # not for the first paint

        variable, editor = editor_of(os.environ)
        if not editor:
            self._stage.say("no editor: set $EDITOR", severity="warning")
        elif not self._refused_in_turn():  # of which nothing would be read while the editor is open
            self._stage.prompt.leave_search()
            try:
                with self._stage.lent():
                    text = edited(editor, self._stage.prompt.whole)
            except SuspendNotSupported:
                self._stage.say("this terminal cannot be lent to an editor", severity="warning")
            except EditorFailed as error:
                self._stage.say(f"${variable}: {error}", severity="error")
            else:
                self._stage.prompt.rewrite(text)

    def _form(self, _: str) -> None:
        """Show the result of the call that one stands on in another form."""
        if self._stage.tools.has_result_here:
            self._stage.tools.rows.action_form()
        else:
            self._stage.say("stand on a call that has ended to see its result in another form", severity="warning")

    def _page(self, _: str) -> None:
        """Show all of what one stands on in Tools in the person's own pager, which has the terminal meanwhile."""
        text = self._stage.tools.whole_here()
        if not text:
            self._stage.say("there is nothing here to show in a pager", severity="warning")
        elif not self._refused_in_turn():  # of which nothing would be read while the pager is open
            self._stage.page(text)

    # -- other conversations ---------------------------------------------------------------------------

    @cached_property
    def _switching(self) -> Switching:
        from workbench.ui.switching import Switching  # not for the first paint

        parts = (self._stage, self._conversation, self._navigation, self._asking, self._startup)
        return Switching(*parts, left=self._of_branches.leave, leaves=self._leave_tools)

    async def _leave_tools(self) -> None:
        if "_of_tools" in self.__dict__:
            await self._of_tools.leave()

    def _sessions(self, words: str) -> None:
        """List the sessions, those at first in which the words are."""
        folder = self._switching.folder
        if folder is None:
            from workbench.ui.switching import NONE_KEPT

            self._stage.say(NONE_KEPT, severity="warning")
            return
        from workbench.ui.screens.sessions import SessionsScreen  # not for the first paint

        self._stage.open(SessionsScreen(folder, self._switching, self._copies, self._stage.keymap, words))

    def _fork(self, _: str) -> None:
        """Go on in a copy of the conversation, up to the turn that is read."""
        here, turn = self._switching.here, self._navigation.turn_in_view()
        if self._refused_while_busy():
            return
        if here is None or turn is None:
            self._stage.say("no turn is kept yet: there is nothing to fork", severity="warning")
            return

        async def run() -> None:
            if problem := await self._switching.fork(here, turn.number):
                self._stage.say(problem, severity="warning")

        self._switching.work(run)

    # -- looking ---------------------------------------------------------------------------------------

    def _help(self, _: str) -> None:
        """Show the help, or close it."""
        from workbench.ui.screens.help import HelpScreen  # not for the first paint

        if isinstance(self._stage.screen, HelpScreen):
            self._stage.screen.dismiss()
        else:
            self._stage.open(HelpScreen(self._stage.keymap, in_replay=self.replaying is not None))

    def _raw(self, _: str) -> None:
        turn = self._navigation.turn_in_view()
        if turn is None:
            key = self._stage.keymap.label("raw") or "/raw"
            self._stage.say(f"no answer yet: {key} shows the raw text of one", severity="warning")
            return
        from workbench.ui.screens.raw import RawScreen  # not for the first paint

        self._stage.open(RawScreen(turn, self._copies, self._stage.keymap))

    @cached_property
    def _event_walk(self) -> EventWalk:
        from workbench.ui.event_walk import EventWalk  # not for the first paint

        return EventWalk(self._stage, self._navigation)

    @cached_property
    def _evidence_walk(self) -> EvidenceWalk:
        from workbench.ui.evidence_walk import EvidenceWalk  # not for the first paint

        return EvidenceWalk(self._stage, self._navigation)

    def open_source(self) -> None:
        """From a source whose passage is open to the sentence of the answer that cites it, and into the chat."""
        self._evidence_walk.back_to_chat()

    def _has_source(self, fits: Callable[[LedgerEntry], object]) -> bool:
        """Whether one is in the pane of sources, and one of them fits."""
        shown = self._stage.sources.shown
        return self._stage.spot == "sources" and shown is not None and any(map(fits, shown.ledger.entries()))

    def _has_details(self) -> DetailedPane | None:
        panel = self._navigation.focused_panel
        pane = None if panel is None else self._stage.panes[panel]
        return pane if isinstance(pane, DetailedPane) else None

    def _details(self, _: str) -> None:
        if (pane := self._has_details()) is not None:
            pane.toggle_detail()

    def _show(self, name: Panel, _: str) -> None:
        self._navigation.show(name)

    def _any_citation(self) -> bool:
        return any(turn.citations for turn in self._conversation.turns)

    def _any_source(self) -> bool:
        """Whether an answer had something that it could cite, or cites something."""
        return any(turn.ledger for turn in self._conversation.turns)

    # -- taking along ----------------------------------------------------------------------------------

    def _copy(self, _: str) -> None:
        self._copies.to_clipboard(self.takings.here().text)

    def _write(self, _: str) -> None:
        """Write what would be copied into a new file."""
        taken = self.takings.here()
        self._copies.beside(taken.text, taken.stem, taken.suffix)

    def _pick_code(self, number: int, _: str) -> None:
        """Let the next key copy this code block of the answer that is read, or write it."""
        if problem := self.takings.pick(number, self._stage.keymap):
            self._stage.say(problem, severity="warning")

    def _copy_answer(self, what: str) -> None:
        """Copy the last answer, or write it to a file; with a number, copy that code block of the answer."""
        if not what.isdecimal():
            self._take_along(self.takings.last_answer(), what)
            return
        code = self.takings.code(int(what[:9]))
        if isinstance(code, str):
            self._stage.say(code, severity="warning")
        else:
            self._copies.to_clipboard(code.text)

    def _copy_turn(self, file: str) -> None:
        """Copy the turn that is read as Markdown, or write it to a file."""
        self._take_along(self.takings.turn().text, file)

    @cached_property
    def _exporting(self) -> Exporting:
        from workbench.ui.exporting import Exporting  # not for the first paint

        return Exporting(self._stage, self._conversation, self._navigation, self._copies, self._startup.kept_in)

    def _take_along(self, text: str, file: str) -> None:
        if file:
            self._copies.to_file(text, file)
        else:
            self._copies.to_clipboard(text)

    def _quit(self, _: str) -> None:
        self._stage.end()
