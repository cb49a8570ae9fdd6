"""What the engine writes when it is asked for a search query: the words that say something, and those before them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from workbench.language.words import terms
from workbench.offline.vocabulary import is_follow_up

_WORD: Final = re.compile(r"\w(?:[\w'’.:-]*\w)?")
_FEW: Final = 3  # words by which nothing is found


def search_words(question: str, earlier: Sequence[str]) -> str:
    """The words of a question that say something; of one that goes on from another, those of that one, too.

    `earlier` are the questions before it, oldest first.
    """
    words = _telling(question)
    if earlier and (len(words) < _FEW or is_follow_up(question)):
        words += _telling(earlier[-1])
    return " ".join(dict.fromkeys(words)) or question.strip()


def _telling(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if terms(word)]
