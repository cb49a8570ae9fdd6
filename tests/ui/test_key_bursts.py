"""Any keys, written in one piece or byte by byte, while nothing or an answer comes: what is sent is what a plain line
editor would have made of them, one after the other."""

from __future__ import annotations

import asyncio
import re
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
from workbench.ui.widgets.words import Killed

KEYS = {
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "left": b"\x1b[D",
    "right": b"\x1b[C",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "start": b"\x01",
    "stop": b"\x05",
    "back": b"\x02",
    "forth": b"\x06",
    "delete-here": b"\x04",
    "word-left-with-alt": b"\x1b[1;3D",
    "word-left": b"\x1b[1;5D",
    "word-right": b"\x1bf",
    "kill-argument": b"\x17",
    "kill-word": b"\x1b\x7f",
    "kill-word-right": b"\x1bd",
    "kill-before": b"\x15",
    "kill-after": b"\x0b",
    "yank": b"\x19",
    "transpose": b"\x14",
    "undo": b"\x1f",
    "redo": b"\x1b/",
    "send": b"\r",
}
CHARACTERS = "ab. éж日"
KILLS = frozenset({"kill-argument", "kill-word", "kill-word-right", "kill-before", "kill-after"})
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
    done: list[list[tuple[str, int]]] = field(default_factory=list)  # the states before and behind what undo takes back
    undone: list[list[tuple[str, int]]] = field(default_factory=list)
    deleting: bool = False  # whether the last edit deleted
    moved: bool = True  # whether the cursor moved since, or the edit stands for itself
    killed: str = ""
    kills: bool = False  # whether what is deleted joins what was deleted last

    def press(self, key: str) -> None:  # noqa: C901 - a table of keys
        left, right = self.text[: self.at], self.text[self.at :]
        self.kills = self.kills and key in KILLS
        match key:
            case "backspace":
                self.delete(self.at - 1, self.at)
            case "delete" | "delete-here":
                self.delete(self.at, self.at + 1)
            case "left" | "back":
                self.move(self.at - 1)
            case "right" | "forth":
                self.move(self.at + 1)
            case "home" | "start":
                self.move(0)
            case "end" | "stop":
                self.move(len(self.text))
            case "word-left" | "word-left-with-alt":
                self.move(len(BEFORE_WORD.sub("", left)))
            case "word-right":
                self.move(self.at + length_of(WORD, right))
            case "kill-argument":
                self.kill(len(BEFORE_ARGUMENT.sub("", left)), self.at, forward=False)
            case "kill-word":
                self.kill(len(BEFORE_WORD.sub("", left)), self.at, forward=False)
            case "kill-word-right":
                self.kill(self.at, self.at + length_of(WORD, right), forward=True)
            case "kill-before":
                self.kill(0, self.at, forward=False)
            case "kill-after":
                self.kill(self.at, len(self.text), forward=True)
            case "yank":
                if self.killed:
                    self.edit(left + self.killed + right, self.at + len(self.killed), alone=len(self.killed) > 1)
            case "transpose":
                if left and len(self.text) > 1:
                    at = min(self.at, len(self.text) - 1)
                    changed = self.text[at] + self.text[at - 1]
                    self.edit(self.text[: at - 1] + changed + self.text[at + 1 :], at + 1, deleting=True, alone=True)
            case "undo":
                if self.done:
                    self.undone.append(self.done.pop())
                    self.text, self.at = self.undone[-1][0]
            case "redo":
                if self.undone:
                    self.done.append(self.undone.pop())
                    self.text, self.at = self.done[-1][1]
                    self.moved = True
            case "send":
                if self.text.strip():
                    self.sent.append(self.text)
                    self.delete(0, len(self.text))
            case character:
                self.edit(left + character + right, self.at + 1)

    def move(self, to: int) -> None:
        self.at, self.moved = max(0, min(to, len(self.text))), True

    def delete(self, start: int, end: int) -> None:
        start = max(0, start)
        if self.text[start:end]:
            self.edit(self.text[:start] + self.text[end:], start, deleting=True)

    def kill(self, start: int, end: int, *, forward: bool) -> None:
        if text := self.text[start:end]:
            before = self.killed if self.kills else ""
            self.killed, self.kills = (before + text if forward else text + before), True
            self.delete(start, end)

    def edit(self, text: str, at: int, *, deleting: bool = False, alone: bool = False) -> None:
        if not self.done or self.moved or alone or deleting != self.deleting:
            self.done.append([(self.text, self.at), (text, at)])
        self.done[-1][1] = (text, at)
        self.undone.clear()
        self.text, self.at, self.deleting, self.moved = text, at, deleting, alone


BEFORE_WORD, BEFORE_ARGUMENT, WORD = re.compile(r"\w*\W*\Z"), re.compile(r"\S*\s*\Z"), re.compile(r"\W*\w*")


def length_of(pattern: re.Pattern[str], text: str) -> int:
    """How much of the beginning of a text matches."""
    match = pattern.match(text)
    return match.end() if match else 0


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
        self.app.prompt._killed = Killed()
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
