"""What is looked for in text, and where it stands.

Owns what counts as the same: small letters find capitals too, a capital finds itself alone, and a blank between two
words finds whatever blanks stand there, the end of a line among them. It is text, never a pattern.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from workbench.ui.markdown.heights import Heights

Span = tuple[int, int]
"""Characters [start, end) of a text."""

MOST_ACROSS = 1_000
"""Characters that something found may take: between two words there may be many blanks."""


class Needle:
    """A `word` that is looked for, one or several, as a person typed it; never an empty one."""

    def __init__(self, word: str) -> None:
        self.word = word
        exact = any(character.isupper() for character in word)
        words = word.split()
        between = r"\s+".join(re.escape(each) for each in words)
        if words:
            between = _blank(word[0]) + between + _blank(word[-1])
        self._pattern = re.compile(between or r"\s", 0 if exact else re.IGNORECASE)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Where it stands in a text, in order; none overlap."""
        return tuple(found.span() for found in self._pattern.finditer(text))

    def spans_between(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Where it stands in a long text, of what begins in characters [start, end)."""
        for found in self._pattern.finditer(text, start, min(len(text), end + MOST_ACROSS)):
            if found.start() >= end:
                return
            yield found.span()


def _blank(edge: str) -> str:
    return r"\s" if edge.isspace() else ""


class Hits:
    """Where a needle stands in texts, each with parts in which it is looked for by itself.

    They are counted from 0 over all of them. Adding one costs the logarithm of how many there are.
    """

    def __init__(self, needle: Needle) -> None:
        self._needle = needle
        self._counts = Heights()
        self._found: list[tuple[tuple[Span, ...], ...]] = []

    def __len__(self) -> int:
        return len(self._found)

    @property
    def total(self) -> int:
        """How many there are in all texts so far."""
        return self._counts.total

    def append(self, parts: tuple[str, ...]) -> None:
        """Look through one more text."""
        found = self._look(parts)
        self._found.append(found)
        self._counts.append(sum(map(len, found)))

    def take(self, found: Sequence[HitsInText]) -> None:
        """Add a text whose parts were looked through elsewhere."""
        spans = tuple(tuple(each.spans()) for each in found)
        self._found.append(spans)
        self._counts.append(sum(map(len, spans)))

    def spans(self, number: int, part: int) -> tuple[Span, ...]:
        """Where it stands in a part of text `number`."""
        return self._found[number][part]

    def set(self, number: int, parts: tuple[str, ...]) -> None:
        """Look through another text in the place of one."""
        self._found[number] = self._look(parts)
        self._counts.set(number, sum(map(len, self._found[number])))

    def cut(self, count: int) -> None:
        """Keep the first `count` texts."""
        del self._found[count:]
        self._counts.cut(count)

    def above(self, number: int) -> int:
        """How many stand in the texts before text `number`."""
        return self._counts.top(min(number, len(self._found)))

    def count(self, number: int) -> int:
        """How many stand in text `number`."""
        return self._counts[number]

    def at(self, hit: int) -> tuple[int, int, int]:
        """Of a hit: the number of its text, of its part, and its own in that part. IndexError beyond the last."""
        number = self._counts.find(hit)
        within = hit - self._counts.top(number)
        for part, spans in enumerate(self._found[number]):
            if within < len(spans):
                return number, part, within
            within -= len(spans)
        raise IndexError(hit)

    def number_of(self, number: int, part: int, within: int) -> int:
        """The other way round; of one that is not there any more, the next one's."""
        if number >= len(self._found):
            return self.total
        before = sum(len(spans) for spans in self._found[number][:part])
        return self._counts.top(number) + min(before + within, self._counts[number])

    def _look(self, parts: tuple[str, ...]) -> tuple[tuple[Span, ...], ...]:
        return tuple(self._needle.spans(part) for part in parts)


class HitsInText:
    """Where a needle stands in one long text that may grow; looked for in pieces."""

    PIECE = 64 * 1024

    def __init__(self, needle: Needle) -> None:
        self.needle = needle
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._until = 0

    @property
    def total(self) -> int:
        """How many there are so far."""
        return len(self._starts)

    def is_behind(self, text: str) -> bool:
        """Whether there is more of the text to look through."""
        return self._until < len(text)

    def look(self, text: str) -> None:
        """Look through one more piece."""
        start, end = self._until, min(len(text), self._until + self.PIECE)
        if self._ends:
            start = max(start, self._ends[-1])
        for first, last in self.needle.spans_between(text, start, end):
            self._starts.append(first)
            self._ends.append(last)
        self._until = end

    def grown(self, text: str, size: int) -> None:
        """The text, which was `size` characters long, has more now: what ended there may go on."""
        self._until = max(0, min(self._until, size - MOST_ACROSS))
        keep = bisect_left(self._starts, self._until)
        del self._starts[keep:], self._ends[keep:]

    def spans(self) -> Iterator[Span]:
        """Where all of them stand."""
        return zip(self._starts, self._ends, strict=True)

    def span(self, hit: int) -> Span:
        """Where one stands; IndexError beyond the last."""
        return self._starts[hit], self._ends[hit]

    def first_from(self, offset: int) -> int:
        """The number of the first that begins at an offset or behind it."""
        return bisect_left(self._starts, offset)

    def touching(self, start: int, end: int) -> range:
        """The numbers of those that have characters in [start, end)."""
        return range(bisect_right(self._ends, start), bisect_left(self._starts, end))
