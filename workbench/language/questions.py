"""A heading as the question that a person would ask: "Set your API key" is "How do I set my API key?".

By rule: the grammar is that of `english` and `other_tongues`, and a heading of another language gets a question mark of
its script. Refuses to guess: a heading that no rule fits gives no question. Knows no documents.
"""

from __future__ import annotations

import re
from typing import Final

from workbench.language import english, other_tongues
from workbench.language.asked import LONGEST_THING, Asked
from workbench.language.words import sentences

QUESTION_MARKS: Final = ("?", "？", "؟")
_LONGEST_HEADING: Final = 200  # characters; a longer one is none
_NUMBERED = re.compile(r"(?:(?:step|part|chapter|schritt|teil|kapitel|étape|chapitre|paso|capítulo)\s+\d+\s*[:.–—-]\s*"
                       r"|[\d.]+[.)]\s+|[A-H][.)]\s+|\d+(?:\.\d+)+\s+|§\s*\d+\s+)", re.IGNORECASE)  # fmt: skip
_MARKS = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ASIDE = re.compile(r"\s+\([^()]*\)\Z")
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff]")
_ARABIC = re.compile("[\u0600-\u06ff]")
_OF_HEADING: Final = {
    "en": english.of_heading,
    "de": other_tongues.german_heading,
    "fr": other_tongues.french_heading,
    "es": other_tongues.spanish_heading,
}
_OF_SENTENCE: Final = {
    "en": english.of_sentence,
    "de": other_tongues.german_sentence,
    "fr": other_tongues.french_sentence,
    "es": other_tongues.spanish_sentence,
}


def plain_heading(heading: str) -> str:
    """A heading without its number, its emoji and the marks of Markdown."""
    text = _MARKS.sub("", _LINK.sub(r"\1", heading))
    text = " ".join(text.split())
    while text and not (text[0].isalnum() or text[0] in "¿¡\"'“«„(-./@"):
        text = text[1:].lstrip()
    text = _NUMBERED.sub("", text, count=1).rstrip(" .:;!#,¶")
    return _ASIDE.sub("", text) or text


def question_of(heading: str, *, document: str = "", text: str = "", language: str = "en") -> Asked | None:
    """What to ask of the part of `document` with this heading, in its language; None when no rule fits.

    `text` is what stands below the heading, which tells how words of it are written within a sentence.
    """
    plain = plain_heading(heading) if len(heading) <= _LONGEST_HEADING else ""
    if not plain:
        return None
    if plain.endswith(QUESTION_MARKS):
        return Asked(plain, "asked")
    make = _OF_HEADING.get(language)
    if make is not None:
        return make(plain, plain_heading(document), text)
    is_short = len(plain.split()) <= LONGEST_THING and not re.search(r"[:,;/|]| [-–—] ", plain)
    return Asked(_marked(plain), "bare") if is_short else None


def question_about(text: str, language: str = "en") -> Asked | None:
    """What to ask of a text without headings: about what one of its sentences begins with; None when none tells."""
    ask = _OF_SENTENCE.get(language)
    if ask is None:
        return None
    for start, end in sentences(text):
        if asked := ask(" ".join(text[start:end].split()), text):
            return asked
    return None


def question_of_value(name: str, field: str, language: str = "en") -> str:
    """What to ask of a record: its value in a field."""
    field = " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field).replace("_", " ").replace("-", " ").split())
    if language != "en":
        return f"{name}: {_marked(field)}"
    field = field if field.isupper() else field.lower()
    return f"What {'are' if english.is_plural(field.split()[-1]) else 'is'} the {field} of {name}?"


def _marked(text: str) -> str:
    """With a question mark of the script that it is in."""
    if _KANA.search(text):
        return f"{text}は？"
    if _HAN.search(text):
        return f"{text}？"
    return f"{text}؟" if _ARABIC.search(text) else f"{text}?"
