"""The person at the screen: a tool's questions become dialogs, one at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.app import App
from textual.content import Content

from workbench.errors import ToolError
from workbench.safe_text import safe_line, safe_text
from workbench.tools.people import AnswerRequest, ApprovalRequest
from workbench.ui.keymap import Keymap
from workbench.ui.screens.tool_questions import ToolQuestion

LONGEST_ARGUMENTS = 20_000  # characters


class ScreenPerson:
    """Implements `workbench.tools.people.People` for the app. Approval needs the word yes, typed out.

    `on_question` gets the id of a call, and whether a question about it is open, whenever that changes. `keymap` has
    the keys that are named.
    """

    def __init__(self, app: App[Any], on_question: Callable[[str, bool], object], keymap: Keymap | None = None) -> None:
        self._app = app
        self._on_question = on_question
        self._keymap = keymap or Keymap()

    async def approve(self, request: ApprovalRequest) -> bool:
        """Ask whether code may run; anything but `yes` is a no."""
        scope = "every tool of this file, until the file changes" if request.scope == "file" else "this call only"
        text = Content.assemble(
            f"A yes allows {scope}. The model called {safe_line(request.tool)}, which\n",
            (f"  {safe_line(request.what)}\n", "bold"),
            f"  {safe_line(str(request.file))}\n" if request.file is not None else "",
            "\narguments:\n",
            _arguments(request.arguments),
        )
        hint = f"type yes to allow{_otherwise(self._keymap, 'denies')}"
        title = f"May {safe_line(request.tool)} run?"
        answer = await self._put(request.call_id, title, text, hint)
        return answer is not None and answer.strip().lower() == "yes"

    async def answer(self, request: AnswerRequest) -> str:
        """Ask for a tool's result. Raises ToolError when the person refuses."""
        text = Content.assemble(f"{safe_text(request.description)}\n\narguments:\n", _arguments(request.arguments))
        keys = ((self._keymap.short("answer"), "sends it"), (self._keymap.short("refuse"), "refuses"))
        hint = "; ".join(f"{key} {does}" for key, does in keys if key)
        title = f"What does {safe_line(request.tool)} return?"
        answer = await self._put(request.call_id, title, text, hint)
        if answer is None:
            raise ToolError("denied", "the person at the screen refused to answer")
        return answer

    async def _put(self, call_id: str, title: str, text: Content, hint: str) -> str | None:
        self._on_question(call_id, True)
        try:
            return await _put(self._app, ToolQuestion(title, text, hint, self._keymap))
        finally:
            self._on_question(call_id, False)


async def ask_trust(app: App[Any], keymap: Keymap, file: Path, wishes: Sequence[str]) -> bool:
    """Ask whether a file may have what it asks for; anything but `yes` is a no. `keymap` has the keys it names."""
    text = Content.assemble(
        f"A yes is for this file, until it changes:\n  {safe_line(str(file))}\n\n",
        *((f"- {safe_line(wish)}\n", "bold") for wish in wishes),
    )
    hint = f"type yes to trust it{_otherwise(keymap, 'ends the program')}"
    answer = await _put(app, ToolQuestion(f"Do you trust {safe_line(file.name)}?", text, hint, keymap))
    return answer is not None and answer.strip().lower() == "yes"


async def _put(app: App[Any], screen: ToolQuestion) -> str | None:
    answered: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def answer(given: str | None) -> None:
        if not answered.done():
            answered.set_result(given)

    app.push_screen(screen, callback=answer)
    try:
        return await answered
    finally:
        # The question was given up while it stood there: it goes, and whatever was opened over it.
        while answered.cancelled() and screen in app.screen_stack:
            app.screen.dismiss(None)


def _otherwise(keymap: Keymap, does: str) -> str:
    """`; Enter or Esc denies`: what the keys do that answer or refuse, without a yes; "" when there are none."""
    keys = " or ".join(key for id in ("answer", "refuse") if (key := keymap.short(id)))
    return f"; {keys} {does}" if keys else ""


def _arguments(arguments: Mapping[str, Any]) -> str:
    text = safe_text(json.dumps(arguments, ensure_ascii=False, indent=2, default=str))
    hidden = len(text) - LONGEST_ARGUMENTS
    return text if hidden <= 0 else f"{text[:LONGEST_ARGUMENTS]}… ({hidden} more characters)"
