"""A passage as it is read: rendered, flowing to the width, and its cited words marked.

Owns which form a text has, how much of a long one is shown, and the snippet that stands for it. Work is bounded: of a
long passage its surroundings of the cited words are laid out, and the rest is counted.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from pathlib import PurePosixPath
from typing import Literal

from workbench.language.words import sentences
from workbench.ui.lines.data import NAME, data_flows
from workbench.ui.lines.flowing import NOTHING, Also, IndentedFlow, Span, flow_lines, joined_marks, marks_of
from workbench.ui.markdown.document import render
from workbench.ui.markdown.flow import FlowBuilder
from workbench.ui.markdown.line import RenderedLine

Form = Literal["markdown", "data", "fields", "plain"]

SHOWN_BEFORE = 2_000  # characters of a passage before its first cited words
SHOWN = 6_000  # and altogether
_NEAR = 1_500  # characters around the cited words in which their sentence is looked for
_LINE_NEAR = 400  # characters in which a line's end is looked for, to cut there
_PARSED = 50_000  # characters of JSON that are parsed to know that it is
_MOST_OPENINGS = 300  # of links and tags in what is shown of a text of Markdown
_WRAPPED = 45  # characters from which a line's end may be one that an editor made

_MARKDOWN_FILES = frozenset([".md", ".markdown", ".mdx"])
_MARKUP = re.compile(
    r"^ {0,3}#{1,6} \S|^ {0,3}(?:```|~~~)|^\|?[ \t]*:?-{3,}:?[ \t]*\||\*\*[^*\s][^*\n]*\*\*"
    r"|\[[^\[\]\n]{1,300}\]\([^()\s]{1,1000}\)|^ {0,3}[-*] \S[^\n]*\n {0,3}[-*] \S"
    r"|^ {0,3}\d\. \S[^\n]*\n {0,3}\d\. \S|^> \S",
    re.MULTILINE,
)
_FIELD = re.compile(r"([^\s:#>|*`-][^:\n]{0,59}):[ \t]+\S")
_OWN_LINE = re.compile(r"[ \t]*(?:[-*+•|#>]|\d{1,9}[.)])|[ \t]{4}|\t")
_LINK = re.compile(r"(?<![!`])\[([^\[\]\n]{1,200})\]\([^()\s`]{1,1000}\)")


@dataclass(frozen=True, slots=True)
class Shown:
    """Lines of a passage, and how many characters of it stand before and behind them."""

    lines: tuple[RenderedLine, ...]
    before: int = 0
    behind: int = 0


def form_of(text: str, path: str | None) -> Form:
    """What a text is: of a file its name says it, of any other text its looks."""
    beginning = text[:SHOWN].lstrip()
    suffix = PurePosixPath(path).suffix.lower() if path else ""
    if suffix in _MARKDOWN_FILES:
        return "markdown"
    if _is_data(text):
        return "data"
    lines = beginning.split("\n")[:40]
    if not suffix or suffix in (".csv", ".tsv", ".json", ".jsonl", ".ndjson"):
        named = [_FIELD.match(line) is not None for line in lines if line.strip()]
        if named and named[0] and (len(named) > 1 or suffix) and sum(named) * 4 >= 3 * len(named):
            return "fields"
    return "markdown" if not suffix and _MARKUP.search(beginning) else "plain"


def _is_data(text: str) -> bool:
    """Whether a text is an object or a list of JSON; of a very long one, whether it begins and ends like one."""
    begins = text[:SHOWN].lstrip()[:2]
    if begins[:1] not in ("{", "[") or text[-SHOWN:].rstrip()[-1:] not in ("}", "]"):
        return False
    if len(text) > _PARSED:
        return begins in ('{"', "[{", '["', "[[", "{\n", "[\n")
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def passage_lines(
    text: str, spans: Sequence[Span], form: Form, width: int, around: int | None = None, also: Also = NOTHING
) -> Shown:
    """The passage in lines of at most `width` cells, the characters of `spans` marked in it, and those of `also`.

    Of a long one it is the part around the first of them, or around character `around`.
    """
    first, end = window(text, spans or also.relevant or also.matched, around)
    inside = Also(_within(also.matched, first, end), _within(also.relevant, first, end))
    lines = _lines(text[first:end], _within(spans, first, end), form, width, inside)
    return Shown(tuple(lines), first, len(text) - end)


def snippet(text: str, spans: Sequence[Span], form: Form, width: int, most: int) -> Shown:
    """At most `most` lines of the passage: from the sentence that has the first cited words, or from its beginning."""
    if not spans:
        return _cut(_lines(text[:_NEAR], (), form, width), most, len(text) - len(text[:_NEAR]))
    at = spans[0][0]
    first, end = max(0, at - _NEAR), min(len(text), max(at, spans[0][1]) + _NEAR)
    begins = None if form in ("data", "fields") else _sentence_start(text, first, at, end)
    if begins is not None:
        part, inside = text[begins:end], _within(spans, begins, end)
        if form == "markdown":
            part, inside = _without_addresses(part, inside)
        lines = _lines(part, inside, form, width)
        reached = next((number for number, line in enumerate(lines) if line.marks), most)
        if reached < most:
            return _cut(lines, most, len(text) - end)
    shown = passage_lines(text, spans, form, width)
    marked = next((number for number, line in enumerate(shown.lines) if line.marks), 0)
    return _cut(shown.lines[marked:], most, shown.behind, before=marked)


def _without_addresses(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """A text with links as their words, and where in it the spans are: a snippet has no room for addresses."""
    kept: list[int] = []  # the places of the characters that stay
    at = 0
    for link in _LINK.finditer(text):
        kept += range(at, link.start())
        kept += range(link.start(1), link.end(1))
        at = link.end()
    kept += range(at, len(text))
    moved = ((bisect_left(kept, start), bisect_left(kept, end)) for start, end in spans)
    return "".join(text[place] for place in kept), [(start, end) for start, end in moved if start < end]


def _cut(lines: Sequence[RenderedLine], most: int, behind: int, before: int = 0) -> Shown:
    """The first lines, up to the blank one behind their block."""
    filled = list(dropwhile(_is_blank, lines))
    block = list(takewhile(lambda line: not _is_blank(line), filled))[:most]
    return Shown(tuple(block), before, behind + len(filled) - len(block))


def _is_blank(line: RenderedLine) -> bool:
    return not line.text.strip()


def _sentence_start(text: str, first: int, at: int, end: int) -> int | None:
    """Where the sentence that is at `at` begins; None in a table or code, whose parts cannot stand alone."""
    line = text.rfind("\n", 0, at) + 1
    if text[line:at].lstrip(" \t>").startswith("|") or text.count("```", first, at) % 2:
        return None
    if first:
        first = text.find(" ", first, at) + 1 or first
    part = text[first:end]
    return next((first + begin for begin, stop in sentences(part) if begin <= at - first < stop), None)


def window(text: str, spans: Sequence[Span], around: int | None = None) -> Span:
    """What is shown of a text: all of it, or a part around a character, or else around the first span, from one line's
    end to another where such are near."""
    if len(text) <= SHOWN:
        return 0, len(text)
    at = around if around is not None else spans[0][0] if spans else 0
    first = max(0, min(at - SHOWN_BEFORE, len(text) - SHOWN))
    end = min(len(text), first + SHOWN)
    if first:
        first = text.find("\n", first, first + _LINE_NEAR) + 1 or first
    if end < len(text):
        end = text.rfind("\n", end - _LINE_NEAR, end) + 1 or end
    return first, end


def _within(spans: Sequence[Span], first: int, end: int) -> list[Span]:
    """The spans as they are in characters [first, end) of their text."""
    inside = ((max(start, first) - first, min(stop, end) - first) for start, stop in spans)
    return [(start, stop) for start, stop in inside if start < stop]


def _lines(text: str, spans: Sequence[Span], form: Form, width: int, also: Also = NOTHING) -> list[RenderedLine]:
    width = max(width, 2)
    if form == "markdown" and text.count("[") + text.count("<") > _MOST_OPENINGS:
        form = "plain"  # no person wrote it, and looking for what closes each of them takes long
    match form:
        case "markdown":
            lines = render(text, width, marks_of(spans, also))
        case "data":
            lines = flow_lines(data_flows(text), spans, width, also)
        case "fields":
            lines = flow_lines(_fields(text), spans, width, also)
        case "plain":
            lines = flow_lines(_paragraphs(text), spans, width, also)
    return [joined_marks(line) for line in lines]


def _fields(text: str) -> Iterator[IndentedFlow]:
    """Each line by itself, the name of its field set back."""
    for start, end in _line_spans(text):
        builder = FlowBuilder()
        field = _FIELD.match(text, start, end)
        value = field.end(1) + 1 if field else start
        builder.add(text[start:value], range(start, value), NAME)
        builder.add(text[value:end].replace("\t", " "), range(value, end))
        yield IndentedFlow(builder.build())


def _paragraphs(text: str) -> Iterator[IndentedFlow]:
    """Lines that an editor has wrapped flow into one; others stay lines."""
    spans = list(_line_spans(text))
    at = 0
    while at < len(spans):
        last = at
        while last + 1 < len(spans) and _goes_on(text, spans[last], spans[last + 1]):
            last += 1
        builder = FlowBuilder()
        for number in range(at, last + 1):
            start, end = spans[number]
            if number > at:
                start += len(text[start:end]) - len(text[start:end].lstrip())
                builder.add_at(" ", start - 1)
            builder.add(
                text[start:end].replace("\t", "    ") if number == at else text[start:end].replace("\t", " "),
                _places(text, start, end, number == at),
            )
        yield IndentedFlow(builder.build(), hang=0)
        at = last + 1


def _places(text: str, start: int, end: int, tabs: bool) -> list[int]:
    """The place of each character, a tab being four of them when `tabs` says so."""
    return [at for at in range(start, end) for _ in range(4 if tabs and text[at] == "\t" else 1)]


def _goes_on(text: str, one: Span, other: Span) -> bool:
    """Whether a line and the next one are one that was wrapped."""
    line, following = text[slice(*one)], text[slice(*other)]
    if len(line) < _WRAPPED or not following.strip() or line[:1].isspace():
        return False
    return _OWN_LINE.match(following) is None


def _line_spans(text: str) -> Iterator[Span]:
    start = 0
    for line in text.rstrip().split("\n"):
        yield start, start + len(line.removesuffix("\r"))
        start += len(line) + 1
