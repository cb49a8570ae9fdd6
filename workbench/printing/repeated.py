"""Runs of one question, a row each, and how far they agree: in the text, the calls and the citations."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TextIO

from workbench.printing.closing import ending, speed
from workbench.printing.streams import say
from workbench.safe_text import safe_line

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn

_NONE: Final = "–"
_HEAD: Final = ("run", "status", "first token", "total", "tokens", "tokens/s", "text", "calls", "citations")
_WIDTHS: Final = (6, -12, 11, 9, 7, 8, 4, 5, 9)  # of a column; what is negative stands at its left
_COMPARED: Final[dict[str, Callable[[Turn], str]]] = {
    "text": lambda turn: turn.text,
    "calls": lambda turn: json.dumps(_calls(turn), sort_keys=True, default=str),
    "citations": lambda turn: json.dumps(sorted(_citations(turn))),
}


class Repeated:
    """Prints a row for each run on `out` as soon as it is over; `notes` gets why one is not complete."""

    def __init__(self, out: TextIO, notes: TextIO) -> None:
        self._out = out
        self._notes = notes
        self._said: dict[str, list[str]] = {name: [] for name in _COMPARED}
        self._figures: list[tuple[float | None, ...]] = []
        self._row(_HEAD)

    def add(self, turn: Turn) -> None:
        """A run that is over."""
        first, tokens, rate = turn.first_token, _tokens(turn), speed(turn, _tokens(turn))
        self._figures.append((first, turn.seconds, tokens, rate))
        letters = []
        for name, said in self._said.items():
            if not (turn.text or _calls(turn)):
                letters.append(_NONE)
                continue
            said.append(_COMPARED[name](turn))
            letters.append(_letter(list(dict.fromkeys(said)).index(said[-1])))
        self._row((str(len(self._figures)), ending(turn), *_in_words(self._figures[-1]), *letters))
        if turn.status != "complete":
            why = f": {turn.error}" if turn.error else ""
            say(safe_line(f"workbench: run {len(self._figures)}: {turn.status}{why}"), self._notes)

    def finish(self) -> None:
        """What is usual, and how many of the runs agree."""
        count = len(self._figures)
        if count > 1:
            known = ([value for value in column if value is not None] for column in zip(*self._figures, strict=True))
            usual = tuple(statistics.median(column) if column else None for column in known)
            self._row(("median", "", *_in_words(usual)))
        for name, said in self._said.items():
            most = max(Counter(said).values(), default=0)
            verb = "agrees" if name == "text" else "agree"
            self._out.write(f"{name} {verb} in {most} of {count} runs\n")
        self._out.flush()

    def _row(self, cells: Sequence[str]) -> None:
        pairs = zip(cells, _WIDTHS, strict=False)
        row = "  ".join(cell.ljust(-width) if width < 0 else cell.rjust(width) for cell, width in pairs)
        self._out.write(f"{row.rstrip()}\n")
        self._out.flush()


def _in_words(figures: Sequence[float | None]) -> tuple[str, ...]:
    first, total, tokens, rate = figures
    return (_seconds(first), _seconds(total), _number(tokens, "g"), _number(rate, ".1f"))


def _seconds(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f} s"


def _number(value: float | None, form: str) -> str:
    return _NONE if value is None else format(value, form)


def _letter(number: int) -> str:
    """What names the runs that agree: a letter, or a number where there are no more of these."""
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def _tokens(turn: Turn) -> float | None:
    """The output tokens that are billed."""
    billed = turn.usage().get("billed_units")
    tokens = billed.get("output_tokens") if isinstance(billed, dict) else None
    return tokens if isinstance(tokens, int | float) else None


def _calls(turn: Turn) -> list[object]:
    return [[call.name, call.parsed()] for step in turn.steps for call in step.message().tool_calls]


def _citations(turn: Turn) -> list[str]:
    """Each citation with its place, and what it rests on."""
    return [
        json.dumps([each.start, each.text, sorted(str(source.get("id", "")) for source in each.sources)])
        for each in turn.citations
    ]
