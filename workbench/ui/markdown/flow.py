"""Flowing text: rendered characters, each with its look and its place in the source.

Owns building a flow and marking citations in it. Characters that have no source of their own (the address shown
after a link) share the place of the markup they stand for, so places never decrease along a flow. Whatever
text comes in is made safe here, after entities are decoded: this is the display boundary of Markdown.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.safe_text import safe_line
from workbench.ui.markdown.line import PlacedMark, Run, Styles
from workbench.ui.markdown.offsets import Offsets, offsets


@dataclass(frozen=True, slots=True)
class Flow:
    """`text` may hold newlines: hard breaks. `origins[i]` is the source offset of `text[i]`, never decreasing.

    `looks` are (end, styles), in order; the last ends with the text.
    """

    text: str
    origins: Offsets
    looks: tuple[tuple[int, Styles], ...]
    base: Styles = ()

    def last_visible(self, before: int) -> int | None:
        """The greatest source offset below `before` whose character can be seen, None when there is none."""
        at = _visible_until(self.text, bisect_left(self.origins, before))
        return self.origins[at - 1] if at else None


class FlowBuilder:
    """Collects pieces in the order of their source."""

    def __init__(self, base: Styles = ()) -> None:
        self._base = base
        self._parts: list[str] = []
        self._origins = offsets()
        self._looks: list[tuple[int, Styles]] = []

    def __len__(self) -> int:
        return len(self._origins)

    def add(self, text: str, origins: Iterable[int], styles: Styles = ()) -> None:
        """`text`, one origin for each of its characters; newlines in it become visible."""
        self._append(safe_line(text), origins, styles)

    def add_at(self, text: str, origin: int, styles: Styles = ()) -> None:
        """`text`, all of it standing for the source at `origin`."""
        self.add(text, [origin] * len(text), styles)

    def add_break(self, origin: int) -> None:
        """A hard break."""
        self._append("\n", (origin,), ())

    def _append(self, text: str, origins: Iterable[int], styles: Styles) -> None:
        if not text:
            return
        self._parts.append(text)
        self._origins.extend(origins)
        look = self._base + styles
        if self._looks and self._looks[-1][1] == look:
            self._looks.pop()
        self._looks.append((len(self._origins), look))

    def text_from(self, start: int) -> str:
        """What has been added since the flow was `start` characters long."""
        parts: list[str] = []
        missing = len(self) - start
        for part in reversed(self._parts):
            if missing <= 0:
                break
            parts.append(part[-missing:])
            missing -= len(part)
        return "".join(reversed(parts))

    def build(self) -> Flow:
        """The flow of all that has been added."""
        return Flow("".join(self._parts), self._origins, tuple(self._looks), self._base)


@dataclass(frozen=True, slots=True)
class _Cited:
    """A citation in one flow: characters [start, end)."""

    start: int
    end: int
    index: int


def annotate(flow: Flow, marks: Sequence[PlacedMark], *, first: bool = False) -> tuple[Run, ...]:
    """The flow as runs, cited spans marked and each marker right after the character it is anchored to.

    `first` says that this flow begins the answer: markers that nothing precedes stand at its start.
    """
    marks = sorted(marks, key=lambda placed: placed.mark.index)
    cited = [span for placed in marks if (span := _cited_part(flow, placed)) is not None]
    markers = _markers(flow, marks, first)
    if not cited and not markers:
        starts = [0, *(end for end, _ in flow.looks)]
        return tuple(Run(flow.text[start:end], look) for start, (end, look) in zip(starts, flow.looks, strict=False))
    return tuple(_annotated(flow, cited, markers))


def _annotated(flow: Flow, cited: Sequence[_Cited], markers: dict[int, list[Run]]) -> Iterator[Run]:
    cuts = {0, len(flow.text), *markers, *(end for end, _ in flow.looks)}
    cuts.update(position for span in cited for position in (span.start, span.end))
    ends = [end for end, _ in flow.looks]
    for start, end in pairwise(sorted(cuts)):
        yield from markers.get(start, ())
        indexes = tuple(span.index for span in cited if span.start <= start < span.end)
        yield Run(flow.text[start:end], flow.looks[bisect_right(ends, start)][1], indexes)
    yield from markers.get(len(flow.text), ())


def _cited_part(flow: Flow, placed: PlacedMark) -> _Cited | None:
    """The visible characters of a cited span in this flow; blanks at its ends are not part of it."""
    mark = placed.mark
    start = bisect_left(flow.origins, mark.start)
    end = _visible_until(flow.text, bisect_left(flow.origins, mark.end))
    while start < end and flow.text[start].isspace():
        start += 1
    return _Cited(start, end, mark.index) if start < end else None


def _markers(flow: Flow, marks: Sequence[PlacedMark], first: bool) -> dict[int, list[Run]]:
    """Marker runs by the position they stand before; a number is shown once at a place."""
    numbers: dict[int, dict[int, list[int]]] = {}
    for placed in marks:
        position = _marker_position(flow, placed.anchor, first)
        if position is not None:
            for number in placed.mark.numbers:
                numbers.setdefault(position, {}).setdefault(number, []).append(placed.mark.index)
    return {
        position: [Run(f"[{number}]", (*flow.base, "marker"), tuple(indexes)) for number, indexes in here.items()]
        for position, here in numbers.items()
    }


def _marker_position(flow: Flow, anchor: int, first: bool) -> int | None:
    if anchor < 0:
        return 0 if first else None
    position = bisect_right(flow.origins, anchor)
    return position if position and flow.origins[position - 1] == anchor else None


def _visible_until(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end
