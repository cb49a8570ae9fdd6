"""The documents of a conversation as they are chosen for a turn."""

from __future__ import annotations

from workbench.conversation.options import Documents
from workbench.documents.choices import Choices
from workbench.documents.chosen import ChosenDocuments
from workbench.documents.retrieval import Library


def documents_on(library: Documents | None, choices: Choices | None) -> Documents | None:
    """What `choices` leave of the library, which is a `Library` where there is something to choose; None for none."""
    if not choices or not isinstance(library, Library):
        return library
    return ChosenDocuments(library, choices)
