"""The ids that the documents of one file give themselves: each stands once in a set, whoever had it first."""

from __future__ import annotations

from collections.abc import Callable

from workbench.documents.load import taken_id
from workbench.documents.passages import FilePlace
from workbench.documents.source_lines import Flaw


class OwnIds:
    """Hands out the ids of one file's documents.

    `owner` tells which other file of the set has an id, None for a free one; `flaws` are those of ids that were taken.
    """

    def __init__(self, owner: Callable[[str], str | None], file: str) -> None:
        self._owner_elsewhere = owner
        self._file = file
        self._given: dict[str, str] = {}  # the id of a document of this file, and which file had it before
        self._last: tuple[str, int] | None = None
        self._base = ""
        self.flaws: list[Flaw] = []

    def id(self, own: str, line: int, number: int, count: int) -> str:
        """The id of passage `number` of the `count` of a document that is called `own`."""
        if (own, line) != self._last or number == 1:
            self._last, self._base = (own, line), self._free(own, line)
        return self._base if count == 1 else f"{self._base}#{number}"

    def _free(self, own: str, line: int) -> str:
        unique, tried = own, 1
        while (owner := self._owner(unique)) is not None:
            tried += 1
            if tried == 2:
                first_owner = owner
            unique = f"{own}~{tried}"
        if unique != own:
            self.flaws.append(taken_id(own, unique, first_owner, FilePlace(self._file, line, min(line, 1))))
        self._given[unique] = self._file
        return unique

    def _owner(self, id: str) -> str | None:
        return self._given[id] if id in self._given else self._owner_elsewhere(id)
