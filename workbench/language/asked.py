"""What questions of all languages are made with: their kinds, and how a heading is written within a sentence."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["asked", "doing", "happening", "thing", "bare"]
"""What a question was made from, the most natural ones first."""
KINDS: Final[tuple[Kind, ...]] = ("asked", "doing", "happening", "thing", "bare")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what it was made from."""

    text: str
    kind: Kind


def words_of(text: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(text.split())


CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
PHRASE_ENDS = words_of(
    """of for in on with from at by over to about behind under within per as into between outside inside without near
    after before during against through and or"""
)
_NO_SUBJECT = words_of(
    """it its this that these those there here he she they we you i each some what when if one both such other others
    yes no er sie es wir ihr dies diese dieser dieses das man hier il elle ils elles on nous vous ce cela c'est lo él
    ella ellos esto eso hay se"""
)
_ARTICLES = words_of("the a an my your our no nothing der die das ein eine le la les un une el los las")
LONGEST_THING: Final = 5  # words of a heading that names a thing
SUBJECT: Final = r"((?:[^\W\d_][\w'’-]*+ ){1,5})"
"""What a sentence may begin with, up to the blank before its verb."""


def within(heading: str, text: str) -> str:
    """A heading as it is written within a sentence: its first word small, unless it is a name."""
    first, *rest = heading.split()
    if not (first[:1].isupper() and first[1:].islower()) and first != "A":
        return heading
    before = itertools.takewhile(lambda word: word.lower() not in PHRASE_ENDS, rest)
    is_title_case = any(word[:1].isupper() and word[1:].islower() for word in before)
    prose = CODE.sub("", text)
    is_name = re.search(rf"[a-zß-ÿ,;] {re.escape(first)}\b", prose) is not None
    if first.lower() not in _ARTICLES and (is_title_case or is_name):
        return heading
    return " ".join([first.lower(), *rest])


def may_be_asked_about(subject: str) -> bool:
    """Whether what a sentence begins with names something, and does not lean on the sentence before."""
    words = subject.split()
    stands_alone = bool(words) and words[0].lower() not in _NO_SUBJECT and words[-1] not in ("that", "which", "who")
    return stands_alone and len(words[-1]) > len("it")
