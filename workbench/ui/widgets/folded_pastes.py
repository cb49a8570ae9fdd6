"""Long texts that were pasted, each shown as one short mark that stands for it. Knows no widget.

A mark is what is in the text area: it is moved over, deleted and undone like any word, and where the text is sent, or
opened, what it stands for is in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

LINES: Final = 10
CHARACTERS: Final = 1_000
"""What has more of either is folded."""

MOST_KEPT: Final = 1_000_000
"""Characters that are kept for marks: undo may bring one back that is not in the text any more."""


class FoldedPastes:
    """Keeps what each mark stands for, also while it is not in the text: undo brings marks back."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def folded(self, text: str) -> str:
        """The mark that stands for `text`; itself, when it is short."""
        lines = text.removesuffix("\n").count("\n") + 1
        if lines <= LINES and len(text) <= CHARACTERS:
            return text
        what = f"{lines} lines" if lines > 1 else f"{len(text):,} characters"
        mark, number = f"[pasted {what}]", 1
        while self._texts.get(mark, text) != text:
            number += 1
            mark = f"[pasted {what} · {number}]"
        self._texts.pop(mark, None)
        self._texts[mark] = text  # the newest stands last
        return mark

    def forget(self, used: Iterable[str]) -> bool:
        """Forget the oldest texts when they are too much together, but none whose mark stands in one of `used`.

        Returns whether any was: a mark of theirs stands for itself from now on.
        """
        kept = sum(map(len, self._texts.values()))
        if kept <= MOST_KEPT:
            return False
        all_used, before = "\n".join(used), len(self._texts)
        for mark in [mark for mark in self._texts if mark not in all_used]:
            if kept > MOST_KEPT:
                kept -= len(self._texts.pop(mark))
        return len(self._texts) < before

    def opened(self, text: str) -> str:
        """`text` with what each mark in it stands for in its place."""
        if not self._texts or "[pasted " not in text:
            return text
        return re.sub("|".join(map(re.escape, self._texts)), lambda mark: self._texts[mark[0]], text)

    def at(self, text: str, start: int, end: int) -> tuple[int, int]:
        """A range of `text`, widened to the marks that it cuts; the range itself where it cuts none."""
        for mark in self._texts:
            place = text.find(mark)
            while place >= 0:
                behind = place + len(mark)
                if start < behind and end > place:
                    start, end = min(start, place), max(end, behind)
                place = text.find(mark, behind)
        return start, end

    def around(self, text: str, offset: int) -> tuple[int, int] | None:
        """The mark that `offset` is inside of; None at its ends, and elsewhere."""
        start, end = self.at(text, offset, offset)
        return (start, end) if start < offset < end else None

    def beside(self, text: str, offset: int) -> tuple[int, int] | None:
        """The mark that `offset` is in, or at an end of, else the first in the text; None where there is none."""
        marks = sorted((place, place + len(mark)) for mark in self._texts for place in [text.find(mark)] if place >= 0)
        return next((mark for mark in marks if mark[0] <= offset <= mark[1]), next(iter(marks), None))
