"""The request pane: the exact body of each request of the turn."""

from __future__ import annotations

import json
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench.safe_text import safe_line, safe_text
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.row import Row
from workbench.ui.widgets.rows import RowList

SHORT_LINE = 30  # characters that fit the narrowest pane


class RequestPane(Pane):
    """The requests of the latest turn, as indented JSON."""

    TITLE: ClassVar[str] = "Request"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(id="request-rows", empty="The exact request appears here as soon as one is sent.")

    def body(self) -> Widget:
        return self.rows

    def begin(self, message: messages.TurnBegan) -> None:
        self.reset()

    def reset(self) -> None:
        self.rows.clear()
        self.summarise("")

    def on_request_sent(self, message: messages.RequestSent) -> None:
        if self.is_stale(message):
            return
        event = message.event
        body = json.dumps({**event.body, "stream": True}, ensure_ascii=False, indent=2)
        head = Content.assemble((f" step {event.step}  POST /v2/chat  {len(body):,} characters", "bold"))
        self.rows.put(f"head {event.step}", Row(head))
        for number, line in enumerate(body.split("\n")):
            self.rows.put(f"{event.step}.{number}", _line(line))
        self.summarise(f"step {event.step}")

    def on_prompt_revealed(self, message: messages.PromptRevealed) -> None:
        if not self.is_stale(message):
            head = Content.styled(" the prompt as the model saw it", "bold")
            self.rows.put(f"prompt {message.event.step}", Row(head, body=Content(safe_text(message.event.prompt))))


def _line(text: str) -> Row:
    """A line of JSON; one that may not fit can be opened."""
    line = safe_line(text)
    indent = len(line) - len(line.lstrip()) + 3
    return Row(Content(f" {line}"), body=Content(line.lstrip()) if len(line) > SHORT_LINE else None, indent=indent)
