"""What a person has allowed until the program ends: a tool, or all tools of a file, without trust in them.

Owns what a yes that goes further than its call is remembered by: the file, the name and what it does, whether it runs
code, and what stood in the file and its code at the question. What changes is asked for again. Refuses to write
anything down.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.tools.decisions import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is about. `tool` is the name with what a call does, in words: a name may pass to another tool.

    `fingerprint` is of the file's content, then of its code; None for what is gone. `code` is whether it runs code.
    """

    file: Path | None
    tool: tuple[str, str]
    fingerprint: str | None
    code: bool


class Granted:
    """The yeses of one program."""

    def __init__(self) -> None:
        self._tools: set[Asked] = set()
        self._files: set[tuple[Path, str, bool]] = set()

    def grant(self, scope: Scope, asked: Asked) -> None:
        """Remember a yes for what was asked; one for a call, or for what is gone, is not."""
        if asked.fingerprint is None:
            return
        if scope == "tool":
            self._tools.add(asked)
        elif scope == "session" and asked.file is not None:
            self._files.add((asked.file, asked.fingerprint, asked.code))
            # What runs no code has no more than the file's own content, which stands first.
            self._files.add((asked.file, asked.fingerprint.partition("+")[0], False))

    def covers(self, asked: Asked) -> bool:
        """Whether a call of the tool needs no further yes."""
        if asked.fingerprint is None:
            return False
        every = asked.file is not None and (asked.file, asked.fingerprint, asked.code) in self._files
        return every or asked in self._tools
