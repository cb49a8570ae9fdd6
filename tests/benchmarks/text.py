"""The answers that the benchmarks' server streams: deterministic Markdown, as tokens, with citations and markers.

A marker is a word that occurs once in an answer, so that it can be looked for on the screen. No text contains any of
the letters of `UNUSED_LETTERS`, so that what a benchmark types is seen nowhere else.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

UNUSED_LETTERS = "zqxjv"
MARKER = re.compile(r"mk\d{4}")
_TOKEN = re.compile(r"\s*\S{1,6}")
_VOCABULARY = """
harbour lantern stone market garden paper winter reed bridge letter morning engine copper window table road carries
returns opens keeps follows measures counts closes under behind near small green old open often the a of
"""
_WORDS = tuple(_VOCABULARY.split())
_FILLING = tuple(f" {word}" for word in _WORDS if len(word) < 6)


@dataclass(frozen=True, slots=True)
class Citation:
    """Characters [start, end) of an answer are `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The tokens of an answer, and what is cited once the token at an index has been sent."""

    tokens: tuple[str, ...]
    citations: Mapping[int, Citation]

    @property
    def text(self) -> str:
        return "".join(self.tokens)

    @property
    def markers(self) -> tuple[str, ...]:
        """All markers in their order; the last token is the last of them."""
        return tuple(MARKER.findall(self.text))


@dataclass(frozen=True, slots=True)
class Order:
    """What to answer: `size` tokens of prose, or one list, fence or table of `size` items, lines or rows.

    `rate` is tokens a second, 0 for as fast as they are taken. It is written as the prompt of a request.
    """

    kind: str
    size: int
    rate: int
    seed: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.size} {self.rate} {self.seed}"

    @classmethod
    def parse(cls, prompt: str) -> Order:
        kind, *numbers = prompt.split()
        order = cls(kind, *map(int, numbers))
        if kind != "prose" and kind not in _BLOCKS:
            raise ValueError(f"there is no kind {kind!r}")
        return order

    def answer(self) -> Answer:
        """The same for equal orders."""
        words = _Words(self.seed)
        if self.kind == "prose":
            return _prose(self.size, words)
        return Answer(_tokens(f"{_BLOCKS[self.kind](words, self.size)}\n\n{words.marker()}"), {})


class _Words:
    """An endless supply of words and markers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._markers = itertools.count(seed % 10 * 1000)

    def number(self) -> int:
        return self._random.randint(1, 999)

    def some(self, least: int, most: int) -> str:
        return " ".join(self._random.choice(_WORDS) for _ in range(self._random.randint(least, most)))

    def sentence(self) -> str:
        return self.some(6, 14).capitalize() + "."

    def marker(self) -> str:
        return f"mk{next(self._markers):04}"


def _heading(words: _Words, level: int) -> str:
    return f"{'#' * level} {words.some(2, 4).capitalize()}"


def _paragraph(words: _Words, sentences: int) -> str:
    text = " ".join(words.sentence() for _ in range(sentences))
    return f"{text} The *{words.some(1, 2)}* is **{words.some(2, 3)}**, not `{words.some(1, 1)}`, {words.marker()}"


def _list(words: _Words, items: int) -> str:
    return "\n".join(f"- {words.some(4, 9)}" for _ in range(items))


def _numbered(words: _Words, items: int) -> str:
    return "\n".join(f"{n}. **{words.some(1, 2)}** {words.some(3, 7)}" for n in range(1, items + 1))


def _fence(words: _Words, lines: int) -> str:
    body = "\n".join(f"    total += {words.some(1, 1)}({words.number()})  # {words.some(2, 4)}" for _ in range(lines))
    return f"```python\ndef {words.some(1, 1)}(total):\n{body}\n    return total\n```"


def _table(words: _Words, rows: int) -> str:
    body = "\n".join(f"| {words.some(1, 1)} | {words.number()} | {words.some(2, 4)} |" for _ in range(rows))
    return f"| name | count | note |\n| --- | ---: | --- |\n{body}"


_BLOCKS: Mapping[str, Callable[[_Words, int], str]] = {"list": _list, "fence": _fence, "table": _table}
_PROSE: tuple[tuple[Callable[[_Words, int], str], int], ...] = (
    (_heading, 2),
    (_paragraph, 4),
    (_list, 5),
    (_paragraph, 3),
    (_fence, 6),
    (_heading, 3),
    (_paragraph, 5),
    (_table, 4),
    (_numbered, 4),
    (_paragraph, 2),
)


def _prose(count: int, words: _Words) -> Answer:
    """Blocks of all kinds for as long as they fit whole, then plain words, then a last marker."""
    tokens: list[str] = []
    citations: dict[int, Citation] = {}
    for block in _blocks(words):
        new = _tokens(block)
        if len(tokens) + len(new) >= count:
            break
        start = len("".join(tokens))
        tokens += new
        if quoted := re.search(r"\*\*(.+?)\*\*, not", block):
            at = start + quoted.start(1)
            citations[len(tokens) - 1] = Citation(at, at + len(quoted[1]), quoted[1])
    tokens += itertools.islice(itertools.cycle(_FILLING), count - 1 - len(tokens))
    return Answer((*tokens, f"\n\n{words.marker()}"), citations)


def _blocks(words: _Words) -> Iterator[str]:
    for number, (block, size) in enumerate(itertools.cycle(_PROSE)):
        yield ("\n\n" if number else "") + block(words, size)


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text))
