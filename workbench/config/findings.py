"""The problems found in one file: owns collecting, ordering and wording them; decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from workbench.errors import Problem, did_you_mean, quoted
from workbench.look_alikes import as_read, others_in
from workbench.safe_text import with_names, without_invisible

# A file that is wrong throughout is told as well by its first hundred problems as by fifty thousand.
MAX_PROBLEMS = 100
_SHOWN_KEYS = 20


class Located(Protocol):
    """Anything that stands at a line and column of a file, both counted from 1."""

    @property
    def line(self) -> int:
        """The line, counted from 1."""

    @property
    def column(self) -> int:
        """The column in characters, counted from 1."""


class KeyPlace(Located, Protocol):
    """A key and where it stands."""

    @property
    def key(self) -> str:
        """The key's text."""


def unknown_word(what: str, word: str, known: Collection[str], otherwise: str = "") -> tuple[str, str]:
    """The message and the hint for a `word` that is none of those `known`: "unknown key `dcos`", "did you mean...".

    A word that reads as one of them but for letters of another script has these named.
    """
    seen = without_invisible(word)
    hint = did_you_mean(as_read(seen), known, otherwise)
    others = others_in(seen) if hint != otherwise else ""
    return f"{what} {quoted(word)}{f' with {others} in it' if others else ''}", hint


class Findings:
    """Collects the problems of the file called `file`, as the user named it, beside those `known` already."""

    def __init__(self, file: str, known: Sequence[Problem] = ()) -> None:
        self.file = file
        self._problems = list(known)

    def add(self, where: Located, message: str, hint: str = "") -> None:
        """Note a problem at a node or key; `hint` says what to do about it."""
        self.at(where.line, where.column, message, hint)

    def at(self, line: int, column: int, message: str, hint: str = "") -> None:
        """Note a problem at a line and column, both counted from 1; 0 and 0 stand for the file as a whole.

        What cannot be seen of the message is named in it.
        """
        self._problems.append(Problem(self.file, line, column, with_names(message), with_names(hint)))

    def file_problem(self, message: str, hint: str = "") -> None:
        """A problem of the file as a whole."""
        self.at(0, 0, message, hint)

    def unknown_keys(self, keys: Sequence[KeyPlace], known: Collection[str], otherwise: str) -> None:
        """A problem for each of a map's `keys` that is not `known`, naming the nearest that is."""
        for key in keys[:_SHOWN_KEYS]:
            self.add(key, *unknown_word("unknown key", key.key, known, otherwise))
        if len(keys) > _SHOWN_KEYS:
            self.add(keys[_SHOWN_KEYS], f"and {len(keys) - _SHOWN_KEYS:,} more unknown keys in this map")

    def problems(self) -> tuple[Problem, ...]:
        """What was found so far, in file order, said once; past MAX_PROBLEMS they are only counted."""
        found = sorted(dict.fromkeys(self._problems), key=lambda problem: (problem.line, problem.column))
        if len(found) > MAX_PROBLEMS:
            first, rest = found[MAX_PROBLEMS], len(found) - MAX_PROBLEMS
            found[MAX_PROBLEMS:] = [Problem(self.file, first.line, first.column, f"and {rest:,} more problems")]
        return tuple(found)
