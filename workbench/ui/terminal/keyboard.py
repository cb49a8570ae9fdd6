"""What the terminal sends, as Textual's messages: keys, the mouse, answers of the terminal, and pastes.

Owns the pastes: what stands between their marks is cut out before Textual's parser, which takes an escape sequence
for a key wherever it stands, and only their end mark ends them. It holds no terminal: bytes go in, messages come out.
"""

from __future__ import annotations

import re
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator

from textual import constants, events
from textual.message import Message

from workbench.ui.terminal.ground import Answers, GroundTold
from workbench.ui.terminal.key_sequences import retold, with_alt
from workbench.ui.terminal.layouts import Layout
from workbench.ui.terminal.outside import NameTold, focus_told, name_told
from workbench.ui.terminal.textual_inside import OpenParser

PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
"""What a terminal puts around a paste, being asked to."""

SILENCE_SECONDS = 5.0
"""A paste of which nothing came for so long has ended: its mark was lost, and keys would do nothing for ever."""

MOST_AT_ONCE = 8_000_000
"""Characters of one paste that are held back for its end; a longer one comes in several pieces."""

ANSWER_SECONDS = 1.0
"""What looks like the beginning of an answer, and goes on no further for so long, were keys."""

LONGEST_ANSWER = 4_096  # characters

_ALT = re.compile(r"\x1b([^\x00-\x0c\x0e-\x1f\x80-\x9f\[OPX\]^_bf])")
"""A key with Alt as a terminal of old sends it. Textual's parser takes Alt+Enter for Enter and Alt+Backspace for
Ctrl+W, types `^d` for Alt+D before another such key, and "¡" for Alt+1; of the others, some begin a sequence, and Alt+B
and Alt+F it knows."""

_ANSWER = re.compile(r"\x1b[\]P_^X][^\x07\x1b]{2,}(?:\x07|\x1b\\)")
"""What a terminal answers to somebody who asked it before us, such as its colours: Textual would take it for keys."""

_ANSWER_BEGUN = re.compile(r"\x1b[\]P_^X][^\x07\x1b]+\x1b?\Z")


class Keyboard:
    """Takes bytes as they are read. `clock` tells seconds.

    No bytes break it: what is not UTF-8 becomes U+FFFD, and a sequence at which Textual's parser fails is dropped.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._parser = _Parser()
        self._before = ""  # what the parser got last, as far as it may be half of a start mark
        self._paste: _Paste | None = None
        self._answer = ""  # what came of one that is not complete
        self._answer_heard = 0.0
        self._name: NameTold | None = None
        self.expects_name = False
        """Whether the terminal was asked what it is: the answer is a message then."""
        self._ground = Answers(clock)
        self._escaped = False  # whether the parser waits for what an escape character begins

    def expect_ground(self) -> None:
        """The terminal is being asked for its ground: the next answer is a message. May be called by another thread."""
        self._ground.expect()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes."""
        text = self._decode(data)
        while text:
            paste = self._paste
            if paste is None:
                keys, text = self._up_to_paste(text)
                if told := focus_told(keys):
                    yield told
                yield from self._parsed(self._without_answers(self._ground.without(keys)))
                yield from self._ground_told()
                yield from self._name_told()
                continue
            ended, text = paste.take(text, self._clock())
            if ended or paste.size > MOST_AT_ONCE:
                yield events.Paste(paste.text())
            if ended:
                yield from self._leave_paste()

    def tick(self) -> Iterator[Message]:
        """The messages that are due because nothing came; to be called every now and then."""
        paste = self._paste
        if paste is None:
            yield from self._parsed(self._ground.due())
            yield from self._waited()
            if self._answer and self._clock() - self._answer_heard >= ANSWER_SECONDS:
                keys, self._answer = self._answer, ""
                yield from self._parsed(keys)
        elif self._clock() - paste.heard >= SILENCE_SECONDS:
            yield events.Paste(paste.text(to_the_end=True))
            yield from self._leave_paste()

    def _up_to_paste(self, text: str) -> tuple[str, str]:
        """The keys of a text, with the mark of the paste that begins behind them, and the rest."""
        seen = self._before + text
        at = seen.find(PASTE_BEGINS)
        if at < 0:
            self._before = seen[len(seen) - _half_mark(seen, PASTE_BEGINS) :]
            return text, ""
        end = at + len(PASTE_BEGINS) - len(self._before)
        self._before = ""
        self._paste = _Paste(self._clock())
        return text[:end], text[end:]

    def _without_answers(self, keys: str) -> str:
        """`keys` without the answers; of one that has only begun, what came is held for the rest."""
        text = _ANSWER.sub(self._heard_answer, self._answer + keys)
        begun = _ANSWER_BEGUN.search(text)
        self._answer = begun[0] if begun and len(begun[0]) <= LONGEST_ANSWER else ""
        self._answer_heard = self._clock()
        return text[: len(text) - len(self._answer)]

    def _heard_answer(self, answer: re.Match[str]) -> str:
        """Note what an answer says, if anything; nothing of it stays among the keys."""
        if self.expects_name:
            self._name = name_told(answer[0]) or self._name
        return ""

    def _name_told(self) -> Iterator[Message]:
        told, self._name = self._name, None
        if told is not None:
            yield told

    def _ground_told(self) -> Iterator[Message]:
        is_dark, self._ground.is_dark = self._ground.is_dark, None
        if is_dark is not None:
            yield GroundTold(is_dark=is_dark)

    def _leave_paste(self) -> Iterator[Message]:
        self._paste = None
        yield from self._parsed(PASTE_ENDS)

    def _waited(self) -> Iterator[Message]:
        """The Esc that an escape character was, when the parser has waited long enough for more."""
        for message in self._parser.tick():
            self._escaped = False
            yield message

    def _parsed(self, text: str) -> Iterator[Message]:
        """What the parser makes of a text, but for the pastes, which it sees empty."""
        if not text:  # which would end the parser
            return
        if self._escaped and _ALT.match("\x1b" + text[0]):
            yield from self._waited()
        try:
            for message in self._parser.feed(self._with_alt_told(text)):
                if isinstance(message, events.Key):
                    self._parser.layout.wrote(message.character or "")
                if not isinstance(message, events.Paste):
                    yield message
        except Exception:  # noqa: BLE001 - any number in a sequence may be beyond what it can be; it ends the parser
            self._parser, self._escaped = self._new_parser(), False

    def _with_alt_told(self, text: str) -> str:
        """`text` with keys pressed with Alt as the parser knows them, also where the escape character came before."""
        begun, self._escaped = self._escaped, text[-1] == "\x1b"
        if constants.DISABLE_KITTY_KEY:  # the environment forbids the parser that name
            return text
        if begun and _ALT.match("\x1b" + text[0]):
            text = with_alt(text[0]) + text[1:]
        return _ALT.sub(lambda found: "\x1b" + with_alt(found[1]), text)

    def _new_parser(self) -> _Parser:
        old, new = self._parser, _Parser()
        new.layout = old.layout
        new.mouse_pixels = old.mouse_pixels
        new.terminal_size, new.terminal_pixel_size = old.terminal_size, old.terminal_pixel_size
        return new


class _Parser(OpenParser):
    def __init__(self) -> None:
        super().__init__()
        self.layout = Layout()

    def key_sequence(self, sequence: str) -> str | None:
        return retold(sequence, self.layout)


class _Paste:
    """What came of a paste; `heard` is when something came last."""

    def __init__(self, now: float) -> None:
        self.heard = now
        self.size = 0  # characters
        self._parts: list[str] = []
        self._last = ""  # what may be half of the end mark

    def take(self, text: str, now: float) -> tuple[bool, str]:
        """Whether the paste ends in `text`, and what stands behind its end."""
        self.heard = now
        text, mark, rest = (self._last + text).partition(PASTE_ENDS)
        body = text if mark else text[: len(text) - _half_mark(text, PASTE_ENDS)]
        self._last = text[len(body) :]
        self._parts.append(body)
        self.size += len(body)
        return bool(mark), rest

    def text(self, *, to_the_end: bool = False) -> str:
        """What has come since this was asked last; with what may be half of the end mark, if nothing more comes."""
        text = "".join(self._parts) + (self._last if to_the_end else "")
        self._parts.clear()
        self.size = 0
        return text


def _half_mark(text: str, mark: str) -> int:
    """How many characters at the end of `text` are the beginning of `mark`."""
    return next((size for size in range(len(mark) - 1, 0, -1) if text.endswith(mark[:size])), 0)
