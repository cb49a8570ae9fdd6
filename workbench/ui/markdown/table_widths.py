"""How wide the columns of growing tables must be: each row is measured once, and again when a citation touches it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.ui.markdown.blocks import AnswerUnit, TableBlock, TableUnit, widest
from workbench.ui.markdown.layout import natural_widths


class TableWidths:
    """Keeps `natural` and `live` of the tables of one answer right."""

    def __init__(self) -> None:
        self._growing: set[TableBlock] = set()  # those that have a live unit

    def measured(self, units: list[AnswerUnit]) -> list[AnswerUnit]:
        """`units`, which will stay, their tables made wide enough for them."""
        for unit in units:
            if isinstance(unit, TableUnit):
                unit.natural = natural_widths(unit)
                unit.table.settled.append(unit)
                unit.table.natural = widest((unit.table.natural, unit.natural))
        return units

    def measure(self, settled: Sequence[AnswerUnit], live: Sequence[AnswerUnit], touched: Iterable[AnswerUnit]) -> None:
        """`live` units take the place of those before them; others got or lost citations."""
        for table in self._growing:
            table.live = ()
        self._growing.clear()
        for unit in live:
            if isinstance(unit, TableUnit):
                unit.table.live = natural_widths(unit)
                self._growing.add(unit.table)
        for unit in (*(unit for unit in settled if unit.marks), *touched):
            if isinstance(unit, TableUnit):
                self._measure_again(unit)

    def _measure_again(self, unit: TableUnit) -> None:
        before, unit.natural = unit.natural or (), natural_widths(unit)
        if any(now < cells for now, cells in zip(unit.natural, before, strict=False)):
            unit.table.natural = widest([other.natural or () for other in unit.table.settled])
        else:
            unit.table.natural = widest((unit.table.natural, unit.natural))
