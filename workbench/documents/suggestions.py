"""Questions that the loaded documents answer, for whoever does not know yet what is in them.

Made by rule from headings, from fields of records and, where there are none, from what sentences begin with: they cost
nothing, and the same documents always give the same ones. Knows no model, and no grammar: that is `language.questions`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from workbench.documents.fields import text_field
from workbench.documents.passages import Passage
from workbench.language.asked import KINDS, Asked
from workbench.language.questions import QUESTION_MARKS, question_about, question_of, question_of_value
from workbench.language.tongues import language_of
from workbench.language.words import terms

MOST: Final = 3
LOOKED_AT: Final = 120  # passages, evenly over the set: a large one is not read for this
LONGEST: Final = 66  # cells of a question: with its key before it, it fits a row of 80
BETWEEN: Final = " › "  # of the headings in a passage's title
_READ: Final = 2_000  # characters of a passage
_LEAST_TEXT: Final = 40  # characters of a passage that is worth a question
_LONGEST_VALUE: Final = 60
_LONGEST_NAME: Final = 40
_CLEARLY: Final = 8  # little words of another language than most, in one passage
_NAMES: Final = ("title", "name", "label", "subject", "titel", "nom", "titre", "nombre", "título", "nome", "titolo")
_OWN: Final = frozenset({"id", "uuid", "url", "link", "href", "created_at", "updated_at"})
_CODE: Final = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[\w./:-]+")  # a number of an article, a time stamp
_PLACE: Final = re.compile(
    r"(?:page|part) \d+\Z|slide \d+(?:: |\Z)|.*, rows? \d+(?:–\d+)?\Z"
)  # no name of what is there
_PAGES: Final = frozenset([".md", ".markdown", ".mdx"])
_NO_RECORD: Final = frozenset({"text", "title"})


def suggestions(sets: Sequence[Sequence[Passage]], most: int = MOST) -> tuple[str, ...]:
    """At most so many questions, each about another document where there are as many; in the order of the documents.

    The most natural ones that can be made of a document stand for it.
    """
    sample = list(_sample(sets))
    spoken = language_of(passage.text for passage in sample)
    found: dict[str, list[Asked]] = {}  # by the document
    for number, passage in enumerate(sample):
        asked = _asked(passage, number, spoken)
        if asked is not None and _width(asked.text) <= LONGEST and terms(asked.text):
            found.setdefault(_document(passage), []).append(asked)
    for each in found.values():
        each.sort(key=_rank)
    chosen = _spread(_best([of_one[0] for of_one in found.values()], most), most)
    more = sorted((asked for of_one in found.values() for asked in of_one[1:]), key=_rank)
    return tuple(dict.fromkeys(asked.text for asked in (*chosen, *more)))[:most]


def _sample(sets: Sequence[Sequence[Passage]]) -> Iterator[Passage]:
    for passages in sets:
        step = max(1, len(passages) * len(sets) // LOOKED_AT)
        yield from passages[::step]


def _document(passage: Passage) -> str:
    """What tells the document of a passage from others: its file, or its title where it has none."""
    return passage.path or passage.title.partition(BETWEEN)[0]


def _rank(asked: Asked) -> int:
    return KINDS.index(asked.kind)


def _best(asked: Sequence[Asked], most: int) -> list[Asked]:
    """Those that are as natural as the best few of them, in their order."""
    worst = sorted(map(_rank, asked))[:most][-1:]
    return [each for each in asked if worst and _rank(each) <= worst[0]]


def _spread(questions: list[Asked], most: int) -> list[Asked]:
    """Some of them, evenly from the first to the last."""
    step = max(1.0, len(questions) / most)
    return [questions[int(number * step)] for number in range(min(most, len(questions)))]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _asked(passage: Passage, number: int, spoken: str) -> Asked | None:
    """What to ask of a passage; None when nothing about it makes a question. `spoken` is the language of most."""
    text = passage.text[:_READ]
    language = language_of([text], _CLEARLY if spoken else 2) or spoken or ("en" if text.isascii() else "")
    if (
        passage.data.keys() - _NO_RECORD
        and not _is_page(passage)
        and (asked := _of_record(passage.data, number, language))
    ):
        return asked
    document, *headings = [" ".join(part.split()) for part in passage.title.split(BETWEEN)]
    heading = _PLACE.sub("", headings[-1]) if headings else document
    if not _names_something(heading, passage):
        return question_about(text, language)
    if passage.path is not None and document == PurePath(passage.path).stem and document not in text:
        document = ""
    if len(text) < _LEAST_TEXT and passage.path is not None:
        return None
    asked = question_of(heading, document=document, text=text, language=language)
    return asked if asked is not None or headings else question_about(text, language)


def _is_page(passage: Passage) -> bool:
    """Whether the fields of a passage are those of the page that it is a part of, and ask for nothing."""
    return passage.path is not None and PurePath(passage.path).suffix.lower() in _PAGES


def _names_something(title: str, passage: Passage) -> bool:
    """Whether a title is more than what was made of a file's name, or of a document's number."""
    if passage.path is None:
        return bool(title) and not title.startswith(f"{passage.set}, document ")
    stem = PurePath(passage.path).stem
    return bool(title) and title != stem and not title.startswith(f"{stem}, ")


def _of_record(data: Mapping[str, Any], number: int, language: str) -> Asked | None:
    """What to ask of a record: a question that it holds, else one of its values by the name that it has."""
    texts = {key: " ".join(value.split()) for key, value in data.items() if isinstance(value, str)}
    for value in texts.values():
        if value.endswith(QUESTION_MARKS) and _width(value) <= LONGEST:
            return Asked(value, "asked")
    if text_field(data) is not None:  # its other fields are not what is searched
        return None
    named = next((key for key in texts if key.lower() in _NAMES), None) or next(
        (key for key, value in texts.items() if _is_name(key, value)), None
    )
    if named is None or not 0 < len(texts[named]) <= _LONGEST_NAME:
        return None
    told = [key for key, value in data.items() if key != named and _tells(key, value)]
    return Asked(question_of_value(texts[named], told[number % len(told)], language), "thing") if told else None


def _is_name(key: str, value: str) -> bool:
    return key.lower() not in _OWN and len(value) <= _LONGEST_NAME and any(map(str.isalpha, value)) and "/" not in value


def _tells(key: str, value: Any) -> bool:
    is_value = isinstance(value, (str, int, float)) and 0 < len(str(value).strip()) <= _LONGEST_VALUE
    is_named = key[:1].isalpha() and key.lower() not in _OWN and not key.startswith("column ")
    return is_value and is_named and _CODE.fullmatch(str(value)) is None
