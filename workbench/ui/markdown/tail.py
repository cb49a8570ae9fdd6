"""The paragraph that an answer ends with, going on with plain words: shown without parsing it again.

Owns the judgement of which text changes nothing but the last line of the last paragraph, however Markdown reads the
whole. What is in doubt is refused: it is parsed then, and comes to the same.
"""

from __future__ import annotations

import re

from workbench.language.inline_markdown.parser import SPECIAL
from workbench.ui.markdown.blocks import AnswerUnit, TextUnit
from workbench.ui.markdown.feed import LONGEST_LINE, SourceLine
from workbench.ui.markdown.layout import lines_going_on
from workbench.ui.markdown.line import RenderedLine, Run

_LETTER = re.compile(r"[^\W\d_]")
"""A letter: no rule, underline, marker of a list or row below a table's head has one, and no fence that is a text."""

_PLAIN = re.compile(r"[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2026]+")
"""Characters of one cell each that combine with none before them, and that safe text keeps."""

_HARMLESS = re.compile(r"(?:[^\W_]|[ ,.:'\"?\-\u2010-\u2026])+")
"""What neither begins nor ends any markup, nor takes part in one that began before."""

_LOOKAHEAD = 2  # characters behind a mark on which its meaning may depend


class Tail:
    """A paragraph that nothing stands below: its last line of source is `rest`, as far as it came."""

    def __init__(self, unit: TextUnit, rest: SourceLine) -> None:
        text, at = unit.lines[-1]
        self.unit = unit
        self._marked = _is_marked(unit)
        self._blanks = rest.text[at - rest.start + len(text) :]  # that came behind the text, and are not seen yet
        self._room = LONGEST_LINE - 1 - max(len(rest.text), sum(len(line) + 1 for line, _ in unit.lines))

    def add(self, text: str, width: int) -> list[RenderedLine] | None:
        """Take in what came; the lines that stand at `width` in the place of what was the last one.

        None, and nothing is taken in, when it may mean more than its words.
        """
        unit = self.unit
        if not unit.shown or not self._takes(text):
            return None
        self._room -= len(text)
        new = self._blanks + text
        seen = new.rstrip(" ")
        self._blanks = new[len(seen) :]
        if not seen:
            return unit.shown[-1:]
        last = unit.shown[-1].runs[-1]
        look = unit.flows()[0].looks[-1][1] if last.is_marker else last.styles
        *above, (line, at) = unit.lines
        unit.lines = (*above, (line + seen, at))
        unit.parsed = None
        return lines_going_on(unit, width, unit.shown, Run(seen, look))

    def _takes(self, text: str) -> bool:
        if len(text) > self._room or not _PLAIN.fullmatch(text) or SPECIAL.search(text):
            return False
        return not self._marked or _HARMLESS.fullmatch(text) is not None


def tail_of(unit: AnswerUnit, rest: SourceLine) -> Tail | None:
    """The tail of an answer whose last unit is `unit`, laid out, and whose last line is `rest`; None without one."""
    if not isinstance(unit, TextUnit) or unit.heading or not unit.lines:
        return None
    text, at = unit.lines[-1]
    if at < rest.start or rest.text[at - rest.start :].rstrip(" ") != text or not _LETTER.search(text):
        return None
    if _is_marked(unit) and not (len(text) >= _LOOKAHEAD and _HARMLESS.fullmatch(text[-_LOOKAHEAD:])):
        return None
    if any(placed.mark.end > at + len(text) for placed in unit.marks):
        return None
    return Tail(unit, rest)


def _is_marked(unit: TextUnit) -> bool:
    return any(SPECIAL.search(line) for line, _ in unit.lines)
