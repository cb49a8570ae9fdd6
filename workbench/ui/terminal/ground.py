"""The ground of the terminal, dark or light: how it is asked for, what says so, and what else may come of asking.

Owns OSC 11 (xterm's question for the colour behind letters), and COLORFGBG, which some terminals set. An answer may
come late, in pieces, broken or never: of none is anything left among the keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from textual.message import Message

QUESTION: Final = "\x1b]11;?\x1b\\"

EXPECTED_SECONDS: Final = 10.0
"""For so long after asking, what may be the beginning of an answer is taken for one."""

ESCAPE_SECONDS: Final = 0.05
"""How long a lone escape character may be the beginning of an answer, which is how long the key Esc waits then."""

PIECE_SECONDS: Final = 1.0
"""How long a piece of an answer waits for the next one."""

_HEAD: Final = "\x1b]11;"
_ANSWER: Final = re.compile(
    r"\x1b\]11;(?:rgba?:(?P<parts>[0-9a-fA-F]{1,4}(?:/[0-9a-fA-F]{1,4}){2,3})|#(?P<digits>(?:[0-9a-fA-F]{3}){1,4}))"
    r"(?:\x07|\x1b\\)"
)
_CLOSED: Final = re.compile(r"\x1b\]11;[^\x07\x1b]*(?:\x07|\x1b\\)")
"""An answer that means nothing."""

_BODY_BEGUN: Final = re.compile(r"(?:r?|rg|rgba?|rgba?:[0-9a-fA-F/]{0,19}|#[0-9a-fA-F]{0,12})\x1b?")
_BEGUN: Final = re.compile(r"\x1b\]11;(?:rgba?:[0-9a-fA-F/]{0,19}|#[0-9a-fA-F]{0,12}|rgb?|r)?")

_ASKS_NOBODY: Final = re.compile(r"(?:linux|dumb|unknown|cons|sun|eterm|vt[1-4][0-9]|ansi|wsvt)")
"""Terminals, by the beginning of TERM, that do not know the question, and may write it onto the screen."""

_DARK_NUMBERS: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 8})
_HALF: Final = 0.179  # of the light of white: here black and white letters can be read equally well


class GroundTold(Message):
    """The terminal has said whether it is dark."""

    def __init__(self, *, is_dark: bool) -> None:
        self.is_dark = is_dark
        super().__init__()


def can_be_asked(environ: Mapping[str, str]) -> bool:
    """Whether the terminal knows the question, or lets it pass unseen."""
    term = environ.get("TERM", "")
    return bool(term) and _ASKS_NOBODY.match(term) is None


def hinted(environ: Mapping[str, str]) -> bool | None:
    """Whether the terminal is dark, as far as the environment says: "15;0" is white on black."""
    _, _, ground = environ.get("COLORFGBG", "").rpartition(";")
    return int(ground) in _DARK_NUMBERS if re.fullmatch(r"[0-9]|1[0-5]", ground) else None


class Answers:
    """Takes the answer to the question out of what is typed. `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.is_dark: bool | None = None  # what the terminal has said last
        self._clock = clock
        self._until = float("-inf")
        self._held = ""  # what may be the beginning of an answer
        self._given = 0  # characters of it that were handed on as keys, or dropped, when nothing more came
        self._heard = 0.0

    def expect(self) -> None:
        """The terminal is being asked."""
        self._until = self._clock() + EXPECTED_SECONDS

    def without(self, text: str) -> str:
        """The keys in a text; what may be the beginning of an answer is held back until more comes, or it is `due`."""
        now = self._clock()
        if not self._held and now > self._until:
            return text
        seen, begun, given = self._held + text, len(self._held), self._given
        self._held, self._given, self._heard = "", 0, now
        keys, at = "", 0
        while (escape := seen.find("\x1b", at)) >= 0:
            keys += seen[max(at, given) : escape]
            if answer := _ANSWER.match(seen, escape):
                self.is_dark, self._until, at = _is_dark(answer), now, answer.end()
            elif _is_begun(seen[escape:]) and now <= self._until:
                self._held, self._given = seen[escape:], max(0, given - escape)
                return keys
            elif seen.startswith(_HEAD, escape):
                at = _end_of_broken(seen, escape, begun)
            else:
                keys += seen[max(escape, given) : escape + 1]
                at = escape + 1
        return keys + seen[max(at, given) :]

    def due(self) -> str:
        """The keys that what is held back was, when nothing has followed it."""
        held, given = self._held, self._given
        waited = self._clock() - self._heard
        if waited < (ESCAPE_SECONDS if held == "\x1b" else PIECE_SECONDS):
            return ""
        # The rest of an answer may be late, and is known by this beginning; not when that was the key Esc, long ago.
        if self._clock() > self._until or (held == "\x1b" and waited >= PIECE_SECONDS):
            self._held, self._given = "", 0
        else:
            self._given = len(held)
        is_typed = len(held) <= len("\x1b]") or (given and len(held) <= len(_HEAD))
        return held[given:] if is_typed else ""


def _is_begun(text: str) -> bool:
    """Whether an answer may begin like this, and is not complete."""
    if len(text) <= len(_HEAD):
        return _HEAD.startswith(text)
    return text.startswith(_HEAD) and _BODY_BEGUN.fullmatch(text, len(_HEAD)) is not None


def _end_of_broken(seen: str, start: int, before: int) -> int:
    """Where an answer that is none ends. What stands in one read with its head is it all; in another one, keys are.

    The first `before` characters have come in an earlier read.
    """
    if closed := _CLOSED.match(seen, start):
        return closed.end()
    if start < before and (begun := _BEGUN.match(seen, start)):
        return begun.end() + (seen[begun.end() : before] == "\x1b")
    following = seen.find("\x1b", start + 1)
    return following if following >= 0 else len(seen)


def _is_dark(answer: re.Match[str]) -> bool:
    if answer["parts"] is not None:
        parts = [int(part, 16) / (16 ** len(part) - 1) for part in answer["parts"].split("/")[:3]]
    else:
        digits = answer["digits"]
        size = len(digits) // 3
        parts = [int(digits[at : at + size], 16) / (16**size - 1) for at in (0, size, 2 * size)]
    light: float = sum(weight * part**2.2 for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
    return light < _HALF
