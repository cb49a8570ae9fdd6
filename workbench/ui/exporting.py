"""Turns to be taken along in another form: a script that asks again, an object, a document, a recording.

Owns what of the conversation that is, and how it is asked for. The text is made off the event loop, by
`sessions.export`; where it goes is for `copies`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from workbench.errors import ConfigurationError, WorkbenchError
from workbench.ui.background import in_background
from workbench.ui.panes.request_pane import RequestPane
from workbench.ui.wished_export import SUFFIXES, WishedExport, form_of, wished

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.sessions.export.exported import Exported
    from workbench.ui.copies import Copies
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage

KeptIn = Callable[[], Awaitable[Path | None]]
"""Gives the file that the conversation is kept in, with all of it written; None where it is kept in none."""
Put = Callable[[str], Awaitable[None]]
"""Takes a text to where it is wanted."""

_NOTES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "python": "a script for the cohere package that asks again",
        "curl": "a script for a shell that asks again",
        "json": "all of it, for programs",
        "markdown": "a document, with its sources",
        "html": "a page that stands alone, with its sources and events",
        "recording": "what replays it",
    }
)
TURN_FORMS: Final = ("python", "curl", "json", "markdown", "html")
REQUEST_FORMS: Final = ("python", "curl", "json")


@dataclass(frozen=True, slots=True)
class Here:
    """What one stands on: a turn, or the request of one of its steps alone."""

    turn: Turn
    step: int | None = None

    @property
    def forms(self) -> Sequence[str]:
        """The forms that there are of it."""
        return TURN_FORMS if self.step is None else REQUEST_FORMS

    @property
    def words(self) -> str:
        """What it is called."""
        return f"turn {self.turn.place}" + ("" if self.step is None else f", step {self.step}")


class Exporting:
    """Makes texts of turns; what cannot be done is said, never raised."""

    def __init__(
        self, stage: Stage, conversation: Conversation, navigation: Navigation, copies: Copies, kept_in: KeptIn
    ) -> None:
        self._stage = stage
        self._conversation = conversation
        self._navigation = navigation
        self._copies = copies
        self._kept_in = kept_in

    # -- copying ---------------------------------------------------------------------------------------

    def copy_as(self, form: str) -> None:
        """Copy the request that one stands on, or the turn that is read, in this form; "" offers a choice."""
        here = self._here()
        if here is None:
            self._stage.say("nothing to copy yet", severity="warning")
        elif form:
            self._copy(here, form_of(form))
        else:
            self._choose(f"Copy {here.words} as …", here.forms, partial(self._copy, here))

    def _here(self) -> Here | None:
        pane = self._stage.panes["request"]
        assert isinstance(pane, RequestPane)
        if self._stage.focused is pane.rows and pane.shown is not None and (step := pane.step_here) is not None:
            return Here(pane.shown, step)
        turn = self._navigation.turn_in_view()
        return None if turn is None else Here(turn)

    def _copy(self, here: Here, form: str) -> None:
        if form not in here.forms:
            forms = ", ".join(here.forms)
            self._stage.say(f"{here.words} is copied as {forms}: /export writes files", severity="warning")
        elif self._is_over(here):
            self._make(partial(self._text, here, form), self._to_clipboard)

    async def _to_clipboard(self, text: str) -> None:
        self._copies.to_clipboard(text)

    def _is_over(self, here: Here) -> bool:
        """Whether it is whole; if not, that is said."""
        is_over = here.step is not None or here.turn.status != "running"
        if not is_over:
            self._stage.say(f"{here.words} is still running", severity="warning")
        return is_over

    def _text(self, here: Here, form: str) -> Iterator[str]:
        if here.step is not None and form == "json":
            from workbench.printable_json import printable_json

            [body] = self._exported([here.turn], here.step).turns[0].bodies()
            return iter([f"{printable_json(body, indent=2)}\n"])
        return _written(self._exported([here.turn], here.step), form)

    # -- exporting -------------------------------------------------------------------------------------

    def export(self, rest: str) -> None:
        """Write the conversation, or the turn that is read, into a new file, as `rest` says; see `wished_export`."""
        wish = wished(rest)
        turn = self._navigation.turn_in_view() if wish.of_turn else None
        turns = [each for each in self._conversation.turns if each.status != "running"]
        if not turns or (wish.of_turn and turn is None):
            self._stage.say("nothing to export yet", severity="warning")
        elif turn is not None and not self._is_over(Here(turn)):
            return
        elif wish.form:
            self._export(wish, turn, turns, wish.form)
        else:
            what = "the conversation" if turn is None else Here(turn).words
            where = f" into {wish.file}" if wish.file else ""
            self._choose(f"Export {what}{where} as …", tuple(SUFFIXES), partial(self._export, wish, turn, turns))

    def _export(self, wish: WishedExport, turn: Turn | None, turns: Sequence[Turn], form: str) -> None:
        stem = "conversation" if turn is None else f"turn-{turn.place}"

        async def put(text: str) -> None:
            if wish.file:
                await self._copies.large_to_file(text, wish.file)
            else:
                await self._copies.large_beside(text, stem, SUFFIXES[form])

        if form == "recording":
            self._make_recording(turn, put)
        else:
            chosen = turns if turn is None else [turn]
            self._make(lambda: _written(self._exported(chosen), form), put)

    def _make_recording(self, turn: Turn | None, put: Put) -> None:
        redactor = self._conversation.redactor

        async def make() -> None:
            path = await self._kept_in()
            if path is None:
                self._stage.say(
                    "this conversation is kept in no file, of which a recording is made", severity="warning"
                )
                return

            def pieces() -> Iterator[str]:
                from workbench.sessions.export.recording_file import recording_file

                return recording_file(path, redactor, None if turn is None else turn.number)

            await self._take(pieces, put)

        self._stage.work(make, "export")

    # -- making the text -------------------------------------------------------------------------------

    def _choose(self, title: str, forms: Sequence[str], take: Callable[[str], object]) -> None:
        from workbench.ui.screens.forms import ShortList  # not for the first paint

        self._stage.open(ShortList(title, [(form, _NOTES[form]) for form in forms], take))

    def _make(self, pieces: Callable[[], Iterator[str]], put: Put) -> None:
        self._stage.work(partial(self._take, pieces, put), "export")

    async def _take(self, pieces: Callable[[], Iterator[str]], put: Put) -> None:
        redactor = self._conversation.redactor
        try:
            text = await in_background(lambda: "".join(map(redactor.text, pieces())))
        except WorkbenchError as error:
            problem = error.problems[0].message if isinstance(error, ConfigurationError) else str(error)
            self._stage.say(f"not written: {problem}", severity="error")
        else:
            await put(text)

    def _exported(self, turns: Sequence[Turn], step: int | None = None) -> Exported:
        from workbench.cohere_client import ChatClient
        from workbench.sessions.export.exported import Exported, ExportedTurn, base_url_of

        client = self._conversation.client
        asked = client.description if isinstance(client, ChatClient) else None
        source = "" if asked is None else asked.label
        base_url = base_url_of(source, "" if asked is None else asked.base_url or "")
        return Exported("this conversation", None, [ExportedTurn(turn, source, base_url, step=step) for turn in turns])


def _written(exported: Exported, form: str) -> Iterator[str]:
    """The text of a form, in pieces. Raises ConfigurationError for what cannot be written so."""
    from workbench.printing.json_lines import event_line
    from workbench.sessions.export.formats import WRITTEN

    return WRITTEN[form](exported, event_line)
