"""Any keys, written in one piece or byte by byte, while nothing or an answer comes: what is sent is what a plain line
editor would have made of them, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import constants

from tests.loopback import Chunk, Hang, Head, Reply, message, sse
from tests.ui.harness import served, until, workbench_app
from workbench.ui.terminal.keyboard import Keyboard

KEYS = {
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "left": b"\x1b[D",
    "right": b"\x1b[C",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "start": b"\x01",
    "stop": b"\x05",
    "word-left": b"\x1b[1;5D",
    "word-right": b"\x1bf",
    "kill-word": b"\x17",
    "kill-word-right": b"\x1bd",
    "kill-before": b"\x15",
    "kill-after": b"\x0b",
    "undo": b"\x1f",
    "send": b"\r",
}
CHARACTERS = "ab éж日"
LAST = "~"  # typed and sent behind each sequence, so that its end is seen

PARTIAL = message("The tide turns", done=False).split(b"event: content-end")[0]
MORE = {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": " on and on"}}}}

keys = st.one_of(st.sampled_from(CHARACTERS), st.sampled_from(CHARACTERS), st.sampled_from(sorted(KEYS)))


@dataclass
class LineEditor:
    """One line, the cursor in it, and what of it was sent; undone are characters in a row, or deletions in a row."""

    text: str = ""
    at: int = 0
    sent: list[str] = field(default_factory=list)
    before: list[tuple[str, int]] = field(default_factory=list)  # the states that undo goes back to
    deleting: bool = False  # whether the last edit deleted
    moved: bool = True  # whether the cursor moved since

    def press(self, key: str) -> None:  # noqa: C901 - a table of keys
        left, right = self.text[: self.at], self.text[self.at :]
        match key:
            case "backspace":
                self.delete(self.at - 1, self.at)
            case "delete":
                self.delete(self.at, self.at + 1)
            case "left":
                self.move(self.at - 1)
            case "right":
                self.move(self.at + 1)
            case "home" | "start":
                begins = blanks_before(self.text) if self.text.strip() else 0
                self.move(begins if self.at == 0 or self.at > begins else 0)
            case "end" | "stop":
                self.move(len(self.text))
            case "word-left":
                if left:
                    self.move(left.rstrip().rfind(" ") + 1)
            case "word-right":
                if right:
                    self.move(self.at + end_of_word(right))
            case "kill-word":
                self.delete(left.rstrip().rfind(" ") + 1, self.at)
            case "kill-word-right":
                self.delete(self.at, self.at + (end_of_word(right) if right.strip() else len(right)))
            case "kill-before":
                self.delete(0, self.at)
            case "kill-after":
                self.delete(self.at, len(self.text))
            case "undo":
                if self.before:
                    self.text, self.at = self.before.pop()
            case "send":
                if self.text.strip():
                    self.sent.append(self.text)
                    self.delete(0, len(self.text))
            case character:
                self.edit(left + character + right, self.at + 1, deleting=False)

    def move(self, to: int) -> None:
        self.at, self.moved = max(0, min(to, len(self.text))), True

    def delete(self, start: int, end: int) -> None:
        start = max(0, start)
        if self.text[start:end]:
            self.edit(self.text[:start] + self.text[end:], start, deleting=True)

    def edit(self, text: str, at: int, *, deleting: bool) -> None:
        if not self.before or self.moved or deleting != self.deleting:
            self.before.append((self.text, self.at))
        self.text, self.at, self.deleting, self.moved = text, at, deleting, False


def blanks_before(text: str) -> int:
    """Where the text of a line begins: Home goes there, and from there to the very beginning."""
    return len(text) - len(text.lstrip())


def end_of_word(text: str) -> int:
    """Where the first word of a text ends."""
    blanks = blanks_before(text)
    return blanks + len(text[blanks:].split(" ")[0])


class Typist:
    """Types into an app that runs, idle or while an answer streams that never ends."""

    def __init__(self, *, streaming: bool) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._sent: list[str] = []
        self._over = asyncio.Event()
        self.app = workbench_app()
        self._runner.run(self._start(streaming))

    async def _start(self, streaming: bool) -> None:
        pilot = await self._stack.enter_async_context(self.app.run_test(size=(80, 24)))
        await until(pilot, lambda: not self.app.loading)
        if streaming:
            replies: list[Reply] = [[Head(), Chunk(PARTIAL), Hang(sse(MORE, done=False), 0.05)]]
            await self._stack.enter_async_context(served(self.app, replies))
            self.app.asking.put("When does the tide turn?")
            await until(pilot, lambda: self.app.busy)
        self.app.prompt.history.checkpoint_timer = float("inf")  # what is undone at once is no matter of time
        self.app.asking.put = self._put  # type: ignore[method-assign, assignment]

    def _put(self, text: str) -> None:
        self._sent.append(text)
        if LAST in text:
            self._over.set()

    def types(self, pieces: list[bytes]) -> list[str]:
        """What is sent for these bytes, each piece of which is read at once."""
        return self._runner.run(self._type(pieces))

    async def _type(self, pieces: list[bytes]) -> list[str]:
        self._sent.clear()
        self._over.clear()
        self.app.prompt.put("")  # which forgets what could be undone
        keyboard = Keyboard()
        for piece in pieces:
            for event in keyboard.feed(piece):
                self.app.post_message(event)
            await asyncio.sleep(0)
        await asyncio.wait_for(self._over.wait(), 20)
        return list(self._sent)

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture(scope="module", params=[False, True], ids=["idle", "streaming"])
def typist(request: pytest.FixtureRequest) -> Iterator[Typist]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(constants, "ESCAPE_DELAY", 60.0)  # however slowly the bytes of a key come
        typist = Typist(streaming=request.param)
        yield typist
        assert typist.app.busy == request.param
        typist.close()


@settings(deadline=None, derandomize=True, max_examples=120)
@given(pressed=st.lists(keys, max_size=24), byte_by_byte=st.booleans())
def test_what_is_sent_is_what_was_typed_key_by_key(typist: Typist, pressed: list[str], byte_by_byte: bool) -> None:
    editor = LineEditor()
    for key in [*pressed, LAST, "send"]:
        editor.press(key)
    data = b"".join(KEYS.get(key, key.encode()) for key in [*pressed, LAST, "send"])
    pieces = [data[at : at + 1] for at in range(len(data))] if byte_by_byte else [data]
    assert typist.types(pieces) == editor.sent
