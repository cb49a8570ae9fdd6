"""Streaming the way Textual's handbook shows it: a Markdown stream in an anchored scroll, a pane beside it, a prompt.

It reads the server with a plain socket, so that nothing but the screen costs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import ClassVar
from urllib.parse import urlsplit

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Markdown, Static
from textual.worker import Worker


async def deltas(url: str, prompt: str) -> AsyncIterator[str]:
    """The text of an answer, piece by piece, as it comes."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    body = json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": prompt}]}).encode()
    head = "POST /v2/chat HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    try:
        async for line in reader:
            if line.startswith(b'data: {"type":"content-delta"'):
                yield json.loads(line[6:])["delta"]["message"]["content"]["text"]
            elif line.startswith(b"data: [DONE]"):
                return
    finally:
        writer.close()


class StockApp(App[None]):
    """A transcript, a pane beside it, a prompt."""

    CSS = """
    #columns { height: 1fr; }
    #side { width: 40; height: 1fr; border-left: solid $primary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page('up')", priority=True),
        Binding("pagedown", "page('down')", priority=True),
    ]

    def __init__(self, url: str) -> None:
        super().__init__()
        self.answering: Worker[None] | None = None
        self._url = url

    def compose(self) -> ComposeResult:
        with Horizontal(id="columns"):
            yield VerticalScroll(id="transcript", can_focus=False)
            yield Static("\n".join(f"Source {n}: a page of the almanac" for n in range(1, 31)), id="side")
        yield Input(placeholder="ask something")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.input.clear()
        self.answering = self.run_worker(self._answer(event.value))

    def action_page(self, way: str) -> None:
        transcript = self.query_one("#transcript", VerticalScroll)
        transcript.scroll_page_up() if way == "up" else transcript.scroll_page_down()

    async def _answer(self, prompt: str) -> None:
        transcript = self.query_one("#transcript", VerticalScroll)
        markdown = Markdown()
        await transcript.mount(Static(prompt), markdown)
        transcript.anchor()
        stream = Markdown.get_stream(markdown)
        try:
            async for text in deltas(self._url, prompt):
                await stream.write(text)
        finally:
            await stream.stop()


if __name__ == "__main__":
    StockApp(sys.argv[1]).run()
