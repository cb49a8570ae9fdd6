"""JSON with light structure: `name: value` lines, indented, without quotes and braces.

Reads the text and not a value, so each character keeps its place, and what is cut off or broken is shown as far as it
goes. Strings are shown as what they say; a short list of plain values stands in one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from workbench.documents.readings import PART, unescaped
from workbench.ui.lines.flowing import IndentedFlow
from workbench.ui.markdown.flow import FlowBuilder
from workbench.ui.markdown.line import Styles

NAME: Styles = ("muted",)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)
_PLAIN_LIST = re.compile(r'\[(?:[^\[\]{}"]|"(?:[^"\\]|\\.)*"){0,400}\]', re.DOTALL)
_SHORT = 120  # characters of a list that stands in one line
_DEEPEST = 12  # levels that are indented


def data_flows(text: str) -> Iterator[IndentedFlow]:
    """The lines of a text of JSON."""
    return _Reader(text).flows()


class _Reader:
    """Walks the tokens, and keeps the line that is being made."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._said = unescaped(text)
        self._line: FlowBuilder | None = None
        self._depth = 0  # of the line
        self._lead = ""
        self._open: list[str] = []

    def flows(self) -> Iterator[IndentedFlow]:
        inline_until = 0
        tokens = [*_TOKEN.finditer(self._text), None]
        for token, following in pairwise(tokens):
            if token is None or token.start() < inline_until:
                continue
            match token[0]:
                case "{" | "[":
                    whole = _PLAIN_LIST.match(self._text, token.start()) if token[0] == "[" else None
                    if whole is not None and len(whole[0]) <= _SHORT:
                        self._add_list(whole)
                        inline_until = whole.end()
                    elif following is not None and following[0] in "]}":
                        self._begin()
                        self._add(token.start(), token.end())
                        self._add(following.start(), following.end())
                        inline_until = following.end()
                    else:
                        yield from self._enter(token[0])
                case "}" | "]":
                    yield from self._end()
                    del self._open[-1:]
                case ",":
                    yield from self._end()
                case ":":
                    self._add(token.start(), token.end(), NAME)
                    self._line_now().add_at(" ", token.start(), NAME)
                case _:
                    self._begin()
                    names = following is not None and following[0] == ":"
                    self._add_value(token, NAME if names else ())
        yield from self._end()

    def _enter(self, bracket: str) -> Iterator[IndentedFlow]:
        """What is in a bracket stands on lines of its own; the first field of an item beside the item's dash."""
        if self._line is not None:
            yield from self._end()
        elif self._open and self._open[-1] == "[":
            self._lead += "- "
        self._open.append(bracket)

    def _begin(self) -> None:
        if self._line is None:
            self._line = FlowBuilder()
            if self._open and self._open[-1] == "[":
                self._lead += "- "
            self._depth = min(len(self._open) - 1, _DEEPEST) if self._open else 0
            self._depth += self._open[-1:] == ["["]

    def _line_now(self) -> FlowBuilder:
        self._begin()
        assert self._line is not None
        return self._line

    def _end(self) -> Iterator[IndentedFlow]:
        if self._line is not None:
            yield IndentedFlow(self._line.build(), 2 * self._depth, self._lead)
            self._line, self._lead = None, ""

    def _add_list(self, whole: re.Match[str]) -> None:
        self._begin()
        tokens = list(_TOKEN.finditer(self._text, whole.start() + 1, whole.end() - 1))
        if not tokens:
            self._add(whole.start(), whole.end())
        for token in tokens:
            if token[0] == ",":
                self._add(token.start(), token.end())
                self._line_now().add_at(" ", token.start())
            else:
                self._add_value(token, ())

    def _add_value(self, token: re.Match[str], styles: Styles) -> None:
        """A string without its quotes, or any other value."""
        start, end = token.span()
        if token[0].startswith('"'):
            start, end = start + 1, end - (len(token[0]) > 1 and token[0].endswith('"'))
        if start == end:
            start, end = token.span()  # a string without anything in it is its quotes
        self._add(start, end, styles)

    def _add(self, start: int, end: int, styles: Styles = ()) -> None:
        line = self._line_now()
        first = start
        for at in range(start, end):
            if self._said[at] == "\n":
                self._add_run(line, first, at, styles)
                line.add_break(at)
                first = at + 1
        self._add_run(line, first, end, styles)

    def _add_run(self, line: FlowBuilder, start: int, end: int, styles: Styles) -> None:
        places = [at for at in range(start, end) if self._said[at] != PART]
        line.add("".join(self._said[at] for at in places).replace("\t", " "), places, styles)
