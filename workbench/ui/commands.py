"""What the slash commands and the palette do. Owns their effects on conversation and screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from workbench.ui import slash
from workbench.ui.editor import EditorFailed, edited, editor_of
from workbench.ui.new_files import write_new
from workbench.ui.screens.reading_screen import ReadingScreen

if TYPE_CHECKING:
    from workbench.ui.app import WorkbenchApp


class Commands:
    """Runs a typed command; whatever cannot be done is said in words, never raised."""

    def __init__(self, app: WorkbenchApp) -> None:
        self._app = app
        self._actions: Mapping[str, Callable[[str], None]] = {
            "help": self._help,
            "model": self._model,
            "docs": self._docs,
            "tools": self._tools,
            "copy": self._copy,
            "raw": self._raw,
            "retry": self._retry,
            "clear": self._clear,
            "exit": self._exit,
        }

    def run(self, text: str) -> None:
        """Carry out a line that begins with a slash."""
        command, rest = slash.parse(text)
        if command is None:
            self._app.say(slash.unknown(text), severity="warning")
            if not self._app.prompt.text:  # it may be a long text that happens to begin with a slash
                self._app.prompt.put(text)
        else:
            self._actions[command.name](rest)

    def copy(self, text: str) -> None:
        """Hand `text` to the terminal's clipboard and say what that means."""
        if not text:
            self._app.say("nothing to copy yet", severity="warning")
            return
        self._app.copy_to_clipboard(text.encode("utf-8", "replace").decode("utf-8"))
        self._app.say(
            f"{len(text):,} characters sent to the terminal's clipboard (OSC 52); a terminal may refuse that "
            "without a word: /copy FILE writes a file"
        )

    def _help(self, _: str) -> None:
        self._app.action_help()

    def _model(self, name: str) -> None:
        options = self._app.conversation.options
        if name:
            self._app.conversation.options = replace(options, model=name)
        self._app.say(f"model: {name or options.model}")

    def _docs(self, _: str) -> None:
        library = self._app.conversation.library
        if self._app.loading:
            self._app.say("the documents are still being read")
        elif library is None:
            self._app.say("no documents: start with --docs FILE")
        else:
            self._app.say(library.describe())

    def _tools(self, _: str) -> None:
        toolbox = self._app.conversation.toolbox
        functions = [tool["function"] for tool in toolbox.definitions()] if toolbox is not None else []
        if not functions:
            self._app.say("no tools: start with --tools FILE")
            return
        self._app.push_screen(
            ReadingScreen(("Tools", [(each["name"], each.get("description", "")) for each in functions]))
        )

    def edit(self) -> None:
        """Write the question in the person's own editor, which has the terminal meanwhile."""
        variable, editor = editor_of(os.environ)
        if not editor:
            self._app.say("no editor: set $EDITOR", severity="warning")
        elif self._app.busy:  # nothing of a turn would be read while the editor is open
            self._app.say("a turn is running: Esc stops it", severity="warning")
        else:
            try:
                with self._app.suspend():
                    text = edited(editor, self._app.prompt.text)
            except SuspendNotSupported:
                self._app.say("this terminal cannot be lent to an editor", severity="warning")
            except EditorFailed as error:
                self._app.say(f"${variable}: {error}", severity="error")
            else:
                self._app.prompt.put(text)

    def _copy(self, file: str) -> None:
        answer = self._app.navigation.last_answer()
        if not file:
            self.copy(answer)
            return
        if not answer:
            self._app.say("nothing to copy yet", severity="warning")
            return
        try:
            write_new(Path(file).expanduser(), answer)
        except FileExistsError:
            self._app.say(f"not written: {file} exists, and nothing is overwritten", severity="error")
        except OSError as error:
            self.say_unwritten(error, file)
        except (RuntimeError, ValueError) as error:  # the home of nobody; a name that no file can have
            self._app.say(f"not written: {error}: {file}", severity="error")
        else:
            self.say_written(answer, file)

    def say_written(self, text: str, file: str) -> None:
        self._app.say(f"{len(text):,} characters written to {file}")

    def say_unwritten(self, error: OSError, file: str = "") -> None:
        place = f": {file}" if file else ""
        self._app.say(f"not written: {error.strerror or error}{place}", severity="error")

    def _raw(self, _: str) -> None:
        turn = self._app.navigation.turn_in_view()
        if turn is None:
            self._app.say("no answer yet: F7 shows the raw text of one", severity="warning")
            return
        from workbench.ui.screens.raw import RawScreen  # not for the first paint

        self._app.push_screen(RawScreen(turn, self))

    def _retry(self, _: str) -> None:
        if self._app.busy:
            self._app.say("a turn is running: Esc stops it", severity="warning")
            return
        last = self._app.conversation.turns[-1:]
        prompt = self._app.conversation.forget_last()
        if prompt is None:
            self._app.say("nothing to ask again yet", severity="warning")
        else:
            self._app.navigation.replaced(last[0])
            self._app.asking.put(prompt)

    def _clear(self, _: str) -> None:
        if self._app.busy:
            self._app.say("a turn is running: Esc stops it", severity="warning")
            return
        self._app.conversation.clear()
        self._app.navigation.forget()
        self._app.clear_panes()

    def _exit(self, _: str) -> None:
        self._app.exit()
