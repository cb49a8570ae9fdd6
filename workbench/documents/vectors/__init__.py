"""Vectors of passages: kept in a file, since they cost money, and searched by their nearness to a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.documents.embedding import Nearby, SearchModels, VectorsUnusable
from workbench.documents.passages import EmbedSpec

if TYPE_CHECKING:
    from workbench.documents.vectors.of_set import Texts

__all__ = ["KeptVectors"]


class KeptVectors:
    """The vectors of one set by who makes them and how, each opened when it is first asked for, and kept at hand."""

    def __init__(self) -> None:
        self._opened: dict[object, Nearby] = {}

    def of(self, texts: Callable[[], Texts], models: SearchModels, spec: EmbedSpec) -> Nearby:
        """Those that `models` make as `spec` says. Raises VectorsUnusable where none can be kept."""
        if models.folder is None:
            raise VectorsUnusable("no cache folder is known, in which vectors are kept (HOME, XDG_CACHE_HOME)")
        key = (models.folder, id(models.embedder), spec)
        if key not in self._opened:
            from workbench.documents.vectors.bank import Bank, bank_file
            from workbench.documents.vectors.of_set import SetVectors

            bank = Bank(bank_file(models.folder, models.embedder.space, spec))
            self._opened[key] = SetVectors(texts(), bank, models.embedder, spec)
        return self._opened[key]
