"""The documents of a set in a line each, without their passages: how many of these each has, and how large they are.

Owns what counts as one document for a person who switches it on and off: a file, or what a documents file has under an
id. Sizes are estimates where they are called so: only a model knows its tokens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Protocol, runtime_checkable

from workbench.documents.choices import document_name
from workbench.documents.passages import Passage
from workbench.documents.retrieval import Shelf
from workbench.language.words import count_words
from workbench.plural import plural

BYTES_OF_A_TOKEN: Final = 4
"""Of UTF-8, as a rule: an English token has four letters, and one of Chinese a character or more, of three bytes."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """A document of a set: its name there, its title, its `count` passages from place `first` of the set on, and how
    many bytes their texts have. `real` is where a file lies, "" where that is not known. `stamp` is another one when
    its passages are others.
    """

    name: str
    first: int
    count: int
    size: int
    stamp: bytes
    real: str = ""

    @property
    def tokens(self) -> int:
        """About how many tokens its passages are, all of them."""
        return tokens_of(self.size)


@runtime_checkable
class KnowsOutline(Protocol):
    """A set that knows its documents without reading all of its passages."""

    def outline(self) -> Sequence[Outlined]:
        """Its documents in their order. It may take a moment: for a thread."""
        ...


@dataclass(frozen=True, slots=True)
class Size:
    """Of some passages: how many they are, their words, and about how many tokens."""

    passages: int = 0
    words: int = 0
    tokens: int = 0

    def told(self) -> str:
        """Such as "3 passages · 420 words · about 610 tokens"."""
        return f"{plural(self.passages, 'passage')} · {self.words:,} words · about {self.tokens:,} tokens"


def outline(shelf: Shelf) -> tuple[Outlined, ...]:
    """The documents of a set in its order, one whose passages stand apart once for each place. For a thread."""
    if isinstance(shelf, KnowsOutline):
        return tuple(shelf.outline())
    found, first = [], 0
    for name, some in groupby(shelf.passages, document_name):
        passages = list(some)
        digest = hashlib.blake2b(digest_size=16)
        for each in passages:
            digest.update(f"{each.id}\0{each.title}\0{each.text}\0{each.lines}\0".encode("utf-8", "replace"))
        size = sum(size_of(each) for each in passages)
        found.append(Outlined(name, first, len(passages), size, digest.digest()))
        first += len(passages)
    return tuple(found)


def size_of(passage: Passage) -> int:
    """How many bytes of UTF-8 the texts of a passage have, as they are sent."""
    texts = [value for value in passage.data.values() if isinstance(value, str)] or [passage.text]
    return sum(len(text.encode("utf-8", "replace")) for text in texts)


def sizes(passages: Iterable[Passage]) -> Size:
    """How large some passages are together."""
    count = words = size = 0
    for each in passages:
        count += 1
        words += count_words(each.text)
        size += size_of(each)
    return Size(count, words, tokens_of(size))


def tokens_of(size: int) -> int:
    """About how many tokens a text of so many bytes has."""
    return -(-size // BYTES_OF_A_TOKEN)
