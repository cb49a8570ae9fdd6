"""What a file asks for that only a person may allow: to send the key somewhere, to read or write beyond its folder.

Owns the one question about each such file and what is done without an answer. A yes is for the file's content, and kept
in the store of trusted files; `--yes` is one for this run. Refuses by raising ConfigurationError, before anything is
read, written or sent.
"""

from __future__ import annotations

import contextlib
import os
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import ConfigurationError, Problem
from workbench.origin import Origin
from workbench.terminal_input import forget_typed, is_followed

if TYPE_CHECKING:
    from workbench.secrets.redactor import Redactor

TERMINAL = Path("/dev/tty")
_IFLAG, _LFLAG = 0, 3  # in what termios.tcgetattr gives
DEAF_SECONDS = 0.5
"""So long after a question is shown, what is typed may have been meant for something else."""

WISHES_SHOWN = 20
_WITHOUT_A_PERSON = "run it at a terminal to be asked, or allow it for this run with --yes"

Asker = Callable[["TrustRequest"], bool]


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that the file `origin` asks for, as a problem in its place."""

    origin: Origin
    problem: Problem


@dataclass(frozen=True, slots=True)
class TrustRequest:
    """May this file have what it asks for?"""

    file: Path
    wishes: tuple[str, ...]


class Consent:
    """`ask` puts a question to a person; None when nobody is there. `yes` allows everything, and remembers nothing.

    `further` is what the same files may ask for another time: whoever trusts one is told that, too.
    """

    def __init__(
        self, environ: Mapping[str, str], ask: Asker | None, *, yes: bool = False, further: Sequence[Wish] = ()
    ) -> None:
        self._environ = environ
        self._ask = ask
        self._yes = yes
        self._further = further

    def require(self, wishes: Sequence[Wish]) -> None:
        """Returns once all of them are allowed; raises ConfigurationError with those that are not."""
        if self._yes or not wishes:
            return
        from workbench.tools.trust import TrustStore

        trust = TrustStore.of_user(self._environ)
        for origin in dict.fromkeys(wish.origin for wish in wishes):
            problems = tuple(wish.problem for wish in wishes if wish.origin == origin)
            if trust.trusted(origin.path, origin.digest):
                continue
            if self._ask is None:
                raise _refused(problems, _WITHOUT_A_PERSON)
            more = tuple(wish.problem for wish in self._further if wish.origin == origin)
            if not self._ask(TrustRequest(origin.path, _in_words(tuple(dict.fromkeys((*problems, *more)))))):
                raise _refused(problems, "you did not allow it")
            trust.trust(origin.path, origin.digest)


def at_terminal(redactor: Redactor) -> Asker:
    """Asks on the terminal itself, so that redirected streams stay clean. For when no event loop runs.

    What was typed before answers nothing, nor in the first `DEAF_SECONDS`, and neither does a line of a paste.
    """

    def ask(request: TrustRequest) -> bool:
        from workbench.safe_text import safe_line

        lines = [f"{request.file} asks for what you have not allowed yet:", *(f"- {each}" for each in request.wishes)]
        shown = "\n".join(safe_line(redactor.text(line)) for line in lines)
        asked = "trust this file, until it changes? type yes to trust: "
        try:
            terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
        except OSError:
            return False
        try:
            with _lines_of(terminal):
                os.write(terminal, f"\n{shown}\n".encode("utf-8", "replace"))
                time.sleep(DEAF_SECONDS)
                forget_typed(terminal)
                os.write(terminal, asked.encode("utf-8", "replace"))
                is_yes = os.read(terminal, 65536).decode("utf-8", "replace").strip().lower() == "yes"
                return is_yes and not is_followed(terminal)
        finally:
            os.close(terminal)

    return ask


@contextlib.contextmanager
def _lines_of(terminal: int) -> Iterator[None]:
    """Within, what is typed at a terminal is shown and comes by the line, and what was typed before is no answer."""
    before = termios.tcgetattr(terminal)
    attributes = [*before]
    attributes[_IFLAG] |= termios.ICRNL
    attributes[_LFLAG] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(terminal, termios.TCSAFLUSH, attributes)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def _in_words(problems: Sequence[Problem]) -> tuple[str, ...]:
    more = len(problems) - WISHES_SHOWN
    shown = [problem.message for problem in problems[:WISHES_SHOWN]]
    return (*shown, f"and {more} more") if more > 0 else tuple(shown)


def _refused(problems: Sequence[Problem], hint: str) -> ConfigurationError:
    return ConfigurationError([Problem(each.file, each.line, each.column, each.message, hint) for each in problems])
