"""A source as a row of the sources pane: its number, title, place and count, and its passage with the cited words.

Owns what of it stands in how many cells: the title and the place win over the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from rich.cells import cell_len
from textual.content import Content

from workbench.documents.evidence import Evidence
from workbench.documents.ledger import RelevantSpan
from workbench.documents.quotes import united
from workbench.documents.why_found import places_of
from workbench.safe_text import safe_line
from workbench.ui.lines.flowing import CITED, MATCHED, RELEVANT, Also, Span, kinds_of
from workbench.ui.lines.passage import Form, Shown, passage_lines, snippet, window
from workbench.ui.markdown.line import RenderedLine, Run
from workbench.ui.widgets.fitting import ending_with_a_word
from workbench.ui.widgets.row import LONGEST_LINE, Row, cut

SNIPPET_LINES = 2
INDENT = 5
RELEVANT_BAR = "▎"
"""Stands beside each line of a passage with some of a span that is relevant to the question."""
PINNED = "pinned"
"""Before the place of a passage that a person pinned to the turn, or in place of it."""
_MOST_SCORES = 5
_KINDS = ("document", "tool")  # as places of what is in no file: they tell less than a title
_LEAST_NAME = 8  # cells of the end of a file's name, which tell it from others
_LINES = re.compile(r":\d+(?:-\d+)?\Z")
_STEP = " › "
_NONE_STAND_HERE = "none of the cited words stand here"
_IN_PART = "in part: the answer has other words for the rest"
_LOOKS = {
    "strong": "bold",
    "emphasis": "italic",
    "heading-1": "bold",
    "heading-2": "bold",
    "heading-3": "bold",
    "table-head": "bold",
    "url": "muted",
    "bullet": "muted",
    "rule": "muted",
    "quote-bar": "muted",
    "table-rule": "muted",
    "code-comment": "muted",
    "muted": "muted",
}
"""What the styles of rendered text are in a list of rows; all others are plain text there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow(Row):
    """`evidence` is what is cited of `passage`, None where that is not known (yet). `number` is None where nothing
    cites it; `above` is said over it.

    `place` is where its words stand (`guide/hours.md:12`), or what it is, `set` its set where there are several. What
    is cut of these in the head is told whole when the row is open; that it `is_pinned` is never cut. `ranks` are its
    rank and score, and shorter forms of them, `why` says why it was found, by which words of the question (`matched`).
    `relevant` are the spans that a reranker found, each with its score, and `met` says how what is cited meets them. Of
    a long passage the part `around` a character is shown, unless that is None.
    """

    title: str
    place: str
    passage: str
    form: Form
    number: int | None = None
    set: str = ""
    is_pinned: bool = False
    count: int = 0
    evidence: Evidence | None = None
    above: str = ""
    ranks: tuple[str, ...] = ()
    why: str = ""
    matched: tuple[str, ...] = ()
    relevant: tuple[RelevantSpan, ...] = ()
    met: tuple[str, ...] = ()
    around: int | None = None

    @property
    def head_line(self) -> int:
        """0, or 1 below what stands over the row."""
        return 1 if self.above else 0

    def folded_height(self, width: int) -> None:
        """None: how much of its snippet there is depends on the width."""
        return

    def lines(self, width: int, *, is_open: bool) -> list[Content]:
        """The row as lines of at most `width` cells."""
        over = [Content.styled(cut(Content(f" {self.above}"), width).plain, "muted")] if self.above else []
        head, missing = self._head(width)
        below = self._opened(width, missing) if is_open else self._snippet(width)
        return [*over, head, *(cut(line, width) for line in below)]

    def taken_lines(self, width: int, *, is_open: bool) -> list[RenderedLine]:
        """The same lines, as what is selected of them is taken along: a passage as it flows."""
        shown = [line.plain for line in self.lines(width, is_open=is_open)]
        passage = self._part_shown(width) if is_open else None
        lines = [RenderedLine((Run(line),), lead=len(line) - len(line.lstrip())) for line in shown]
        if passage is not None:
            end = len(lines) - bool(passage.behind)
            first = end - len(passage.lines)
            for at, (line, flowing) in enumerate(zip(shown[first:end], passage.lines, strict=True), first):
                lines[at] = RenderedLine((Run(line),), glue=flowing.glue, lead=INDENT + flowing.lead)
        return lines

    def looked_at(self, width: int) -> range:
        """The lines with marked words, counted from the row's first while it is open."""
        lines = self.lines(width, is_open=True)
        for name in ("cited", "matched"):
            marked = [at for at, line in enumerate(lines) if any(name in str(span.style) for span in line.spans)]
            if marked:
                break
        return range(marked[0], marked[-1] + 1) if marked else range(self.head_line, self.head_line + 1)

    def showing(self, offset: int) -> tuple[Row, int]:
        """The row with the part of the passage that a character is in, and where that part begins."""
        first, end = window(self.passage, self._spans)
        if first <= offset < end:
            return self, first
        return replace(self, around=offset), window(self.passage, (), offset)[0]

    # -- the head ----------------------------------------------------------------------------------

    def _head(self, width: int) -> tuple[Content, list[str]]:
        """The head, and what is cut in it."""
        mark = f" [{self.number}]" if self.number is not None else ""
        mark = f"{mark:<{INDENT - 1}} "
        cited = f" ×{self.count}" if self.number is not None else ""
        room = width - len(mark) - 1
        count = cited
        title = place = ""
        for ranked, (title, place) in self._ranked_choices():
            count = (f"{' ·' if place else ''} {ranked}" if ranked else "") + cited
            if cell_len(title) + 2 + cell_len(place) + len(count) <= room:
                break
        else:
            title, place = _weighed(title, place, room - len(count) - 2)
        shown = Content(title)
        gap = max(1, room - shown.cell_length - cell_len(place) - len(count))
        style = "bold" if self.number is not None else "muted"
        head = Content.assemble(
            (mark, "cite"), (shown.plain, style), " " * gap, (place, "muted"), (count, "muted"), " "
        )
        whole = [self.title, " · ".join(filter(None, (self.set, PINNED * self.is_pinned, self.place)))]
        missing = [each for each, seen in zip(whole, (shown.plain, place), strict=True) if safe_line(each) != seen]
        rank = self.ranks[0] if self.ranks and self.ranks[0] not in count else ""
        return cut(head, width), [*missing, *([rank] if rank else [])]

    def _ranked_choices(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Ranks with titles and places, the best first. What ranks by a score is worth more than the whole of a title,
        and a mere place in the order of sending is not."""
        is_scored = len(set(self.ranks)) > 1
        pairs = product((*self.ranks, ""), self._choices())
        yield from pairs if is_scored else sorted(pairs, key=lambda pair: list(self._choices()).index(pair[1]))

    def _choices(self) -> Iterator[tuple[str, str]]:
        """Titles with their places, the best first: what is cut of them is what tells least."""
        title, place = safe_line(self.title[:LONGEST_LINE]), safe_line(self.place[:LONGEST_LINE])
        before = f"{PINNED} · " if self.is_pinned else ""
        parted = place.rsplit("/", 1)
        name = f"…/{parted[1]}" if len(parted) > 1 else place
        place, name, file = (f"{before}{each}" for each in (place, name, parted[-1]))
        last = title.rsplit(_STEP, 1)
        if self.set:  # which tells more than the first headings of a title
            titles = (title, f"…{_STEP}{last[1]}") if len(last) > 1 else (title,)
            for shown, where in product(titles, dict.fromkeys((place, name, file))):
                yield shown, f"{safe_line(self.set)} · {where}"
        yield title, place
        yield title, name
        yield title, file
        if self.place in _KINDS:
            yield title, ""
        if len(last) > 1:
            yield f"…{_STEP}{last[1]}", file
        yield last[-1], file
        if before:  # which tells more than any place
            yield title, PINNED
            yield last[-1], PINNED

    # -- below it ----------------------------------------------------------------------------------

    @property
    def _spans(self) -> Sequence[Span]:
        return self.evidence.spans if self.evidence is not None else ()

    def _notes(self) -> Iterator[Content]:
        for words in self.met:
            yield Content.assemble((f"{'!':>{INDENT - 1}} ", "warning"), (words, "muted"))
        if self.evidence is not None and not self._spans:
            yield Content.assemble((f"{'!':>{INDENT - 1}} ", "warning"), (_NONE_STAND_HERE, "muted"))
        elif self.evidence is not None and not self.evidence.whole:
            yield _indented(Content.styled(_IN_PART, "muted"))

    def _opened(self, width: int, missing: Sequence[str]) -> Iterator[Content]:
        for words in missing:
            whole = Content.styled(safe_line(words[:LONGEST_LINE]), "muted")
            yield from (_indented(line) for line in whole.wrap(_text_width(width)))
        if self.why:
            yield from (_indented(line) for line in self._why().wrap(_text_width(width)))
        yield from self._notes()
        if self.relevant:
            yield _indented(Content.assemble((RELEVANT_BAR, "cite"), (f" {_scores(self.relevant)}", "muted")))
        shown = self._part_shown(width)
        if shown.before:
            yield _indented(Content.styled(f"… {shown.before:,} characters before this", "muted"))
        for line in shown.lines:
            yield _barred(_content(line)) if RELEVANT in kinds_of(line.marks) else _indented(_content(line))
        if shown.behind:
            yield _indented(Content.styled(f"… {shown.behind:,} characters behind this", "muted"))

    def _part_shown(self, width: int) -> Shown:
        return passage_lines(self.passage, self._spans, self.form, _text_width(width), self.around, self._also())

    def _also(self) -> Also:
        """The words of the question and the relevant spans, as far as they stand in what is shown."""
        matched = places_of(self.matched, self.title, self.passage) if self.matched else ()
        return Also(matched, united((start, end) for start, end, _ in self.relevant))

    def _why(self) -> Content:
        words = safe_line(self.why[:LONGEST_LINE])
        return Content.styled(words, "muted")

    def _snippet(self, width: int) -> Iterator[Content]:
        if self.number is None or self.evidence is None:
            if self.why:  # of what is cited, the cited words tell more
                yield _indented(self._why())
            yield from self._notes()
            return
        notes = list(self._notes())
        yield from notes[: len(self.met)]
        del notes[: len(self.met)]
        missing = bool(notes) and not self._spans
        if missing:
            yield notes[0]
        shown = snippet(self.passage, self._spans, self.form, _text_width(width) - 2, SNIPPET_LINES - missing)
        for at, line in enumerate(shown.lines):
            ends = at + 1 == len(shown.lines) and shown.behind
            lead = Content.styled("… ", "muted") if at == 0 and shown.before else Content("")
            yield _indented(Content.assemble(lead, _content(line, "muted"), (" …" if ends else "", "muted")))


def _text_width(width: int) -> int:
    return max(2, width - INDENT - 1)


def _indented(line: Content) -> Content:
    return line.pad_left(INDENT)


def _barred(line: Content) -> Content:
    """A line with some of a relevant span."""
    return Content.assemble(" " * (INDENT - 2), (RELEVANT_BAR, "cite"), " ", line)


def _scores(spans: Sequence[RelevantSpan]) -> str:
    """How relevant the spans are, the best first."""
    scores = ", ".join(f"{score:.2g}" for score in sorted((each[2] for each in spans), reverse=True)[:_MOST_SCORES])
    return f"relevant to the question: {scores}" + (", …" if len(spans) > _MOST_SCORES else "")


def _content(line: RenderedLine, otherwise: str = "") -> Content:
    """A line as content of a row, what is cited as it is and all else as `otherwise` says."""
    return Content.assemble(*((run.text, _style(run, otherwise)) for run in line.runs))


def _style(run: Run, otherwise: str) -> str:
    looks = {_LOOKS[name] for name in run.styles if name in _LOOKS}
    kinds = kinds_of(run.marks)
    marked = {"cited"} if CITED in kinds else set()
    if MATCHED in kinds:
        marked.add("matched")
    if marked:
        return " ".join(sorted(looks - {"muted"} | marked))
    return otherwise or " ".join(sorted(looks))


def _weighed(title: str, place: str, room: int) -> tuple[str, str]:
    """What is left of a title and its place that have no room: the place gives way first, up to its lines."""
    lines = _LINES.search(place)
    least = f"…{lines[0]}" if lines else PINNED if place == PINNED else ""
    title = ending_with_a_word(title, max(0, room - cell_len(least)))
    left = room - cell_len(title)
    shown = _cut_left(place, left)
    if shown == place or cell_len(shown) >= cell_len(least) + _LEAST_NAME:
        return title, shown
    return title, least if cell_len(least) <= left else ""


def _cut_left(text: str, room: int) -> str:
    """The end of a text, which tells more of a place than its beginning."""
    if cell_len(text) <= room:
        return text
    while text and cell_len(text) + 1 > room:
        text = text[1:]
    return f"…{text}" if room > 0 else ""
