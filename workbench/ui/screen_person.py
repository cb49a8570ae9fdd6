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
from workbench.ui.screens.tool_questions import ToolQuestion

LONGEST_ARGUMENTS = 20_000  # characters


class ScreenPerson:
    """Implements `workbench.tools.people.People` for the app. Approval needs the word yes, typed out.

    `on_question` gets the id of a call, and whether a question about it is open, whenever that changes.
    """

    def __init__(self, app: App[Any], on_question: Callable[[str, bool], object]) -> None:
        self._app = app
        self._on_question = on_question

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
        title, hint = f"May {safe_line(request.tool)} run?", "type yes to allow; Enter or Esc denies"
        answer = await self._put(request.call_id, title, text, hint)
        return answer is not None and answer.strip().lower() == "yes"

    async def answer(self, request: AnswerRequest) -> str:
        """Ask for a tool's result. Raises ToolError when the person refuses."""
        text = Content.assemble(f"{safe_text(request.description)}\n\narguments:\n", _arguments(request.arguments))
        title, hint = f"What does {safe_line(request.tool)} return?", "Enter sends it; Esc refuses"
        answer = await self._put(request.call_id, title, text, hint)
        if answer is None:
            raise ToolError("denied", "the person at the screen refused to answer")
        return answer

    async def _put(self, call_id: str, title: str, text: Content, hint: str) -> str | None:
        self._on_question(call_id, True)
        try:
            return await _put(self._app, ToolQuestion(title, text, hint))
        finally:
            self._on_question(call_id, False)


async def ask_trust(app: App[Any], file: Path, wishes: Sequence[str]) -> bool:
    """Ask whether a file may have what it asks for; anything but `yes` is a no."""
    text = Content.assemble(
        f"A yes is for this file, until it changes:\n  {safe_line(str(file))}\n\n",
        *((f"- {safe_line(wish)}\n", "bold") for wish in wishes),
    )
    title, hint = f"Do you trust {safe_line(file.name)}?", "type yes to trust it; Enter or Esc ends the program"
    answer = await _put(app, ToolQuestion(title, text, hint))
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


def _arguments(arguments: Mapping[str, Any]) -> str:
    text = safe_text(json.dumps(arguments, ensure_ascii=False, indent=2, default=str))
    hidden = len(text) - LONGEST_ARGUMENTS
    return text if hidden <= 0 else f"{text[:LONGEST_ARGUMENTS]}… ({hidden} more characters)"
