"""What the list of documents says of itself: what goes along, what would be sent, and what one stands on, in words."""

from __future__ import annotations

from typing import Final

from workbench.documents.outline import Size
from workbench.ui.document_choosing import DocumentChoosing, pinned_name
from workbench.ui.screens.document_rows import Spot

_LONGEST_QUESTION: Final = 40  # characters of it that are shown
_FEW: Final = 3  # pinned passages that are named


def title(choosing: DocumentChoosing, shown: str) -> str:
    """How many sets go along; `shown` says which rows there are, "" for all."""
    shelves, off = choosing.shelves, choosing.choices.sets_off
    on = sum(shelf.name not in off for shelf in shelves)
    go = f"{on} of {len(shelves)} {'set goes' if len(shelves) == 1 else 'sets go'} along from the next turn on"
    return " · ".join(filter(None, ("Documents", shown, go if shelves else "")))


def sent_told(choosing: DocumentChoosing, question: str, counted: Size | None) -> str:
    """How much would be sent with `question`, "" for any; `counted` is None while that is not known yet."""
    if counted is None:
        return "counting what would be sent …"
    if question:
        line = " ".join(question.split())
        short = line if len(line) <= _LONGEST_QUESTION else f"{line[:_LONGEST_QUESTION]}…"
        return f"with “{short}”: {counted.told()}"
    searched = [
        f"{shelf.name} up to {shelf.retrieval.top_k:,}"
        for shelf in choosing.shelves
        if not shelf.sends_all and shelf.name not in choosing.choices.sets_off
    ]
    more = f"; as the question wants, of {', '.join(searched)}" if searched else ""
    return f"with every question: {counted.told()}{more}"


def here_told(spot: Spot) -> str:
    """What a row is about, where it says that in short."""
    if spot.passage is not None:
        return f"{spot.passage.id} · set {spot.shelf.name}"
    if spot.kind == "set":
        return spot.shelf.files.told()
    if spot.kind == "document" and spot.document is not None:
        return spot.document.real or f"{spot.document.name} · set {spot.shelf.name}"
    return ": ".join(filter(None, spot.text))


def chosen_told(choosing: DocumentChoosing, citations: str) -> str:
    """The citation mode, and what is pinned to the next turn, the first few of many."""
    pinned = [pinned_name(each) for each in choosing.choices.pinned]
    more = f" and {len(pinned) - _FEW} more" if len(pinned) > _FEW else ""
    words = f"pinned to the next turn: {', '.join(pinned[:_FEW])}{more}" if pinned else ""
    return " · ".join(filter(None, (citations, words)))
