"""What is done about documents while the app runs: choosing them, reading them again, adding some, opening their files.

Owns that a turn which runs goes on with what it was asked with, that what is read is read in a thread, and that what
came of it is said.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from workbench.config import at_hand_text
from workbench.errors import ConfigurationError
from workbench.ui.background import in_background
from workbench.ui.document_choosing import CITATION_MODES, NO_DOCUMENTS, WORDS, DocumentChoosing, pinned_name
from workbench.ui.folders import Folders
from workbench.ui.widgets.choices import Choice

if TYPE_CHECKING:
    from workbench.config.at_hand import SettingsAtHand
    from workbench.conversation import Conversation
    from workbench.documents.outline import Outlined
    from workbench.startup.documents_again import DocumentsAtHand, Reread
    from workbench.ui.asking import Asking
    from workbench.ui.screens.documents import DocumentsScreen
    from workbench.ui.stage import Stage

MOST_PATHS: Final = 50
WARNINGS_SHOWN: Final = 3
SAME: Final = "nothing has changed in the documents"
_NOT_HERE: Final = "the documents of a recording are as they were: nothing is read again"
_MODES: Final = CITATION_MODES[:3]


class DocumentCommands:
    """Does what the actions of documents are for; what cannot be done is said in words. `at_hand` are those that can be
    read again, None where there are none."""

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        asking: Asking,
        settings: SettingsAtHand | None,
        at_hand: DocumentsAtHand | None,
    ) -> None:
        self._stage = stage
        self._conversation = conversation
        self._asking = asking
        self._settings = settings
        self._at_hand = at_hand
        self._choosing = DocumentChoosing(conversation)
        self._screen: DocumentsScreen | None = None
        self._reads = False
        self._folders = Folders(lambda read: stage.work(lambda: read, "folders of documents"), self._listed)

    # -- /docs ---------------------------------------------------------------------------------------

    def docs(self, words: str) -> None:
        """Do what the words say; without them, show the list."""
        found = WORDS.fullmatch(words.strip()) if words else None
        if not self._asking.ready.is_set():
            self._stage.say("the documents are still being read")
        elif self._choosing.library is None and self._at_hand is None:
            library = self._conversation.library
            self._stage.say(NO_DOCUMENTS if library is None else library.describe())
        elif found is None:
            self._open()
        elif found[3] == "reload":
            self.reload()
        elif found[1] == "add":
            self.add(found[2])
        else:
            self._choose(found[1] or found[3], found[2] or "")

    def _choose(self, how: str, name: str) -> None:
        async def run() -> None:
            choices, said = await in_background(partial(self._choosing.meant, how, name))
            if choices is None:
                self.refuse(said)
                return
            self._choosing.put(choices)
            self.changed()
            self._stage.say(self._masked(said))

        self._stage.work(run, "documents chosen")

    def _open(self) -> None:
        from workbench.ui.screens.documents import DocumentsScreen

        screen = self._screen = DocumentsScreen(self._choosing, self, self._stage.keymap, self._masked)
        self._stage.open(screen)

    @property
    def _shown(self) -> DocumentsScreen | None:
        """The list, where it is on the screen."""
        return self._screen if self._screen is not None and self._screen.is_attached else None

    # -- what the list has done for it -----------------------------------------------------------------

    @property
    def question(self) -> str:
        """What stands in the prompt."""
        text = self._stage.prompt.whole.strip()
        return "" if text.startswith("/") else text

    @property
    def can_read(self) -> bool:
        """Whether documents can be read again and added."""
        return self._at_hand is not None

    def changed(self) -> None:
        """Something is chosen otherwise: say so in the title, and above the prompt what is pinned."""
        self._stage.say_about()
        choices = self._conversation.choices
        self._stage.show_pinned([pinned_name(each) for each in choices.pinned] if choices is not None else [])

    def refuse(self, words: str) -> None:
        """Say why something is not done."""
        self._stage.say(self._masked(words), severity="warning")

    def edit(self, set: str, document: Outlined, line: int) -> None:
        """Open a document's file at a line, 0 for its own; what has changed when the editor ends is read again."""
        from workbench.ui.editor import EditorFailed, editor_of, opened_at

        place = self._at_hand.file_of(set, document.name) if self._at_hand is not None else None
        path, first = (Path(document.real), 1) if document.real else place or (None, 0)
        variable, editor = editor_of(os.environ)
        if path is None:
            self.refuse(f"nobody knows where {document.name} is written")
        elif not editor:
            self.refuse("no editor: set $EDITOR")
        elif self._asking.busy:  # of which nothing would be read while the editor is open
            self.refuse("a turn is running: an editor can have the terminal when it is over")
        else:
            before = _stamp(path)
            try:
                with self._stage.lent():
                    opened_at(editor, path, line or first)
            except SuspendNotSupported:
                self.refuse("this terminal cannot be lent to an editor")
            except EditorFailed as error:
                self._stage.say(f"${variable}: {error}", severity="error")
            else:
                if _stamp(path) != before and self._at_hand is not None:
                    self.reload()

    # -- citations -------------------------------------------------------------------------------------

    @property
    def citations(self) -> str:
        """The citation mode in words."""
        mode = self._settings.now.citations if self._settings is not None else None
        return "" if self._settings is None else f"citations {mode or 'as the server makes them'}"

    def next_citations(self) -> str:
        """Take the next citation mode, or none; why that cannot be."""
        now = self._settings.now.citations if self._settings is not None else None
        modes = (None, *_MODES)
        return self._put_citations(modes[(modes.index(now) + 1) % len(modes)] if now in modes else None)

    def set_citations(self, mode: str) -> None:
        """Take a citation mode from the next turn on; without one, say which it is."""
        problem = self._put_citations(mode) if mode else ""
        if problem or self._settings is None:
            self.refuse(problem or at_hand_text.NO_SETTINGS)
        else:
            others = "" if mode else f"; /citations takes {', '.join(_MODES)}"
            self._stage.say(f"{self.citations}{' from the next turn on' if mode else others}")

    def _put_citations(self, mode: str | None) -> str:
        if self._settings is None:
            return at_hand_text.NO_SETTINGS
        self._settings.put("citations", mode, "/citations")
        self._conversation.options = self._settings.options()
        self._stage.say_about()
        return ""

    # -- reading -----------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read again what has changed, beside everything else."""
        self._read(None, says_nothing_new=True)

    def add(self, typed: str) -> None:
        """Add the documents at a path, as `--docs` would have them."""
        path = Path(os.path.expanduser(typed.strip("\"'")))  # noqa: PTH111 - of nobody's home it stays as it is
        if self._conversation.running or self._asking.busy:
            self.refuse("a turn is running: documents can be added when it is over")
        else:
            self._read(path, says_nothing_new=True)

    async def watch(self) -> None:
        """Read again whatever changes in the sets that ask for that, as long as the app runs."""
        if self._at_hand is None or not (paths := self._at_hand.watched):
            return
        from workbench.documents.watching import CannotWatch, changes

        try:
            async for _ in changes(paths):
                self._read(None, says_nothing_new=False)
        except CannotWatch as error:
            self.refuse(str(error))

    def _read(self, added: Path | None, *, says_nothing_new: bool) -> None:
        if self._at_hand is None:
            self.refuse(_NOT_HERE)
        elif self._reads:
            if says_nothing_new:
                self.refuse("the documents are being read")
        else:
            self._reads = True
            self._stage.work(partial(self._reading, self._at_hand, added, says_nothing_new), "documents read")

    async def _reading(self, at_hand: DocumentsAtHand, added: Path | None, says_nothing_new: bool) -> None:
        if says_nothing_new:
            self._stage.say("reading the documents …")
        try:
            found = await in_background(lambda: at_hand.read_again(added, self._make_room))
        except ConfigurationError as error:
            problems = [str(each) for each in error.problems[:WARNINGS_SHOWN]]
            more = len(error.problems) - len(problems)
            self.refuse("\n".join([*problems, *([f"and {more} more"] if more else [])]))
            return
        finally:
            self._reads = False
        if found.changed or added is not None:
            await self._take(at_hand, found)
        elif says_nothing_new:
            self._stage.say(SAME)

    async def _take(self, at_hand: DocumentsAtHand, found: Reread) -> None:
        known_before = at_hand.warnings
        at_hand.take(found)
        library = found.library
        pinned = self._choosing.choices.pinned
        if pinned:
            known = await in_background(partial(self._choosing.found_again, pinned))
            self._choosing.put(self._choosing.choices.pinned_as(known))
        self._stage.suggestions = await in_background(library.suggestions) if library is not None else ()
        self.changed()
        self._stage.introduce()
        if (screen := self._shown) is not None:
            screen.read_anew()
        self._stage.say(self._masked(f"documents read again: {found.changed}" if found.changed else SAME))
        for warning in [each for each in found.warnings if each not in known_before][:WARNINGS_SHOWN]:
            self._stage.say(self._masked(warning), severity="warning")

    def _make_room(self) -> None:
        """A question about a file stands over the prompt: nothing may be over that."""
        self._stage.from_thread(self._stage.close_all)

    # -- paths -------------------------------------------------------------------------------------------

    def paths(self, typed: str) -> Sequence[Choice]:
        """What a path that is being typed may become, as far as the folder is known."""
        head, slash, begun = typed.rpartition("/")
        folder = head + slash
        listing = self._folders.listed(Path(os.path.expanduser(folder)) if folder else Path(), begun)  # noqa: PTH111
        entries = listing.entries if listing is not None else ()
        fitting = (
            each
            for each in entries
            if each.name.lower().startswith(begun.lower()) and (begun or not each.name.startswith("."))
        )
        paths = [f"{folder}{each.name}{'/' * each.is_folder}" for each in fitting]
        return [
            Choice(path, path[len(folder) :], "", ((0, len(begun)),) if begun else ())
            for path in paths[:MOST_PATHS]
            if path != typed
        ]

    def words(self, typed: str) -> Sequence[Choice]:
        """What may stand behind `/docs`: what is done, then the sets with which it is, or a path that is added."""
        how, blank, begun = typed.partition(" ")
        if not blank:
            return [
                Choice(each, hits=((0, len(typed)),) if typed else ())
                for each in ("on", "off", "only", "all", "add", "reload")
                if each.startswith(typed) and each != typed
            ]
        if how == "add":
            return [Choice(f"add {each.text}", each.text) for each in self.paths(begun)]
        off = self._choosing.choices.sets_off
        names = [
            shelf.name
            for shelf in self._choosing.shelves
            if {"on": shelf.name in off, "off": shelf.name not in off}.get(how, how == "only")
        ]
        return [Choice(f"{how} {name}", name) for name in names if name.startswith(begun) and name != begun]

    def _listed(self) -> None:
        if (screen := self._shown) is not None:
            screen.offer()

    def _masked(self, text: str) -> str:
        return self._conversation.redactor.text(text)


def _stamp(path: Path) -> tuple[int, int] | None:
    """Another one when the file has changed; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
