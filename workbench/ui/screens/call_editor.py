"""A call of a turn, edited: its arguments, as JSON, or its result, as JSON or text, and going on from there.

Owns reading what was typed, and saying what is wrong with it. What is sent, the conversation runs as a turn beside the
one that had the call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.conversation.changes import Changes
from workbench.conversation.given import calls_of
from workbench.safe_text import safe_line
from workbench.tools import jsontext
from workbench.ui.hints import hints
from workbench.ui.widgets.edited_text import EditedText
from workbench.ui.widgets.row import beginning
from workbench.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.events import ToolResult
    from workbench.ui.keymap import Keymap

LARGEST: Final = 200_000  # characters that can be edited here
ARGUMENTS: Final = "arguments"
RESULT: Final = "result"
PARTS: Final = (RESULT, ARGUMENTS)


class CallEditor(ModalScreen[None]):
    """Over all else. `send` gets what was edited; `outside` gives a text as the person's own editor left
    it, None where it did not."""

    DEFAULT_CSS = """
    CallEditor { background: $wb-background; layout: vertical; }
    CallEditor #call { height: auto; max-height: 3; padding: 0 1; background: $wb-panel; }
    CallEditor EditedText { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        turn: Turn,
        step: int,
        ordinal: int,
        send: Callable[[Changes], object],
        keymap: Keymap,
        outside: Callable[[str], str | None],
        given: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """`given` are the parts that stand here in place of what the call had, by their names."""
        super().__init__()
        of_step = turn.steps[step - 1]
        self._turn = turn
        self._step = step
        self._call = calls_of(of_step)[ordinal]
        self._had = of_step.results.get(ordinal)
        self._send = send
        self._keymap = keymap
        self._outside = outside
        self._before: Mapping[str, str] = {
            ARGUMENTS: _as_text(self._call.parsed()),
            RESULT: "" if self._had is None else _result_text(self._had),
        }
        self._given = given
        self._texts = {**self._before, **{part: _as_text(value) for part, value in given.items()}}
        has_result = RESULT in given or (self._had is not None and not given)
        self._part = RESULT if has_result else ARGUMENTS
        self._text = EditedText(keymap, id="edited")
        self._last = StatusLine(id="hint")

    def compose(self) -> ComposeResult:
        """Which call it is, with its two parts, the text of one, and the keys that work here."""
        yield Static(id="call", markup=False)
        yield self._text
        self._last.keys = hints(self._keymap, "editor", lambda _: True)
        yield self._last

    def on_mount(self) -> None:
        """Show the result, or the arguments where there is none."""
        self._put()
        self._text.focus()

    def _put(self) -> None:
        self._text.put(self._texts[self._part])
        self._say()

    def _say(self) -> None:
        words = [Content.styled(f"{beginning(self._call.name)[0] or '(no name)'} ", "bold")]
        words.append(Content.styled(f"turn {self._turn.place}, step {self._step} ", "$wb-dim"))
        for part in PARTS:
            is_here = part == self._part
            words.append(Content.styled(f"[{part}]", "bold $wb-here") if is_here else Content(f" {part} "))
        self.query_one("#call", Static).update(Content(" ").join(words))

    def on_edited_text_acted(self, message: EditedText.Acted) -> None:
        """Do what the key is for."""
        message.stop()
        self._texts[self._part] = self._text.text
        match message.id:
            case "other-part":
                self._part = PARTS[1 - PARTS.index(self._part)]
                self._put()
            case "edit-outside":
                self._edit_outside()
            case "leave-edited":
                self.dismiss()
            case "send-edited":
                self._finish()

    def _edit_outside(self) -> None:
        if (text := self._outside(self._texts[self._part])) is not None:
            self._texts[self._part] = text
            self._put()

    def _finish(self) -> None:
        """Send what was edited; say what is wrong with it where it cannot be sent."""
        changed = [part for part in PARTS if self._texts[part] != self._before[part]]
        if not changed:
            self._refuse("nothing was changed yet")
            return
        if longest := next((part for part in changed if len(self._texts[part]) > LARGEST), ""):
            self._refuse(f"the {longest} are more than {LARGEST:,} characters")
            return
        arguments, results = {}, {}
        try:
            if ARGUMENTS in changed:
                arguments[self._call.id] = _arguments(self._texts[ARGUMENTS])
            if RESULT in changed:
                results[self._call.id] = self._new_result()
        except ValueError as error:
            self._refuse(str(error))
            return
        self.dismiss()
        self._send(Changes(arguments=arguments, results=results, step=self._step))

    def _new_result(self) -> Any:
        """The result that stands here: one that was given as it is, as long as nobody has changed it."""
        if RESULT in self._given and self._texts[RESULT] == _as_text(self._given[RESULT]):
            return self._given[RESULT]
        return _result(self._texts[RESULT], self._had)

    def _refuse(self, words: str) -> None:
        self.notify(safe_line(words), severity="warning", markup=False)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _result_text(result: ToolResult) -> str:
    return result.error if result.error is not None else _as_text(result.result)


def _arguments(text: str) -> dict[str, Any]:
    """The arguments that were typed. Raises ValueError with words on what is wrong with them."""
    try:
        value = jsontext.parse(text or "{}")
    except jsontext.NotJson as error:
        raise ValueError(f"arguments are an object of JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("arguments are an object of JSON, in braces")
    return value


def _result(text: str, had: ToolResult | None) -> Any:
    """The result that was typed: the value, of JSON with braces or brackets or in the place of another value that was
    no text; else the text as it is. Raises ValueError where such a value was meant, and is none."""
    was_value = had is not None and had.error is None and not isinstance(had.result, str)
    try:
        value = jsontext.parse(text)
    except jsontext.NotJson as error:
        if was_value and text.lstrip()[:1] in ("{", "["):
            raise ValueError(f"the result is no JSON any more: {error}") from error
        return text
    return value if was_value or isinstance(value, dict | list) else text
