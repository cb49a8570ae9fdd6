"""What was met while documents were loaded: which problems end it, which are forgiven, and what is left out.

Owns that a few bad files among the many of a folder or a glob end nothing, and how many of their faults are told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.documents.source_lines import Flaw
from workbench.errors import Problem

_PER_FILE = 20
_FORGIVEN_PER_FILE = 3
_WARNINGS = 30


@dataclass(frozen=True, slots=True)
class Listed(Problem):
    """A note that lists all there is, for whoever checks; `brief` lists the first of it, for whoever goes on."""

    brief: str = ""

    def in_brief(self) -> Problem:
        """The note for whoever goes on."""
        return Problem(self.file, self.line, self.column, self.brief, self.hint)


class Met:
    """The problems of all sets.

    `problems` are all of them, as strictly as they can be taken, in the words in which they are forgiven if they can
    be, and `fatal` those with which nobody should go on.
    `forgiven` are the others, each with what was done about it. `left_out` says what of a folder is no document, and
    what else a person should know who has nothing to mend.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.fatal: list[Problem] = []
        self.forgiven: list[Problem] = []
        self.left_out: list[Problem] = []

    def refuse(self, *problems: Problem) -> None:
        """Add problems that are never forgiven."""
        self.problems.extend(problems)
        self.fatal.extend(problems)

    def forgive(self, *problems: Problem) -> None:
        """Add problems that are forgiven, with nothing to say of what is done."""
        self.problems.extend(problems)
        self.forgiven.extend(problems)

    def add(self, other: Met) -> None:
        """Add all that another one has."""
        self.problems += other.problems
        self.fatal += other.fatal
        self.forgiven += other.forgiven
        self.left_out += other.left_out

    def flaws(self, flaws: Sequence[Flaw], *, forgiving: bool) -> None:
        """Add the flaws of one file, the first few if they are many."""
        if not flaws:
            return
        self.left_out.extend(flaw.forgiven() for flaw in flaws if flaw.harmless)
        serious = [flaw for flaw in flaws if not flaw.harmless]
        if forgiving:
            self.problems.extend(_first(serious, _PER_FILE, Flaw.forgiven))
            self.forgiven.extend(_first(serious, _FORGIVEN_PER_FILE, Flaw.forgiven))
        else:
            self.refuse(*_first(serious, _PER_FILE, Flaw.stopping))

    def stop(self, since: int) -> None:
        """Forgive none of the problems that were met since there were `since`."""
        self.fatal.extend(problem for problem in self.problems[since:] if problem not in self.fatal)


def warnings_of(forgiven: Sequence[Problem], left_out: Sequence[Problem]) -> tuple[Problem, ...]:
    """What a person should know who goes on: the first of each, and a count of the others."""
    notes = [each.in_brief() if isinstance(each, Listed) else each for each in left_out]
    return (*_bounded(forgiven, "problems in files"), *_bounded(notes, "notes on files"))


def _bounded(problems: Sequence[Problem], what: str) -> list[Problem]:
    more = len(problems) - _WARNINGS
    counted = [Problem("documents", 0, 0, not_said(more, what))] if more > 0 else []
    return [*problems[:_WARNINGS], *counted]


def not_said(count: int, what: str) -> str:
    """That there are `count` more of them, and where one reads them all."""
    return f"and {count} more {what}; workbench check names them"


def _first(flaws: Sequence[Flaw], most: int, told: Callable[[Flaw], Problem]) -> list[Problem]:
    more = len(flaws) - most
    counted = [Problem(flaws[0].file, 0, 0, f"{more} more problems in this file")] if more > 0 else []
    return [*map(told, flaws[:most]), *counted]
