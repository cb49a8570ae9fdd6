"""What a person is told of one HTTP call: while it goes on, and behind it.

Owns taking secrets out of every word of it. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workbench.secrets.keys import ApiKey
from workbench.secrets.redactor import Redactor
from workbench.tools.runner import Progress, Report, untold

_LONGEST: Final = 1_000  # characters of a line


def redactor_of(names: Mapping[str, object], environ: Mapping[str, str]) -> Redactor:
    """What takes out the values of these variables: each as a whole, and each part of one with white space in it."""
    held = {name: environ[name] for name in names if environ.get(name)}
    return Redactor(
        ApiKey(part, name) for name, value in held.items() for part in dict.fromkeys([value, *value.split()])
    )


@dataclass(slots=True)
class Account:
    """`lines` are what the call is known to have done; `doing` is what it does now, in words."""

    redactor: Redactor
    report: Report = untold
    lines: list[str] = field(default_factory=list)
    doing: str = "preparing the request"

    def does(self, doing: str) -> None:
        """Say what the call does from now on."""
        self.doing = self.shown(doing)
        self.report(Progress(self.doing))

    def received(self, done: int, total: int | None) -> None:
        """Say how many bytes of a body have come, of how many."""
        self.doing = f"receiving the body, {done:,} bytes so far"
        self.report(Progress("receiving", done, total))

    def note(self, line: str) -> None:
        """Keep a line of what has happened."""
        self.lines.append(self.shown(line))

    def shown(self, text: str) -> str:
        """A text as it can be shown: cut, once there is no secret in it that could be cut."""
        text = self.redactor.text(text)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    def output(self) -> str:
        """All of it, a line each."""
        return "".join(f"{line}\n" for line in self.lines)
