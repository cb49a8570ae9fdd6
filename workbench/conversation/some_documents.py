"""The documents of a conversation as they are chosen for a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.conversation.options import Documents

if TYPE_CHECKING:
    from workbench.documents.choices import Choices


def documents_on(library: Documents | None, choices: Choices | None) -> Documents | None:
    """What `choices` leave of the library, which is a `Library` where there is something to choose; None for none."""
    if not choices or library is None:
        return library
    from workbench.documents.chosen import ChosenDocuments  # most turns have all of the documents
    from workbench.documents.retrieval import Library

    return ChosenDocuments(library, choices) if isinstance(library, Library) else library
