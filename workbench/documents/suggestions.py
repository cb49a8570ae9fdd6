"""Questions that the loaded documents answer, for whoever does not know yet what is in them.

Made from titles and headings alone, so that they cost nothing; knows no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from workbench.documents.passages import Passage

MOST: Final = 3
LOOKED_AT: Final = 60  # passages, evenly over the set: a large one is not read for this
LONGEST: Final = 40  # characters of a title or a heading; a longer one is no name for anything
BETWEEN: Final = " › "  # of the headings in a passage's title


def suggestions(sets: Sequence[Sequence[Passage]], most: int = MOST) -> tuple[str, ...]:
    """At most so many questions, each about another document where there are as many; in the order of the documents."""
    found: dict[str, list[str]] = {}  # by the document
    for passage in sorted(_sample(sets), key=lambda passage: BETWEEN not in passage.title):  # a heading tells more
        if question := _question(passage.title):
            found.setdefault(passage.title.partition(BETWEEN)[0], []).append(question)
    chosen = _spread([questions[0] for questions in found.values()], most)
    more = [question for questions in found.values() for question in questions[1:]]
    return tuple(dict.fromkeys([*chosen, *more]))[:most]


def _sample(sets: Sequence[Sequence[Passage]]) -> Iterator[Passage]:
    for passages in sets:
        step = max(1, len(passages) * len(sets) // LOOKED_AT)
        yield from passages[::step]


def _spread(questions: list[str], most: int) -> list[str]:
    """Some of them, evenly from the first to the last."""
    step = max(1.0, len(questions) / most)
    return [questions[int(number * step)] for number in range(min(most, len(questions)))]


def _question(title: str) -> str:
    """What to ask of a passage with this title; "" when that names nothing."""
    document, *headings = [" ".join(part.split()) for part in title.split(BETWEEN)]
    about = headings[-1] if headings else ""
    if any(not part or len(part) > LONGEST for part in (document, *headings)):
        return ""
    if about.endswith("?") or (not about and document.endswith("?")):
        return about or document
    return f"What does “{document}” say about “{about}”?" if about else f"What does “{document}” say?"
