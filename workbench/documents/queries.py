"""What is searched for: the words of a question, and what narrows it: phrases, words left out, fields of documents.

Owns the reading of that out of a question: `"exact phrase"`, `-word`, `-"a phrase"`, `year:2026`, `year:2024..2026`.
Refuses to take prose for it: a long text is prose, and so are options of programs, hyphens of lists and compounds, and
a name before a colon that is no field of any document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from workbench.documents.choices import NOTHING_CHOSEN, Choices
from workbench.documents.conditions import Condition
from workbench.documents.passages import Passage
from workbench.language.phrases import has_phrase
from workbench.language.search_terms import AskedWord, asked_words, passage_terms
from workbench.language.words import folded, is_unspaced

LONGEST: Final = 300
"""Characters of a question that is looked at for more than words; what is longer was pasted."""

_QUOTED: Final = r'"(?P<{0}>[^"\n]{{1,200}})"'
_STRAIGHT: Final = re.compile(r"(?<![^\s(\[])(?P<sign>-?)" + _QUOTED.format("phrase") + r"(?=[\s.,;:?!)\]]|\Z)")
_CURVED: Final = re.compile(r"“(?P<a>[^“”\n]{1,200})”|„(?P<b>[^„“”\n]{1,200})[“”]|«\s?(?P<c>[^«»\n]{1,200}?)\s?»")
_FIELD: Final = re.compile(
    r"(?<!\S)(?P<name>[^\W\d][\w.-]*):(?:"
    + _QUOTED.format("quoted")
    + r"(?=[\s.,;?!]|\Z)|(?P<bare>[^\s\"/:=][^\s\"]*))"
)
_CODE: Final = re.compile(r"`[^`]*`")
_EXCLUDED: Final = re.compile(r"-(?P<word>[^\W\d_]\w+(?:[-'’.]\w+)*)")
_OPTION: Final = re.compile(r"-[\w?]|--\w.*|[$>|&]+")  # as commands have it, beside -word
_JOINING: Final = frozenset(
    {"and", "or", "und", "oder", "bzw", "bzw.", "sowie", "et", "ou", "y", "e", "o", "&", "+", "/"}
)
_ENDING: Final = (".", "?", "!", ":", ";")


@dataclass(frozen=True)
class Query:
    """What is searched for.

    `text` is the question without what only narrows it, `words` its search terms, those of phrases included. A passage
    is found that has all `phrases`, none of the words or phrases `excluded`, whose document meets all of `where`, and
    which is not off by `choices`.
    """

    text: str = ""
    words: tuple[AskedWord, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    choices: Choices = NOTHING_CHOSEN

    @property
    def narrows(self) -> bool:
        """Whether not every passage with its words is found."""
        return bool(self.phrases or self.excluded or self.where or self.choices.hides)

    @property
    def is_filter(self) -> bool:
        """Whether it has no words: then what is not left out is found, in the order of the set."""
        return bool(self.where) and not self.words

    @cached_property
    def excluded_words(self) -> frozenset[str]:
        """The terms of the words that are excluded: a passage with one of them is not found."""
        excluded = (word for each in self.excluded if _is_word(each) for word in asked_words(each))
        return frozenset(term for word in excluded for term in word)

    @cached_property
    def excluded_phrases(self) -> tuple[str, ...]:
        """What is excluded of more than one word."""
        return tuple(each for each in self.excluded if not _is_word(each))

    def accepts(self, passage: Passage) -> bool:
        """Whether nothing that narrows the query keeps the passage out; its words are not looked at."""
        return self.accepts_fields(passage) and self.accepts_itself(passage)

    def accepts_fields(self, passage: Passage) -> bool:
        """Whether the fields of the passage's document are as they should be."""
        return all(condition.accepts(passage.data) for condition in self.where)

    def accepts_itself(self, passage: Passage) -> bool:
        """Whether nothing but its fields keeps the passage out."""
        return not (self.choices.hides and self.choices.is_off(passage)) and self.accepts_text(passage)

    def accepts_text(self, passage: Passage) -> bool:
        """Whether title and text have all phrases, and nothing that is excluded."""
        if not (self.phrases or self.excluded):
            return True
        text = f"{passage.title}\n{passage.text}"
        if not self.excluded_words.isdisjoint(passage_terms(text) if self.excluded_words else ()):
            return False
        text = folded(text)
        return all(has_phrase(each, text) for each in self.phrases) and not any(
            has_phrase(each, text) for each in self.excluded_phrases
        )

    def with_where(self, where: tuple[Condition, ...]) -> Query:
        """The same query, of documents that meet `where` besides."""
        return replace(self, where=(*where, *self.where)) if where else self

    def without_off(self, choices: Choices) -> Query:
        """The same query, of passages that are not off."""
        return replace(self, choices=choices) if choices.hides else self

    def narrowed_as(self, other: Query) -> Query:
        """The same words, narrowed as `other` is."""
        return replace(self, phrases=other.phrases, excluded=other.excluded, where=other.where)

    def without_phrases(self) -> Query:
        """The same words, wherever they stand."""
        return replace(self, phrases=())

    def told(self) -> str:
        """What narrows it, in words: `with "exact phrase", without pump, year is 2026`; "" for words alone."""
        said = [f'with "{each}"' for each in self.phrases]
        said += [f"without {each}" if _is_word(each) else f'without "{each}"' for each in self.excluded]
        return ", ".join([*said, *(condition.told() for condition in self.where)])


def of_words(text: str) -> Query:
    """The query of a text that is all words."""
    return Query(text, tuple(asked_words(text)))


def parsed(text: str, is_field: Callable[[str], bool] = lambda _: False) -> Query:
    """The query that a question is; `is_field` says whether some document has a field of that name."""
    asked = text.strip()
    if len(asked) > LONGEST or "\n" in asked or not any(sign in asked for sign in '"“„«-:'):
        return of_words(text)
    reading = _Reading(asked)
    reading.take_phrases()
    reading.take_fields(is_field)
    reading.take_words()
    return reading.query() or of_words(text)


class _Reading:
    """One question being read: what is found in it, and what remains of its text."""

    def __init__(self, asked: str) -> None:
        self._asked = asked
        self._left = _CODE.sub(lambda code: "x" * len(code[0]), asked)  # what is still to be read, place by place
        self._cut: list[tuple[int, int]] = []
        self._phrases: list[str] = []
        self._excluded: list[str] = []
        self._where: list[Condition] = []

    def take_phrases(self) -> None:
        """Take what stands in quotes: an apostrophe or the sign of inches is none."""
        for found in _STRAIGHT.finditer(self._left):
            phrase = self._asked[slice(*found.span("phrase"))].strip()
            if not asked_words(phrase):
                continue
            if found["sign"]:
                self._excluded.append(phrase)
                self._take(*found.span())
            else:
                self._keep(phrase, *found.span())
        for found in _CURVED.finditer(self._left):
            phrase = self._asked[slice(*found.span(found.lastgroup or 0))].strip()
            if asked_words(phrase):
                self._keep(phrase, *found.span())

    def take_fields(self, is_field: Callable[[str], bool]) -> None:
        """Take each `name:value` whose name is that of a field."""
        for found in _FIELD.finditer(self._left):
            value = found["quoted"] or _without_ending(found["bare"])
            if value and is_field(found["name"]):
                self._where.append(condition_of(found["name"], value, is_quoted=bool(found["quoted"])))
                start = found.start("quoted") - 1 if found["quoted"] else found.start("bare")
                self._take(found.start(), start + len(value) + 2 * bool(found["quoted"]))

    def take_words(self) -> None:
        """Take each `-word`: all of them, or none where the text reads as prose or as a command."""
        tokens = [(found[0], *found.span()) for found in re.finditer(r"\S+", self._left)]
        signed = [(at, found) for at, (token, *_) in enumerate(tokens) if (found := _EXCLUDED.fullmatch(token))]
        words = [found["word"] for _, found in signed]
        if not words or not all(map(asked_words, words)) or any(_is_of_prose(token) for token, *_ in tokens):
            return
        places = {at for at, _ in signed}
        others = [at for at in range(len(tokens)) if at not in places]
        if not others or (tokens[others[-1]][0].endswith(_ENDING) and min(places) < others[-1]):
            return  # in the middle of a sentence
        before = [tokens[at - 1][0] for at in places if at and at - 1 not in places]
        if any(token.casefold() in _JOINING or token.endswith(",") for token in before):
            return  # the second of two compounds
        for word, at in zip(words, sorted(places), strict=True):
            self._excluded.append(word)
            self._take(*tokens[at][1:])

    def query(self) -> Query | None:
        """What was found; None where the question is nothing but words."""
        text = self._asked
        for start, end in sorted(self._cut, reverse=True):
            text = f"{text[:start]} {text[end:]}"
        text = " ".join(text.split())
        words = tuple(asked_words(text))
        if not (self._phrases or self._excluded or self._where) or not (words or self._where):
            return None
        return Query(text, words, tuple(self._phrases), tuple(self._excluded), tuple(self._where))

    def _keep(self, phrase: str, start: int, end: int) -> None:
        self._phrases.append(phrase)
        self._left = f"{self._left[:start]}{'x' * (end - start)}{self._left[end:]}"

    def _take(self, start: int, end: int) -> None:
        self._cut.append((start, end))
        self._left = f"{self._left[:start]}{' ' * (end - start)}{self._left[end:]}"


def condition_of(name: str, value: str, *, is_quoted: bool = False) -> Condition:
    """The condition that `name:value` is: `2024..2026` is a range, and `2024,2026` either, unless it stands in quotes.

    A range may be open at one end.
    """
    least, dots, most = value.partition("..")
    if not is_quoted and dots and (least or most) and "." not in (least[-1:], most[:1]):
        return Condition(name, least=least or None, most=most or None)
    several = tuple(part for part in value.split(",") if part) if not is_quoted else ()
    return Condition(name, several or (value,))


def _without_ending(bare: str) -> str:
    """A value without the end of the sentence behind it; the two dots of an open range belong to it."""
    value = bare.rstrip(".,;?!")
    ending = bare[len(value) :]
    is_open = value and ".." not in value and ending.startswith("..") and not ending.startswith("...")
    return f"{value}.." if is_open else value


def _is_word(text: str) -> bool:
    return text.isalnum() and not any(map(is_unspaced, text))


def _is_of_prose(token: str) -> bool:
    """Whether a word shows that hyphens before others are not meant to exclude them: "pre-", "-v", "--all"."""
    return token.endswith("-") or _OPTION.fullmatch(token) is not None
