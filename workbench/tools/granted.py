"""What a person has allowed until the program ends: a tool, or all tools of a file, without trust in them.

Owns what a yes that goes further than its call is remembered by: the file and the name, and what stood in the file and
its code at the question. What changes is asked for again. Refuses to write anything down.
"""

from __future__ import annotations

from pathlib import Path

from workbench.tools.decisions import Scope

_Remembered = tuple[Path | None, str, str]


class Granted:
    """The yeses of one program. A tool has a name that is not empty; "" stands for every tool of a file."""

    def __init__(self) -> None:
        self._remembered: set[_Remembered] = set()

    def grant(self, scope: Scope, file: Path | None, tool: str, fingerprint: str | None) -> None:
        """Remember a yes that was given for `fingerprint`; one for a call, or for what is gone, is not."""
        if fingerprint is None:
            return
        if scope == "tool":
            self._remembered.add((file, tool, fingerprint))
        elif scope == "session" and file is not None:
            # The file's own content stands first: what runs no code has no more than that.
            self._remembered.update({(file, "", fingerprint), (file, "", fingerprint.partition("+")[0])})

    def covers(self, file: Path | None, tool: str, fingerprint: str | None) -> bool:
        """Whether a call of the tool needs no further yes."""
        if fingerprint is None:
            return False
        every = file is not None and (file, "", fingerprint) in self._remembered
        return every or (file, tool, fingerprint) in self._remembered
