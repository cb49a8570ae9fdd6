"""The citations of one answer: which of its units each touches, and where its marker stands.

Owns anchoring: a marker follows the last character that is seen before the span's end. A citation that reaches into
text that may still change is anchored anew as long as it does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence

from workbench.ui.markdown.blocks import AnswerUnit
from workbench.ui.markdown.column import TimeIsUp, never
from workbench.ui.markdown.flow import Flow
from workbench.ui.markdown.line import Mark, PlacedMark


class Citations:
    """The citations of an answer whose pieces are `units`, a sequence that may change between the calls."""

    def __init__(self, units: Sequence[AnswerUnit]) -> None:
        self._units = units
        self._marks: dict[int, Mark] = {}
        self._placed: dict[int, PlacedMark] = {}
        self._fresh: set[int] = set()
        self._open: set[int] = set()
        self._sorted: list[Mark] | None = None

    @property
    def unplaced(self) -> bool:
        """Whether a citation was added that `place` has not seen."""
        return bool(self._fresh)

    @property
    def marks(self) -> list[Mark]:
        """All citations, in the order of the text."""
        if self._sorted is None:
            self._sorted = sorted(self._marks.values(), key=lambda mark: (mark.start, mark.end, mark.index))
        return self._sorted

    def add(self, mark: Mark) -> None:
        """Add a citation, or replace the one of the same index."""
        if self._marks.get(mark.index) != mark:
            self._marks[mark.index] = mark
            self._fresh.add(mark.index)
            self._sorted = None

    def place(self, kept: int, final: int, time_is_up: TimeIsUp = never) -> set[int]:
        """Tell the units which citations touch them: those from number `kept` on are new and know of none.

        Text before offset `final` will not change any more. Returns the numbers of other units whose marks changed.
        Citations that are new may have to wait when time is up.
        """
        changed: set[int] = set()
        flows: dict[int, list[Flow]] = {}
        for index in sorted(self._open - self._fresh):
            changed |= self._place(index, kept, final, flows)
        for index in sorted(self._fresh):
            changed |= self._place(index, kept, final, flows)
            self._fresh.discard(index)
            if time_is_up():
                break
        return changed

    def _place(self, index: int, kept: int, final: int, flows: dict[int, list[Flow]]) -> set[int]:
        changed: set[int] = set()
        mark, before = self._marks[index], self._placed.get(index)
        placed = PlacedMark(mark, self._anchor(mark, flows))
        self._placed[index] = placed
        stands = before == placed and index not in self._fresh
        if before is not None and not stands:
            changed.update(self._remove(before, kept))
        touched = self._touched(placed, kept if stands else 0)
        for number in touched:
            self._units[number].marks += (placed,)
        changed.update(number for number in touched if number < kept)
        stays = mark.end < final and placed.anchor >= 0
        (self._open.discard if stays else self._open.add)(index)
        return changed

    def keep(self, position: int, count: int) -> set[int]:
        """Forget the citations that do not end before offset `position`, where the text and its units, of which the
        first `count` stay, are cut. Returns the numbers of those whose marks changed."""
        changed: set[int] = set()
        for index in [index for index, mark in self._marks.items() if mark.end >= position]:
            if (placed := self._placed.pop(index, None)) is not None:
                changed.update(self._remove(placed, count))
            del self._marks[index]
            self._fresh.discard(index)
            self._open.discard(index)
        self._sorted = None
        return changed

    def forget_others(self, indexes: Collection[int]) -> set[int]:
        """Forget the citations with other indexes than these; as `keep`."""
        changed: set[int] = set()
        for index in self._marks.keys() - set(indexes):
            if (placed := self._placed.pop(index, None)) is not None:
                changed.update(self._remove(placed, len(self._units)))
            del self._marks[index]
            self._fresh.discard(index)
            self._open.discard(index)
        self._sorted = None
        return changed

    def units(self, index: int) -> list[int]:
        """The numbers of the units that citation `index` touches, none for an unknown one."""
        placed = self._placed.get(index)
        return [] if placed is None else self._touched(placed, 0)

    def _remove(self, placed: PlacedMark, kept: int) -> Iterator[int]:
        for number in self._touched(placed, 0):
            if number < kept:
                unit = self._units[number]
                unit.marks = tuple(other for other in unit.marks if other.mark.index != placed.mark.index)
                yield number

    def _touched(self, placed: PlacedMark, lowest: int) -> list[int]:
        """Units from number `lowest` on that the span covers or the marker stands in, in order."""
        if not self._units:
            return []
        mark = placed.mark
        first, last = self._at(mark.start), self._at(max(mark.end - 1, mark.start))
        anchored = self._at(placed.anchor)
        numbers = list(range(max(first, lowest), last + 1))
        if anchored >= lowest and not first <= anchored <= last:
            numbers.append(anchored)
        return sorted(numbers)

    def _at(self, offset: int) -> int:
        """The number of the unit that an offset is in; the first for one before all."""
        return max(bisect_right(self._units, offset, key=lambda unit: unit.start) - 1, 0)

    def _anchor(self, mark: Mark, flows: dict[int, list[Flow]]) -> int:
        """The offset of the last visible character before the span's end; -1 when there is none."""
        for number in range(min(self._at(mark.end - 1), len(self._units) - 1), -1, -1):
            if number not in flows:
                flows[number] = self._units[number].flows()
            found = [at for flow in flows[number] if (at := flow.last_visible(mark.end)) is not None]
            if found:
                return max(found)
        return -1
